//! The harness's command line, and nothing else.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use harness::catalog::{CPU_BOUND, CROWD, DOCUMENT, Section};
use harness::check::{Check, check_all};
use harness::measure::cores::{self, Cores};
use harness::measure::scale::{self, Scale};
use harness::measure::{BUILD, Environment, LIMIT, readme};
use harness::program::{Examples, Implementation, Interpreter, Program};
use harness::run::{Runner, supervisor};
use harness::terminal::{print, progress_bar, show};
use indicatif::HumanCount;

/// Runs every program of the examples, in Rust and in Python, and compares what they print
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: CheckOptions,
}

#[derive(Subcommand)]
enum Command {
    /// Run all programs side by side and show the matrix (the default)
    Check(CheckOptions),
    /// Measure CPU-bound speed-up: four workers, one after another and side by side
    Cores(CoresOptions),
    /// Measure overhead and memory of many threads, tasks and processes
    Scale(ScaleOptions),
    /// Print harness/measured/README.md, rendered from the JSON files beside it
    Readme,
    /// Run a program for a harness that waits at the other end of stdin
    #[command(hide = true)]
    Supervise {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

#[derive(Args)]
struct CheckOptions {
    /// Print one JSON object instead of the matrix
    #[arg(long)]
    json: bool,

    /// Run only this listing; may be repeated
    #[arg(long, value_name = "LISTING", value_parser = PossibleValuesParser::new(listings()))]
    listing: Vec<String>,

    #[command(flatten)]
    selection: Selection,

    /// How many programs run at once; 1 for quiet numbers [default: all]
    #[arg(long, value_name = "N", value_parser = number([1, 65_535]), allow_negative_numbers = true)]
    jobs: Option<u64>,

    /// How many seconds a program may take before it is killed
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    limit: Duration,
}

#[derive(Args)]
struct CoresOptions {
    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    selection: Selection,

    /// How often each program runs
    #[arg(long, value_name = "N", default_value = "3", value_parser = number([1, 65_535]), allow_negative_numbers = true)]
    runs: u64,
}

#[derive(Args)]
struct ScaleOptions {
    /// Print one JSON object instead of the tables
    #[arg(long)]
    json: bool,

    /// Run only this section; may be repeated
    #[arg(long, value_name = "SECTION", value_parser = PossibleValuesParser::new(sections()))]
    section: Vec<String>,

    #[command(flatten)]
    selection: Selection,

    /// The largest number in every section [default: 1,000,000 tasks, 10,000 threads, 1,000 processes]
    #[arg(long, value_name = "N", value_parser = number(scale::RANGE), allow_negative_numbers = true)]
    max: Option<u64>,

    /// How often each program runs with each number
    #[arg(long, value_name = "N", default_value = "1", value_parser = number([1, 65_535]), allow_negative_numbers = true)]
    runs: u64,
}

/// Which implementations run.
#[derive(Args)]
struct Selection {
    /// Run only this implementation; may be repeated
    #[arg(long, value_name = "IMPLEMENTATION")]
    implementation: Vec<Implementation>,

    /// The Python to run, a column each if repeated [default: python3, if there is one]
    #[arg(long, value_name = "PATH", conflicts_with = "no_python")]
    python: Vec<PathBuf>,

    /// Skip the Python programs
    #[arg(long)]
    no_python: bool,
}

impl Selection {
    fn has(&self, implementation: Implementation) -> bool {
        self.implementation.is_empty() || self.implementation.contains(&implementation)
    }
}

fn sections() -> impl Iterator<Item = &'static str> {
    DOCUMENT.iter().map(|section| section.name)
}

fn listings() -> Vec<&'static str> {
    let mut names = Vec::new();
    for listing in DOCUMENT.iter().flat_map(Section::checked_listings) {
        // Some are in several sections.
        if !names.contains(&listing.name) {
            names.push(listing.name);
        }
    }
    names
}

fn number([least, most]: [u64; 2]) -> impl Fn(&str) -> Result<u64, String> + Clone + Send + Sync {
    move |text| {
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        let expected =
            || format!("expected a number from {} to {}", HumanCount(least), HumanCount(most));
        number.ok_or_else(expected)
    }
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let limit = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit.filter(|limit| !limit.is_zero()).ok_or("expected a positive number of seconds")
}

fn main() -> ExitCode {
    let result = match CommandLine::try_parse() {
        Ok(CommandLine { command: None, check }) => run_check(check),
        Ok(CommandLine { command: Some(command), .. }) => match command {
            Command::Check(options) => run_check(options),
            Command::Cores(options) => run_cores(&options),
            Command::Scale(options) => run_scale(&options),
            Command::Readme => {
                readme::render().and_then(|text| print(&text)).map(|()| ExitCode::SUCCESS)
            }
            Command::Supervise { command } => supervisor::supervise(&command),
        },
        Err(error) if error.use_stderr() => error.exit(),
        Err(help) => print(&help.to_string()).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run_check(options: CheckOptions) -> Result<ExitCode> {
    let started = Instant::now();
    let runner = runner(options.limit)?;
    let (examples, interpreters) = find_all(&options.selection, &runner)?;
    let mut programs = Program::all(&examples, &interpreters);
    programs.retain(|program| {
        let listing = &options.listing;
        (listing.is_empty() || listing.iter().any(|name| name == program.listing.name))
            && options.selection.has(program.implementation)
    });
    let jobs = options.jobs.map(|jobs| jobs as usize);
    let bar = progress_bar("programs", programs.len());
    let check = Check::new(programs, interpreters, jobs, started);
    show(check, options.json, &bar, |check| check_all(check, &runner, &bar))
}

fn run_cores(options: &CoresOptions) -> Result<ExitCode> {
    let runner = runner(LIMIT)?;
    let (programs, environment) = find_measured(&options.selection, &runner, CPU_BOUND, |_| true)?;
    let cores = Cores { environment, runs: options.runs as usize, programs: Vec::new() };
    let bar = progress_bar("programs", programs.len());
    show(cores, options.json, &bar, |cores| cores::measure_all(cores, &programs, &runner, &bar))
}

fn run_scale(options: &ScaleOptions) -> Result<ExitCode> {
    let runner = runner(LIMIT)?;
    let is_selected = |section: &Section| {
        options.section.is_empty() || options.section.iter().any(|name| name == section.name)
    };
    let (programs, environment) = find_measured(&options.selection, &runner, CROWD, is_selected)?;
    let runs = options.runs as usize;
    let scale = Scale { environment, runs, is_complete: false, series: Vec::new() };
    let bar = progress_bar("programs", programs.len());
    show(scale, options.json, &bar, |scale| {
        scale::measure_all(scale, &programs, options.max, &runner, &bar);
    })
}

fn runner(limit: Duration) -> Result<Runner> {
    let supervisor = env::current_exe().context("cannot find the harness's own executable")?;
    Ok(Runner { supervisor, limit })
}

/// Builds the examples and finds the interpreters, both at once, as far as they are selected.
fn find_all(selection: &Selection, runner: &Runner) -> Result<(Examples, Vec<Interpreter>)> {
    if selection.no_python && selection.implementation == [Implementation::Python] {
        exit_with_usage_error("nothing to run: --implementation python and --no-python");
    }
    let (examples, interpreters) = thread::scope(|scope| {
        let examples = scope.spawn(|| match &selection.implementation[..] {
            [Implementation::Python] => Ok(Examples::default()),
            _ => Examples::build(runner),
        });
        let interpreters = find_interpreters(selection, runner);
        (examples.join().expect("building does not panic"), interpreters)
    });
    Ok((examples?, interpreters))
}

/// The programs of one listing in each section, without those for which no Python was found.
fn find_measured(
    selection: &Selection,
    runner: &Runner,
    listing: &str,
    is_selected: impl Fn(&Section) -> bool,
) -> Result<(Vec<Program>, Environment)> {
    let (examples, interpreters) = find_all(selection, runner)?;
    if BUILD == "debug" {
        eprintln!("Debug builds are slow. Measure with: cargo run --release -p harness");
    }
    let sections = DOCUMENT.iter().filter(|section| is_selected(section));
    let mut programs: Vec<_> = sections
        .flat_map(|section| {
            Program::of(section, section.listing(listing), &examples, &interpreters)
        })
        .collect();
    programs.retain(|program| program.command.is_some() && selection.has(program.implementation));
    ensure!(!programs.is_empty(), "nothing to run: no Python was found; name one with --python");
    Ok((programs, Environment::this(&interpreters)))
}

/// Finds what `--python` names, or else `python3` if it is there.
fn find_interpreters(selection: &Selection, runner: &Runner) -> Vec<Interpreter> {
    if selection.no_python || !selection.has(Implementation::Python) {
        return Vec::new();
    }
    if selection.python.is_empty() {
        return match Interpreter::find(Path::new("python3"), runner) {
            Ok(interpreter) => vec![interpreter],
            Err(error) => {
                eprintln!("The Python programs are skipped: {error:#}; name one with --python");
                Vec::new()
            }
        };
    }
    let find = |name: &PathBuf| {
        Interpreter::find(name, runner).unwrap_or_else(|error| {
            let name = name.display();
            exit_with_usage_error(&format!(
                "invalid value '{name}' for '--python <PATH>': {error:#}"
            ))
        })
    };
    selection.python.iter().map(find).collect()
}

fn exit_with_usage_error(message: &str) -> ! {
    CommandLine::command().error(ErrorKind::InvalidValue, message).exit()
}
