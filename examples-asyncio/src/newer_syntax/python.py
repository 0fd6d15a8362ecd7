"""Python `asyncio` Module, newer syntax: one call creates an event loop and runs a coroutine on it.

python3 examples-asyncio/src/newer_syntax/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    s = time.perf_counter()
    # Output into a pipe is block-buffered, unless it is flushed.
    print(string, flush=True)
    await asyncio.sleep(2)
    print("says hello!", flush=True)
    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    # New in Python 3.7: creates an event loop, runs the coroutine, and closes the loop.
    asyncio.run(greeting_with_sleep_async("Codecademy"))
