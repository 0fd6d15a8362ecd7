"""Handling a Failure, beyond the document: one of four threads fails at once.

python3 examples-threading/src/beyond/failure/python.py
"""

import sys
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(string):
    print(string)
    if string == "Hisham":
        raise ValueError("Hisham has lost his voice")
    time.sleep(2)
    return string + " says hello!"


def main_threading():
    s = time.perf_counter()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    with ThreadPoolExecutor(max_workers=len(greetings)) as executor:
        threads = [executor.submit(greeting_with_sleep, greeting) for greeting in greetings]
        # Waits for the first exception, or for all threads if there is none. The others go on.
        done, _ = wait(threads, return_when=FIRST_EXCEPTION)
        for thread in done:
            if thread.exception():
                print("At once: " + str(thread.exception()))

        for thread in threads:
            try:
                print(thread.result())
            except ValueError as error:
                print("Failed: " + str(error))

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
