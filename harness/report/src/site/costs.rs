//! The page of the costs: charts of the overhead and the memory, the speed-ups as bars.

use harness::catalog::SECTIONS;
use harness::measure::cores::{Cores, WAYS};
use harness::measure::spawn;
use harness::terminal::texts;
use minijinja::value::Serde;
use minijinja::{Value, context};

use crate::charts;
use crate::results::Results;

/// The values of the page.
pub fn values(results: &Results) -> Value {
    let costs = SECTIONS.iter().map(|section| {
        let charts = charts::of_section(&results.scale, section);
        let mut warnings = results.scale.warnings();
        warnings.retain(|warning| warning.starts_with(section.unit));
        context! { unit => section.unit, charts, warnings }
    });
    context! {
        costs => costs.collect::<Vec<_>>(),
        runs => results.scale.runs,
        cores => speed_ups(&results.cores),
        spawn => Serde(texts(&spawn::table(&results.spawn.benchmarks))),
        measured => context! {
            scale => Serde(&results.scale.environment),
            cores => Serde(&results.cores.environment),
            spawn => Serde(&results.spawn.environment),
        },
    }
}

/// The CPU-bound speed-ups as bars, and where the number of cores is on their scale.
fn speed_ups(cores: &Cores) -> Value {
    let number = cores.environment.machine.cores.max(1) as f64;
    let values = cores.speed_ups.iter().filter_map(|one| one.speed_up);
    let most = values.map(|one| one.max).fold(number, f64::max) * 1.02;
    context! {
        speed_ups => Serde(&cores.speed_ups),
        ways => WAYS.to_vec(),
        number,
        most,
        runs => cores.runs,
        table => Serde(texts(&cores.table())),
    }
}
