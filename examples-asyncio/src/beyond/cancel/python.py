"""Stopping the Others, beyond the document: one of four tasks answers, which stops the others.

python3 examples-asyncio/src/beyond/cancel/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(string):
    # Output into a pipe is block-buffered, unless it is flushed.
    print(string, flush=True)
    try:
        await asyncio.sleep(2 if string == "Hisham" else 60)
    except asyncio.CancelledError:
        print(string + " is cancelled", flush=True)
        raise  # Without this, the task would go on, and return a greeting.
    return string + " says hello!"


async def main_async():
    s = time.perf_counter()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    tasks = [asyncio.create_task(greeting_with_sleep_async(greeting)) for greeting in greetings]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print(done.pop().result(), flush=True)

    # `pending` is a set, so it has no order. Cancelling a task that is done does nothing.
    for task in tasks:
        task.cancel()
    # cancel() is only a request: this waits until the tasks have ended. A TaskGroup, new in Python
    # 3.11, does both if one of its tasks fails, but not if one returns.
    await asyncio.gather(*tasks, return_exceptions=True)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    asyncio.run(main_async())
