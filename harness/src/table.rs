//! A matrix for people: a row per listing, a column per implementation, and under it what is wrong.

use std::iter;

use anstyle::AnsiColor;
use comfy_table::Table;

use crate::matrix::{Cell, Verdict};
use crate::run::Line;

/// See [`comfy_table::presets`] for what stands where.
const ONLY_A_LINE_BELOW_THE_HEADER: &str = "     ══            ";

/// The matrix, and under it every fault with the transcript it was found in. `cells` are those of
/// [`run`](crate::matrix::run), and `jobs` is how many of the programs ran at once.
pub fn render(cells: &[Cell], jobs: usize, colour: bool) -> String {
    let rows: Vec<_> =
        cells.chunk_by(|one, next| one.program.listing.name == next.program.listing.name).collect();
    let mut table = Table::new();
    // All rows have the same columns.
    table.set_header(
        iter::once(String::new()).chain(rows.iter().take(1).flat_map(|row| row.iter()).map(column)),
    );
    for rows in
        rows.chunk_by(|one, next| one[0].program.section.name == next[0].program.section.name)
    {
        table.add_row([rows[0][0].program.section.name]);
        for row in rows {
            let name = format!("  {}", row[0].program.listing.name);
            table.add_row(iter::once(name).chain(row.iter().map(show)));
        }
    }
    let mut text = lay_out(table);
    if colour {
        for (_, word, colour) in WORDS {
            let style = colour.on_default();
            text = text.replace(word, &format!("{style}{word}{style:#}"));
        }
    }
    let has_number = |cell: &Cell| cell.verdict() == Verdict::Pass && cell.overhead().is_some();
    if cells.iter().any(has_number) {
        text += "\nThe numbers are the overhead: milliseconds of elapsed time beyond the 2 s of sleep.\n";
        if jobs > 1 {
            text += "Programs that run side by side disturb each other: --jobs 1 gives quiet numbers.\n";
        }
    }
    for cell in cells.iter().filter(|cell| cell.verdict() == Verdict::Fail) {
        text += &format!("\n{}", describe_faults(cell));
    }
    text
}

/// The lines of a table, as all of ours look.
pub fn lay_out(mut table: Table) -> String {
    table.load_preset(ONLY_A_LINE_BELOW_THE_HEADER);
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// How a cell's column is headed: by the implementation, and for Python by its version.
fn column(cell: &Cell) -> String {
    match &cell.program.interpreter {
        Some(interpreter) => format!("{} {}", cell.program.implementation, interpreter.version),
        None => cell.program.implementation.to_string(),
    }
}

const WORDS: [(Verdict, &str, AnsiColor); 3] = [
    (Verdict::Pass, "pass", AnsiColor::Green),
    (Verdict::Fail, "FAIL", AnsiColor::Red),
    (Verdict::Skipped, "skipped", AnsiColor::Yellow),
];

fn show(cell: &Cell) -> String {
    let verdict = cell.verdict();
    let (_, word, _) = WORDS.iter().find(|(known, ..)| *known == verdict).expect("all are known");
    match cell.overhead().filter(|_| verdict == Verdict::Pass) {
        Some(seconds) => format!("{word} {:7.2}", seconds * 1e3),
        None => word.to_string(),
    }
}

/// How many lines of stdout, and of stderr, are shown of a program that has faults.
const MOST_LINES: usize = 20;

/// Each fault of a cell, and the transcript it was found in.
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
        "  It printed nothing.\n"
    } else {
        "  What it printed, with the seconds from its start:\n"
    };
    let shown = |from: &str, line: &Line| {
        format!("    {:8.4}  {from}{}\n", line.at.as_secs_f64(), line.text)
    };
    text.extend(outcome.lines.iter().take(MOST_LINES).map(|line| shown("", line)));
    text.extend(outcome.stderr.iter().take(MOST_LINES).map(|line| shown("on stderr: ", line)));
    text
}
