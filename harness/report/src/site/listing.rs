//! The page of a listing: its programs, what they printed, when, and the differences.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use harness::catalog::{Listing, SECTIONS, Section};
use harness::check::json::{CheckJson, LineJson, ProgramJson};
use harness::judge::verdict::{Fault, Verdict};
use harness::program::{Implementation, workspace};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::{difference, file_of, find, label, package, page_of, page_of_link};
use crate::compare::{align, differing_lines};
use crate::readme::{Difference, Readme};
use crate::source::{self, Source, Sources};
use crate::timeline::{Timeline, since_clock_start};

#[derive(Serialize)]
struct Program {
    name: String,
    path: String,
    /// The command that runs it.
    command: String,
    parts: Vec<Part>,
    /// The lines that differ from another port, by its name: `3 5-7`.
    differs: BTreeMap<String, String>,
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Part {
    name: Option<String>,
    anchor: Option<String>,
    /// Where it stands in the grid, from 1.
    row: usize,
    above: String,
    body: String,
}

/// What a program did. Only a Python program has several, one for each Python.
#[derive(Serialize)]
struct Run {
    label: String,
    verdict: Verdict,
    reason: Option<String>,
    faults: Vec<Fault>,
    lines: Vec<LineJson>,
}

/// The values of a listing's page.
///
/// # Errors
///
/// If a program cannot be read or parsed.
pub fn values(
    section: &Section,
    readme: &Readme,
    listing: &Listing,
    check: &CheckJson,
    sources: &mut Sources,
) -> Result<Value> {
    let all = Implementation::of(listing);
    let folder = PathBuf::from(package(section)).join("src").join(listing.folder);
    let (mut texts, mut commands) = (Vec::new(), Vec::new());
    for implementation in all {
        let path = folder.join(file_of(*implementation));
        let text = fs::read_to_string(workspace().join(&path));
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let command = command(&text);
        ensure!(!command.is_empty(), "{} names no command", path.display());
        commands.push(command);
        texts.push(text);
    }
    let read = |(implementation, text): (&Implementation, &String)| {
        sources.read(&file_of(*implementation), text)
    };
    let parsed = all.iter().zip(&texts).map(read).collect::<Result<Vec<_>>>()?;
    let names = |source: &Source| source.parts.iter().map(|part| part.name.clone()).collect();
    let (rows, count) = align(&parsed.iter().map(names).collect::<Vec<_>>());

    let ran: Vec<_> = find(check, section, listing).collect();
    let label = |one: &ProgramJson| label(check, one);
    let run = |one: &&ProgramJson| Run {
        label: label(one),
        verdict: one.verdict,
        reason: one.reason.clone(),
        faults: one.faults.clone(),
        lines: since_clock_start(one),
    };
    let program = |index: usize| {
        let name = all[index].to_string();
        let anchor = |part: &str| format!("{name}.{}", slug(part));
        let part = |(part, row): (&source::Part, &usize)| Part {
            name: part.name.clone(),
            anchor: part.name.as_deref().map(anchor),
            row: 2 * row + 1,
            above: part.above.clone(),
            body: part.body.clone(),
        };
        let is_this = |one: &&&ProgramJson| one.implementation == all[index];
        Program {
            path: folder.join(file_of(all[index])).display().to_string(),
            command: commands[index].clone(),
            parts: parsed[index].parts.iter().zip(&rows[index]).map(part).collect(),
            differs: differs(index, all, &texts),
            runs: ran.iter().filter(is_this).map(run).collect(),
            name,
        }
    };
    let labelled: Vec<_> = ran.iter().map(|one| (label(one), *one)).collect();
    let page = page_of(section, listing);
    let belongs = |one: &&Difference| {
        let of = page_of_link(section, &one.see);
        of.is_some_and(|of| of.split('#').next() == Some(&page))
    };
    let differences = |bites: bool| {
        let all = readme.differences.iter().filter(belongs).filter(|one| one.bites == bites);
        all.map(|one| difference(section, one)).collect::<Vec<_>>()
    };
    let has_this = |one: &&Section| {
        one.name != section.name && one.all_listings().any(|other| other.name == listing.name)
    };
    let siblings: Vec<_> = SECTIONS
        .iter()
        .filter(has_this)
        .map(|one| context! { unit => one.unit, page => page_of(one, listing) })
        .collect();
    let is_measured = section.costs.iter().any(|one| one.name == listing.name);
    Ok(context! {
        section => section.name,
        unit => section.unit,
        siblings,
        listing => listing.name,
        title => title(&texts[0]),
        in_document => listing.is_in_the_document(),
        is_measured,
        rows => 2 * count,
        // What the command runs without --runtime.
        right => if section.unit == "tasks" { Implementation::Tokio } else { all[1] }.to_string(),
        programs => Serde((0..all.len()).map(program).collect::<Vec<_>>()),
        timeline => Serde(Timeline::new(&labelled)),
        differences_that_bite => differences(true),
        more_differences => differences(false),
    })
}

/// A name as a part of an address: `impl Drop for T` is `impl-Drop-for-T`.
fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// The first line of a Python program: what its listing is about. Every second text is code.
fn title(python: &str) -> Vec<String> {
    let line = python.lines().next().unwrap_or_default().trim_matches('"');
    line.split('`').map(str::to_owned).collect()
}

/// The command that a program's opening comment gives, below its title. What mpirun starts has to
/// be built before.
fn command(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches("//!").trim());
    let below = lines.skip_while(|line| !line.is_empty()).skip(1);
    let commands = below.take_while(|line| !line.is_empty() && *line != "\"\"\"");
    commands.map(|line| line.trim_matches('`')).collect::<Vec<_>>().join(" && ")
}

/// The lines of a port that differ from each other port.
fn differs(index: usize, all: &[Implementation], texts: &[String]) -> BTreeMap<String, String> {
    let is_port = |index: &usize| all[*index] != Implementation::Python;
    let others =
        (0..all.len()).filter(|other| *other != index && is_port(&index) && is_port(other));
    let lines: Vec<Vec<&str>> = texts.iter().map(|text| text.lines().collect()).collect();
    others
        .map(|other| {
            // The same comparison whichever side a program is on.
            let [first, second] = [index.min(other), index.max(other)];
            let [one, two] = differing_lines(&lines[first], &lines[second]);
            (all[other].to_string(), ranges(if index == first { &one } else { &two }))
        })
        .collect()
}

/// Ascending numbers as `3 5-7`.
fn ranges(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|one, next| one + 1 == *next);
    let run = |run: &[usize]| match run {
        [one] => one.to_string(),
        _ => format!("{}-{}", run[0], run[run.len() - 1]),
    };
    runs.map(run).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_ranges() {
        assert_eq!(ranges(&[3, 5, 6, 7, 9]), "3 5-7 9");
        assert_eq!(ranges(&[]), "");
    }

    #[test]
    fn the_opening_comment_has_the_command() {
        let rust = "//! Title.\n//!\n//! `cargo run -p examples-asyncio -- x`\n";
        assert_eq!(command(rust), "cargo run -p examples-asyncio -- x");
        assert_eq!(command("\"\"\"T.\n\npython3 a/python.py\n\"\"\"\n"), "python3 a/python.py");
        let mpi = "//! Title.\n//!\n//! `cargo build -p x`\n//! `mpirun -n 4 x`\n";
        assert_eq!(command(mpi), "cargo build -p x && mpirun -n 4 x");
    }
}
