"""Python `multiprocessing` Module: run a function in another process.

python3 examples-multiprocessing/src/one_process/python.py
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
    s = time.perf_counter()
    print(string)
    time.sleep(2)
    print("says hello!")
    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start a process, too, and raise a RuntimeError.
if __name__ == "__main__":
    p = multiprocessing.Process(target=greeting_with_sleep, args=("Codecademy",))
    p.start()
    # The interpreter joins it at exit.
