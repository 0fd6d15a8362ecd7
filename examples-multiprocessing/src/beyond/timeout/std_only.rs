//! Setting a Time Limit, beyond the document, with std alone.
//!
//! `cargo run -p examples-multiprocessing -- timeout --runtime std-only`

use std::process::{Child, Command};
use std::time::{Duration, Instant};
use std::{env, io, thread};

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        thread::sleep(Duration::from_secs(60));
    }
    println!("{string} says hello!");
}

/// Sends SIGKILL when it is dropped, like `kill_on_drop`. Python's terminate() sends SIGTERM.
struct KillOnDrop(Child);
impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let mut processes = Vec::new();
    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        let p = Command::new(env::current_exe()?)
            .args(["timeout", "--runtime", "std-only", "--greeting-with-sleep", greeting])
            .spawn()?;
        processes.push((greeting, KillOnDrop(p)));
    }
    for (greeting, mut j) in processes {
        // std has no wait with a time limit, so this polls every millisecond.
        let deadline = Instant::now() + Duration::from_secs(2);
        while j.0.try_wait()?.is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        match j.0.try_wait()? {
            Some(status) => assert_ne!(status.code(), Some(101), "the greeter panicked"),
            None => println!("{greeting} takes too long"),
        }
    } // Here j is dropped, which ends Hisham.

    let elapsed = s.elapsed().as_secs_f64();
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
