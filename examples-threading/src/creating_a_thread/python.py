"""Python `threading` Module: create a thread, then start it.

python3 examples-threading/src/creating_a_thread/python.py
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
    new_thread = threading.Thread(target=some_function, args=("some_arg",))
    # This only creates an object. start() starts the thread.
    new_thread.start()
    # The interpreter joins it at exit.
