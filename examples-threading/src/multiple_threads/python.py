"""Using Multiple Threads in Python: start one for each argument.

python3 examples-threading/src/multiple_threads/python.py
"""

import sys
import threading


def print(line):
    # One write per line: the built-in print writes text and newline separately, so threads can
    # tear each other's lines. Flushed: output into a pipe is buffered until a block is full.
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
    # Not joined here: the interpreter joins them at exit.
