//! Multiple Asynchronous Tasks, with smol.
//!
//! `cargo run -p examples-asyncio -- multiple-tasks --runtime smol`

use std::time::{Duration, Instant};

use smol::{LocalExecutor, Timer};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    Timer::after(Duration::from_secs(2)).await;
    println!("{string} says hello!");
}

async fn main_async(event_loop: &LocalExecutor<'_>) {
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
    // (smol::spawn would run them on the threads of the global executor.)
    let tasks = greetings.map(|greeting| event_loop.spawn(greeting));
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
    // The executor holds the tasks. block_on polls them on this thread.
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)));
}
