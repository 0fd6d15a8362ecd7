//! Renders harness/measured/README.md from the JSON files beside it and from readme_template.md, whose placeholders like
//! `{overhead tasks tokio 1000000}` name the numbers.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use indicatif::{HumanBytes, HumanCount};
use serde::de::DeserializeOwned;

use super::cores::{Cores, SpeedUps};
use super::scale::{Scale, Series};
use super::spawn::{self, Spawn};
use crate::terminal::{bytes, duration, markdown, three_digits};

const TEMPLATE: &str = include_str!("readme_template.md");

/// The text of harness/measured/README.md.
///
/// # Errors
///
/// When a JSON file can't be read, or has no value for a placeholder.
pub fn render() -> Result<String> {
    let measured = Measured {
        scale: read("scale.json")?,
        cores: read("cores.json")?,
        spawn: read("spawn.json")?,
    };
    let mut text = String::new();
    for part in TEMPLATE.split_inclusive('}') {
        let Some((before, placeholder)) =
            part.strip_suffix('}').and_then(|part| part.split_once('{'))
        else {
            text += part;
            continue;
        };
        let words: Vec<_> = placeholder.split(' ').collect();
        let value = measured.value(&words);
        text += before;
        text += &value
            .with_context(|| format!("the JSON files have no value for {{{placeholder}}}"))?;
    }
    Ok(text)
}

fn read<T: DeserializeOwned>(name: &str) -> Result<T> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("measured").join(name);
    let cannot_read = || format!("cannot read {}", file.display());
    let text = fs::read(&file).with_context(cannot_read)?;
    serde_json::from_slice(&text).with_context(cannot_read)
}

struct Measured {
    scale: Scale,
    cores: Cores,
    spawn: Spawn,
}

impl Measured {
    /// The value of a placeholder.
    fn value(&self, words: &[&str]) -> Option<String> {
        let environment = &self.scale.environment;
        Some(match *words {
            ["overhead", unit, implementation, count] => {
                let count: u64 = count.parse().ok()?;
                let mut points = self.series(unit, implementation)?.points.iter();
                duration(points.find(|point| point.count == count)?.overhead_s.median)
            }
            ["memory", unit, implementation] => {
                bytes(self.series(unit, implementation)?.bytes_each()?)
            }
            ["speed-up", section, implementation] => {
                let speed_ups = self.speed_ups(section, implementation)?;
                format!("{:.2}", speed_ups.side_by_side?.median)
            }
            ["speed-up-on-other-threads", section, implementation] => {
                let speed_ups = self.speed_ups(section, implementation)?;
                format!("{:.2}", speed_ups.on_other_threads?.median)
            }
            ["rounds", implementation] => {
                HumanCount(self.speed_ups("threading", implementation)?.rounds?).to_string()
            }
            ["spawn", kind, implementation, count] => {
                let count: usize = count.parse().ok()?;
                let mut benchmarks = self.spawn.benchmarks.iter();
                let is_it = |one: &&spawn::SpawnBenchmark| {
                    one.kind == kind && one.implementation == implementation && one.count == count
                };
                three_digits(benchmarks.find(is_it)?.per_unit_s.median * 1e6)
            }
            ["table", "spawn"] => markdown(spawn::table(&self.spawn.benchmarks)),
            ["table", "cores"] => markdown(self.cores.table()),
            ["table", section, least] => markdown(self.scale.table(section, least.parse().ok()?)),
            ["remarks"] => {
                let remarks = self.scale.remarks();
                remarks
                    .iter()
                    .map(|remark| format!("- {remark}\n"))
                    .collect::<String>()
                    .trim_end()
                    .to_owned()
            }
            ["runs"] => self.scale.runs.to_string(),
            ["samples"] => self.spawn.samples.to_string(),
            ["spread"] => format!("{:.0}", self.cores.spread() * 100.0),
            ["cpu"] => environment.machine.cpu.clone(),
            ["cores"] => environment.machine.cores.to_string(),
            ["machine-memory"] => HumanBytes(environment.machine.memory_bytes).to_string(),
            ["system"] => environment.machine.system.clone(),
            ["version", name] => environment.versions.get(name)?.clone(),
            _ => return None,
        })
    }

    fn series(&self, unit: &str, implementation: &str) -> Option<&Series> {
        let is_it =
            |series: &&Series| series.unit == unit && series.implementation == implementation;
        self.scale.series.iter().find(is_it)
    }

    fn speed_ups(&self, section: &str, implementation: &str) -> Option<&SpeedUps> {
        let is_it =
            |one: &&SpeedUps| one.section == section && one.implementation == implementation;
        self.cores.programs.iter().find(is_it)
    }
}
