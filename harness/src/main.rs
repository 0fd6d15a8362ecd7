//! The harness's command line.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, thread};

use anyhow::{Context, Result, ensure};
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use harness::catalog::{DOCUMENT, Listing, Section};
use harness::cores::{self, Cores};
use harness::json::Check;
use harness::machine::{Machine, Versions, versions};
use harness::matrix::{self, Verdict};
use harness::program::{Examples, Implementation, Interpreter, Program};
use harness::run::Runner;
use harness::scale::{self, COUNTS, Scale, Settings};
use harness::{progress, supervisor, table};
use serde::Serialize;

/// Runs every program of the examples, in Rust and in Python, and compares them
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    check: CheckOptions,
}

#[derive(Subcommand)]
enum Action {
    /// Run all programs side by side and show the matrix (the default)
    Check(CheckOptions),
    /// Measure who uses the cores: four workers that compute, one after another and side by side
    Cores(CoresOptions),
    /// Measure what a greeting costs, from four greeters to a million
    Scale(ScaleOptions),
    /// Run a program for another harness, which waits at the other end of stdin
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
    implementations: Implementations,

    /// How many programs run at once; 1 for quiet figures [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,

    /// How many seconds a program may take before it is killed
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    limit: Duration,
}

#[derive(Args)]
struct CoresOptions {
    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    implementations: Implementations,

    /// How often each program runs
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
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
    implementations: Implementations,

    /// The largest number of greeters, of 4, 100, 1,000 and so on
    #[arg(long, value_name = "N", default_value = "1000000", value_parser = clap::value_parser!(u64).range(COUNTS[0]..))]
    max: u64,

    /// How often each program runs with each number of greeters
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,

    /// How many seconds a program may take; one that would take longer is not started
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    limit: Duration,
}

#[derive(Args)]
struct Implementations {
    /// Run only this implementation; may be repeated
    #[arg(long, value_name = "IMPLEMENTATION")]
    runtime: Vec<Implementation>,

    /// The Python to run, a column each if repeated [default: python3, if there is one]
    #[arg(long, value_name = "PATH", conflicts_with = "no_python")]
    python: Vec<PathBuf>,

    /// Skip the Python programs
    #[arg(long)]
    no_python: bool,
}

impl Implementations {
    fn has(&self, implementation: Implementation) -> bool {
        self.runtime.is_empty() || self.runtime.contains(&implementation)
    }
}

fn sections() -> impl Iterator<Item = &'static str> {
    DOCUMENT.iter().map(|section| section.name)
}

fn listings() -> impl Iterator<Item = &'static str> {
    DOCUMENT.iter().flat_map(|section| section.listings).map(|listing| listing.name)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let limit = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit
        .filter(|limit| !limit.is_zero())
        .ok_or_else(|| "not a number of seconds above 0, or too many".to_owned())
}

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let done = match command_line.action {
        Some(Action::Supervise { command }) => supervisor::supervise(&command),
        Some(Action::Check(options)) => check(&options),
        Some(Action::Cores(options)) => measure_cores(&options),
        Some(Action::Scale(options)) => measure_scale(&options),
        None => check(&command_line.check),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Runs the programs and shows the matrix. Fails unless all that ran passed.
fn check(options: &CheckOptions) -> Result<ExitCode> {
    let begun = Instant::now();
    let runner = runner(options.limit)?;
    let (examples, interpreters) = find_all(&options.implementations, &runner)?;
    let mut programs = Program::all(&examples, &interpreters);
    programs.retain(|program| {
        let listing = &options.listing;
        (listing.is_empty() || listing.iter().any(|name| name == program.listing.name))
            && options.implementations.has(program.implementation)
    });
    let jobs = options.jobs.map_or(programs.len(), usize::from);
    let on_terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
    let cells = matrix::run(&programs, &runner, jobs, on_terminal);
    let wall = begun.elapsed();

    let number = |verdict| cells.iter().filter(|cell| cell.verdict() == verdict).count();
    let mut stdout = io::stdout().lock();
    if options.json {
        let text = serde_json::to_string(&Check::new(&cells, &interpreters, wall))?;
        writeln!(stdout, "{text}").context("cannot print the result")?;
    } else {
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        writeln!(
            stdout,
            "{}\n{} passed, {} failed, {} skipped, in {:.2} s",
            table::render(&cells, jobs, on_terminal && !no_color),
            number(Verdict::Pass),
            number(Verdict::Fail),
            number(Verdict::Skipped),
            wall.as_secs_f64()
        )
        .context("cannot print the matrix")?;
    }
    let is_good = number(Verdict::Fail) == 0 && number(Verdict::Pass) > 0;
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs `cpu-bound` in every implementation and shows the speed-ups. Fails if a program did.
fn measure_cores(options: &CoresOptions) -> Result<ExitCode> {
    let runner = runner(cores::LIMIT)?;
    let (programs, versions) =
        to_measure(&options.implementations, &runner, |section| Some(&section.cpu_bound))?;
    let bar = progress::bar("runs", io::stderr().is_terminal());
    let runs = options.runs.into();
    let cores = Cores {
        machine: Machine::this(),
        versions,
        build: build().to_owned(),
        runs,
        programs: cores::run(&programs, &runner, runs, &bar),
    };
    bar.finish_and_clear();
    print(&cores, options.json, table::render_cores)?;
    let is_good = cores.programs.iter().all(|program| program.error.is_none());
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs `crowd` with more and more greeters and shows what they took, on Ctrl-C as far as it got. Fails if
/// a program did; a program that was not started, for the machine's sake, is no failure.
fn measure_scale(options: &ScaleOptions) -> Result<ExitCode> {
    let runner = runner(options.limit)?;
    let is_wanted = |section: &Section| {
        options.section.is_empty() || options.section.iter().any(|name| name == section.name)
    };
    let (programs, versions) = to_measure(&options.implementations, &runner, |section| {
        is_wanted(section).then_some(&section.crowd)
    })?;
    let settings = Settings {
        build: build().to_owned(),
        counts: COUNTS.into_iter().filter(|count| *count <= options.max).collect(),
        runs: options.runs.into(),
        limit_s: options.limit.as_secs_f64(),
    };
    let (machine, columns) = (Machine::this(), Vec::new());
    let scale = Scale { machine, versions, settings, is_complete: false, columns };
    let scale = Arc::new(Mutex::new(scale));
    let bar = progress::bar("runs", io::stderr().is_terminal());
    let (shown, measured, json) = (bar.clone(), scale.clone(), options.json);
    ctrlc::set_handler(move || {
        shown.finish_and_clear();
        // Held until the end: nothing is measured, and nothing printed, any more.
        let scale = measured.lock().unwrap();
        let _ = print(&*scale, json, table::render_scale);
        // What a shell says of a program that was ended by Ctrl-C.
        process::exit(130)
    })
    .context("cannot prepare for Ctrl-C")?;
    scale::sweep(&programs, &runner, &scale, &bar);
    bar.finish_and_clear();
    let scale = scale.lock().unwrap();
    print(&*scale, options.json, table::render_scale)?;
    let has_failed =
        scale.columns.iter().flat_map(|column| &column.stop).any(|stop| stop.has_failed);
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn runner(limit: Duration) -> Result<Runner> {
    let supervisor = env::current_exe().context("cannot find the harness's own executable")?;
    Ok(Runner { supervisor, limit })
}

/// Builds the examples and finds the interpreters.
fn find_all(
    implementations: &Implementations,
    runner: &Runner,
) -> Result<(Examples, Vec<Interpreter>)> {
    let Implementations { runtime, no_python, .. } = implementations;
    let only_python = runtime.iter().all(|name| *name == Implementation::Python);
    if *no_python && only_python && !runtime.is_empty() {
        wrong(
            "nothing to run: only the Python programs were asked for, and --no-python".to_owned(),
        );
    }
    // Cargo and Python both take their time to answer.
    let (examples, interpreters) = thread::scope(|scope| {
        let examples = scope.spawn(|| Examples::build(runner));
        let interpreters = find_interpreters(implementations, runner);
        (examples.join().expect("building does not panic"), interpreters)
    });
    Ok((examples?, interpreters))
}

/// The programs of one listing of each section, but for those that have no Python to run them.
fn to_measure(
    implementations: &Implementations,
    runner: &Runner,
    listing: impl Fn(&'static Section) -> Option<&'static Listing>,
) -> Result<(Vec<Program>, Versions)> {
    let (examples, interpreters) = find_all(implementations, runner)?;
    if build() == "debug" {
        eprintln!("These are debug builds, which are slow: use cargo run --release -p harness.");
    }
    let programs = DOCUMENT.iter().filter_map(|section| Some((section, listing(section)?)));
    let mut programs: Vec<_> = programs
        .flat_map(|(section, listing)| Program::of(section, listing, &examples, &interpreters))
        .collect();
    programs
        .retain(|program| program.command.is_some() && implementations.has(program.implementation));
    ensure!(!programs.is_empty(), "nothing to run: no Python was found; name one with --python");
    Ok((programs, versions(&interpreters)))
}

fn build() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

/// Prints what was measured: as JSON, or as `render` shows it.
fn print<T: Serialize>(measured: &T, json: bool, render: fn(&T) -> String) -> Result<()> {
    let text = if json { serde_json::to_string_pretty(measured)? + "\n" } else { render(measured) };
    io::stdout().lock().write_all(text.as_bytes()).context("cannot print the result")
}

/// Ends the harness because of its command line.
fn wrong(what: String) -> ! {
    CommandLine::command().error(ErrorKind::InvalidValue, what).exit()
}

/// Finds what `--python` names, or else `python3`. A Python that was named must be there.
fn find_interpreters(options: &Implementations, runner: &Runner) -> Vec<Interpreter> {
    if options.no_python || !options.has(Implementation::Python) {
        return Vec::new();
    }
    if options.python.is_empty() {
        return match Interpreter::find(Path::new("python3"), runner) {
            Ok(interpreter) => vec![interpreter],
            Err(error) => {
                eprintln!("The Python programs are skipped: {error:#}; name one with --python");
                Vec::new()
            }
        };
    }
    let find = |name: &PathBuf| match Interpreter::find(name, runner) {
        Ok(interpreter) => interpreter,
        Err(error) => {
            wrong(format!("invalid value '{}' for '--python <PATH>': {error:#}", name.display()))
        }
    };
    options.python.iter().map(find).collect()
}
