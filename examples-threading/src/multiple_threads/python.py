"""Using Multiple Threads in Python: start one for each argument.

python3 examples-threading/src/multiple_threads/python.py
"""

import threading


def some_function(some_arg):
    # One write for the whole line: print() writes the newline by itself, and another thread's text
    # could come between. Flushed, or a pipe would get it only when the program ends.
    print("some_function was called with " + some_arg + "\n", end="", flush=True)


if __name__ == "__main__":
    threads = []
    args = ["arg1", "arg2", "arg3"]

    for arg in range(len(args)):
        thread = threading.Thread(target=some_function, args=(args[arg],))
        threads.append(thread)
        thread.start()
    # Nobody joins them: the interpreter does so before it exits.
