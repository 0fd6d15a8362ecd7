//! Taking Results as They Come, beyond the document, with async-std.
//!
//! `cargo run -p examples-asyncio -- as-completed --runtime async-std`

use std::time::{Duration, Instant};

use async_std::channel::{self, Receiver, Sender};
use async_std::task::{self, sleep};

struct Permit(Receiver<()>);

impl Drop for Permit {
    fn drop(&mut self) {
        let _ = self.0.try_recv(); // This makes room for another permit.
    }
}

async fn greeting_with_sleep_async(string: &str, seconds: u64) -> String {
    sleep(Duration::from_secs(seconds)).await;
    format!("{string} says hello!")
}

async fn greeting_in_turn(
    string: &str,
    seconds: u64,
    (sender, receiver): (Sender<()>, Receiver<()>),
) -> String {
    sender.send(()).await.expect("this task holds a receiver"); // This waits for room.
    let _permit = Permit(receiver);
    greeting_with_sleep_async(string, seconds).await
}

async fn main_async() {
    let s = Instant::now();
    let permits = channel::bounded(3); // async-std has no semaphore. This has room for three.
    let greetings = [("Codecademy", 2), ("Hisham", 2), ("Chelsea", 1), ("Ashley", 1)];
    let (sender, receiver) = channel::unbounded();
    for (string, seconds) in greetings {
        let greeting = greeting_in_turn(string, seconds, permits.clone());
        let sender = sender.clone();
        let send = async move { sender.send(greeting.await).await };
        task::spawn_local(send);
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

#[async_std::main]
pub async fn main() {
    main_async().await;
}
