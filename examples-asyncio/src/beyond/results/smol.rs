//! Getting Results, beyond the document, with smol.
//!
//! `cargo run -p examples-asyncio -- results --runtime smol`

use std::time::{Duration, Instant};

use smol::{LocalExecutor, Timer};

async fn greeting_with_sleep_async(string: &str) -> String {
    Timer::after(Duration::from_secs(2)).await;
    format!("{string} says hello!")
}

async fn main_async(event_loop: &LocalExecutor<'_>) {
    let s = Instant::now();
    let greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ];
    let tasks = greetings.map(|greeting| event_loop.spawn(greeting));
    for task in tasks {
        // Waits for this task. Returns what the future returned, or panics if that panicked.
        println!("{}", task.await);
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)));
}
