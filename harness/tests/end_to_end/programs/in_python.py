"""What the READMEs say about Python, a function each. Its first comment is what it prints.

`python3 in_python.py FUNCTION`
"""

import asyncio
import concurrent.futures
import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
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


if __name__ == "__main__":
    VARIABLE = "set under the guard"
    globals()[sys.argv[1]]()
