"""Joining a Thread: wait for four threads before going on.

python3 examples-threading/src/joining_threads/python.py
"""

import threading
import time


def greeting_with_sleep(string):
    # One write for the whole line: print() writes the newline by itself, and another thread's text
    # could come between. Flushed, or a pipe would get it only when the program ends.
    print(string + "\n", end="", flush=True)
    time.sleep(2)
    print(string + " says hello!\n", end="", flush=True)


def main_threading():
    s = time.perf_counter()
    threads = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    for i in range(len(greetings)):
        t = threading.Thread(target=greeting_with_sleep, args=(greetings[i],))
        t.start()
        threads.append(t)

    for thread in threads:
        # Returns None, even if the thread ended in an exception: that was printed to stderr.
        thread.join()

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds\n", end="", flush=True)


if __name__ == "__main__":
    main_threading()
