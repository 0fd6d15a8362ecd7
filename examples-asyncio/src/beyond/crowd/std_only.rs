//! Many Tasks, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run --release -p examples-asyncio -- crowd --count 1000 --runtime std-only`

use std::time::{Duration, Instant};

use crate::event_loop::{gather, run, sleep};

async fn silent_greeting() -> u8 {
    sleep(Duration::from_secs(2)).await;
    1
}

async fn main_async(count: usize) {
    let s = Instant::now();
    let greetings = gather((0..count).map(|_| silent_greeting())).await;
    let greeters: usize = greetings.into_iter().map(usize::from).sum();

    let elapsed = s.elapsed().as_secs_f64();
    println!("Greeters: {greeters}");
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

/// `count` comes from the command line.
pub fn main(count: usize) {
    run(main_async(count));
}
