//! The page of a listing: its programs, what they printed, when, and the differences.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use harness::catalog::{Group, Implementation, Listing, SECTIONS, Section, all_listings};
use harness::check::json::{CheckJson, ProgramJson};
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::search::Index;
use super::{column_of, find, label, page_of, trace_of};
use crate::compare::{align, differing_lines};
use crate::readme::Difference;
use crate::source::{Part, Sources, slug};
use crate::timeline;

/// The source of a program.
struct Code {
    implementation: Implementation,
    path: String,
    text: String,
    parts: Vec<Part>,
}

/// What a program did, with its label. Only Python may have several, one for each version.
type Run<'a> = (String, &'a ProgramJson);

/// The values of a listing's page.
///
/// # Errors
///
/// If a program cannot be read or parsed.
pub fn values(
    section: &Section,
    differences: &[Difference],
    listing: &Listing,
    check: &CheckJson,
    sources: &mut Sources,
    index: &mut Index,
) -> Result<Value> {
    let all = listing.implementations;
    let codes = all.iter().map(|one| read(section, listing, *one, sources));
    let codes = codes.collect::<Result<Vec<_>>>()?;
    let runs: Vec<Run<'_>> =
        find(check, section, listing).map(|one| (label(check, column_of(one)), one)).collect();
    let (programs, rows) = programs(&codes, &runs)?;
    let page = page_of(section, listing);
    index.add_listing(section, listing, &title(&codes[0].text).concat());
    for Code { implementation, parts, .. } in &codes {
        let place = format!("{} {}, {implementation}", section.name, listing.name);
        index.add_code(&page, &format!("{implementation}."), &place, parts);
    }
    Ok(context! {
        section => section.name,
        unit => section.unit,
        trace => trace_of(section, listing),
        siblings => siblings(section, listing),
        listing => listing.name,
        title => title(&codes[0].text),
        in_document => (listing.group == Group::Document),
        is_measured => listing.is_measured(),
        rows,
        // What the command runs without --runtime.
        right => if section.unit == "tasks" { Implementation::Tokio } else { all[1] }.to_string(),
        programs,
        timeline => timeline::values(&runs, section, check),
        differences => Serde(differences_of(differences, &page)),
        ..neighbours(&page)
    })
}

fn read(
    section: &Section,
    listing: &Listing,
    implementation: Implementation,
    sources: &mut Sources,
) -> Result<Code> {
    let path = section.folder(listing).join(implementation.file_name()).display().to_string();
    let text = super::read(&path)?;
    let parts = sources.read(&path, &text)?;
    Ok(Code { implementation, path, text, parts })
}

/// The programs, with their functions side by side, and the number of rows of the grid.
fn programs(codes: &[Code], runs: &[Run<'_>]) -> Result<(Vec<Value>, usize)> {
    let names = |code: &Code| code.parts.iter().map(|part| part.name.clone()).collect();
    let (rows, count) = align(&codes.iter().map(names).collect::<Vec<_>>());
    let all = codes.iter().zip(&rows).zip(differs(codes));
    let programs = all.map(|((code, rows), differs)| {
        let Code { implementation, path, text, parts } = code;
        let runs = runs.iter().filter(|(_, one)| one.implementation == *implementation);
        let parts = parts.iter().zip(rows).map(|(one, row)| part(code, one, *row));
        let command = command(text);
        ensure!(!command.is_empty(), "{path} names no command");
        Ok(context! {
            name => implementation.to_string(),
            path,
            command,
            parts => parts.collect::<Vec<_>>(),
            differs,
            runs => runs.map(run).collect::<Vec<_>>(),
        })
    });
    Ok((programs.collect::<Result<_>>()?, 2 * count))
}

/// A part of a program, with its place in the grid. A row of parts is two rows of the grid: what is
/// above the functions, and the functions.
fn part(code: &Code, part: &Part, row: usize) -> Value {
    let slug = part.name.as_deref().map(slug);
    let anchor = slug.map(|slug| format!("{}.{slug}", code.implementation));
    context! { anchor, row => 2 * row + 1, ..Value::from(Serde(part)) }
}

fn run((label, program): &Run<'_>) -> Value {
    context! { label, ..Value::from(Serde(program.since_clock_start())) }
}

/// The pages of the same listing in other sections.
fn siblings(section: &Section, listing: &Listing) -> Vec<Value> {
    let has_this = |one: &&Section| {
        one.name != section.name && one.listings.iter().any(|other| other.name == listing.name)
    };
    let link = |one: &Section| context! { unit => one.unit, page => page_of(one, listing) };
    SECTIONS.iter().filter(has_this).map(link).collect()
}

/// The listings before and after that of this page.
fn neighbours(page: &str) -> Value {
    let links =
        all_listings().map(|(section, one)| (page_of(section, one), section.name, one.name));
    let links: Vec<_> = links.collect();
    let at = links.iter().position(|link| link.0 == page).expect("every listing has a page");
    let link = |(page, section, name): &(String, &str, &str)| {
        context! { page, section => *section, name => *name }
    };
    let previous = at.checked_sub(1).map(|at| link(&links[at]));
    context! { previous, next => links.get(at + 1).map(link) }
}

/// The differences that refer to the code of this page.
fn differences_of<'a>(all: &'a [Difference], page: &str) -> Vec<&'a Difference> {
    let is_here = |to: &String| to.split('#').next() == Some(page);
    all.iter().filter(|one| one.page.as_ref().is_some_and(is_here)).collect()
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

/// For each program, the numbers of a port's lines that differ from each other port, by its name.
fn differs(codes: &[Code]) -> Vec<BTreeMap<String, Vec<usize>>> {
    let mut differs = vec![BTreeMap::new(); codes.len()];
    // The first program is Python's, which is no port.
    for one in 1..codes.len() {
        for other in one + 1..codes.len() {
            let [lines, others_lines] = differing_lines(&codes[one].text, &codes[other].text);
            differs[one].insert(codes[other].implementation.to_string(), lines);
            differs[other].insert(codes[one].implementation.to_string(), others_lines);
        }
    }
    differs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_comment_has_the_command() {
        let rust = "//! Title.\n//!\n//! `cargo run -p examples-asyncio -- x`\n";
        assert_eq!(command(rust), "cargo run -p examples-asyncio -- x");
        assert_eq!(command("\"\"\"T.\n\npython3 a/python.py\n\"\"\"\n"), "python3 a/python.py");
        let mpi = "//! Title.\n//!\n//! `cargo build -p x`\n//! `mpirun -n 4 x`\n";
        assert_eq!(command(mpi), "cargo build -p x && mpirun -n 4 x");
    }
}
