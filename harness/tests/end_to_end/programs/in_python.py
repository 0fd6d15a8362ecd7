"""What the READMEs say about Python, a function each. Its first comment is what it prints.

`python3 in_python.py FUNCTION`
"""

import asyncio
import concurrent.futures
import contextvars
import fractions
import hashlib
import json
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

VARIABLE = "set by the import"


def a_future_that_runs_cannot_be_cancelled_and_the_interpreter_waits_for_it():
    # False
    # runs to completion
    starts, gate = threading.Event(), threading.Event()

    def wait():
        starts.set()
        gate.wait()
        time.sleep(0.2)
        print("runs to completion")

    future = concurrent.futures.ThreadPoolExecutor().submit(wait)
    starts.wait()
    print(future.cancel(), flush=True)
    threading.Timer(0.1, gate.set).start()


def a_future_that_waits_in_the_queue_can_be_cancelled():
    # True
    gate = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as executor:
        executor.submit(gate.wait)
        print(executor.submit(print, "runs").cancel())
        gate.set()


def shutdown_without_waiting_returns_at_once():
    # returned
    gate = threading.Event()
    executor = concurrent.futures.ThreadPoolExecutor()
    executor.submit(gate.wait)
    # If this waited, it would wait forever.
    executor.shutdown(wait=False)
    print("returned")
    gate.set()


def all_threads_can_use_the_same_objects():
    # ['hello']
    shared = []
    thread = threading.Thread(target=lambda: shared.append("hello"))
    thread.start()
    thread.join()
    print(shared)


def an_update_in_two_steps_may_be_lost():
    # 1
    barrier, state = threading.Barrier(2), {"count": 0}

    def one():
        barrier.wait()
        return 1

    def add():
        state["count"] += one()  # reads the count, calls one, and writes

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(state["count"])


def c_code_may_release_the_interpreter_lock():
    # main runs during a call: True
    sys.setswitchinterval(1000)  # seconds: nobody has to release the lock
    buffer, starts, main_runs, calls = bytes(1 << 25), threading.Event(), [], []

    def compute():
        starts.set()
        while not main_runs and len(calls) < 100:
            calls.append(hashlib.sha256(buffer))

    thread = threading.Thread(target=compute)
    thread.start()
    starts.wait()
    main_runs.append(True)
    thread.join()
    # If each call held the lock, main would wait for all of them.
    print("main runs during a call:", len(calls) < 100)


def an_exception_of_a_thread_or_child_does_not_change_the_exit_status():
    # 0
    # 0
    # stderr: ValueError
    for module, name in [("threading", "Thread"), ("multiprocessing", "Process")]:
        code = "import {0}; one = {0}.{1}(target=int, args=['x']); one.start(); one.join()"
        print(subprocess.call([sys.executable, "-c", code.format(module, name)]))


def closing_a_listener_does_not_end_accept():
    # accept waits: True
    # a client ends it
    listener = socket.create_server(("127.0.0.1", 0))
    address, starts = listener.getsockname(), threading.Event()

    def accept():
        starts.set()
        listener.accept()
        print("a client ends it")

    thread = threading.Thread(target=accept)
    thread.start()
    starts.wait()
    time.sleep(2)  # Then it waits in accept().
    listener.close()
    thread.join(timeout=0.2)
    print("accept waits:", thread.is_alive(), flush=True)
    socket.create_connection(address).close()


def print_raises_an_error_if_stdout_cannot_be_written():
    # OSError with flush=True
    # 120 without
    reader, writer = os.pipe()
    os.close(reader)
    program = "import os\ntry: print('hello', flush=%s)\nexcept OSError: os._exit(1)"
    status = {}
    for flush in (True, False):
        command = [sys.executable, "-c", program % flush]
        status[flush] = subprocess.call(command, stdout=writer, stderr=subprocess.DEVNULL)
    print("OSError" if status[True] == 1 else status[True], "with flush=True")
    print(status[False], "without")


def ctrl_c_raises_keyboard_interrupt_in_the_main_thread():
    # interrupted: True
    # finally
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        time.sleep(60)
    except KeyboardInterrupt:
        print("interrupted:", threading.current_thread() is threading.main_thread())
    finally:
        print("finally")


def asyncio_run_cancels_its_tasks_on_ctrl_c():
    # cancelled
    # finally
    # interrupted
    async def main():
        asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("cancelled")
            raise
        finally:
            print("finally")

    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("interrupted")


def an_exception_of_a_task_that_nobody_awaits_is_only_on_stderr():
    # runs on
    # stderr: Task exception was never retrieved
    async def fails():
        raise ValueError("nobody awaits this")

    async def main():
        asyncio.create_task(fails())
        await asyncio.sleep(0.01)
        print("runs on")

    asyncio.run(main())


def wait_for_does_not_fire_before_the_coroutine_awaits():
    # not cancelled
    async def blocks():
        time.sleep(0.05)
        return "not cancelled"

    print(asyncio.run(asyncio.wait_for(blocks(), timeout=0.001)))


def wait_for_cancels_a_task_that_takes_too_long():
    # cancelled: True
    async def main():
        task = asyncio.create_task(asyncio.sleep(60))
        try:
            await asyncio.wait_for(task, timeout=0.01)
        except asyncio.TimeoutError:
            print("cancelled:", task.cancelled())

    asyncio.run(main())


def the_default_executor_has_4_threads_more_than_cores_and_at_most_32():
    # True
    async def main():
        gate, starts = threading.Event(), []

        def wait():
            starts.append(1)
            gate.wait()

        # asyncio.to_thread uses the same executor.
        run = asyncio.get_running_loop().run_in_executor
        calls = [run(None, wait) for _ in range(100)]
        cores = getattr(os, "process_cpu_count", os.cpu_count)()
        while len(starts) < min(32, cores + 4):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        print(len(starts) == min(32, cores + 4))
        gate.set()
        await asyncio.gather(*calls)

    asyncio.run(main())


def an_event_loop_cannot_run_inside_another_one():
    # asyncio.run() cannot be called from a running event loop
    async def main():
        coroutine = asyncio.sleep(0)
        try:
            asyncio.run(coroutine)
        except RuntimeError as error:
            print(error)
        coroutine.close()

    asyncio.run(main())


def awaiting_a_sleep_needs_a_running_event_loop():
    # no running event loop
    # a sleep of 0 does not
    coroutine = asyncio.sleep(1)  # this call does not
    try:
        coroutine.send(None)
    except RuntimeError as error:
        print(error)
    asyncio.sleep(0).send(None)
    print("a sleep of 0 does not")


def two_tasks_that_hold_a_lock_of_threading_while_they_await_deadlock():
    # deadlock
    lock = threading.Lock()

    async def holds():
        # Without the limit, this would wait forever.
        if not lock.acquire(timeout=0.1):
            print("deadlock")
            return
        await asyncio.sleep(0.001)
        lock.release()

    async def main():
        await asyncio.gather(holds(), holds())

    asyncio.run(main())


def str_of_a_float_has_the_fewest_digits_that_identify_it():
    # 0.0 2.0 0.30000000000000004 0.0001 9999999999999998.0 9.9e-05 1e+16
    print(0.0, 2.0, 0.1 + 0.2, 1e-4, 9999999999999998.0, 9.9e-5, 1e16)


def an_exception_exits_with_1():
    # 1
    # stderr: ValueError
    print(subprocess.call([sys.executable, "-c", "raise ValueError"]))


def a_pool_raises_the_exception_of_a_child():
    # invalid literal for int() with base 10: 'no number'
    with multiprocessing.Pool(1) as pool:
        try:
            pool.map(int, ["no number"])
        except ValueError as error:
            print(error)


def a_pool_waits_forever_for_the_result_of_a_child_that_ended():
    # no result
    with multiprocessing.Pool(1) as pool:
        try:
            pool.map_async(os._exit, [0]).get(timeout=0.5)
        except multiprocessing.TimeoutError:
            print("no result")


def map_of_a_pool_hands_out_blocks():
    # one process per block: True
    code = "__import__('time').sleep(0.001) or __import__('os').getpid()"
    with multiprocessing.Pool(2) as pool:
        processes = pool.map(eval, [code] * 80)  # four blocks for each process
    blocks = [processes[start : start + 10] for start in range(0, 80, 10)]
    print("one process per block:", all(len(set(block)) == 1 for block in blocks))


def plus_equals_of_a_value_loses_an_update():
    # 1
    count = multiprocessing.Value("i", 0)

    class One:
        # Called by +=, after it has read the value and before it writes the sum.
        def __radd__(self, value):
            args = ("count.value += 1", {"count": count})
            other = multiprocessing.Process(target=exec, args=args)
            other.start()
            other.join()
            return value + 1

    count.value += One()
    print(count.value)


def a_dict_inside_a_managers_dict_is_a_copy():
    # {}
    # {'Hisham': 'hello'}
    with multiprocessing.Manager() as manager:
        shared = manager.dict(greetings={})
        shared["greetings"]["Hisham"] = "hello"
        print(shared["greetings"])
        shared["greetings"] = {"Hisham": "hello"}
        print(shared["greetings"])


def the_process_of_a_manager_keeps_running_when_its_parent_is_killed():
    # ends: False
    code = """if True:
        import multiprocessing, os, signal
        manager = multiprocessing.Manager()
        print(manager._process.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TMPDIR": folder}
        command = [sys.executable, "-c", code]
        parent = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        manager = int(parent.stdout.readline())
        parent.wait()
        # The manager's process has the other end of the pipe, too.
        print("ends:", parent.stdout in select.select([parent.stdout], [], [], 1.5)[0])
        os.kill(manager, signal.SIGKILL)
        parent.stdout.read()


def a_forked_child_keeps_the_pipe_open_that_its_parent_closes():
    # fork: no end of file
    # spawn: end of file
    for method, seconds in [("fork", 0.3), ("spawn", 60)]:
        context = multiprocessing.get_context(method)
        reader, writer = context.Pipe(duplex=False)
        # poll() returns True at the end of the file, and False when the time is up.
        names = {"reader": reader, "seconds": seconds, "exit": sys.exit}
        child = context.Process(target=exec, args=("exit(reader.poll(seconds))", names))
        child.start()
        writer.close()
        child.join()
        print(method + ":", "end of file" if child.exitcode == 1 else "no end of file")


def a_forked_child_keeps_the_socket_open_on_which_its_parent_listens():
    # fork: connected
    # spawn: refused
    for method in ["fork", "spawn"]:
        context = multiprocessing.get_context(method)
        here, there = context.Pipe()
        listener = socket.create_server(("127.0.0.1", 0))
        code = "pipe.send('runs'); pipe.recv()"
        child = context.Process(target=exec, args=(code, {"pipe": there}))
        child.start()
        here.recv()
        address = listener.getsockname()
        listener.close()
        try:
            socket.create_connection(address).close()
            print(method + ": connected")
        except ConnectionRefusedError:
            print(method + ": refused")
        here.send("end")
        child.join()


def a_childs_stdin_is_non_blocking_like_the_socket_that_it_was():
    # 0
    # 1 with a time limit
    for limit in ["", " with a time limit"]:
        here, there = socket.socketpair()
        if limit:
            there.settimeout(60)
        cat = subprocess.Popen(["cat"], stdin=there, stderr=subprocess.DEVNULL)
        if not limit:
            time.sleep(0.3)
            here.close()  # The cat has waited for that. The other one ends by itself.
        print(str(cat.wait()) + limit)


def pickle_sends_functions_instances_and_shared_references():
    # True 1/2 True
    # JSON: False
    reader, writer = multiprocessing.Pipe(duplex=False)
    names = ["Hisham"]
    writer.send([len, fractions.Fraction(1, 2), names, names])
    function, half, one, other = reader.recv()
    print(function is len, half, one is other)
    one, other = json.loads(json.dumps([names, names]))
    print("JSON:", one is other)


def recv_runs_the_code_of_whoever_has_sent_the_pickle():
    # this was not sent to be run
    class Stranger:
        # Says how to make this object again: which function to call, with which arguments.
        def __reduce__(self):
            return print, ("this was not sent to be run",)

    reader, writer = multiprocessing.Pipe(duplex=False)
    writer.send(Stranger())
    reader.recv()


def a_spawned_child_has_the_variables_that_the_import_sets():
    # fork: set under the guard
    # spawn: set by the import
    for method in ["fork", "spawn"]:
        code = "import __main__; print(%r, __main__.VARIABLE)" % (method + ":")
        process = multiprocessing.get_context(method).Process(target=exec, args=(code,))
        process.start()
        process.join()


def the_interpreter_joins_children_of_multiprocessing_at_exit():
    # the child ends
    # the parent has ended
    child = "import time; time.sleep(0.2); print('the child ends')"
    code = "import multiprocessing; multiprocessing.Process(target=exec, args=[{!r}]).start()"
    subprocess.call([sys.executable, "-c", code.format(child)])
    print("the parent has ended")


def the_interpreter_does_not_wait_for_children_of_subprocess():
    # the parent has ended
    # the child ends
    child = "input(); print('the child ends')"
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {!r}])"
    pipe = subprocess.PIPE
    parent = subprocess.Popen([sys.executable, "-c", code.format(child)], stdin=pipe, stdout=pipe)
    parent.wait()
    print("the parent has ended")
    print(parent.communicate(b"\n")[0].decode().strip())


def the_exitcode_of_a_process_that_a_signal_ended_is_negative():
    # -15
    # -9
    for end in (multiprocessing.Process.terminate, multiprocessing.Process.kill):
        process = multiprocessing.Process(target=time.sleep, args=(60,))
        process.start()
        end(process)
        process.join()
        print(process.exitcode)


def multiprocessing_forks_by_default_on_linux_before_3_14():
    # True
    if sys.platform != "linux":
        expected = "spawn"
    elif sys.version_info < (3, 14):
        expected = "fork"
    else:
        expected = "forkserver"
    print(multiprocessing.get_start_method() == expected)


def waiting_for_a_child_that_fills_its_pipe_never_ends():
    # waits
    # 1000000
    code = "print('x' * 999_999)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        child.wait(timeout=0.3)
    except subprocess.TimeoutExpired:
        print("waits")
    print(len(child.communicate()[0]))


def a_child_that_reads_stdin_to_its_end_waits_until_it_is_closed():
    # waits
    # 0
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    try:
        child.wait(timeout=0.3)
    except subprocess.TimeoutExpired:
        print("waits")
    child.communicate()
    print(child.returncode)


def kill_spares_the_children_of_a_child():
    # b'hello\n'
    shell = subprocess.Popen(["sh", "-c", "cat; :"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    shell.stdin.write(b"ready\n")
    shell.stdin.flush()
    shell.stdout.readline()
    shell.kill()
    shell.wait()
    print(shell.communicate(b"hello\n")[0])


def a_child_whose_popen_is_collected_is_a_zombie_until_the_next_popen():
    # exists
    # is reaped
    cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    pid, stdin, stdout = cat.pid, cat.stdin, cat.stdout
    del cat
    stdin.close()
    stdout.read()
    time.sleep(0.2)
    os.kill(pid, 0)  # raises ProcessLookupError if there is no such process
    print("exists")
    # This tries once, and the child may still be ending.
    try:
        while True:
            subprocess.run(["true"])
            os.kill(pid, 0)
    except ProcessLookupError:
        print("is reaped")


def sigterm_ends_a_program_and_no_finally_block_runs():
    # -15
    # finally
    # 0
    default = "pass"
    handler = "signal.signal(signal.SIGTERM, lambda *_: sys.exit())"
    for prepare in (default, handler):
        code = f"import os, signal, sys\n{prepare}\ntry: os.kill(os.getpid(), signal.SIGTERM)\nfinally: print('finally')"
        print(subprocess.call([sys.executable, "-c", code]), flush=True)


def an_exception_releases_a_lock():
    # False
    lock = threading.Lock()
    try:
        with lock:
            raise ValueError
    except ValueError:
        print(lock.locked())


def a_thread_may_acquire_an_rlock_twice():
    # acquired twice
    # False
    lock = threading.RLock()
    with lock, lock:
        print("acquired twice")
    lock = threading.Lock()
    with lock:
        print(lock.acquire(blocking=False))


def what_wait_does_not_wait_for_goes_on():
    # True
    # b'1234'
    async def main():
        reader = asyncio.StreamReader()
        reader.feed_data(b"12")
        read = asyncio.ensure_future(reader.readexactly(4))
        sleep = asyncio.ensure_future(asyncio.sleep(0.01))
        done, pending = await asyncio.wait({read, sleep}, return_when=asyncio.FIRST_COMPLETED)
        print(read in pending)
        reader.feed_data(b"34")
        print(await read)

    asyncio.run(main())


def a_cancelled_readline_loses_nothing():
    # b'half a line\n'
    async def main():
        reader = asyncio.StreamReader()
        reader.feed_data(b"half")
        try:
            await asyncio.wait_for(reader.readline(), timeout=0.01)
        except asyncio.TimeoutError:
            reader.feed_data(b" a line\n")
            print(await reader.readline())

    asyncio.run(main())


def write_buffers_without_limit_and_drain_waits():
    # True
    # drain waits
    async def main():
        connection, _other_side = socket.socketpair()
        _, writer = await asyncio.open_connection(sock=connection)
        for _ in range(100):
            writer.write(bytes(1_000_000))
        print(writer.transport.get_write_buffer_size() > 50_000_000)
        try:
            await asyncio.wait_for(writer.drain(), timeout=0.01)
        except asyncio.TimeoutError:
            print("drain waits")
        writer.transport.abort()

    asyncio.run(main())


def as_completed_starts_coroutines_in_the_order_of_a_set_and_tasks_in_theirs():
    # True
    # True
    started = []

    async def start(number):
        started.append(number)

    async def run(each):
        started.clear()
        for one in asyncio.as_completed(each):
            await one
        return list(started)

    async def main():
        coroutines = [start(number) for number in range(100)]
        expected = [one.cr_frame.f_locals["number"] for one in set(coroutines)]
        print(await run(coroutines) == expected != sorted(expected))
        tasks = [asyncio.create_task(start(number)) for number in range(100)]
        print(await run(tasks) == list(range(100)))

    asyncio.run(main())


def an_await_between_reading_and_writing_loses_updates():
    # 1
    # 4 with a lock
    async def add(counter, lock):
        async with lock:
            count = counter["count"]
            await asyncio.sleep(0)
            counter["count"] = count + 1

    async def main():
        counter = {"count": 0}
        await asyncio.gather(*[add(counter, asyncio.Lock()) for _ in range(4)])
        print(counter["count"])
        counter, lock = {"count": 0}, asyncio.Lock()
        await asyncio.gather(*[add(counter, lock) for _ in range(4)])
        print(counter["count"], "with a lock")

    asyncio.run(main())


def a_cancelled_task_may_await_in_its_finally_block():
    # has cleaned up
    # True
    async def cleans_up():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            print("has cleaned up")

    async def main():
        task = asyncio.create_task(cleans_up())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        print(task.cancelled())

    asyncio.run(main())


def cancelling_a_task_spares_the_tasks_that_it_created_but_not_those_of_its_group():
    # ['goes on']
    log = []

    async def child(delay):
        try:
            await asyncio.sleep(delay)
            log.append("goes on")
        except asyncio.CancelledError:
            log.append("cancelled")

    async def creates():
        child_task = asyncio.create_task(child(0.01))
        await asyncio.sleep(60)
        await child_task

    async def groups():
        async with asyncio.TaskGroup() as group:
            group.create_task(child(60))
            await asyncio.sleep(60)

    async def cancel(parent):
        task = asyncio.create_task(parent())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        while not log:
            await asyncio.sleep(0.01)

    asyncio.run(cancel(creates))
    print(log)
    if sys.version_info >= (3, 11):
        log.clear()
        asyncio.run(cancel(groups))
        assert log == ["cancelled"], log


def cancelling_one_task_at_a_time_hands_its_permit_to_the_next():
    # ['first', 'second']
    # ['first'] if all are cancelled before one is awaited
    async def main(one_at_a_time):
        started, semaphore = [], asyncio.Semaphore(1)

        async def start(name):
            async with semaphore:
                started.append(name)
                await asyncio.sleep(60)

        tasks = [asyncio.create_task(start(name)) for name in ["first", "second"]]
        await asyncio.sleep(0)
        if not one_at_a_time:
            for task in tasks:
                task.cancel()
        for task in tasks:
            task.cancel()
            await asyncio.wait([task])
        return started

    print(asyncio.run(main(True)))
    print(asyncio.run(main(False)), "if all are cancelled before one is awaited")


def a_thread_can_run_a_coroutine_on_an_event_loop_of_another_thread():
    # True
    async def main():
        async def thread_of_the_loop():
            return threading.current_thread()

        def calls(loop):
            future = asyncio.run_coroutine_threadsafe(thread_of_the_loop(), loop)
            return future.result() is threading.main_thread()

        loop = asyncio.get_running_loop()
        print(await loop.run_in_executor(None, calls, loop))

    asyncio.run(main())


def a_program_that_reads_in_an_executor_ends_only_when_it_has_read():
    # main returns
    # has read
    stdin, keyboard = os.pipe()

    def read():
        os.read(stdin, 1)
        print("has read")

    concurrent.futures.ThreadPoolExecutor().submit(read)
    print("main returns", flush=True)
    threading.Timer(0.3, os.write, (keyboard, b"\n")).start()


def deep_recursion_raises_in_every_thread():
    # RecursionError
    # RecursionError
    def recurse():
        recurse()

    def catches():
        try:
            recurse()
        except RecursionError as error:
            print(type(error).__name__)

    catches()
    thread = threading.Thread(target=catches)
    thread.start()
    thread.join()


def a_task_gets_a_copy_of_the_context_variables():
    # outer
    # outer
    variable = contextvars.ContextVar("variable")

    async def task():
        print(variable.get())
        variable.set("inner")

    async def main():
        variable.set("outer")
        await asyncio.create_task(task())
        print(variable.get())

    asyncio.run(main())


if __name__ == "__main__":
    VARIABLE = "set under the guard"
    globals()[sys.argv[1]]()
