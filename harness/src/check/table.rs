//! The matrix: a row per listing, a column per implementation, and below it every fault. Listings
//! that have other implementations have a matrix of their own.

use std::iter;

use anstyle::AnsiColor;

use super::json::{CheckJson, ProgramJson};
use super::{Cell, Check};
use crate::catalog::{CPU_BOUND, CROWD, Group, Listing, Section, TIMED_INSIDE, all_listings};
use crate::judge::transcript::SLEEP;
use crate::judge::verdict::{Fault, Verdict};
use crate::run::Line;
use crate::terminal::{number_table, plain_table, three_digits};

const MARKS: [(Verdict, &str, AnsiColor); 3] = [
    (Verdict::Pass, "✓", AnsiColor::Green),
    (Verdict::Fail, "✗", AnsiColor::Red),
    (Verdict::Skipped, "skipped", AnsiColor::Yellow),
];

/// The columns of a usual terminal.
const WIDTH: usize = 80;

/// The matrix, its legend, the faults, and how many programs passed.
pub fn render(check: &Check) -> String {
    let entry = |cell: &Cell| Entry {
        section: cell.program.section.name,
        listing: cell.program.listing,
        label: cell.program.label.clone(),
        text: cell_text(cell.verdict(), &cell.faults, cell.elapsed(), check.jobs),
    };
    let matrices = matrices(check.cells.iter().map(entry).collect());
    let mut text = with_colours(matrices + &legend(check.jobs));
    text += &notes(check);
    for cell in check.cells.iter().filter(|cell| cell.verdict() == Some(Verdict::Fail)) {
        text += &format!("\n{}", describe_faults(cell));
    }
    let (all, running) = (check.cells.len(), check.count(None));
    if running > 0 {
        text += &format!("\nInterrupted: {} of {all} programs had ended.", all - running);
    }
    let [passed, failed, skipped] = MARKS.map(|(verdict, ..)| check.count(Some(verdict)));
    let seconds = check.started.elapsed().as_secs_f64();
    text += &format!("\n{passed} passed, {failed} failed, {skipped} skipped, in {seconds:.2} s");
    if let Some(time) = check.build_time {
        text += &format!(", after a build of {:.2} s", time.as_secs_f64());
    }
    text + "\n"
}

/// The matrix of a group of listings, from what a check has printed, without colours.
pub fn matrix_of(check: &CheckJson, group: Group) -> String {
    let entry = |program: &ProgramJson| {
        let is_this = |(section, listing): &(&Section, &Listing)| {
            (section.name, listing.name) == (&program.section, &program.listing)
        };
        let (section, listing) = all_listings().find(is_this)?;
        let label = program.implementation.to_string();
        let ProgramJson { verdict, faults, elapsed_s, .. } = program;
        let text = cell_text(Some(*verdict), faults, *elapsed_s, check.jobs);
        (listing.group == group).then_some(Entry { section: section.name, listing, label, text })
    };
    matrices(check.programs.iter().filter_map(entry).collect())
}

/// What the marks and the times in the matrix mean.
fn legend(jobs: usize) -> String {
    let time = if jobs == 1 {
        "\
Time  the overhead: the elapsed time that the program printed, minus the 2 s
      of sleep."
    } else {
        "\
Time  the elapsed time that the program printed: at least the 2 s of sleep, and
      below 2.5 s. Programs that run at the same time slow each other down.
      --jobs 1 runs one at a time, and shows the overhead: the time beyond 2 s."
    };
    let (last, others) = TIMED_INSIDE.split_last().expect("there are some");
    let others = others.join(", ");
    format!(
        "
✓     passed: the right lines in the right order, each when it is due.
✗     failed, with the kind of its first fault. All faults are below.
{time}
      Timed: starting the threads, tasks or processes, and waiting for them. Not
      timed: starting an event loop or a runtime.
      In {others} and {last},
      the clock starts inside the target: starting the process or the event
      loop is not timed.
      Listings without a sleep have no clock.
"
    )
}

/// What the check did not do, and why.
fn notes(check: &Check) -> String {
    let mut notes = String::new();
    if check.measured > 0 {
        let checked = check.cells.len();
        let all = checked + check.measured;
        notes += &format!(
            "{checked} of {all} programs. The command scale runs {CROWD}, and cores runs {CPU_BOUND}.\n"
        );
    }
    for (reason, count) in CheckJson::from(check).reasons() {
        let programs = if count == 1 { "program" } else { "programs" };
        notes += &format!("Skipped, because {reason}: {count} {programs}.\n");
    }
    if notes.is_empty() { notes } else { format!("\n{notes}") }
}

/// A cell of a matrix, and where it stands.
struct Entry {
    section: &'static str,
    listing: &'static Listing,
    /// The title of its column.
    label: String,
    text: String,
}

/// A matrix for all listings that have the same implementations.
fn matrices(mut entries: Vec<Entry>) -> String {
    entries.sort_by_key(|entry| entry.listing.implementations);
    let has_same =
        |one: &Entry, next: &Entry| one.listing.implementations == next.listing.implementations;
    entries.chunk_by(has_same).map(matrix).collect::<Vec<_>>().join("\n")
}

/// A matrix, in which a kind of fault takes two lines if it would else be too wide.
fn matrix(entries: &[Entry]) -> String {
    let whole = matrix_with(entries, str::to_owned);
    if whole.lines().all(|line| line.chars().count() <= WIDTH) {
        return whole;
    }
    matrix_with(entries, |text| match text.rsplit_once('-') {
        Some((first, last)) if text.ends_with('✗') => format!("{first}-\n{last}"),
        _ => text.to_owned(),
    })
}

fn matrix_with(entries: &[Entry], text: impl Fn(&str) -> String) -> String {
    let row_of = |entry: &Entry| (entry.section, entry.listing.name);
    let rows: Vec<_> = entries.chunk_by(|one, next| row_of(one) == row_of(next)).collect();
    // All rows have the same columns.
    let labels = rows[0].iter().map(|entry| entry.label.clone());
    // The title of a group stands between its rows and those of another one.
    let (mut group, mut section) = (rows[0][0].listing.group, "");
    let mut texts = Vec::new();
    for row in rows {
        let Entry { section: next, listing, .. } = &row[0];
        if listing.group != group {
            (group, section) = (listing.group, "");
            texts.push(vec![group.title().to_owned()]);
        }
        if *next != section {
            section = next;
            texts.push(vec![section.to_owned()]);
        }
        let name = format!("  {}", listing.name);
        texts.push(iter::once(name).chain(row.iter().map(|entry| text(&entry.text))).collect());
    }
    plain_table(number_table(iter::once(String::new()).chain(labels), texts))
}

fn with_colours(mut text: String) -> String {
    for (_, mark, colour) in MARKS {
        let style = colour.on_default();
        text = text.replace(mark, &format!("{style}{mark}{style:#}"));
    }
    text
}

fn cell_text(
    verdict: Option<Verdict>,
    faults: &[Fault],
    elapsed: Option<f64>,
    jobs: usize,
) -> String {
    let known = MARKS.iter().find(|(mark, ..)| Some(*mark) == verdict);
    let Some((verdict, mark, _)) = known else { return "-".to_owned() };
    let text = match verdict {
        Verdict::Pass => elapsed.map(|elapsed| time_text(elapsed, jobs)),
        Verdict::Fail => faults.first().map(|fault| fault.kind.to_string()),
        Verdict::Skipped => None,
    };
    text.map_or(mark.to_string(), |text| format!("{text} {mark}"))
}

/// The elapsed time with its unit. If programs ran one at a time, it is the overhead.
pub fn time_text(elapsed: f64, jobs: usize) -> String {
    if jobs == 1 {
        return format!("{} ms", three_digits((elapsed - SLEEP.as_secs_f64()) * 1e3));
    }
    // Not rounded: 2.499 s passes, and 2.5 s does not.
    format!("{:.2} s", (elapsed * 100.0).floor() / 100.0)
}

/// How many lines of stdout, and of stderr, are shown of a program that has faults.
const MOST_LINES: usize = 20;

/// The faults of a program, and its transcript.
pub fn describe_faults(cell: &Cell) -> String {
    let mut text = cell.program.to_string();
    if let Some(python) = &cell.program.interpreter {
        text += &format!(" {} ({})", python.version, python.executable.display());
    }
    text += "\n";
    for fault in &cell.faults {
        text += &format!("  {}: {}\n", fault.kind, fault.detail);
    }
    let Some(outcome) = &cell.outcome else { return text };
    text += if outcome.lines.is_empty() && outcome.stderr.is_empty() {
        "  No output.\n"
    } else {
        "  Output (seconds since the start):\n"
    };
    let shown = |from: &str, line: &Line| {
        format!("    {:8.4}  {from}{}\n", line.at.as_secs_f64(), line.text)
    };
    text.extend(outcome.lines.iter().take(MOST_LINES).map(|line| shown("", line)));
    text.extend(outcome.stderr.iter().take(MOST_LINES).map(|line| shown("on stderr: ", line)));
    text
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::judge::transcript::ELAPSED;
    use crate::judge::verdict::FaultKind;
    use crate::program::Program;
    use crate::run::{End, Outcome};

    /// A program with an elapsed time of 3.999 s, if its listing has a clock.
    fn cell(section: &'static Section, listing: &'static Listing, index: usize) -> Cell {
        let has_clock = listing.lines().any(|line| line.text.contains(ELAPSED));
        let line = Line::new(Duration::ZERO, "Asyncio Elapsed Time: 3.999 seconds");
        let outcome = Outcome {
            lines: Vec::from_iter(has_clock.then_some(line)),
            end: End::Exited(0),
            ..Outcome::could_not_start(anyhow::anyhow!("not started"))
        };
        let implementation = listing.implementations[index];
        let (label, command) = (implementation.to_string(), Ok(Vec::new()));
        let program =
            Program { section, listing, implementation, label, interpreter: None, command };
        Cell { program, outcome: Some(outcome), faults: Vec::new() }
    }

    #[test]
    fn all_programs_fit_in_80_columns_and_two_listings_have_matrices_of_their_own() {
        let checked = all_listings().filter(|(_, listing)| !listing.is_measured());
        let cells = checked.flat_map(|(section, listing)| {
            (0..listing.implementations.len()).map(move |index| cell(section, listing, index))
        });
        let mut cells: Vec<_> = cells.collect();
        cells.sort_by_key(|cell| cell.program.listing.group);
        let count = cells.len();
        for (index, reason) in [(0, "one"), (count - 2, "one"), (count - 1, "other")] {
            cells[index].program.command = Err(reason.to_owned());
        }
        for cell in &mut cells[1..3] {
            let (kind, detail) = (FaultKind::WrongExitStatus, "detail".to_owned());
            cell.faults.push(Fault { kind, detail });
        }
        let mut check = Check {
            started: Instant::now(),
            build_time: Some(Duration::from_millis(1_500)),
            jobs: 1,
            measured: 30,
            interpreters: Vec::new(),
            cells,
        };
        for (jobs, time, is_overhead) in [(1, "1999 ms ✓", true), (2, "3.99 s ✓", false)] {
            check.jobs = jobs;
            let text = anstream::adapter::strip_str(&render(&check)).to_string();
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(80), "{widest:?} columns:\n{text}");
            let (_, after) = text.split_once("\n\n").expect("there are three matrices");
            let rows: Vec<Vec<_>> =
                after.lines().map(|line| line.split_whitespace().collect()).collect();
            assert_eq!(rows[0], ["python", "std-only", "rayon"]);
            assert_eq!(rows[3], ["parallel-map", "✓", "✓", "✓"]);
            assert_eq!(rows[5], ["python", "mpi"]);
            assert_eq!(rows[8], ["several-machines", "skipped", "skipped"]);
            let row = "creating-a-thread skipped wrong-exit- wrong-exit- ✓ ✓ status ✗ status ✗";
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for shown in [
                row,
                time,
                "multiple-processes",
                "In older-syntax, newer-syntax, one-process and several-machines, the clock starts",
                &format!(
                    "{count} of {} programs. The command scale runs crowd, and cores",
                    count + 30
                ),
                "Skipped, because one: 2 programs. Skipped, because other: 1 program.",
                &format!("{} passed, 2 failed, 3 skipped, in ", count - 5),
                ", after a build of 1.50 s",
            ] {
                assert!(words.contains(shown), "{shown}:\n{text}");
            }
            assert_eq!(words.contains(" ms ✓"), is_overhead, "{text}");
            assert_eq!(words.contains("slow each other down"), !is_overhead, "{text}");
        }
    }
}
