//! The pages of the site: an index, a page per listing, and the phrasebook. Templates make their
//! HTML, and escape all text that comes from a program or a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use harness::catalog::{Listing, SECTIONS, Section};
use harness::check::json::{CheckJson, LineJson, ProgramJson};
use harness::judge::verdict::{Fault, Verdict};
use harness::measure::Summary;
use harness::measure::cores::{Cores, SpeedUp, WAYS};
use harness::measure::spawn;
use harness::program::Implementation;
use harness::terminal::{texts, three_digits};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use crate::charts;
use crate::compare::{align, differing_lines};
use crate::folder::File;
use crate::readme::{Difference, Readme};
use crate::results::Results;
use crate::source::{Source, Sources};
use crate::timeline::{Timeline, since_clock_start};

/// The folder of the workspace.
pub const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The front page.
pub const INDEX: &str = "index.html";

/// Renders all files of the site.
///
/// # Errors
///
/// If a program or a README cannot be read, or if a template fails.
pub fn render(results: &Results) -> Result<Vec<File>> {
    let templates = templates()?;
    let page = |name: &str, template: &str, values: Value| -> Result<File> {
        let html = templates.get_template(template).and_then(|template| template.render(values));
        Ok((name.to_owned(), html.with_context(|| format!("cannot render {name}"))?))
    };
    let readmes = SECTIONS.iter().map(read_readme).collect::<Result<Vec<_>>>()?;
    let mut files = vec![
        ("style.css".to_owned(), include_str!("templates/style.css").to_owned()),
        ("script.js".to_owned(), include_str!("templates/script.js").to_owned()),
        page(INDEX, "index.html", index(results)?)?,
        page("phrasebook.html", "phrasebook.html", phrasebook(&readmes))?,
    ];
    let mut sources = Sources::new()?;
    let all: Vec<_> = SECTIONS
        .iter()
        .zip(&readmes)
        .flat_map(|(section, readme)| section.all_listings().map(move |one| (section, readme, one)))
        .collect();
    for (index, (section, readme, listing)) in all.iter().enumerate() {
        let name = page_of(section, listing);
        let link = |(section, _, listing): &(&Section, &Readme, &Listing)| context! { name => listing.name, section => section.name, page => page_of(section, listing) };
        let neighbours = context! {
            previous => index.checked_sub(1).map(|index| link(&all[index])),
            next => all.get(index + 1).map(link),
        };
        let values = listing_page(section, readme, listing, &results.check, &mut sources)
            .with_context(|| format!("cannot make {name}"))?;
        files.push(page(&name, "listing.html", context! { ..values, ..neighbours })?);
    }
    Ok(files)
}

/// The templates of this package, which escape HTML in pages and in pictures.
///
/// # Errors
///
/// If one has wrong syntax.
pub fn templates() -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("seconds", |seconds: f64| format!("{seconds:.4}"));
    environment.add_filter("percent", |percent: f64| format!("{percent:.2}"));
    environment.add_filter("three_digits", three_digits);
    for (name, text) in [
        ("base.html", include_str!("templates/base.html")),
        ("index.html", include_str!("templates/index.html")),
        ("listing.html", include_str!("templates/listing.html")),
        ("phrasebook.html", include_str!("templates/phrasebook.html")),
        ("picture.svg", include_str!("templates/picture.svg")),
        ("timeline.svg", include_str!("templates/timeline.svg")),
        ("tasks.svg", include_str!("templates/tasks.svg")),
    ] {
        environment.add_template(name, text).with_context(|| format!("cannot parse {name}"))?;
    }
    Ok(environment)
}

fn page_of(section: &Section, listing: &Listing) -> String {
    format!("{}-{}.html", section.name, listing.name)
}

/// The package of a section, which is also its folder.
fn package(section: &Section) -> String {
    format!("examples-{}", section.name)
}

fn file_of(implementation: Implementation) -> String {
    let extension = if implementation == Implementation::Python { "py" } else { "rs" };
    format!("{}.{extension}", implementation.to_string().replace('-', "_"))
}

/// The labels of the implementations that a check has, as the check's own matrix has them.
fn columns(check: &CheckJson) -> Vec<(Implementation, Option<&str>)> {
    let mut columns = Vec::new();
    for &implementation in Implementation::value_variants() {
        let of_this = check.programs.iter().filter(|one| one.implementation == implementation);
        let mut versions: Vec<_> = of_this.map(|one| one.python.as_deref()).collect();
        let mut unique = Vec::new();
        versions.retain(|version| {
            let is_new = !unique.contains(version);
            unique.push(*version);
            is_new
        });
        if versions.is_empty() {
            versions.push(None);
        }
        columns.extend(versions.into_iter().map(|version| (implementation, version)));
    }
    columns
}

/// An implementation, with the version if there are several Pythons.
fn label(check: &CheckJson, implementation: Implementation, version: Option<&str>) -> String {
    let is_one_of_several = check.python.as_ref().is_some_and(|versions| versions.contains(','));
    match version.filter(|_| is_one_of_several) {
        Some(version) => format!("{implementation} {version}"),
        None => implementation.to_string(),
    }
}

fn read_readme(section: &Section) -> Result<Readme> {
    let file = Path::new(WORKSPACE).join(package(section)).join("README.md");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Readme::parse(section, &text, |link| page_of_link(section, link))
}

/// The page for a link of a section's README to a listing, or to one of its programs.
fn page_of_link(section: &Section, link: &str) -> Option<String> {
    let path = link.strip_prefix("src/")?;
    let listing = section.all_listings().find(|listing| path.starts_with(listing.folder))?;
    let page = page_of(section, listing);
    let file = path[listing.folder.len()..].trim_start_matches('/');
    let all = Implementation::value_variants().iter();
    let implementation = all.into_iter().find(|implementation| file == file_of(**implementation));
    match implementation {
        Some(implementation) => Some(format!("{page}#{implementation}")),
        None => file.is_empty().then_some(page),
    }
}

#[derive(Serialize)]
struct Cell {
    href: String,
    /// `pass`, `fail` or `skipped`; none if the check has no such program.
    verdict: Option<Verdict>,
    overhead_ms: Option<String>,
}

fn index(results: &Results) -> Result<Value> {
    let check = &results.check;
    let columns = columns(check);
    let cell = |section: &Section,
                listing: &Listing,
                (implementation, version): (Implementation, Option<&str>)| {
        let program = find(check, section, listing)
            .find(|one| one.implementation == implementation && one.python.as_deref() == version);
        let overhead = program.and_then(|one| one.overhead_s);
        let has_passed = program.is_some_and(|one| one.verdict == Verdict::Pass);
        Cell {
            href: format!("{}#{implementation}", page_of(section, listing)),
            verdict: program.map(|one| one.verdict),
            overhead_ms: overhead.filter(|_| has_passed).map(|seconds| three_digits(seconds * 1e3)),
        }
    };
    let row = |section: &Section, listing: &Listing| {
        let cells: Vec<_> = columns.iter().map(|column| cell(section, listing, *column)).collect();
        context! { name => listing.name, page => page_of(section, listing), cells => Serde(cells) }
    };
    let group = |section: &Section, listings: &[Listing]| {
        let rows: Vec<_> = listings.iter().map(|listing| row(section, listing)).collect();
        context! { section => section.name, rows }
    };
    let groups: Vec<_> = [
        ("The document's listings", SECTIONS.iter().map(|one| group(one, one.listings)).collect()),
        ("Beyond the document", SECTIONS.iter().map(|one| group(one, one.questions)).collect()),
    ]
    .into_iter()
    .map(|(title, sections): (_, Vec<_>)| context! { title, sections })
    .collect();
    let count = |verdict| check.programs.iter().filter(|one| one.verdict == verdict).count();
    let failed = check.programs.iter().filter(|one| one.verdict == Verdict::Fail);
    let failed = failed.map(|one| {
        context! {
            name => format!("{}::{}::{}", one.section, one.listing, label(check, one.implementation, one.python.as_deref())),
            href => format!("{}-{}.html#{}", one.section, one.listing, one.implementation),
            faults => Serde(&one.faults),
        }
    });
    let costs = SECTIONS.iter().map(|section| {
        let charts = charts::of_section(&results.scale, section)?;
        let listings: Vec<_> = section
            .costs
            .iter()
            .map(|one| context! { name => one.name, page => page_of(section, one) })
            .collect();
        Ok(context! { section => section.name, unit => section.unit, charts => Serde(charts), listings })
    });
    let labels = columns.iter().map(|(one, version)| label(check, *one, *version));
    Ok(context! {
        python => &check.python,
        labels => labels.collect::<Vec<_>>(),
        groups,
        passed => count(Verdict::Pass),
        skipped => count(Verdict::Skipped),
        total => check.programs.len(),
        failed => failed.collect::<Vec<_>>(),
        costs => costs.collect::<Result<Vec<_>>>()?,
        warnings => results.scale.warnings(),
        cores => speed_ups(&results.cores),
        spawn => Serde(texts(&spawn::table(&results.spawn.benchmarks))),
        measured_on => Serde(&results.scale.environment),
    })
}

#[derive(Serialize)]
struct SpeedUpBar {
    implementation: String,
    median: f64,
    min: f64,
    max: f64,
    percent: f64,
}

/// The CPU-bound speed-ups as bars, and where the number of cores is on their scale.
fn speed_ups(cores: &Cores) -> Value {
    let number = cores.environment.machine.cores as f64;
    let values = cores.speed_ups.iter().filter_map(|one| one.speed_up);
    let most = values.map(|one| one.max).fold(number, f64::max) * 1.02;
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
                    let Summary { median, min, max } = one.speed_up?;
                    Some(SpeedUpBar { implementation, median, min, max, percent: percent(median) })
                })
                .collect();
            if !bars.is_empty() {
                groups.push(context! { section => section.name, unit => section.unit, way, bars => Serde(bars) });
            }
        }
    }
    context! { groups, number => cores.environment.machine.cores, percent => percent(number), runs => cores.runs, table => Serde(texts(&cores.table())) }
}

fn phrasebook(readmes: &[Readme]) -> Value {
    let section = |(section, readme): (&Section, &Readme)| {
        let differences: Vec<_> =
            readme.differences.iter().map(|one| difference(section, one)).collect();
        context! { name => section.name, unit => section.unit, phrasebook => &readme.phrasebook, differences }
    };
    context! { sections => SECTIONS.iter().zip(readmes).map(section).collect::<Vec<_>>() }
}

fn difference(section: &Section, difference: &Difference) -> Value {
    let page = page_of_link(section, &difference.see);
    let listing = page.as_deref().and_then(|page| page.split_once(".html")?.0.split_once('-'));
    let listing = listing.map(|(_, name)| name);
    context! { page => &page, listing, ..Value::from(Serde(difference)) }
}

fn find<'a>(
    check: &'a CheckJson,
    section: &'a Section,
    listing: &'a Listing,
) -> impl Iterator<Item = &'a ProgramJson> {
    let is_this = |one: &&ProgramJson| one.section == section.name && one.listing == listing.name;
    check.programs.iter().filter(is_this)
}

#[derive(Serialize)]
struct Program {
    name: String,
    path: String,
    /// The command that runs it.
    run: String,
    parts: Vec<Part>,
    /// The lines that differ from another port, by its name: `3 5-7`.
    differs: BTreeMap<String, String>,
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Part {
    name: Option<String>,
    anchor: Option<String>,
    /// Where it stands in the grid, from 1.
    row: usize,
    above: String,
    body: String,
}

/// What a program did. Only a Python program has several, one for each Python.
#[derive(Serialize)]
struct Run {
    label: String,
    verdict: Verdict,
    overhead_ms: Option<String>,
    faults: Vec<Fault>,
    lines: Vec<LineJson>,
}

fn listing_page(
    section: &Section,
    readme: &Readme,
    listing: &Listing,
    check: &CheckJson,
    sources: &mut Sources,
) -> Result<Value> {
    let all = Implementation::value_variants();
    let folder = PathBuf::from(package(section)).join("src").join(listing.folder);
    let mut texts = Vec::new();
    for implementation in all {
        let path = folder.join(file_of(*implementation));
        let text = fs::read_to_string(Path::new(WORKSPACE).join(&path));
        texts.push(text.with_context(|| format!("cannot read {}", path.display()))?);
    }
    let read = |(implementation, text): (&Implementation, &String)| {
        sources.read(&file_of(*implementation), text)
    };
    let parsed = all.iter().zip(&texts).map(read).collect::<Result<Vec<_>>>()?;
    let names = |source: &Source| source.parts.iter().map(|part| part.name.clone()).collect();
    let (rows, count) = align(&parsed.iter().map(names).collect::<Vec<_>>());

    let ran: Vec<_> = find(check, section, listing).collect();
    let label = |one: &ProgramJson| label(check, one.implementation, one.python.as_deref());
    let run = |one: &&ProgramJson| Run {
        label: label(one),
        verdict: one.verdict,
        overhead_ms: one.overhead_s.map(|seconds| three_digits(seconds * 1e3)),
        faults: one.faults.clone(),
        lines: since_clock_start(one),
    };
    let program = |index: usize| {
        let name = all[index].to_string();
        let anchor = |part: &str| format!("{name}.{}", slug(part));
        let part = |(part, row): (&crate::source::Part, &usize)| Part {
            name: part.name.clone(),
            anchor: part.name.as_deref().map(anchor),
            row: 2 * row + 1,
            above: part.above.clone(),
            body: part.body.clone(),
        };
        let is_this = |one: &&&ProgramJson| one.implementation == all[index];
        Program {
            path: folder.join(file_of(all[index])).display().to_string(),
            run: command(&texts[index]).unwrap_or_default().to_owned(),
            parts: parsed[index].parts.iter().zip(&rows[index]).map(part).collect(),
            differs: differs(index, &texts),
            runs: ran.iter().filter(is_this).map(run).collect(),
            name,
        }
    };
    let labelled: Vec<_> = ran.iter().map(|one| (label(one), *one)).collect();
    let page = page_of(section, listing);
    let belongs = |one: &&Difference| {
        let of = page_of_link(section, &one.see);
        of.is_some_and(|of| of.split('#').next() == Some(&page))
    };
    let differences = |bites: bool| {
        let all = readme.differences.iter().filter(belongs).filter(|one| one.bites == bites);
        all.map(|one| difference(section, one)).collect::<Vec<_>>()
    };
    let is_measured = section.costs.iter().any(|one| one.name == listing.name);
    Ok(context! {
        section => section.name,
        listing => listing.name,
        title => title(&texts[0]),
        in_document => listing.is_in_the_document(),
        is_measured,
        rows => 2 * count,
        // What the command runs without --runtime.
        right => if section.unit == "tasks" { "tokio" } else { "std-only" },
        programs => Serde((0..all.len()).map(program).collect::<Vec<_>>()),
        timeline => Serde(Timeline::new(&labelled)),
        differences_that_bite => differences(true),
        more_differences => differences(false),
    })
}

/// A name as a part of an address: `impl Drop for T` is `impl-Drop-for-T`.
fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// The first line of a Python program: what its listing is about. Every second text is code.
fn title(python: &str) -> Vec<String> {
    let line = python.lines().next().unwrap_or_default().trim_matches('"');
    line.split('`').map(str::to_owned).collect()
}

/// The command that a program's opening comment gives.
fn command(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(|line| line.trim_start_matches("//! ").trim_matches('`'));
    lines.find(|line| line.starts_with("python3 ") || line.starts_with("cargo run "))
}

/// The lines of a port that differ from each other port.
fn differs(index: usize, texts: &[String]) -> BTreeMap<String, String> {
    let all = Implementation::value_variants();
    let is_port = |index: &usize| all[*index] != Implementation::Python;
    let others =
        (0..all.len()).filter(|other| *other != index && is_port(&index) && is_port(other));
    let lines: Vec<Vec<&str>> = texts.iter().map(|text| text.lines().collect()).collect();
    others
        .map(|other| {
            // The same comparison whichever side a program is on.
            let [first, second] = [index.min(other), index.max(other)];
            let [one, two] = differing_lines(&lines[first], &lines[second]);
            (all[other].to_string(), ranges(if index == first { &one } else { &two }))
        })
        .collect()
}

/// Ascending numbers as `3 5-7`.
fn ranges(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|one, next| one + 1 == *next);
    let run = |run: &[usize]| match run {
        [one] => one.to_string(),
        _ => format!("{}-{}", run[0], run[run.len() - 1]),
    };
    runs.map(run).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_readme_lead_to_the_pages_of_its_listings() {
        let section = &SECTIONS[1];
        let page = |link: &str| page_of_link(section, link);
        let expected = "asyncio-multiple-tasks.html#std-only";
        assert_eq!(page("src/multiple_tasks/std_only.rs").as_deref(), Some(expected));
        assert_eq!(page("src/beyond/results").as_deref(), Some("asyncio-results.html"));
        assert_eq!(page("src/event_loop"), None);
        assert_eq!(page("tests/differences.rs"), None);
    }

    #[test]
    fn numbers_are_written_as_ranges() {
        assert_eq!(ranges(&[3, 5, 6, 7, 9]), "3 5-7 9");
        assert_eq!(ranges(&[]), "");
    }

    #[test]
    fn the_opening_comment_has_the_command() {
        let rust = "//! Title.\n//!\n//! `cargo run -p examples-asyncio -- x`\n";
        assert_eq!(command(rust), Some("cargo run -p examples-asyncio -- x"));
        assert_eq!(
            command("\"\"\"T.\n\npython3 a/python.py\n\"\"\"\n"),
            Some("python3 a/python.py")
        );
    }
}
