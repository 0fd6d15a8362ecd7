"""Sharing State, beyond the document: four threads write to the same dict and counter.

python3 examples-threading/src/beyond/shared_state/python.py
"""

import sys
import threading
import time


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class State:
    def __init__(self):
        self.lock = threading.Lock()
        self.count = 0
        self.greetings = {}


def greeting_with_sleep(string, state):
    print(string)
    # Holds no lock while it sleeps, or the others would wait.
    time.sleep(2)
    # += reads, adds and writes. Without the lock, another thread may write in between. Then one of
    # the two updates is lost.
    with state.lock:
        state.greetings[string] = string + " says hello!"
        state.count += 1


def main_threading():
    s = time.perf_counter()
    state = State()
    threads = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    for greeting in greetings:
        t = threading.Thread(target=greeting_with_sleep, args=(greeting, state))
        t.start()
        threads.append(t)

    for thread in threads:
        thread.join()

    print(str(state.count) + " greetings")
    for _, greeting in sorted(state.greetings.items()):
        print(greeting)

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
