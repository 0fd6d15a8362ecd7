//! Where the links of the READMEs lead: to pages of the site, and to lines and functions there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use harness::catalog::{SECTIONS, all_listings};
use harness::program::workspace;

use super::{INDEX, page_of, read};
use crate::source::Sources;

/// The folder of the event loop, from the workspace's folder, and its page.
pub const EVENT_LOOP: (&str, &str) = ("examples-asyncio/src/event_loop", "event-loop.html");

/// What a README needs of the site.
pub struct Links {
    /// The README's folder, from the workspace's folder.
    pub folder: PathBuf,
    /// The site's address of each folder and file that has one. Others get a page of their own when
    /// a link leads to them.
    addresses: BTreeMap<PathBuf, String>,
    /// The files that need a page of their own.
    pub files: BTreeSet<PathBuf>,
    pub sources: Sources,
}

impl Links {
    /// # Errors
    ///
    /// If a grammar cannot be loaded.
    pub fn new() -> Result<Links> {
        let mut addresses = BTreeMap::from([(EVENT_LOOP.0.into(), EVENT_LOOP.1.to_owned())]);
        addresses.extend(readmes());
        for (section, listing) in all_listings() {
            let (folder, page) = (section.folder(listing), page_of(section, listing));
            for program in listing.implementations {
                addresses.insert(folder.join(program.file_name()), format!("{page}#{program}"));
            }
            addresses.insert(folder, page);
        }
        let (folder, files) = (PathBuf::new(), BTreeSet::new());
        Ok(Links { folder, addresses, files, sources: Sources::new()? })
    }

    /// The site's address of what a link leads to, if it has one. `code` is the code of the link, if
    /// it is code. The address is that of the first line that has it.
    ///
    /// # Errors
    ///
    /// If the file that has the code cannot be read.
    pub fn address(&mut self, link: &str, code: Option<&str>) -> Result<Option<String>> {
        if link.starts_with("https://") || link.starts_with('#') {
            return Ok(Some(link.to_owned()));
        }
        let link = link.split('#').next().unwrap_or_default();
        let path = self.path(link.trim_end_matches("README.md"));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_shown = workspace().join(&path).is_file() && !name.ends_with(".json");
        let mut address = match self.addresses.get(&path) {
            Some(address) => address.clone(),
            None if !is_shown => return Ok(None),
            None if path.starts_with(EVENT_LOOP.0) => format!("{}#{name}", EVENT_LOOP.1),
            None => {
                self.files.insert(path.clone());
                page_of_file(&path)
            }
        };
        let line = match code {
            Some(code) if is_shown => line_of(&read(&path)?, code),
            _ => None,
        };
        if let Some(line) = line {
            let id = if address.contains('#') { String::new() } else { format!("#{name}") };
            address += &format!("{id}:{line}");
            self.sources.targets.insert((path, line));
        }
        Ok(Some(address))
    }

    /// The full name of what code begins with, and its documentation, if the name is certain. `link`
    /// is where the code's link leads, or is empty.
    ///
    /// # Errors
    ///
    /// If the file that the link leads to cannot be read.
    pub fn documentation(&self, link: &str, code: &str) -> Result<Option<(String, String)>> {
        let code = code.trim_start_matches("await ");
        let is_end = |one: char| !one.is_alphanumeric() && !"_.:".contains(one);
        let name = code.split(is_end).next().unwrap_or_default();
        let first = name.split(['.', ':']).next().unwrap_or_default();
        // The name may be imported in the file.
        let text = if link.ends_with(".rs") { read(self.path(link))? } else { String::new() };
        let full = imported(&text, first).unwrap_or_else(|| first.to_owned());
        let name = name.replacen(first, &full, 1);
        let address = match (name.split_once("::"), first) {
            // A method of a variable that has the name of an import.
            (Some((_, rest)), _) if rest.contains('.') => return Ok(None),
            (Some(("std", rest)), _) => format!("doc.rust-lang.org/std/?search={rest}"),
            (Some((name @ ("tokio" | "async_std" | "rayon" | "futures"), rest)), _) => {
                format!("docs.rs/{}/latest/{name}/?search={rest}", name.replace('_', "-"))
            }
            (
                None,
                "asyncio" | "threading" | "multiprocessing" | "queue" | "subprocess" | "socket"
                | "time",
            ) => format!("docs.python.org/3/search.html?q={name}"),
            _ => return Ok(None),
        };
        let address = format!("https://{}", address.trim_end_matches("::new"));
        Ok(Some((name, address)))
    }

    /// The path of what a link leads to, from the workspace's folder, without `.` and `..`.
    fn path(&self, link: &str) -> PathBuf {
        let mut path = self.folder.clone();
        for part in Path::new(link).components() {
            match part {
                Component::ParentDir => drop(path.pop()),
                Component::Normal(part) => path.push(part),
                _ => {}
            }
        }
        path
    }
}

/// The full name of what a file in Rust imports by this name.
fn imported(text: &str, name: &str) -> Option<String> {
    let imports = text.lines().filter_map(|line| line.strip_prefix("use ")?.strip_suffix(';'));
    let mut names = imports.flat_map(|import| {
        let (path, names) = import.split_once('{').unwrap_or(("", import));
        let full = move |name| format!("{path}{name}").trim_end_matches("::self").to_owned();
        names.trim_end_matches('}').split(", ").map(full)
    });
    names.find(|full| full.rsplit("::").next() == Some(name))
}

/// The page of a file that is neither a program nor a README. A picture is there as it is.
pub fn page_of_file(path: &Path) -> String {
    let name = path.display().to_string().trim_start_matches('.').replace('/', "-");
    if name.ends_with(".svg") { name } else { format!("{name}.html") }
}

/// The folder of each README that is a page, in the order of the site, and the page.
pub fn readmes() -> Vec<(PathBuf, String)> {
    let mut all = vec![(PathBuf::new(), INDEX.to_owned())];
    all.extend(SECTIONS.iter().map(|one| (one.package().into(), format!("{}.html", one.name))));
    for (folder, page) in [("harness/measured", "costs.html"), ("harness", "harness.html")] {
        all.push((folder.into(), page.to_owned()));
    }
    all
}

/// The line of a text on which a link's code stands, or the function of that name begins. `…` stands
/// for what is left out.
fn line_of(text: &str, code: &str) -> Option<usize> {
    let first: String = code.split('…').next().unwrap_or_default().split_whitespace().collect();
    let letters = text.char_indices().filter(|(_, letter)| !letter.is_whitespace());
    let (places, letters): (Vec<_>, String) = letters.unzip();
    let starts = [("fn", "("), ("fn", "<"), ("def", "("), ("", "")];
    let mut starts = starts.iter().filter(|_| !first.is_empty());
    let at = starts.find_map(|(before, after)| letters.find(&format!("{before}{first}{after}")))?;
    let place = places[letters[..at].chars().count()];
    Some(text[..place].matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_readme_lead_to_pages_and_lines() {
        let folder = PathBuf::from("examples-asyncio");
        let mut links = Links { folder, ..Links::new().unwrap() };
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
            let text = read(links.path(link)).unwrap_or_default();
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
