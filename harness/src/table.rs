//! For people: the matrix, with a row per listing, a column per implementation, and under it what is
//! wrong; and the tables of what was measured.

use std::collections::BTreeSet;
use std::iter;

use anstyle::AnsiColor;
use comfy_table::{CellAlignment, Table};
use indicatif::{DecimalBytes, HumanCount};

use crate::cores::{Cores, CpuBound};
use crate::json::{Estimate, SpawnBenchmark};
use crate::matrix::{Cell, Verdict};
use crate::run::Line;
use crate::scale::{Column, Growth, Scale, Step, Summary};

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
fn lay_out(mut table: Table) -> String {
    table.load_preset(ONLY_A_LINE_BELOW_THE_HEADER);
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// How a cell's column is headed.
fn column(cell: &Cell) -> String {
    let interpreter = cell.program.interpreter.as_ref();
    let version = interpreter.map(|interpreter| interpreter.version.as_str());
    heading(&cell.program.implementation.to_string(), version)
}

/// An implementation, and of Python the version.
fn heading(implementation: &str, python: Option<&str>) -> String {
    match python {
        Some(version) => format!("{implementation} {version}"),
        None => implementation.to_owned(),
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

/// What a sweep measured: for each section, what each number of greeters took, and then how that grew.
/// Under the tables stand the columns that stopped, and those whose overhead grew too fast.
pub fn render_scale(scale: &Scale) -> String {
    let mut text = String::new();
    for columns in scale.columns.chunk_by(|one, next| one.section == next.section) {
        let mut steps = numbers(&[
            columns[0].section.as_str(),
            "greeters",
            "elapsed",
            "overhead",
            "least",
            "most",
            "memory",
            "CPU time",
            "switches",
        ]);
        let mut growths = numbers(&[
            columns[0].section.as_str(),
            "a greeter's memory",
            "growth of overhead in the last decade",
            "in the last two",
        ]);
        for column in columns {
            let name = heading(&column.implementation, column.python.as_deref());
            let names = iter::once(name.clone()).chain(iter::repeat(String::new()));
            for (step, name) in column.steps.iter().zip(names) {
                steps.add_row(iter::once(name).chain(describe_step(step)));
            }
            growths.add_row(iter::once(name).chain(describe_growth(column)));
        }
        text += &format!("{}\n{}\n", lay_out(steps), lay_out(growths));
    }
    text += &format!("{}\n", describe_method(scale));
    for column in &scale.columns {
        let implementation = heading(&column.implementation, column.python.as_deref());
        let name = format!("{} with {implementation}", column.section);
        if let Some(step) = column.steps.iter().find(|step| !column.are_all_there(step)) {
            let count = HumanCount(step.count);
            text += &format!("{name}: {count} were too many to exist all at the same time.\n");
        }
        if let Some(growth) = column.growth.filter(Growth::is_super_linear) {
            text += &format!(
                "Super-linear: {name}. From {} to {} greeters, ten times as many had {:.0} times the overhead.\n",
                HumanCount(growth.from),
                HumanCount(growth.to),
                10_f64.powf(growth.exponent)
            );
        }
        if let Some(stop) = &column.stop {
            let why = if stop.has_failed { "failed at" } else { "stopped at" };
            text += &format!("{name} {why} {}: {}\n", HumanCount(stop.count), stop.reason);
        }
    }
    if !scale.is_complete {
        text += "Interrupted: this is what was measured by then, the last of it with fewer runs.\n";
    }
    text
}

/// A table whose columns, but for the first, are of numbers.
fn numbers(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn describe_step(step: &Step) -> [String; 8] {
    [
        HumanCount(step.count).to_string(),
        format!("{:.3} s", step.elapsed_s.median),
        seconds(step.overhead_s.median),
        seconds(step.overhead_s.min),
        seconds(step.overhead_s.max),
        DecimalBytes(step.memory_bytes.median as u64).to_string(),
        seconds(step.cpu_s.median),
        HumanCount(step.switches.median as u64).to_string(),
    ]
}

fn describe_growth(column: &Column) -> [String; 3] {
    let bytes = column.bytes_per_greeter;
    let growth = |growth: Option<Growth>| {
        growth.map_or(String::new(), |growth| format!("N^{:.2}", growth.exponent))
    };
    [
        bytes.map_or(String::new(), |bytes| DecimalBytes(bytes.round() as u64).to_string()),
        growth(column.growth),
        growth(column.growth_of_two_decades),
    ]
}

fn describe_method(scale: &Scale) -> String {
    let mut text = format!(
        "{}, {} builds, one program at a time. Overhead: elapsed time beyond the 2 s of sleep.\n\
         A greeter's memory: what one more took, as long as all exist at the same time. N: their number.",
        runs(scale.settings.runs),
        scale.settings.build
    );
    if scale.columns.iter().any(|column| column.section == "multiprocessing") {
        text += "\nMemory of processes: of all together, what they share counted once, the kernel's part not counted.";
    }
    text
}

fn runs(number: usize) -> String {
    match number {
        1 => "One run".to_owned(),
        _ => format!("Medians of {number} runs"),
    }
}

/// A time for people, with three digits or so: `0.29 ms`, `270 ms`, `38.9 s`.
pub fn seconds(seconds: f64) -> String {
    let (number, unit) = if seconds < 1.0 { (seconds * 1e3, "ms") } else { (seconds, "s") };
    let digits = match number {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{number:.digits$} {unit}")
}

/// The speed-ups of all programs beside the number of cores, and under them what went wrong.
pub fn render_cores(cores: &Cores) -> String {
    let sections: Vec<_> =
        cores.programs.chunk_by(|one, next| one.section == next.section).collect();
    let names = sections.iter().take(1).flat_map(|programs| programs.iter());
    let header: Vec<_> = iter::once(format!("{} cores", cores.machine.cores))
        .chain(names.map(|program| heading(&program.implementation, program.python.as_deref())))
        .collect();
    let mut table = numbers(&header.iter().map(String::as_str).collect::<Vec<_>>());
    let mut add =
        |name: String, programs: &[CpuBound], of: &dyn Fn(&CpuBound) -> Option<Summary>| {
            let show = |program| {
                of(program)
                    .map_or("-".to_owned(), |speed_up: Summary| format!("{:.2}", speed_up.median))
            };
            table.add_row(iter::once(name).chain(programs.iter().map(show)));
        };
    for programs in &sections {
        add(programs[0].section.clone(), programs, &|program| program.speed_up);
    }
    for programs in &sections {
        if programs.iter().any(|program| program.speed_up_on_other_threads.is_some()) {
            let name = format!("{}, on other threads", programs[0].section);
            add(name, programs, &|program| program.speed_up_on_other_threads);
        }
    }
    let mut text = lay_out(table);
    text += &format!(
        "\nHow many times as fast four workers were side by side as one after another.\n\
         {}, {} builds, one program at a time.\n",
        runs(cores.runs),
        cores.build
    );
    for program in &cores.programs {
        if let Some(error) = &program.error {
            let implementation = heading(&program.implementation, program.python.as_deref());
            text += &format!("{} with {implementation}: {error}\n", program.section);
        }
    }
    text
}

/// What starting and joining one of so many units took: a row per implementation, a column per number.
pub fn render_spawn(benchmarks: &[SpawnBenchmark]) -> String {
    let counts: BTreeSet<_> = benchmarks.iter().map(|benchmark| benchmark.count).collect();
    let heads = counts.iter().map(|count| HumanCount(*count as u64).to_string());
    let header: Vec<_> = iter::once(String::new()).chain(heads).collect();
    let mut table = numbers(&header.iter().map(String::as_str).collect::<Vec<_>>());
    for row in spawn_rows(benchmarks) {
        let cell = |count: &usize| {
            let benchmark = row.iter().find(|benchmark| benchmark.count == *count);
            benchmark.map_or_else(String::new, |benchmark| microseconds(benchmark.per_unit_s))
        };
        let name = format!("{}, {}", row[0].kind, row[0].implementation);
        table.add_row(iter::once(name).chain(counts.iter().map(cell)));
    }
    format!(
        "{}\nMicroseconds for one of so many: the median, and where it is with 95 % confidence.\n",
        lay_out(table)
    )
}

/// The benchmarks of each kind and implementation.
pub fn spawn_rows(benchmarks: &[SpawnBenchmark]) -> impl Iterator<Item = &[SpawnBenchmark]> {
    benchmarks.chunk_by(|one, next| {
        (&one.kind, &one.implementation) == (&next.kind, &next.implementation)
    })
}

/// The median, and the interval around it: `54.2 (53.2 – 55.6)`.
pub fn microseconds(Estimate { median, low, high }: Estimate) -> String {
    let decimals = match median * 1e6 {
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    let number = |seconds: f64| format!("{:.decimals$}", seconds * 1e6);
    format!("{} ({} – {})", number(median), number(low), number(high))
}
