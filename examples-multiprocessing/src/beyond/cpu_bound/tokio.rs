//! CPU-bound Work, beyond the document, with tokio.
//!
//! `cargo run --release -p examples-multiprocessing -- cpu-bound --runtime tokio`

use std::hint::black_box;
use std::io::Write;
use std::process::Stdio;
use std::time::Instant;
use std::{env, io};

use tokio::process::Command;
use tokio::runtime::Builder;

fn compute(rounds: u64) -> u64 {
    // The Park-Miller random number generator. Each round needs the result of the one before it, so
    // the rounds cannot overlap.
    let mut x = 1;
    for _ in 0..rounds {
        x = x * 48271 % 2147483647;
    }
    x
}

fn compute_and_send(rounds: u64) -> io::Result<()> {
    // If the parent has ended, the pipe is closed. Then println! would panic.
    writeln!(io::stdout(), "{}", compute(rounds))
}

fn sequential(rounds: u64) -> Vec<u64> {
    // Without black_box the compiler may see that all four results are the same, and compute one.
    (0..4).map(|_| compute(black_box(rounds))).collect()
}

async fn concurrent(rounds: u64) -> io::Result<Vec<u64>> {
    let program = env::current_exe()?;
    let mut processes = Vec::new();
    for _ in 0..4 {
        // A process shares no memory with its parent, so it prints its result into a pipe.
        let p = Command::new(&program)
            .args(["cpu-bound", "--runtime", "tokio"])
            .args(["--compute", &rounds.to_string()])
            .stdout(Stdio::piped())
            .spawn();
        processes.push(p);
    }

    let mut outputs = Vec::new();
    for process in processes {
        // No `?` here: an early return would leave the other processes running.
        outputs.push(match process {
            Ok(process) => process.wait_with_output().await,
            Err(error) => Err(error),
        });
    }

    let mut results = Vec::new();
    for output in outputs {
        let output = output?;
        let Ok(result) = String::from_utf8_lossy(&output.stdout).trim().parse() else {
            let what = format!("a process ended without a result, {}", output.status);
            return Err(io::Error::other(what));
        };
        results.push(result);
    }
    Ok(results)
}

async fn main_multiprocessing(rounds: u64) -> io::Result<()> {
    let s = Instant::now();
    let mut results = sequential(rounds);
    let serial = s.elapsed().as_secs_f64();

    let s = Instant::now();
    results.extend(concurrent(rounds).await?);
    let parallel = s.elapsed().as_secs_f64();

    assert_eq!(results, [results[0]; 8], "the computations returned different results");
    println!("Rounds: {rounds}, each time with the result {}", results[0]);
    println!("Sequential: {serial:?} seconds");
    // Processes run in parallel. In Rust, threads do, too, and they cost less.
    println!("Concurrent: {parallel:?} seconds, speed-up {:.2}", serial / parallel);
    Ok(())
}

/// `rounds` comes from the command line.
pub fn main(rounds: u64) -> io::Result<()> {
    let mut args = env::args();
    if args.any(|arg| arg == "--compute") {
        let rounds = args.next().and_then(|arg| arg.parse().ok());
        return compute_and_send(rounds.ok_or(io::ErrorKind::InvalidInput)?);
    }

    // A child needs no runtime, so this is not #[tokio::main].
    Builder::new_current_thread().enable_all().build()?.block_on(main_multiprocessing(rounds))
}
