//! The READMEs tell the truth about the files that they name.

use std::fs;
use std::path::{Path, PathBuf};

use harness::catalog::DOCUMENT;
use harness::cores::{Cores, CpuBound};
use harness::json::{Estimate, Spawn};
use harness::scale::{Column, Scale, Step, Summary};
use harness::table::seconds;
use indicatif::{DecimalBytes, HumanCount};
use serde::de::DeserializeOwned;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The READMEs, each with its folder.
fn readmes() -> Vec<(PathBuf, String)> {
    let mut folders = vec![workspace()];
    folders.extend(
        DOCUMENT.iter().map(|section| workspace().join(format!("examples-{}", section.name))),
    );
    let read = |folder: PathBuf| {
        let text = fs::read_to_string(folder.join("README.md")).unwrap();
        (folder, text)
    };
    folders.into_iter().map(read).collect()
}

/// The texts and targets of the links to files of ours, `[text](target)`.
fn links(markdown: &str) -> Vec<(&str, &str)> {
    let ends = markdown.match_indices("](");
    let links = ends.map(|(end, _)| {
        let text = markdown[..end].rsplit('[').next().unwrap();
        // A text in backticks may have brackets of its own.
        let text = if text.ends_with('`') && !text.starts_with('`') {
            let start = markdown[..end - 1].rfind('`').unwrap();
            &markdown[start..end]
        } else {
            text
        };
        let target = markdown[end + 2..].split(')').next().unwrap();
        (text, target)
    });
    links.filter(|(_, target)| !target.starts_with("https:")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for (folder, text) in readmes() {
        for (_, target) in links(&text) {
            assert!(folder.join(target).exists(), "{target} in {}", folder.display());
            count += 1;
        }
    }
    assert!(count > 100, "only {count} links were found");
}

#[test]
fn code_that_links_to_a_file_stands_in_that_file() {
    let without_spaces = |text: &str| text.split_whitespace().collect::<String>();
    let mut count = 0;
    for (folder, text) in readmes() {
        for (code, target) in links(&text) {
            let Some(code) = code.strip_prefix('`').and_then(|code| code.strip_suffix('`')) else {
                continue;
            };
            let file = without_spaces(&fs::read_to_string(folder.join(target)).unwrap());
            // What the reader has to fill in stands as …: the parts around it must follow each other.
            let mut rest = file.as_str();
            for part in without_spaces(code).split('…') {
                let found = rest.find(part);
                let found = found.unwrap_or_else(|| panic!("{code} is not in {target}"));
                rest = &rest[found + part.len()..];
            }
            count += 1;
        }
    }
    assert!(count > 70, "only {count} pieces of code were found");
}

#[test]
fn the_matrix_has_every_listing_and_every_cell() {
    let (_, text) = &readmes()[0];
    for listing in DOCUMENT.iter().flat_map(|section| section.listings) {
        let row =
            text.lines().find(|line| line.trim_start().starts_with(&format!("{} ", listing.name)));
        let row = row.unwrap_or_else(|| panic!("{} has no row", listing.name));
        assert_eq!(row.matches("pass").count(), 5, "{row}");
    }
}

#[test]
fn the_test_command_is_what_the_checks_run() {
    let (_, text) = &readmes()[0];
    let checks = fs::read_to_string(workspace().join(".ci/run")).unwrap();
    for command in ["cargo test --workspace", "cargo run -p harness"] {
        assert!(text.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
        assert!(checks.lines().any(|line| line == format!("step {command}")), "{command}");
    }
}

/// What was measured, as it is committed.
fn measured<T: DeserializeOwned>(name: &str) -> T {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("measured").join(name);
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// The README's section of this heading.
fn section_of_readme(heading: &str) -> String {
    let (_, text) = readmes().swap_remove(0);
    let start = text.find(&format!("\n## {heading}\n")).expect("the README has the section") + 1;
    let length = text[start..].find("\n## ").unwrap_or(text.len() - start);
    text[start..start + length].to_owned()
}

/// A table as Markdown has it. All columns but the first are of numbers.
fn markdown(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(header);
    text += &format!("|---|{}\n", "---:|".repeat(header.len() - 1));
    for row in rows {
        text += &line(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    text
}

/// What so many greeters cost in a section, in each implementation that has come so far.
fn costs(scale: &Scale, section: &str, counts: &[u64]) -> String {
    let columns = scale.columns.iter().filter(|column| column.section == section);
    let step =
        |column: &Column, count| column.steps.iter().find(|step| step.count == count).cloned();
    let python = columns.clone().find(|column| column.implementation == "python").unwrap();
    let mut rows = Vec::new();
    for column in columns {
        for &count in counts {
            let Some(Step { memory_bytes, overhead_s, cpu_s, .. }) = step(column, count) else {
                continue;
            };
            let ratio = |of: fn(&Step) -> f64, own: f64| {
                let pythons = step(python, count).map(|step| of(&step) / own);
                pythons.map_or(String::new(), |ratio| format!("{ratio:.1}"))
            };
            let growth = column.growth.filter(|growth| growth.to == count);
            let is_last = column.steps.last().is_some_and(|step| step.count == count);
            let bytes = column.bytes_per_greeter.filter(|_| is_last);
            rows.push(vec![
                column.implementation.clone(),
                HumanCount(count).to_string(),
                DecimalBytes(memory_bytes.median as u64).to_string(),
                bytes.map_or(String::new(), |bytes| DecimalBytes(bytes.round() as u64).to_string()),
                format!(
                    "{} ({} – {})",
                    seconds(overhead_s.median),
                    seconds(overhead_s.min),
                    seconds(overhead_s.max)
                ),
                growth.map_or(String::new(), |growth| format!("N^{:.2}", growth.exponent)),
                seconds(cpu_s.median),
                ratio(|step| step.memory_bytes.median, memory_bytes.median),
                ratio(|step| step.overhead_s.median, overhead_s.median),
            ]);
        }
    }
    let header = [
        section,
        "greeters",
        "memory",
        "a greeter",
        "overhead (least – most)",
        "growth",
        "CPU time",
        "CPython's memory ÷ this",
        "its overhead ÷ this",
    ];
    markdown(&header, &rows)
}

/// The speed-ups of all implementations, a row per section and one for the hand-over.
fn speed_ups(cores: &Cores) -> String {
    let of = |section: &str, speed_up: fn(&CpuBound) -> Option<Summary>| {
        let programs = cores.programs.iter().filter(|program| program.section == section);
        let show = |Summary { median, min, max }| format!("{median:.2} ({min:.2} – {max:.2})");
        programs.map(|program| show(speed_up(program).unwrap())).collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    for section in ["threading", "asyncio", "multiprocessing"] {
        rows.push([vec![section.to_owned()], of(section, |program| program.speed_up)].concat());
    }
    let handed_over = of("asyncio", |program| program.speed_up_on_other_threads);
    rows.push([vec!["asyncio, handed to other threads".to_owned()], handed_over].concat());
    let cores = format!("on {} cores", cores.machine.cores);
    markdown(&[&cores, "CPython", "std-only", "tokio", "async-std", "smol"], &rows)
}

/// Microseconds that starting and joining one of so many takes.
fn starting(spawn: &Spawn) -> String {
    let mut rows = Vec::new();
    for row in spawn.benchmarks.chunk_by(|one, next| {
        (&one.kind, &one.implementation) == (&next.kind, &next.implementation)
    }) {
        let at = |count: usize| {
            let benchmark = row.iter().find(|benchmark| benchmark.count == count);
            benchmark.map_or(String::new(), |benchmark| {
                let Estimate { median, low, high } = benchmark.per_unit_s;
                let decimals = if median < 1e-6 { 3 } else { 1 };
                let number = |seconds: f64| format!("{:.decimals$}", seconds * 1e6);
                format!("{} ({} – {})", number(median), number(low), number(high))
            })
        };
        let name = format!("{}, {}", row[0].kind, row[0].implementation);
        rows.push(vec![name, at(1), at(100), at(1_000), at(10_000)]);
    }
    markdown(&["µs for one of so many", "1", "100", "1,000", "10,000"], &rows)
}

/// All tables of numbers that the README has to have.
fn tables() -> Vec<String> {
    let scale: Scale = measured("scale.json");
    vec![
        costs(&scale, "asyncio", &[1_000_000]),
        costs(&scale, "threading", &[4, 1_000, 10_000]),
        costs(&scale, "multiprocessing", &[1_000, 10_000]),
        speed_ups(&measured("cores.json")),
        starting(&measured("spawn.json")),
    ]
}

#[test]
fn the_tables_of_numbers_are_what_was_measured() {
    let section = section_of_readme("What it costs");
    let mut missing = tables();
    missing.retain(|table| !section.contains(table));
    assert!(missing.is_empty(), "the README has not these tables:\n\n{}", missing.join("\n"));
}

/// Other facts, in the words in which the README tells them.
fn facts() -> Vec<String> {
    let scale: Scale = measured("scale.json");
    let machine = &scale.machine;
    let memory = machine.memory_bytes.unwrap() as f64 / f64::from(1 << 30);
    let kernel: Vec<_> = machine.kernel.split('.').take(2).collect();
    let version = |name: &str| format!("{name} {}", scale.versions[&name.to_lowercase()]);
    let spawn: Spawn = measured("spawn.json");
    let cores: Cores = measured("cores.json");
    let rounds =
        |index: usize| format!("{} rounds", HumanCount(cores.programs[index].rounds.unwrap()));
    vec![
        rounds(0),
        rounds(1),
        format!("{} cores", machine.cores),
        machine.cpu.clone().unwrap(),
        format!("{memory:.0} GiB"),
        format!("{} {}", machine.system, kernel.join(".")),
        version("Rust"),
        version("Python"),
        version("tokio"),
        version("async-std"),
        version("smol"),
        format!("{} runs", scale.settings.runs),
        format!("{} samples", spawn.settings.samples),
    ]
}

#[test]
fn the_section_tells_of_the_machine_and_the_method() {
    let section = section_of_readme("What it costs").replace('\n', " ");
    for fact in facts() {
        assert!(section.contains(&fact), "the README does not say {fact:?}");
    }
    let scale: Scale = measured("scale.json");
    assert!(scale.is_complete && scale.settings.build == "release");
    let cores: Cores = measured("cores.json");
    assert_eq!((cores.build.as_str(), cores.runs), ("release", scale.settings.runs));
}

/// Numbers that nobody measured: of greeters, of seconds of sleep, of threads in a pool, of statistics.
const GIVEN: [&str; 10] =
    ["1", "2", "4", "95", "100", "1,000", "10,000", "100,000", "1,000,000", "500"];

/// The numbers of a text: digits, with points and commas between them.
fn numbers(text: &str) -> Vec<&str> {
    let words = text.split(|letter: char| !(letter.is_ascii_digit() || ".,".contains(letter)));
    words.map(|word| word.trim_matches(['.', ','])).filter(|word| !word.is_empty()).collect()
}

#[test]
fn what_the_text_says_of_numbers_was_measured() {
    let known = [tables(), facts()].concat().join(" ");
    let known: Vec<_> = numbers(&known).into_iter().chain(GIVEN).collect();
    let section = section_of_readme("What it costs");
    let (_, readme) = readmes().swap_remove(0);
    // The claims of the document, among the differences.
    let claims = readme.lines().filter(|line| line.contains("](harness/measured/"));
    let mut count = 0;
    for line in section.lines().chain(claims) {
        // Not what stands in code or is the target of a link.
        let words: String = line.split('`').step_by(2).collect();
        let links = words.split("](").enumerate();
        let words: String = links
            .map(|(index, part)| match index {
                0 => part,
                _ => part.split_once(')').map_or("", |(_, after)| after),
            })
            .collect();
        for number in numbers(&words) {
            assert!(known.contains(&number), "{number} was not measured: {line}");
            count += 1;
        }
    }
    assert!(count > 100, "only {count} numbers were found");
}
