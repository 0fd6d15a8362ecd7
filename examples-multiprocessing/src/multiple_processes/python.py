"""Using Multiple Processes: start four and wait for them.

python3 examples-multiprocessing/src/multiple_processes/python.py
"""

import multiprocessing
import time


def greeting_with_sleep(string):
    # One write for the whole line: print() may write the newline by itself, and another process's
    # text could come between. Flushed, or a pipe would get it only when the process ends.
    print(string + "\n", end="", flush=True)
    time.sleep(2)
    print(string + " says hello!\n", end="", flush=True)


def main_multiprocessing():
    s = time.perf_counter()
    processes = []
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]

    for i in range(len(greetings)):
        p = multiprocessing.Process(target=greeting_with_sleep, args=(greetings[i],))
        processes.append(p)
        p.start()

    for j in processes:
        # Returns None, even if the process failed: its exitcode tells.
        j.join()
    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds\n", end="", flush=True)


# A child that is spawned, not forked, imports this file to find its target. The guard keeps it from
# starting children of its own.
if __name__ == "__main__":
    main_multiprocessing()
