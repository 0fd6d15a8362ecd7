//! A Map over Many Items, beyond the document, with std alone.
//!
//! `cargo run --release -p examples-multiprocessing -- parallel-map --runtime std-only`

use std::ops::Range;
use std::sync::Mutex;
use std::{io, thread};

fn is_prime(number: u64) -> bool {
    number > 1 && (2..=number.isqrt()).all(|divisor| number % divisor != 0)
}

fn count_primes(block: &Range<u64>) -> usize {
    block.clone().filter(|number| is_prime(*number)).count()
}

fn main_multiprocessing(below: u64) -> io::Result<()> {
    let block = |start| start..below.min(start + 1_000);
    let blocks: Vec<_> = (0..below).step_by(1_000).map(block).collect();

    // Rust needs no processes here: its threads compute in parallel. They share memory, so nothing
    // is pickled or sent.
    let threads = thread::available_parallelism()?.get();
    let mut counts = vec![0; blocks.len()];
    // Four is the chunk size. A thread takes four blocks at a time, and the places of their counts.
    let chunks = Mutex::new(blocks.chunks(4).zip(counts.chunks_mut(4)));
    let work = || {
        let next = || chunks.lock().expect("a thread panicked").next(); // unlocks before it returns
        while let Some((blocks, counts)) = next() {
            for (block, count) in blocks.iter().zip(counts) {
                *count = count_primes(block);
            }
        }
    };
    // At its end, the scope joins its threads, so they may borrow local variables.
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    println!("There are {} primes below {below}", counts.iter().sum::<usize>());
    Ok(())
}

/// `below` comes from the command line.
pub fn main(below: u64) -> io::Result<()> {
    main_multiprocessing(below)
}
