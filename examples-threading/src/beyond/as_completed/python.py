"""Taking Results as They Come, beyond the document: three of four threads at a time.

python3 examples-threading/src/beyond/as_completed/python.py
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(string, seconds):
    time.sleep(seconds)
    return string + " says hello!"


def main_threading():
    s = time.perf_counter()
    greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)]
    # Ashley waits in the executor's queue until one of its three threads is free.
    with ThreadPoolExecutor(max_workers=3) as executor:
        threads = [executor.submit(greeting_with_sleep, *greeting) for greeting in greetings]
        # Yields whichever is done first. A loop over threads would wait for Codecademy first.
        for thread in as_completed(threads):
            print(thread.result())

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
