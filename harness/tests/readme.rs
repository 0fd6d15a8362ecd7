//! The READMEs agree with the files, commands and measurements that they name.

use std::fs;
use std::path::PathBuf;

use harness::catalog::SECTIONS;
use harness::program::workspace;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A link to a file of ours, `[text](target)`.
struct Link {
    text: String,
    /// Whether the text is code.
    is_code: bool,
    target: String,
}

/// A fenced or indented block of code, and the link that came last before it.
struct Block {
    text: String,
    language: String,
    file: Option<String>,
}

/// An item of a list, and the heading above it.
struct Item {
    heading: String,
    text: String,
}

/// What the tests read of a README.
struct Readme {
    folder: PathBuf,
    text: String,
    links: Vec<Link>,
    blocks: Vec<Block>,
    items: Vec<Item>,
}

impl Readme {
    fn read(folder: &str) -> Readme {
        let folder = workspace().join(folder);
        let text = fs::read_to_string(folder.join("README.md")).unwrap();
        let (mut links, mut blocks): (Vec<Link>, Vec<Block>) = Default::default();
        let (mut heading, mut items) = (String::new(), Vec::<Item>::new());
        let (mut in_link, mut in_block, mut in_heading, mut in_item) = (false, false, false, false);
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    let (text, target) = (String::new(), dest_url.to_string());
                    links.push(Link { text, is_code: false, target });
                    in_link = true;
                }
                Event::End(TagEnd::Link | TagEnd::Image) => in_link = false,
                Event::Start(Tag::CodeBlock(kind)) => {
                    let language = match kind {
                        CodeBlockKind::Fenced(language) => language.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    let file = links.last().map(|link| link.target.clone());
                    blocks.push(Block { text: String::new(), language, file });
                    in_block = true;
                }
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Start(Tag::Heading { .. }) => {
                    heading.clear();
                    in_heading = true;
                }
                Event::End(TagEnd::Heading(_)) => in_heading = false,
                Event::Start(Tag::Item) => {
                    items.push(Item { heading: heading.clone(), text: String::new() });
                    in_item = true;
                }
                Event::End(TagEnd::Item) => in_item = false,
                Event::Text(text) if in_heading => heading += &text,
                Event::Text(text) if in_item && !in_link => items.last_mut().unwrap().text += &text,
                Event::Code(code) if in_link => {
                    let link = links.last_mut().unwrap();
                    link.text += &code;
                    link.is_code = true;
                }
                Event::Text(text) if in_link => links.last_mut().unwrap().text += &text,
                Event::Text(text) if in_block => blocks.last_mut().unwrap().text += &text,
                _ => {}
            }
        }
        links.retain(|link| !link.target.starts_with("https:"));
        Readme { folder, text, links, blocks, items }
    }

    fn root() -> Readme {
        Readme::read("")
    }

    fn all() -> Vec<Readme> {
        let members = SECTIONS.iter().map(|section| format!("examples-{}", section.name));
        let others = ["", "harness", "harness/measured"].map(str::to_owned);
        members.chain(others).map(|folder| Readme::read(&folder)).collect()
    }

    fn file(&self, target: &str) -> String {
        let file = self.folder.join(target);
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }
}

#[test]
fn every_link_leads_to_a_file() {
    for readme in Readme::all() {
        for Link { target, .. } in &readme.links {
            let file = target.split('#').next().unwrap();
            assert!(readme.folder.join(file).exists(), "{target} in {}", readme.folder.display());
        }
    }
    assert!(Readme::root().links.len() > 30);
}

#[test]
fn code_that_links_to_a_file_stands_in_that_file() {
    let without_spaces = |text: &str| text.split_whitespace().collect::<String>();
    let mut count = 0;
    for readme in Readme::all() {
        for link in readme.links.iter().filter(|link| link.is_code) {
            let file = without_spaces(&readme.file(&link.target));
            // What the reader has to fill in stands as …: the parts around it must follow each
            // other.
            let mut rest = file.as_str();
            for part in without_spaces(&link.text).split('…') {
                let found = rest.find(part);
                let found =
                    found.unwrap_or_else(|| panic!("{} is not in {}", link.text, link.target));
                rest = &rest[found + part.len()..];
            }
            count += 1;
        }
    }
    assert!(count > 70, "only {count} pieces of code were found");
}

#[test]
fn the_listings_that_are_shown_stand_in_their_files() {
    let readme = Readme::root();
    let mut languages = Vec::new();
    for Block { text, language, file } in &readme.blocks {
        if language.is_empty() || language == "console" {
            continue;
        }
        let file = file.as_deref().expect("a link to the file comes before the code");
        assert!(readme.file(file).contains(text), "not in {file}:\n{text}");
        languages.push(language.as_str());
    }
    assert_eq!(languages, ["python", "rust"]);
}

#[test]
fn the_matrix_has_every_listing_and_fits_80_columns() {
    let readme = Readme::root();
    let matrix = readme.blocks.iter().find(|block| block.language == "console").unwrap();
    for line in matrix.text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let documents = SECTIONS.iter().flat_map(|section| section.listings);
    let questions = SECTIONS.iter().flat_map(|section| section.questions);
    let mut rows =
        matrix.text.lines().filter(|line| line.starts_with("  ") && line.contains("pass"));
    for listing in documents.chain(questions) {
        let row = rows.next().unwrap_or_else(|| panic!("{} has no row", listing.name));
        assert_eq!(row.split_whitespace().next(), Some(listing.name));
        assert_eq!(row.matches("pass").count(), 5, "{row}");
    }
    assert_eq!(rows.next(), None);
    for listing in SECTIONS.iter().flat_map(|section| section.machines) {
        let row = format!("\n  {}  skipped  skipped\n", listing.name);
        assert!(matrix.text.contains(&row), "{}", matrix.text);
    }
    assert!(matrix.text.contains("\n100 passed, 0 failed, 2 skipped, in "), "{}", matrix.text);
}

#[test]
fn the_commands_that_are_shown_are_what_ci_runs() {
    let readme = Readme::root();
    let ci = fs::read_to_string(workspace().join(".ci/run")).unwrap();
    for command in ["cargo run -p harness", "cargo test --workspace"] {
        assert!(ci.lines().any(|line| line == format!("step {command}")), "{command}");
        let is_it = |line: &str| line.split('#').next().unwrap().trim() == command;
        assert!(readme.blocks.iter().any(|block| block.text.lines().any(is_it)), "{command}");
    }
}

#[test]
fn the_readme_is_two_pages() {
    let text = Readme::root().text;
    let (lines, bytes) = (text.lines().count(), text.len());
    assert!(lines <= 160 && bytes <= 10_000, "{lines} lines, {bytes} bytes");
}

#[test]
fn the_costs_are_those_that_were_measured() {
    let measured = Readme::read("harness/measured").items;
    let costs = Readme::root().items.into_iter().filter(|item| item.heading == "What it costs");
    let mut count = 0;
    for Item { text, .. } in costs {
        assert!(measured.iter().any(|item| item.text == text), "not measured: {text}");
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn the_versions_of_the_runtimes_are_those_of_the_lock_file() {
    let lock = fs::read_to_string(workspace().join("Cargo.lock")).unwrap();
    let mut count = 0;
    for readme in Readme::all() {
        for name in ["tokio", "async-std", "smol"] {
            let entry = lock.split(&format!("name = \"{name}\"\nversion = \"")).nth(1).unwrap();
            let version = entry.split('"').next().unwrap();
            for after in readme.text.split(&format!("{name} ")).skip(1) {
                if after.starts_with(|letter: char| letter.is_ascii_digit()) {
                    let place = readme.folder.display();
                    assert!(after.starts_with(version), "{name} {version}, but {place}: {after}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 15, "only {count} versions were found");
}
