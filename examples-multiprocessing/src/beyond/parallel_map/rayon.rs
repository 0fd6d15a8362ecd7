//! A Map over Many Items, beyond the document, with rayon.
//!
//! `cargo run --release -p examples-multiprocessing -- parallel-map --runtime rayon`

use std::ops::Range;

use rayon::prelude::*;

fn is_prime(number: u64) -> bool {
    number > 1 && (2..=number.isqrt()).all(|divisor| number % divisor != 0)
}

fn count_primes(block: &Range<u64>) -> usize {
    block.clone().filter(|number| is_prime(*number)).count()
}

fn main_multiprocessing(below: u64) {
    let block = |start| start..below.min(start + 1_000);
    let blocks: Vec<_> = (0..below).step_by(1_000).map(block).collect();

    // Rust needs no processes here: its threads compute in parallel. The first parallel iterator
    // starts rayon's pool, which has a thread for each core. rayon needs no chunk size: it halves the
    // list, and an idle thread steals a half. with_max_len(4) makes it halve until no part has more
    // than four blocks, like Python's chunks.
    let counts: Vec<_> = blocks.par_iter().with_max_len(4).map(count_primes).collect();
    println!("There are {} primes below {below}", counts.iter().sum::<usize>());
}

/// `below` comes from the command line.
pub fn main(below: u64) {
    main_multiprocessing(below);
}
