//! All Together, beyond the document, with tokio.
//!
//! `cargo run -p examples-asyncio -- together --runtime tokio`

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use std::{io, process};

use tokio::select;
use tokio::signal::ctrl_c;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

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

async fn fetch_with_retries(page: u32, semaphore: Rc<Semaphore>) -> (u32, Option<String>) {
    // The page keeps its permit while it is tried again. Dropping the permit releases it.
    let _permit = semaphore.acquire().await.expect("nobody closes it");
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        sleep(Duration::from_millis(pause)).await;
        match fetch(page, attempt).await {
            Ok(text) => return (page, Some(text)),
            Err(error) => println!("{error}"),
        }
    }
    (page, None)
}

// The macro makes this a function that is not async. It drops the runtime when it returns.
#[tokio::main(flavor = "local")]
async fn main_async() -> io::Result<i32> {
    let s = Instant::now();
    let semaphore = Rc::new(Semaphore::new(4));
    let mut tasks = JoinSet::new();
    for page in 1..=8 {
        tasks.spawn_local(fetch_with_retries(page, semaphore.clone()));
    }
    let mut checksums = BTreeMap::new();
    let collect = async {
        while let Some(task) = tasks.join_next().await {
            // Err means that the task has panicked. Then main panics, too.
            if let (page, Some(text)) = task.expect("the task panicked") {
                // On a thread of a pool, because no other task runs while this one computes.
                let result = spawn_blocking(move || checksum(&text)).await;
                checksums.insert(page, result.expect("checksum panicked"));
                println!("page {page} arrived");
            }
        }
    };
    // Polls all three until one is ready, and drops the others.
    let status = select! {
        () = collect => 0,
        result = ctrl_c() => {
            result?;
            130
        }
        () = sleep(Duration::from_secs(10)) => 1,
    };

    // Aborts the tasks that run, and waits until their futures are dropped.
    tasks.shutdown().await;
    println!("{} of 8 pages", checksums.len());

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
    Ok(status)
}

pub fn main() -> io::Result<()> {
    // No destructor runs in exit(), so it stands last.
    process::exit(main_async()?)
}
