//! Stopping the Others, beyond the document, with tokio.
//!
//! `cargo run -p examples-threading -- cancel --runtime tokio`

use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::sync::watch::{self, Receiver};
use tokio::task;
use tokio::time::timeout;

fn greeting_with_sleep(string: &str, mut stop: Receiver<bool>, answers: UnboundedSender<String>) {
    println!("{string}");
    let time = Duration::from_secs(if string == "Hisham" { 2 } else { 60 });
    // A thread cannot be stopped from outside, so it asks. This waits until the flag is set, or
    // the time is up. (Nothing ends thread::sleep() early.)
    let is_set = timeout(time, stop.wait_for(|is_set| *is_set));
    if Handle::current().block_on(is_set).is_ok() {
        println!("{string} is cancelled");
    } else {
        answers.send(format!("{string} says hello!")).expect("main holds the receiver");
    }
}

async fn main_threading() {
    let s = Instant::now();
    let (stop, receiver) = watch::channel(false); // All its receivers see the last value.
    let (sender, mut answers) = mpsc::unbounded_channel();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        let (receiver, sender) = (receiver.clone(), sender.clone());
        let t = task::spawn_blocking(move || greeting_with_sleep(greeting, receiver, sender));
        threads.push(t);
    }
    drop(sender); // If all greeters panic, recv() returns None.

    // Waits for the first answer.
    println!("{}", answers.recv().await.expect("the greeters panicked"));
    stop.send(true).expect("main holds a receiver");
    for thread in threads {
        thread.await.expect("the greeter panicked");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

// The greeters' time limits need the runtime's clock, which runs on this thread while it awaits.
#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    main_threading().await;
}
