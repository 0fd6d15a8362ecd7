//! Where the links of the READMEs lead: to pages of the site, and to lines and functions there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use harness::catalog::{Implementation, SECTIONS, all_listings};
use harness::program::workspace;

use super::{INDEX, page_of};
use crate::readme::Site;
use crate::source::{Sources, plain, slug};

/// The folder of the event loop, from the workspace's folder, and its page.
pub const EVENT_LOOP: (&str, &str) = ("examples-asyncio/src/event_loop", "event-loop.html");

/// What a README needs of the site.
pub struct Links<'a> {
    /// The README's folder, from the workspace's folder.
    pub folder: PathBuf,
    /// The files that need a page of their own, because a link leads to them.
    pub files: &'a mut BTreeSet<PathBuf>,
    pub sources: &'a mut Sources,
}

impl Site for Links<'_> {
    fn address(&mut self, link: &str, code: Option<&str>) -> Result<Option<String>> {
        if link.starts_with("https://") || link.starts_with('#') {
            return Ok(Some(link.to_owned()));
        }
        let path = normal(&self.folder.join(link.split('#').next().unwrap_or_default()));
        if let Some(page) = page_of_readme(&path).or_else(|| page_of_folder(&path)) {
            return Ok(Some(page));
        }
        let place = code.map(|code| place_in(&path, code)).transpose()?.flatten();
        if let Some(program) = page_of_program(&path) {
            return Ok(Some(program + &place.unwrap_or_default()));
        }
        if !workspace().join(&path).is_file() || path.extension().is_some_and(|one| one == "json") {
            return Ok(None);
        }
        let place = place.or_else(|| Some(format!("#{}", slug(code?)))).unwrap_or_default();
        if let Ok(file) = path.strip_prefix(EVENT_LOOP.0) {
            return Ok(Some(format!("{}#{}", EVENT_LOOP.1, file.display())));
        }
        let page = page_of_file(&path);
        self.files.insert(path);
        Ok(Some(page + &place))
    }

    fn highlight(&mut self, language: &str, code: &str) -> Result<String> {
        match language {
            "python" | "rust" => self.sources.highlight(language == "python", code),
            _ => Ok(plain(code)),
        }
    }
}

/// The page of a file that is neither a program nor a README. A picture is there as it is.
pub fn page_of_file(path: &Path) -> String {
    match path.extension() {
        Some(one) if one == "svg" => path.file_name().unwrap_or_default().to_string_lossy().into(),
        _ => format!("{}.html", path.display().to_string().replace('/', "-")),
    }
}

/// Each README that is a page, in the order of the site, and the page.
pub fn readmes() -> Vec<(String, String)> {
    let of = |folder: &str, page: &str| (format!("{folder}README.md"), page.to_owned());
    let mut all = vec![of("", INDEX)];
    all.extend(
        SECTIONS.iter().map(|one| of(&format!("{}/", one.package()), &page_of_section(one.name))),
    );
    all.extend([of("harness/measured/", "costs.html"), of("harness/", "harness.html")]);
    all
}

pub fn page_of_section(section: &str) -> String {
    format!("{section}.html")
}

/// Without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            Component::Normal(part) => normal.push(part),
            _ => {}
        }
    }
    normal
}

/// The page of a README, or of the folder that has it.
fn page_of_readme(path: &Path) -> Option<String> {
    let is_it = |(file, _): &(String, String)| {
        *file == path.to_string_lossy() || Path::new(file).parent() == Some(path)
    };
    readmes().into_iter().find(is_it).map(|(_, page)| page)
}

/// The page of a listing's folder, or of the event loop's.
fn page_of_folder(path: &Path) -> Option<String> {
    let mut listings = all_listings().filter(|(section, one)| section.folder(one) == path);
    let listing = listings.next().map(|(section, one)| page_of(section, one));
    listing.or_else(|| (path == Path::new(EVENT_LOOP.0)).then(|| EVENT_LOOP.1.to_owned()))
}

/// The page of a listing's program, and the program's place there.
fn page_of_program(path: &Path) -> Option<String> {
    all_listings().find_map(|(section, listing)| {
        let file = path.strip_prefix(section.folder(listing)).ok()?;
        let is_it = |one: &&Implementation| file == Path::new(&one.file_name());
        let program = listing.implementations.iter().find(is_it)?;
        Some(format!("{}#{program}", page_of(section, listing)))
    })
}

/// The line on which a link's code stands in the file, as a part of an address: `:12`. `…` stands
/// for what is left out. In a file of functions, the name of one is no such code.
fn place_in(path: &Path, code: &str) -> Result<Option<String>> {
    let first: String = code.split('…').next().unwrap_or_default().split_whitespace().collect();
    if first.is_empty() || code.chars().all(|one| one.is_alphanumeric() || one == '_') {
        return Ok(None);
    }
    let file = workspace().join(path);
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let letters = text.char_indices().filter(|(_, letter)| !letter.is_whitespace());
    let (places, letters): (Vec<_>, String) = letters.unzip();
    let Some(at) = letters.find(&first) else { return Ok(None) };
    let place = places[letters[..at].chars().count()];
    Ok(Some(format!(":{}", text[..place].lines().count().max(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_readme_lead_to_pages_and_lines() {
        let (mut files, mut sources) = (BTreeSet::new(), Sources::new().unwrap());
        let folder = PathBuf::from("examples-asyncio");
        let mut links = Links { folder, files: &mut files, sources: &mut sources };
        for (link, code, expected) in [
            ("src/multiple_tasks/std_only.rs", None, Some("asyncio-multiple-tasks.html#std-only")),
            (
                "src/multiple_tasks/python.py",
                Some("await asyncio.gather(…)"),
                Some("asyncio-multiple-tasks.html#python:28"),
            ),
            ("src/beyond/results", None, Some("asyncio-results.html")),
            ("../examples-threading/src/beyond/results", None, Some("threading-results.html")),
            ("src/event_loop", None, Some("event-loop.html")),
            ("src/event_loop/run.rs", None, Some("event-loop.html#run.rs")),
            (
                "tests/differences.rs",
                Some("a_test"),
                Some("examples-asyncio-tests-differences.rs.html#a_test"),
            ),
            ("../README.md", None, Some("index.html")),
            ("../harness/measured", None, Some("costs.html")),
            ("../harness/measured/scale.json", None, None),
            ("https://docs.rs", None, Some("https://docs.rs")),
            ("no/such/file", None, None),
        ] {
            assert_eq!(links.address(link, code).unwrap().as_deref(), expected, "{link}");
        }
        assert_eq!(files.len(), 1);
    }
}
