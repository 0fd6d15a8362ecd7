"""Many Threads, beyond the document: what do a thousand threads cost?

python3 examples-threading/src/beyond/crowd/python.py --count 1000
"""

import argparse
import sys
import threading
import time


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def silent_greeting():
    time.sleep(2)
    return 1


def main_threading(count):
    # A small stack that every CPython accepts. The default is the system's, often 8 MiB of address
    # space, of which a thread uses the pages that it touches.
    threading.stack_size(256 * 1024)
    s = time.perf_counter()
    greetings = []
    threads = []
    failure = None
    for number in range(1, count + 1):
        # A thread's return value is lost, so the thread appends its result to a list.
        t = threading.Thread(target=lambda: greetings.append(silent_greeting()))
        try:
            t.start()
        except RuntimeError as error:
            failure = "thread " + str(number) + " of " + str(count) + ": " + str(error)
            break
        threads.append(t)

    greeters = 0
    for thread in threads:
        thread.join()
        greeters += greetings.pop()
    if failure is not None:
        sys.exit("error: " + failure)

    elapsed = time.perf_counter() - s
    print("Greeters: " + str(greeters))
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000, help="how many threads to start")
    count = parser.parse_args().count
    if not 1 <= count <= 10_000_000:
        parser.error("argument --count: expected a number from 1 to 10,000,000")
    main_threading(count)
