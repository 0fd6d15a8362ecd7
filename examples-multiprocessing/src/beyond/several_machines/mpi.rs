//! Past One Machine, beyond the document, with rsmpi (the crate mpi).
//!
//! `cargo build --release -p examples-multiprocessing --features mpi`
//! `mpirun -n 4 target/release/examples-multiprocessing several-machines`
//!
//! This is MPI: mpirun starts the program four times, on one machine or on several. Each process is
//! a rank. It runs the program from the top, and only its number differs. In a collective all ranks
//! take part, and one of them may be the root, which sends to all or receives from all.
//!
//! Command would start a program, with arguments that say what to do, and a pipe for the result.
//! Here there is no parent, and collectives take the place of wait() and of pipes.

use std::hint::black_box;
use std::time::{Duration, Instant};
use std::{io, panic, thread};

use mpi::environment::processor_name;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Root};

/// A text, padded with zeros. mpi4py pickles objects of any length. Here each rank's message has
/// the same length.
type Text = [u8; 128];

fn greeting_with_sleep(string: &str) -> String {
    println!("{string}");
    thread::sleep(Duration::from_secs(2));
    format!("{string} says hello! from {}", processor_name().expect("a host name is UTF-8"))
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
    let is_root = world.rank() == 0;
    let root = world.process_at_rank(0);
    // A collective: every rank makes this call. The root's is another method, which also takes the
    // messages for all ranks.
    let mut greeting = to_text("");
    if is_root {
        root.scatter_into_root(greetings.map(to_text).as_flattened(), &mut greeting);
    } else {
        root.scatter_into(&mut greeting);
    }
    let result = to_text(&greeting_with_sleep(&to_string(&greeting)));
    if !is_root {
        return root.gather_into(&result);
    }

    // In the order of the ranks.
    let mut results = [to_text(""); 4];
    root.gather_into_root(&result, results.as_flattened_mut());
    for result in results {
        println!("{}", to_string(&result));
    }
    let elapsed = s.elapsed().as_secs_f64();
    println!("MPI Elapsed Time: {elapsed:?} seconds");
}

fn compute_in_parallel(world: &SimpleCommunicator, rounds: u64) {
    world.barrier(); // Waits until every rank has called it.
    let s = Instant::now();
    let root = world.process_at_rank(0);
    // The root computes a share, too. In cpu-bound, the parent only waits.
    let result = compute(rounds);
    if world.rank() != 0 {
        return root.gather_into(&result);
    }
    let mut results = vec![0; 4];
    root.gather_into_root(&result, &mut results);
    let parallel = s.elapsed().as_secs_f64();

    // This comes last. Before it, the other ranks would wait in gather_into, where they poll, each
    // on a core. Now they wait where main_mpi drops `universe`, where they do not.
    let s = Instant::now();
    // Without black_box the compiler may see that all results are the same, and compute one.
    results.extend((0..4).map(|_| compute(black_box(rounds))));
    let serial = s.elapsed().as_secs_f64();

    assert_eq!(results, [results[0]; 8], "the computations returned different results");
    println!("Rounds: {rounds}, each time with the result {}", results[0]);
    println!("Sequential: {serial:?} seconds");
    println!("On four ranks: {parallel:?} seconds, speed-up {:.2}", serial / parallel);
}

fn main_mpi(rounds: u64) -> io::Result<()> {
    let Some(universe) = mpi::initialize() else {
        return Err(io::Error::other("MPI is initialized already"));
    };
    // A panic would drop `universe`. That finalizes MPI, which waits for the other ranks, and they
    // wait for this one. So a panic in one rank ends all.
    let print_panic = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        print_panic(panic);
        SimpleCommunicator::world().abort(101);
    }));

    let world = universe.world(); // All ranks.
    let greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"];
    if world.size() as usize != greetings.len() {
        let error = io::Error::other("expected 4 ranks; start it with mpirun -n 4");
        return if world.rank() == 0 { Err(error) } else { Ok(()) };
    }
    greet(&world, greetings);
    compute_in_parallel(&world, rounds);
    Ok(())
}

/// `rounds` comes from the command line.
pub fn main(rounds: u64) -> io::Result<()> {
    main_mpi(rounds)
}

/// A longer string is cut.
fn to_text(string: &str) -> Text {
    let mut text = [0; 128];
    let length = string.len().min(text.len());
    text[..length].copy_from_slice(&string.as_bytes()[..length]);
    text
}

/// The inverse of [`to_text`].
fn to_string(text: &Text) -> String {
    String::from_utf8_lossy(text).trim_end_matches('\0').to_owned()
}
