"""Stopping the Others, beyond the document: the first of four threads to answer is enough.

python3 examples-threading/src/beyond/cancel/python.py
"""

import queue
import sys
import threading
import time


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(string, stop, answers):
    print(string)
    # A thread cannot be stopped from outside, so it asks. This waits until the event is set, or the
    # time is up, and returns whether it is set. (No other thread can end time.sleep() early.)
    if stop.wait(timeout=2 if string == "Hisham" else 60):
        print(string + " is cancelled")
    else:
        answers.put(string + " says hello!")


def main_threading():
    s = time.perf_counter()
    stop = threading.Event()
    answers = queue.Queue()
    threads = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    for greeting in greetings:
        t = threading.Thread(target=greeting_with_sleep, args=(greeting, stop, answers))
        t.start()
        threads.append(t)

    try:
        # Waits for the first answer.
        print(answers.get())
    finally:
        # After Ctrl-C, too, or the interpreter would wait for the threads at exit.
        stop.set()
    for thread in threads:
        thread.join()

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
