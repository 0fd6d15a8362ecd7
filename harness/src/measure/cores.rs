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
    /// Those of the programs that have run, in the document's order.
    pub speed_ups: Vec<SpeedUp>,
}

/// How many times as fast four workers were as one after another.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SpeedUp {
    /// The section.
    pub section: String,
    /// The implementation, with the version if there were several Pythons.
    pub implementation: String,
    /// How the workers ran, one of [`WORKERS`].
    pub workers: String,
    /// How many rounds each worker computed.
    pub rounds: Option<u64>,
    /// The speed-up.
    pub speed_up: Option<Summary>,
    /// Why there is no speed-up, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How workers run, in the order in which programs report it. Only asyncio's programs report the second.
pub const WORKERS: [&str; 2] = ["concurrent", "on other threads"];

/// What one run reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    rounds: u64,
    /// One for each of the [`WORKERS`].
    speed_ups: Vec<f64>,
}

/// Runs each program `cores.runs` times.
pub fn measure_all(cores: &Mutex<Cores>, programs: &[Program], runner: &Runner, bar: &ProgressBar) {
    let runs = cores.lock().unwrap().runs;
    for program in programs {
        bar.set_message(program.to_string());
        let Some(command) = &program.command else { continue };
        let reported = (0..runs).map(|_| read(program, &runner.run(command))).collect();
        cores.lock().unwrap().speed_ups.extend(summarize(program, reported));
        bar.inc(1);
    }
}

fn summarize(program: &Program, reported: Result<Vec<Reported>, String>) -> Vec<SpeedUp> {
    let entry = |workers: &str, rounds, speed_up, error| SpeedUp {
        section: program.section.name.to_owned(),
        implementation: program.label.clone(),
        workers: workers.to_owned(),
        rounds,
        speed_up,
        error,
    };
    let runs = match reported {
        Ok(runs) => runs,
        Err(error) => return vec![entry(WORKERS[0], None, None, Some(error))],
    };
    let summarize = |(index, workers)| {
        let summary = Summary::of(runs.iter().map(|run| run.speed_ups[index]));
        entry(workers, Some(runs[0].rounds), Some(summary), None)
    };
    (0..runs[0].speed_ups.len()).zip(WORKERS).map(summarize).collect()
}

/// The numbers that a program reported.
///
/// # Errors
///
/// When it has a fault, when a number is missing, and when the result is wrong.
pub fn read(program: &Program, outcome: &Outcome) -> Result<Reported, String> {
    if let Some(fault) = find_fault(program, outcome) {
        return Err(fault);
    }
    // Without a fault, these are the listing's lines.
    let numbers: Vec<_> = outcome.lines.iter().map(numbers_of).collect();
    let numbers: Vec<_> = numbers.iter().map(Vec::as_slice).collect();
    let &[&[rounds, result], &[serial], ref parallel @ ..] = &numbers[..] else {
        return Err("reports no rounds, no result or no seconds".to_owned());
    };
    let expected = power(rounds as u64);
    if result != expected as f64 {
        return Err(format!("the result of {rounds} rounds is {expected}, not {result}"));
    }
    let speed_up = |numbers: &&[f64]| {
        let speed_up = serial / numbers.first()?;
        speed_up.is_finite().then_some(speed_up)
    };
    let speed_ups: Option<Vec<_>> = parallel.iter().map(speed_up).collect();
    Ok(Reported { rounds: rounds as u64, speed_ups: speed_ups.ok_or("reports no seconds")? })
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
    /// The speed-ups: a row per section and way of working, a column per implementation.
    pub fn table(&self) -> Table {
        let mut names: Vec<&str> = Vec::new();
        for one in &self.speed_ups {
            if !names.contains(&one.implementation.as_str()) {
                names.push(&one.implementation);
            }
        }
        let mut rows = Vec::new();
        for speed_ups in self.speed_ups.chunk_by(|one, next| one.section == next.section) {
            for workers in WORKERS {
                let row: Vec<_> = speed_ups.iter().filter(|one| one.workers == workers).collect();
                let cell = |name: &&str| {
                    let speed_up = row.iter().find(|one| one.implementation == *name)?.speed_up?;
                    Some(format!("{:.2}", speed_up.median))
                };
                let cells = names.iter().map(|name| cell(name).unwrap_or("-".to_owned()));
                if !row.is_empty() {
                    let title = format!("{}, {workers}", speed_ups[0].section);
                    rows.push(iter::once(title).chain(cells).collect());
                }
            }
        }
        let corner = format!("{} cores", self.environment.machine.cores);
        numbers(iter::once(corner.as_str()).chain(names), rows)
    }

    /// How far the least and the most are from their median at most, as a part of it.
    pub fn spread(&self) -> f64 {
        let spread = |of: Summary| (of.max - of.median).max(of.median - of.min) / of.median;
        self.speed_ups.iter().filter_map(|one| one.speed_up).map(spread).fold(0.0, f64::max)
    }
}

impl Findings for Cores {
    fn to_text(&self) -> String {
        let mut text = plain(self.table());
        text += "\nSpeed-up: how many times as fast four workers were as one after another.\n";
        text += &format!("{}, {} builds.", runs(self.runs), self.environment.build);
        if self.runs > 1 {
            text +=
                &format!(" All runs are within {:.0} % of their median.", self.spread() * 100.0);
        }
        for SpeedUp { section, implementation, error, .. } in &self.speed_ups {
            if let Some(error) = error {
                text += &format!("\n{section} with {implementation}: {error}");
            }
        }
        text + "\n"
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    fn is_success(&self) -> bool {
        self.speed_ups.iter().all(|one| one.error.is_none())
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
        let text = "Concurrent: 0.5061 seconds, speed-up 1.98".to_owned();
        assert_eq!(numbers_of(&Line { at: Duration::ZERO, text, is_whole: true }), [0.5061, 1.98]);
    }

    #[test]
    fn the_spread_is_the_largest_distance_from_a_median() {
        let one = |min, max| SpeedUp {
            section: "asyncio".to_owned(),
            implementation: "tokio".to_owned(),
            workers: WORKERS[0].to_owned(),
            rounds: Some(1),
            speed_up: Some(Summary { median: 2.0, min, max }),
            error: None,
        };
        let environment = Environment::this(&[]);
        let spread =
            |speed_ups| Cores { environment: environment.clone(), runs: 2, speed_ups }.spread();
        assert_eq!(spread(vec![one(1.75, 2.5), one(2.0, 2.0)]), 0.25);
        assert_eq!(spread(vec![one(1.0, 2.5)]), 0.5);
    }
}
