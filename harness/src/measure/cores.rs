//! The command `cores`: CPU-bound speed-up. Runs the listing `cpu-bound` and reads the times that it reports.

use std::iter;
use std::sync::Mutex;

use comfy_table::Table;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use super::{Environment, Summary, find_fault, runs};
use crate::program::Program;
use crate::run::{Line, Outcome, Runner};
use crate::terminal::{Findings, numbers, plain};

/// What was measured of all programs, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Cores {
    /// What it was measured on.
    #[serde(flatten)]
    pub environment: Environment,
    /// How often each program ran.
    pub runs: usize,
    /// The programs that have run, in the document's order.
    pub programs: Vec<SpeedUps>,
}

/// What was measured of one program.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SpeedUps {
    /// The section.
    pub section: String,
    /// The implementation, with the version if there were several Pythons.
    pub implementation: String,
    /// How many rounds each of the four workers computed.
    pub rounds: Option<u64>,
    /// How many times as fast the workers were side by side as one after another.
    pub side_by_side: Option<Summary>,
    /// The same on other threads, where the section is about tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_other_threads: Option<Summary>,
    /// Why there are no numbers, if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What one run reported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reported {
    rounds: u64,
    one_after_another_s: f64,
    side_by_side_s: f64,
    on_other_threads_s: Option<f64>,
}

/// Runs each program `cores.runs` times.
pub fn measure_all(cores: &Mutex<Cores>, programs: &[Program], runner: &Runner, bar: &ProgressBar) {
    let runs = cores.lock().unwrap().runs;
    for program in programs {
        bar.set_message(program.to_string());
        let command = program.command.as_ref().expect("only programs with a command are measured");
        let measure =
            |_| read(program, &runner.run(command).unwrap_or_else(Outcome::could_not_start));
        let reported: Result<Vec<_>, _> = (0..runs).map(measure).collect();
        cores.lock().unwrap().programs.push(summarize(program, reported));
        bar.inc(1);
    }
}

fn summarize(program: &Program, reported: Result<Vec<Reported>, String>) -> SpeedUps {
    let (error, runs) = match reported {
        Ok(runs) => (None, runs),
        Err(error) => (Some(error), Vec::new()),
    };
    let summary = |of: &dyn Fn(&Reported) -> Option<f64>| {
        let values: Vec<_> = runs.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| Summary::of(values))
    };
    SpeedUps {
        section: program.section.name.to_owned(),
        implementation: program.label.clone(),
        rounds: runs.first().map(|run| run.rounds),
        side_by_side: summary(&|run| Some(run.one_after_another_s / run.side_by_side_s)),
        on_other_threads: summary(&|run| Some(run.one_after_another_s / run.on_other_threads_s?)),
        error,
    }
}

/// The numbers that a program reported.
///
/// # Errors
///
/// When a line is missing or the result is wrong.
pub fn read(program: &Program, outcome: &Outcome) -> Result<Reported, String> {
    if let Some(fault) = find_fault(program, outcome) {
        return Err(fault);
    }
    let numbers_after = |start: &str| {
        let line = outcome.lines.iter().find(|line| line.text.starts_with(start));
        line.map(numbers_of).unwrap_or_default()
    };
    let [rounds, result] = numbers_after("Rounds: ")[..] else {
        return Err("reports no rounds or no result".to_owned());
    };
    let expected = power(rounds as u64);
    if result != expected as f64 {
        return Err(format!("the result of {rounds} rounds is {expected}, not {result}"));
    }
    let seconds = |start: &str| {
        let first = numbers_after(start).first().copied();
        first.filter(|seconds| *seconds > 0.0).ok_or_else(|| format!("{start:?} has no seconds"))
    };
    let has_other_threads = program.listing.steps.len() == 4;
    Ok(Reported {
        rounds: rounds as u64,
        one_after_another_s: seconds("One after another: ")?,
        side_by_side_s: seconds("Side by side: ")?,
        on_other_threads_s: has_other_threads.then(|| seconds("On other threads: ")).transpose()?,
    })
}

/// All numbers in a line.
fn numbers_of(line: &Line) -> Vec<f64> {
    line.text.split([' ', ',']).filter_map(|word| word.parse().ok()).collect()
}

/// The result of so many rounds in O(log n). Each round multiplies by 48,271 modulo 2^31 - 1.
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

impl Cores {
    /// The speed-ups: a row per section, a column per implementation.
    pub fn table(&self) -> Table {
        let mut names = Vec::new();
        for program in &self.programs {
            if !names.contains(&program.implementation) {
                names.push(program.implementation.clone());
            }
        }
        let mut rows = Vec::new();
        for programs in self.programs.chunk_by(|one, next| one.section == next.section) {
            let section = &programs[0].section;
            rows.push(row(section.clone(), &names, programs, |program| program.side_by_side));
            if programs.iter().any(|program| program.on_other_threads.is_some()) {
                let title = format!("{section}, on other threads");
                rows.push(row(title, &names, programs, |program| program.on_other_threads));
            }
        }
        let corner = format!("{} cores", self.environment.machine.cores);
        numbers(iter::once(corner).chain(names), rows)
    }

    /// How far the least and the most are from their median at most, as a part of it.
    pub fn spread(&self) -> f64 {
        let all = self
            .programs
            .iter()
            .flat_map(|program| [program.side_by_side, program.on_other_threads]);
        let spread = |of: Summary| (of.max - of.median).max(of.median - of.min) / of.median;
        all.flatten().map(spread).fold(0.0, f64::max)
    }
}

fn row(
    title: String,
    names: &[String],
    programs: &[SpeedUps],
    of: impl Fn(&SpeedUps) -> Option<Summary>,
) -> Vec<String> {
    let cell = |name: &String| {
        let speed_up =
            programs.iter().find(|program| program.implementation == *name).and_then(&of);
        speed_up.map_or("-".to_owned(), |speed_up| format!("{:.2}", speed_up.median))
    };
    iter::once(title).chain(names.iter().map(cell)).collect()
}

impl Findings for Cores {
    fn to_text(&self) -> String {
        let mut text = plain(self.table());
        text += "\nSpeed-up: how many times as fast four workers were side by side as one after another.\n";
        text += &format!("{}, {} builds.", runs(self.runs), self.environment.build);
        if self.runs > 1 {
            text +=
                &format!(" All runs are within {:.0} % of their median.", self.spread() * 100.0);
        }
        for program in &self.programs {
            if let Some(error) = &program.error {
                text += &format!("\n{} with {}: {error}", program.section, program.implementation);
            }
        }
        text + "\n"
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    fn is_success(&self) -> bool {
        self.programs.iter().all(|program| program.error.is_none())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_result_is_that_of_the_generator_in_the_cpp_standard() {
        // ISO C++, [rand.predef]: the 10,000th number of minstd_rand.
        assert_eq!(power(10_000), 399_268_537);
        assert_eq!((power(0), power(1), power(2)), (1, 48_271, 48_271 * 48_271 % 2_147_483_647));
    }

    #[test]
    fn all_numbers_of_a_line_are_found() {
        let text = "Side by side: 0.5061 seconds, speed-up 1.98".to_owned();
        assert_eq!(numbers_of(&Line { at: Duration::ZERO, text, is_whole: true }), [0.5061, 1.98]);
    }

    #[test]
    fn the_spread_is_the_largest_distance_from_a_median() {
        let program = |min, max| SpeedUps {
            section: "asyncio".to_owned(),
            implementation: "tokio".to_owned(),
            rounds: Some(1),
            side_by_side: Some(Summary { median: 2.0, min, max }),
            on_other_threads: None,
            error: None,
        };
        let environment = Environment::this(&[]);
        let spread =
            |programs| Cores { environment: environment.clone(), runs: 2, programs }.spread();
        assert_eq!(spread(vec![program(1.75, 2.5), program(2.0, 2.0)]), 0.25);
        assert_eq!(spread(vec![program(1.0, 2.5)]), 0.5);
    }
}
