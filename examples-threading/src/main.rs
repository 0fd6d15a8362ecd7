//! The command line: runs the section's listings, or one of them.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use examples_threading::{creating_a_thread, joining_threads, multiple_threads};

/// Runs the document's section on threading: every listing in turn, or one of them
#[derive(Parser)]
struct CommandLine {
    /// The listing to run [default: each in turn]
    listing: Option<Listing>,

    /// The implementation to run
    #[arg(long, default_value = "std-only")]
    runtime: Runtime,

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

fn run(listing: Listing, runtime: Runtime) -> io::Result<()> {
    use {Listing::*, Runtime::*};
    match (listing, runtime) {
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
                "{:<20}{:<42}{}",
                name(listing),
                heading(listing),
                folder(listing)
            );
        }
        return ExitCode::SUCCESS;
    }
    let runtime = command_line.runtime;
    let listings = match command_line.listing {
        Some(listing) => vec![listing],
        None => Listing::value_variants().to_vec(),
    };
    for listing in listings {
        if command_line.listing.is_none() {
            let file = name(&runtime).replace('-', "_");
            eprintln!("# {} ({}/{file}.rs)", heading(&listing), folder(&listing));
        }
        if let Err(error) = run(listing, runtime) {
            eprintln!("error: cannot run {} with {}: {error}", name(&listing), name(&runtime));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().expect("no name is skipped").get_name().to_owned()
}

fn heading(listing: &Listing) -> String {
    let value = listing.to_possible_value().expect("no listing is skipped");
    value.get_help().expect("every listing has a heading").to_string()
}

fn folder(listing: &Listing) -> String {
    format!("{}/src/{}", env!("CARGO_PKG_NAME"), name(listing).replace('-', "_"))
}
