//! Renders harness/measured/README.md from the JSON files beside it and from readme_template.md.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use indicatif::{HumanBytes, HumanCount};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use serde::de::DeserializeOwned;

use super::cores::Cores;
use super::scale::{Scale, Series};
use super::spawn::{self, Spawn};
use crate::terminal::{bytes, duration, markdown, three_digits};

/// The text of harness/measured/README.md.
///
/// # Errors
///
/// When a JSON file can't be read, or has no value that the template needs.
pub fn render() -> Result<String> {
    let scale: Scale = read("scale.json")?;
    let cores: Cores = read("cores.json")?;
    let spawn: Spawn = read("spawn.json")?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("bytes", bytes);
    environment.add_filter("bytes_each", |Serde(series): Serde<Series>| series.bytes_each());
    environment.add_filter("duration", duration);
    environment.add_filter("gibibytes", |bytes: u64| HumanBytes(bytes).to_string());
    environment.add_filter("microseconds", |seconds: f64| three_digits(seconds * 1e6));
    environment.add_filter("thousands", |number: u64| HumanCount(number).to_string());
    let tables = context! {
        asyncio => markdown(scale.table("asyncio", 1_000_000)),
        threading => markdown(scale.table("threading", 1_000)),
        multiprocessing => markdown(scale.table("multiprocessing", 1_000)),
        cores => markdown(cores.table()),
        spawn => markdown(spawn::table(&spawn.benchmarks)),
    };
    let values = context! {
        scale => Serde(&scale),
        cores => Serde(&cores),
        spawn => Serde(&spawn),
        remarks => scale.remarks(),
        spread => cores.spread(),
        tables,
    };
    let template = include_str!("readme_template.md");
    let text = environment.render_str(template, values).context("cannot render the README")?;
    Ok(text + "\n")
}

fn read<T: DeserializeOwned>(name: &str) -> Result<T> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("measured").join(name);
    let cannot_read = || format!("cannot read {}", file.display());
    let text = fs::read(&file).with_context(cannot_read)?;
    serde_json::from_slice(&text).with_context(cannot_read)
}
