//! Stopping the Others, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- cancel --runtime std-only`

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

fn greeting_with_sleep(string: &str, stop: &(Mutex<bool>, Condvar), answers: Sender<String>) {
    println!("{string}");
    let time = Duration::from_secs(if string == "Hisham" { 2 } else { 60 });
    // A thread cannot be stopped from outside, so it asks. This waits until the flag is set, or the
    // time is up. It unlocks while it waits. (Nothing ends thread::sleep() early.)
    let (lock, condvar) = stop;
    let flag = lock.lock().expect("a greeter panicked");
    let waited = condvar.wait_timeout_while(flag, time, |is_set| !*is_set);
    let is_set = *waited.expect("a greeter panicked").0;
    if is_set {
        println!("{string} is cancelled");
    } else {
        answers.send(format!("{string} says hello!")).expect("main holds the receiver");
    }
}

fn main_threading() {
    let s = Instant::now();
    let stop = Arc::new((Mutex::new(false), Condvar::new())); // std has no event.
    let (sender, answers) = mpsc::channel();
    let mut threads = Vec::new();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    for greeting in greetings {
        let (stop, sender) = (stop.clone(), sender.clone());
        let t = thread::spawn(move || greeting_with_sleep(greeting, &stop, sender));
        threads.push(t);
    }
    drop(sender); // If all greeters panic, recv() returns an error.

    // Waits for the first answer.
    println!("{}", answers.recv().expect("the greeters panicked"));
    *stop.0.lock().expect("a greeter panicked") = true;
    stop.1.notify_all();
    for thread in threads {
        thread.join().expect("the greeter panicked");
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
}

pub fn main() {
    main_threading();
}
