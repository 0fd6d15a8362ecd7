//! The page of the costs: charts of the overhead and the memory, the speed-ups as bars.

use anyhow::Result;
use harness::catalog::SECTIONS;
use harness::measure::cores::{Cores, SpeedUp, WAYS};
use harness::measure::spawn;
use harness::terminal::texts;
use minijinja::value::Serde;
use minijinja::{Value, context};

use crate::charts;
use crate::results::Results;

/// The values of the page.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn values(results: &Results) -> Result<Value> {
    let costs = SECTIONS.iter().map(|section| {
        let charts = charts::of_section(&results.scale, section)?;
        let mut warnings = results.scale.warnings();
        warnings.retain(|warning| warning.starts_with(section.unit));
        Ok(context! { unit => section.unit, charts, warnings })
    });
    Ok(context! {
        costs => costs.collect::<Result<Vec<_>>>()?,
        cores => speed_ups(&results.cores),
        spawn => Serde(texts(&spawn::table(&results.spawn.benchmarks))),
        measured => context! {
            scale => Serde(&results.scale.environment),
            cores => Serde(&results.cores.environment),
            spawn => Serde(&results.spawn.environment),
        },
    })
}

/// The CPU-bound speed-ups as bars, and where the number of cores is on their scale.
fn speed_ups(cores: &Cores) -> Value {
    let number = cores.environment.machine.cores.max(1) as f64;
    let values = cores.speed_ups.iter().filter_map(|one| one.speed_up);
    let most = values.map(|one| one.median).fold(number, f64::max) * 1.02;
    let mut groups = Vec::new();
    for section in SECTIONS {
        for way in WAYS {
            let of_this = |one: &&SpeedUp| one.section == section.name && one.way == way;
            let all = cores.speed_ups.iter().filter(of_this).filter_map(|one| {
                let median = one.speed_up?.median;
                let (implementation, percent) = (&one.implementation, median / most * 100.0);
                Some(context! { implementation, median, percent })
            });
            let bars: Vec<_> = all.collect();
            if !bars.is_empty() {
                groups.push(context! { unit => section.unit, way, bars });
            }
        }
    }
    context! {
        groups,
        number,
        percent => number / most * 100.0,
        runs => cores.runs,
        spread => cores.spread() * 100.0,
        table => Serde(texts(&cores.table())),
    }
}
