//! The page of all programs: which passed, in matrices.

use harness::catalog::{
    Group, Implementation, Listing, SECTIONS, Section, TIMED_INSIDE, all_listings,
};
use harness::check::json::CheckJson;
use harness::judge::verdict::Verdict;
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::{find, label, page_of};

/// The values of the page.
pub fn values(check: &CheckJson) -> Value {
    let failed = check.programs.iter().filter(|one| one.verdict == Verdict::Fail);
    let failed =
        failed.map(|one| context! { label => label(check, one), ..Value::from(Serde(one)) });
    // One matrix for all listings that have the same implementations.
    let mut all: Vec<_> = all_listings().map(|(_, listing)| listing.implementations).collect();
    all.sort();
    all.dedup();
    context! {
        check => Serde(check.setting()),
        passed => check.count(Verdict::Pass),
        skipped => check.count(Verdict::Skipped),
        total => check.programs.len(),
        failed => failed.collect::<Vec<_>>(),
        reasons => Serde(check.reasons()),
        matrices => all.into_iter().map(|one| matrix(check, one)).collect::<Vec<_>>(),
        timed_inside => TIMED_INSIDE.to_vec(),
    }
}

/// A matrix: a column per implementation, and a row per listing.
fn matrix(check: &CheckJson, implementations: &[Implementation]) -> Value {
    let labels = labels(check, implementations);
    let section = |section: &'static Section, group| {
        let is_here = |one: &&Listing| one.group == group && one.implementations == implementations;
        let listings = section.listings.iter().filter(is_here);
        let rows: Vec<_> = listings.map(|one| row(check, section, one, &labels)).collect();
        (!rows.is_empty()).then(|| context! { section => section.name, rows })
    };
    let group = |group: Group| {
        let sections = SECTIONS.iter().filter_map(|one| section(one, group));
        context! { title => group.title(), sections => sections.collect::<Vec<_>>() }
    };
    let groups = [Group::Document, Group::Beyond, Group::Measured].map(group).to_vec();
    context! { name => format!("programs with {}", labels.join(", ")), labels, groups }
}

fn row(check: &CheckJson, section: &Section, listing: &Listing, labels: &[String]) -> Value {
    let page = page_of(section, listing);
    let cell = |column: &String| {
        let program = find(check, section, listing).find(|one| label(check, one) == *column);
        let verdict = program.map(|one| one.verdict);
        let time = program.and_then(|one| check.shown_time(one));
        let href = format!("{page}#{}", column.split(' ').next().unwrap_or_default());
        context! { href, verdict => Serde(verdict), time }
    };
    let cells: Vec<_> = labels.iter().map(cell).collect();
    context! { name => listing.name, is_measured => listing.is_measured(), cells, page }
}

/// The columns of a matrix: its implementations, and Python once for each of its versions.
fn labels(check: &CheckJson, implementations: &[Implementation]) -> Vec<String> {
    let versions = check.python.as_ref().filter(|versions| versions.contains(','));
    let columns = |one: &Implementation| match versions {
        Some(versions) if *one == Implementation::Python => {
            versions.split(", ").map(|version| format!("{one} {version}")).collect()
        }
        _ => vec![one.to_string()],
    };
    implementations.iter().flat_map(columns).collect()
}
