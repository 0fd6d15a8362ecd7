//! All Together, beyond the document, with async-std.
//!
//! `cargo run -p examples-asyncio -- together --runtime async-std`

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use std::{io, process};

use async_signal::{Signal, Signals};
use async_std::channel::{self, Receiver, Sender};
use async_std::future::timeout;
use async_std::prelude::{FutureExt, StreamExt};
use async_std::task::{self, sleep, spawn_blocking};

struct Permit(Receiver<()>);

impl Drop for Permit {
    fn drop(&mut self) {
        let _ = self.0.try_recv(); // This makes room for another permit.
    }
}

async fn fetch(page: u32, attempt: u32) -> Result<String, String> {
    // Page 3 fails at the first attempt, and page 6 at each one.
    if page == 6 || page == 3 && attempt == 1 {
        return Err(format!("page {page} failed, attempt {attempt} of 3"));
    }
    sleep(Duration::from_secs(1)).await;
    Ok(format!("the text of page {page}"))
}

fn checksum(text: &str) -> u64 {
    let mut result = 1;
    for _ in 0..5_000 {
        for byte in text.bytes() {
            result = (result * 31 + u64::from(byte)) % 2147483647;
        }
    }
    result
}

async fn fetch_with_retries(
    page: u32,
    (sender, receiver): (Sender<()>, Receiver<()>),
) -> (u32, Option<String>) {
    // The page keeps its permit while it is tried again. Dropping the permit releases it.
    sender.send(()).await.expect("this task holds a receiver"); // This waits for room.
    let _permit = Permit(receiver);
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        sleep(Duration::from_millis(pause)).await;
        match fetch(page, attempt).await {
            Ok(text) => return (page, Some(text)),
            Err(error) => println!("{error}"),
        }
    }
    (page, None)
}

async fn main_async() -> io::Result<i32> {
    let s = Instant::now();
    let mut ctrl_c = Signals::new([Signal::Int])?;
    let permits = channel::bounded(4); // async-std has no semaphore. This has room for four.
    let (sender, results) = channel::unbounded();
    let tasks = [1, 2, 3, 4, 5, 6, 7, 8].map(|page| {
        let (sender, permits) = (sender.clone(), permits.clone());
        task::spawn_local(async move { sender.send(fetch_with_retries(page, permits).await).await })
    });
    drop(sender); // recv() returns an error when all senders are dropped.
    let mut checksums = BTreeMap::new();
    let collect = async {
        while let Ok((page, text)) = results.recv().await {
            if let Some(text) = text {
                // On a thread of a pool, because no other task runs while this one computes.
                checksums.insert(page, spawn_blocking(move || checksum(&text)).await);
                println!("page {page} arrived");
            }
        }
        Ok(0)
    };
    let interrupted = async { ctrl_c.next().await.transpose().map(|_| 130) };
    // Polls both until one is ready, or until the time is up, and drops them.
    let status = timeout(Duration::from_secs(10), collect.race(interrupted)).await;
    let status = status.unwrap_or(Ok(1))?;

    // Drops the future of each task, and waits for that. Resumes the panic of a task. The last task
    // comes first: it must not get the permit of one before it, and begin to fetch.
    for task in tasks.into_iter().rev() {
        task.cancel().await;
    }
    println!("{} of 8 pages", checksums.len());

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
    Ok(status)
}

pub fn main() -> io::Result<()> {
    // No destructor runs in exit(), so it stands last.
    process::exit(task::block_on(main_async())?)
}
