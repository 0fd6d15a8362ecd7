//! Getting Results, beyond the document, with async-std.
//!
//! `cargo run -p examples-asyncio -- results --runtime async-std`

use std::time::{Duration, Instant};

use async_std::task::{self, sleep};

async fn greeting_with_sleep_async(string: &str) -> String {
    sleep(Duration::from_secs(2)).await;
    format!("{string} says hello!")
}

async fn main_async() {
    let s = Instant::now();
    let greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ];
    let tasks = greetings.map(task::spawn_local);
    for task in tasks {
        // Waits for this task. Returns what the future returned, or panics if that panicked.
        println!("{}", task.await);
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

#[async_std::main]
pub async fn main() {
    main_async().await;
}
