"""Stopping the Others, beyond the document: the first answer of four processes is enough.

python3 examples-multiprocessing/src/beyond/cancel/python.py
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


def greeting_with_sleep(string, stop, answers):
    print(string)
    # Returns True as soon as the event is set, and False when the time is up.
    if stop.wait(2 if string == "Hisham" else 60):
        print(string + " is cancelled")
    else:
        answers.put(string + " says hello!")


def main_multiprocessing():
    s = time.perf_counter()
    processes = []
    stop = multiprocessing.Event()
    answers = multiprocessing.SimpleQueue()

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"]:
        # At exit, also after an exception, the interpreter terminates a daemon process.
        args = (greeting, stop, answers)
        p = multiprocessing.Process(target=greeting_with_sleep, args=args, daemon=True)
        processes.append(p)
        p.start()

    print(answers.get())
    # Asks the others to stop. After terminate(), which sends SIGTERM, they could not say so.
    stop.set()
    for j in processes:
        j.join()

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
