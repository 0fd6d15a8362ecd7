"""Python `asyncio` Module, newer syntax: one call makes an event loop and runs a coroutine on it.

python3 examples-asyncio/src/newer_syntax/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    s = time.perf_counter()
    # One write for the whole line, newline and all. Flushed, or a pipe would get it only when the
    # program ends.
    print(string + "\n", end="", flush=True)
    await asyncio.sleep(2)
    print("says hello!\n", end="", flush=True)
    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds\n", end="", flush=True)


if __name__ == "__main__":
    # Since Python 3.7: it makes a loop, runs the coroutine, and closes the loop.
    asyncio.run(greeting_with_sleep_async("Codecademy"))
