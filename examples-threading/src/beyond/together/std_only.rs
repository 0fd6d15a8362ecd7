//! All Together, beyond the document, with std alone.
//!
//! `cargo run -p examples-threading -- together --runtime std-only`

use std::io::{self, ErrorKind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Waits until the flag is set, or the time is up. Returns whether it is set.
fn wait(stop: &(Mutex<bool>, Condvar), time: Duration) -> bool {
    let flag = stop.0.lock().expect("a thread panicked");
    let waited = stop.1.wait_timeout_while(flag, time, |is_set| !*is_set);
    *waited.expect("a thread panicked").0
}

fn fetch(page: u32, attempt: u32, stop: &(Mutex<bool>, Condvar)) -> io::Result<String> {
    if page == 6 || (page == 3 && attempt == 1) {
        return Err(ErrorKind::ConnectionReset.into());
    }
    // Nothing ends thread::sleep() early. This ends when the flag is set.
    let text = format!("the text of page {page}");
    if wait(stop, Duration::from_secs(1)) { Err(ErrorKind::Interrupted.into()) } else { Ok(text) }
}

fn checksum(text: &str) -> u32 {
    let bytes = text.repeat(2000).into_bytes();
    bytes.iter().fold(0, |total, byte| total.wrapping_mul(31).wrapping_add((*byte).into()))
}

fn fetch_with_retries(page: u32, stop: &(Mutex<bool>, Condvar)) -> Option<u32> {
    for (attempt, pause) in [(1, 0), (2, 50), (3, 100)] {
        if wait(stop, Duration::from_millis(pause)) {
            break;
        }
        match fetch(page, attempt, stop) {
            Ok(text) => return Some(checksum(&text)),
            Err(error) if error.kind() == ErrorKind::Interrupted => break,
            Err(_) => println!("page {page} failed, attempt {attempt} of 3"),
        }
    }
    None
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
    let mut pages = Vec::new();
    let deadline = s + Duration::from_secs(10);
    let status = loop {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((page, Some(sum))) => {
                println!("page {page} arrived");
                pages.push(sum);
            }
            Ok((_, None)) => {} // Its thread has printed the failures.
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
    std::process::exit(main_threading());
}
