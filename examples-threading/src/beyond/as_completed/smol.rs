//! Taking Results as They Come, beyond the document, with smol.
//!
//! `cargo run -p examples-threading -- as-completed --runtime smol`

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use smol::LocalExecutor;
use smol::channel;
use smol::lock::Semaphore;

fn greeting_with_sleep(string: &str, seconds: u64) -> String {
    thread::sleep(Duration::from_secs(seconds));
    format!("{string} says hello!")
}

async fn main_threading(event_loop: &LocalExecutor<'_>) {
    let s = Instant::now();
    let greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    // The blocking pool would run all four. Each task waits for one of three permits first.
    let permits = Arc::new(Semaphore::new(3));
    let (sender, receiver) = channel::unbounded();
    let mut threads = Vec::new();
    for (greeting, seconds) in greetings {
        let (permits, sender) = (permits.clone(), sender.clone());
        threads.push(event_loop.spawn(async move {
            // The task drops its permit at its end, and another task goes on.
            let _permit = permits.acquire().await;
            let thread = smol::unblock(move || greeting_with_sleep(greeting, seconds));
            sender.send(thread.await).await.expect("main holds the receiver");
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

pub fn main() {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_threading(&event_loop)));
}
