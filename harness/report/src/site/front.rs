//! The front page: two programs side by side, what a million tasks cost, and where to go.

use anyhow::{Context, Result};
use harness::catalog::{Implementation, Listing, Section, all_listings};
use harness::check::json::ProgramJson;
use harness::judge::verdict::Verdict;
use harness::measure::scale::{Scale, Series};
use harness::terminal::{bytes, duration};
use minijinja::{Value, context};

use super::{find, page_of};
use crate::results::Results;
use crate::source::{Part, Sources};
use crate::timeline;

/// The section, the listing and the programs that are shown.
const SHOWN: (&str, &str) = ("asyncio", "multiple-tasks");
const PROGRAMS: [Implementation; 2] = [Implementation::Python, Implementation::Tokio];

/// The chapters of the README that are shown.
pub const CHAPTERS: [&str; 3] =
    ["Where to find what", "Which one to choose", "Five differences that bite"];

/// How many tasks are compared.
pub const TASKS: u64 = 1_000_000;

/// The section and the listing that are shown.
///
/// # Errors
///
/// If there is no such listing.
pub fn shown() -> Result<(&'static Section, &'static Listing)> {
    let mut all = all_listings();
    all.find(|(section, listing)| (section.name, listing.name) == SHOWN).context("no such listing")
}

/// The values of the front page.
///
/// # Errors
///
/// If a program cannot be read.
pub fn values(results: &Results, sources: &mut Sources) -> Result<Value> {
    let check = &results.check;
    let (section, listing) = shown()?;
    let (mut codes, mut runs) = (Vec::new(), Vec::new());
    for implementation in PROGRAMS {
        let name = implementation.to_string();
        let path = section.folder(listing).join(implementation.file_name());
        let parts =
            sources.read(&path.display().to_string(), &name, false, &super::read(&path)?)?;
        let is_shown = |one: &Part| one.name.as_ref().is_some_and(|name| name.ends_with("_async"));
        let functions = parts.into_iter().filter(is_shown).map(|part| part.above + &part.body);
        codes.push(context! { name => &name, functions => functions.collect::<String>() });
        let is_it = |one: &&ProgramJson| one.implementation == implementation;
        runs.extend(find(check, section, listing).find(is_it).map(|one| (name, one)));
    }
    Ok(context! {
        passed => check.count(Verdict::Pass),
        total => check.programs.len(),
        shown => context! {
            page => page_of(section, listing),
            codes,
            timeline => timeline::values(&runs, section, check),
        },
        million => million(&results.measured.scale),
        shown_chapters => CHAPTERS.to_vec(),
    })
}

/// What a million tasks cost in CPython and with tokio, if it was measured.
fn million(scale: &Scale) -> Option<Value> {
    let [python, tokio] = PROGRAMS.map(|implementation| {
        let name = implementation.to_string();
        let is_it = |one: &&Series| one.unit == "tasks" && one.implementation.starts_with(&name);
        let mut points = scale.series.iter().find(is_it)?.points.iter();
        let point = points.find(|point| point.count == TASKS)?;
        let (overhead, memory) = (duration(point.overhead_s.median), bytes(point.memory_bytes));
        Some(context! { overhead, memory })
    });
    Some(context! { python => python?, tokio => tokio? })
}
