"""Python `threading` Module: create a thread, then start it.

python3 examples-threading/src/creating_a_thread/python.py
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
    new_thread = threading.Thread(target=some_function, args=("some_arg",))
    # So far this is an object. start() makes the thread.
    new_thread.start()
    # Not joined here: the interpreter joins it at exit.
