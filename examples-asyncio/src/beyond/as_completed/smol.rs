//! Taking Results as They Come, beyond the document, with smol.
//!
//! `cargo run -p examples-asyncio -- as-completed --runtime smol`

use std::rc::Rc;
use std::time::{Duration, Instant};

use smol::lock::Semaphore;
use smol::{LocalExecutor, Timer, channel};

async fn greeting_with_sleep_async(string: &str, seconds: u64) -> String {
    Timer::after(Duration::from_secs(seconds)).await;
    format!("{string} says hello!")
}

async fn greeting_in_turn(string: &str, seconds: u64, semaphore: Rc<Semaphore>) -> String {
    // Waits for one of the permits. Dropping it releases it.
    let _permit = semaphore.acquire().await;
    greeting_with_sleep_async(string, seconds).await
}

async fn main_async(event_loop: &LocalExecutor<'_>) {
    let s = Instant::now();
    let semaphore = Rc::new(Semaphore::new(3));
    let greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    let (sender, receiver) = channel::unbounded();
    for (string, seconds) in greetings {
        let greeting = greeting_in_turn(string, seconds, semaphore.clone());
        let sender = sender.clone();
        let send = async move { sender.send(greeting.await).await };
        event_loop.spawn(send).detach(); // Dropping the handle would cancel the task.
    }
    drop(sender); // recv() returns an error when all senders are dropped.
    let mut count = 0;
    while let Ok(greeting) = receiver.recv().await {
        println!("{greeting}");
        count += 1;
    }
    // A greeter that panics drops its sender, and sends nothing.
    assert_eq!(count, greetings.len(), "a greeter panicked");

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)));
}
