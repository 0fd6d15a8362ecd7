//! The harness's command line, and nothing else.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, value_parser};
use harness::catalog::{
    CPU_BOUND, CROWD, Implementation, Listing, PARALLEL_MAP, SECTIONS, SEVERAL_MACHINES, Section,
    all_listings,
};
use harness::check::json::CheckJson;
use harness::check::{Check, check_all, trace};
use harness::measure::cores::{self, Cores};
use harness::measure::scale::{self, Scale};
use harness::measure::{BUILD, Environment, LIMIT};
use harness::program::{Executables, Program, Selection, invalid_selection};
use harness::readme;
use harness::run::{Runner, supervisor};
use harness::terminal::{build, print, progress_bar, say, show};
use nix::unistd::{AccessFlags, access};

/// Runs the programs of the examples, in Rust and in Python, and compares what they print
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
    /// Run all programs but those of `scale` and `cores`, and show the matrix (the default)
    Check(CheckOptions),
    /// Measure CPU-bound speed-up with the listings cpu-bound (four computations, sequential and
    /// concurrent) and parallel-map (on one core and on all cores)
    Cores(CoresOptions),
    /// Measure overhead and memory of many threads, tasks and processes with the listing crowd
    Scale(ScaleOptions),
    /// Write into the READMEs what they copy from programs and results
    Readme,
}

/// The listings that `cores` measures.
const CORES: [&str; 2] = [CPU_BOUND, PARALLEL_MAP];

#[derive(Args)]
struct CheckOptions {
    /// Print one JSON object instead of the matrix
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    sections: Sections,

    /// Run only this listing, in each section that has it; may be repeated
    #[arg(long, value_name = "LISTING", value_parser = listing_parser())]
    listing: Vec<String>,

    /// Also write all lines and sleeps to FILE, in the trace event format that Perfetto opens
    #[arg(long, value_name = "FILE", value_parser = writable_file)]
    trace: Option<PathBuf>,

    #[command(flatten)]
    selection: Selection,

    /// A file with the machines of several-machines, one a line, like `192.0.2.1 slots=2`
    /// [default: this machine]
    #[arg(long, value_name = "FILE", value_parser = readable_file)]
    hostfile: Option<PathBuf>,

    /// How many programs run at the same time; with 1, the matrix shows overheads [default: all]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=65_535), allow_negative_numbers = true)]
    jobs: Option<u64>,

    /// How many seconds a program may run after its first line. It may take three times as long to
    /// print that line
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    limit: Duration,
}

#[derive(Args)]
struct Sections {
    /// Run only this section; may be repeated
    #[arg(long, value_name = "SECTION", value_parser = PossibleValuesParser::new(SECTIONS.iter().map(|one| one.name)))]
    section: Vec<String>,
}

impl Sections {
    fn has(&self, section: &Section) -> bool {
        self.section.is_empty() || self.section.iter().any(|name| name == section.name)
    }
}

#[derive(Args)]
#[command(mut_arg("implementation", |arg| arg.value_parser(measured_parser(&CORES))))]
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
#[command(mut_arg("implementation", |arg| arg.value_parser(measured_parser(&[CROWD]))))]
struct ScaleOptions {
    /// Print one JSON object instead of the tables
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    sections: Sections,

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

/// The listings that are checked. Of the others, it says which command runs them.
fn listing_parser() -> impl TypedValueParser<Value = String> {
    let mut names: Vec<PossibleValue> = Vec::new();
    for (_, listing) in all_listings() {
        // Some are in several sections.
        if !names.iter().any(|name| name.matches(listing.name, false)) {
            names.push(PossibleValue::new(listing.name).hide(listing.is_measured()));
        }
    }
    PossibleValuesParser::new(names).try_map(|name| {
        let command = match name.as_str() {
            CROWD => "scale",
            CPU_BOUND => "cores",
            _ => return Ok(name),
        };
        Err(format!("it is measured: run cargo run --release -p harness -- {command}"))
    })
}

/// The implementations of these listings, which a command measures.
fn measured_parser(listings: &[&str]) -> impl TypedValueParser<Value = Implementation> {
    let is_measured = |one: &&Implementation| {
        all_listings().any(|(_, listing)| {
            listings.contains(&listing.name) && listing.implementations.contains(one)
        })
    };
    let implementations = Implementation::value_variants().iter().filter(is_measured);
    let values: Vec<_> = implementations.filter_map(ValueEnum::to_possible_value).collect();
    PossibleValuesParser::new(values).try_map(|name| Implementation::from_str(&name, false))
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
    let runner = runner(options.limit)?;
    let is_wanted = |section: &Section, listing: &Listing| {
        let is_named = options.listing.iter().any(|name| name == listing.name);
        options.sections.has(section) && (options.listing.is_empty() || is_named)
    };
    ensure_some(&options.selection, is_wanted)?;
    if options.hostfile.is_some() {
        let is_it = |section: &_, listing: &Listing| {
            is_wanted(section, listing) && listing.name == SEVERAL_MACHINES
        };
        let message = "--hostfile works only with several-machines";
        ensure!(options.selection.has_any(is_it), invalid_selection(message));
    }
    let executables = build(&options.selection, &runner)?.with_hostfile(options.hostfile);
    let selected = executables.programs(is_wanted).into_iter();
    let (measured, programs): (Vec<_>, Vec<_>) =
        selected.partition(|program| program.listing.is_measured());
    if options.sections.section.is_empty() {
        options.listing.iter().for_each(|name| say_sections(name, &programs));
    }
    let jobs = options.jobs.map(|jobs| jobs as usize);
    let bar = progress_bar(programs.len());
    let check = Check::new(programs, measured.len(), jobs, &executables);
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
    let is_wanted = |_: &Section, listing: &Listing| CORES.contains(&listing.name);
    ensure_some(&options.selection, is_wanted)?;
    let runner = runner(LIMIT)?;
    let executables = build(&options.selection, &runner)?;
    let mut programs = executables.programs(is_wanted);
    // So the rows of its section stand together.
    programs.sort_by_key(|program| program.listing.name == PARALLEL_MAP);
    let environment = environment(&executables);
    let cores = Cores { environment, runs: options.runs as usize, speed_ups: Vec::new() };
    let bar = progress_bar(programs.len());
    show(cores, options.json, &bar, |cores| {
        cores::measure_all(cores, &programs, &runner, &bar);
        Ok(())
    })
}

fn run_scale(options: &ScaleOptions) -> Result<ExitCode> {
    let is_wanted = |section: &Section, listing: &Listing| {
        options.sections.has(section) && listing.name == CROWD
    };
    ensure_some(&options.selection, is_wanted)?;
    let runner = runner(LIMIT)?;
    let executables = build(&options.selection, &runner)?;
    let programs = executables.programs(is_wanted);
    let (environment, runs) = (environment(&executables), options.runs as usize);
    let scale = Scale { environment, runs, is_complete: false, series: Vec::new() };
    let bar = progress_bar(programs.len());
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

/// Says which sections have a listing, if there are several.
fn say_sections(listing: &str, programs: &[Program]) {
    let programs = programs.iter().filter(|program| program.listing.name == listing);
    let mut sections: Vec<_> = programs.map(|program| program.section.name).collect();
    sections.dedup();
    if sections.len() > 1 {
        let (count, names) = (sections.len(), sections.join(", "));
        say(&format!("{listing} is a listing of {count} sections: {names}. --section runs one."));
    }
}

/// Refuses a selection without programs, like `mpi` with a listing that has no such implementation.
fn ensure_some(
    selection: &Selection,
    is_wanted: impl Fn(&Section, &Listing) -> bool,
) -> Result<()> {
    let message = "nothing to run: no selected section has a selected listing with a selected \
                   implementation (only several-machines has mpi, and only parallel-map has rayon)";
    ensure!(selection.has_any(is_wanted), invalid_selection(message));
    Ok(())
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
