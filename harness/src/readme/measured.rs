//! Renders harness/measured/README.md from measured.md and from the JSON files in harness/measured.

use anyhow::{Context, Result};
use indicatif::HumanCount;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};

use crate::measure::cores::Cores;
use crate::measure::measured;
use crate::measure::scale::{Scale, Series};
use crate::measure::spawn::{self, Spawn};
use crate::terminal::{bytes, duration, markdown_table, three_digits};

/// Returns the text of harness/measured/README.md.
///
/// # Errors
///
/// If a JSON file cannot be read, or lacks a value that the template needs.
pub fn render() -> Result<String> {
    let scale: Scale = measured("scale.json")?;
    let cores: Cores = measured("cores.json")?;
    let spawn: Spawn = measured("spawn.json")?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("bytes", bytes);
    environment.add_filter("bytes_each", |Serde(series): Serde<Series>| series.bytes_each());
    environment.add_filter("duration", duration);
    environment.add_filter("microseconds", |seconds: f64| three_digits(seconds * 1e6));
    environment.add_filter("thousands", |number: u64| HumanCount(number).to_string());
    let tables = context! {
        asyncio => markdown_table(scale.table("asyncio", 1_000_000)),
        threading => markdown_table(scale.table("threading", 1_000)),
        multiprocessing => markdown_table(scale.table("multiprocessing", 1_000)),
        cores => markdown_table(cores.table()),
        spawn => markdown_table(spawn::table(&spawn.benchmarks)),
    };
    let values = context! {
        scale => Serde(&scale),
        cores => Serde(&cores),
        spawn => Serde(&spawn),
        warnings => scale.warnings(),
        spread => cores.spread(),
        tables,
    };
    let template = include_str!("measured.md");
    let text = environment.render_str(template, values).context("cannot render the README")?;
    Ok(text + "\n")
}
