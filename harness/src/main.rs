//! The harness's command line.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, thread};

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use harness::catalog::DOCUMENT;
use harness::json::Check;
use harness::matrix::{self, Verdict};
use harness::program::{Examples, Implementation, Interpreter, Program};
use harness::run::Runner;
use harness::{supervisor, table};

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

    /// Run only this implementation; may be repeated
    #[arg(long, value_name = "IMPLEMENTATION")]
    runtime: Vec<Implementation>,

    /// The Python to run, a column each if repeated [default: python3, if there is one]
    #[arg(long, value_name = "PATH", conflicts_with = "no_python")]
    python: Vec<PathBuf>,

    /// Skip the Python programs
    #[arg(long)]
    no_python: bool,

    /// How many programs run at once; 1 for quiet figures [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,

    /// How many seconds a program may take before it is killed
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    limit: Duration,
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
    let supervisor = env::current_exe().context("cannot find the harness's own executable")?;
    let runner = Runner { supervisor, limit: options.limit };
    if options.no_python
        && options.runtime.iter().all(|name| *name == Implementation::Python)
        && !options.runtime.is_empty()
    {
        wrong(
            "nothing to run: only the Python programs were asked for, and --no-python".to_owned(),
        );
    }
    // Cargo and Python both take their time to answer.
    let (examples, interpreters) = thread::scope(|scope| {
        let examples = scope.spawn(|| Examples::build(&runner));
        let interpreters = find_interpreters(options, &runner);
        (examples.join().expect("building does not panic"), interpreters)
    });
    let examples = examples?;

    let mut programs = Program::all(&examples, &interpreters);
    programs.retain(|program| {
        let listing = &options.listing;
        let runtime = &options.runtime;
        (listing.is_empty() || listing.iter().any(|name| name == program.listing.name))
            && (runtime.is_empty() || runtime.contains(&program.implementation))
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

/// Ends the harness because of its command line.
fn wrong(what: String) -> ! {
    CommandLine::command().error(ErrorKind::InvalidValue, what).exit()
}

/// Finds what `--python` names, or else `python3`. A Python that was named must be there.
fn find_interpreters(options: &CheckOptions, runner: &Runner) -> Vec<Interpreter> {
    let is_asked_for =
        options.runtime.is_empty() || options.runtime.contains(&Implementation::Python);
    if options.no_python || !is_asked_for {
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
