//! Compares what a program printed, and how it ended, with the catalog.

use std::fmt;

use nix::sys::signal::Signal;
use serde::Serialize;

use super::transcript::{ELAPSED, STAGE, elapsed_seconds, elapsed_stage, stages};
use crate::catalog::{Listing, matches};
use crate::run::{End, Line, Outcome};

/// The verdict on a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It has no faults.
    Pass,
    /// It has faults.
    Fail,
    /// It was not run, because no Python was found, or because of `--no-python`.
    Skipped,
}

/// One named reason why a program fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// What it did, in a sentence.
    pub detail: String,
}

/// The kinds of faults. Each is documented by its condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The operating system cannot start it, or its supervisor.
    CouldNotStart,
    /// It exits with another status than 0, or a signal ends it.
    WrongExitStatus,
    /// It is still running at the limit, it prints no line within three times the limit, or a
    /// process that it started is still running 1.5 s after its end.
    TimedOut,
    /// A line of the listing is missing.
    MissingLine,
    /// It prints a line that the listing does not have, a line twice, or a line without a newline,
    /// or one of its processes prints a line after the program's own end.
    UnexpectedLine,
    /// It prints a line before another one that must come first.
    WrongOrder,
    /// It prints a line before or after the line's stage, or, in each of three runs, lines of two
    /// stages together.
    WrongStage,
    /// It reports an elapsed time below 2 s, of 4 s or more, longer than the program has run, or in
    /// another format than Python's `str(float)`.
    WrongElapsed,
    /// It prints to stderr.
    UnexpectedStderr,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// How many unexpected lines are reported as a fault each. The others are counted.
const MOST_UNEXPECTED: usize = 3;

/// Returns all faults of a program of this listing, sorted by kind.
pub fn find_faults(listing: &Listing, outcome: &Outcome) -> Vec<Fault> {
    let mut faults = faults_of_end(&outcome.end);
    if !matches!(outcome.end, End::CouldNotStart(_)) {
        faults.extend(faults_of_lines(listing, outcome));
    }
    if let Some(first) = outcome.stderr.first() {
        let rest = match outcome.stderr.len() - 1 + outcome.more_stderr {
            0 => String::new(),
            more => format!(", and {}", count(more, "more line")),
        };
        faults
            .push(fault(FaultKind::UnexpectedStderr, format!("{:?} on stderr{rest}", first.text)));
    }
    faults.sort_by_key(|fault| fault.kind);
    faults
}

fn faults_of_end(end: &End) -> Vec<Fault> {
    let (kind, detail) = match end {
        End::Exited(0) => return Vec::new(),
        End::Exited(code) => {
            (FaultKind::WrongExitStatus, format!("exited with status {code}, expected 0"))
        }
        End::Signalled(number) => {
            let name = Signal::try_from(*number).map_or("a signal", Signal::as_str);
            (FaultKind::WrongExitStatus, format!("was killed by {name} (signal {number})"))
        }
        End::NoLine(limit) => (
            FaultKind::TimedOut,
            format!("printed no line in {} s and was killed", limit.as_secs_f64()),
        ),
        End::TimedOut(limit) => {
            let limit = limit.as_secs_f64();
            let detail = format!("was still running {limit} s after its first line and was killed");
            (FaultKind::TimedOut, detail)
        }
        End::LeftBehind => (
            FaultKind::TimedOut,
            "exited, but a process that it had started was still running and was killed".to_owned(),
        ),
        End::CouldNotStart(reason) => (FaultKind::CouldNotStart, reason.clone()),
    };
    vec![fault(kind, detail)]
}

fn faults_of_lines(listing: &Listing, outcome: &Outcome) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut missing = Vec::new();
    for (index, step) in listing.steps.iter().enumerate() {
        missing.extend(step.lines.iter().map(|text| (index, step.stage, *text)));
    }
    let mut unexpected = Vec::new();
    let mut latest: Option<(usize, &str)> = None;
    for (line, stage) in outcome.lines.iter().zip(stages(listing, &outcome.lines)) {
        let text = &line.text;
        let Some(found) = missing.iter().position(|(.., expected)| matches(text, expected)) else {
            let again = outcome.lines.iter().filter(|other| other.text == *text).count() > 1;
            let why = if again { "was printed more than once" } else { "is not in the listing" };
            unexpected.push(fault(FaultKind::UnexpectedLine, format!("{text:?} {why}")));
            continue;
        };
        let (index, expected_stage, _) = missing.remove(found);
        if !line.is_whole {
            let detail = format!("{text:?} has no newline at its end");
            faults.push(fault(FaultKind::UnexpectedLine, detail));
        }
        if line.is_after_end {
            let detail = format!("{text:?} was printed after the program had ended");
            faults.push(fault(FaultKind::UnexpectedLine, detail));
        }
        if stage != expected_stage {
            let after = (line.at - outcome.lines[0].at).as_secs_f64();
            let due = expected_stage * STAGE.as_secs();
            let detail = format!(
                "{text:?} came {after:.2} s after the first line, expected between {due} s and {} s",
                due + STAGE.as_secs()
            );
            faults.push(fault(FaultKind::WrongStage, detail));
        }
        match latest {
            Some((latest_index, before)) if index < latest_index => {
                let detail = format!("{text:?} came after {before:?}, expected before it");
                faults.push(fault(FaultKind::WrongOrder, detail));
            }
            _ => latest = Some((index, text)),
        }
        faults.extend(fault_of_elapsed(line, expected_stage));
    }
    let left_out = unexpected.len().saturating_sub(MOST_UNEXPECTED) + outcome.more_lines;
    unexpected.truncate(MOST_UNEXPECTED);
    faults.extend(unexpected);
    if left_out > 0 {
        let detail = format!("and {}", count(left_out, "more unexpected line"));
        faults.push(fault(FaultKind::UnexpectedLine, detail));
    }
    faults.extend(
        missing
            .into_iter()
            .map(|(.., text)| fault(FaultKind::MissingLine, format!("{text:?} was not printed"))),
    );
    faults
}

/// The fault of a line with the elapsed time, if its number is wrong.
fn fault_of_elapsed(line: &Line, stage: u64) -> Option<Fault> {
    let text = &line.text;
    if !text.contains(ELAPSED) {
        return None;
    }
    let measured = line.at.as_secs_f64();
    let detail = match elapsed_seconds(text) {
        None => format!("{text:?} does not have the format of Python's str(float)"),
        Some(seconds) if elapsed_stage(seconds) != stage => {
            let [begin, end] = [stage, stage + 1].map(|stage| stage * STAGE.as_secs());
            format!("{seconds} s is not in [{begin} s, {end} s)")
        }
        Some(seconds) if seconds > measured => {
            format!("{seconds} s is longer than the {measured:.3} s that the program had run")
        }
        Some(_) => return None,
    };
    Some(fault(FaultKind::WrongElapsed, detail))
}

/// The fault of a program that prints two lines together although a sleep comes between them.
pub fn fault_without_a_sleep((one, other): (&Line, &Line), runs: usize) -> Fault {
    let after = (other.at - one.at).as_secs_f64();
    let (one, other) = (&one.text, &other.text);
    let expected = format!("expected {} s or more, in each of {runs} runs", STAGE.as_secs());
    let detail = format!("{other:?} came {after:.2} s after {one:?}, {expected}");
    fault(FaultKind::WrongStage, detail)
}

fn fault(kind: FaultKind, detail: String) -> Fault {
    Fault { kind, detail }
}

/// `1 line`, `2 lines`.
fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
