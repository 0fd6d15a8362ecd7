//! Who uses the cores: runs `cpu-bound`, one program at a time, and reads the speed-ups that it tells.

use std::time::Duration;

use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use crate::machine::{Machine, Versions};
use crate::program::Program;
use crate::run::{Line, Outcome, Runner};
use crate::scale::Summary;
use crate::verdict::{FaultKind, judge};

/// What was measured of all programs, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Cores {
    /// Where it was measured.
    pub machine: Machine,
    /// What was measured.
    pub versions: Versions,
    /// How the programs are built: `release` or `debug`.
    pub build: String,
    /// How often each program ran.
    pub runs: usize,
    /// The programs, in the document's order.
    pub programs: Vec<CpuBound>,
}

/// What was measured of one program.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CpuBound {
    /// The section.
    pub section: String,
    /// The implementation.
    pub implementation: String,
    /// The version, for Python.
    pub python: Option<String>,
    /// How many rounds each of the four workers computed.
    pub rounds: Option<u64>,
    /// Seconds that the four took one after another.
    pub one_after_another_s: Option<Summary>,
    /// Seconds that they took side by side.
    pub side_by_side_s: Option<Summary>,
    /// How many times as fast that was.
    pub speed_up: Option<Summary>,
    /// How many times as fast they were on other threads, where the section is about tasks.
    pub speed_up_on_other_threads: Option<Summary>,
    /// What went wrong, if something did: then nothing was measured.
    pub error: Option<String>,
}

/// What one run told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    rounds: u64,
    one_after_another_s: f64,
    side_by_side_s: f64,
    on_other_threads_s: Option<f64>,
}

/// Runs each program some times. Shows its progress on a terminal.
pub fn run(programs: &[Program], runner: &Runner, runs: usize, bar: &ProgressBar) -> Vec<CpuBound> {
    bar.set_length((programs.len() * runs) as u64);
    programs.iter().map(|program| run_program(program, runner, runs, bar)).collect()
}

fn run_program(program: &Program, runner: &Runner, runs: usize, bar: &ProgressBar) -> CpuBound {
    let mut all = Vec::new();
    let mut error = None;
    for run in 1..=runs {
        bar.set_message(format!("{program}, run {run} of {runs}"));
        match measure(program, runner) {
            Ok(told) => all.push(told),
            Err(reason) => {
                error = Some(reason);
                break;
            }
        }
        bar.inc(1);
    }
    if error.is_some() {
        all.clear();
    }
    let summary = |of: &dyn Fn(&Told) -> Option<f64>| {
        let values: Vec<_> = all.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| Summary::of(values))
    };
    CpuBound {
        section: program.section.name.to_owned(),
        implementation: program.implementation.to_string(),
        python: program.interpreter.as_ref().map(|python| python.version.clone()),
        rounds: all.first().map(|told| told.rounds),
        one_after_another_s: summary(&|told| Some(told.one_after_another_s)),
        side_by_side_s: summary(&|told| Some(told.side_by_side_s)),
        speed_up: summary(&|told| Some(told.one_after_another_s / told.side_by_side_s)),
        speed_up_on_other_threads: summary(&|told| {
            Some(told.one_after_another_s / told.on_other_threads_s?)
        }),
        error,
    }
}

fn measure(program: &Program, runner: &Runner) -> Result<Told, String> {
    let command = program.command.as_ref().expect("only programs with a command are measured");
    let outcome = runner.run(command).unwrap_or_else(Outcome::could_not_start);
    read(program, &outcome)
}

/// What a program told, if all its lines are there and its result is right. How long it took is no fault.
pub fn read(program: &Program, outcome: &Outcome) -> Result<Told, String> {
    let mut faults = judge(&program.section.cpu_bound, outcome);
    faults.retain(|fault| fault.kind != FaultKind::WrongStage);
    if let Some(fault) = faults.first() {
        return Err(fault.detail.clone());
    }
    let numbers = |before: &str| {
        let line = outcome.lines.iter().find(|line| line.text.starts_with(before));
        line.map(numbers).ok_or_else(|| format!("no line begins with {before:?}"))
    };
    let [rounds, result] = numbers("Rounds: ")?[..] else {
        return Err("does not tell its rounds and its result".to_owned());
    };
    if result != power(rounds as u64) as f64 {
        return Err(format!("{rounds} rounds have not the result {result}"));
    }
    let seconds = |before: &str| {
        let first = numbers(before)?.first().copied();
        first.filter(|seconds| *seconds > 0.0).ok_or_else(|| format!("{before:?} has no seconds"))
    };
    Ok(Told {
        rounds: rounds as u64,
        one_after_another_s: seconds("One after another: ")?,
        side_by_side_s: seconds("Side by side: ")?,
        on_other_threads_s: match program.section.cpu_bound.steps.len() {
            4 => Some(seconds("On other threads: ")?),
            _ => None,
        },
    })
}

/// All numbers of a line.
fn numbers(line: &Line) -> Vec<f64> {
    let words = line.text.split([' ', ',']);
    words.filter_map(|word| word.parse().ok()).collect()
}

/// The result of so many rounds, found without going through them all: each round multiplies by 48,271
/// and leaves the remainder by the prime number 2^31 - 1.
fn power(mut rounds: u64) -> u64 {
    let (mut result, mut factor) = (1, 48_271);
    while rounds > 0 {
        if rounds % 2 == 1 {
            result = result * factor % 2_147_483_647;
        }
        factor = factor * factor % 2_147_483_647;
        rounds /= 2;
    }
    result
}

/// How long a program of `cpu-bound` may take: enough for a slow machine with one core.
pub const LIMIT: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_that_of_the_generator_in_the_cpp_standard() {
        // ISO C++, [rand.predef]: the 10,000th number of minstd_rand.
        assert_eq!(power(10_000), 399_268_537);
        assert_eq!((power(0), power(1), power(2)), (1, 48_271, 48_271 * 48_271 % 2_147_483_647));
    }

    #[test]
    fn the_numbers_of_a_line_are_found() {
        let text = "Side by side: 0.5061 seconds, speed-up 1.98".to_owned();
        assert_eq!(numbers(&Line { at: Duration::ZERO, text, is_whole: true }), [0.5061, 1.98]);
    }
}
