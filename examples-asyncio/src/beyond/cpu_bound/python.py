"""CPU-bound Work, beyond the document: do tasks compute in parallel?

python3 examples-asyncio/src/beyond/cpu_bound/python.py
"""

import argparse
import asyncio
import sys
import time


def compute(rounds):
    # The Park-Miller random number generator. Each round needs the result of the one before it, so
    # the rounds cannot overlap.
    x = 1
    for _ in range(rounds):
        x = x * 48271 % 2147483647
    return x


async def compute_async(rounds):
    # No other task runs until this one awaits, and it never does.
    return compute(rounds)


def sequential(rounds):
    return [compute(rounds) for _ in range(4)]


async def concurrent(rounds):
    return await asyncio.gather(*[compute_async(rounds) for _ in range(4)])


async def on_other_threads(rounds):
    # None stands for the loop's default thread pool. asyncio.to_thread, new in 3.9, uses it, too.
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*[loop.run_in_executor(None, compute, rounds) for _ in range(4)])


async def main_async(rounds):
    s = time.perf_counter()
    results = sequential(rounds)
    serial = time.perf_counter() - s

    s = time.perf_counter()
    results += await concurrent(rounds)
    parallel = time.perf_counter() - s

    s = time.perf_counter()
    results += await on_other_threads(rounds)
    threaded = time.perf_counter() - s

    if results != [results[0]] * 12:
        sys.exit("error: the computations returned different results: " + str(results))
    # Output into a pipe is block-buffered, so this flushes each line.
    print("Rounds: " + str(rounds) + ", each time with the result " + str(results[0]), flush=True)
    print("Sequential: " + str(serial) + " seconds", flush=True)
    # The event loop has one thread, so there is no speed-up.
    speed_up = format(serial / parallel, ".2f")
    print("Concurrent: " + str(parallel) + " seconds, speed-up " + speed_up, flush=True)
    # The global interpreter lock lets one thread at a time run Python code (except in a free-threaded
    # build). But the event loop can run other tasks meanwhile.
    speed_up = format(serial / threaded, ".2f")
    print("On other threads: " + str(threaded) + " seconds, speed-up " + speed_up, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Rust computes 80 million rounds in the same time.
    parser.add_argument("--rounds", type=int, default=3_000_000, help="rounds per computation")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("argument --rounds: expected a number of 1 or more")
    asyncio.run(main_async(rounds))
