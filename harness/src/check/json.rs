//! What `check --json` prints. Times are in seconds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::table::time_text;
use super::{Cell, Check};
use crate::catalog::{Implementation, Listing, Section, all_listings};
use crate::judge::lanes::{Lane, lanes};
use crate::judge::transcript::elapsed_seconds;
use crate::judge::verdict::{Fault, FaultKind, Verdict};
use crate::measure::Machine;

/// A check: what each program did, and its verdict.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CheckJson {
    /// The time of the check, without the build.
    pub wall_s: f64,
    /// How many programs ran at the same time.
    pub jobs: usize,
    /// The versions of all interpreters, separated by commas, if there are any.
    pub python: Option<String>,
    /// The day on which it began, in UTC, like `2026-11-28`. `None` in a file of an older version.
    pub date: Option<String>,
    /// The machine. `None` in a file of an older version.
    pub machine: Option<Machine>,
    /// The programs that have ended or were skipped.
    pub programs: Vec<ProgramJson>,
}

/// A program, what it did, and its verdict. What is not known of a program is `None`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ProgramJson {
    /// The section's name.
    pub section: String,
    /// The listing's name.
    pub listing: String,
    /// What the program is written with.
    pub implementation: Implementation,
    /// The version of its interpreter.
    pub python: Option<String>,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why it was skipped.
    pub reason: Option<String>,
    /// Its faults, none if it passes.
    pub faults: Vec<Fault>,
    /// The elapsed time that it reported.
    pub elapsed_s: Option<f64>,
    /// The elapsed time minus the sleep.
    pub overhead_s: Option<f64>,
    /// The wall time, from just before it was started.
    pub wall_s: Option<f64>,
    /// Peak RSS of the largest of its processes, in bytes.
    pub max_rss_bytes: Option<u64>,
    /// CPU time in user mode.
    pub user_s: Option<f64>,
    /// CPU time in the kernel.
    pub system_s: Option<f64>,
    /// The lines that it printed to stdout.
    pub lines: Vec<LineJson>,
}

/// A printed line.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LineJson {
    /// When it was read, from the start of the program.
    pub at_s: f64,
    /// The line without its newline.
    pub text: String,
}

impl CheckJson {
    /// How many programs have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.programs.iter().filter(|program| program.verdict == verdict).count()
    }

    /// The time of a program in a matrix, with its unit. `None` if it did not pass, or has no clock.
    pub fn shown_time(&self, program: &ProgramJson) -> Option<String> {
        let elapsed = program.elapsed_s.filter(|_| program.verdict == Verdict::Pass)?;
        Some(time_text(elapsed, self.jobs))
    }

    /// What is said of it as a whole: where, when and how it ran.
    pub fn setting(&self) -> CheckJson {
        CheckJson { programs: Vec::new(), ..self.clone() }
    }

    /// Why programs were skipped, each reason with their number.
    pub fn reasons(&self) -> Vec<(&str, usize)> {
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for reason in self.programs.iter().filter_map(|program| program.reason.as_deref()) {
            match reasons.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        reasons
    }
}

impl ProgramJson {
    /// Its name, like `asyncio::timeout::tokio`, with the version of its Python.
    pub fn name(&self) -> String {
        let ProgramJson { section, listing, implementation, python, .. } = self;
        let version = python.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        format!("{section}::{listing}::{implementation}{version}")
    }

    /// The seconds from the start of the program at which its own clock began: what it reports as
    /// elapsed is counted from there. `None` without a right report.
    pub fn clock_start(&self) -> Option<f64> {
        let mut lines = self.lines.iter();
        let start = lines.find_map(|line| Some(line.at_s - elapsed_seconds(&line.text)?))?;
        let is_wrong = self.faults.iter().any(|fault| fault.kind == FaultKind::WrongElapsed);
        (!is_wrong).then_some(start)
    }

    /// The same program, but its lines have their seconds since its own clock began, if that is
    /// known.
    pub fn since_clock_start(&self) -> ProgramJson {
        let start = self.clock_start().unwrap_or(0.0);
        let mut program = self.clone();
        for line in &mut program.lines {
            // The first line may have been read faster than the last.
            line.at_s = (line.at_s - start).max(0.0);
        }
        program
    }

    /// Who printed what, when, and who slept, in seconds like those of the lines.
    pub fn lanes(&self) -> Vec<Lane<'_>> {
        let is_it = |(section, listing): &(&Section, &Listing)| {
            section.name == self.section && listing.name == self.listing
        };
        let Some((_, listing)) = all_listings().find(is_it) else { return Vec::new() };
        let start = self.clock_start().unwrap_or(0.0);
        lanes(listing, start, self.lines.iter().map(|line| (line.at_s, line.text.as_str())))
    }
}

/// What is known so far. A program that has not ended is left out.
impl From<&Check> for CheckJson {
    fn from(check: &Check) -> CheckJson {
        let versions: Vec<_> =
            check.interpreters.iter().map(|python| python.version.as_str()).collect();
        CheckJson {
            wall_s: check.started.elapsed().as_secs_f64(),
            jobs: check.jobs,
            python: (!versions.is_empty()).then(|| versions.join(", ")),
            date: Some(Timestamp::now().strftime("%F").to_string()),
            machine: Some(Machine::current()),
            programs: check.cells.iter().filter_map(program).collect(),
        }
    }
}

fn program(cell: &Cell) -> Option<ProgramJson> {
    let Cell { program, outcome, faults } = cell;
    let outcome = outcome.as_ref();
    let usage = outcome.and_then(|outcome| outcome.usage);
    let lines = outcome.map_or(&[][..], |outcome| &outcome.lines);
    Some(ProgramJson {
        section: program.section.name.to_owned(),
        listing: program.listing.name.to_owned(),
        implementation: program.implementation,
        python: program.interpreter.as_ref().map(|python| python.version.clone()),
        verdict: cell.verdict()?,
        reason: program.command.as_ref().err().cloned(),
        faults: faults.clone(),
        elapsed_s: cell.elapsed(),
        overhead_s: cell.overhead(),
        wall_s: outcome.map(|outcome| outcome.wall.as_secs_f64()),
        max_rss_bytes: usage.map(|usage| usage.max_rss_bytes),
        user_s: usage.map(|usage| usage.user.as_secs_f64()),
        system_s: usage.map(|usage| usage.system.as_secs_f64()),
        lines: lines
            .iter()
            .map(|line| LineJson { at_s: line.at.as_secs_f64(), text: line.text.clone() })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn time_is_counted_from_the_programs_own_clock() {
        let lines = json!([
            { "at_s": 0.75, "text": "Codecademy" },
            { "at_s": 3.0, "text": "Asyncio Elapsed Time: 2.5 seconds" },
        ]);
        let program = json!({ "section": "asyncio", "listing": "multiple-tasks",
            "implementation": "tokio", "verdict": "pass", "faults": [], "lines": lines });
        let mut program: ProgramJson = from_value(program).unwrap();
        let at = |one: ProgramJson| one.lines.iter().map(|line| line.at_s).collect::<Vec<_>>();
        assert_eq!(at(program.since_clock_start()), [0.25, 2.5]);
        program.faults = vec![Fault { kind: FaultKind::WrongElapsed, detail: String::new() }];
        assert_eq!(at(program.since_clock_start()), [0.75, 3.0]);
    }
}
