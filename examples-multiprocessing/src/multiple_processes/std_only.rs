//! Using Multiple Processes, with std alone.
//!
//! `cargo run -p examples-multiprocessing -- multiple-processes --runtime std-only`

use std::process::{Child, Command};
use std::time::{Duration, Instant};
use std::{env, io, thread};

fn greeting_with_sleep(string: &str) {
    // println! writes a short line in one system call, so the lines of processes do not mix.
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    println!("{string} says hello!");
}

/// Kills its child when it is dropped, like `kill_on_drop` of the runtimes.
struct KillOnDrop(Child);
impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let mut processes = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];

    for greeting in greetings {
        // Python runs a function in a child process. Rust runs a program, here this one again.
        let p = Command::new(env::current_exe()?)
            .args(["multiple-processes", "--runtime", "std-only"])
            .args(["--greeting-with-sleep", greeting])
            .spawn()?;
        processes.push(KillOnDrop(p));
    }

    for mut j in processes {
        // Returns the exit status, which is exitcode in Python. After a panic it is 101. Without
        // this, main would drop the handle, which kills the child.
        assert_ne!(j.0.wait()?.code(), Some(101), "the greeter panicked");
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

    main_multiprocessing()
}
