"""Sharing State, beyond the document: four processes share a counter and a dict.

python3 examples-multiprocessing/src/beyond/shared_state/python.py
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


def greeting_with_sleep(string, count, greetings):
    print(string)
    time.sleep(2)
    # A message to the manager's process, which has the dict.
    greetings[string] = string + " says hello!"
    # += reads and writes. Without the lock, another process may write in between.
    with count.get_lock():
        count.value += 1


def main_multiprocessing():
    s = time.perf_counter()
    processes = []
    # An integer in shared memory, with a lock.
    count = multiprocessing.Value("i", 0)

    with multiprocessing.Manager() as manager:
        greetings = manager.dict()
        for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"]:
            args = (greeting, count, greetings)
            p = multiprocessing.Process(target=greeting_with_sleep, args=args)
            processes.append(p)
            p.start()

        for j in processes:
            j.join()

        print(str(count.value) + " greetings")
        for _, greeting in sorted(greetings.items()):
            print(greeting)

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
