//! Many Tasks, beyond the document, with smol.
//!
//! `cargo run --release -p examples-asyncio -- crowd --count 1000 --runtime smol`

use std::time::{Duration, Instant};

use smol::{LocalExecutor, Timer};

async fn silent_greeting() {
    Timer::after(Duration::from_secs(2)).await;
}

async fn main_async(event_loop: &LocalExecutor<'_>, count: usize) {
    let s = Instant::now();
    let tasks: Vec<_> = (0..count).map(|_| event_loop.spawn(silent_greeting())).collect();
    for task in tasks {
        task.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

/// `count` comes from the command line.
pub fn main(count: usize) {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop, count)));
}
