//! The commands `cores` and `scale`: what the implementations cost. They run one program at a time.
//! Their results are kept as JSON in harness/measured.

pub mod cores;
mod machine;
mod memory;
pub mod scale;
pub mod spawn;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use self::machine::{Environment, Machine};
use crate::catalog::Listing;
use crate::judge::verdict::{FaultKind, find_faults};
use crate::program::workspace;
use crate::run::Outcome;

/// The limit of a measured program. It has three times as long to print its first line, which is
/// often its only line: enough for a slow machine.
pub const LIMIT: Duration = Duration::from_secs(200);

/// The profile that this harness and the programs are built in.
pub const BUILD: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

/// The path of one of the committed results, like `scale.json`.
pub fn measured_file(name: &str) -> PathBuf {
    workspace().join("harness/measured").join(name)
}

/// Reads one of the committed results, like `scale.json`.
///
/// # Errors
///
/// If it cannot be read.
pub fn measured<T: DeserializeOwned>(name: &str) -> Result<T> {
    let file = measured_file(name);
    let cannot_read = || format!("cannot read {}", file.display());
    let text = fs::read(&file).with_context(cannot_read)?;
    serde_json::from_slice(&text).with_context(cannot_read)
}

/// The median of some measurements, with the minimum and the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Summary {
    /// The median.
    pub median: f64,
    /// The minimum.
    pub min: f64,
    /// The maximum.
    pub max: f64,
}

impl Summary {
    /// Of at least one measurement. The numbers are rounded to millionths.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Summary {
        let mut values: Vec<_> =
            values.into_iter().map(|value| (value * 1e6).round() / 1e6).collect();
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        let median = (values[last / 2] + values[last.div_ceil(2)]) / 2.0;
        Summary { median, min: values[0], max: values[last] }
    }

    /// The larger distance of the minimum and the maximum from the median, relative to it.
    pub fn spread(&self) -> f64 {
        (self.max - self.median).max(self.median - self.min) / self.median
    }
}

/// Returns the first fault of a program of this listing. Faults about time are ignored, because time
/// is measured here.
fn find_fault(listing: &Listing, outcome: &Outcome) -> Option<String> {
    let is_about_time = |kind| matches!(kind, FaultKind::WrongElapsed | FaultKind::WrongStage);
    let faults = find_faults(listing, outcome);
    let fault = faults.into_iter().find(|fault| !is_about_time(fault.kind))?;
    // The program's own error message is more precise.
    let error = outcome.stderr.iter().find(|line| line.text.starts_with("error: "));
    Some(error.map_or(fault.detail, |error| error.text.clone()))
}

/// Describes how the numbers summarize this many runs.
fn describe_runs(number: usize) -> String {
    match number {
        1 => "One run each".to_owned(),
        _ => format!("Medians of {number} runs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_the_median_the_minimum_and_the_maximum() {
        let of = |values: &[f64]| Summary::of(values.iter().copied());
        assert_eq!(of(&[3.0, 1.0, 2.0]), Summary { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(of(&[4.0, 1.0, 2.0, 3.0]), Summary { median: 2.5, min: 1.0, max: 4.0 });
        assert_eq!((of(&[1.75, 2.0, 2.5]).spread(), of(&[1.0, 2.0, 2.5]).spread()), (0.25, 0.5));
    }
}
