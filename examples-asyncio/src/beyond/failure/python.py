"""Handling a Failure, beyond the document: one of four tasks fails at once.

python3 examples-asyncio/src/beyond/failure/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    # Output into a pipe is block-buffered, unless it is flushed.
    print(string, flush=True)
    if string == "Hisham":
        raise ValueError("Hisham has lost his voice")
    await asyncio.sleep(2)
    return string + " says hello!"


async def main_async():
    s = time.perf_counter()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    tasks = [asyncio.create_task(greeting_with_sleep_async(greeting)) for greeting in greetings]
    try:
        # Raises the first exception immediately. The other tasks go on. (A TaskGroup, new in Python
        # 3.11, cancels them.)
        await asyncio.gather(*tasks)
    except ValueError as error:
        print("At once: " + str(error), flush=True)

    # Waits for all tasks, and returns an exception like a result.
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, ValueError):
            print("Failed: " + str(result), flush=True)
        else:
            print(result, flush=True)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    asyncio.run(main_async())
