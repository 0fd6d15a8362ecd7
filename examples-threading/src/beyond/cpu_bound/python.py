"""Work for the Processor, beyond the document: do threads compute at the same time?

python3 examples-threading/src/beyond/cpu_bound/python.py
"""

import argparse
import sys
import threading
import time


def compute(rounds):
    # The random numbers of Park and Miller. Each is computed from the one before, so no round can
    # begin until the last has ended.
    x = 1
    for _ in range(rounds):
        x = x * 48271 % 2147483647
    return x


def one_after_another(rounds):
    return [compute(rounds) for _ in range(4)]


def side_by_side(rounds):
    results = []
    threads = []
    for _ in range(4):
        # A thread's function can't return anything: it leaves its result where others find it.
        t = threading.Thread(target=lambda: results.append(compute(rounds)))
        t.start()
        threads.append(t)

    for thread in threads:
        thread.join()
    return results


def main_threading(rounds):
    s = time.perf_counter()
    results = one_after_another(rounds)
    serial = time.perf_counter() - s

    s = time.perf_counter()
    results += side_by_side(rounds)
    parallel = time.perf_counter() - s

    if results != [results[0]] * 8:
        sys.exit("error: the same work with different results: " + str(results))
    print("Rounds: " + str(rounds) + ", each time with the result " + str(results[0]))
    print("One after another: " + str(serial) + " seconds")
    # One thread at a time runs Python code, except in a free-threaded build: no gain.
    print("Side by side: " + str(parallel) + " seconds, speed-up", format(serial / parallel, ".2f"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Rust does 80 million in that time.
    parser.add_argument("--rounds", type=int, default=3_000_000, help="a quarter second of work")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("--rounds: not a number above 0: " + str(rounds))
    main_threading(rounds)
