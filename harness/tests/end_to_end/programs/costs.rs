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
            CROWD => twenty_sleep_at_the_same_time,
            _ => four_compute_at_the_same_time,
        };
        program_trial(program.to_string(), program, test)
    };
    programs.into_iter().map(trial).collect()
}

/// The program with one more option.
pub fn with(program: &Program, option: &str, number: usize) -> Program {
    let mut program = program.clone();
    let arguments = [option.into(), number.to_string().into()];
    program.command.iter_mut().for_each(|command| command.extend(arguments.clone()));
    program
}

fn twenty_sleep_at_the_same_time(program: Program) -> TestResult {
    let count = 20; // few enough for a very busy machine to start them within two seconds
    let _turn = (program.section.unit != "tasks").then(|| turn(3 * cores()));
    #[cfg(target_os = "linux")]
    if program.section.unit == "threads" && program.implementation == Implementation::Tokio {
        // 512 is what tokio's pool has by default. A busy machine may start fewer within two seconds.
        let program = with(&program, "--count", 600);
        let is_default = || super::at_work::most_asleep(&program).map(|most| most == 512);
        assert!(!(is_default()? && is_default()? && is_default()?), "512 slept at the same time");
    }
    let program = with(&program, "--count", count);
    lines_at_work(&program, Some(count))?;
    let cell = Cell::check(&program, &runner(LONG)).confirm(&runner(LONG));
    let outcome = cell.outcome.as_ref().ok_or("it was skipped")?;
    scale::read(&program, count as u64, outcome)?;
    if cell.faults.is_empty() { Ok(()) } else { Err(describe_faults(&cell).into()) }
}

/// Runs a program that computes so much that `at_once` threads or processes are seen at work. On a
/// busy machine, the first may have ended before the last one starts. Then it computes ten times as
/// much.
pub fn computes(program: &Program, option: &str, much: usize, at_once: usize) -> TestResult {
    let _turn = turn(3 * cores());
    let lines = |much| lines_at_work(&with(program, option, much), Some(at_once));
    lines(much).or_else(|_| lines(10 * much)).map(drop)
}

fn four_compute_at_the_same_time(program: Program) -> TestResult {
    let is_python = program.implementation == Implementation::Python;
    computes(&program, "--rounds", if is_python { 300_000 } else { 4_000_000 }, 4)?;
    let program = with(&program, "--rounds", 10_000);
    let outcome = runner(LONG).run(program.command.as_ref()?);
    cores::read(&program, &outcome)?;
    let first = outcome.lines.first().map_or("", |line| &line.text);
    assert_eq!(first, "Rounds: 10000, each time with the result 399268537");
    Ok(())
}
