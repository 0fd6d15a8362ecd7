//! All Together, beyond the document, with smol.
//!
//! `cargo run -p examples-asyncio -- together --runtime smol`

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use std::{io, process};

use async_signal::{Signal, Signals};
use smol::future::or;
use smol::lock::Semaphore;
use smol::stream::StreamExt;
use smol::{LocalExecutor, Timer, channel, unblock};

async fn fetch(page: u32, attempt: u32) -> Result<String, String> {
    // Page 3 fails at the first attempt, and page 6 at each one.
    if page == 6 || page == 3 && attempt == 1 {
        return Err(format!("page {page} failed, attempt {attempt} of 3"));
    }
    Timer::after(Duration::from_secs(1)).await;
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

async fn fetch_with_retries(page: u32, semaphore: Rc<Semaphore>) -> (u32, Option<String>) {
    // The page keeps its permit while it is tried again. Dropping the permit releases it.
    let _permit = semaphore.acquire().await;
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        Timer::after(Duration::from_millis(pause)).await;
        match fetch(page, attempt).await {
            Ok(text) => return (page, Some(text)),
            Err(error) => println!("{error}"),
        }
    }
    (page, None)
}

async fn main_async(event_loop: &LocalExecutor<'_>) -> io::Result<i32> {
    let s = Instant::now();
    let mut ctrl_c = Signals::new([Signal::Int])?;
    let semaphore = Rc::new(Semaphore::new(4));
    let (sender, results) = channel::unbounded();
    let tasks = [1, 2, 3, 4, 5, 6, 7, 8].map(|page| {
        let (sender, semaphore) = (sender.clone(), semaphore.clone());
        event_loop
            .spawn(async move { sender.send(fetch_with_retries(page, semaphore).await).await })
    });
    drop(sender); // recv() returns an error when all senders are dropped.
    let mut checksums = BTreeMap::new();
    let collect = async {
        while let Ok((page, text)) = results.recv().await {
            if let Some(text) = text {
                // On a thread of a pool, because no other task runs while this one computes.
                checksums.insert(page, unblock(move || checksum(&text)).await);
                println!("page {page} arrived");
            }
        }
        Ok(0)
    };
    let interrupted = async { ctrl_c.next().await.transpose().map(|_| 130) };
    let too_late = async {
        Timer::after(Duration::from_secs(10)).await;
        Ok(1)
    };
    // Polls all three until one is ready, and drops the others.
    let status = or(collect, or(interrupted, too_late)).await?;

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
    let event_loop = LocalExecutor::new();
    let status = smol::block_on(event_loop.run(main_async(&event_loop)))?;
    // No destructor runs in exit(), so it stands last.
    drop(event_loop);
    process::exit(status)
}
