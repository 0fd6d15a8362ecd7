//! The command line: runs the section's listings, or one of them.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use examples_multiprocessing::{multiple_processes, one_process};

/// Runs the document's section on multiprocessing: every listing in turn, or one of them
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

    /// What a child process is to do: the listings start this program again, with this, and read it
    #[arg(long, hide = true, requires = "listing")]
    greeting_with_sleep: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Listing {
    /// Python multiprocessing Module
    OneProcess,
    /// Using Multiple Processes
    MultipleProcesses,
}

#[derive(Clone, Copy, ValueEnum)]
enum Runtime {
    /// std::process
    StdOnly,
    /// tokio::process
    Tokio,
    /// async_std::process
    AsyncStd,
    /// smol::process
    Smol,
}

fn run(listing: Listing, runtime: Runtime) -> io::Result<()> {
    use {Listing::*, Runtime::*};
    match (listing, runtime) {
        (OneProcess, StdOnly) => one_process::std_only::main(),
        (OneProcess, Tokio) => one_process::tokio::main(),
        (OneProcess, AsyncStd) => one_process::async_std::main(),
        (OneProcess, Smol) => one_process::smol::main(),
        (MultipleProcesses, StdOnly) => multiple_processes::std_only::main(),
        (MultipleProcesses, Tokio) => multiple_processes::tokio::main(),
        (MultipleProcesses, AsyncStd) => multiple_processes::async_std::main(),
        (MultipleProcesses, Smol) => multiple_processes::smol::main(),
    }
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
