"""Many Tasks, beyond the document: what do a thousand tasks cost?

python3 examples-asyncio/src/beyond/crowd/python.py --count 1000
"""

import argparse
import asyncio
import time


async def silent_greeting():
    await asyncio.sleep(2)
    return 1


async def main_async(count):
    s = time.perf_counter()
    greeters = sum(await asyncio.gather(*[silent_greeting() for _ in range(count)]))

    elapsed = time.perf_counter() - s
    # Output into a pipe is block-buffered, so this flushes each line.
    print("Greeters: " + str(greeters), flush=True)
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1_000, help="how many tasks to start")
    count = parser.parse_args().count
    if not 1 <= count <= 10_000_000:
        parser.error("argument --count: expected a number from 1 to 10,000,000")
    asyncio.run(main_async(count))
