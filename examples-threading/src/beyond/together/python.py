"""All Together, beyond the document: eight pages, at most four at a time, of which some fail.

python3 examples-threading/src/beyond/together/python.py
"""

import signal
import sys
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor, TimeoutError, as_completed


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def fetch(page, attempt, stop):
    if page == 6 or (page == 3 and attempt == 1):
        raise ConnectionError("there is no answer")
    # Nothing ends time.sleep() early. This waits until the event is set, or the second is up.
    if stop.wait(1):
        raise CancelledError
    return "the text of page " + str(page)


def checksum(text):
    total = 0
    for byte in (text * 2000).encode():
        total = (total * 31 + byte) % 2**32
    return total


def fetch_with_retries(page, stop):
    for attempt, pause in [(1, 0), (2, 0.05), (3, 0.1)]:
        if stop.wait(pause):
            raise CancelledError
        try:
            return checksum(fetch(page, attempt, stop))
        except ConnectionError:
            print("page " + str(page) + " failed, attempt " + str(attempt) + " of 3")
            if attempt == 3:
                raise


def main_threading():
    s = time.perf_counter()
    stop = threading.Event()

    def cancel(*_):
        # set() holds a lock. A second Ctrl-C during it would call it again, and wait forever.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stop.set()

    # Python calls a handler in the main thread, also while as_completed() waits. The default one
    # raises KeyboardInterrupt there, between any two steps.
    signal.signal(signal.SIGINT, cancel)
    pages = []
    with ThreadPoolExecutor(max_workers=4) as executor:
        threads = {executor.submit(fetch_with_retries, page, stop): page for page in range(1, 9)}
        try:
            for thread in as_completed(threads, timeout=10):
                try:
                    pages.append(thread.result())
                    print("page " + str(threads[thread]) + " arrived")
                except (ConnectionError, CancelledError):
                    pass  # Its thread has printed the failures.
            status = 130 if stop.is_set() else 0
        except TimeoutError:
            status = 1
        finally:
            # The executor waits for all pages, also for those in its queue. Now they end at once.
            cancel()

    print(str(len(pages)) + " of 8 pages")
    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")
    return status


if __name__ == "__main__":
    sys.exit(main_threading())
