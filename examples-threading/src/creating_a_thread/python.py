"""Python `threading` Module: create a thread, then start it.

python3 examples-threading/src/creating_a_thread/python.py
"""

import threading


def some_function(some_arg):
    # One write for the whole line, newline and all. Flushed, or a pipe would get it only when the
    # program ends.
    print("some_function was called with " + some_arg + "\n", end="", flush=True)


if __name__ == "__main__":
    new_thread = threading.Thread(target=some_function, args=("some_arg",))
    # Until here there is an object, but no thread.
    new_thread.start()
    # Nobody joins it: the interpreter does so before it exits.
