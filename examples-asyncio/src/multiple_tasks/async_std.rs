//! Multiple Asynchronous Tasks, with async-std.
//!
//! `cargo run -p examples-asyncio -- multiple-tasks --runtime async-std`

use std::time::{Duration, Instant};

use async_std::task::{self, sleep};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    sleep(Duration::from_secs(2)).await;
    println!("{string} says hello!");
}

async fn main_async() {
    let s = Instant::now();
    // As in Python, calling an async function runs none of it: nothing is printed yet. Python makes
    // a coroutine, Rust a future.
    let greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ];
    // Spawns a task for each future. The tasks run on this one thread, first in, first out.
    // (task::spawn would run them on the worker threads, in no order.)
    let tasks = greetings.map(task::spawn_local);
    for task in tasks {
        // Awaited in order: if the second task panics, this waits for the first to end before it
        // panics, too. gather in Python raises at once.
        task.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float from 1e-4 to 1e16 as Python's str() does: 2.0. {} would write 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // There is no event loop to make: async-std starts one for the whole process. It has worker
    // threads, but block_on polls its future on this thread.
    task::block_on(main_async());
}
