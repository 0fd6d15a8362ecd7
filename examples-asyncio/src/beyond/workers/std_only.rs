//! Limiting Concurrency, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- workers --runtime std-only`

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::event_loop::{Queue, create_task, gather, run, sleep};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    sleep(Duration::from_secs(1)).await;
}

async fn worker(names: Rc<Queue<Option<&str>>>) {
    // Waits for the next name. Exactly one worker gets it.
    while let Some(string) = names.get().await {
        greeting_with_sleep_async(string).await;
    }
}

async fn main_async() {
    let s = Instant::now();
    let names = Rc::new(Queue::new());
    let mut tasks = Vec::new();
    for _ in 0..2 {
        tasks.push(create_task(worker(names.clone())));
    }

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        names.put_nowait(Some(greeting));
    }
    for _ in &tasks {
        names.put_nowait(None); // a sentinel for each worker, as in Python
    }
    gather(tasks).await;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
