//! Stopping the Others, beyond the document, with smol.
//!
//! `cargo run -p examples-asyncio -- cancel --runtime smol`

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use smol::{LocalExecutor, Task, Timer};

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
    Timer::after(Duration::from_secs(if string == "Hisham" { 2 } else { 60 })).await;
    on_cancel.0 = None; // From here on, it can no longer be cancelled.
    format!("{string} says hello!")
}

/// Waits for the first task that ends, as `asyncio.wait` does.
async fn first_completed(tasks: &mut [Task<String>]) -> String {
    poll_fn(|cx| {
        let mut polls = tasks.iter_mut().map(|task| Pin::new(task).poll(cx));
        polls.find(Poll::is_ready).unwrap_or(Poll::Pending)
    })
    .await
}

async fn main_async(event_loop: &LocalExecutor<'_>) {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"].map(greeting_with_sleep_async);
    let mut tasks = greetings.map(|greeting| event_loop.spawn(greeting));
    println!("{}", first_completed(&mut tasks).await);

    // Drops each future, and waits for that. Cancelling a task that is done does nothing.
    for task in tasks {
        task.cancel().await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    let event_loop = LocalExecutor::new();
    smol::block_on(event_loop.run(main_async(&event_loop)));
}
