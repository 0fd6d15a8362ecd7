"""Python `multiprocessing` Module: run a function in another process.

python3 examples-multiprocessing/src/one_process/python.py
"""

import multiprocessing
import sys
import time


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several processes can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(string):
    s = time.perf_counter()
    print(string)
    time.sleep(2)
    print("says hello!")
    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. A child that is spawned, not forked, imports this file to find its target. Without
# the guard it would start a child of its own.
if __name__ == "__main__":
    p = multiprocessing.Process(target=greeting_with_sleep, args=("Codecademy",))
    p.start()
    # The interpreter joins it at exit.
