//! Many Tasks, beyond the document, with smol.
//!
//! `cargo run --release -p examples-asyncio -- crowd --count 1000 --runtime smol`

use std::time::{Duration, Instant};

use smol::{LocalExecutor, Timer};

async fn silent_greeting() -> u8 {
    Timer::after(Duration::from_secs(2)).await;
    1
}

async fn main_async(event_loop: &LocalExecutor<'_>, count: usize) {
    let s = Instant::now();
    let tasks: Vec<_> = (0..count).map(|_| event_loop.spawn(silent_greeting())).collect();
    let mut greeters = 0;
    for task in tasks {
        greeters += usize::from(task.await);
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Greeters: {greeters}");
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

/// `count` comes from the command line.
pub fn main(count: usize) {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop, count)));
}
