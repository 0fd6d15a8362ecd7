//! What the report shows: a check, and what was measured. Each comes from a saved file or, without
//! one, from a run of the check or from the files in harness/measured.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use harness::catalog::all_listings;
use harness::check::json::CheckJson;
use harness::check::{Check, check_all};
use harness::judge::transcript::SLEEP;
use harness::judge::verdict::Verdict;
use harness::measure::cores::Cores;
use harness::measure::measured;
use harness::measure::scale::Scale;
use harness::measure::spawn::Spawn;
use harness::program::Selection;
use harness::run::Runner;
use harness::terminal::{build, progress_bar};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What the report shows.
#[derive(Debug)]
pub struct Results {
    /// What the check found.
    pub check: CheckJson,
    /// Overhead and memory.
    pub scale: Scale,
    /// CPU-bound speed-up.
    pub cores: Cores,
    /// What spawning costs.
    pub spawn: Spawn,
}

/// What saved files have of it.
#[derive(Default)]
pub struct Saved {
    check: Option<CheckJson>,
    scale: Option<Scale>,
    cores: Option<Cores>,
    spawn: Option<Spawn>,
}

impl Saved {
    /// Reads files with what `check`, `scale` or `cores` printed with `--json`, or what the benchmark
    /// of spawning wrote. A file is recognized by a key that only one of them has.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, is none of these, or if two are of the same kind.
    pub fn read(files: &[PathBuf]) -> Result<Saved> {
        let mut saved = Saved::default();
        for file in files {
            saved.add(file).with_context(|| format!("cannot read {}", file.display()))?;
        }
        Ok(saved)
    }

    fn add(&mut self, file: &Path) -> Result<()> {
        let value: Value = serde_json::from_slice(&fs::read(file)?).context("it is not JSON")?;
        if value.get("programs").is_some() {
            fill(&mut self.check, value, "check")?;
            self.check.iter().try_for_each(has_known_programs)
        } else if value.get("series").is_some() {
            fill(&mut self.scale, value, "scale")
        } else if value.get("speed_ups").is_some() {
            fill(&mut self.cores, value, "cores")
        } else if value.get("benchmarks").is_some() {
            fill(&mut self.spawn, value, "the benchmark of spawning")
        } else {
            bail!("it is not the JSON of check, scale, cores or the benchmark of spawning")
        }
    }

    /// Adds what is missing: the check by `check`, and the rest from harness/measured.
    ///
    /// # Errors
    ///
    /// If something cannot be added.
    pub fn complete(self, check: impl FnOnce() -> Result<CheckJson>) -> Result<Results> {
        Ok(Results {
            check: self.check.map_or_else(check, Ok)?,
            scale: self.scale.map_or_else(|| measured("scale.json"), Ok)?,
            cores: self.cores.map_or_else(|| measured("cores.json"), Ok)?,
            spawn: self.spawn.map_or_else(|| measured("spawn.json"), Ok)?,
        })
    }
}

fn fill<T: DeserializeOwned>(slot: &mut Option<T>, value: Value, kind: &str) -> Result<()> {
    ensure!(slot.is_none(), "two files are the JSON of {kind}; name one");
    let other = || format!("it is not the JSON that this version of {kind} prints");
    *slot = Some(serde_json::from_value(value).with_context(other)?);
    Ok(())
}

fn has_known_programs(check: &CheckJson) -> Result<()> {
    let mut seen = BTreeSet::new();
    for one in &check.programs {
        let name = one.name();
        let is_known = all_listings().any(|(section, listing)| {
            (section.name, listing.name) == (&*one.section, &*one.listing)
                && !listing.is_measured()
                && listing.implementations.contains(&one.implementation)
        });
        ensure!(is_known, "no check runs {name}");
        let is_early = one.elapsed_s.is_some_and(|elapsed_s| elapsed_s < SLEEP.as_secs_f64())
            || one.overhead_s.is_some_and(|overhead_s| overhead_s < 0.0);
        let has_passed = one.verdict == Verdict::Pass;
        ensure!(!is_early || !has_passed, "it took less than its sleep, but passed: {name}");
        ensure!(seen.insert(name), "two programs are {}; keep one", one.name());
    }
    Ok(())
}

/// Runs the programs concurrently, as `harness check` does.
///
/// # Errors
///
/// If the examples cannot be built, or the programs not be run.
pub fn run_check() -> Result<CheckJson> {
    let this = env::current_exe().context("cannot find the report's own executable")?;
    let runner = Runner::new(this, Duration::from_secs(10));
    let executables = build(&Selection::default(), &runner)?;
    let programs = executables.programs(|_, listing| !listing.is_measured());
    let bar = progress_bar(programs.len());
    let check = Mutex::new(Check::new(programs, 0, None, &executables));
    check_all(&check, &runner, &bar)?;
    bar.finish_and_clear();
    Ok(CheckJson::from(&check.into_inner().expect("no thread has panicked")))
}
