//! The pages of the site: a front page, a page per README, per listing and per file that a README
//! links to. Templates make their HTML, and escape all text that comes from a program or a file.

mod costs;
pub mod front;
pub mod links;
mod listing;
mod programs;
pub mod search;

use std::fs;
use std::io::Write;
use std::iter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use harness::catalog::{Listing, SECTIONS, Section, all_listings};
use harness::check::json::{CheckJson, ProgramJson};
use harness::check::trace;
use harness::program::workspace;
use harness::terminal::{bytes, duration};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::pictures;
use crate::readme;
use crate::results::Results;
use crate::source::slug;
use links::{EVENT_LOOP, Links};
use search::Index;

/// The front page.
pub const INDEX: &str = "index.html";

/// The names of files in the folder of the templates, and their texts.
macro_rules! embed {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../templates/", $name)))),*]
    };
}

/// What is shown where a page is shared.
const PREVIEW: &str = "preview.png";

/// Renders all files of the site. `host` is the name under which it is published, if that is known.
///
/// # Errors
///
/// If a program or a README cannot be read, or if a template fails.
pub fn render(results: &Results, host: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let preview = pictures::preview(&read("harness/measured/tasks.svg")?)?;
    let address = if host.is_empty() { String::new() } else { format!("https://{host}/") };
    let preview_at = preview.as_ref().map(|_| address + PREVIEW);
    let mut templates = templates()?;
    templates.add_global("preview", preview_at);
    let mut files: Vec<_> = preview.map(|png| (PREVIEW.to_owned(), png)).into_iter().collect();
    for (name, text) in embed!["style.css" "favicon.svg" "script.js"] {
        files.push((name.to_owned(), text.into()));
    }
    let render = |name: &str, template: &str, values: Value| {
        let html = templates.get_template(template)?.render(context! { page => name, ..values });
        anyhow::Ok((name.to_owned(), html.with_context(|| format!("cannot render {name}"))?.into()))
    };
    let (mut links, mut index) = (Links::new()?, Index::default());
    let mut differences = String::new();
    for (folder, page) in links::readmes() {
        let file = folder.join("README.md");
        links.folder = folder;
        let chapters = readme::parse(&read(&file)?, &page, &mut links, &mut index);
        let chapters = chapters.with_context(|| format!("cannot show {}", file.display()))?;
        let (template, values) = match &*page {
            INDEX => ("index.html", front::values(results, &mut links.sources, &mut index)?),
            "costs.html" => ("costs.html", costs::values(results)),
            _ => ("readme.html", context! {}),
        };
        let values = context! { chapters => Serde(&chapters), ..values };
        files.push(render(&page, template, values)?);
        let of_differences = chapters.iter().filter(|one| one.title == "Differences");
        differences.extend(of_differences.map(|chapter| &*chapter.html));
    }
    let Links { files: linked, mut sources, .. } = links;
    let values = programs::values(&results.check);
    files.push(render("programs.html", "programs.html", values)?);
    let link = |(section, listing): (&Section, &Listing)| {
        let page = page_of(section, listing);
        context! { page, section => section.name, unit => section.unit, name => listing.name }
    };
    let listings: Value = all_listings().map(link).collect();
    for (at, (section, listing)) in all_listings().enumerate() {
        let name = page_of(section, listing);
        let check = &results.check;
        let values =
            listing::values(section, &differences, listing, check, &mut sources, &mut index);
        let values = values.with_context(|| format!("cannot make {name}"))?;
        files.push(render(
            &name,
            "listing.html",
            context! { at, listings => &listings, ..values },
        )?);
        let programs = find(check, section, listing).cloned().collect();
        let trace = trace::render(&CheckJson { programs, ..check.setting() });
        let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
        compressed.write_all(trace.as_bytes())?;
        files.push((trace_of(section, listing), compressed.finish()?));
    }
    let one = |file: PathBuf| (links::page_of_file(&file), file.display().to_string(), vec![file]);
    let event_loop = (EVENT_LOOP.1.to_owned(), "The event loop".to_owned(), event_loop()?);
    for (page, title, shown) in iter::once(event_loop).chain(linked.into_iter().map(one)) {
        if page.ends_with(".svg") {
            files.push((page, read(&shown[0])?.into()));
            continue;
        }
        let mut codes = Vec::new();
        for file in shown {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let parts = sources.read(&file.display().to_string(), &name, false, &read(&file)?)?;
            if page == EVENT_LOOP.1 {
                index.add_code(&format!("{page}#{name}"), &parts);
            }
            codes.push(context! { name, parts => Serde(parts) });
        }
        files.push(render(&page, "code.html", context! { title, files => codes })?);
    }
    files.push(("search.js".to_owned(), index.script()?.into()));
    Ok(files)
}

fn read(file: impl AsRef<Path>) -> Result<String> {
    let file = workspace().join(file);
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// The files of the event loop, in the order in which the README of the section names them.
fn event_loop() -> Result<Vec<PathBuf>> {
    let readme = read("examples-asyncio/README.md")?;
    let files = fs::read_dir(workspace().join(EVENT_LOOP.0))?;
    let files = files.map(|file| Ok(file?.file_name().to_string_lossy().into_owned()));
    let mut files = files.collect::<Result<Vec<_>>>()?;
    let place = |file: &String| readme.find(&format!("event_loop/{file})")).unwrap_or(usize::MAX);
    files.sort_by_key(|file| (place(file), file.clone()));
    Ok(files.iter().map(|file| Path::new(EVENT_LOOP.0).join(file)).collect())
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
    let sections = SECTIONS.iter().map(|one| context! { name => one.name, unit => one.unit });
    environment.add_global("sections", sections.collect::<Vec<_>>());
    environment.add_filter("seconds", |seconds: f64| format!("{seconds:.4}"));
    environment.add_filter("duration", duration);
    environment.add_filter("bytes", bytes);
    environment.add_filter("slug", |name: &str| slug(name));
    environment.add_filter("rounded", |number: f64| format!("{number:.2}"));
    for (name, text) in embed![
        "base.html" "code.html" "costs.html" "index.html" "listing.html" "macros.html"
        "programs.html" "readme.html" "chart.svg" "picture.svg" "timeline.svg" "tasks.svg"
    ] {
        environment.add_template(name, text).with_context(|| format!("cannot parse {name}"))?;
    }
    Ok(environment)
}

fn page_of(section: &Section, listing: &Listing) -> String {
    format!("{}-{}.html", section.name, listing.name)
}

/// The file that Perfetto opens: when the programs of a listing slept and printed.
fn trace_of(section: &Section, listing: &Listing) -> String {
    format!("{}-{}.trace.json.gz", section.name, listing.name)
}

/// The implementation of a program, with the version of its Python if there are several.
fn label(check: &CheckJson, program: &ProgramJson) -> String {
    let has_several = check.python.as_ref().is_some_and(|versions| versions.contains(','));
    let version = program.python.as_ref().filter(|_| has_several);
    let version = version.map(|version| format!(" {version}")).unwrap_or_default();
    format!("{}{version}", program.implementation)
}

/// What a check has of a listing.
pub fn find<'a>(
    check: &'a CheckJson,
    section: &'a Section,
    listing: &'a Listing,
) -> impl Iterator<Item = &'a ProgramJson> {
    let is_this = |one: &&ProgramJson| one.section == section.name && one.listing == listing.name;
    check.programs.iter().filter(is_this)
}
