"""Python `asyncio` Module, newer syntax: one call makes an event loop and runs a coroutine on it.

python3 examples-asyncio/src/newer_syntax/python.py
"""

import asyncio
import sys
import time


def print(line):
    # One write per line: the built-in print writes text and newline separately, so threads can
    # tear each other's lines. Flushed: output into a pipe is buffered until a block is full.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def greeting_with_sleep_async(string):
    s = time.perf_counter()
    print(string)
    await asyncio.sleep(2)
    print("says hello!")
    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    # Since Python 3.7: makes an event loop, runs the coroutine, and closes the loop.
    asyncio.run(greeting_with_sleep_async("Codecademy"))
