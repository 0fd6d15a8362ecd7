"""CPU-bound Work, beyond the document: do threads compute in parallel?

python3 examples-threading/src/beyond/cpu_bound/python.py
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


def compute(rounds):
    # The Park-Miller random number generator. Each round needs the result of the one before it, so
    # the rounds cannot overlap.
    x = 1
    for _ in range(rounds):
        x = x * 48271 % 2147483647
    return x


def sequential(rounds):
    return [compute(rounds) for _ in range(4)]


def concurrent(rounds):
    results = []
    threads = []
    for _ in range(4):
        # A thread's return value is lost, so the thread appends its result to a list.
        t = threading.Thread(target=lambda: results.append(compute(rounds)))
        t.start()
        threads.append(t)

    for thread in threads:
        thread.join()
    return results


def main_threading(rounds):
    s = time.perf_counter()
    results = sequential(rounds)
    serial = time.perf_counter() - s

    s = time.perf_counter()
    results += concurrent(rounds)
    parallel = time.perf_counter() - s

    if results != [results[0]] * 8:
        sys.exit("error: the computations returned different results: " + str(results))
    print("Rounds: " + str(rounds) + ", each time with the result " + str(results[0]))
    print("Sequential: " + str(serial) + " seconds")
    # The global interpreter lock lets one thread at a time run Python code (except in a free-threaded
    # build).
    speed_up = format(serial / parallel, ".2f")
    print("Concurrent: " + str(parallel) + " seconds, speed-up " + speed_up)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Rust computes 80 million rounds in the same time.
    parser.add_argument("--rounds", type=int, default=3_000_000, help="rounds per computation")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("argument --rounds: expected a number of 1 or more")
    main_threading(rounds)
