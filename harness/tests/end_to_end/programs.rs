//! Each program of the examples is a test, like `asyncio::multiple-tasks::tokio`. All programs of a
//! listing share one snapshot, so their lines have to be exactly the same.

use std::thread;
use std::time::Duration;

use harness::catalog::{SEVERAL_MACHINES, Section};
use harness::check::{Cell, describe_faults};
use harness::judge::transcript::canonical;
use harness::judge::verdict::FaultKind::{WrongElapsed, WrongOrder, WrongStage};
use harness::program::{Implementation, Program};
use insta::{Settings, assert_snapshot};
use libtest_mimic::Trial;

use crate::{MPI, Setting, TestResult, program_trial, runner, this_folder};

/// A test per program of the document's listings and the next questions.
pub fn trials(setting: &Setting) -> Vec<Trial> {
    let documents = |section: &'static Section| section.listings.iter().chain(section.questions);
    let programs = setting.executables.programs(documents);
    let mut trials: Vec<_> = programs.iter().cloned().map(trial).collect();
    let is_python = |program: &&Program| program.implementation == Implementation::Python;
    // Processes that start slowly would make `timeout` print other lines.
    let with_processes = |program: &&Program| {
        program.section.name == "multiprocessing"
            && !["one-process", "timeout"].contains(&program.listing.name)
    };
    for program in programs.iter().filter(is_python).filter(with_processes) {
        for method in ["spawn", "forkserver"] {
            let name = format!("{program}::{method}");
            let test = move |program| works_with_start_method(program, method);
            trials.push(program_trial(name, program.clone(), test));
        }
    }
    trials
}

/// The test of a program.
pub fn trial(program: Program) -> Trial {
    program_trial(program.to_string(), program, |program| check(&program))
}

/// Runs a Python program with this start method, and with warnings as errors. It has to print the
/// right lines. Their times and order may differ, because such processes start slowly.
fn works_with_start_method(mut program: Program, method: &str) -> TestResult {
    const START: &str = "import multiprocessing, runpy, sys; \
                         multiprocessing.set_start_method(sys.argv[1]); \
                         runpy.run_path(sys.argv[2], run_name='__main__')";
    let command = program.command.as_mut().map_err(|reason| reason.as_str())?;
    command.splice(1..1, ["-W", "error", "-c", START, method].map(Into::into));
    let mut cell = Cell::check(&program, &runner(Duration::from_secs(60)));
    let is_about_time = |kind| matches!(kind, WrongOrder | WrongStage | WrongElapsed);
    cell.faults.retain(|fault| !is_about_time(fault.kind));
    if cell.faults.is_empty() { Ok(()) } else { Err(describe_faults(&cell).into()) }
}

/// Two runs pass, print the lines of the snapshot, and report different elapsed times. By chance
/// these may be the same, but not in three runs.
fn check(program: &Program) -> TestResult {
    let _turn = (program.listing.name == SEVERAL_MACHINES).then(|| MPI.wait());
    let runner = runner(Duration::from_secs(10));
    let run = || Cell::check(program, &runner).confirm(&runner);
    let cells = thread::scope(|scope| {
        let other = scope.spawn(run);
        [run(), other.join().expect("running a program does not panic")]
    });
    cells.iter().try_for_each(passes)?;
    let [one, other] = cells.map(|cell| cell.elapsed());
    if one.is_some() && one == other {
        assert_ne!(run().elapsed(), one, "three runs reported the same elapsed time");
    }
    Ok(())
}

pub fn passes(cell: &Cell) -> TestResult {
    let outcome = cell.outcome.as_ref().ok_or("it was skipped")?;
    let listing = cell.program.listing;
    if !cell.faults.is_empty() {
        eprintln!("{}", describe_faults(cell));
    }
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(this_folder().join("snapshots"));
    let name = format!("{}-{}", cell.program.section.name, listing.name);
    settings.bind(|| assert_snapshot!(name, canonical(listing, &outcome.lines)));
    if cell.faults.is_empty() { Ok(()) } else { Err("it has faults, see above".into()) }
}
