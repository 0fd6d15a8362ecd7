"""Multiple Asynchronous Tasks: four coroutines, gathered.

python3 examples-asyncio/src/multiple_tasks/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    # One write for the whole line, newline and all. Flushed, or a pipe would get it only when the
    # program ends.
    print(string + "\n", end="", flush=True)
    await asyncio.sleep(2)
    print(string + " says hello!\n", end="", flush=True)


async def main_async():
    s = time.perf_counter()
    # Calling an async function runs none of it: these are four coroutines, and nothing is printed yet.
    greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ]
    # Makes a task of each, so that they take turns on this one thread, first in, first out.
    await asyncio.gather(*greetings)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds\n", end="", flush=True)


if __name__ == "__main__":
    # asyncio.get_event_loop() once made the loop. It warns since 3.12 and raises an error since 3.14.
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main_async())
    loop.close()
