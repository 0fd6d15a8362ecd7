//! Where the links of the READMEs lead: to pages of the site, and to lines and functions there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use harness::catalog::{Implementation, SECTIONS, all_listings};
use harness::program::workspace;

use super::{INDEX, page_of};
use crate::readme::Site;
use crate::source::{Sources, plain};

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
        if !workspace().join(&path).is_file() || path.extension().is_some_and(|one| one == "json") {
            return Ok(None);
        }
        let line = code.map(|code| line_of(&path, code)).transpose()?.flatten();
        let place = page_of_program(&path).or_else(|| page_of_event_loop(&path));
        let mut place = place.unwrap_or_else(|| page_of_file(&path));
        if let Some(line) = line {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            place +=
                &if place.contains('#') { format!(":{line}") } else { format!("#{name}:{line}") };
            self.sources.name_line(&path, line, place.split('#').next_back().unwrap_or_default());
        }
        if place.starts_with(&page_of_file(&path)) {
            self.files.insert(path);
        }
        Ok(Some(place))
    }

    fn documentation(&mut self, link: &str, code: &str) -> Result<Option<(String, String)>> {
        let code = code.trim_start_matches("await ");
        let end = code.find(|one: char| !one.is_alphanumeric() && !"_.:".contains(one));
        let name = &code[..end.unwrap_or(code.len())];
        let first = name.split(['.', ':']).next().unwrap_or_default();
        // The name may be imported in the file.
        let path = normal(&self.folder.join(link));
        let text = if link.ends_with(".rs") { super::read(&path)? } else { String::new() };
        let full = imported(&text, first).unwrap_or_else(|| first.to_owned());
        let name = name.replacen(first, &full, 1);
        let (krate, rest) = name.split_once("::").unwrap_or(("", &name));
        let rest = rest.trim_end_matches("::new");
        Ok(match (krate, first) {
            // A method of a variable that has the name of an import.
            (krate, _) if !krate.is_empty() && rest.contains('.') => None,
            ("std", _) => Some(format!("https://doc.rust-lang.org/std/?search={rest}")),
            ("tokio" | "async_std" | "rayon" | "futures", _) => {
                let package = krate.replace('_', "-");
                Some(format!("https://docs.rs/{package}/latest/{krate}/?search={rest}"))
            }
            (
                "",
                "asyncio" | "threading" | "multiprocessing" | "queue" | "subprocess" | "socket"
                | "time",
            ) => Some(format!("https://docs.python.org/3/search.html?q={name}")),
            _ => None,
        }
        .map(|address| (name.clone(), address)))
    }

    fn highlight(&mut self, language: &str, code: &str) -> Result<String> {
        match language {
            "python" | "rust" => self.sources.highlight(language == "python", code),
            _ => Ok(plain(code)),
        }
    }
}

/// The full name of what a file in Rust imports by this name.
fn imported(text: &str, name: &str) -> Option<String> {
    let imports = text.lines().filter_map(|line| line.strip_prefix("use ")?.strip_suffix(';'));
    imports.map(|import| import.split_once('{').unwrap_or(("", import))).find_map(
        |(path, names)| {
            let full = names.trim_end_matches('}').split(", ").map(|one| format!("{path}{one}"));
            let mut full = full.map(|one| one.trim_end_matches("::self").to_owned());
            full.find(|one| one.rsplit("::").next() == Some(name))
        },
    )
}

/// The page of a file that is neither a program nor a README. A picture is there as it is.
pub fn page_of_file(path: &Path) -> String {
    match path.extension() {
        Some(one) if one == "svg" => path.file_name().unwrap_or_default().to_string_lossy().into(),
        _ => {
            format!("{}.html", path.display().to_string().trim_start_matches('.').replace('/', "-"))
        }
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

/// The place of a file of the event loop on its page.
fn page_of_event_loop(path: &Path) -> Option<String> {
    let file = path.strip_prefix(EVENT_LOOP.0).ok()?;
    Some(format!("{}#{}", EVENT_LOOP.1, file.display()))
}

/// The line of a file on which a link's code stands, or the function of that name begins. `…` stands
/// for what is left out.
fn line_of(path: &Path, code: &str) -> Result<Option<usize>> {
    let first: String = code.split('…').next().unwrap_or_default().split_whitespace().collect();
    let file = workspace().join(path);
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let letters = text.char_indices().filter(|(_, letter)| !letter.is_whitespace());
    let (places, letters): (Vec<_>, String) = letters.unzip();
    let starts = [("fn", "("), ("fn", "<"), ("def", "("), ("", "")];
    let mut starts = starts.iter().filter(|_| !first.is_empty());
    let at = starts.find_map(|(before, after)| letters.find(&format!("{before}{first}{after}")));
    let Some(at) = at else { return Ok(None) };
    let place = places[letters[..at].chars().count()];
    Ok(Some(text[..place].matches('\n').count() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_readme_lead_to_pages_and_lines() {
        let (mut files, mut sources) = (BTreeSet::new(), Sources::new().unwrap());
        let folder = PathBuf::from("examples-asyncio");
        let mut links = Links { folder, files: &mut files, sources: &mut sources };
        // `LINE` stands for the number of the line that begins with the last text.
        for (link, code, expected, line) in [
            ("src/multiple_tasks/std_only.rs", None, "asyncio-multiple-tasks.html#std-only", ""),
            (
                "src/multiple_tasks/python.py",
                Some("await asyncio.gather(…)"),
                "asyncio-multiple-tasks.html#python:LINE",
                "    await asyncio.gather(",
            ),
            (
                "src/multiple_tasks/tokio.rs",
                Some("async fn main_async(…) { … }"),
                "asyncio-multiple-tasks.html#tokio:LINE",
                "async fn main_async(",
            ),
            ("src/beyond/results", None, "asyncio-results.html", ""),
            ("../examples-threading/src/beyond/results", None, "threading-results.html", ""),
            ("src/event_loop", None, "event-loop.html", ""),
            ("src/event_loop/run.rs", None, "event-loop.html#run.rs", ""),
            ("src/event_loop/run.rs", Some("run"), "event-loop.html#run.rs:LINE", "pub fn run<"),
            (
                "tests/differences.rs",
                Some("use std::rc::Rc;"),
                "examples-asyncio-tests-differences.rs.html#differences.rs:LINE",
                "use std::rc::Rc;",
            ),
            ("tests/tools.rs", Some("no such code"), "examples-asyncio-tests-tools.rs.html", ""),
            ("../.ci/archive", None, "ci-archive.html", ""),
            ("../README.md", None, "index.html", ""),
            ("../harness/measured", None, "costs.html", ""),
            ("../harness/measured/scale.json", None, "", ""),
            ("https://docs.rs", None, "https://docs.rs", ""),
            ("no/such/file", None, "", ""),
        ] {
            let text = super::super::read(normal(&PathBuf::from("examples-asyncio").join(link)));
            let text = text.unwrap_or_default();
            let number = text.lines().position(|one| one.starts_with(line)).unwrap_or_default() + 1;
            let expected = expected.replace("LINE", &number.to_string());
            let address = links.address(link, code).unwrap();
            assert_eq!(address.unwrap_or_default(), expected, "{link}");
        }
        assert_eq!(links.files.len(), 3);
        let tokio = "src/multiple_tasks/tokio.rs";
        for (link, code, expected) in [
            ("x.py", "await asyncio.gather(…)", "docs.python.org/3/search.html?q=asyncio.gather"),
            ("", "time.sleep(2)", "docs.python.org/3/search.html?q=time.sleep"),
            ("", "std::sync::Mutex::new(…)", "doc.rust-lang.org/std/?search=sync::Mutex"),
            ("", "async_std::task", "docs.rs/async-std/latest/async_std/?search=task"),
            (tokio, "sleep(…).await", "docs.rs/tokio/latest/tokio/?search=time::sleep"),
            (tokio, "task::spawn_local(…)", "docs.rs/tokio/latest/tokio/?search=task::spawn_local"),
            (tokio, "Duration::ZERO", "doc.rust-lang.org/std/?search=time::Duration::ZERO"),
            (tokio, "task.await", ""),
            ("src/multiple_tasks/smol.rs", "Timer::after(…)", ""),
        ] {
            let found = links.documentation(link, code).unwrap();
            let found = found.map_or(String::new(), |(_, address)| address.replace("https://", ""));
            assert_eq!(found, expected, "{code}");
        }
    }
}
