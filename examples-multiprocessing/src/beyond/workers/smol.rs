//! Limiting Concurrency, beyond the document, with smol.
//!
//! `cargo run -p examples-multiprocessing -- workers --runtime smol`

use std::cell::RefCell;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use smol::future::try_zip;
use smol::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use smol::process::Command;
use smol::stream::StreamExt;

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    thread::sleep(Duration::from_secs(1));
}

/// Starts a child, and sends it names through a pipe. What it prints comes through another one.
async fn worker(names: &RefCell<impl Iterator<Item = &'static str>>) -> io::Result<ExitStatus> {
    let mut p = Command::new(env::current_exe()?)
        .args(["workers", "--runtime", "smol", "--greeting-with-sleep"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let to_child = p.stdin.as_mut().expect("it is piped");
    let mut lines = BufReader::new(p.stdout.take().expect("it is piped")).lines();
    let next = || names.borrow_mut().next(); // The borrow ends before the loop awaits.
    while let Some(string) = next() {
        to_child.write_all(format!("{string}\n").as_bytes()).await?;
        // Prints the greeter's line, which came through the pipe. The next line means: ready.
        println!("{}", lines.next().await.expect("the greeter failed")?);
        lines.next().await.expect("the greeter failed")?;
    }
    p.status().await // Closes the child's stdin, which ends its loop. So does an early return.
}

async fn main_multiprocessing() -> io::Result<()> {
    let s = Instant::now();
    let names = RefCell::new(["Codecademy", "Chelsea", "Hisham", "Ashley"].into_iter());
    try_zip(worker(&names), worker(&names)).await?;

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

    smol::block_on(main_multiprocessing())
}
