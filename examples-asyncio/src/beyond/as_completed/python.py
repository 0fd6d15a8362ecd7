"""Taking Results as They Come, beyond the document: four tasks share three permits.

python3 examples-asyncio/src/beyond/as_completed/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string, seconds):
    await asyncio.sleep(seconds)
    return string + " says hello!"


async def greeting_in_turn(string, seconds, semaphore):
    # Waits for one of the permits, and releases it at the end of the block.
    async with semaphore:
        return await greeting_with_sleep_async(string, seconds)


async def main_async():
    s = time.perf_counter()
    # Up to Python 3.9, a semaphore is bound to the event loop that is current at its creation.
    semaphore = asyncio.Semaphore(3)
    greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)]
    # Tasks start in the order in which they are created. If as_completed got coroutines, it would
    # start them in any order.
    tasks = [asyncio.create_task(greeting_in_turn(*each, semaphore)) for each in greetings]
    for result in asyncio.as_completed(tasks):
        # Output into a pipe is block-buffered, unless it is flushed.
        print(await result, flush=True)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    asyncio.run(main_async())
