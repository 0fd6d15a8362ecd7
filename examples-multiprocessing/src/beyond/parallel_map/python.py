"""A Map over Many Items, beyond the document: count primes on all cores.

python3 examples-multiprocessing/src/beyond/parallel_map/python.py
"""

import argparse
import math
import multiprocessing


def is_prime(number):
    return number > 1 and all(number % divisor for divisor in range(2, math.isqrt(number) + 1))


def count_primes(block):
    return sum(is_prime(number) for number in block)


def main_multiprocessing(below):
    # One number is too little work for an item: it takes longer to send it to another process.
    blocks = [range(start, min(start + 1_000, below)) for start in range(0, below, 1_000)]

    # Python needs processes here: the interpreter lock lets one thread at a time compute. By
    # default, a pool has one for each core.
    with multiprocessing.Pool() as pool:
        # A process gets four blocks at a time, pickled, and sends back four counts. By default, map
        # would make four chunks per process.
        counts = pool.map(count_primes, blocks, chunksize=4)
    print("There are " + str(sum(counts)) + " primes below " + str(below), flush=True)


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--below", type=int, default=100_000, help="where to stop counting")
    below = parser.parse_args().below
    if not 1 <= below <= 10_000_000:
        parser.error("argument --below: expected a number from 1 to 10,000,000")
    main_multiprocessing(below)
