//! The front page: two programs side by side, what a million tasks cost, and where to go.

use anyhow::Result;
use harness::catalog::{Implementation, Listing, Section, all_listings};
use harness::check::json::ProgramJson;
use harness::judge::verdict::Verdict;
use harness::measure::scale::{Scale, Series};
use harness::terminal::{bytes, duration};
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::search::Index;
use super::{find, page_of};
use crate::results::Results;
use crate::source::{Part, Sources};
use crate::timeline;

/// The programs that are shown.
const PROGRAMS: [Implementation; 2] = [Implementation::Python, Implementation::Tokio];

/// The chapters of the README that are shown.
pub const CHAPTERS: [&str; 3] =
    ["Where to find what", "Which one to choose", "Five differences that bite"];

/// How many tasks are compared.
pub const TASKS: u64 = 1_000_000;

/// The section and the listing that are shown.
pub fn shown() -> (&'static Section, &'static Listing) {
    let is_it =
        |one: &(&Section, &Listing)| one.0.name == "asyncio" && one.1.name == "multiple-tasks";
    all_listings().find(is_it).expect("the catalog has it")
}

/// The values of the front page.
///
/// # Errors
///
/// If a program cannot be read.
pub fn values(results: &Results, sources: &mut Sources, index: &mut Index) -> Result<Value> {
    let check = &results.check;
    let (section, listing) = shown();
    let (mut codes, mut runs) = (Vec::new(), Vec::new());
    for implementation in PROGRAMS {
        let name = implementation.to_string();
        let path = section.folder(listing).join(implementation.file_name());
        let parts = sources.read(&path.display().to_string(), &name, true, &super::read(&path)?)?;
        let is_shown = |one: &Part| one.name.as_ref().is_some_and(|name| name.ends_with("_async"));
        let functions = parts.into_iter().filter(is_shown).map(|part| part.above + &part.body);
        codes.push(context! { name => &name, functions => functions.collect::<String>() });
        let is_it = |one: &&ProgramJson| one.implementation == implementation;
        runs.extend(find(check, section, listing).find(is_it).map(|one| (name, one)));
    }
    let million = million(&results.scale);
    if let Some(sentence) = &million {
        index.add("goal", "costs.html", "what a million tasks cost", sentence);
    }
    Ok(context! {
        passed => check.count(Verdict::Pass),
        total => check.programs.len(),
        shown => context! {
            page => page_of(section, listing),
            codes,
            timeline => timeline::values(&runs, section, check),
        },
        million,
        shown_chapters => CHAPTERS.to_vec(),
    })
}

/// What a million tasks cost in CPython and with tokio, if it was measured.
fn million(scale: &Scale) -> Option<String> {
    let [python, tokio] = PROGRAMS.map(|implementation| {
        let name = implementation.to_string();
        let is_its = |one: &&Series| one.unit == "tasks" && one.implementation.starts_with(&name);
        let mut points = scale.series.iter().filter(is_its).flat_map(|one| &one.points);
        let point = points.find(|one| one.count == TASKS)?;
        Some(format!("{} and {}", duration(point.overhead_s.median), bytes(point.memory_bytes)))
    });
    Some(format!("A million tasks cost {} in CPython, and {} with tokio.", python?, tokio?))
}

/// What so many tasks cost with each implementation that was measured with them.
pub fn costs_of(count: u64, scale: &Scale) -> Vec<Value> {
    let cost = |series: &Series| {
        let point = series.points.iter().find(|one| one.count == count)?;
        Some(context! { implementation => &series.implementation, ..Value::from(Serde(point)) })
    };
    scale.series.iter().filter(|one| one.unit == "tasks").filter_map(cost).collect()
}
