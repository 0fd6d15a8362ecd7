"""Python `asyncio` Module, older syntax: make an event loop, then run a coroutine on it.

python3 examples-asyncio/src/older_syntax/python.py
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
    # asyncio.get_event_loop() once made the loop. It warns since 3.12 and raises an error since 3.14.
    loop = asyncio.new_event_loop()
    loop.run_until_complete(greeting_with_sleep_async("Codecademy"))
    loop.close()
