//! Many Tasks, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-asyncio -- crowd --count 1000 --runtime tokio`

use std::time::{Duration, Instant};

use tokio::runtime::LocalRuntime;
use tokio::task;
use tokio::time::sleep;

async fn silent_greeting() -> u8 {
    sleep(Duration::from_secs(2)).await;
    1
}

async fn main_async(count: usize) {
    let s = Instant::now();
    let tasks: Vec<_> = (0..count).map(|_| task::spawn_local(silent_greeting())).collect();
    let mut greeters = 0;
    for task in tasks {
        greeters += usize::from(task.await.expect("the greeter panicked"));
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Greeters: {greeters}");
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

/// `count` comes from the command line.
pub fn main(count: usize) {
    LocalRuntime::new().expect("tokio did not start").block_on(main_async(count));
}
