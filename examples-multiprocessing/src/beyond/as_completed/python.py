"""Taking Results as They Come, beyond the document: a pool of three processes.

python3 examples-multiprocessing/src/beyond/as_completed/python.py
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


def greeting_with_sleep(pair):
    string, seconds = pair
    time.sleep(seconds)
    return string + " says hello!"


def main_multiprocessing():
    s = time.perf_counter()
    greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)]

    # Yields each result as soon as it is there. (imap() yields them in the order of the arguments.)
    # Its function takes one argument, here a pair.
    with multiprocessing.Pool(3) as pool:
        for greeting in pool.imap_unordered(greeting_with_sleep, greetings):
            print(greeting)

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
