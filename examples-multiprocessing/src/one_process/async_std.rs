//! Python `multiprocessing` Module, with async-std.
//!
//! `cargo run -p examples-multiprocessing -- one-process --runtime async-std`

use std::time::{Duration, Instant};
use std::{env, io, thread};

use async_std::process::Command;
use async_std::task;

fn greeting_with_sleep(string: &str) {
    let s = Instant::now();
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("says hello!");
    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and this argument makes it call the target.
    let mut args = env::args();
    if args.any(|arg| arg == "--greeting-with-sleep") {
        greeting_with_sleep(&args.next().unwrap_or_default());
        return Ok(());
    }

    task::block_on(async {
        // Python runs a function in a child process. Rust runs a program, here this one again. The
        // child inherits environment, working directory and standard streams, but no variables.
        let mut p = Command::new(env::current_exe()?)
            .args(["one-process", "--runtime", "async-std"])
            .args(["--greeting-with-sleep", "Codecademy"])
            .spawn()?;
        // CPython joins this process at exit. A Rust program ends when main returns, and its child
        // keeps running, so main has to wait. A panic in the child exits with 101.
        assert_ne!(p.status().await?.code(), Some(101), "the greeter panicked");
        Ok(())
    })
}
