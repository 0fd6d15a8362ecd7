//! Multiple Asynchronous Tasks, with tokio.
//!
//! `cargo run -p examples-asyncio -- multiple-tasks --runtime tokio`

use std::time::{Duration, Instant};

use tokio::runtime::LocalRuntime;
use tokio::task;
use tokio::time::sleep;

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
    // (tokio::join! spawns no tasks, and it rotates which future it polls first.) spawn_local needs a
    // local runtime, which tokio has since 1.51, or a LocalSet. In other runtimes it panics.
    let tasks = greetings.map(task::spawn_local);
    for task in tasks {
        // This loop awaits the tasks in order. If the second task panics, the loop panics only
        // after the first task has ended. gather in Python raises immediately.
        task.await.expect("the greeter panicked");
    }

    let elapsed = s.elapsed().as_secs_f64();
    // `{:?}` writes 2.0, as Python's str() does (from 1e-4 to 1e16). `{}` writes 2.
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    // The local runtime is like asyncio's event loop: it has one thread, and its tasks need not be
    // Send. The multi-thread runtime (Builder::new_multi_thread) has a worker thread per core. Its
    // tasks must be Send, and it needs tokio's feature rt-multi-thread.
    let event_loop = LocalRuntime::new().expect("tokio did not start");
    event_loop.block_on(main_async());
}
