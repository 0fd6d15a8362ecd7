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
        // This loop awaits the tasks in order. If the second task panics, the loop panics only
        // after the first task has ended. gather in Python raises immediately.
        task.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // There is no event loop to create: async-std has one runtime for the whole process. It has
    // worker threads, but block_on polls its future on this thread.
    task::block_on(main_async());
}
