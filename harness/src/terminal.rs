//! Output on a terminal: progress, tables, units, and what Ctrl-C prints.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::{self, ExitCode};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{Cell, CellAlignment, Row, Table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::program::{Executables, Selection};
use crate::run::Runner;

/// The result of a command, which is updated while the command runs.
pub trait Findings: Send + 'static {
    /// Returns text with tables. Colours are printed only if stdout is a terminal that shows them.
    fn to_text(&self) -> String;

    /// Returns one JSON object.
    ///
    /// # Errors
    ///
    /// Those of serde_json.
    fn to_json(&self) -> serde_json::Result<String>;

    /// Whether the command has succeeded.
    fn is_success(&self) -> bool;
}

/// Prints the findings when `work` is done, and returns the exit status. On Ctrl-C, it prints the
/// findings so far, and the process exits with status 130.
///
/// # Errors
///
/// If the work fails, or if the findings cannot be printed.
pub fn show<F: Findings>(
    findings: F,
    as_json: bool,
    bar: &ProgressBar,
    work: impl FnOnce(&Mutex<F>) -> Result<()>,
) -> Result<ExitCode> {
    let findings = Arc::new(Mutex::new(findings));
    let print_findings = {
        let (findings, bar) = (findings.clone(), bar.clone());
        move || {
            bar.finish_and_clear();
            let findings = findings.lock().expect("no other thread has panicked");
            let text = if as_json { findings.to_json()? + "\n" } else { findings.to_text() };
            let is_success = findings.is_success();
            // Keeps the lock, so that no other thread changes or prints the findings.
            std::mem::forget(findings);
            print(&text).map(|()| is_success)
        }
    };
    let on_interrupt = print_findings.clone();
    ctrlc::set_handler(move || {
        let _ = on_interrupt();
        // The status that a shell reports for a program that Ctrl-C has ended.
        process::exit(130)
    })
    .context("cannot handle Ctrl-C")?;
    work(&findings).inspect_err(|_| bar.finish_and_clear())?;
    Ok(if print_findings()? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints a text to stdout, with colours only where stdout shows them.
///
/// # Errors
///
/// If it cannot be written. A closed pipe, as in `| head -1`, is no error.
pub fn print(text: &str) -> Result<()> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to stdout"),
    }
}

/// How often a line on stderr says what goes on, where there is no progress bar.
const SAY_EVERY: Duration = Duration::from_secs(10);

/// A progress bar on stderr, `3 of 40 programs, 5s` and a message. If stderr is no terminal, lines
/// say the same.
pub fn progress_bar(length: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr());
    let programs = if length == 1 { "program" } else { "programs" };
    let template = format!("{{spinner}} {{pos}} of {{len}} {programs}, {{elapsed}}, {{wide_msg}}");
    bar.set_style(ProgressStyle::with_template(&template).expect("the template is valid"));
    if bar.is_hidden() {
        say(&format!("Running {length} {programs}"));
        repeat(&bar, SAY_EVERY, move |bar| {
            let (seconds, ended, message) =
                (bar.elapsed().as_secs(), bar.position(), bar.message());
            // The message names all programs that run.
            say(&format!("{seconds} s: {ended} of {length} {programs} ended, {message:.60}"));
        });
    } else {
        // The bar's own enable_steady_tick panics if the system refuses a thread. This does not:
        // without the thread, the bar is redrawn less often.
        repeat(&bar, Duration::from_millis(100), ProgressBar::tick);
    }
    bar
}

/// Builds what is selected, and says so on stderr. On a terminal, cargo then shows its own progress.
///
/// # Errors
///
/// Those of [`Selection::build`].
pub fn build(selection: &Selection, runner: &Runner) -> Result<Executables> {
    if !selection.needs_build(runner) {
        return selection.build(runner);
    }
    say("Building the examples");
    let bar = ProgressBar::hidden();
    if !io::stderr().is_terminal() {
        repeat(&bar, SAY_EVERY, |bar| {
            say(&format!("{} s: still building the examples", bar.elapsed().as_secs()));
        });
    }
    let built = selection.build(runner);
    bar.finish();
    built
}

/// Calls `action` again and again in a thread of its own, until the bar is finished.
fn repeat(bar: &ProgressBar, interval: Duration, action: impl Fn(&ProgressBar) + Send + 'static) {
    let bar = bar.clone();
    let repeat = move || {
        let mut last = Instant::now();
        while !bar.is_finished() {
            if last.elapsed() >= interval {
                action(&bar);
                last = Instant::now();
            }
            thread::sleep(Duration::from_millis(100));
        }
    };
    let _ = thread::Builder::new().spawn(repeat);
}

/// Prints a line to stderr. If nobody can read it, that is no error.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A table as text, with a line below its header.
pub fn plain_table(mut table: Table) -> String {
    // See comfy_table::presets for the meaning of each character.
    table.load_preset("     ══            ");
    set_padding(&mut table, (0, 1));
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn set_padding(table: &mut Table, left_and_right: (u16, u16)) {
    for column in table.column_iter_mut() {
        column.set_padding(left_and_right);
    }
}

/// A table whose columns, but for the first, are right-aligned numbers.
pub fn number_table(header: impl Into<Row>, rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The texts of a table: its header, and its rows.
#[derive(Debug, Serialize)]
pub struct Texts {
    /// A text per column.
    pub header: Vec<String>,
    /// A text per column for each row.
    pub rows: Vec<Vec<String>>,
}

/// Returns the texts of a table.
pub fn texts(table: &Table) -> Texts {
    let cells = |row: &Row| row.cell_iter().map(Cell::content).collect();
    Texts {
        header: table.header().map_or(Vec::new(), cells),
        rows: table.row_iter().map(cells).collect(),
    }
}

/// A table in Markdown.
pub fn markdown_table(mut table: Table) -> String {
    table.load_preset(ASCII_MARKDOWN);
    set_padding(&mut table, (1, 0));
    let mut lines: Vec<String> = table.lines().collect();
    // The second line says how columns are aligned: all but the first to the right.
    let (first, others) = lines[1].split_at(lines[1][1..].find('|').unwrap_or(0) + 2);
    lines[1] = first.to_owned() + &others.replace("-|", ":|");
    lines.join("\n")
}

/// A duration in seconds with its unit: `0.29 ms`, `270 ms`, `38.9 s`.
pub fn duration(seconds: f64) -> String {
    let (number, unit) = if seconds < 1.0 { (seconds * 1e3, "ms") } else { (seconds, "s") };
    format!("{} {unit}", three_digits(number))
}

/// A number of bytes with its unit: `464 B`, `1.68 GB`.
pub fn bytes(bytes: u64) -> String {
    let (divisor, unit) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1e3, "kB"),
        1_000_000..1_000_000_000 => (1e6, "MB"),
        _ => (1e9, "GB"),
    };
    format!("{} {unit}", three_digits(bytes as f64 / divisor))
}

/// A number with about three digits: `0.29`, `12.3`, `270`.
pub fn three_digits(number: f64) -> String {
    let decimals = match number {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{number:.decimals$}")
}
