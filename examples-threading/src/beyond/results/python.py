"""Getting Results, beyond the document: four threads return their greetings.

python3 examples-threading/src/beyond/results/python.py
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(string):
    time.sleep(2)
    return string + " says hello!"


def main_threading():
    s = time.perf_counter()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    # A Thread loses what its target returns. A Future of an executor keeps it.
    with ThreadPoolExecutor(max_workers=len(greetings)) as executor:
        threads = [executor.submit(greeting_with_sleep, greeting) for greeting in greetings]
        for thread in threads:
            # Waits for this thread, and returns what the function returned.
            print(thread.result())

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
