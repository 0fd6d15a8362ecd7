//! Runs each program of the examples as a test of its own, `asyncio::multiple-tasks::tokio`, against
//! one snapshot per listing: all implementations have to agree to the letter.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use anyhow::Result;
use harness::matrix::Cell;
use harness::program::{Examples, Interpreter, Program};
use harness::run::Runner;
use harness::table::describe_faults;
use harness::transcript::canonical;
use insta::{Settings, assert_snapshot};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // They sleep most of their time, so all of them run side by side, whatever the number of cores.
    arguments.test_threads.get_or_insert(64);

    let (examples, interpreters) = match find_all(&arguments) {
        Ok(found) => found,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let trial = |program: Program| {
        let is_ignored = program.command.is_none();
        Trial::test(program.to_string(), move || check(&program)).with_ignored_flag(is_ignored)
    };
    let trials = Program::all(&examples, &interpreters).into_iter().map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Builds the examples and finds Python. nextest asks for a list of the tests and then starts each as a
/// process of its own: there, what was found for the list is written down, and the tests read it.
fn find_all(arguments: &Arguments) -> Result<(Examples, Vec<Interpreter>)> {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/programs.json");
    let is_nextest = env::var_os("NEXTEST").is_some();
    if is_nextest && !arguments.list {
        return Ok(serde_json::from_slice(&fs::read(file)?)?);
    }
    let interpreters = Interpreter::find(Path::new("python3"), &runner()).into_iter().collect();
    let found = (Examples::build(&runner())?, interpreters);
    if is_nextest {
        fs::write(file, serde_json::to_vec(&found)?)?;
    }
    Ok(found)
}

fn check(program: &Program) -> std::result::Result<(), Failed> {
    let cell = Cell::run(program, &runner()).map_err(|error| format!("{error:#}"))?;
    let outcome = cell.outcome.as_ref().ok_or("no Python was found")?;
    if !cell.faults.is_empty() {
        eprintln!("{}", describe_faults(&cell));
    }
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        assert_snapshot!(program.listing.name, canonical(program.listing, &outcome.lines));
    });
    if cell.faults.is_empty() { Ok(()) } else { Err("it has faults, see above".into()) }
}

fn runner() -> Runner {
    Runner { supervisor: env!("CARGO_BIN_EXE_harness").into(), limit: Duration::from_secs(10) }
}
