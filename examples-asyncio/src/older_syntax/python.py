"""Python `asyncio` Module, older syntax: create an event loop, then run a coroutine on it.

python3 examples-asyncio/src/older_syntax/python.py
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
    # The document calls asyncio.get_event_loop(). If no event loop is set, that warns since Python
    # 3.12 and raises an error since 3.14.
    loop = asyncio.new_event_loop()
    loop.run_until_complete(greeting_with_sleep_async("Codecademy"))
    loop.close()
