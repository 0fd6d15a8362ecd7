"""Handling a Failure, beyond the document: one of four processes fails.

python3 examples-multiprocessing/src/beyond/failure/python.py
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
    if string == "Hisham":
        # An uncaught exception would exit with 1, and print a traceback to stderr.
        sys.exit(3)
    time.sleep(2)


def main_multiprocessing():
    s = time.perf_counter()
    processes = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]

    for greeting in greetings:
        p = multiprocessing.Process(target=greeting_with_sleep, args=(greeting,))
        processes.append(p)
        p.start()

    for greeting, j in zip(greetings, processes):
        j.join()
        # If a signal ended the process, this is the negative number of the signal.
        print(greeting + " exited with " + str(j.exitcode))

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
