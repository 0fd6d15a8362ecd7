//! The pages of the site: an index, a page per listing, and the phrasebook. Templates make their
//! HTML, and escape all text that comes from a program or a file.

mod front;
mod listing;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use harness::catalog::{Implementation, Listing, SECTIONS, Section};
use harness::check::json::{CheckJson, ProgramJson};
use harness::program::workspace;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::folder::File;
use crate::readme::Readme;
use crate::results::Results;
use crate::source::Sources;

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
        ("style.css".to_owned(), include_str!("../templates/style.css").to_owned()),
        ("script.js".to_owned(), include_str!("../templates/script.js").to_owned()),
        page(INDEX, "index.html", front::values(results)?)?,
        page("phrasebook.html", "phrasebook.html", phrasebook(&readmes))?,
    ];
    let mut sources = Sources::new()?;
    for (section, readme) in SECTIONS.iter().zip(&readmes) {
        for listing in section.listings {
            let name = page_of(section, listing);
            let values = listing::values(section, readme, listing, &results.check, &mut sources)
                .with_context(|| format!("cannot make {name}"))?;
            files.push(page(&name, "listing.html", values)?);
        }
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
    environment.add_filter("rounded", |number: f64| format!("{number:.2}"));
    for (name, text) in [
        ("base.html", include_str!("../templates/base.html")),
        ("index.html", include_str!("../templates/index.html")),
        ("listing.html", include_str!("../templates/listing.html")),
        ("phrasebook.html", include_str!("../templates/phrasebook.html")),
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

fn read_readme(section: &Section) -> Result<Readme> {
    let file = workspace().join(section.package()).join("README.md");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Readme::parse(section, &text, |link| page_of_link(section, link))
}

/// The page for a link of a section's README to a listing, or to one of its programs.
fn page_of_link(section: &Section, link: &str) -> Option<String> {
    let path = link.strip_prefix("src/")?;
    let path = Path::new(&section.package()).join("src").join(path);
    section.listings.iter().find_map(|listing| {
        let page = page_of(section, listing);
        let file = path.strip_prefix(section.folder(listing)).ok()?.to_str()?;
        if file.is_empty() {
            return Some(page);
        }
        let program = listing.implementations.iter().find(|one| file == one.file_name())?;
        Some(format!("{page}#{program}"))
    })
}

fn phrasebook(readmes: &[Readme]) -> Value {
    let section = |(section, readme): (&Section, &Readme)| {
        context! { name => section.name, unit => section.unit, ..Value::from(Serde(readme)) }
    };
    context! { sections => SECTIONS.iter().zip(readmes).map(section).collect::<Vec<_>>() }
}

fn find<'a>(
    check: &'a CheckJson,
    section: &'a Section,
    listing: &'a Listing,
) -> impl Iterator<Item = &'a ProgramJson> {
    let is_this = |one: &&ProgramJson| one.section == section.name && one.listing == listing.name;
    check.programs.iter().filter(is_this)
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
}
