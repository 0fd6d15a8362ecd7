//! All Together, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- together --runtime std-only`

use std::collections::BTreeMap;
use std::process;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

enum Error {
    NoAnswer,
    Cancelled,
}

/// Waits until the flag is set, or the time is up. Returns whether it is set.
fn wait(stop: &(Mutex<bool>, Condvar), time: Duration) -> bool {
    let flag = stop.0.lock().expect("a thread panicked");
    let waited = stop.1.wait_timeout_while(flag, time, |is_set| !*is_set);
    *waited.expect("a thread panicked").0
}

fn fetch(page: u32, attempt: u32, stop: &(Mutex<bool>, Condvar)) -> Result<String, Error> {
    if page == 6 || (page == 3 && attempt == 1) {
        return Err(Error::NoAnswer);
    }
    // Nothing ends thread::sleep() early. This waits until the flag is set, or the second is up.
    if wait(stop, Duration::from_secs(1)) {
        return Err(Error::Cancelled);
    }
    Ok(format!("the text of page {page}"))
}

fn checksum(text: &str) -> u32 {
    let mut total: u32 = 0;
    for byte in text.repeat(2000).bytes() {
        total = total.wrapping_mul(31).wrapping_add(byte.into());
    }
    total
}

fn fetch_with_retries(page: u32, stop: &(Mutex<bool>, Condvar)) -> Result<u32, Error> {
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        if wait(stop, Duration::from_millis(pause)) {
            return Err(Error::Cancelled);
        }
        match fetch(page, attempt, stop) {
            Ok(text) => return Ok(checksum(&text)),
            Err(Error::NoAnswer) => println!("page {page} failed, attempt {attempt} of 3"),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
        }
    }
    Err(Error::NoAnswer)
}

fn main_threading() -> i32 {
    let s = Instant::now();
    // std cannot handle Ctrl-C, which ends the process. The crates ctrlc and signal-hook can.
    let stop = Arc::new((Mutex::new(false), Condvar::new()));
    let queue = Arc::new(Mutex::new(1..=8));
    let (sender, receiver) = mpsc::channel();
    let mut threads = Vec::new();
    for _ in 0..4 {
        let (queue, stop, sender) = (queue.clone(), stop.clone(), sender.clone());
        threads.push(thread::spawn(move || {
            let next = || queue.lock().expect("a thread panicked").next();
            while let Some(page) = next() {
                let result = fetch_with_retries(page, &stop);
                sender.send((page, result)).expect("main holds the receiver");
            }
        }));
    }
    drop(sender); // When all senders are dropped, the receiver is disconnected.

    let mut pages = BTreeMap::new();
    let deadline = s + Duration::from_secs(10);
    let status = loop {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((page, Ok(sum))) => {
                println!("page {page} arrived");
                pages.insert(page, sum);
            }
            Ok((_, Err(_))) => {} // Its thread has printed the failures.
            Err(RecvTimeoutError::Disconnected) => break 0,
            Err(RecvTimeoutError::Timeout) => break 1,
        }
    };
    *stop.0.lock().expect("a thread panicked") = true;
    stop.1.notify_all();
    for thread in threads {
        thread.join().expect("fetch panicked");
    }

    println!("{} of 8 pages", pages.len());
    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    status
}

pub fn main() {
    process::exit(main_threading());
}
