"""Setting a Time Limit, beyond the document: one of four processes takes too long.

python3 examples-multiprocessing/src/beyond/timeout/python.py
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
        time.sleep(60)
    print(string + " says hello!")


def main_multiprocessing():
    s = time.perf_counter()
    processes = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]

    for greeting in greetings:
        # At exit, also after an exception, the interpreter terminates a daemon process.
        p = multiprocessing.Process(target=greeting_with_sleep, args=(greeting,), daemon=True)
        processes.append(p)
        p.start()

    for greeting, j in zip(greetings, processes):
        j.join(timeout=2)
        if j.is_alive():
            print(greeting + " takes too long")
            # Sends SIGTERM. kill() sends SIGKILL.
            j.terminate()
            j.join()

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
