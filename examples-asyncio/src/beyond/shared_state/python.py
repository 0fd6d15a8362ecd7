"""Sharing State, beyond the document: four tasks share a counter and a dict.

python3 examples-asyncio/src/beyond/shared_state/python.py
"""

import asyncio
import time


class State:
    def __init__(self):
        self.count = 0
        self.greetings = {}


async def greeting_with_sleep_async(string, state):
    # Output into a pipe is block-buffered, unless it is flushed.
    print(string, flush=True)
    await asyncio.sleep(2)
    # No lock: another task can only run at an await, and there is none from here on. A change that
    # awaits in the middle needs an asyncio.Lock.
    state.greetings[string] = string + " says hello!"
    state.count += 1


async def main_async():
    s = time.perf_counter()
    state = State()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    await asyncio.gather(*[greeting_with_sleep_async(greeting, state) for greeting in greetings])

    print(str(state.count) + " greetings", flush=True)
    for string in sorted(state.greetings):
        print(state.greetings[string], flush=True)

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    asyncio.run(main_async())
