//! All Together, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- together --runtime std-only`

use std::collections::BTreeMap;
use std::process;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::event_loop::{Semaphore, as_completed, run, sleep, to_thread, wait_for};

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
    let _permit = semaphore.acquire().await;
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        sleep(Duration::from_millis(pause)).await;
        match fetch(page, attempt).await {
            Ok(text) => return (page, Some(text)),
            Err(error) => println!("{error}"),
        }
    }
    (page, None)
}

async fn main_async() -> i32 {
    let s = Instant::now();
    let semaphore = Rc::new(Semaphore::new(4));
    let mut tasks = as_completed((1..=8).map(|page| fetch_with_retries(page, semaphore.clone())));
    let mut checksums = BTreeMap::new();
    let collect = async {
        // A panic of a task is resumed here.
        while let Some((page, text)) = tasks.next().await {
            if let Some(text) = text {
                // On a thread of its own, because no other task runs while this one computes.
                checksums.insert(page, to_thread(move || checksum(&text)).await);
                println!("page {page} arrived");
            }
        }
    };
    // std cannot catch Ctrl-C: it ends the process at once. The crates ctrlc and signal-hook can.
    let status = match wait_for(collect, Duration::from_secs(10)).await {
        Ok(()) => 0,
        Err(_) => 1,
    };

    // run() drops the tasks that are unfinished.
    println!("{} of 8 pages", checksums.len());

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
    status
}

pub fn main() {
    // No destructor runs in exit(), so it stands last.
    process::exit(run(main_async()))
}
