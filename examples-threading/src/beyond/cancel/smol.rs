//! Stopping the Others, beyond the document, with smol.
//!
//! `cargo run -p examples-threading -- cancel --runtime smol`

use std::time::{Duration, Instant};

use smol::Timer;
use smol::channel::{self, Receiver, Sender};
use smol::future::or;

fn greeting_with_sleep(string: &str, stop: Receiver<()>, answers: Sender<String>) {
    println!("{string}");
    let time = Duration::from_secs(if string == "Hisham" { 2 } else { 60 });
    // A thread cannot be stopped from outside, so it asks. This waits until the channel is closed,
    // or the time is up. (Nothing ends thread::sleep() early.)
    let is_closed = async { stop.recv().await.is_err() };
    let too_late = async {
        Timer::after(time).await;
        false
    };
    if smol::block_on(or(is_closed, too_late)) {
        println!("{string} is cancelled");
    } else {
        answers.send_blocking(format!("{string} says hello!")).expect("main holds the receiver");
    }
}

async fn main_threading() {
    let s = Instant::now();
    let (stop, receiver) = channel::bounded(1); // Nobody sends. Dropping the sender closes it.
    let (sender, answers) = channel::unbounded();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        let (receiver, sender) = (receiver.clone(), sender.clone());
        let t = smol::unblock(move || greeting_with_sleep(greeting, receiver, sender));
        threads.push(t);
    }
    drop(sender); // If all greeters panic, recv() returns an error.

    // Waits for the first answer.
    println!("{}", answers.recv().await.expect("the greeters panicked"));
    drop(stop);
    for thread in threads {
        thread.await;
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    smol::block_on(main_threading());
}
