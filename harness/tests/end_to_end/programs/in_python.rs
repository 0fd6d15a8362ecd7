//! What the READMEs of the examples say about Python, shown by running Python.

use std::process::{Command, Stdio};

use harness::run::clean_environment;
use libtest_mimic::Trial;

use crate::setting::{Setting, TestResult, text};

/// A script of Python's that prints `stdout`, and nothing to stderr.
struct Claim {
    name: &'static str,
    stdout: &'static str,
    /// If it is not empty, it is a part of stderr.
    stderr: &'static str,
    script: &'static str,
}

const fn claim(name: &'static str, stdout: &'static str, script: &'static str) -> Claim {
    Claim { name, stdout, stderr: "", script }
}

const CLAIMS: &[Claim] = &[
    claim(
        "a_future_that_runs_cannot_be_cancelled_and_the_interpreter_waits_for_it",
        "False\nruns to completion\n",
        r#"
import concurrent.futures, threading, time
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
"#,
    ),
    claim(
        "shutdown_without_waiting_returns_at_once",
        "returned\n",
        r#"
import concurrent.futures, threading
gate = threading.Event()
executor = concurrent.futures.ThreadPoolExecutor()
executor.submit(gate.wait)
# If this waited, it would wait forever.
executor.shutdown(wait=False)
print("returned")
gate.set()
"#,
    ),
    claim(
        "all_threads_can_use_the_same_objects",
        "['hello']\n",
        r#"
import threading
shared = []
thread = threading.Thread(target=lambda: shared.append("hello"))
thread.start()
thread.join()
print(shared)
"#,
    ),
    claim(
        "ctrl_c_raises_keyboard_interrupt_in_the_main_thread",
        "interrupted: True\nfinally\n",
        r#"
import os, signal, threading, time
try:
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted:", threading.current_thread() is threading.main_thread())
finally:
    print("finally")
"#,
    ),
    claim(
        "asyncio_run_cancels_its_tasks_on_ctrl_c",
        "cancelled\nfinally\ninterrupted\n",
        r#"
import asyncio, os, signal
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
"#,
    ),
    Claim {
        stderr: "Task exception was never retrieved",
        ..claim(
            "an_exception_of_a_task_that_nobody_awaits_is_only_on_stderr",
            "runs on\n",
            r#"
import asyncio
async def fails():
    raise ValueError("nobody awaits this")
async def main():
    asyncio.create_task(fails())
    await asyncio.sleep(0.01)
    print("runs on")
asyncio.run(main())
"#,
        )
    },
    claim(
        "wait_for_does_not_fire_before_the_coroutine_awaits",
        "not cancelled\n",
        r#"
import asyncio, time
async def blocks():
    time.sleep(0.05)
    return "not cancelled"
print(asyncio.run(asyncio.wait_for(blocks(), timeout=0.001)))
"#,
    ),
    claim(
        "an_event_loop_cannot_run_inside_another_one",
        "asyncio.run() cannot be called from a running event loop\n",
        r#"
import asyncio
async def main():
    coroutine = asyncio.sleep(0)
    try:
        asyncio.run(coroutine)
    except RuntimeError as error:
        print(error)
    coroutine.close()
asyncio.run(main())
"#,
    ),
    claim(
        "a_sleep_needs_a_running_event_loop",
        "no running event loop\n",
        r#"
import asyncio
try:
    asyncio.sleep(1).send(None)
except RuntimeError as error:
    print(error)
"#,
    ),
    claim(
        "two_tasks_that_hold_a_lock_of_threading_while_they_await_deadlock",
        "deadlock\n",
        r#"
import asyncio, threading
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
"#,
    ),
    claim(
        "str_of_a_float_has_the_fewest_digits_that_identify_it",
        "0.0 2.0 0.30000000000000004 0.0001 9999999999999998.0 9.9e-05 1e+16\n",
        "print(0.0, 2.0, 0.1 + 0.2, 1e-4, 9999999999999998.0, 9.9e-5, 1e16)",
    ),
    Claim {
        stderr: "ValueError",
        ..claim(
            "an_exception_exits_with_1",
            "1\n",
            r#"
import subprocess, sys
print(subprocess.call([sys.executable, "-c", "raise ValueError"]))
"#,
        )
    },
    claim(
        "a_pool_raises_the_exception_of_a_child",
        "invalid literal for int() with base 10: 'no number'\n",
        r#"
import multiprocessing
if __name__ == "__main__":
    with multiprocessing.Pool(1) as pool:
        try:
            pool.map(int, ["no number"])
        except ValueError as error:
            print(error)
"#,
    ),
    claim(
        "the_exitcode_of_a_process_that_a_signal_ended_is_negative",
        "-15\n-9\n",
        r#"
import multiprocessing, time
if __name__ == "__main__":
    for end in (multiprocessing.Process.terminate, multiprocessing.Process.kill):
        process = multiprocessing.Process(target=time.sleep, args=(60,))
        process.start()
        end(process)
        process.join()
        print(process.exitcode)
"#,
    ),
    claim(
        "multiprocessing_forks_by_default_on_linux_before_3_14",
        "True\n",
        r#"
import multiprocessing, sys
if sys.platform != "linux":
    expected = "spawn"
elif sys.version_info < (3, 14):
    expected = "fork"
else:
    expected = "forkserver"
print(multiprocessing.get_start_method() == expected)
"#,
    ),
];

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let python = setting.executables.interpreters.first().map(|found| found.executable.clone());
    let trial = |claim: &'static Claim| {
        let (python, is_ignored) = (python.clone().unwrap_or_default(), python.is_none());
        let test = move || {
            let mut python = Command::new(python);
            python.env_clear().envs(clean_environment()).args(["-c", claim.script]);
            let output = python.stdin(Stdio::null()).output()?;
            let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
            assert_eq!(stdout, claim.stdout, "{stderr}");
            let is_expected = stderr.contains(claim.stderr) && !claim.stderr.is_empty();
            assert!(is_expected || stderr == claim.stderr, "{stderr}");
            TestResult::Ok(())
        };
        let name = format!("in_python::{}", claim.name);
        Trial::test(name, test).with_ignored_flag(is_ignored)
    };
    CLAIMS.iter().map(trial).collect()
}
