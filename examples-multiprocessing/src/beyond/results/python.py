"""Getting Results, beyond the document: four processes return their greetings.

python3 examples-multiprocessing/src/beyond/results/python.py
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
    time.sleep(2)
    return string + " says hello!"


def main_multiprocessing():
    s = time.perf_counter()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]

    # A child shares no memory with its parent. Arguments and results are pickled, and go through
    # pipes.
    with multiprocessing.Pool(4) as pool:
        # Returns a list of the results, in the order of the arguments.
        for greeting in pool.map(greeting_with_sleep, greetings):
            print(greeting)

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
