"""Setting a Time Limit, beyond the document: one of four tasks takes too long.

python3 examples-asyncio/src/beyond/timeout/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    # Output into a pipe is block-buffered, unless it is flushed.
    print(string, flush=True)
    if string == "Hisham":
        try:
            await asyncio.sleep(60)
        finally:
            # Cancelling a task raises CancelledError at its await.
            print(string + " is cancelled", flush=True)
    print(string + " says hello!", flush=True)


async def greeting_in_time(string):
    try:
        # After two seconds this cancels the coroutine, waits until it has ended, and raises an
        # exception. New in Python 3.11: async with asyncio.timeout(2).
        await asyncio.wait_for(greeting_with_sleep_async(string), timeout=2)
    except asyncio.TimeoutError:
        print(string + " takes too long", flush=True)


async def main_async():
    s = time.perf_counter()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    await asyncio.gather(*map(greeting_in_time, greetings))

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    asyncio.run(main_async())
