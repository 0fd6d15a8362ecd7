"""Limiting Concurrency, beyond the document: two threads share a queue.

python3 examples-threading/src/beyond/workers/python.py
"""

import queue
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
    time.sleep(1)


def worker(names):
    while True:
        # Waits for the next name. Exactly one worker gets it.
        string = names.get()
        if string is None:
            return
        greeting_with_sleep(string)


def main_threading():
    s = time.perf_counter()
    names = queue.Queue()
    threads = []
    for _ in range(2):
        t = threading.Thread(target=worker, args=(names,))
        t.start()
        threads.append(t)

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"]:
        names.put(greeting)
    for _ in threads:
        # A sentinel for each worker. New in Python 3.13: names.shutdown().
        names.put(None)
    for thread in threads:
        thread.join()

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
