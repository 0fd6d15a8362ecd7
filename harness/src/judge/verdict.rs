//! Compares what a program printed, and how it ended, with the catalog.

use std::fmt;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::transcript::{ELAPSED, due_times, elapsed_seconds, lines_without_a_sleep};
use crate::catalog::{ExpectedLine, Listing, SEVERAL_MACHINES, matches};
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
    /// It prints a line before another one that must come first. If that one is due earlier, it may
    /// just be late, so it is a fault if it is so in each of three runs.
    WrongOrder,
    /// It prints a line before it is due. Or in each of three runs a line comes half a second too
    /// late, or two lines that are due at different times come without a sleep between them.
    WrongStage,
    /// It reports an elapsed time below 2 s, longer than the program has run, or in another format
    /// than Python's `str(float)`, or one of 2.5 s or more in each of three runs.
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

/// A warning of mpirun. Both mpirun and the ssh that it starts put ssh into a process group of its
/// own. On a busy machine mpirun is sometimes too late, which does no harm.
const LATE_SETPGID: &str = "plm:rsh: Warning: setpgid(";

/// How late a line or an elapsed time may be.
pub const LATE: Duration = Duration::from_millis(500);

/// Returns the faults of a program of this listing that one run shows, sorted by kind.
pub fn find_faults(listing: &Listing, outcome: &Outcome) -> Vec<Fault> {
    let mut faults = faults_of_end(&outcome.end);
    if !matches!(outcome.end, End::CouldNotStart(_)) {
        faults.extend(faults_of_lines(listing, outcome));
    }
    let is_of_mpirun = |text: &str| listing.name == SEVERAL_MACHINES && text.contains(LATE_SETPGID);
    let mut stderr = outcome.stderr.iter().filter(|line| !is_of_mpirun(&line.text));
    if let Some(first) = stderr.next() {
        let rest = match stderr.count() + outcome.more_stderr {
            0 => String::new(),
            more => format!(", and {}", count(more, "more line")),
        };
        let detail = format!("{:?} on stderr{rest}", first.text);
        faults.push(fault(FaultKind::UnexpectedStderr, detail));
    }
    faults.sort_by_key(|fault| fault.kind);
    faults
}

/// Returns what is a fault if it is so in each of three runs: a line or an elapsed time that is late,
/// a line that comes after one that is due later, and, if one run shows no fault, two lines without a
/// sleep between them. A busy machine or a harness that reads late may be the reason.
pub fn find_doubts(listing: &Listing, outcome: &Outcome) -> Vec<Fault> {
    // If threads waited for a processor, that may have made the program late. But a program that
    // uses much CPU time may have made its own threads wait.
    let cpu = outcome.usage.map_or(Duration::ZERO, |usage| usage.user + usage.system);
    let limit = LATE + outcome.delay.unwrap_or_default().saturating_sub(cpu);
    let first_due = Duration::from_secs(listing.steps[0].due);
    let mut doubts = Vec::new();
    for (line, due) in outcome.lines.iter().zip(due_times(listing, &outcome.lines)) {
        if let Some(due) = due {
            let after_first = line.at - outcome.lines[0].at;
            doubts.extend(late_line(line, after_first, due.saturating_sub(first_due), limit));
            doubts.extend(late_elapsed(line, due, limit));
        }
    }
    doubts.extend(wrong_orders(listing, &outcome.lines, true));
    if find_faults(listing, outcome).is_empty() {
        doubts.extend(lines_without_a_sleep(listing, &outcome.lines).map(without_a_sleep));
    }
    doubts
}

/// The doubt about a line that came this long after the first line.
fn late_line(line: &Line, after: Duration, due: Duration, limit: Duration) -> Option<Fault> {
    let (text, after_s, end) = (&line.text, after.as_secs_f64(), (due + LATE).as_secs_f64());
    let detail =
        format!("{text:?} came {after_s:.2} s after the first line, expected less than {end} s");
    (after >= due + limit).then_some(fault(FaultKind::WrongStage, detail))
}

/// The doubt about an elapsed time.
fn late_elapsed(line: &Line, sleep: Duration, limit: Duration) -> Option<Fault> {
    let seconds = elapsed_seconds(&line.text)?;
    let detail = format!("{seconds} s, expected less than {} s", (sleep + LATE).as_secs_f64());
    let is_late = seconds >= (sleep + limit).as_secs_f64();
    is_late.then_some(fault(FaultKind::WrongElapsed, detail))
}

fn without_a_sleep((one, other, sleep): (&Line, &Line, Duration)) -> Fault {
    let after = other.at.saturating_sub(one.at).as_secs_f64(); // they may be in the wrong order
    let sleep = sleep.as_secs();
    let (one, other) = (&one.text, &other.text);
    let detail = format!("{other:?} came {after:.2} s after {one:?}, expected {sleep} s or more");
    fault(FaultKind::WrongStage, detail)
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
    let mut faults = wrong_orders(listing, &outcome.lines, false);
    let mut missing: Vec<_> = listing.lines().collect();
    let mut unexpected = Vec::new();
    for (line, due) in outcome.lines.iter().zip(due_times(listing, &outcome.lines)) {
        let found = missing.iter().position(|one| matches(&line.text, one.text));
        let (Some(found), Some(due)) = (found, due) else {
            unexpected.push(unexpected_line(line, &outcome.lines));
            continue;
        };
        missing.remove(found);
        faults.extend(fault_of_end(line));
        faults.extend(early_line(line, due));
        faults.extend(fault_of_elapsed(line, due));
    }
    faults.extend(first_and_count(unexpected, outcome.more_lines));
    let was_missing = |one: ExpectedLine| format!("{:?} was not printed", one.text);
    let missing = missing.into_iter().map(was_missing);
    faults.extend(missing.map(|detail| fault(FaultKind::MissingLine, detail)));
    faults
}

/// The lines that came after one that must come after them. Either those that may just be late,
/// because that one is due later, or the others.
fn wrong_orders(listing: &Listing, lines: &[Line], are_late: bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    // The line before which no other may come.
    let mut latest: Option<(usize, Option<Duration>, &str)> = None;
    for (line, due) in lines.iter().zip(due_times(listing, lines)) {
        let Some(expected) = listing.line_of(&line.text) else { continue };
        match latest {
            Some((rank, before_due, before)) if expected.rank < rank => {
                let text = &line.text;
                let detail = format!("{text:?} came after {before:?}, expected before it");
                let is_late = due < before_due;
                faults
                    .extend((is_late == are_late).then_some(fault(FaultKind::WrongOrder, detail)));
            }
            _ => latest = Some((expected.rank, due, &line.text)),
        }
    }
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

/// The fault of a line that came before it was due.
fn early_line(line: &Line, due: Duration) -> Option<Fault> {
    let (text, after, due_s) = (&line.text, line.at.as_secs_f64(), due.as_secs());
    let detail = format!("{text:?} came {after:.2} s after the start, expected {due_s} s or more");
    (line.at < due).then_some(fault(FaultKind::WrongStage, detail))
}

/// The fault of a line with the elapsed time, if its number is wrong.
fn fault_of_elapsed(line: &Line, due: Duration) -> Option<Fault> {
    let text = &line.text;
    if !text.contains(ELAPSED) {
        return None;
    }
    let (measured, begin) = (line.at.as_secs_f64(), due.as_secs_f64());
    let detail = match elapsed_seconds(text) {
        None => format!("{text:?} does not have the format of Python's str(float)"),
        Some(seconds) if seconds < begin => format!("{seconds} s, expected {begin} s or more"),
        Some(seconds) if seconds > measured => {
            format!("{seconds} s is longer than the {measured:.3} s that the program had run")
        }
        Some(_) => return None,
    };
    Some(fault(FaultKind::WrongElapsed, detail))
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
    use super::*;
    use crate::catalog::{Section, all_listings};
    use crate::judge::transcript::SLEEP;
    use crate::program::workspace;
    use crate::run::supervisor::Usage;

    /// A program that does everything right. It reports 2.0005 s.
    fn right(listing: &Listing) -> Outcome {
        let text = |line: ExpectedLine| line.text.replace("2.…", "2.0005").replace('…', "1");
        let line = |line: ExpectedLine| Line::new(Duration::from_millis(10), &text(line));
        let mut lines: Vec<_> = listing.lines().map(line).collect();
        let due_times = due_times(listing, &lines);
        lines.iter_mut().zip(due_times).for_each(|(line, due)| line.at += due.unwrap_or_default());
        Outcome {
            lines,
            end: End::Exited(0),
            ..Outcome::could_not_start(anyhow::anyhow!("not started"))
        }
    }

    #[test]
    fn the_right_lines_of_each_listing_have_no_fault_and_raise_no_doubt() {
        for (section, listing) in all_listings() {
            let mut outcome = right(listing);
            let name = format!("{} {}", section.name, listing.name);
            assert_eq!(find_faults(listing, &outcome), [], "{name}");
            assert_eq!(find_doubts(listing, &outcome), [], "{name}");
            // Up to half a second too late, they raise no doubt, and later they are no fault yet.
            for (late, count) in
                [(499, 0), (1, outcome.lines.len() - 1), (60_000, outcome.lines.len() - 1)]
            {
                let late = Duration::from_millis(late);
                outcome.lines[1..].iter_mut().for_each(|line| line.at += late);
                assert_eq!(find_faults(listing, &outcome), [], "{name}");
                assert_eq!(find_doubts(listing, &outcome).len(), count, "{name}");
            }
        }
    }

    /// The waiting of threads that do not compute is not their fault.
    #[test]
    fn a_program_may_be_late_by_as_long_as_its_threads_waited_for_a_processor() {
        let (_, listing) = all_listings().find(|(_, one)| one.name == "one-process").unwrap();
        for (late, delay, cpu, is_doubtful) in [
            (499, None, 0, false),
            (500, None, 0, true),
            (600, Some(101), 0, false),
            (600, Some(100), 0, true),
            (5_000, Some(4_900), 300, false),
            // Threads that compute make each other wait.
            (5_000, Some(5_000), 5_000, true),
        ] {
            let mut outcome = right(listing);
            let milliseconds = Duration::from_millis;
            outcome.lines[1..].iter_mut().for_each(|line| line.at += milliseconds(late));
            say(&mut outcome, "2.0005", &format!("{:?}", 2.0 + late as f64 / 1e3));
            outcome.delay = delay.map(milliseconds);
            let system = Duration::ZERO;
            outcome.usage = Some(Usage { user: milliseconds(cpu), system, max_rss_bytes: 0 });
            let kinds: Vec<_> = find_doubts(listing, &outcome).iter().map(|one| one.kind).collect();
            let expected = [FaultKind::WrongStage, FaultKind::WrongStage, FaultKind::WrongElapsed];
            let expected = if is_doubtful { &expected[..] } else { &[] };
            assert_eq!(kinds, expected, "{late} {delay:?} {cpu}");
        }
    }

    type Change = fn(&mut Outcome);

    /// What a program of a listing does wrong. A snapshot has the faults.
    const CASES: &[(&str, &str, Change)] = &[
        (ONE_THREAD, "no output", |it| it.lines.clear()),
        (ONE_THREAD, "a repeated line", |it| it.lines.push(it.lines[0].clone())),
        (ONE_THREAD, "a line without a newline", |it| it.lines[0].is_whole = false),
        (ONE_THREAD, "a line after the program's end", |it| it.lines[0].is_after_end = true),
        (ONE_THREAD, "three unexpected lines", |it| add(it, &["a", "b", "c"])),
        (ONE_THREAD, "four unexpected lines", |it| add(it, &["a", "b", "c", "d"])),
        (ONE_THREAD, "more unexpected lines than are kept", |it| {
            add(it, &["a", "b", "c", "d"]);
            it.more_lines = 5;
        }),
        (ONE_THREAD, "a line on stderr", |it| it.stderr = it.lines.clone()),
        (ONE_THREAD, "two lines on stderr", |it| {
            it.stderr = [it.lines.clone(), it.lines.clone()].concat()
        }),
        (ONE_THREAD, "more lines on stderr than are kept", |it| {
            it.stderr = it.lines.clone();
            it.more_stderr = 10;
        }),
        ("multiprocessing::several-machines", "a line on stderr after mpirun's own", |it| {
            it.stderr = it.lines[..1].to_vec();
            it.stderr.insert(0, Line::new(SLEEP, "[machine1:7] plm:rsh: Warning: setpgid(8,8)"));
        }),
        (ONE_THREAD, "another exit status", |it| it.end = End::Exited(3)),
        (ONE_THREAD, "a signal", |it| it.end = End::Signalled(15)),
        (ONE_THREAD, "a signal without a name", |it| it.end = End::Signalled(64)),
        (ONE_THREAD, "no line in time", |it| it.end = End::NoLine(15 * SLEEP)),
        (ONE_THREAD, "no end in time", |it| it.end = End::TimedOut(5 * SLEEP)),
        (ONE_THREAD, "a process that is left", |it| it.end = End::LeftBehind),
        (ONE_THREAD, "no start", |it| it.end = End::CouldNotStart("why".to_owned())),
        (ONE_THREAD, "all at once", |it| {
            it.end = End::Exited(1);
            it.stderr = it.lines.clone();
            say(it, "some_arg", "no_arg");
        }),
        ("threading::multiple-threads", "a wrong name", |it| say(it, "arg3", "arg4")),
        ("threading::multiple-threads", "mixed lines", |it| {
            let text = it.lines[1].text.split_off(0);
            it.lines[0].text += &text;
        }),
        ("threading::multiple-threads", "a sleep that the listing does not have", |it| {
            at(it, "arg3", 2_010)
        }),
        ("threading::multiple-threads", "threads that start half a second apart", |it| {
            at(it, "arg2", 510);
            at(it, "arg3", 1_010);
        }),
        ("threading::joining-threads", "an elapsed time before the last join", |it| {
            it.lines.swap(7, 8)
        }),
        ("threading::joining-threads", "a thread that starts after another one's greeting", |it| {
            it.lines.swap(3, 4);
            at(it, "Ashley", 2_010);
        }),
        ("asyncio::multiple-tasks", "tasks out of order", |it| it.lines.swap(1, 2)),
        (ONE_PROCESS, "a greeting without a sleep", |it| at(it, "says hello!", 1_260)),
        (ONE_PROCESS, "a late line", |it| at(it, "Elapsed", 4_510)),
        (ONE_PROCESS, "an elapsed time below two seconds", |it| say(it, "2.0005", "1.9999")),
        (ONE_PROCESS, "a sleep of three seconds", |it| {
            it.lines[1..].iter_mut().for_each(|line| line.at += SLEEP / 2);
            say(it, "2.0005", "3.0005");
        }),
        (ONE_PROCESS, "an elapsed time longer than the run", |it| say(it, "2.0005", "2.499")),
        (ONE_PROCESS, "an elapsed time in another format", |it| say(it, "2.0005", "2.1000000")),
        ("threading::results", "results in another order", |it| it.lines.swap(0, 1)),
        ("threading::results", "sequential results", |it| {
            it.lines[1..].iter_mut().for_each(|line| line.at += SLEEP);
        }),
        ("asyncio::results", "results without a sleep", |it| at(it, "says hello!", 10)),
        ("asyncio::failure", "a failure that is noticed after a greeter", |it| {
            at(it, "At once", 2_010)
        }),
        ("threading::failure", "a failure that cancels the others", |it| {
            it.lines.retain(|line| !line.text.contains("says hello!"));
        }),
        ("multiprocessing::failure", "the exit status of another child", |it| {
            say(it, "exited with 3", "exited with 0")
        }),
        ("threading::timeout", "a time limit that is checked after the sleep", |it| {
            at(it, "too long", 5_010);
            at(it, "Elapsed", 5_010);
            say(it, "2.0005", "5.0");
        }),
        ("asyncio::timeout", "a task without a finally", |it| {
            it.lines.retain(|line| line.text != "Hisham is cancelled");
        }),
        ("multiprocessing::workers", "three workers", |it| at(it, "Hisham", 14)),
        ("multiprocessing::workers", "one worker", |it| {
            at(it, "Hisham", 2_010);
            at(it, "Ashley", 3_010);
            at(it, "Elapsed", 4_010);
            say(it, "2.0005", "4.0");
        }),
        ("threading::shared-state", "a lock that is held during the sleep", |it| {
            it.lines[4..].iter_mut().for_each(|line| line.at += 3 * SLEEP);
            say(it, "2.0005", "8.0");
        }),
        ("threading::shared-state", "a lost update", |it| say(it, "4 greetings", "1 greetings")),
        ("threading::as-completed", "four at once", |it| {
            at(it, "Ashley", 1_010);
            it.lines.swap(1, 3);
        }),
        ("threading::as-completed", "two at once", |it| {
            it.lines[2..].iter_mut().for_each(|line| line.at += SLEEP / 2);
            say(it, "2.0005", "3.0");
        }),
        ("threading::as-completed", "results in the order of their start", |it| {
            it.lines.swap(0, 1);
            at(it, "Chelsea", 2_020);
        }),
        ("asyncio::as-completed", "coroutines in the order of a set", |it| {
            say(it, "Chelsea", "Ash");
            say(it, "Ashley", "Chelsea");
            say(it, "Ash ", "Ashley ");
        }),
        ("threading::cancel", "a main that does not wait", |it| it.lines.swap(7, 8)),
        ("threading::cancel", "greeters that say nothing", |it| {
            it.lines.retain(|line| !line.text.contains("cancelled"));
        }),
        ("threading::cancel", "a cancel before the answer", |it| at(it, "cancelled", 10)),
    ];
    const ONE_THREAD: &str = "threading::creating-a-thread";
    const ONE_PROCESS: &str = "multiprocessing::one-process";

    /// Replaces a text in all lines.
    fn say(outcome: &mut Outcome, text: &str, other: &str) {
        outcome.lines.iter_mut().for_each(|line| line.text = line.text.replace(text, other));
    }

    /// The lines with this text come at another time.
    fn at(outcome: &mut Outcome, text: &str, milliseconds: u64) {
        let changed = outcome.lines.iter_mut().filter(|line| line.text.contains(text));
        changed.for_each(|line| line.at = Duration::from_millis(milliseconds));
    }

    fn add(outcome: &mut Outcome, texts: &[&str]) {
        outcome.lines.extend(texts.iter().map(|text| Line::new(SLEEP, text)));
    }

    #[test]
    fn each_case_has_the_faults_of_the_snapshot() {
        let mut text = String::new();
        for (name, case, change) in CASES {
            let mut listings = all_listings();
            let is_it = |(section, listing): &(&Section, &Listing)| {
                format!("{}::{}", section.name, listing.name) == *name
            };
            let (_, listing) = listings.find(is_it).expect(name);
            let mut outcome = right(listing);
            change(&mut outcome);
            text += &format!("{case}, in {name}\n");
            for Fault { kind, detail } in find_faults(listing, &outcome) {
                text += &format!("  {kind}: {detail}\n");
            }
            for Fault { kind, detail } in find_doubts(listing, &outcome) {
                text += &format!("  in three runs, {kind}: {detail}\n");
            }
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_path(workspace().join("harness/src/judge/snapshots"));
        settings.bind(|| insta::assert_snapshot!("faults", text));
    }
}
