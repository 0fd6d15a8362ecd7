//! A Crowd of Greeters, beyond the document, with std alone.
//!
//! `cargo run --release -p examples-threading -- crowd --count 1000 --runtime std-only`

use std::time::{Duration, Instant};
use std::{io, thread};

fn silent_greeting() {
    thread::sleep(Duration::from_secs(2));
}

fn main_threading(count: usize) -> io::Result<()> {
    let s = Instant::now();
    let mut threads = Vec::new();
    let mut shortage = None;
    for number in 1..=count {
        // As small a stack as Linux allows on most machines; where more is needed, std gives more.
        // Without this it is 2 MiB, of which a thread uses what it touches.
        let builder = thread::Builder::new().stack_size(16 * 1024);
        // thread::spawn would panic if there can't be another thread. This returns an error. (But from
        // about 16,000 threads on Linux may run out of memory mappings, of which each has four. A
        // thread that finds none for itself aborts the program.)
        match builder.spawn(silent_greeting) {
            Ok(t) => threads.push(t),
            Err(error) => {
                let what = format!("thread {number} of {count}: {error}");
                shortage = Some(io::Error::new(error.kind(), what));
                break;
            }
        }
    }

    for thread in threads {
        thread.join().expect("the greeting does not panic");
    }
    if let Some(error) = shortage {
        return Err(error);
    }

    let elapsed = s.elapsed().as_secs_f64();
    println!("Threading Elapsed Time: {elapsed:?} seconds");
    Ok(())
}

/// `count` is that of the command line.
pub fn main(count: usize) -> io::Result<()> {
    main_threading(count)
}
