//! Limiting Concurrency, beyond the document, with tokio.
//!
//! `cargo run -p examples-asyncio -- workers --runtime tokio`

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task;
use tokio::time::sleep;

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    sleep(Duration::from_secs(1)).await;
}

// An mpsc channel has one receiver, so the two workers share it behind a lock. A task may hold a
// Mutex of tokio while it awaits. Waiting for a Mutex of std would block all tasks.
async fn worker(names: Rc<Mutex<UnboundedReceiver<&str>>>) {
    loop {
        // Not `while let Some(string) = names.lock()...`: that holds the lock until the end of the
        // loop's body, so the other worker would wait while this one sleeps.
        let next = names.lock().await.recv().await;
        let Some(string) = next else { return };
        greeting_with_sleep_async(string).await;
    }
}

async fn main_async() {
    let s = Instant::now();
    let (sender, receiver) = mpsc::unbounded_channel();
    let names = Rc::new(Mutex::new(receiver));
    let mut tasks = Vec::new();
    for _ in 0..2 {
        tasks.push(task::spawn_local(worker(names.clone())));
    }

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        sender.send(greeting).expect("main holds a receiver");
    }
    // This closes the channel. Python sends a sentinel to each worker.
    drop(sender);
    for task in tasks {
        task.await.expect("the worker panicked");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

#[tokio::main(flavor = "local")]
pub async fn main() {
    main_async().await;
}
