"""A Crowd of Greeters, beyond the document: what do a thousand processes cost?

python3 examples-multiprocessing/src/beyond/crowd/python.py --count 1000
"""

import argparse
import multiprocessing
import sys
import time


def silent_greeting():
    time.sleep(2)


def main_multiprocessing(count):
    s = time.perf_counter()
    processes = []
    shortage = None
    for number in range(1, count + 1):
        # Costs two file descriptors of what `ulimit -n` allows, often 1024.
        p = multiprocessing.Process(target=silent_greeting)
        try:
            p.start()
        except (OSError, EOFError) as error:
            # EOFError comes with the start method forkserver: its server could not fork, and ended.
            shortage = "process " + str(number) + " of " + str(count) + ": " + str(error)
            break
        processes.append(p)

    for j in processes:
        j.join()
    if shortage is not None:
        sys.exit("error: " + shortage)

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds\n", end="", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000, help="how many greeters there are")
    count = parser.parse_args().count
    if count < 1:
        parser.error("--count: not a number above 0: " + str(count))
    main_multiprocessing(count)
