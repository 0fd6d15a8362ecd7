"""Many Threads, beyond the document: what do a thousand threads cost?

python3 examples-threading/src/beyond/crowd/python.py --count 1000
"""

import argparse
import sys
import threading
import time


def print(line):
    # One write per line: the built-in print writes text and newline separately, so threads can
    # tear each other's lines. Flushed: output into a pipe is buffered until a block is full.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def silent_greeting():
    time.sleep(2)


def main_threading(count):
    # A small stack that every CPython accepts. The default is the system's, often 8 MiB of address
    # space, of which a thread uses the pages that it touches.
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
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000, help="how many threads to start")
    count = parser.parse_args().count
    if not 1 <= count <= 10_000_000:
        parser.error("argument --count: expected a number from 1 to 10,000,000")
    main_threading(count)
