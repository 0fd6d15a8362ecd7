//! Limiting Concurrency, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- workers --runtime std-only`

use std::rc::Rc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::event_loop::{create_task, run, sleep};

async fn greeting_with_sleep_async(string: &str) {
    println!("{string}");
    sleep(Duration::from_secs(1)).await;
}

// recv() would block the thread, and with it all tasks. try_recv() does not wait: it returns an
// error if the channel is empty. So main fills it before it awaits, which starts the workers.
async fn worker(names: Rc<Receiver<&str>>) {
    while let Ok(string) = names.try_recv() {
        greeting_with_sleep_async(string).await;
    }
}

async fn main_async() {
    let s = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let names = Rc::new(receiver);
    let tasks = [(); 2].map(|()| create_task(worker(names.clone())));

    for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"] {
        sender.send(greeting).expect("the receiver is still there");
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
