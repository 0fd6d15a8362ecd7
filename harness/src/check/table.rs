//! The matrix: a row per listing, a column per implementation, and below it every fault. Listings
//! that have other implementations have a matrix of their own.

use std::iter;

use anstyle::AnsiColor;
use comfy_table::Table;

use super::json::{CheckJson, ProgramJson};
use super::{Cell, Check};
use crate::catalog::{Group, Listing, Section, all_listings};
use crate::judge::verdict::Verdict;
use crate::run::Line;
use crate::terminal::{plain_table, three_digits};

const WORDS: [(Verdict, &str, AnsiColor); 3] = [
    (Verdict::Pass, "pass", AnsiColor::Green),
    (Verdict::Fail, "FAIL", AnsiColor::Red),
    (Verdict::Skipped, "skipped", AnsiColor::Yellow),
];

/// The matrix, the faults, and how many programs passed.
pub fn render(check: &Check) -> String {
    let entry = |cell: &Cell| Entry {
        section: cell.program.section.name,
        listing: cell.program.listing,
        label: cell.program.label.clone(),
        text: cell_text(cell.verdict(), cell.overhead()),
    };
    let mut text = with_colours(matrices(check.cells.iter().map(entry).collect()));
    text += &notes(check);
    for cell in check.cells.iter().filter(|cell| cell.verdict() == Some(Verdict::Fail)) {
        text += &format!("\n{}", describe_faults(cell));
    }
    let (all, running) = (check.cells.len(), check.count(None));
    if running > 0 {
        text += &format!("\nInterrupted: {} of {all} programs had ended.", all - running);
    }
    let [passed, failed, skipped] = WORDS.map(|(verdict, ..)| check.count(Some(verdict)));
    let seconds = check.started.elapsed().as_secs_f64();
    text + &format!("\n{passed} passed, {failed} failed, {skipped} skipped, in {seconds:.2} s\n")
}

/// The matrix of a group of listings, from what a check has printed, without colours.
pub fn matrix_of(check: &CheckJson, group: Group) -> String {
    let entry = |program: &ProgramJson| {
        let is_this = |(section, listing): &(&Section, &Listing)| {
            (section.name, listing.name) == (&program.section, &program.listing)
        };
        let (section, listing) = all_listings().find(is_this)?;
        let label = program.implementation.to_string();
        let text = cell_text(Some(program.verdict), program.overhead_s);
        (listing.group == group).then_some(Entry { section: section.name, listing, label, text })
    };
    matrices(check.programs.iter().filter_map(entry).collect())
}

/// What the numbers mean, and why programs were skipped.
fn notes(check: &Check) -> String {
    let has_number = |cell: &Cell| cell.faults.is_empty() && cell.overhead().is_some();
    let mut notes = String::new();
    if check.cells.iter().any(has_number) {
        notes += "The numbers are the overhead in ms: elapsed time minus the 2 s of sleep.\n";
        if check.jobs > 1 {
            notes += "Concurrent programs slow each other down. To measure, use --jobs 1.\n";
        }
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

fn matrix(entries: &[Entry]) -> String {
    let mut table = Table::new();
    let row_of = |entry: &Entry| (entry.section, entry.listing.name);
    let rows: Vec<_> = entries.chunk_by(|one, next| row_of(one) == row_of(next)).collect();
    // All rows have the same columns.
    let labels = rows[0].iter().map(|entry| entry.label.clone());
    table.set_header(iter::once(String::new()).chain(labels));
    // The title of a group stands between its rows and those of another one.
    let (mut group, mut section) = (rows[0][0].listing.group, "");
    for row in rows {
        let Entry { section: next, listing, .. } = &row[0];
        if listing.group != group {
            (group, section) = (listing.group, "");
            table.add_row([group.title()]);
        }
        if *next != section {
            section = next;
            table.add_row([section]);
        }
        let name = format!("  {}", listing.name);
        table.add_row(iter::once(name).chain(row.iter().map(|entry| entry.text.clone())));
    }
    plain_table(table)
}

fn with_colours(mut text: String) -> String {
    for (_, word, colour) in WORDS {
        let style = colour.on_default();
        text = text.replace(word, &format!("{style}{word}{style:#}"));
    }
    text
}

fn cell_text(verdict: Option<Verdict>, overhead: Option<f64>) -> String {
    let known = WORDS.iter().find(|(word, ..)| Some(*word) == verdict);
    let Some((verdict, word, _)) = known else { return "-".to_owned() };
    match overhead.filter(|_| *verdict == Verdict::Pass) {
        Some(seconds) => format!("{word} {:>4}", three_digits(seconds * 1e3)),
        None => word.to_string(),
    }
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
    use crate::program::Program;
    use crate::run::{End, Outcome};

    /// A program with an overhead of 1,999 ms.
    fn cell(section: &'static Section, listing: &'static Listing, index: usize) -> Cell {
        let line = Line::new(Duration::ZERO, "Asyncio Elapsed Time: 3.999 seconds");
        let outcome = Outcome {
            lines: vec![line],
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
    fn all_programs_fit_in_80_columns_and_several_machines_has_a_matrix_of_its_own() {
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
        let check = Check { started: Instant::now(), jobs: 2, interpreters: Vec::new(), cells };
        let text = anstream::adapter::strip_str(&render(&check)).to_string();
        assert!(text.contains("pass 1999") && text.contains("multiple-processes"), "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{widest:?} columns:\n{text}");
        let (_, after) = text.split_once("\n\n").expect("there are two matrices");
        let rows: Vec<Vec<_>> =
            after.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[0], ["python", "mpi"]);
        assert_eq!(rows[3], ["several-machines", "skipped", "skipped"]);
        assert!(text.contains("Skipped, because one: 2 programs.\n"), "{text}");
        assert!(text.contains("Skipped, because other: 1 program.\n"), "{text}");
        assert!(text.contains(&format!("\n{} passed, 0 failed, 3 skipped, ", count - 3)));
    }
}
