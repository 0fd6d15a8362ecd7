//! The READMEs tell the truth about the files that they name.

use std::fs;
use std::path::{Path, PathBuf};

use harness::catalog::DOCUMENT;
use harness::cores::{Cores, CpuBound};
use harness::json::{Spawn, SpawnBenchmark};
use harness::scale::{Column, Growth, Scale, Step, Summary};
use harness::table::{microseconds, seconds, spawn_rows};
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
            let is_last = column.steps.last().is_some_and(|step| step.count == count);
            let bytes = column.bytes_per_greeter.filter(|_| is_last);
            let growth = |growth: Option<Growth>| {
                let growth = growth.filter(|growth| growth.to == count);
                growth.map_or(String::new(), |growth| format!("N^{:.2}", growth.exponent))
            };
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
                growth(column.growth),
                growth(column.growth_of_two_decades),
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
        "growth in the last decade",
        "in the last two",
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
        programs.map(|program| show_speed_up(speed_up(program).unwrap())).collect::<Vec<_>>()
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

fn show_speed_up(Summary { median, min, max }: Summary) -> String {
    format!("{median:.2} ({min:.2} – {max:.2})")
}

/// Microseconds that starting and joining one of so many takes.
fn starting(spawn: &Spawn) -> String {
    let row = |row: &[SpawnBenchmark]| {
        let at = |count: usize| {
            let benchmark = row.iter().find(|benchmark| benchmark.count == count);
            benchmark.map_or(String::new(), |benchmark| microseconds(benchmark.per_unit_s))
        };
        let name = format!("{}, {}", row[0].kind, row[0].implementation);
        vec![name, at(1), at(100), at(1_000), at(10_000)]
    };
    let rows: Vec<_> = spawn_rows(&spawn.benchmarks).map(row).collect();
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

/// What the README says of the numbers, in its words: in the section on costs, and of the document's claims
/// among the differences.
fn sentences() -> Vec<String> {
    let scale: Scale = measured("scale.json");
    let cores: Cores = measured("cores.json");
    let spawn: Spawn = measured("spawn.json");
    let column = |section: &str, implementation: &str| {
        let is_it = |column: &&Column| {
            (&*column.section, &*column.implementation) == (section, implementation)
        };
        scale.columns.iter().find(is_it).unwrap()
    };
    let each = |section, implementation| {
        let bytes = column(section, implementation).bytes_per_greeter.unwrap();
        DecimalBytes(bytes.round() as u64).to_string()
    };
    let overhead = |section, implementation, count| {
        let steps = &column(section, implementation).steps;
        seconds(steps.iter().find(|step| step.count == count).unwrap().overhead_s.median)
    };
    let exponent = |growth: Option<Growth>| growth.unwrap().exponent;
    let runtimes = ["std-only", "tokio", "async-std", "smol"];
    let of_tasks = runtimes.map(|name| exponent(column("asyncio", name).growth_of_two_decades));
    let of_tasks = Summary::of(of_tasks);
    let of_threads = |name| exponent(column("threading", name).growth);
    let program = |section: &str, implementation: &str| {
        let is_it = |program: &&CpuBound| {
            (&*program.section, &*program.implementation) == (section, implementation)
        };
        cores.programs.iter().find(is_it).unwrap()
    };
    let speed_up =
        |section, name| format!("{:.2}", program(section, name).speed_up.unwrap().median);
    let elsewhere =
        |name| format!("{:.2}", program("asyncio", name).speed_up_on_other_threads.unwrap().median);
    let spread = |section, name| show_speed_up(program(section, name).speed_up.unwrap());
    let unit = |kind: &str, implementation: &str, count| {
        let is_it = |one: &&SpawnBenchmark| {
            (&*one.kind, &*one.implementation, one.count) == (kind, implementation, count)
        };
        let shown = microseconds(spawn.benchmarks.iter().find(is_it).unwrap().per_unit_s);
        shown.split(' ').next().unwrap().to_owned()
    };
    const MANY: u64 = 1_000_000;
    let machine = &scale.machine;
    let kernel: Vec<_> = machine.kernel.split('.').take(2).collect();
    let version = |name: &str| format!("{name} {}", scale.versions[&name.to_lowercase()]);
    vec![
        format!(
            "One that sleeps takes {} on the event loop of this workspace, {} on smol, {} on async-std, \
             {} on tokio, and {} in CPython. A million of them take {} longer than the sleep, {}, {}, {}, and {}.",
            each("asyncio", "std-only"),
            each("asyncio", "smol"),
            each("asyncio", "async-std"),
            each("asyncio", "tokio"),
            each("asyncio", "python"),
            overhead("asyncio", "std-only", MANY),
            overhead("asyncio", "smol", MANY),
            overhead("asyncio", "async-std", MANY),
            overhead("asyncio", "tokio", MANY),
            overhead("asyncio", "python", MANY),
        ),
        format!(
            "Made one by one they cost it {} µs, and smol {} µs.",
            unit("tasks", "std-only", 10_000),
            unit("tasks", "smol", 10_000)
        ),
        format!(
            "in every port (N^{:.2} to N^{:.2} over the last two decades). CPython's overhead grows \
             faster than its crowd (N^{:.2}).",
            of_tasks.min,
            of_tasks.max,
            exponent(column("asyncio", "python").growth_of_two_decades)
        ),
        format!(
            "**A thread takes {}.** A thousand are started and joined in {} more than they sleep, and in \
             CPython in {}. Of ten thousand it is {}, and {}: CPython's get dearer the more there are \
             (N^{:.2} in the last decade), std's do not (N^{:.2}).",
            each("threading", "std-only"),
            overhead("threading", "std-only", 1_000),
            overhead("threading", "python", 1_000),
            overhead("threading", "std-only", 10_000),
            overhead("threading", "python", 10_000),
            of_threads("python"),
            of_threads("std-only"),
        ),
        format!(
            "**A process takes {},** and {} in CPython. A thousand take {}, and {}.",
            each("multiprocessing", "std-only"),
            each("multiprocessing", "python"),
            overhead("multiprocessing", "std-only", 1_000),
            overhead("multiprocessing", "python", 1_000),
        ),
        format!(
            "1,000 who sleep on it take {} longer: half of them wait for the others. It is for work that is \
             handed over, and that costs {} µs, where a thread costs {} µs, and {} µs if 10,000 of them exist \
             at the same time.",
            overhead("threading", "smol", 1_000),
            unit("pool", "smol", 1_000),
            unit("threads", "std-only", 1_000),
            unit("threads-alive", "std-only", 10_000),
        ),
        format!(
            "use the cores if they are threads in Rust ({} times as fast side by side as one after another) or \
             processes in either language ({} in Rust, {} in Python). Threads in Python do not ({}), nor do \
             tasks anywhere, unless they hand the work to other threads ({} with tokio, {} in Python).",
            speed_up("threading", "std-only"),
            speed_up("multiprocessing", "std-only"),
            speed_up("multiprocessing", "python"),
            speed_up("threading", "python"),
            elsewhere("tokio"),
            elsewhere("python"),
        ),
        format!(
            "a virtual machine with {} cores ({}, {:.0} GiB), with {} {}, {}, {}, {}, {} and {}.",
            machine.cores,
            machine.cpu.clone().unwrap(),
            machine.memory_bytes.unwrap() as f64 / f64::from(1 << 30),
            machine.system,
            kernel.join("."),
            version("Rust"),
            version("Python"),
            version("tokio"),
            version("async-std"),
            version("smol"),
        ),
        format!(
            "medians of {} runs, with the least and the most; of the last table, medians of {} samples",
            scale.settings.runs, spawn.settings.samples
        ),
        format!(
            "compute {} rounds in Rust and {} rounds in Python",
            HumanCount(program("threading", "std-only").rounds.unwrap()),
            HumanCount(program("threading", "python").rounds.unwrap()),
        ),
        format!(
            "four workers are {} times as fast as one after another. | They do: {} times as fast on {} cores. |",
            spread("threading", "python"),
            spread("threading", "std-only"),
            cores.machine.cores
        ),
        format!(
            "four take {} longer than their sleep. Of computing it is not. | It is true of waiting ({}) and of \
             computing. |",
            overhead("threading", "python", 4),
            overhead("threading", "std-only", 4)
        ),
        format!(
            "and they do: {} times as fast. | So do they here: {}. But so do threads, which cost less. |",
            spread("multiprocessing", "python"),
            spread("multiprocessing", "std-only")
        ),
    ]
}

#[test]
fn what_the_text_says_of_numbers_was_measured() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, readme) = readmes().swap_remove(0);
    let mut missing = sentences();
    missing.retain(|sentence| !words(&readme).contains(&words(sentence)));
    assert!(missing.is_empty(), "the README does not say:\n\n{}", missing.join("\n\n"));
}

#[test]
fn what_was_not_measured_is_for_the_reasons_that_the_text_gives() {
    let scale: Scale = measured("scale.json");
    assert!(scale.is_complete && scale.settings.build == "release");
    for column in &scale.columns {
        let reason = match (column.section.as_str(), column.implementation.as_str()) {
            ("threading", "async-std" | "smol") => Some("--limit"),
            ("multiprocessing", "python") => Some("ulimit -n"),
            ("threading" | "multiprocessing", _) => Some("kernel.pid_max"),
            _ => None,
        };
        let stop = column.stop.as_ref();
        assert_eq!(stop.is_some(), reason.is_some(), "{stop:?}");
        assert!(stop.zip(reason).is_none_or(|(stop, why)| stop.reason.contains(why)), "{stop:?}");
    }
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
fn no_other_number_is_told() {
    let known = [tables(), sentences()].concat().join(" ");
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
