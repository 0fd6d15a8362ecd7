//! Limiting Concurrency, beyond the document, with smol.
//!
//! `cargo run -p examples-asyncio -- workers --runtime smol`

use std::time::{Duration, Instant};

use smol::channel::{self, Receiver};
use smol::{LocalExecutor, Timer};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    Timer::after(Duration::from_secs(1)).await;
}

// A channel of smol may have several receivers. Each name goes to one of them.
async fn worker(names: Receiver<&str>) {
    while let Ok(string) = names.recv().await {
        greeting_with_sleep_async(string).await;
    }
}

async fn main_async(event_loop: &LocalExecutor<'_>) {
    let s = Instant::now();
    let (sender, names) = channel::unbounded();
    let mut tasks = Vec::new();
    for _ in 0..2 {
        tasks.push(event_loop.spawn(worker(names.clone())));
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

pub fn main() {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)));
}
