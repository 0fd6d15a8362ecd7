//! The page of all programs: which passed, in matrices.

use harness::catalog::{
    Group, Implementation, Listing, SECTIONS, Section, TIMED_INSIDE, all_listings,
};
use harness::check::json::CheckJson;
use harness::judge::verdict::Verdict;
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::{Column, column_of, find, label, page_of};

/// The values of the page.
pub fn values(check: &CheckJson) -> Value {
    context! {
        check => Serde(check.setting()),
        passed => check.count(Verdict::Pass),
        skipped => check.count(Verdict::Skipped),
        total => check.programs.len(),
        failed => failed(check),
        reasons => Serde(check.reasons()),
        matrices => matrices(check),
        timed_inside => TIMED_INSIDE.to_vec(),
    }
}

/// The programs that failed, with their labels.
fn failed(check: &CheckJson) -> Vec<Value> {
    let failed = check.programs.iter().filter(|one| one.verdict == Verdict::Fail);
    let values =
        |one| context! { label => label(check, column_of(one)), ..Value::from(Serde(one)) };
    failed.map(values).collect()
}

/// The matrices: one for all listings that have the same implementations.
fn matrices(check: &CheckJson) -> Vec<Value> {
    let mut all: Vec<_> = all_listings().map(|(_, listing)| listing.implementations).collect();
    all.sort();
    all.dedup();
    all.into_iter().map(|implementations| matrix(check, implementations)).collect()
}

/// A matrix: a column per implementation, and a row per listing.
fn matrix(check: &CheckJson, implementations: &[Implementation]) -> Value {
    let columns = columns(check, implementations);
    let section = |section: &'static Section, group| {
        let is_here = |one: &&Listing| one.group == group && one.implementations == implementations;
        let listings = section.listings.iter().filter(is_here);
        let rows: Vec<_> = listings.map(|one| row(check, section, one, &columns)).collect();
        (!rows.is_empty()).then(|| context! { section => section.name, rows })
    };
    let group = |group: Group| {
        let sections = SECTIONS.iter().filter_map(|one| section(one, group));
        context! { title => group.title(), sections => sections.collect::<Vec<_>>() }
    };
    let labels: Vec<_> = columns.iter().map(|column| label(check, *column)).collect();
    context! {
        name => format!("programs with {}", labels.join(", ")),
        labels,
        groups => [Group::Document, Group::Beyond, Group::Measured].map(group).to_vec(),
    }
}

fn row(check: &CheckJson, section: &Section, listing: &Listing, columns: &[Column<'_>]) -> Value {
    let page = page_of(section, listing);
    let cell = |&(implementation, version): &Column<'_>| {
        let mut programs = find(check, section, listing);
        let program = programs.find(|one| column_of(one) == (implementation, version));
        let verdict = program.map(|one| one.verdict);
        let time = program.and_then(|one| check.shown_time(one));
        context! { href => format!("{page}#{implementation}"), verdict => Serde(verdict), time }
    };
    let cells: Vec<_> = columns.iter().map(cell).collect();
    context! { name => listing.name, is_measured => listing.is_measured(), cells, page }
}

/// The columns of a matrix: its implementations, and Python once for each of its versions.
fn columns<'a>(check: &'a CheckJson, implementations: &[Implementation]) -> Vec<Column<'a>> {
    let mut columns = Vec::new();
    for &implementation in implementations {
        let programs = check.programs.iter().filter(|one| one.implementation == implementation);
        let first = columns.len();
        for column in programs.map(column_of) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        if columns.len() == first {
            columns.push((implementation, None));
        }
    }
    columns
}
