//! Many Tasks, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run --release -p examples-asyncio -- crowd --count 1000 --runtime std-only`

use std::time::{Duration, Instant};

use crate::event_loop::{gather, run, sleep};

async fn silent_greeting() {
    sleep(Duration::from_secs(2)).await;
}

async fn main_async(count: usize) {
    let s = Instant::now();
    gather((0..count).map(|_| silent_greeting())).await;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

/// `count` comes from the command line.
pub fn main(count: usize) {
    run(main_async(count));
}
