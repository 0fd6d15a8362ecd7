//! What the READMEs of the examples say about Python, shown by running Python.

use std::process::{Command, Stdio};

use harness::run::clean_environment;
use libtest_mimic::Trial;

use crate::setting::{Setting, TestResult, text};

struct Claim {
    name: &'static str,
    script: &'static str,
    /// All of stdout.
    stdout: &'static str,
    /// A part of stderr. If it is empty, all of stderr is.
    stderr: &'static str,
}

const CLAIMS: &[Claim] = &[
    Claim {
        name: "a_future_that_runs_cannot_be_cancelled_and_the_interpreter_waits_for_it",
        script: r#"
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
        stdout: "False\nruns to completion\n",
        stderr: "",
    },
    Claim {
        name: "shutdown_without_waiting_returns_at_once",
        script: r#"
import concurrent.futures, threading
gate = threading.Event()
executor = concurrent.futures.ThreadPoolExecutor()
executor.submit(gate.wait)
# If this waited, it would wait forever.
executor.shutdown(wait=False)
print("returned")
gate.set()
"#,
        stdout: "returned\n",
        stderr: "",
    },
    Claim {
        name: "all_threads_can_use_the_same_objects",
        script: r#"
import threading
shared = []
thread = threading.Thread(target=lambda: shared.append("hello"))
thread.start()
thread.join()
print(shared)
"#,
        stdout: "['hello']\n",
        stderr: "",
    },
    Claim {
        name: "ctrl_c_raises_keyboard_interrupt_in_the_main_thread",
        script: r#"
import os, signal, threading, time
try:
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted:", threading.current_thread() is threading.main_thread())
finally:
    print("finally")
"#,
        stdout: "interrupted: True\nfinally\n",
        stderr: "",
    },
    Claim {
        name: "asyncio_run_cancels_its_tasks_on_ctrl_c",
        script: r#"
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
        stdout: "cancelled\nfinally\ninterrupted\n",
        stderr: "",
    },
    Claim {
        name: "an_exception_of_a_task_that_nobody_awaits_is_only_on_stderr",
        script: r#"
import asyncio
async def fails():
    raise ValueError("nobody awaits this")
async def main():
    asyncio.create_task(fails())
    await asyncio.sleep(0.01)
    print("runs on")
asyncio.run(main())
"#,
        stdout: "runs on\n",
        stderr: "Task exception was never retrieved",
    },
    Claim {
        name: "wait_for_does_not_fire_before_the_coroutine_awaits",
        script: r#"
import asyncio, time
async def blocks():
    time.sleep(0.05)
    return "not cancelled"
print(asyncio.run(asyncio.wait_for(blocks(), timeout=0.001)))
"#,
        stdout: "not cancelled\n",
        stderr: "",
    },
    Claim {
        name: "an_event_loop_cannot_run_inside_another_one",
        script: r#"
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
        stdout: "asyncio.run() cannot be called from a running event loop\n",
        stderr: "",
    },
    Claim {
        name: "a_sleep_needs_a_running_event_loop",
        script: r#"
import asyncio
try:
    asyncio.sleep(1).send(None)
except RuntimeError as error:
    print(error)
"#,
        stdout: "no running event loop\n",
        stderr: "",
    },
    Claim {
        name: "two_tasks_that_hold_a_lock_of_threading_while_they_await_deadlock",
        script: r#"
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
        stdout: "deadlock\n",
        stderr: "",
    },
    Claim {
        name: "str_of_a_float_has_the_fewest_digits_that_identify_it",
        script: "print(0.0, 2.0, 0.1 + 0.2, 1e-4, 9999999999999998.0, 9.9e-5, 1e16)",
        stdout: "0.0 2.0 0.30000000000000004 0.0001 9999999999999998.0 9.9e-05 1e+16\n",
        stderr: "",
    },
    Claim {
        name: "an_exception_exits_with_1",
        script: r#"
import subprocess, sys
print(subprocess.call([sys.executable, "-c", "raise ValueError"]))
"#,
        stdout: "1\n",
        stderr: "ValueError",
    },
    Claim {
        name: "a_pool_raises_the_exception_of_a_child",
        script: r#"
import multiprocessing
if __name__ == "__main__":
    with multiprocessing.Pool(1) as pool:
        try:
            pool.map(int, ["no number"])
        except ValueError as error:
            print(error)
"#,
        stdout: "invalid literal for int() with base 10: 'no number'\n",
        stderr: "",
    },
    Claim {
        name: "the_exitcode_of_a_process_that_a_signal_ended_is_negative",
        script: r#"
import multiprocessing, time
if __name__ == "__main__":
    for end in (multiprocessing.Process.terminate, multiprocessing.Process.kill):
        process = multiprocessing.Process(target=time.sleep, args=(60,))
        process.start()
        end(process)
        process.join()
        print(process.exitcode)
"#,
        stdout: "-15\n-9\n",
        stderr: "",
    },
    Claim {
        name: "multiprocessing_forks_by_default_on_linux_before_3_14",
        script: r#"
import multiprocessing, sys
if sys.platform != "linux":
    expected = "spawn"
elif sys.version_info < (3, 14):
    expected = "fork"
else:
    expected = "forkserver"
print(multiprocessing.get_start_method() == expected)
"#,
        stdout: "True\n",
        stderr: "",
    },
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
