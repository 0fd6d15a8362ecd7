//! Using Multiple Processes, with tokio.
//!
//! `cargo run -p examples-multiprocessing -- multiple-processes --runtime tokio`

use std::time::{Duration, Instant};
use std::{env, io, thread};

use tokio::process::Command;
use tokio::runtime::Builder;

fn greeting_with_sleep(string: &str) {
    // println! writes a short line in one system call, so the lines of processes do not mix.
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("{string} says hello!");
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let mut processes = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];

    for greeting in greetings {
        // Python runs a function in a child process. Rust runs a program, here this one again.
        let p = Command::new(env::current_exe()?)
            .args(["multiple-processes", "--runtime", "tokio"])
            .args(["--greeting-with-sleep", greeting])
            .kill_on_drop(true) // An early return or a panic drops the handles.
            .spawn()?;
        processes.push(p);
    }

    for mut j in processes {
        // Returns the exit status, which is exitcode in Python. After a panic it is 101. Without
        // this, main would drop the handle, which kills the child.
        assert_ne!(j.wait().await?.code(), Some(101), "the greeter panicked");
    }
    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and this argument makes it call the target.
    let mut args = env::args();
    if args.any(|arg| arg == "--greeting-with-sleep") {
        greeting_with_sleep(&args.next().unwrap_or_default());
        return Ok(());
    }

    // A child needs no runtime, so this is not #[tokio::main].
    Builder::new_current_thread().enable_all().build()?.block_on(main_multiprocessing())
}
