//! Stopping the Others, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- cancel --runtime std-only`

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::event_loop::{Task, create_task, run, sleep};

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

async fn main_async() {
    let s = Instant::now();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"].map(greeting_with_sleep_async);
    let mut tasks = greetings.map(create_task);
    println!("{}", first_completed(&mut tasks).await);

    // Cancelling a task that is done does nothing.
    tasks.into_iter().for_each(Task::cancel);
    sleep(Duration::ZERO).await; // The loop drops the futures before this task resumes.

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
