//! Where threads in Rust differ from Python's: each difference that README.md names, shown.

use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use std::{env, thread};

/// Longer than any machine takes to do nothing.
const LONG: Duration = Duration::from_secs(60);

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

#[test]
fn a_thread_runs_as_soon_as_it_exists() {
    let says_hello = |sender: Sender<&'static str>| move || sender.send("hello").unwrap();
    let tokio = current_thread();
    let (sender, receiver) = channel();
    // None of them is started, joined or awaited.
    let _std_only = thread::spawn(says_hello(sender.clone()));
    let _tokio = tokio.spawn_blocking(says_hello(sender.clone()));
    let _async_std = async_std::task::spawn_blocking(says_hello(sender.clone()));
    let _smol = smol::unblock(says_hello(sender));
    for _ in 0..4 {
        assert_eq!(receiver.recv_timeout(LONG), Ok("hello"));
    }
}

#[test]
fn a_thread_that_nobody_joins_ends_with_main() {
    if is_program() {
        thread::spawn(|| {
            loop {
                thread::park();
            }
        });
        return;
    }
    // Were the thread joined, as CPython does at exit, this would not return.
    let status = program("a_thread_that_nobody_joins_ends_with_main").status().unwrap();
    assert!(status.success());
}

#[test]
fn tokio_waits_for_functions_that_run_when_its_runtime_is_dropped() {
    let is_done = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel();
    let runtime = current_thread();
    let also_done = is_done.clone();
    runtime.spawn_blocking(move || {
        sender.send(()).unwrap();
        thread::sleep(Duration::from_millis(50));
        also_done.store(true, Ordering::SeqCst);
    });
    receiver.recv_timeout(LONG).unwrap();
    drop(runtime);
    assert!(is_done.load(Ordering::SeqCst));
}

#[test]
fn joining_a_thread_tells_that_it_panicked() {
    let fails = || -> () { panic!("as it should") };
    assert!(thread::spawn(fails).join().is_err());
    let joined = current_thread().block_on(async { tokio::task::spawn_blocking(fails).await });
    assert!(joined.is_err_and(|error| error.is_panic()));
    // These two have no error to return, and panic in their turn.
    let joined = || async_std::task::block_on(async_std::task::spawn_blocking(fails));
    assert!(catch_unwind(AssertUnwindSafe(joined)).is_err());
    let joined = || smol::block_on(smol::unblock(fails));
    assert!(catch_unwind(AssertUnwindSafe(joined)).is_err());
}

#[test]
fn println_never_tears_a_line() {
    let (name, word) = ("Codecademy", "hello!");
    if is_program() {
        let greet = || (0..1000).for_each(|_| println!("{name} says {word}"));
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(greet))));
        return;
    }
    let output = program("println_never_tears_a_line").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let greetings: Vec<_> = text.lines().filter(|line| line.contains(word)).collect();
    assert_eq!(greetings, ["Codecademy says hello!"; 8 * 1000]);
}

#[test]
fn output_into_a_pipe_comes_line_by_line() {
    if is_program() {
        println!("a line");
        // The line is on its way, and the process goes on until nobody holds its stdin.
        let _ = std::io::stdin().read_line(&mut String::new());
        return;
    }
    let mut program = program("output_into_a_pipe_comes_line_by_line");
    let mut child = program.stdin(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.take_while(|line| !line.starts_with("test result")).any(|line| line == "a line"));
    assert!(child.try_wait().unwrap().is_none());
    drop(child.stdin.take());
    child.wait().unwrap();
}

/// Set for the tests that start themselves again as a program.
const IS_PROGRAM: &str = "IS_PROGRAM";

/// A test, started as a program of its own.
fn program(test: &str) -> Command {
    let mut program = Command::new(env::current_exe().unwrap());
    program.args(["--exact", test, "--nocapture", "--quiet"]).env(IS_PROGRAM, "1");
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    program
}

fn is_program() -> bool {
    env::var_os(IS_PROGRAM).is_some()
}
