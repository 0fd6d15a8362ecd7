"""Runs random programs on asyncio, with a virtual clock. Called by main.rs, which runs them on our loop.

Reads a JSON array from stdin, the programs; see `Op` in main.rs. Prints a JSON array with the log of each
program; see `Entry` in main.rs.
"""

import asyncio
import contextlib
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
            raise Deadlock("no task is ready, and no timer is set")
        if timeout > 0:
            self.loop.now = self.loop._scheduled[0]._when
        return super().select(0)


class Deadlock(Exception):
    pass


class Raised(Exception):
    pass


class Program:
    def __init__(self):
        self.loop = VirtualTimeLoop()
        self.loop.set_exception_handler(lambda loop, context: None)
        asyncio.set_event_loop(self.loop)  # up to Python 3.9, events and the like ask for it now
        self.log = []
        self.tasks = {}
        self.events = [asyncio.Event(), asyncio.Event()]
        self.queues = [asyncio.Queue(), asyncio.Queue()]
        self.semaphores = [asyncio.Semaphore(1), asyncio.Semaphore(2)]

    def add(self, name, what):
        self.log.append([name, what, self.loop.time()])

    async def interpret(self, coroutine):
        """Returns the name of the coroutine."""
        name = coroutine["name"]
        interpret, take = self.interpret, self.tasks.pop

        def got(what):
            self.add(name, f"got {what}")

        try:
            for number, step in enumerate(coroutine["steps"]):
                self.add(name, str(number))
                (kind, argument), = step["op"].items()
                try:
                    if kind == "Sleep":
                        await asyncio.sleep(argument)
                    elif kind == "Compute":
                        self.loop.now += argument
                    elif kind == "Call":
                        got(await interpret(argument))
                    elif kind == "Create":
                        self.tasks[argument["name"]] = self.loop.create_task(interpret(argument))
                    elif kind == "Await":
                        got(await take(argument))
                    elif kind == "Cancel":
                        got(int(take(argument).cancel()))
                    elif kind == "Gather":
                        for output in await asyncio.gather(*map(interpret, argument)):
                            got(output)
                    elif kind == "GatherTasks":
                        for output in await asyncio.gather(*map(take, argument)):
                            got(output)
                    elif kind == "AsCompleted":
                        # It would create the tasks in any order.
                        tasks = [self.loop.create_task(interpret(one)) for one in argument]
                        for output in asyncio.as_completed(tasks):
                            got(await output)
                    elif kind == "Raise":
                        raise Raised
                    elif kind == "Set":
                        self.events[argument].set()
                    elif kind == "Clear":
                        self.events[argument].clear()
                    elif kind == "Wait":
                        await self.events[argument].wait()
                    elif kind == "Put":
                        self.queues[argument].put_nowait(name)
                    elif kind == "Get":
                        got(await self.queues[argument].get())
                    elif kind == "With":
                        async with self.semaphores[argument[0]]:
                            got(await interpret(argument[1]))
                except Raised:
                    if not step["catches"]:
                        raise
                    self.add(name, "caught")
            return name
        finally:
            self.add(name, "end")

    def run(self, mains):
        """Calls `run_until_complete` with one after another, on the same loop."""
        for main in mains:
            is_task = isinstance(main, int)
            if is_task and main not in self.tasks:
                continue
            name = main if is_task else main["name"]
            try:
                self.loop.run_until_complete(self.tasks.pop(main) if is_task else self.interpret(main))
            except Raised:
                self.add(name, "raised")
            except Deadlock:
                self.add(name, "deadlock")
                break
        log = list(self.log)
        # The test does not compare what the cancelled tasks do.
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        # It may catch the exception of the task that it awaits in place of the cancellation, and wait.
        with contextlib.suppress(Deadlock):
            self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True)) if left else None
        self.loop.close()
        return log


if __name__ == "__main__":
    json.dump([Program().run(mains) for mains in json.load(sys.stdin)], sys.stdout)
