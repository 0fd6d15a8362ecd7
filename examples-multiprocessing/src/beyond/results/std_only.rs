//! Getting Results, beyond the document, with std alone.
//!
//! `cargo run -p examples-multiprocessing -- results --runtime std-only`

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, io, thread};

fn greeting_with_sleep(string: &str) -> String {
    thread::sleep(Duration::from_secs(2));
    format!("{string} says hello!")
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
        // A child shares no memory with its parent. It gets arguments, and prints its result into a
        // pipe. Python pickles both.
        let p = Command::new(env::current_exe()?)
            .args(["results", "--runtime", "std-only", "--greeting-with-sleep", greeting])
            .stdout(Stdio::piped())
            .spawn()?;
        processes.push(KillOnDrop(p));
    }

    for mut process in processes {
        // Returns what this child prints until it ends. (wait_with_output() would take the child
        // out of its owner.)
        let output = io::read_to_string(process.0.stdout.take().expect("it is piped"))?;
        assert!(process.0.wait()?.success(), "the greeter failed");
        print!("{output}");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and this argument makes it call the target.
    let mut args = env::args();
    if args.any(|arg| arg == "--greeting-with-sleep") {
        println!("{}", greeting_with_sleep(&args.next().unwrap_or_default()));
        return Ok(());
    }

    main_multiprocessing()
}
