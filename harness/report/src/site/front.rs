//! The front page: the matrix, the costs as charts, the speed-ups as bars.

use anyhow::Result;
use harness::catalog::{Listing, SECTIONS, Section};
use harness::check::json::{CheckJson, ProgramJson};
use harness::judge::verdict::Verdict;
use harness::measure::cores::{Cores, SpeedUp, WAYS};
use harness::measure::spawn;
use harness::program::Implementation;
use harness::terminal::{texts, three_digits};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::{find, label, label_of, page_of};
use crate::charts;
use crate::results::Results;

#[derive(Serialize)]
struct Cell {
    href: String,
    /// `pass`, `fail` or `skipped`; none if the check has no such program.
    verdict: Option<Verdict>,
    overhead_ms: Option<String>,
}

/// The values of the front page.
///
/// # Errors
///
/// If a chart cannot be drawn.
pub fn values(results: &Results) -> Result<Value> {
    let check = &results.check;
    let costs = SECTIONS.iter().map(|section| {
        let charts = Serde(charts::of_section(&results.scale, section)?);
        let mut warnings = results.scale.warnings();
        warnings.retain(|warning| warning.starts_with(section.unit));
        Ok(context! { unit => section.unit, charts, warnings })
    });
    Ok(context! {
        python => &check.python,
        passed => check.count(Verdict::Pass),
        skipped => check.count(Verdict::Skipped),
        total => check.programs.len(),
        failed => failed(check),
        reasons => Serde(check.reasons()),
        matrices => matrices(check),
        costs => costs.collect::<Result<Vec<_>>>()?,
        cores => speed_ups(&results.cores),
        spawn => Serde(texts(&spawn::table(&results.spawn.benchmarks))),
        measured_on => Serde(&results.scale.environment),
    })
}

/// The programs that failed, with their faults.
fn failed(check: &CheckJson) -> Vec<Value> {
    let failed = check.programs.iter().filter(|one| one.verdict == Verdict::Fail);
    let values = |one: &ProgramJson| {
        let ProgramJson { section, listing, implementation, faults, .. } = one;
        let name = format!("{section}::{listing}::{}", label(check, one));
        let href = format!("{section}-{listing}.html#{implementation}");
        context! { name, href, faults => Serde(faults) }
    };
    failed.map(values).collect()
}

/// The matrix, and a small one for the listing that has other implementations.
fn matrices(check: &CheckJson) -> Vec<Value> {
    let groups: [Group; 3] = [
        ("The document's listings", |section| section.listings),
        ("Beyond the document: the next questions", |section| section.questions),
        ("Beyond the document: what it costs", |section| section.costs),
    ];
    let machines: Group = ("Beyond the document: past one machine", |section| section.machines);
    vec![
        matrix(check, "the programs", &groups),
        matrix(check, "the programs that mpirun starts", &[machines]),
    ]
}

/// A title, and the listings of a section that stand under it.
type Group = (&'static str, fn(&'static Section) -> &'static [Listing]);

/// A matrix: a column per implementation, and a row per listing.
fn matrix(check: &CheckJson, name: &str, groups: &[Group]) -> Value {
    let all = SECTIONS.iter().flat_map(|section| groups.iter().flat_map(|group| group.1(section)));
    let columns = columns(check, all.map(Implementation::of).next().unwrap_or_default());
    let row = |section: &Section, listing: &Listing| {
        let page = page_of(section, listing);
        let cell = |(implementation, version): &(Implementation, Option<&str>)| {
            let is_this = |one: &&ProgramJson| {
                one.implementation == *implementation && one.python.as_deref() == *version
            };
            let program = find(check, section, listing).find(is_this);
            let has_passed = |one: &&ProgramJson| one.verdict == Verdict::Pass;
            let overhead = program.filter(has_passed).and_then(|one| one.overhead_s);
            Cell {
                href: format!("{page}#{implementation}"),
                verdict: program.map(|one| one.verdict),
                overhead_ms: overhead.map(|seconds| three_digits(seconds * 1e3)),
            }
        };
        let cells: Vec<_> = columns.iter().map(cell).collect();
        let is_measured = section.costs.iter().any(|one| one.name == listing.name);
        context! { name => listing.name, page, is_measured, cells => Serde(cells) }
    };
    let group = |&(title, listings): &Group| {
        let with_some = SECTIONS.iter().filter(|section| !listings(section).is_empty());
        let sections = with_some.map(|section| {
            let rows = listings(section).iter().map(|listing| row(section, listing));
            context! { section => section.name, rows => rows.collect::<Vec<_>>() }
        });
        context! { title, sections => sections.collect::<Vec<_>>() }
    };
    let groups: Vec<_> = groups.iter().map(group).collect();
    let labels = columns.iter().map(|(one, version)| label_of(check, *one, *version));
    context! { name, labels => labels.collect::<Vec<_>>(), groups }
}

#[derive(Serialize)]
struct SpeedUpBar {
    implementation: String,
    median: f64,
    percent: f64,
}

/// The CPU-bound speed-ups as bars, and where the number of cores is on their scale.
fn speed_ups(cores: &Cores) -> Value {
    let number = cores.environment.machine.cores.max(1) as f64;
    let values = cores.speed_ups.iter().filter_map(|one| one.speed_up);
    let most = values.map(|one| one.median).fold(number, f64::max) * 1.02;
    let percent = |value: f64| value / most * 100.0;
    let mut groups = Vec::new();
    for section in SECTIONS {
        for way in WAYS {
            let of_this = |one: &&SpeedUp| one.section == section.name && one.way == way;
            let bars: Vec<_> = cores
                .speed_ups
                .iter()
                .filter(of_this)
                .filter_map(|one| {
                    let implementation = one.implementation.clone();
                    let median = one.speed_up?.median;
                    Some(SpeedUpBar { implementation, median, percent: percent(median) })
                })
                .collect();
            let compare =
                |one: &&SpeedUpBar, other: &&SpeedUpBar| one.median.total_cmp(&other.median);
            if let (Some(least), Some(most)) =
                (bars.iter().min_by(compare), bars.iter().max_by(compare))
            {
                let (least, most) = (Serde(least), Serde(most));
                groups.push(
                    context! { unit => section.unit, way, least, most, bars => Serde(&bars) },
                );
            }
        }
    }
    context! {
        groups,
        number,
        percent => percent(number),
        runs => cores.runs,
        spread => cores.spread() * 100.0,
        table => Serde(texts(&cores.table())),
    }
}

/// The columns of a matrix: its implementations, and Python once for each of its versions.
fn columns<'a>(
    check: &'a CheckJson,
    all: &[Implementation],
) -> Vec<(Implementation, Option<&'a str>)> {
    let mut columns = Vec::new();
    for &implementation in all {
        let mut versions = Vec::new();
        for program in check.programs.iter().filter(|one| one.implementation == implementation) {
            let version = program.python.as_deref();
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        if versions.is_empty() {
            versions.push(None);
        }
        columns.extend(versions.into_iter().map(|version| (implementation, version)));
    }
    columns
}
