"""Joining a Thread: wait for four threads before going on.

python3 examples-threading/src/joining_threads/python.py
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
    time.sleep(2)
    print(string + " says hello!")


def main_threading():
    s = time.perf_counter()
    threads = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    for i in range(len(greetings)):
        t = threading.Thread(target=greeting_with_sleep, args=(greetings[i],))
        t.start()
        threads.append(t)

    for thread in threads:
        # Returns None, even if the thread raised an exception. That was printed to stderr.
        thread.join()

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
