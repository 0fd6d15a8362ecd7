//! Setting a Time Limit, beyond the document, with async-std.
//!
//! `cargo run -p examples-threading -- timeout --runtime async-std`

use std::thread;
use std::time::{Duration, Instant};

use async_std::future::timeout;
use async_std::task;

fn greeting_with_sleep(string: &str) {
    println!("{string}");
    if string == "Hisham" {
        thread::sleep(Duration::from_secs(60));
    }
    println!("{string} says hello!");
}

async fn main_threading() {
    let s = Instant::now();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        // A thread cannot be stopped. Dropping its handle does not stop it.
        let t = task::spawn_blocking(move || greeting_with_sleep(greeting));
        threads.push(t);
    }

    for (greeting, thread) in greetings.into_iter().zip(threads) {
        // Err means that the time is up.
        if timeout(Duration::from_secs(2), thread).await.is_err() {
            println!("{greeting} takes too long");
        }
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

// When main returns, the process ends with all its threads.
#[async_std::main]
pub async fn main() {
    main_threading().await;
}
