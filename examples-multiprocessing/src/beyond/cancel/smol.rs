//! Stopping the Others, beyond the document, with smol.
//!
//! `cargo run -p examples-multiprocessing -- cancel --runtime smol`

use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use smol::channel;
use smol::process::Command;

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
    let (sender, statuses) = channel::unbounded();
    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        let mut p = Command::new(env::current_exe()?)
            .args(["cancel", "--runtime", "smol", "--greeting-with-sleep", greeting])
            .stdin(Stdio::piped())
            .spawn()?;
        stop.push(p.stdin.take()); // status() would close it.
        let sender = sender.clone();
        smol::spawn(async move { sender.send(p.status().await).await }).detach();
    }

    drop(sender); // Then the loop ends after the last child.
    while let Ok(status) = statuses.recv().await {
        assert!(status?.success(), "the greeter failed");
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

    smol::block_on(main_multiprocessing())
}
