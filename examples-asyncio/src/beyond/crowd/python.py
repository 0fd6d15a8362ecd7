"""A Crowd of Greeters, beyond the document: what do a thousand tasks cost?

python3 examples-asyncio/src/beyond/crowd/python.py --count 1000
"""

import argparse
import asyncio
import time


async def silent_greeting():
    await asyncio.sleep(2)


async def main_async(count):
    s = time.perf_counter()
    await asyncio.gather(*[silent_greeting() for _ in range(count)])

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds\n", end="", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000, help="how many greeters there are")
    count = parser.parse_args().count
    if count < 1:
        parser.error("--count: not a number above 0: " + str(count))
    asyncio.run(main_async(count))
