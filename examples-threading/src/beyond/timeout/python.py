"""Setting a Time Limit, beyond the document: one of four threads takes too long.

python3 examples-threading/src/beyond/timeout/python.py
"""

import sys
import threading
import time


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(string):
    print(string)
    if string == "Hisham":
        time.sleep(60)
    print(string + " says hello!")


def main_threading():
    s = time.perf_counter()
    threads = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    for greeting in greetings:
        # A thread cannot be stopped. At exit, the interpreter does not wait for a daemon thread.
        t = threading.Thread(target=greeting_with_sleep, args=(greeting,), daemon=True)
        t.start()
        threads.append(t)

    for greeting, thread in zip(greetings, threads):
        # Returns None whether the thread has ended or not.
        thread.join(timeout=2)
        if thread.is_alive():
            print(greeting + " takes too long")

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
