//! Each program of the examples is a test, like `asyncio::multiple-tasks::tokio`. All programs of a
//! listing share one snapshot, so their lines have to be exactly the same.

#[cfg(target_os = "linux")]
mod at_work;
mod copies;
mod costs;
mod in_python;
mod panics;
pub mod refused;
#[cfg(target_os = "linux")]
mod server;
pub mod several_machines;
#[cfg(target_os = "linux")]
mod together;

use std::thread;
use std::time::Duration;

use harness::catalog::{Implementation, PARALLEL_MAP, SEVERAL_MACHINES};
use harness::check::{Cell, describe_faults};
use harness::judge::transcript::{canonical, elapsed_seconds};
use harness::judge::verdict::FaultKind::{WrongElapsed, WrongOrder, WrongStage};
use harness::program::Program;
use insta::{Settings, assert_snapshot};
use libtest_mimic::{Failed, Trial};

use crate::setting::{LONG, Setting, TestResult, cores, program_trial, runner, this_folder, turn};

pub fn trials(setting: &'static Setting) -> Vec<Trial> {
    // Those that take turns come first.
    let mut trials = costs::trials(setting);
    trials.extend(panics::trials(setting));
    let programs = setting.executables.programs(|_, listing| !listing.is_measured());
    for program in programs.iter().filter(|program| starts_processes(program)) {
        for method in ["spawn", "forkserver"] {
            let name = format!("{program}::{method}");
            let test = move |program| works_with_start_method(program, method);
            trials.push(program_trial(name, program.clone(), test));
        }
    }
    #[cfg(target_os = "linux")]
    trials.extend(programs.iter().flat_map(further_trials));
    trials.extend(programs.into_iter().map(trial));
    if cfg!(target_os = "linux") {
        trials.extend(refused::trials(setting));
    }
    trials.extend(in_python::trials(setting));
    trials.extend(several_machines::trials(setting));
    trials
}

/// The test of a program.
fn trial(program: Program) -> Trial {
    program_trial(program.to_string(), program, |program| match program.listing.name {
        SEVERAL_MACHINES => {
            let _turn = turn(cores());
            check(&program).map(drop)
        }
        PARALLEL_MAP => {
            check(&program)?;
            // Both 2 and 3 are prime, so this shows where it stops counting.
            let lines = lines_at_work(&costs::with(&program, "--below", 3), Some(0))?;
            assert_eq!(lines, ["There are 1 primes below 3"]);
            // The profile function slows Python down.
            let is_python = program.implementation == Implementation::Python;
            let much = if is_python { 20_000 } else { 1_000_000 };
            costs::computes(&program, "--below", much, cores().min(2))
        }
        "server" | "together" => check(&program).map(drop),
        _ => check_twice(&program),
    })
}

/// What is tested of two listings beside their lines.
#[cfg(target_os = "linux")]
fn further_trials(program: &Program) -> Vec<Trial> {
    let (label, program) = (program.to_string(), program.clone());
    let name = |test| format!("{label}::{test}");
    match program.listing.name {
        "server" => {
            let name = name("a_stranger_ends_only_its_own_handler");
            vec![copies::trial(name, program, server::strangers)]
        }
        "together" => vec![
            copies::trial(
                name("exits_with_1_when_its_time_is_over"),
                program.clone(),
                together::time_is_over,
            ),
            program_trial(name("exits_with_130_on_ctrl_c"), program, together::ctrl_c),
        ],
        _ => Vec::new(),
    }
}

/// Runs a program, which has to pass and to print the lines of the snapshot.
fn check(program: &Program) -> Result<Cell, Failed> {
    let runner = runner(Duration::from_secs(10));
    let cell = Cell::check(program, &runner).confirm(&runner);
    passes(&cell)?;
    Ok(cell)
}

/// A second run shows the threads and processes at work. It reports another elapsed time. By chance
/// the two may be the same, but not in three runs.
fn check_twice(program: &Program) -> TestResult {
    thread::scope(|scope| {
        let first = scope.spawn(|| check(program));
        let lines = lines_at_work(program, None)?;
        let cell = first.join().expect("running a program does not panic")?;
        let other = lines.iter().find_map(|line| elapsed_seconds(line));
        if cell.elapsed().is_some() && cell.elapsed() == other {
            let elapsed = check(program)?.elapsed();
            assert_ne!(elapsed, other, "three runs reported the same elapsed time");
        }
        Ok(())
    })
}

#[cfg(target_os = "linux")]
use at_work::lines_of as lines_at_work;

/// Other systems do not show what a thread does.
#[cfg(not(target_os = "linux"))]
fn lines_at_work(program: &Program, _: Option<usize>) -> Result<Vec<String>, Failed> {
    let outcome = runner(LONG).run(program.command.as_ref()?);
    Ok(outcome.lines.into_iter().map(|line| line.text).collect())
}

/// Whether a Python program uses multiprocessing, and prints the same if processes start slowly.
fn starts_processes(program: &Program) -> bool {
    program.implementation == Implementation::Python
        && program.section.name == "multiprocessing"
        && !["one-process", "timeout", SEVERAL_MACHINES].contains(&program.listing.name)
}

/// Runs a Python program with this start method, and with warnings as errors. It has to print the
/// right lines. Their times and order may differ, because such processes start slowly.
fn works_with_start_method(mut program: Program, method: &str) -> TestResult {
    const START: &str = "import multiprocessing, runpy, sys; \
                         _, method, *sys.argv = sys.argv; \
                         multiprocessing.set_start_method(method); \
                         runpy.run_path(sys.argv[0], run_name='__main__')";
    let command = program.command.as_mut().map_err(|reason| reason.as_str())?;
    command.splice(1..1, ["-W", "error", "-c", START, method].map(Into::into));
    let _turn = turn(6 * cores());
    let mut cell = Cell::check(&program, &runner(LONG));
    let is_about_time = |kind| matches!(kind, WrongOrder | WrongStage | WrongElapsed);
    cell.faults.retain(|fault| !is_about_time(fault.kind));
    if cell.faults.is_empty() { Ok(()) } else { Err(describe_faults(&cell).into()) }
}

fn passes(cell: &Cell) -> TestResult {
    let outcome = cell.outcome.as_ref().ok_or("it was skipped")?;
    let Program { section, listing, .. } = cell.program;
    if !cell.faults.is_empty() {
        eprintln!("{}", describe_faults(cell));
    }
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(this_folder().join("programs/snapshots"));
    let name = format!("{}-{}", section.name, listing.name);
    settings.bind(|| assert_snapshot!(name, canonical(listing, &outcome.lines)));
    if cell.faults.is_empty() { Ok(()) } else { Err("it has faults, see above".into()) }
}
