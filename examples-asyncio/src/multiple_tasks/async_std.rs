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
    // As in Python, calling an async function runs none of it. A coroutine runs when the loop does;
    // a future, when it is polled: nothing is printed yet.
    let greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ];
    // A task of each, first in, first out, on this one thread. (task::spawn would hand them to the
    // worker threads, which keep no order.)
    let tasks = greetings.map(task::spawn_local);
    for task in tasks {
        // A task's panic comes out here, as an exception does from gather in Python.
        task.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float as Python's str() does, 2.0; {} would write 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // There is no loop to make: async-std has one for the whole process, and starts it by itself.
    // Worker threads come with it, but block_on polls its future on this thread.
    task::block_on(main_async());
}
