"""Work for the Processor, beyond the document: do tasks compute at the same time?

python3 examples-asyncio/src/beyond/cpu_bound/python.py
"""

import argparse
import asyncio
import sys
import time


def compute(rounds):
    # The random numbers of Park and Miller. Each is computed from the one before, so no round can
    # begin until the last has ended.
    x = 1
    for _ in range(rounds):
        x = x * 48271 % 2147483647
    return x


async def compute_async(rounds):
    # Nobody else has a turn until it awaits something, and it never does.
    return compute(rounds)


def one_after_another(rounds):
    return [compute(rounds) for _ in range(4)]


async def side_by_side(rounds):
    return await asyncio.gather(*[compute_async(rounds) for _ in range(4)])


async def on_other_threads(rounds):
    # None stands for the loop's own pool. asyncio.to_thread does the same, since 3.9.
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*[loop.run_in_executor(None, compute, rounds) for _ in range(4)])


async def main_async(rounds):
    s = time.perf_counter()
    results = one_after_another(rounds)
    serial = time.perf_counter() - s

    s = time.perf_counter()
    results += await side_by_side(rounds)
    parallel = time.perf_counter() - s

    s = time.perf_counter()
    results += await on_other_threads(rounds)
    threaded = time.perf_counter() - s

    if results != [results[0]] * 12:
        sys.exit("error: the same work with different results: " + str(results))
    print("Rounds: " + str(rounds) + ", each time with the result " + str(results[0]))
    print("One after another: " + str(serial) + " seconds")
    # The loop has one thread: no gain.
    print("Side by side: " + str(parallel) + " seconds, speed-up", format(serial / parallel, ".2f"))
    # One thread at a time runs Python code, except in a free-threaded build: no gain, but the loop
    # has turns for other tasks meanwhile.
    gain = format(serial / threaded, ".2f")
    print("On other threads: " + str(threaded) + " seconds, speed-up", gain)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Rust does 80 million in that time.
    parser.add_argument("--rounds", type=int, default=3_000_000, help="a quarter second of work")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("--rounds: not a number above 0: " + str(rounds))
    asyncio.run(main_async(rounds))
