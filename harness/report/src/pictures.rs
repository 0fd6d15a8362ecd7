//! The pictures of the README: what ran when, and what a million tasks cost. They have a background
//! of their own, and look right on a light page and on a dark one.

use anyhow::{Context, Result};
use harness::catalog::SECTIONS;
use harness::measure::scale::Scale;
use harness::terminal::{bytes, duration};
use indicatif::HumanCount;
use minijinja::value::Serde;
use minijinja::{Value, context};

use crate::folder::File;
use crate::results::Results;
use crate::site::templates;
use crate::timeline::Timeline;

/// The section and the listing of the timeline.
const SHOWN: (&str, &str) = ("asyncio", "multiple-tasks");
const TASKS: u64 = 1_000_000;

/// Renders both pictures.
///
/// # Errors
///
/// If the results lack what they show.
pub fn render(results: &Results) -> Result<Vec<File>> {
    let (section, listing) = SHOWN;
    let section = SECTIONS.iter().find(|one| one.name == section).context("no such section")?;
    let programs = results.check.programs.iter();
    let programs = programs.filter(|one| one.section == section.name && one.listing == listing);
    let programs: Vec<_> = programs.map(|one| (one.implementation.to_string(), one)).collect();
    let timeline = Timeline::new(&programs, section, &results.check);
    let timeline = timeline.with_context(|| format!("the check has no output of {listing}"))?;
    let templates = templates()?;
    let picture = |name: &str, values| -> Result<File> {
        let svg = templates.get_template(name).and_then(|template| template.render(values));
        Ok((name.to_owned(), svg.with_context(|| format!("cannot render {name}"))? + "\n"))
    };
    let costs = costs(&results.scale)?;
    let environment = &results.scale.environment;
    let tasks = context! {
        height => 104 + 28 * costs.len(),
        costs,
        count => HumanCount(TASKS).to_string(),
        cores => environment.machine.cores,
        versions => &environment.versions,
    };
    let bands = timeline.bands.len();
    let height = 120 + 62 * bands + if timeline.past_s.is_some() { 56 + 20 * bands } else { 0 };
    let timeline =
        context! { height, timeline => Serde(timeline), section => section.name, listing };
    Ok(vec![picture("timeline.svg", timeline)?, picture("tasks.svg", tasks)?])
}

/// What the tasks cost with each implementation. Bars are in per cent of the largest.
fn costs(scale: &Scale) -> Result<Vec<Value>> {
    let series = scale.series.iter().filter(|series| series.unit == "tasks");
    let points = series.filter_map(|series| {
        let point = series.points.iter().find(|point| point.count == TASKS)?;
        Some((&series.implementation, point.overhead_s.median, point.memory_bytes))
    });
    let points: Vec<_> = points.collect();
    let slowest = points.iter().map(|(_, overhead, _)| *overhead).reduce(f64::max);
    let slowest = slowest.with_context(|| format!("{TASKS} tasks were not measured"))?;
    let largest = points.iter().map(|(.., memory)| *memory).max().unwrap_or(1).max(1);
    let cost = |(implementation, overhead, memory): (&String, f64, u64)| {
        context! {
            implementation,
            overhead => duration(overhead),
            memory => bytes(memory),
            overhead_percent => overhead / slowest * 100.0,
            memory_percent => memory as f64 / largest as f64 * 100.0,
        }
    };
    Ok(points.into_iter().map(cost).collect())
}
