//! A Crowd of Greeters, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-asyncio -- crowd --count 1000 --runtime tokio`

use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::time::sleep;

async fn silent_greeting() {
    sleep(Duration::from_secs(2)).await;
}

async fn main_async(count: usize) {
    let s = Instant::now();
    let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(silent_greeting())).collect();
    for task in tasks {
        task.await.expect("the greeting does not panic");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

/// `count` is that of the command line.
pub fn main(count: usize) {
    let runtime = runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("tokio starts").block_on(main_async(count));
}
