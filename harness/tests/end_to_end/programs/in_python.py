"""What the READMEs say about Python, a function each. Its first comment is what it prints.

`python3 in_python.py FUNCTION`
"""

import asyncio
import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time


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


def a_sleep_needs_a_running_event_loop():
    # no running event loop
    try:
        asyncio.sleep(1).send(None)
    except RuntimeError as error:
        print(error)


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
    globals()[sys.argv[1]]()
