"""Limiting Concurrency, beyond the document: two tasks share a queue.

python3 examples-asyncio/src/beyond/workers/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    # Output into a pipe is block-buffered, unless it is flushed.
    print(string, flush=True)
    await asyncio.sleep(1)


async def worker(names):
    while True:
        # Waits for the next name. Exactly one worker gets it.
        string = await names.get()
        if string is None:
            return
        await greeting_with_sleep_async(string)


async def main_async():
    s = time.perf_counter()
    names = asyncio.Queue()
    tasks = [asyncio.create_task(worker(names)) for _ in range(2)]

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"]:
        names.put_nowait(greeting)
    for _ in tasks:
        # A sentinel for each worker. New in Python 3.13: names.shutdown().
        names.put_nowait(None)
    await asyncio.gather(*tasks)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    asyncio.run(main_async())
