//! Taking Results as They Come, beyond the document, with std alone.
//!
//! `cargo run -p examples-multiprocessing -- as-completed --runtime std-only`

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, thread};

fn greeting_with_sleep(string: &str, seconds: u64) -> String {
    thread::sleep(Duration::from_secs(seconds));
    format!("{string} says hello!")
}

/// Starts a child, and sends it pairs through a pipe. Its results come through another one.
fn worker(pairs: &Mutex<impl Iterator<Item = (&'static str, u64)>>) -> io::Result<()> {
    let mut p = Command::new(env::current_exe()?)
        .args(["as-completed", "--runtime", "std-only", "--greeting-with-sleep"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let to_child = p.stdin.as_mut().expect("it is piped");
    let mut lines = BufReader::new(p.stdout.take().expect("it is piped")).lines();
    let next = || pairs.lock().expect("a worker panicked").next(); // unlocks before it returns
    while let Some((string, seconds)) = next() {
        writeln!(to_child, "{string} {seconds}")?;
        println!("{}", lines.next().expect("the greeter failed")?); // as soon as it is there
    }
    p.wait().map(drop) // Closes the child's stdin, which ends it. So does an early return.
}

fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let pairs = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    let pairs = Mutex::new(pairs.into_iter());
    thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(|| worker(&pairs)));
        threads.into_iter().try_for_each(|thread| thread.join().expect("a worker panicked"))
    })?;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Multiprocessing Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

pub fn main() -> io::Result<()> {
    // The main guard. A child starts at main, too, and this argument makes it call the target.
    if env::args().any(|arg| arg == "--greeting-with-sleep") {
        for pair in io::stdin().lines() {
            let pair = pair?;
            let (string, seconds) = pair.split_once(' ').expect("a name and seconds");
            println!("{}", greeting_with_sleep(string, seconds.parse().expect("a number")));
        }
        return Ok(());
    }

    main_multiprocessing()
}
