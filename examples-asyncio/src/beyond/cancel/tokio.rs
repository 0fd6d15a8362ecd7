//! Stopping the Others, beyond the document, with tokio.
//!
//! `cargo run -p examples-asyncio -- cancel --runtime tokio`

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

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
    let mut tasks = JoinSet::new();
    for greeting in greetings {
        tasks.spawn_local(greeting);
    }
    let first = tasks.join_next().await.expect("there are four");
    println!("{}", first.expect("the greeter panicked"));

    // Aborts the others, and waits until their futures are dropped.
    tasks.shutdown().await;

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

#[tokio::main(flavor = "local")]
pub async fn main() {
    main_async().await;
}
