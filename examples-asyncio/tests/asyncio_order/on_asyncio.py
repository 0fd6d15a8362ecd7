"""Runs random programs on asyncio, with a virtual clock. Called by main.rs, which runs them on our loop.

Reads a JSON array from stdin, the programs; see `Op` in main.rs. Prints a JSON array with the events of
each program: which coroutine came to which of its steps, and at what time.
"""

import asyncio
import json
import selectors
import sys


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Counts nanoseconds, as integers. Time passes when nothing is ready, or when a step says so."""

    def __init__(self):
        super().__init__(VirtualTimeSelector(self))
        self.now = 0
        self.timers = 0
        self._clock_resolution = 1  # a timer is due at its deadline, and not a nanosecond earlier

    def time(self):
        return self.now

    def call_at(self, when, *args, **kwargs):
        self.timers += 1
        return super().call_at(Deadline(when, self.timers), *args, **kwargs)


class Deadline(int):
    """Of two equal ones, the first is less. asyncio leaves the order of equal deadlines open."""

    def __new__(cls, when, number):
        self = super().__new__(cls, when)
        self.number = number
        return self

    def __lt__(self, other):
        return (int(self), self.number) < (int(other), other.number)


class VirtualTimeSelector(selectors.DefaultSelector):
    def __init__(self, loop):
        super().__init__()
        self.loop = loop

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("deadlock: no task is ready, and no timer is set")
        if timeout > 0:
            self.loop.now = self.loop._scheduled[0]._when
        return super().select(0)


class Raised(Exception):
    pass


async def interpret(loop, events, coroutine):
    name = coroutine["name"]
    handles = {}
    try:
        for number, step in enumerate(coroutine["steps"]):
            events.append([name, str(number), loop.time()])
            (kind, argument), = step["op"].items()
            try:
                if kind == "Sleep":
                    await asyncio.sleep(argument)
                elif kind == "Compute":
                    loop.now += argument
                elif kind == "Create":
                    task = loop.create_task(interpret(loop, events, argument))
                    handles[argument["name"]] = task
                elif kind == "Await":
                    await handles.pop(argument)
                elif kind == "Cancel":
                    handles.pop(argument).cancel()
                elif kind == "Gather":
                    await asyncio.gather(*[interpret(loop, events, one) for one in argument])
                elif kind == "Raise":
                    raise Raised
            except Raised:
                if not step["catches"]:
                    raise
                events.append([name, "caught", loop.time()])
    finally:
        events.append([name, "end", loop.time()])


def run(program):
    """Runs one main coroutine after another on the same loop."""
    loop = VirtualTimeLoop()
    loop.set_exception_handler(lambda loop, context: None)
    events = []
    for main in program:
        try:
            loop.run_until_complete(interpret(loop, events, main))
        except Raised:
            events.append([main["name"], "raised", loop.time()])
    seen = list(events)
    # The test does not compare what the cancelled tasks do.
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True)) if left else None
    loop.close()
    return seen


if __name__ == "__main__":
    json.dump([run(program) for program in json.load(sys.stdin)], sys.stdout)
