//! The two listings that are measured, in every implementation: a crowd, and four computations.

use harness::catalog::{CROWD, Implementation};
use harness::check::{Cell, describe_faults};
use harness::measure::{cores, scale};
use harness::program::Program;
use libtest_mimic::Trial;

use super::lines_at_work;
use crate::setting::{LONG, Setting, TestResult, cores, program_trial, runner, turn};

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let programs = setting.executables.programs(|_, listing| listing.is_measured());
    let trial = |program: Program| {
        let test = match program.listing.name {
            CROWD => all_sleep_at_the_same_time,
            _ => four_compute_at_the_same_time,
        };
        program_trial(program.to_string(), program, test)
    };
    programs.into_iter().map(trial).collect()
}

fn with(program: &Program, option: &str, number: usize) -> Program {
    let mut program = program.clone();
    let arguments = [option.into(), number.to_string().into()];
    program.command.iter_mut().for_each(|command| command.extend(arguments.clone()));
    program
}

fn all_sleep_at_the_same_time(program: Program) -> TestResult {
    let is_threads_of_tokio =
        program.section.unit == "threads" && program.implementation == Implementation::Tokio;
    // tokio's pool has 512 threads by default.
    let count = if is_threads_of_tokio { 600 } else { 100 };
    let program = with(&program, "--count", count);
    let _turn = (program.section.unit != "tasks").then(|| turn(3 * cores()));
    lines_at_work(&program, Some(count))?;
    let cell = Cell::check(&program, &runner(LONG)).confirm(&runner(LONG));
    let outcome = cell.outcome.as_ref().ok_or("it was skipped")?;
    scale::read(&program, count as u64, outcome)?;
    if cell.faults.is_empty() { Ok(()) } else { Err(describe_faults(&cell).into()) }
}

/// They have so many rounds that they can be seen at work.
fn four_compute_at_the_same_time(program: Program) -> TestResult {
    let is_python = program.implementation == Implementation::Python;
    let _turn = turn(3 * cores());
    let many = if is_python { 500_000 } else { 10_000_000 };
    lines_at_work(&with(&program, "--rounds", many), Some(4))?;
    let program = with(&program, "--rounds", 10_000);
    let outcome = runner(LONG).run(program.command.as_ref()?);
    cores::read(&program, &outcome)?;
    let first = outcome.lines.first().map_or("", |line| &line.text);
    assert_eq!(first, "Rounds: 10000, each time with the result 399268537");
    Ok(())
}
