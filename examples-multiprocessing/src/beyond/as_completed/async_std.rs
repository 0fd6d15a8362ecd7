//! Taking Results as They Come, beyond the document, with async-std.
//!
//! `cargo run -p examples-multiprocessing -- as-completed --runtime async-std`

use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{cell::RefCell, env, io, thread};

use async_std::io::BufReader;
use async_std::prelude::*;
use async_std::process::Command;
use async_std::task;

fn greeting_with_sleep(string: &str, seconds: u64) -> String {
    thread::sleep(Duration::from_secs(seconds));
    format!("{string} says hello!")
}

/// Starts a child, and sends it pairs through a pipe. Its results come through another one.
async fn worker(pairs: &RefCell<impl Iterator<Item = (&'static str, u64)>>) -> io::Result<()> {
    let mut p = Command::new(env::current_exe()?)
        .args(["as-completed", "--runtime", "async-std", "--greeting-with-sleep"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true) // An early return or a panic drops the handles.
        .spawn()?;
    let to_child = p.stdin.as_mut().expect("it is piped");
    let mut lines = BufReader::new(p.stdout.take().expect("it is piped")).lines();
    let next = || pairs.borrow_mut().next(); // The borrow ends before the loop awaits.
    while let Some((string, seconds)) = next() {
        to_child.write_all(format!("{string} {seconds}\n").as_bytes()).await?;
        println!("{}", lines.next().await.expect("the greeter failed")?); // as soon as it is there
    }
    p.status().await.map(drop) // Closes the child's stdin, which ends it.
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let pairs = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    let pairs = RefCell::new(pairs.into_iter());
    worker(&pairs).try_join(worker(&pairs)).try_join(worker(&pairs)).await?;

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

    task::block_on(main_multiprocessing())
}
