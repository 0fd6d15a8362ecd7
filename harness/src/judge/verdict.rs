//! Compares what a program printed, and how it ended, with the catalog.

use std::fmt;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::transcript::{
    ELAPSED, STAGE, earliest, elapsed_seconds, elapsed_stage, first_stage, stages,
};
use crate::catalog::{ExpectedLine, Listing, matches};
use crate::run::{End, Line, Outcome};

/// The verdict on a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It has no faults.
    Pass,
    /// It has faults.
    Fail,
    /// It was not run, because it lacks something, such as Python, or because of `--no-python`.
    Skipped,
}

/// One named reason why a program fails.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// What it did, in a sentence.
    pub detail: String,
}

/// The kinds of faults. Each is documented by its condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The operating system cannot start it, or its supervisor, or its supervisor is killed.
    CouldNotStart,
    /// It exits with another status than 0, or a signal ends it.
    WrongExitStatus,
    /// It is still running at the limit, it prints no line within three times the limit, or a
    /// process that it started is still running 5 s after its end.
    TimedOut,
    /// A line of the listing is missing.
    MissingLine,
    /// It prints a line that the listing does not have, a line twice, or a line without a newline,
    /// or one of its processes prints a line after the program's own end.
    UnexpectedLine,
    /// It prints a line before another one that must come first.
    WrongOrder,
    /// It prints a line before or after the line's stage, or the third line of two workers before a
    /// sleep, or lines of two stages without a sleep between them in each of three runs.
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
        let detail = format!("{:?} on stderr{rest}", first.text);
        faults.push(fault(FaultKind::UnexpectedStderr, detail));
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
    let mut missing: Vec<_> = listing.lines().collect();
    let mut unexpected = Vec::new();
    // The line before which no other may come.
    let mut latest: Option<(usize, &str)> = None;
    let stages = stages(listing, &outcome.lines);
    for (index, (line, stage)) in outcome.lines.iter().zip(stages).enumerate() {
        let Some(found) = missing.iter().position(|one| matches(&line.text, one.text)) else {
            unexpected.push(unexpected_line(line, &outcome.lines));
            continue;
        };
        let expected = missing.remove(found);
        faults.extend(fault_of_end(line));
        faults.extend(fault_of_stage(listing, outcome, index, stage, expected.stage));
        match latest {
            Some((rank, before)) if expected.rank < rank => {
                let detail = format!("{:?} came after {before:?}, expected before it", line.text);
                faults.push(fault(FaultKind::WrongOrder, detail));
            }
            _ => latest = Some((expected.rank, &line.text)),
        }
        faults.extend(fault_of_elapsed(line, expected.stage));
    }
    faults.extend(first_and_count(unexpected, outcome.more_lines));
    let was_missing = |one: ExpectedLine| format!("{:?} was not printed", one.text);
    let missing = missing.into_iter().map(was_missing);
    faults.extend(missing.map(|detail| fault(FaultKind::MissingLine, detail)));
    faults
}

fn unexpected_line(line: &Line, all: &[Line]) -> Fault {
    let again = all.iter().filter(|other| other.text == line.text).count() > 1;
    let why = if again { "was printed more than once" } else { "is not in the listing" };
    fault(FaultKind::UnexpectedLine, format!("{:?} {why}", line.text))
}

/// The first unexpected lines, and how many others there are.
fn first_and_count(mut unexpected: Vec<Fault>, more_lines: usize) -> Vec<Fault> {
    let left_out = unexpected.len().saturating_sub(MOST_UNEXPECTED) + more_lines;
    unexpected.truncate(MOST_UNEXPECTED);
    if left_out > 0 {
        let detail = format!("and {}", count(left_out, "more unexpected line"));
        unexpected.push(fault(FaultKind::UnexpectedLine, detail));
    }
    unexpected
}

/// The fault of a line that has no newline, or that came too late to be the program's own.
fn fault_of_end(line: &Line) -> Option<Fault> {
    let why = match (line.is_whole, line.is_after_end) {
        (false, _) => "has no newline at its end",
        (_, true) => "was printed after the program had ended",
        _ => return None,
    };
    Some(fault(FaultKind::UnexpectedLine, format!("{:?} {why}", line.text)))
}

/// The fault of the line with this index, if it came before or after the stage that the listing has
/// for it.
fn fault_of_stage(
    listing: &Listing,
    outcome: &Outcome,
    index: usize,
    stage: u64,
    expected: u64,
) -> Option<Fault> {
    let line = &outcome.lines[index];
    let begin = earliest(listing, index).as_secs().max(expected * STAGE.as_secs());
    let detail = if stage > expected {
        let after = (line.at - outcome.lines[0].at).as_secs_f64();
        let end = (expected + 1 - first_stage(listing)) * STAGE.as_secs();
        format!(
            "{:?} came {after:.2} s after the first line, expected less than {end} s",
            line.text
        )
    } else if line.at.as_secs() < begin {
        let after = line.at.as_secs_f64();
        format!("{:?} came {after:.2} s after the start, expected {begin} s or more", line.text)
    } else {
        return None;
    };
    Some(fault(FaultKind::WrongStage, detail))
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
pub fn fault_without_a_sleep((one, other, sleep): (&Line, &Line, Duration), runs: usize) -> Fault {
    let after = (other.at - one.at).as_secs_f64();
    let (one, other) = (&one.text, &other.text);
    let expected = format!("expected {} s or more, in each of {runs} runs", sleep.as_secs());
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

#[cfg(test)]
mod tests {
    use super::FaultKind::*;
    use super::*;
    use crate::catalog::SECTIONS;

    const ELAPSED_LINE: &str = "Multiprocessing Elapsed Time: 2.0005 seconds";
    const RIGHT: [(u64, &str); 3] =
        [(10, "Codecademy"), (2_010, "says hello!"), (2_011, ELAPSED_LINE)];

    /// The faults of a program that takes the place of `one-process`.
    fn faults(lines: &[(u64, &str)], change: impl Fn(&mut Outcome)) -> Vec<(FaultKind, String)> {
        faults_of(SECTIONS[2].listing("one-process"), lines, change)
    }

    fn faults_of(
        listing: &Listing,
        lines: &[(u64, &str)],
        change: impl Fn(&mut Outcome),
    ) -> Vec<(FaultKind, String)> {
        let line = |&(at, text): &(u64, &str)| Line::new(Duration::from_millis(at), text);
        let mut outcome = Outcome {
            lines: lines.iter().map(line).collect(),
            end: End::Exited(0),
            ..Outcome::could_not_start(anyhow::anyhow!("not started"))
        };
        change(&mut outcome);
        let faults = find_faults(listing, &outcome).into_iter();
        faults.map(|fault| (fault.kind, fault.detail)).collect()
    }

    fn fault(kind: FaultKind, detail: &str) -> (FaultKind, String) {
        (kind, detail.to_owned())
    }

    #[test]
    fn the_right_lines_have_no_fault() {
        assert_eq!(faults(&RIGHT, |_| {}), []);
    }

    #[test]
    fn a_line_in_the_wrong_stage_is_reported_with_its_time_and_when_it_was_expected() {
        let early = [(10, "Codecademy"), (1_260, "says hello!"), (2_011, ELAPSED_LINE)];
        let detail = r#""says hello!" came 1.26 s after the start, expected 2 s or more"#;
        assert_eq!(faults(&early, |_| {}), [fault(WrongStage, detail)]);
        let late = [(10, "Codecademy"), (2_011, "says hello!"), (4_510, ELAPSED_LINE)];
        let detail = "\"Multiprocessing Elapsed Time: 2.0005 seconds\" \
                      came 4.50 s after the first line, expected less than 4 s";
        assert_eq!(faults(&late, |_| {}), [fault(WrongStage, detail)]);
    }

    #[test]
    fn sequential_results_are_reported_from_the_second_on() {
        let lines = [(2_010, "Codecademy says hello!"), (4_020, "Chelsea says hello!")];
        let found = faults_of(SECTIONS[0].listing("results"), &lines, |_| {});
        let detail =
            r#""Chelsea says hello!" came 2.01 s after the first line, expected less than 2 s"#;
        assert!(found.contains(&fault(WrongStage, detail)), "{found:?}");
    }

    #[test]
    fn a_third_worker_is_reported_with_the_third_line() {
        let elapsed = "Threading Elapsed Time: 2.0005 seconds";
        let two = [(10, "Hisham"), (10, "Ashley"), (1_010, "Chelsea"), (1_011, "Codecademy")];
        let three = [(10, "Hisham"), (10, "Ashley"), (14, "Chelsea"), (1_011, "Codecademy")];
        let faults = |names: [(u64, &str); 4]| {
            let lines: Vec<_> = names.into_iter().chain([(2_011, elapsed)]).collect();
            faults_of(SECTIONS[0].listing("workers"), &lines, |_| {})
        };
        assert_eq!(faults(two), []);
        let detail = r#""Chelsea" came 0.01 s after the start, expected 1 s or more"#;
        assert_eq!(faults(three), [fault(WrongStage, detail)]);
    }

    #[test]
    fn lines_that_come_together_are_reported_with_the_time_between_them() {
        let line = |at, text: &str| Line::new(Duration::from_millis(at), text);
        let (one, other) = (line(10, "one"), line(760, "other"));
        let detail = r#""other" came 0.75 s after "one", expected 2 s or more, in each of 3 runs"#;
        let found = fault_without_a_sleep((&one, &other, Duration::from_secs(2)), 3);
        assert_eq!((found.kind, found.detail.as_str()), (WrongStage, detail));
    }

    #[test]
    fn an_elapsed_time_is_from_two_to_below_four_seconds_and_not_longer_than_the_run() {
        for (seconds, detail) in [
            ("2.0", None),
            ("3.999", None),
            ("1.9999", Some("1.9999 s is not in [2 s, 4 s)")),
            ("4.0", Some("4 s is not in [2 s, 4 s)")),
            (
                "2.1000000",
                Some(
                    r#""Multiprocessing Elapsed Time: 2.1000000 seconds" does not have the format of Python's str(float)"#,
                ),
            ),
        ] {
            let text = format!("Multiprocessing Elapsed Time: {seconds} seconds");
            let lines = [RIGHT[0], RIGHT[1], (4_001, &*text)];
            let expected: Vec<_> =
                detail.map(|detail| fault(WrongElapsed, detail)).into_iter().collect();
            assert_eq!(faults(&lines, |_| {}), expected);
        }
        let lines = [(10, "Codecademy"), (2_010, "says hello!"), (2_000, ELAPSED_LINE)];
        let detail = "2.0005 s is longer than the 2.000 s that the program had run";
        assert_eq!(faults(&lines, |_| {}), [fault(WrongElapsed, detail)]);
        let lines = [RIGHT[0], RIGHT[1], (2_500, "Multiprocessing Elapsed Time: 2.5 seconds")];
        assert_eq!(faults(&lines, |_| {}), []);
    }

    #[test]
    fn an_end_is_reported_with_its_status_or_time() {
        let seconds = Duration::from_secs;
        for (end, kind, detail) in [
            (End::Exited(3), WrongExitStatus, "exited with status 3, expected 0"),
            (End::Signalled(15), WrongExitStatus, "was killed by SIGTERM (signal 15)"),
            (End::Signalled(64), WrongExitStatus, "was killed by a signal (signal 64)"),
            (End::NoLine(seconds(30)), TimedOut, "printed no line in 30 s and was killed"),
            (
                End::TimedOut(seconds(10)),
                TimedOut,
                "was still running 10 s after its first line and was killed",
            ),
            (
                End::LeftBehind,
                TimedOut,
                "exited, but a process that it had started was still running and was killed",
            ),
        ] {
            assert_eq!(faults(&RIGHT, |outcome| outcome.end = end.clone()), [fault(kind, detail)]);
        }
        let not_started =
            |outcome: &mut Outcome| outcome.end = End::CouldNotStart("why".to_owned());
        assert_eq!(faults(&[], not_started), [fault(CouldNotStart, "why")]);
    }

    #[test]
    fn stderr_is_reported_with_its_first_line_and_the_number_of_others() {
        for (lines, more, detail) in [
            (1, 0, r#""Codecademy" on stderr"#),
            (2, 0, r#""Codecademy" on stderr, and 1 more line"#),
            (3, 10, r#""Codecademy" on stderr, and 12 more lines"#),
        ] {
            let found = faults(&RIGHT, |outcome| {
                outcome.stderr = outcome.lines[..lines].to_vec();
                outcome.more_stderr = more;
            });
            assert_eq!(found, [fault(UnexpectedStderr, detail)]);
        }
    }

    #[test]
    fn three_unexpected_lines_are_reported_and_the_others_counted() {
        let unexpected = |number: usize, more: usize| {
            let mut lines = RIGHT.to_vec();
            lines.extend(
                [(2_012, "a"), (2_012, "b"), (2_012, "c"), (2_012, "d")].iter().take(number),
            );
            let found = faults(&lines, |outcome| outcome.more_lines = more);
            assert!(found.iter().all(|(kind, _)| *kind == UnexpectedLine), "{found:?}");
            (found.len(), found.last().map(|(_, detail)| detail.clone()).unwrap_or_default())
        };
        assert_eq!(unexpected(3, 0), (3, r#""c" is not in the listing"#.to_owned()));
        assert_eq!(unexpected(4, 0), (4, "and 1 more unexpected line".to_owned()));
        assert_eq!(unexpected(4, 5), (4, "and 6 more unexpected lines".to_owned()));
    }

    #[test]
    fn a_line_is_reported_if_it_is_missing_repeated_partial_late_or_before_its_turn() {
        assert_eq!(
            faults(&RIGHT[..2], |_| {}),
            [fault(MissingLine, r#""Multiprocessing Elapsed Time: 2.… seconds" was not printed"#)]
        );
        let twice = [RIGHT[0], RIGHT[0], RIGHT[1], RIGHT[2]];
        assert_eq!(
            faults(&twice, |_| {}),
            [fault(UnexpectedLine, r#""Codecademy" was printed more than once"#)]
        );
        let partial = faults(&RIGHT, |outcome| outcome.lines[1].is_whole = false);
        assert_eq!(partial, [fault(UnexpectedLine, r#""says hello!" has no newline at its end"#)]);
        let late = faults(&RIGHT, |outcome| outcome.lines[1].is_after_end = true);
        assert_eq!(
            late,
            [fault(UnexpectedLine, r#""says hello!" was printed after the program had ended"#)]
        );
        let swapped = [RIGHT[0], (2_010, ELAPSED_LINE), (2_011, "says hello!")];
        let detail = r#""says hello!" came after "Multiprocessing Elapsed Time: 2.0005 seconds", expected before it"#;
        assert_eq!(faults(&swapped, |_| {}), [fault(WrongOrder, detail)]);
    }

    #[test]
    fn faults_are_sorted_by_kind() {
        let found = faults(&RIGHT[1..], |outcome| {
            outcome.stderr = outcome.lines.clone();
            outcome.end = End::Exited(1);
        });
        let kinds: Vec<_> = found.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [WrongExitStatus, MissingLine, UnexpectedStderr]);
    }
}
