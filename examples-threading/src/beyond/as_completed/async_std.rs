//! Taking Results as They Come, beyond the document, with async-std.
//!
//! `cargo run -p examples-threading -- as-completed --runtime async-std`

use std::thread;
use std::time::{Duration, Instant};

use async_std::channel;
use async_std::task;

fn greeting_with_sleep(string: &str, seconds: u64) -> String {
    thread::sleep(Duration::from_secs(seconds));
    format!("{string} says hello!")
}

async fn main_threading() {
    let s = Instant::now();
    let greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    let (queue, names) = channel::unbounded();
    for greeting in greetings {
        queue.send(greeting).await.expect("main holds a receiver");
    }
    drop(queue); // The threads end when the queue is closed and empty.

    // The blocking pool would run all four, and async-std has no semaphore. So three functions of
    // the pool share a queue.
    let (sender, receiver) = channel::unbounded();
    let mut threads = Vec::new();
    for _ in 0..3 {
        let (names, sender) = (names.clone(), sender.clone());
        threads.push(task::spawn_blocking(move || {
            while let Ok((greeting, seconds)) = names.recv_blocking() {
                let result = greeting_with_sleep(greeting, seconds);
                sender.send_blocking(result).expect("main holds the receiver");
            }
        }));
    }
    drop(sender); // recv() returns an error when all senders are dropped.

    // Awaiting a handle waits for one thread. The channel returns whichever result comes first.
    while let Ok(greeting) = receiver.recv().await {
        println!("{greeting}");
    }
    for thread in threads {
        thread.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

#[async_std::main]
pub async fn main() {
    main_threading().await;
}
