//! A matrix as JSON, and what benches/spawn.rs measured, for other programs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::machine::{Machine, Versions};
use crate::matrix::{Cell, Verdict};
use crate::program::Interpreter;
use crate::verdict::Fault;

/// The object that `check --json` prints. Times are in seconds.
#[derive(Debug, Serialize)]
pub struct Check<'a> {
    wall_s: f64,
    python: Option<String>,
    programs: Vec<Program<'a>>,
}

#[derive(Debug, Serialize)]
struct Program<'a> {
    section: &'a str,
    listing: &'a str,
    implementation: String,
    /// The version, for Python.
    python: Option<&'a str>,
    verdict: Verdict,
    faults: &'a [Fault],
    elapsed_s: Option<f64>,
    overhead_s: Option<f64>,
    wall_s: Option<f64>,
    max_rss_bytes: Option<u64>,
    user_s: Option<f64>,
    system_s: Option<f64>,
    lines: Vec<Line<'a>>,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    at_s: f64,
    text: &'a str,
}

impl<'a> Check<'a> {
    /// Describes the cells of a check that took `wall` in all.
    pub fn new(cells: &'a [Cell], interpreters: &[Interpreter], wall: Duration) -> Check<'a> {
        let versions: Vec<_> = interpreters.iter().map(|python| python.version.as_str()).collect();
        Check {
            wall_s: wall.as_secs_f64(),
            python: (!versions.is_empty()).then(|| versions.join(", ")),
            programs: cells.iter().map(Program::new).collect(),
        }
    }
}

impl<'a> Program<'a> {
    fn new(cell: &'a Cell) -> Program<'a> {
        let program = &cell.program;
        let outcome = cell.outcome.as_ref();
        let usage = outcome.and_then(|outcome| outcome.usage);
        let lines = outcome.map_or(&[][..], |outcome| &outcome.lines);
        Program {
            section: program.section.name,
            listing: program.listing.name,
            implementation: program.implementation.to_string(),
            python: program.interpreter.as_ref().map(|python| python.version.as_str()),
            verdict: cell.verdict(),
            faults: &cell.faults,
            elapsed_s: cell.elapsed(),
            overhead_s: cell.overhead(),
            wall_s: outcome.map(|outcome| outcome.wall.as_secs_f64()),
            max_rss_bytes: usage.map(|usage| usage.max_rss_bytes),
            user_s: usage.map(|usage| usage.user.as_secs_f64()),
            system_s: usage.map(|usage| usage.system.as_secs_f64()),
            lines: lines
                .iter()
                .map(|line| Line { at_s: line.at.as_secs_f64(), text: &line.text })
                .collect(),
        }
    }
}

/// What benches/spawn.rs measured: the time that it takes to start units of work that do nothing, and to
/// wait for their end.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Spawn {
    /// What it was measured on.
    pub machine: Machine,
    /// Of Rust and of the runtimes.
    pub versions: Versions,
    /// How it was measured.
    pub settings: SpawnSettings,
    /// In the order in which they were measured.
    pub benchmarks: Vec<SpawnBenchmark>,
}

/// How each benchmark was measured.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SpawnSettings {
    /// How many samples there are. Each is the mean of as many runs as fit.
    pub samples: usize,
    /// How long all samples of a benchmark take, in seconds, unless a run takes longer than a sample has.
    pub measurement_s: f64,
}

/// A number of units, started one after another and then awaited one after another.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SpawnBenchmark {
    /// What a unit is, like `threads`.
    pub kind: String,
    /// What starts it, like `std-only`.
    pub implementation: String,
    /// How many units there are.
    pub count: usize,
    /// Seconds from the start of the first unit to the end of the last, divided by `count`.
    pub per_unit_s: Estimate,
}

/// A median, and the interval that criterion trusts it to be in, by bootstrapping: 95 times of 100.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Estimate {
    /// The median of the samples.
    pub median: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}
