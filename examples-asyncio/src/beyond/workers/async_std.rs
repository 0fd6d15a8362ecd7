//! Limiting Concurrency, beyond the document, with async-std.
//!
//! `cargo run -p examples-asyncio -- workers --runtime async-std`

use std::time::{Duration, Instant};

use async_std::channel::{self, Receiver};
use async_std::task::{self, sleep};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    sleep(Duration::from_secs(1)).await;
}

// A channel of async-std may have several receivers. Each name goes to one of them.
async fn worker(names: Receiver<&str>) {
    while let Ok(string) = names.recv().await {
        greeting_with_sleep_async(string).await;
    }
}

async fn main_async() {
    let s = Instant::now();
    let (sender, names) = channel::unbounded();
    let mut tasks = Vec::new();
    for _ in 0..2 {
        tasks.push(task::spawn_local(worker(names.clone())));
    }

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        sender.send(greeting).await.expect("main holds a receiver");
    }
    // This closes the channel. Python sends a sentinel to each worker.
    drop(sender);
    for task in tasks {
        task.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

#[async_std::main]
pub async fn main() {
    main_async().await;
}
