"""Limiting Concurrency, beyond the document: a pool of two processes.

python3 examples-multiprocessing/src/beyond/workers/python.py
"""

import multiprocessing
import sys
import time


def print(line):
    # Writes text and newline in one call. With `python -u`, the built-in print writes them
    # separately, so the lines of several processes can mix. Output into a pipe is block-buffered,
    # so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(string):
    print(string)
    time.sleep(1)


def main_multiprocessing():
    s = time.perf_counter()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]

    # The two processes share one pipe. Each takes the next block of names from it when it is ready.
    # With four names, a block is one name. With more than eight, map() makes longer blocks, and
    # imap() does not.
    with multiprocessing.Pool(2) as pool:
        pool.map(greeting_with_sleep, greetings)

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
