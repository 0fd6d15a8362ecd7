"""Using Multiple Processes: start four and wait for them.

python3 examples-multiprocessing/src/multiple_processes/python.py
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
    time.sleep(2)
    print(string + " says hello!")


def main_multiprocessing():
    s = time.perf_counter()
    processes = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]

    for i in range(len(greetings)):
        p = multiprocessing.Process(target=greeting_with_sleep, args=(greetings[i],))
        processes.append(p)
        p.start()

    for j in processes:
        # Returns None, even if the process failed. Its exit status is in exitcode.
        j.join()
    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
