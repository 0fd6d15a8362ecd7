//! The front page: two programs side by side, what a million tasks cost, and where to go.

use anyhow::{Context, Result};
use harness::catalog::{Implementation, Listing, SECTIONS, Section};
use harness::check::json::ProgramJson;
use harness::judge::verdict::Verdict;
use harness::measure::scale::Scale;
use harness::terminal::{bytes, duration};
use indicatif::HumanCount;
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::page_of;
use crate::readme::Readme;
use crate::results::Results;
use crate::source::Sources;
use crate::timeline;

/// The section, the listing and the programs that are shown.
const SHOWN: (&str, &str) = ("asyncio", "multiple-tasks");
const PROGRAMS: [Implementation; 2] = [Implementation::Python, Implementation::Tokio];

/// The chapters of the README that are shown.
pub const CHAPTERS: [&str; 3] =
    ["Where to find what", "Which one to choose", "Five differences that bite"];

/// How many tasks are compared.
const TASKS: u64 = 1_000_000;

/// The values of the front page.
///
/// # Errors
///
/// If the README lacks a chapter, or if a program cannot be read.
pub fn values(results: &Results, readme: &Readme, sources: &mut Sources) -> Result<Value> {
    let check = &results.check;
    let section = SECTIONS.iter().find(|one| one.name == SHOWN.0).context("no such section")?;
    let listing = section.listing(SHOWN.1);
    let runs: Vec<_> = PROGRAMS.iter().filter_map(|one| run(check.programs.iter(), *one)).collect();
    let codes = PROGRAMS.iter().map(|one| code(section, listing, *one, sources));
    Ok(context! {
        passed => check.count(Verdict::Pass),
        total => check.programs.len(),
        shown => context! {
            page => page_of(section, listing),
            codes => codes.collect::<Result<Vec<_>>>()?,
            timeline => timeline::values(&runs, section, check),
        },
        million => million(&results.measured.scale),
        chapters => Serde(CHAPTERS.map(|one| readme.chapter(one)).into_iter().collect::<Result<Vec<_>>>()?),
    })
}

/// A program as it is shown: what it did in the check, with its label.
fn run<'a>(
    mut programs: impl Iterator<Item = &'a ProgramJson>,
    implementation: Implementation,
) -> Option<(String, &'a ProgramJson)> {
    let is_it = |one: &&ProgramJson| {
        (one.section.as_str(), one.listing.as_str()) == SHOWN
            && one.implementation == implementation
    };
    programs.find(is_it).map(|one| (implementation.to_string(), one))
}

/// The functions that are shown of a program.
fn code(
    section: &Section,
    listing: &Listing,
    implementation: Implementation,
    sources: &mut Sources,
) -> Result<Value> {
    let path = section.folder(listing).join(implementation.file_name());
    let parts = sources.read(&path.display().to_string(), &super::read(&path)?)?;
    let functions = parts
        .into_iter()
        .filter(|part| part.name.as_ref().is_some_and(|name| name.ends_with("_async")));
    let functions: String = functions.map(|part| part.above + &part.body).collect();
    Ok(context! { name => implementation.to_string(), functions })
}

/// What a million tasks cost in CPython and with tokio, if it was measured.
fn million(scale: &Scale) -> Option<Value> {
    let cost = |implementation: Implementation| {
        let name = implementation.to_string();
        let is_it = |one: &&harness::measure::scale::Series| {
            one.unit == "tasks" && one.implementation.starts_with(&name)
        };
        let series = scale.series.iter().find(is_it)?;
        let point = series.points.iter().find(|point| point.count == TASKS)?;
        Some(
            context! { overhead => duration(point.overhead_s.median), memory => bytes(point.memory_bytes) },
        )
    };
    let [python, tokio] = PROGRAMS.map(cost);
    Some(context! { count => HumanCount(TASKS).to_string(), python => python?, tokio => tokio? })
}
