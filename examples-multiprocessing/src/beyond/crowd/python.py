"""Many Processes, beyond the document: what do a thousand processes cost?

python3 examples-multiprocessing/src/beyond/crowd/python.py --count 1000
"""

import argparse
import multiprocessing
import sys
import time


def print(line):
    # Writes text and newline in one call. With `python -u`, the built-in print writes them
    # separately, so the lines of several processes can mix. Output into a pipe is block-buffered,
    # so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def silent_greeting():
    time.sleep(2)


def main_multiprocessing(count):
    s = time.perf_counter()
    processes = []
    failure = None
    for number in range(1, count + 1):
        # Needs two file descriptors. `ulimit -n` is the limit, often 1024.
        p = multiprocessing.Process(target=silent_greeting)
        try:
            p.start()
        except (OSError, EOFError) as error:
            # EOFError, without a text: the server of the start method forkserver could not fork.
            failure = "process " + str(number) + " of " + str(count) + ": " + (str(error) or "the forkserver cannot fork")
            break
        processes.append(p)

    greeters = 0
    for j in processes:
        j.join()
        # A child returns an exit status. Success counts as one greeter.
        greeters += j.exitcode == 0
    if failure is not None:
        sys.exit("error: " + failure)

    elapsed = time.perf_counter() - s
    print("Greeters: " + str(greeters))
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000, help="how many processes to start")
    count = parser.parse_args().count
    if not 1 <= count <= 10_000_000:
        parser.error("argument --count: expected a number from 1 to 10,000,000")
    main_multiprocessing(count)
