//! The harness's command line, and nothing else.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory, Parser, Subcommand, value_parser};
use harness::catalog::{
    CPU_BOUND, CROWD, Listing, SECTIONS, SEVERAL_MACHINES, Section, all_listings,
};
use harness::check::json::CheckJson;
use harness::check::{Check, check_all, trace};
use harness::measure::cores::{self, Cores};
use harness::measure::scale::{self, Scale};
use harness::measure::{BUILD, Environment, LIMIT};
use harness::program::{Executables, Program, Selection, invalid_selection};
use harness::readme;
use harness::run::{Runner, supervisor};
use harness::terminal::{print, progress_bar, show};
use nix::unistd::{AccessFlags, access};

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
    /// Run all programs concurrently and show the matrix (the default)
    Check(CheckOptions),
    /// Measure CPU-bound speed-up: four computations, sequential and concurrent
    Cores(CoresOptions),
    /// Measure overhead and memory of many threads, tasks and processes
    Scale(ScaleOptions),
    /// Write into the READMEs what they copy from programs and results
    Readme,
}

#[derive(Args)]
struct CheckOptions {
    /// Print one JSON object instead of the matrix
    #[arg(long)]
    json: bool,

    /// Run only this listing; may be repeated
    #[arg(long, value_name = "LISTING", value_parser = PossibleValuesParser::new(listings()))]
    listing: Vec<String>,

    /// Also write the times of all lines to FILE, in the trace event format that Perfetto opens
    #[arg(long, value_name = "FILE", value_parser = writable_file)]
    trace: Option<PathBuf>,

    #[command(flatten)]
    selection: Selection,

    /// A file with the machines of several-machines, one a line, like `192.0.2.1 slots=2`
    /// [default: this machine]
    #[arg(long, value_name = "FILE", value_parser = readable_file)]
    hostfile: Option<PathBuf>,

    /// How many programs run concurrently; 1 to measure without interference [default: all]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=65_535), allow_negative_numbers = true)]
    jobs: Option<u64>,

    /// How many seconds a program may run after its first line. It may take three times as long to
    /// print that line
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

    /// How many times each program runs
    #[arg(long, value_name = "N", default_value = "3", value_parser = value_parser!(u64).range(1..=65_535), allow_negative_numbers = true)]
    runs: u64,
}

#[derive(Args)]
struct ScaleOptions {
    /// Print one JSON object instead of the tables
    #[arg(long)]
    json: bool,

    /// Run only this section; may be repeated
    #[arg(long, value_name = "SECTION", value_parser = PossibleValuesParser::new(SECTIONS.iter().map(|one| one.name)))]
    section: Vec<String>,

    #[command(flatten)]
    selection: Selection,

    /// The largest number of threads, tasks or processes [default: 1,000,000 tasks, 10,000 threads,
    /// 1,000 processes]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(scale::RANGE), allow_negative_numbers = true)]
    max: Option<u64>,

    /// How many times each program runs with each number
    #[arg(long, value_name = "N", default_value = "1", value_parser = value_parser!(u64).range(1..=65_535), allow_negative_numbers = true)]
    runs: u64,
}

fn listings() -> Vec<&'static str> {
    let mut names = Vec::new();
    for (_, listing) in all_listings() {
        // Some are in several sections.
        if !listing.is_measured() && !names.contains(&listing.name) {
            names.push(listing.name);
        }
    }
    names
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let limit = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit.filter(|limit| !limit.is_zero()).ok_or("expected a positive number of seconds")
}

/// A file that another program reads later, from another folder.
fn readable_file(text: &str) -> Result<PathBuf, String> {
    let read = fs::read(text).and_then(|_| fs::canonicalize(text));
    read.map_err(|error| format!("cannot read it: {error}"))
}

/// A file that can be written later. Until then, it is left as it is.
fn writable_file(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() || text.ends_with('/') {
        return Err("expected the name of a file".to_owned());
    }
    let file = PathBuf::from(text);
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let result = match fs::metadata(&file) {
        Ok(found) if found.is_dir() => return Err("it is a directory".to_owned()),
        Ok(_) => access(&file, AccessFlags::W_OK),
        Err(_) => access(folder, AccessFlags::W_OK | AccessFlags::X_OK),
    };
    result.map_err(|error| format!("cannot write it: {}", error.desc()))?;
    Ok(file)
}

fn main() -> ExitCode {
    // Before a command line is parsed, which would take most of a supervisor's time.
    let result = supervisor::run_if_started_as_one().unwrap_or_else(run);
    result.unwrap_or_else(|error| {
        let error = match error.downcast::<clap::Error>() {
            Ok(error) => error.format(&mut CommandLine::command()).exit(),
            Err(error) => error,
        };
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode> {
    match CommandLine::try_parse() {
        Ok(CommandLine { command: None, check }) => run_check(check),
        Ok(CommandLine { command: Some(command), .. }) => match command {
            Command::Check(options) => run_check(options),
            Command::Cores(options) => run_cores(&options),
            Command::Scale(options) => run_scale(&options),
            Command::Readme => run_readme(),
        },
        Err(error) if error.use_stderr() => error.exit(),
        Err(help) => print(&help.to_string()).map(|()| ExitCode::SUCCESS),
    }
}

fn run_check(options: CheckOptions) -> Result<ExitCode> {
    let started = Instant::now();
    let runner = runner(options.limit)?;
    let is_wanted = |listing: &Listing| {
        let is_named = options.listing.iter().any(|name| name == listing.name);
        !listing.is_measured() && (options.listing.is_empty() || is_named)
    };
    let has_hostfile = options.hostfile.is_some();
    let executables = options.selection.build(&runner)?.with_hostfile(options.hostfile);
    let programs = ensure_some(executables.programs(|_, listing| is_wanted(listing)))?;
    let has_machines = programs.iter().any(|program| program.listing.name == SEVERAL_MACHINES);
    let message = "--hostfile works only with several-machines";
    ensure!(!has_hostfile || has_machines, invalid_selection(message));
    let jobs = options.jobs.map(|jobs| jobs as usize);
    let bar = progress_bar("programs", programs.len());
    let check = Check::new(programs, executables.interpreters, jobs, started);
    let mut checked = None;
    let status = show(check, options.json, &bar, |check| {
        check_all(check, &runner, &bar)?;
        checked = Some(CheckJson::from(&*check.lock().unwrap()));
        Ok(())
    })?;
    // After the matrix, which is shown also if this fails.
    if let (Some(file), Some(checked)) = (options.trace, checked) {
        let written = fs::write(&file, trace::render(&checked));
        written.with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(status)
}

fn run_cores(options: &CoresOptions) -> Result<ExitCode> {
    let runner = runner(LIMIT)?;
    let executables = options.selection.build(&runner)?;
    let programs = ensure_some(executables.programs(|_, listing| listing.name == CPU_BOUND))?;
    let environment = environment(&executables);
    let cores = Cores { environment, runs: options.runs as usize, speed_ups: Vec::new() };
    let bar = progress_bar("programs", programs.len());
    show(cores, options.json, &bar, |cores| {
        cores::measure_all(cores, &programs, &runner, &bar);
        Ok(())
    })
}

fn run_scale(options: &ScaleOptions) -> Result<ExitCode> {
    let runner = runner(LIMIT)?;
    let executables = options.selection.build(&runner)?;
    let is_selected = |section: &Section| {
        options.section.is_empty() || options.section.iter().any(|name| name == section.name)
    };
    let is_wanted =
        |section: &Section, listing: &Listing| is_selected(section) && listing.name == CROWD;
    let programs = ensure_some(executables.programs(is_wanted))?;
    let (environment, runs) = (environment(&executables), options.runs as usize);
    let scale = Scale { environment, runs, is_complete: false, series: Vec::new() };
    let bar = progress_bar("programs", programs.len());
    show(scale, options.json, &bar, |scale| {
        scale::measure_all(scale, &programs, options.max, &runner, &bar);
        Ok(())
    })
}

fn run_readme() -> Result<ExitCode> {
    let written = readme::write()?;
    print(&match written[..] {
        [] => "All READMEs are up to date.\n".to_owned(),
        _ => written.iter().map(|path| format!("Wrote {path}.\n")).collect(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses a selection without programs, like `mpi` with a listing that has no such implementation.
fn ensure_some(programs: Vec<Program>) -> Result<Vec<Program>> {
    let message = "nothing to run: no selected listing has a selected implementation \
                   (only several-machines has mpi)";
    ensure!(!programs.is_empty(), invalid_selection(message));
    Ok(programs)
}

fn environment(executables: &Executables) -> Environment {
    if BUILD == "debug" {
        eprintln!("warning: slow debug build; use cargo run --release");
    }
    Environment::current(&executables.interpreters)
}

fn runner(limit: Duration) -> Result<Runner> {
    let supervisor = env::current_exe().context("cannot find the harness's own executable")?;
    Ok(Runner::new(supervisor, limit))
}
