//! Multiple Asynchronous Tasks, with tokio.
//!
//! `cargo run -p examples-asyncio -- multiple-tasks --runtime tokio`

use std::time::{Duration, Instant};

use tokio::runtime;
use tokio::time::sleep;

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
    // A task of each, first in, first out, on this one thread. (tokio::join! makes no tasks. It polls
    // its futures in rotation, so that each time another one is first.)
    let tasks = greetings.map(tokio::spawn);
    for task in tasks {
        // A task's panic comes out here, as an exception does from gather in Python.
        task.await.expect("the greeting does not panic");
    }

    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float as Python's str() does, 2.0; {} would write 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // The runtime that has asyncio's one thread. The other, new_multi_thread, has one for each core
    // (and needs tokio's feature rt-multi-thread).
    let runtime = runtime::Builder::new_current_thread().enable_time().build();
    let event_loop = runtime.expect("tokio starts");
    event_loop.block_on(main_async());
}
