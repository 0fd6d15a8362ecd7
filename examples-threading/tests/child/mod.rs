//! Starts the current test again, as a child program. The tests of all three packages use this.

use std::process::{Command, Stdio};
use std::{env, thread};

/// The environment variable that makes a test run as the child program.
const IS_PROGRAM: &str = "IS_PROGRAM";

/// The command that runs the current test as a child program, whose standard streams are pipes.
pub fn program() -> Command {
    let thread = thread::current();
    let test = thread.name().filter(|name| *name != "main");
    let test = test.expect("libtest names the thread of a test like the test");
    let mut program = Command::new(env::current_exe().unwrap());
    program.args(["--exact", test, "--nocapture", "--quiet"]).env(IS_PROGRAM, "1");
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program.env_remove("RUST_BACKTRACE");
    program
}

pub fn is_program() -> bool {
    env::var_os(IS_PROGRAM).is_some()
}
