//! The command line: runs the section's listings, or one of them.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use examples_asyncio::{multiple_tasks, newer_syntax, older_syntax};

/// Runs the document's section on asyncio: every listing in turn, or one of them
#[derive(Parser)]
struct CommandLine {
    /// The listing to run [default: each in turn]
    listing: Option<Listing>,

    /// The implementation to run
    #[arg(long, default_value = "tokio")]
    runtime: Runtime,

    /// List the listings, each with its heading and folder
    #[arg(long, exclusive = true)]
    list: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Listing {
    /// Python asyncio Module, older syntax
    OlderSyntax,
    /// Python asyncio Module, newer syntax
    NewerSyntax,
    /// Multiple Asynchronous Tasks
    MultipleTasks,
}

#[derive(Clone, Copy, ValueEnum)]
enum Runtime {
    /// The standard library alone, with this package's event loop
    StdOnly,
    /// A current-thread runtime
    Tokio,
    /// task::block_on
    AsyncStd,
    /// LocalExecutor and block_on
    Smol,
}

fn run(listing: Listing, runtime: Runtime) -> io::Result<()> {
    use {Listing::*, Runtime::*};
    match (listing, runtime) {
        (OlderSyntax, StdOnly) => older_syntax::std_only::main(),
        (OlderSyntax, Tokio) => older_syntax::tokio::main(),
        (OlderSyntax, AsyncStd) => older_syntax::async_std::main(),
        (OlderSyntax, Smol) => older_syntax::smol::main(),
        (NewerSyntax, StdOnly) => newer_syntax::std_only::main(),
        (NewerSyntax, Tokio) => newer_syntax::tokio::main(),
        (NewerSyntax, AsyncStd) => newer_syntax::async_std::main(),
        (NewerSyntax, Smol) => newer_syntax::smol::main(),
        (MultipleTasks, StdOnly) => multiple_tasks::std_only::main(),
        (MultipleTasks, Tokio) => multiple_tasks::tokio::main(),
        (MultipleTasks, AsyncStd) => multiple_tasks::async_std::main(),
        (MultipleTasks, Smol) => multiple_tasks::smol::main(),
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
