"""Multiple Asynchronous Tasks: four coroutines, gathered.

python3 examples-asyncio/src/multiple_tasks/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    # Output into a pipe is block-buffered, unless it is flushed.
    print(string, flush=True)
    await asyncio.sleep(2)
    print(string + " says hello!", flush=True)


async def main_async():
    s = time.perf_counter()
    # Calling an async function makes a coroutine and runs none of it: nothing is printed yet.
    greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ]
    # Spawns a task for each coroutine. The tasks run on this one thread, first in, first out.
    # If one raises an exception, gather raises it immediately.
    await asyncio.gather(*greetings)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    # The document calls asyncio.get_event_loop(). If no event loop is set, that warns since Python
    # 3.12 and raises an error since 3.14.
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main_async())
    loop.close()
