"""Getting Results, beyond the document: four tasks return their greetings.

python3 examples-asyncio/src/beyond/results/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    await asyncio.sleep(2)
    return string + " says hello!"


async def main_async():
    s = time.perf_counter()
    greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ]
    # Returns a list of what the coroutines returned, in their order.
    for greeting in await asyncio.gather(*greetings):
        # Output into a pipe is block-buffered, unless it is flushed.
        print(greeting, flush=True)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    asyncio.run(main_async())
