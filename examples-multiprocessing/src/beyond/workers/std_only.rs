//! Limiting Concurrency, beyond the document, with std alone.
//!
//! `cargo run -p examples-multiprocessing -- workers --runtime std-only`

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, thread};

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    thread::sleep(Duration::from_secs(1));
}

/// Starts a child, and sends it names through a pipe. What it prints comes through another one.
fn worker(names: &Mutex<impl Iterator<Item = &'static str>>) -> io::Result<ExitStatus> {
    let mut p = Command::new(env::current_exe()?)
        .args(["workers", "--runtime", "std-only", "--greeting-with-sleep"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let to_child = p.stdin.as_mut().expect("it is piped");
    let mut lines = BufReader::new(p.stdout.take().expect("it is piped")).lines();
    let next = || names.lock().expect("a worker panicked").next(); // unlocks before it returns
    while let Some(string) = next() {
        writeln!(to_child, "{string}")?;
        // Prints the greeter's line, which came through the pipe. The next line means: ready.
        println!("{}", lines.next().expect("the greeter failed")?);
        lines.next().expect("the greeter failed")?;
    }
    p.wait() // Closes the child's stdin, which ends its loop. So does an early return.
}

fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let names = Mutex::new(["Codecademy", "Chelsea", "Hisham", "Ashley"].into_iter());
    thread::scope(|scope| {
        let other = scope.spawn(|| worker(&names));
        worker(&names)?;
        other.join().expect("a worker panicked")
    })?;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and this argument makes it call the target.
    if env::args().any(|arg| arg == "--greeting-with-sleep") {
        for string in io::stdin().lines() {
            greeting_with_sleep(&string?);
            println!("ready");
        }
        return Ok(());
    }

    main_multiprocessing()
}
