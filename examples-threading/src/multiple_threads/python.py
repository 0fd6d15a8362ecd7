"""Using Multiple Threads in Python: start one for each argument.

python3 examples-threading/src/multiple_threads/python.py
"""

import sys
import threading


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def some_function(some_arg):
    print("some_function was called with " + some_arg)


if __name__ == "__main__":
    threads = []
    args = ["arg1", "arg2", "arg3"]

    for arg in range(len(args)):
        thread = threading.Thread(target=some_function, args=(args[arg],))
        threads.append(thread)
        thread.start()
    # The interpreter joins them at exit.
