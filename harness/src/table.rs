//! A matrix for people: a row per listing, a column per implementation, and under it what is wrong.

use std::iter;

use comfy_table::{Cell as TableCell, Color, Table};

use crate::matrix::{Cell, Verdict};

/// See [`comfy_table::presets`] for what stands where.
const ONLY_A_LINE_BELOW_THE_HEADER: &str = "     ══            ";

/// The matrix, and under it every fault with the transcript it was found in. `jobs` is how many of the
/// programs ran at once.
pub fn render(cells: &[Cell], jobs: usize, colour: bool) -> String {
    let mut columns: Vec<String> = Vec::new();
    for cell in cells {
        let column = column(cell);
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let mut table = Table::new();
    table.load_preset(ONLY_A_LINE_BELOW_THE_HEADER);
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header([String::new()].iter().chain(&columns));
    for section in
        cells.chunk_by(|cell, next| cell.program.section.name == next.program.section.name)
    {
        table.add_row([section[0].program.section.name]);
        for row in
            section.chunk_by(|cell, next| cell.program.listing.name == next.program.listing.name)
        {
            let name = TableCell::new(format!("  {}", row[0].program.listing.name));
            let shown = |name: &String| {
                row.iter().find(|cell| column(cell) == *name).map_or("".into(), show)
            };
            table.add_row(iter::once(name).chain(columns.iter().map(shown)));
        }
    }
    let mut text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if cells.iter().any(|cell| cell.overhead().is_some()) {
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

/// How a cell's column is headed: by the implementation, and for Python by its version.
fn column(cell: &Cell) -> String {
    match &cell.program.interpreter {
        Some(interpreter) => format!("{} {}", cell.program.implementation, interpreter.version),
        None => cell.program.implementation.to_string(),
    }
}

fn show(cell: &Cell) -> TableCell {
    let (word, color) = match cell.verdict() {
        Verdict::Pass => ("pass", Color::Green),
        Verdict::Fail => ("FAIL", Color::Red),
        Verdict::Skipped => ("skipped", Color::Yellow),
    };
    match cell.overhead() {
        Some(seconds) => TableCell::new(format!("{word} {:7.2}", seconds * 1e3)).fg(color),
        None => TableCell::new(word).fg(color),
    }
}

/// Each fault of a cell, and the transcript it was found in.
pub fn describe_faults(cell: &Cell) -> String {
    let version = cell.program.interpreter.as_ref().map(|python| format!(" {}", python.version));
    let mut text = format!("{}{}\n", cell.program, version.unwrap_or_default());
    for fault in &cell.faults {
        text += &format!("  {}: {}\n", fault.kind, fault.detail);
    }
    let Some(outcome) = &cell.outcome else { return text };
    text += "  What it printed, with the seconds from its start:\n";
    for line in &outcome.lines {
        text += &format!("    {:8.4}  {}\n", line.at.as_secs_f64(), line.text);
    }
    for line in &outcome.stderr {
        text += &format!("    {:8.4}  on stderr: {}\n", line.at.as_secs_f64(), line.text);
    }
    text
}
