"""Python `multiprocessing` Module: run a function in another process.

python3 examples-multiprocessing/src/one_process/python.py
"""

import multiprocessing
import time


def greeting_with_sleep(string):
    s = time.perf_counter()
    # One write for the whole line, newline and all. Flushed, or a pipe would get it only when the
    # process ends.
    print(string + "\n", end="", flush=True)
    time.sleep(2)
    print("says hello!\n", end="", flush=True)
    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds\n", end="", flush=True)


# A child that is spawned, not forked, imports this file to find its target. The guard keeps it from
# starting a child of its own.
if __name__ == "__main__":
    p = multiprocessing.Process(target=greeting_with_sleep, args=("Codecademy",))
    p.start()
    # Nobody joins it: the interpreter does so before it exits.
