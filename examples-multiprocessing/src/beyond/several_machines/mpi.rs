//! Past One Machine, beyond the document, with MPI: greet from several machines.
//!
//! `cargo build --release -p examples-multiprocessing --features mpi`
//! `mpirun -n 4 target/release/examples-multiprocessing several-machines`

use std::hint::black_box;
use std::time::{Duration, Instant};
use std::{io, panic, process, thread};

use mpi::environment::processor_name;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Root};

/// The text of a message, filled with zeros. In Python, a pickled object may have any length. In
/// Rust, a collective sends a fixed number of values of one type.
type Text = [u8; 64];

fn greeting_with_sleep(string: &str) -> String {
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    format!("{string} says hello! from {}", processor_name().unwrap_or_default())
}

fn compute(rounds: u64) -> u64 {
    // The Park-Miller random number generator. Each round needs the result of the one before it, so
    // the rounds cannot overlap.
    let mut x = 1;
    for _ in 0..rounds {
        x = x * 48271 % 2147483647;
    }
    x
}

fn greet(world: &SimpleCommunicator, greetings: [&str; 4]) {
    let s = Instant::now();
    let is_first = world.rank() == 0;
    let first = world.process_at_rank(0);
    // A collective: every rank calls it. Rank 0 calls the variant that also has what all get.
    let mut greeting = to_text("");
    if is_first {
        first.scatter_into_root(&greetings.map(to_text).concat(), &mut greeting);
    } else {
        first.scatter_into(&mut greeting);
    }
    let result = to_text(&greeting_with_sleep(&to_string(&greeting)));
    if !is_first {
        return first.gather_into(&result);
    }

    // In the order of the ranks.
    let mut results = [to_text(""); 4];
    first.gather_into_root(&result, results.as_flattened_mut());
    for result in results {
        println!("{}", to_string(&result));
    }
    let elapsed = s.elapsed().as_secs_f64();
    println!("MPI Elapsed Time: {elapsed:?} seconds");
}

fn share(world: &SimpleCommunicator, rounds: u64) {
    world.barrier(); // Each rank waits here until all have come.
    let s = Instant::now();
    let first = world.process_at_rank(0);
    let result = compute(black_box(rounds));
    if world.rank() != 0 {
        return first.gather_into(&result);
    }
    let mut results = vec![0; 4];
    first.gather_into_root(&result, &mut results);
    let parallel = s.elapsed().as_secs_f64();

    // This comes last, because a rank that waits in a collective polls, which takes a core.
    let s = Instant::now();
    // Without black_box the compiler may see that all four results are the same, and compute one.
    results.extend((0..4).map(|_| compute(black_box(rounds))));
    let serial = s.elapsed().as_secs_f64();

    assert_eq!(results, [results[0]; 8], "the computations returned different results");
    println!("Rounds: {rounds}, each time with the result {}", results[0]);
    println!("Alone: {serial:?} seconds");
    println!("On four ranks: {parallel:?} seconds, speed-up {:.2}", serial / parallel);
}

fn main_mpi(rounds: u64) -> io::Result<()> {
    // This spawns nothing, as Command would. mpirun has started this program four times, on one
    // machine or on several. Each process runs it from the top, and only its rank differs.
    let Some(universe) = mpi::initialize() else {
        return Err(io::Error::other("MPI is initialized already"));
    };
    // A panic drops `universe`, which finalizes MPI: it would wait for the other ranks, and they for
    // this one. So a rank that panics ends all.
    let print_panic = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        print_panic(panic);
        SimpleCommunicator::world().abort(101);
    }));

    let world = universe.world();
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    if world.size() as usize != greetings.len() {
        if world.rank() == 0 {
            eprintln!("error: expected 4 ranks; start it with mpirun -n 4");
        }
        drop(universe); // exit drops nothing.
        process::exit(2);
    }
    greet(&world, greetings);
    share(&world, rounds);
    Ok(())
}

/// `rounds` comes from the command line.
pub fn main(rounds: u64) -> io::Result<()> {
    main_mpi(rounds)
}

/// Cuts what is longer than a text.
fn to_text(string: &str) -> Text {
    let mut text = [0; 64];
    let length = string.len().min(text.len());
    text[..length].copy_from_slice(&string.as_bytes()[..length]);
    text
}

/// The inverse of [`to_text`].
fn to_string(text: &Text) -> String {
    String::from_utf8_lossy(text).trim_end_matches('\0').to_owned()
}
