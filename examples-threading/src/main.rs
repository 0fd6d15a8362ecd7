//! The command line: runs the section's listings, or one of them.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use examples_threading::beyond::{cpu_bound, crowd};
use examples_threading::{creating_a_thread, joining_threads, multiple_threads};

/// Runs the document's section on threading: every listing in turn, or one of them
#[derive(Parser)]
struct CommandLine {
    /// The listing to run [default: each of the document's in turn]
    listing: Option<Listing>,

    /// The implementation to run
    #[arg(long, default_value = "std-only")]
    runtime: Runtime,

    /// How many greeters the crowd has [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    count: Option<u32>,

    /// How many rounds each of cpu-bound's workers computes [default: 80000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rounds: Option<u64>,

    /// List the listings, each with its heading and folder
    #[arg(long, exclusive = true)]
    list: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Listing {
    /// Python threading Module
    CreatingAThread,
    /// Using Multiple Threads in Python
    MultipleThreads,
    /// Joining a Thread
    JoiningThreads,
    /// A Crowd of Greeters (beyond the document)
    Crowd,
    /// Work for the Processor (beyond the document)
    CpuBound,
}

#[derive(Clone, Copy, ValueEnum)]
enum Runtime {
    /// std::thread
    StdOnly,
    /// tokio::task::spawn_blocking
    Tokio,
    /// async_std::task::spawn_blocking
    AsyncStd,
    /// smol::unblock
    Smol,
}

fn run(listing: Listing, command_line: &CommandLine) -> io::Result<()> {
    use {Listing::*, Runtime::*};
    let count = command_line.count.unwrap_or(1_000) as usize;
    let rounds = command_line.rounds.unwrap_or(80_000_000);
    match (listing, command_line.runtime) {
        (CreatingAThread, StdOnly) => creating_a_thread::std_only::main(),
        (CreatingAThread, Tokio) => creating_a_thread::tokio::main(),
        (CreatingAThread, AsyncStd) => creating_a_thread::async_std::main(),
        (CreatingAThread, Smol) => creating_a_thread::smol::main(),
        (MultipleThreads, StdOnly) => multiple_threads::std_only::main(),
        (MultipleThreads, Tokio) => multiple_threads::tokio::main(),
        (MultipleThreads, AsyncStd) => multiple_threads::async_std::main(),
        (MultipleThreads, Smol) => multiple_threads::smol::main(),
        (JoiningThreads, StdOnly) => joining_threads::std_only::main(),
        (JoiningThreads, Tokio) => joining_threads::tokio::main(),
        (JoiningThreads, AsyncStd) => joining_threads::async_std::main(),
        (JoiningThreads, Smol) => joining_threads::smol::main(),
        (Crowd, StdOnly) => return crowd::std_only::main(count),
        (Crowd, Tokio) => crowd::tokio::main(count),
        (Crowd, AsyncStd) => crowd::async_std::main(count),
        (Crowd, Smol) => crowd::smol::main(count),
        (CpuBound, StdOnly) => cpu_bound::std_only::main(rounds),
        (CpuBound, Tokio) => cpu_bound::tokio::main(rounds),
        (CpuBound, AsyncStd) => cpu_bound::async_std::main(rounds),
        (CpuBound, Smol) => cpu_bound::smol::main(rounds),
    }
    Ok(())
}

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    if command_line.list {
        let mut stdout = io::stdout().lock();
        for listing in Listing::value_variants() {
            // It is no error if the reader of a pipe has read enough.
            let _ = writeln!(
                stdout,
                "{:<20}{:<46}{}",
                name(listing),
                heading(listing),
                folder(listing)
            );
        }
        return ExitCode::SUCCESS;
    }
    if command_line.count.is_some() && !matches!(command_line.listing, Some(Listing::Crowd)) {
        misused("--count is for crowd");
    }
    if command_line.rounds.is_some() && !matches!(command_line.listing, Some(Listing::CpuBound)) {
        misused("--rounds is for cpu-bound");
    }
    let runtime = command_line.runtime;
    let listings = match command_line.listing {
        Some(listing) => vec![listing],
        None => Listing::value_variants().iter().copied().filter(is_in_the_document).collect(),
    };
    for listing in listings {
        if command_line.listing.is_none() {
            let file = name(&runtime).replace('-', "_");
            eprintln!("# {} ({}/{file}.rs)", heading(&listing), folder(&listing));
        }
        if let Err(error) = run(listing, &command_line) {
            eprintln!("error: cannot run {} with {}: {error}", name(&listing), name(&runtime));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Tells what is wrong with the command line, as clap does, and ends the program with status 2.
fn misused(message: &str) -> ! {
    CommandLine::command().error(ErrorKind::ArgumentConflict, message).exit()
}

fn is_in_the_document(listing: &Listing) -> bool {
    !matches!(listing, Listing::Crowd | Listing::CpuBound)
}

fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().expect("no name is skipped").get_name().to_owned()
}

fn heading(listing: &Listing) -> String {
    let value = listing.to_possible_value().expect("no listing is skipped");
    value.get_help().expect("every listing has a heading").to_string()
}

fn folder(listing: &Listing) -> String {
    let beyond = if is_in_the_document(listing) { "" } else { "beyond/" };
    format!("{}/src/{beyond}{}", env!("CARGO_PKG_NAME"), name(listing).replace('-', "_"))
}
