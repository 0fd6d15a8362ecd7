"""Python `multiprocessing` Module: run a function in another process.

python3 examples-multiprocessing/src/one_process/python.py
"""

import multiprocessing
import sys
import time


def print(line):
    # One write per line: the built-in print writes text and newline separately, so threads can
    # tear each other's lines. Flushed: output into a pipe is buffered until a block is full.
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
    # Not joined here: the interpreter joins it at exit.
