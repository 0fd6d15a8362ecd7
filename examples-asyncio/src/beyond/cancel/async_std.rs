//! Stopping the Others, beyond the document, with async-std.
//!
//! `cargo run -p examples-asyncio -- cancel --runtime async-std`

use std::time::{Duration, Instant};

use async_std::channel;
use async_std::task::{self, sleep};

struct OnCancel<'a>(Option<&'a str>);

impl Drop for OnCancel<'_> {
    fn drop(&mut self) {
        if let Some(string) = self.0 {
            println!("{string} is cancelled");
        }
    }
}

async fn greeting_with_sleep_async(string: &str) -> String {
    println!("{string}");
    // Cancelling a task drops its future, with its variables: Drop takes the place of except.
    let mut on_cancel = OnCancel(Some(string));
    sleep(Duration::from_secs(if string == "Hisham" { 2 } else { 60 })).await;
    on_cancel.0 = None; // No await follows, so it can no longer be cancelled.
    format!("{string} says hello!")
}

async fn main_async() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"].map(greeting_with_sleep_async);
    let (sender, answers) = channel::unbounded();
    let tasks = greetings.map(|greeting| {
        let sender = sender.clone();
        task::spawn_local(async move { sender.send(greeting.await).await })
    });
    drop(sender); // If all greeters panic, recv() returns an error.
    println!("{}", answers.recv().await.expect("the greeters panicked"));

    // Drops each future, and waits for that. Cancelling a task that is done does nothing.
    for task in tasks {
        task.cancel().await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

#[async_std::main]
pub async fn main() {
    main_async().await;
}
