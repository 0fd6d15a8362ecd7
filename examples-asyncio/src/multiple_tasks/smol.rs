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
    // As in Python, calling an async function runs none of it. A coroutine runs when the loop does;
    // a future, when it is polled: nothing is printed yet.
    let greetings = [
        greeting_with_sleep_async("Codecademy"),
        greeting_with_sleep_async("Chelsea"),
        greeting_with_sleep_async("Hisham"),
        greeting_with_sleep_async("Ashley"),
    ];
    // A task of each, first in, first out, on this one thread. (smol::spawn would hand them to the
    // global executor, which has a thread of its own, or several.)
    let tasks = greetings.map(|greeting| event_loop.spawn(greeting));
    for task in tasks {
        // A task's panic comes out here, as an exception does from gather in Python.
        task.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    // {:?} writes a float as Python's str() does, 2.0; {} would write 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // An executor holds tasks; block_on drives it, and the timers, on this thread.
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)));
}
