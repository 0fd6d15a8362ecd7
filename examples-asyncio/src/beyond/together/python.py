"""All Together, beyond the document: fetch eight pages, with retries, limits, and Ctrl-C.

python3 examples-asyncio/src/beyond/together/python.py
"""

import asyncio
import signal
import sys
import time


async def fetch(page, attempt):
    # Page 3 fails at the first attempt, and page 6 at each one.
    if page == 6 or page == 3 and attempt == 1:
        raise ConnectionError(f"page {page} failed, attempt {attempt} of 3")
    await asyncio.sleep(1)
    return f"the text of page {page}"


def checksum(text):
    result = 1
    for _ in range(5_000):
        for byte in text.encode():
            result = (result * 31 + byte) % 2147483647
    return result


async def fetch_with_retries(page, semaphore):
    # The page keeps its permit while it is tried again, until the end of the block.
    async with semaphore:
        for attempt, pause in [(1, 0), (2, 0.05), (3, 0.1)]:
            await asyncio.sleep(pause)
            try:
                return page, await fetch(page, attempt)
            except ConnectionError as error:
                # Output into a pipe is block-buffered, unless it is flushed.
                print(error, flush=True)
    return page, None


async def main_async():
    s = time.perf_counter()
    loop = asyncio.get_running_loop()
    # On Ctrl-C, wait_for below cancels collect(), and raises CancelledError. On Windows,
    # add_signal_handler raises NotImplementedError.
    loop.add_signal_handler(signal.SIGINT, asyncio.current_task().cancel)
    semaphore = asyncio.Semaphore(4)
    tasks = [asyncio.create_task(fetch_with_retries(page, semaphore)) for page in range(1, 9)]
    checksums = {}

    async def collect():
        for result in asyncio.as_completed(tasks):
            page, text = await result
            if text is not None:
                # On a thread of a pool, because no other task runs while this one computes. New in
                # Python 3.9: asyncio.to_thread.
                checksums[page] = await loop.run_in_executor(None, checksum, text)
                print(f"page {page} arrived", flush=True)

    # When the time is up, wait_for cancels collect(), and raises an exception. New in Python 3.11:
    # asyncio.timeout(…), and TaskGroup, which cancels its tasks if one of them or its block fails.
    try:
        await asyncio.wait_for(collect(), timeout=10)
        status = 0
    except asyncio.CancelledError:
        status = 130
    except asyncio.TimeoutError:
        status = 1

    # Each task ends at its `await`. asyncio.run waits for that.
    for task in tasks:
        task.cancel()
    print(f"{len(checksums)} of 8 pages", flush=True)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)
    return status


if __name__ == "__main__":
    status = asyncio.run(main_async())
    # The event loop is closed, so Ctrl-C would raise KeyboardInterrupt again.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)
