//! What `check --json` prints. Times are in seconds.

use serde::Serialize;

use super::{Cell, Check};
use crate::judge::verdict::{Fault, Verdict};

#[derive(Serialize)]
struct CheckJson<'a> {
    wall_s: f64,
    /// The versions of all interpreters.
    python: Option<String>,
    programs: Vec<ProgramJson<'a>>,
}

#[derive(Serialize)]
struct ProgramJson<'a> {
    section: &'a str,
    listing: &'a str,
    implementation: String,
    /// The version of the interpreter.
    python: Option<&'a str>,
    verdict: Verdict,
    faults: &'a [Fault],
    elapsed_s: Option<f64>,
    overhead_s: Option<f64>,
    wall_s: Option<f64>,
    max_rss_bytes: Option<u64>,
    user_s: Option<f64>,
    system_s: Option<f64>,
    lines: Vec<LineJson<'a>>,
}

#[derive(Serialize)]
struct LineJson<'a> {
    at_s: f64,
    text: &'a str,
}

/// The check as one JSON object. A program that has not ended is left out.
pub fn render(check: &Check) -> serde_json::Result<String> {
    let versions: Vec<_> =
        check.interpreters.iter().map(|python| python.version.as_str()).collect();
    serde_json::to_string(&CheckJson {
        wall_s: check.started.elapsed().as_secs_f64(),
        python: (!versions.is_empty()).then(|| versions.join(", ")),
        programs: check.cells.iter().filter_map(program).collect(),
    })
}

fn program(cell: &Cell) -> Option<ProgramJson<'_>> {
    let Cell { program, outcome, faults } = cell;
    let outcome = outcome.as_ref();
    let usage = outcome.and_then(|outcome| outcome.usage);
    let lines = outcome.map_or(&[][..], |outcome| &outcome.lines);
    Some(ProgramJson {
        section: program.section.name,
        listing: program.listing.name,
        implementation: program.implementation.to_string(),
        python: program.interpreter.as_ref().map(|python| python.version.as_str()),
        verdict: cell.verdict()?,
        faults,
        elapsed_s: cell.elapsed(),
        overhead_s: cell.overhead(),
        wall_s: outcome.map(|outcome| outcome.wall.as_secs_f64()),
        max_rss_bytes: usage.map(|usage| usage.max_rss_bytes),
        user_s: usage.map(|usage| usage.user.as_secs_f64()),
        system_s: usage.map(|usage| usage.system.as_secs_f64()),
        lines: lines
            .iter()
            .map(|line| LineJson { at_s: line.at.as_secs_f64(), text: &line.text })
            .collect(),
    })
}
