//! The pages of the site: a front page, a page per README, per listing and per file that a README
//! links to. Templates make their HTML, and escape all text that comes from a program or a file.

mod costs;
mod front;
mod links;
mod listing;
mod programs;
mod search;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use harness::catalog::{Implementation, Listing, SECTIONS, Section};
use harness::check::json::{CheckJson, ProgramJson};
use harness::check::trace;
use harness::program::workspace;
use harness::terminal::duration;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::folder::File;
use crate::pictures;
use crate::readme::Readme;
use crate::results::Results;
use crate::source::{Part, Sources, slug};
use links::{EVENT_LOOP, Links};
use search::Index;

/// The front page.
pub const INDEX: &str = "index.html";

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
    let mut site = Pages { templates: templates()?, files: Vec::new(), preview_at };
    site.files.push(("style.css".to_owned(), include_str!("../templates/style.css").to_owned()));
    site.files
        .push(("favicon.svg".to_owned(), include_str!("../templates/favicon.svg").to_owned()));
    site.files.push(("script.js".to_owned(), include_str!("../templates/script.js").to_owned()));
    let (mut sources, mut linked) = (Sources::new()?, BTreeSet::new());
    let (mut differences, mut index) = (Vec::new(), Index::default());
    let mut compressed_traces = Vec::new();
    for (file, page) in links::readmes() {
        let folder = Path::new(&file).parent().unwrap_or(Path::new("")).to_owned();
        let mut links = Links { folder, files: &mut linked, sources: &mut sources };
        let readme = Readme::parse(&read(&file)?, &mut links);
        let readme = readme.with_context(|| format!("cannot show {file}"))?;
        index.add_readme(&page, &readme, |title| page != INDEX || front::CHAPTERS.contains(&title));
        let (template, values) = match &*page {
            INDEX => ("index.html", front::values(results, &readme, &mut sources)?),
            "costs.html" => ("costs.html", costs::values(results)),
            _ => ("readme.html", context! {}),
        };
        site.add(&page, template, context! { readme => Serde(&readme), ..values })?;
        differences.extend(readme.differences);
    }
    site.add("programs.html", "programs.html", programs::values(&results.check))?;
    for (section, listing) in
        SECTIONS.iter().flat_map(|one| one.listings.iter().map(move |listing| (one, listing)))
    {
        let name = page_of(section, listing);
        let values = listing::values(
            section,
            &differences,
            listing,
            &results.check,
            &mut sources,
            &mut index,
        )
        .with_context(|| format!("cannot make {name}"))?;
        site.add(&name, "listing.html", values)?;
        let programs = find(&results.check, section, listing).cloned().collect();
        let trace = trace::render(&CheckJson { programs, ..results.check.setting() });
        let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
        compressed.write_all(trace.as_bytes())?;
        compressed_traces.push((trace_of(section, listing), compressed.finish()?));
    }
    let in_reading_order = event_loop(&mut sources, &mut index)?;
    let title = "The event loop";
    site.add(EVENT_LOOP.1, "code.html", context! { title, files => in_reading_order })?;
    for file in linked {
        if file.extension().is_some_and(|one| one == "svg") {
            let name = links::page_of_file(&file);
            site.files.push((name, read(&file)?));
            continue;
        }
        let title = file.display().to_string();
        let (code, _) = code(&file, "", &mut sources)?;
        site.add(&links::page_of_file(&file), "code.html", context! { title, files => [code] })?;
    }
    site.files.push(("search.js".to_owned(), index.script()?));
    let files = site.files.into_iter().map(|(name, text)| (name, text.into_bytes()));
    let preview = preview.map(|png| (PREVIEW.to_owned(), png));
    Ok(files.chain(compressed_traces).chain(preview).collect())
}

/// The files of the site so far.
struct Pages {
    templates: Environment<'static>,
    files: Vec<File>,
    preview_at: Option<String>,
}

impl Pages {
    fn add(&mut self, name: &str, template: &str, values: Value) -> Result<()> {
        let sections = SECTIONS.iter().map(|one| context! { name => one.name, unit => one.unit });
        let sections = sections.collect::<Vec<_>>();
        let preview = &self.preview_at;
        let values = context! { page => name, sections, preview, ..values };
        let html = self.templates.get_template(template).and_then(|one| one.render(values));
        let html = html.with_context(|| format!("cannot render {name}"))?;
        self.files.push((name.to_owned(), html));
        Ok(())
    }
}

fn read(file: impl AsRef<Path>) -> Result<String> {
    let file = workspace().join(file);
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// A file as a page shows it, and its parts. The anchors of its functions begin with `prefix`.
fn code(file: &Path, prefix: &str, sources: &mut Sources) -> Result<(Value, Vec<Part>)> {
    let text = read(file)?;
    let mut parts = sources.read(&file.display().to_string(), &text)?;
    for part in &mut parts {
        (part.above, part.body) = (unnumbered(&part.above), unnumbered(&part.body));
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let values =
        context! { name, path => file.display().to_string(), prefix, parts => Serde(&parts) };
    Ok((values, parts))
}

/// Lines without elements of their own, but for those that links lead to.
fn unnumbered(html: &str) -> String {
    let line = |line: &'_ str| {
        let is_named = line.starts_with("<span id");
        let code = line.trim_end_matches("</span>").split_once('>').unwrap_or_default().1;
        if is_named { line.to_owned() } else { code.to_owned() }
    };
    html.split_inclusive("</span>").map(line).collect()
}

/// The files of the event loop, in the order in which the README of the section names them.
fn event_loop(sources: &mut Sources, index: &mut Index) -> Result<Vec<Value>> {
    let readme = read("examples-asyncio/README.md")?;
    let files = fs::read_dir(workspace().join(EVENT_LOOP.0))?;
    let files = files.map(|file| Ok(file?.file_name().to_string_lossy().into_owned()));
    let mut files = files.collect::<Result<Vec<_>>>()?;
    let place = |file: &String| readme.find(&format!("event_loop/{file})")).unwrap_or(usize::MAX);
    files.sort_by_key(|file| (place(file), file.clone()));
    let code = |file: &String| {
        let prefix = format!("{file}.");
        let (code, parts) = code(&PathBuf::from(EVENT_LOOP.0).join(file), &prefix, sources)?;
        index.add_code(EVENT_LOOP.1, &prefix, "the event loop", &parts);
        Ok(code)
    };
    files.iter().map(code).collect()
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
    environment.add_filter("duration", duration);
    environment.add_filter("slug", |name: String| slug(&name));
    environment.add_filter("rounded", |number: f64| format!("{number:.2}"));
    for (name, text) in [
        ("base.html", include_str!("../templates/base.html")),
        ("code.html", include_str!("../templates/code.html")),
        ("costs.html", include_str!("../templates/costs.html")),
        ("index.html", include_str!("../templates/index.html")),
        ("listing.html", include_str!("../templates/listing.html")),
        ("macros.html", include_str!("../templates/macros.html")),
        ("programs.html", include_str!("../templates/programs.html")),
        ("readme.html", include_str!("../templates/readme.html")),
        ("chart.svg", include_str!("../templates/chart.svg")),
        ("picture.svg", include_str!("../templates/picture.svg")),
        ("timeline.svg", include_str!("../templates/timeline.svg")),
        ("tasks.svg", include_str!("../templates/tasks.svg")),
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

/// A column of a matrix: an implementation, and the version of its Python.
type Column<'a> = (Implementation, Option<&'a str>);

fn column_of(program: &ProgramJson) -> Column<'_> {
    (program.implementation, program.python.as_deref())
}

/// The name of an implementation, with the version if there are several Pythons.
fn label(check: &CheckJson, (implementation, version): Column<'_>) -> String {
    let is_one_of_several = check.python.as_ref().is_some_and(|versions| versions.contains(','));
    match version.filter(|_| is_one_of_several) {
        Some(version) => format!("{implementation} {version}"),
        None => implementation.to_string(),
    }
}

fn find<'a>(
    check: &'a CheckJson,
    section: &'a Section,
    listing: &'a Listing,
) -> impl Iterator<Item = &'a ProgramJson> {
    let is_this = |one: &&ProgramJson| one.section == section.name && one.listing == listing.name;
    check.programs.iter().filter(is_this)
}
