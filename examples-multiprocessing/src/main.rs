//! The command line: runs the section's listings, or one of them.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::error::ErrorKind::ArgumentConflict;
use clap::{CommandFactory, Parser};
use examples_multiprocessing::Ports::{self, CpuBound, Crowd, Document, Question, SeveralMachines};
use examples_multiprocessing::{LISTINGS, RUNTIMES};

/// Runs the document's section on multiprocessing: its listings in turn, or one listing
#[derive(Parser)]
#[command(version)]
struct CommandLine {
    /// The listing to run [default: each of the document's in turn]
    #[arg(value_parser = LISTINGS.map(|(name, ..)| name))]
    listing: Option<String>,
    /// The port to run
    #[arg(long, default_value = "std-only", value_parser = RUNTIMES)]
    runtime: String,
    /// How many processes crowd spawns [default: 1,000]
    #[arg(long, requires = "listing", allow_negative_numbers = true, value_parser = count)]
    count: Option<usize>,
    /// How many rounds each computation of cpu-bound and several-machines has [default: 80,000,000]
    #[arg(long, requires = "listing", allow_negative_numbers = true, value_parser = rounds)]
    rounds: Option<u64>,
    /// List the listings in groups, each with its heading and folder
    #[arg(long, exclusive = true)]
    list: bool,
    /// Makes a child call its target: the listings start this program again with one of these
    #[arg(long, aliases = ["silent-greeting", "compute"], num_args = 0..=1)]
    #[arg(hide = true, requires = "listing")]
    greeting_with_sleep: Option<String>,
}

fn run_port(ports: &Ports, port: usize, options: &CommandLine) -> io::Result<()> {
    let message = match (ports, options.count, options.rounds) {
        (Document(ports) | Question(ports), None, None) => return ports[port](),
        (Crowd(ports), count, None) => return ports[port](count.unwrap_or(1_000)),
        (CpuBound(ports), None, rounds) => return ports[port](rounds.unwrap_or(80_000_000)),
        (SeveralMachines(None), ..) => "build with --features mpi, and start with mpirun -n 4",
        (SeveralMachines(_), ..) if port > 0 => "--runtime does not work with several-machines",
        (SeveralMachines(Some(port)), None, rounds) => return port(rounds.unwrap_or(80_000_000)),
        _ => "--count works only with crowd, and --rounds only with cpu-bound and several-machines",
    };
    CommandLine::command().error(ArgumentConflict, message).exit()
}

fn main() -> ExitCode {
    sigpipe::reset(); // A closed pipe, as in `| head -1`, ends this program without an error.
    let options = CommandLine::parse();
    let is_slow = cfg!(debug_assertions) && options.listing.as_deref() == Some("cpu-bound");
    let is_child = std::env::args().any(|arg| arg == "--compute"); // in multiprocessing alone
    if is_slow && !is_child && io::stderr().is_terminal() {
        let package = env!("CARGO_PKG_NAME");
        eprintln!("warning: slow debug build; use cargo run --release -p {package} -- cpu-bound");
    }
    let port = RUNTIMES.iter().position(|name| *name == options.runtime).expect("clap checked it");
    let width = LISTINGS.iter().map(|(_, heading, _)| heading.len()).max().unwrap_or(0) + 2;
    let mut group = "";
    for (name, heading, ports) in LISTINGS {
        let beyond = if matches!(ports, Document(_)) { "" } else { "beyond/" };
        let folder = format!("src/{beyond}{}", name.replace('-', "_"));
        let result = match options.listing.as_deref() {
            _ if options.list => {
                let title = if ports.group() == group { "" } else { ports.group() };
                group = ports.group();
                writeln!(io::stdout(), "{title}  {name:<19}{heading:<width$}{folder}")
            }
            None if beyond.is_empty() => {
                let file = format!("{folder}/{}.rs", options.runtime.replace('-', "_"));
                eprintln!("# {heading} ({}/{file})", env!("CARGO_PKG_NAME"));
                run_port(&ports, port, &options)
            }
            Some(chosen) if chosen == name => run_port(&ports, port, &options),
            _ => continue,
        };
        if let Err(error) = result {
            let what = if options.list { "print the list".into() } else { format!("run {name}") };
            eprintln!("error: cannot {what}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn count(text: &str) -> Result<usize, &'static str> {
    let count = text.parse().ok().filter(|count| (1..=10_000_000).contains(count));
    count.ok_or("expected a number from 1 to 10,000,000")
}

fn rounds(text: &str) -> Result<u64, &'static str> {
    text.parse().ok().filter(|rounds| *rounds > 0).ok_or("expected a number of 1 or more")
}
