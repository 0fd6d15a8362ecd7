//! Multiple Asynchronous Tasks, with std alone (and the event loop of this package).
//!
//! `cargo run -p examples-asyncio -- multiple-tasks --runtime std-only`

use std::time::{Duration, Instant};

use crate::event_loop::{EventLoop, gather, sleep};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    println!("{string} says hello!");
}

async fn main_async() {
    let s = Instant::now();
    // As in Python, calling an async function runs none of it. A coroutine runs when the loop does;
    // a future, when it is polled: nothing is printed yet.
    let greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ];
    // A task of each, first in, first out, on this one thread. A task's panic comes out here, as an
    // exception does from gather in Python.
    gather(greetings).await;

    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float as Python's str() does, 2.0; {} would write 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // This package's event loop. It has asyncio's one thread, and so it runs on this one.
    let event_loop = EventLoop::new();
    event_loop.run_until_complete(main_async());
}
