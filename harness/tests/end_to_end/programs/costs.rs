//! The two listings that are measured, in every implementation: a crowd of 100, and four
//! computations with few rounds.

use std::time::{Duration, Instant};

use harness::catalog::CROWD;
use harness::check::{Cell, describe_faults};
use harness::judge::verdict::FaultKind;
use harness::measure::cores;
use harness::program::Program;
use libtest_mimic::Trial;

use crate::setting::{LONG, Setting, TestResult, cores, program_trial, runner, turn};

pub fn trials(setting: &Setting) -> Vec<Trial> {
    let programs = setting.executables.programs(|_, listing| listing.is_measured());
    let trial = |program: Program| {
        let test = match program.listing.name {
            CROWD => a_hundred_sleep_at_the_same_time,
            _ => all_lines_are_there_and_the_results_are_right,
        };
        program_trial(program.to_string(), program, test)
    };
    programs.into_iter().map(trial).collect()
}

fn with(mut program: Program, arguments: [&str; 2]) -> Program {
    program.command.iter_mut().for_each(|command| command.extend(arguments.map(Into::into)));
    program
}

/// It prints one line with an elapsed time in [2 s, 4 s), and nothing else. A busy machine may take
/// longer to start 100, so a slow program is run again for up to a minute. If the 100 did not sleep
/// at the same time, every run would be slow.
fn a_hundred_sleep_at_the_same_time(program: Program) -> TestResult {
    let program = with(program, ["--count", "100"]);
    let begun = Instant::now();
    loop {
        let turn = (program.section.unit == "processes").then(|| turn(3 * cores()));
        let cell = Cell::check(&program, &runner(LONG));
        drop(turn);
        if cell.faults.is_empty() {
            return Ok(());
        }
        let is_slow = cell.elapsed().is_some_and(|seconds| seconds >= 4.0)
            && cell.faults.iter().all(|fault| fault.kind == FaultKind::WrongElapsed);
        if !is_slow || begun.elapsed() > Duration::from_secs(60) {
            return Err(describe_faults(&cell).into());
        }
    }
}

fn all_lines_are_there_and_the_results_are_right(program: Program) -> TestResult {
    let program = with(program, ["--rounds", "10000"]);
    let command = program.command.as_ref()?;
    let _turn = turn(3 * cores());
    let outcome = runner(LONG).run(command);
    cores::read(&program, &outcome)?;
    let first = outcome.lines.first().map_or("", |line| &line.text);
    assert_eq!(first, "Rounds: 10000, each time with the result 399268537");
    Ok(())
}
