//! Stopping the Others, beyond the document, with std alone and this package's event loop.
//!
//! `cargo run -p examples-asyncio -- cancel --runtime std-only`

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::event_loop::{Queue, Task, create_task, run, sleep};

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
    let answers = Rc::new(Queue::new());
    let tasks = greetings.map(|greeting| {
        let answers = answers.clone();
        create_task(async move { answers.put_nowait(greeting.await) })
    });
    println!("{}", answers.get().await); // Waits for the first answer.

    // cancel() returns false if the task is done, as the one that answered is.
    let cancelled = tasks.map(Task::cancel).into_iter().filter(|is_cancelled| *is_cancelled);
    assert_eq!(cancelled.count(), 3, "a greeter panicked");
    sleep(Duration::ZERO).await; // The loop drops the futures before this task resumes.

    let elapsed = s.elapsed().as_secs_f64();
    println!("Asyncio Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    run(main_async());
}
