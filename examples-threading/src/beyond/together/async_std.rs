//! All Together, beyond the document, with async-std.
//!
//! `cargo run -p examples-threading -- together --runtime async-std`

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use async_signal::{Signal, Signals};
use async_std::channel::{self, Receiver};
use async_std::future::timeout;
use async_std::prelude::*;
use async_std::task;

/// Waits until the channel is closed, or the time is up. Returns whether it is closed.
fn wait(stop: &Receiver<()>, time: Duration) -> bool {
    task::block_on(timeout(time, stop.recv())).is_ok()
}

fn fetch(page: u32, attempt: u32, stop: &Receiver<()>) -> io::Result<String> {
    if page == 6 || (page == 3 && attempt == 1) {
        return Err(ErrorKind::ConnectionReset.into());
    }
    // Nothing ends thread::sleep() early. This ends when the channel is closed.
    let text = format!("the text of page {page}");
    if wait(stop, Duration::from_secs(1)) { Err(ErrorKind::Interrupted.into()) } else { Ok(text) }
}

fn checksum(text: &str) -> u32 {
    let bytes = text.repeat(2000).into_bytes();
    bytes.iter().fold(0, |total, byte| total.wrapping_mul(31).wrapping_add((*byte).into()))
}

fn fetch_with_retries(page: u32, stop: &Receiver<()>) -> Option<u32> {
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        if wait(stop, Duration::from_millis(pause)) {
            break;
        }
        match fetch(page, attempt, stop) {
            Ok(text) => return Some(checksum(&text)),
            Err(error) if error.kind() == ErrorKind::Interrupted => break,
            Err(_) => println!("page {page} failed, attempt {attempt} of 3"),
        }
    }
    None
}

async fn main_threading() -> i32 {
    let s = Instant::now();
    let mut signals = Signals::new([Signal::Int]).expect("the system has this signal");
    let (stop, receiver) = channel::bounded(1); // Nobody sends. Dropping the sender closes it.
    let (queue, numbers) = channel::unbounded();
    for page in 1..=8 {
        queue.send(page).await.expect("main holds a receiver");
    }
    drop(queue); // The threads end when the queue is closed and empty.

    let (sender, results) = channel::unbounded();
    let mut threads = Vec::new();
    for _ in 0..4 {
        let (numbers, receiver, sender) = (numbers.clone(), receiver.clone(), sender.clone());
        threads.push(task::spawn_blocking(move || {
            while let Ok(page) = numbers.recv_blocking() {
                let result = fetch_with_retries(page, &receiver);
                sender.send_blocking((page, result)).expect("main holds the receiver");
            }
        }));
    }
    drop(sender); // recv() returns an error when all senders are dropped.
    let mut pages = Vec::new();
    let all = async {
        while let Ok((page, result)) = results.recv().await {
            if let Some(sum) = result {
                println!("page {page} arrived");
                pages.push(sum);
            }
        }
        0
    };
    let interrupted = async { signals.next().await.map_or(1, |_| 130) };
    // Polls both until one is ready, and drops the other.
    let status = timeout(Duration::from_secs(10), all.race(interrupted)).await.unwrap_or(1);
    drop(stop); // Functions of the pool cannot be cancelled. They wait for this.
    for thread in threads {
        thread.await;
    }

    println!("{} of 8 pages", pages.len());
    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    status
}

pub fn main() {
    std::process::exit(task::block_on(main_threading()));
}
