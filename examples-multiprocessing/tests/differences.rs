//! Where processes in Rust differ from Python's: each difference that README.md names, shown.

use std::env;
#[cfg(unix)]
use std::io::{Read, Write};
#[cfg(unix)]
use std::os::{fd::OwnedFd, unix::net::UnixStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

static VARIABLE: AtomicU32 = AtomicU32::new(1);

#[test]
fn a_child_has_nothing_of_its_parents_memory() {
    if is_program() {
        println!("the variable is {}", VARIABLE.load(Ordering::SeqCst));
        return;
    }
    VARIABLE.store(2, Ordering::SeqCst);
    let output = program("a_child_has_nothing_of_its_parents_memory").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("the variable is 1\n"), "{text}");
}

#[test]
fn a_failure_of_the_child_is_in_its_status_and_no_error_of_wait() {
    if is_program() {
        panic!("as it should");
    }
    let test = "a_failure_of_the_child_is_in_its_status_and_no_error_of_wait";
    let status = program(test).spawn().unwrap().wait().unwrap();
    assert!(!status.success());
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

/// A stream to talk to a `cat`, which repeats what it reads, and the two ends for its stdin and stdout.
#[cfg(unix)]
fn streams() -> (UnixStream, OwnedFd, OwnedFd) {
    let (here, there) = UnixStream::pair().unwrap();
    (here, there.try_clone().unwrap().into(), there.into())
}

#[cfg(unix)]
fn is_alive(mut stream: UnixStream) -> bool {
    let _ = stream.write_all(b"hello");
    matches!(stream.read(&mut [0; 5]), Ok(5))
}

#[cfg(unix)]
fn tokio_with_processes() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
#[cfg(unix)]
fn a_child_goes_on_when_its_handle_is_dropped() {
    let (stream, stdin, stdout) = streams();
    drop(Command::new("cat").stdin(stdin).stdout(stdout).spawn().unwrap());
    assert!(is_alive(stream));

    let (stream, stdin, stdout) = streams();
    let runtime = tokio_with_processes();
    let _entered = runtime.enter();
    let mut cat = tokio::process::Command::new("cat");
    drop(cat.stdin(stdin).stdout(stdout).spawn().unwrap());
    drop(cat);
    assert!(is_alive(stream));

    let (stream, stdin, stdout) = streams();
    let mut cat = async_std::process::Command::new("cat");
    drop(cat.stdin(stdin).stdout(stdout).spawn().unwrap());
    drop(cat);
    assert!(is_alive(stream));

    let (stream, stdin, stdout) = streams();
    let mut cat = smol::process::Command::new("cat");
    drop(cat.stdin(stdin).stdout(stdout).spawn().unwrap());
    drop(cat);
    assert!(is_alive(stream));
}

#[test]
#[cfg(unix)]
fn the_asynchronous_ones_kill_it_if_they_are_told_to() {
    let (stream, stdin, stdout) = streams();
    let runtime = tokio_with_processes();
    let _entered = runtime.enter();
    let mut cat = tokio::process::Command::new("cat");
    drop(cat.stdin(stdin).stdout(stdout).kill_on_drop(true).spawn().unwrap());
    drop(cat);
    assert!(!is_alive(stream));

    let (stream, stdin, stdout) = streams();
    let mut cat = async_std::process::Command::new("cat");
    drop(cat.stdin(stdin).stdout(stdout).kill_on_drop(true).spawn().unwrap());
    drop(cat);
    assert!(!is_alive(stream));

    let (stream, stdin, stdout) = streams();
    let mut cat = smol::process::Command::new("cat");
    drop(cat.stdin(stdin).stdout(stdout).kill_on_drop(true).spawn().unwrap());
    drop(cat);
    assert!(!is_alive(stream));
}
