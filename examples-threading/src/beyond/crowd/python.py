"""A Crowd of Greeters, beyond the document: what do a thousand threads cost?

python3 examples-threading/src/beyond/crowd/python.py --count 1000
"""

import argparse
import sys
import threading
import time


def silent_greeting():
    time.sleep(2)


def main_threading(count):
    # As small a stack as every CPython on every processor is content with. Without this a thread has
    # what the system thinks is enough for everybody, often 8 MiB. It uses what it touches.
    threading.stack_size(256 * 1024)
    s = time.perf_counter()
    threads = []
    shortage = None
    for number in range(1, count + 1):
        t = threading.Thread(target=silent_greeting)
        try:
            t.start()
        except RuntimeError as error:
            shortage = "thread " + str(number) + " of " + str(count) + ": " + str(error)
            break
        threads.append(t)

    for thread in threads:
        thread.join()
    if shortage is not None:
        sys.exit("error: " + shortage)

    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds\n", end="", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000, help="how many greeters there are")
    count = parser.parse_args().count
    if count < 1:
        parser.error("--count: not a number above 0: " + str(count))
    main_threading(count)
