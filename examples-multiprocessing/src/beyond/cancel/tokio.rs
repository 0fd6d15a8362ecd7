//! Stopping the Others, beyond the document, with tokio.
//!
//! `cargo run -p examples-multiprocessing -- cancel --runtime tokio`

use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use tokio::process::Command;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    // The end of stdin means: stop. A read has no time limit, so another thread reads.
    let (sender, stop) = mpsc::channel();
    thread::spawn(move || sender.send(io::read_to_string(io::stdin())));
    let seconds = if string == "Hisham" { 2 } else { 60 };
    match stop.recv_timeout(Duration::from_secs(seconds)) {
        Ok(_) => println!("{string} is cancelled"),
        Err(_) => println!("{string} says hello!"),
    }
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let mut stop = Vec::new();
    let mut tasks = JoinSet::new();
    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        let mut p = Command::new(env::current_exe()?)
            .args(["cancel", "--runtime", "tokio", "--greeting-with-sleep", greeting])
            .stdin(Stdio::piped())
            .spawn()?;
        stop.push(p.stdin.take()); // wait() would close it.
        tasks.spawn(async move { p.wait().await });
    }

    while let Some(status) = tasks.join_next().await {
        assert!(status??.success(), "the greeter failed");
        // One has answered. This tells the others to stop. (kill() would not let them print.)
        stop.clear();
    }

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

    // A child needs no runtime, so this is not #[tokio::main].
    Builder::new_current_thread().enable_all().build()?.block_on(main_multiprocessing())
}
