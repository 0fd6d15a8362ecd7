//! A matrix for people: a row per listing, a column per implementation, and under it what is wrong.

use std::fmt::Write;

use comfy_table::{Cell as TableCell, Color, Table, presets};

use crate::matrix::{Cell, Verdict};

/// The matrix, and under it every fault with the transcript it was found in. In colour if `colour`.
pub fn render(cells: &[Cell], colour: bool) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let mut columns: Vec<String> = Vec::new();
    for cell in cells {
        let column = column(cell);
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let mut header = vec!["section".to_owned(), "listing".to_owned()];
    header.extend(columns.iter().cloned());
    table.set_header(header);
    for row in cells.chunk_by(|cell, next| cell.program.listing.name == next.program.listing.name) {
        let program = &row[0].program;
        let mut line =
            vec![TableCell::new(program.section.name), TableCell::new(program.listing.name)];
        line.extend(columns.iter().map(|name| {
            row.iter().find(|cell| column(cell) == *name).map_or(TableCell::new(""), show)
        }));
        table.add_row(line);
    }
    let mut text = format!("{table}\n");
    for cell in cells.iter().filter(|cell| cell.verdict() == Verdict::Fail) {
        describe_faults(&mut text, cell).expect("a String takes all that is written");
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
        Some(seconds) => TableCell::new(format!("{word} {:+9.2} ms", seconds * 1e3)).fg(color),
        None => TableCell::new(word).fg(color),
    }
}

fn describe_faults(text: &mut String, cell: &Cell) -> std::fmt::Result {
    let Some(outcome) = &cell.outcome else { return Ok(()) };
    let version = cell.program.interpreter.as_ref().map(|python| format!(" {}", python.version));
    writeln!(text, "\n{}{}", cell.program, version.unwrap_or_default())?;
    for fault in &cell.faults {
        writeln!(text, "  {}: {}", fault.kind, fault.detail)?;
    }
    writeln!(text, "  What it printed, with the seconds from its start:")?;
    for line in &outcome.lines {
        writeln!(text, "    {:8.4}  {}", line.at.as_secs_f64(), line.text)?;
    }
    for line in &outcome.stderr {
        writeln!(text, "    {:8.4}  stderr: {}", line.at.as_secs_f64(), line.text)?;
    }
    Ok(())
}
