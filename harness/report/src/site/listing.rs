//! The page of a listing: its programs, what they printed, when, and the differences.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use harness::catalog::{Group, Implementation, Listing, Section};
use harness::check::json::{CheckJson, ProgramJson};
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::search::Index;
use super::{find, label, page_of, trace_of};
use crate::compare::{align, differing_lines};
use crate::source::{Part, Sources};
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

/// The values of a listing's page. `differences` has the tables of all differences as HTML.
///
/// # Errors
///
/// If a program cannot be read or parsed.
pub fn values(
    section: &Section,
    differences: &str,
    listing: &Listing,
    check: &CheckJson,
    sources: &mut Sources,
    index: &mut Index,
) -> Result<Value> {
    let page = page_of(section, listing);
    let mut codes = Vec::new();
    for &implementation in listing.implementations {
        let path = section.folder(listing).join(implementation.file_name()).display().to_string();
        let text = super::read(&path)?;
        let parts = sources.read(&path, &implementation.to_string(), true, &text)?;
        index.add_code(&format!("{page}#{implementation}"), &parts);
        codes.push(Code { implementation, path, text, parts });
    }
    let title = title(&codes[0].text);
    index.add_listing(section, listing, &title.concat());
    let runs: Vec<Run<'_>> =
        find(check, section, listing).map(|one| (label(check, one), one)).collect();
    let (programs, rows) = programs(&codes, &runs)?;
    // What the command runs without --runtime.
    let right =
        if section.unit == "tasks" { Implementation::Tokio } else { codes[1].implementation };
    Ok(context! {
        section => section.name,
        unit => section.unit,
        trace => trace_of(section, listing),
        listing => listing.name,
        title,
        in_document => (listing.group == Group::Document),
        is_measured => listing.is_measured(),
        rows,
        right => right.to_string(),
        programs,
        timeline => timeline::values(&runs, section, check),
        differences => differences_of(differences, &page),
    })
}

/// The programs, with their functions side by side, and the number of rows of the grid. A row of
/// parts is two rows of the grid: what is above the functions, and the functions.
fn programs(codes: &[Code], runs: &[Run<'_>]) -> Result<(Vec<Value>, usize)> {
    let names = |code: &Code| code.parts.iter().map(|part| part.name.clone()).collect();
    let (rows, count) = align(&codes.iter().map(names).collect::<Vec<_>>());
    let programs = codes.iter().zip(&rows).enumerate().map(|(at, (code, rows))| {
        let Code { implementation, path, text, parts } = code;
        let runs = runs.iter().filter(|(_, one)| one.implementation == *implementation);
        let runs = runs.map(|(label, program)| {
            context! { label, ..Value::from(Serde(program.since_clock_start())) }
        });
        let command = command(text);
        ensure!(!command.is_empty(), "{path} names no command");
        Ok(context! {
            name => implementation.to_string(),
            path,
            command,
            parts => Serde(parts),
            rows,
            differs => differs(codes, at),
            runs => runs.collect::<Vec<_>>(),
        })
    });
    Ok((programs.collect::<Result<_>>()?, 2 * count))
}

/// The differences that lead to this page. Those that bite say with which versions they were seen.
fn differences_of(html: &str, page: &str) -> Vec<Value> {
    let link = format!("href=\"{page}");
    let rows = html.split("<tr").skip(1).filter_map(|row| {
        let cells = row.split("</td>").map(|cell| cell.split_once("<td>").unwrap_or_default().1);
        let cells: Vec<_> = cells.collect();
        let [in_python, in_rust, see, shown_by, seen_with, ..] = cells[..] else { return None };
        see.contains(&link).then(|| context! { in_python, in_rust, shown_by, seen_with })
    });
    rows.collect()
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

/// The lines of a port that differ from each other port, by its name.
fn differs(codes: &[Code], at: usize) -> BTreeMap<String, Vec<String>> {
    // The first program is Python's, which is no port.
    let others = (1..codes.len()).filter(|other| at > 0 && *other != at);
    let of_pair = |other: usize| {
        let texts = [at.min(other), at.max(other)].map(|one| &*codes[one].text);
        let [first, last] = differing_lines(texts[0], texts[1]);
        (codes[other].implementation.to_string(), if at < other { first } else { last })
    };
    others.map(of_pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_the_rows_that_lead_to_the_page() {
        let row = |page: &str, last: &str| {
            let link = format!("<a href=\"{page}.html#tokio\">tokio.rs</a>");
            format!("<tr id=\"x\"><td>In {page}</td><td>–</td><td>{link}</td><td>t</td>{last}</tr>")
        };
        let head = "<table><thead><tr><th>See</th></tr></thead>\n<tbody>\n";
        let html = [head, &row("a", ""), &row("b", ""), head, &row("b", "<td>Rust</td>")].concat();
        let expected = ["", "Rust"].map(|seen_with| {
            context! { in_python => "In b", in_rust => "–", shown_by => "t", seen_with }
        });
        assert_eq!(differences_of(&html, "b.html"), expected);
        assert!(differences_of(&html, "c.html").is_empty());
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
