//! Limiting Concurrency, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- workers --runtime std-only`

use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::{Duration, Instant};

use crate::event_loop::{create_task, run, sleep};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    sleep(Duration::from_secs(1)).await;
}

/// Returns the next name, or `None` if the channel is empty and its sender was dropped.
async fn next<'a>(names: &Receiver<&'a str>) -> Option<&'a str> {
    loop {
        match names.try_recv() {
            Ok(string) => return Some(string),
            Err(TryRecvError::Disconnected) => return None,
            // A channel of std wakes no task, so this polls. recv() would block all tasks.
            Err(TryRecvError::Empty) => sleep(Duration::from_millis(1)).await,
        }
    }
}

async fn worker(names: Rc<Receiver<&str>>) {
    while let Some(string) = next(&names).await {
        greeting_with_sleep_async(string).await;
    }
}

async fn main_async() {
    let s = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let names = Rc::new(receiver);
    let mut tasks = Vec::new();
    for _ in 0..2 {
        tasks.push(create_task(worker(names.clone())));
    }

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        sender.send(greeting).expect("main holds a receiver");
    }
    // This closes the channel. Python sends a sentinel to each worker.
    drop(sender);
    for task in tasks {
        task.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
