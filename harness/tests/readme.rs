//! The READMEs agree with the files, commands and measurements that they name.

use std::fs;
use std::path::PathBuf;

use harness::catalog::{SECTIONS, all_listings};
use harness::program::{locked_version, workspace};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A link to a file of ours, `[text](target)`.
struct Link {
    text: String,
    /// Whether the text is code.
    is_code: bool,
    target: String,
}

/// What the tests read of a README.
struct Readme {
    folder: PathBuf,
    text: String,
    links: Vec<Link>,
}

impl Readme {
    fn read(folder: &str) -> Readme {
        let folder = workspace().join(folder);
        let text = fs::read_to_string(folder.join("README.md")).unwrap();
        let mut links: Vec<Link> = Vec::new();
        let mut in_link = false;
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    let (text, target) = (String::new(), dest_url.to_string());
                    links.push(Link { text, is_code: false, target });
                    in_link = true;
                }
                Event::End(TagEnd::Link | TagEnd::Image) => in_link = false,
                Event::Code(code) if in_link => {
                    let link = links.last_mut().unwrap();
                    link.text += &code;
                    link.is_code = true;
                }
                Event::Text(text) if in_link => links.last_mut().unwrap().text += &text,
                _ => {}
            }
        }
        links.retain(|link| !link.target.starts_with("https:"));
        Readme { folder, text, links }
    }

    fn root() -> Readme {
        Readme::read("")
    }

    fn all() -> Vec<Readme> {
        let members = SECTIONS.iter().map(|section| section.package());
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

/// A `|` in a cell's code has to be escaped.
#[test]
fn the_rows_of_a_table_have_equally_many_cells() {
    for readme in Readme::all() {
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let lines: Vec<_> = readme.text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair.iter().all(|line| line.starts_with('|'))) {
            assert_eq!(cells(pair[0]), cells(pair[1]), "{}", pair[1]);
        }
    }
}

#[test]
fn every_listing_has_a_row() {
    for (section, listing) in all_listings() {
        let folder = workspace().join(section.folder(listing));
        for place in ["".to_owned(), section.package() + "/"] {
            let readme = Readme::read(&place);
            let is_row = |link: &Link| {
                link.text == listing.name && readme.folder.join(&link.target) == folder
            };
            let has_row = readme.links.iter().any(is_row);
            assert!(has_row, "{} has no row in {place}README.md", listing.name);
        }
    }
}

#[test]
fn what_the_readmes_copy_is_up_to_date() {
    // Two functions, the matrix and the costs.
    assert_eq!(Readme::root().text.matches("<!-- copy: ").count(), 4);
    for (path, expected) in harness::readme::renewed().unwrap() {
        let text = fs::read_to_string(workspace().join(path)).unwrap();
        let message = format!("{path} is out of date: run cargo run -p harness -- readme");
        for (line, expected) in text.lines().zip(expected.lines()) {
            assert_eq!(line, expected, "{message}");
        }
        assert!(text == expected, "{message}");
    }
}

#[test]
fn tables_of_text_are_at_most_80_columns_wide() {
    let measured = Readme::read("harness/measured").text;
    let tables = measured.lines().filter(|line| line.starts_with('|'));
    let root = Readme::root().text;
    let matrix = root.split("```").filter_map(|block| block.strip_prefix("console\n"));
    let lines = tables.chain(matrix.flat_map(str::lines));
    let wide: Vec<_> = lines.filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
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
            // Code in Rust is whole: expressions, statements or items.
            let is_whole = |stand_in| {
                let code = link.text.replace('…', stand_in);
                syn::parse_str::<syn::Block>(&format!("{{ {code} }}")).is_ok()
            };
            if link.target.ends_with(".rs") {
                assert!(is_whole("x") || is_whole(""), "{} cannot stand alone", link.text);
            }
            count += 1;
        }
    }
    assert!(count > 70, "only {count} pieces of code were found");
}

#[test]
fn the_commands_that_are_shown_are_what_ci_runs() {
    let readme = Readme::root();
    let ci = fs::read_to_string(workspace().join(".ci/run")).unwrap();
    for command in ["cargo run -p harness", "cargo test --workspace"] {
        assert!(ci.lines().any(|line| line == format!("step {command}")), "{command}");
        let is_it = |line: &str| line.split('#').next().unwrap().trim() == command;
        assert!(readme.text.lines().any(is_it), "{command}");
    }
}

#[test]
fn the_numbers_of_programs_are_those_of_the_catalog() {
    let count = |is_measured: bool| -> usize {
        let listings = all_listings().filter(|(_, listing)| listing.is_measured() == is_measured);
        listings.map(|(_, listing)| listing.implementations.len()).sum()
    };
    let [checked, measured] = [false, true].map(count);
    let of_all = format!("{checked} of the {} programs", checked + measured);
    let others = format!("The other {measured} programs");
    for (folder, said) in [("", &of_all), ("harness", &of_all), ("", &others)] {
        let text = Readme::read(folder).text;
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(said.as_str()), "{folder}/README.md does not say: {said}");
    }
}

#[test]
fn the_versions_of_the_runtimes_are_those_of_the_lock_file() {
    let mut count = 0;
    for readme in Readme::all() {
        for name in ["tokio", "async-std", "smol", "rayon"] {
            let version = locked_version(name).unwrap();
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
