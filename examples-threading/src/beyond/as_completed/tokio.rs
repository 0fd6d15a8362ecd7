//! Taking Results as They Come, beyond the document, with tokio.
//!
//! `cargo run -p examples-threading -- as-completed --runtime tokio`

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::{self, JoinSet};

fn greeting_with_sleep(string: &str, seconds: u64) -> String {
    thread::sleep(Duration::from_secs(seconds));
    format!("{string} says hello!")
}

async fn main_threading() {
    let s = Instant::now();
    let greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    // The blocking pool would run all four. Each task waits for one of three permits first.
    let permits = Arc::new(Semaphore::new(3));
    let mut threads = JoinSet::new();
    for (greeting, seconds) in greetings {
        let permits = permits.clone();
        threads.spawn(async move {
            // The task drops its permit at its end, and another task goes on.
            let _permit = permits.acquire().await.expect("nobody closes the semaphore");
            let thread = task::spawn_blocking(move || greeting_with_sleep(greeting, seconds));
            thread.await.expect("the greeter panicked")
        });
    }

    // Awaiting a handle waits for one thread. A JoinSet returns whichever result comes first.
    while let Some(thread) = threads.join_next().await {
        println!("{}", thread.expect("the greeter panicked"));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    main_threading().await;
}
