//! The results of benches/spawn.rs: the time to spawn threads, tasks or processes that do nothing,
//! and to wait for all of them.

use std::collections::BTreeSet;

use comfy_table::Table;
use indicatif::HumanCount;
use serde::{Deserialize, Serialize};

use super::Environment;
use crate::terminal::{number_table, three_digits};

/// All benchmarks, and how they were measured.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Spawn {
    /// What they were measured on.
    #[serde(flatten)]
    pub environment: Environment,
    /// How many samples each has. A sample is the mean of as many runs as fit.
    pub samples: usize,
    /// In the order in which they were measured.
    pub benchmarks: Vec<SpawnBenchmark>,
}

/// A number of units that are spawned in a loop, and then awaited in a loop.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SpawnBenchmark {
    /// What a unit is, like `threads`.
    pub kind: String,
    /// What spawns it, like `std-only`.
    pub implementation: String,
    /// How many units there are.
    pub count: usize,
    /// Seconds from the first spawn to the end of the last unit, divided by `count`.
    pub per_unit_s: Estimate,
}

/// A median with its 95 % confidence interval, which criterion finds by bootstrapping.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Estimate {
    /// The median of the samples.
    pub median: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// Microseconds per unit: a row per kind and implementation, a column per count.
pub fn table(benchmarks: &[SpawnBenchmark]) -> Table {
    let counts: BTreeSet<_> = benchmarks.iter().map(|benchmark| benchmark.count).collect();
    let mut header = vec!["µs each".to_owned()];
    header.extend(counts.iter().map(|count| HumanCount(*count as u64).to_string()));
    let name = |one: &SpawnBenchmark| format!("{}, {}", one.kind, one.implementation);
    let row = |row: &[SpawnBenchmark]| {
        let cell = |count: &usize| {
            let benchmark = row.iter().find(|benchmark| benchmark.count == *count);
            benchmark.map_or(String::new(), |one| three_digits(one.per_unit_s.median * 1e6))
        };
        [name(&row[0])].into_iter().chain(counts.iter().map(cell)).collect()
    };
    let rows = benchmarks.chunk_by(|one, next| name(one) == name(next)).map(row).collect();
    number_table(header, rows)
}
