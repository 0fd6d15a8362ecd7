//! Getting Results, beyond the document, with tokio.
//!
//! `cargo run -p examples-asyncio -- results --runtime tokio`

use std::time::{Duration, Instant};

use tokio::task;
use tokio::time::sleep;

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
        // Waits for this task, and returns what the future returned, or its panic.
        println!("{}", task.await.expect("the greeter panicked"));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

#[tokio::main(flavor = "local")]
pub async fn main() {
    main_async().await;
}
