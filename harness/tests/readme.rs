//! The READMEs tell the truth about the files that they name.

use std::fs;
use std::path::{Path, PathBuf};

use harness::catalog::DOCUMENT;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The READMEs, each with its folder.
fn readmes() -> Vec<(PathBuf, String)> {
    let mut folders = vec![workspace()];
    folders.extend(
        DOCUMENT.iter().map(|section| workspace().join(format!("examples-{}", section.name))),
    );
    let read = |folder: PathBuf| {
        let text = fs::read_to_string(folder.join("README.md")).unwrap();
        (folder, text)
    };
    folders.into_iter().map(read).collect()
}

/// The texts and targets of the links to files of ours, `[text](target)`.
fn links(markdown: &str) -> Vec<(&str, &str)> {
    let ends = markdown.match_indices("](");
    let links = ends.map(|(end, _)| {
        let text = markdown[..end].rsplit('[').next().unwrap();
        // A text in backticks may have brackets of its own.
        let text = if text.ends_with('`') && !text.starts_with('`') {
            let start = markdown[..end - 1].rfind('`').unwrap();
            &markdown[start..end]
        } else {
            text
        };
        let target = markdown[end + 2..].split(')').next().unwrap();
        (text, target)
    });
    links.filter(|(_, target)| !target.starts_with("https:")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for (folder, text) in readmes() {
        for (_, target) in links(&text) {
            assert!(folder.join(target).exists(), "{target} in {}", folder.display());
            count += 1;
        }
    }
    assert!(count > 100, "only {count} links were found");
}

#[test]
fn code_that_links_to_a_file_stands_in_that_file() {
    let without_spaces = |text: &str| text.split_whitespace().collect::<String>();
    let mut count = 0;
    for (folder, text) in readmes() {
        for (code, target) in links(&text) {
            let Some(code) = code.strip_prefix('`').and_then(|code| code.strip_suffix('`')) else {
                continue;
            };
            let file = without_spaces(&fs::read_to_string(folder.join(target)).unwrap());
            // What the reader has to fill in stands as …: the parts around it must follow each other.
            let mut rest = file.as_str();
            for part in without_spaces(code).split('…') {
                let found = rest.find(part);
                let found = found.unwrap_or_else(|| panic!("{code} is not in {target}"));
                rest = &rest[found + part.len()..];
            }
            count += 1;
        }
    }
    assert!(count > 70, "only {count} pieces of code were found");
}

#[test]
fn the_matrix_has_every_listing_and_every_cell() {
    let (_, text) = &readmes()[0];
    for listing in DOCUMENT.iter().flat_map(|section| section.listings) {
        let row =
            text.lines().find(|line| line.trim_start().starts_with(&format!("{} ", listing.name)));
        let row = row.unwrap_or_else(|| panic!("{} has no row", listing.name));
        assert_eq!(row.matches("pass").count(), 5, "{row}");
    }
}

#[test]
fn the_test_command_is_what_the_checks_run() {
    let (_, text) = &readmes()[0];
    let checks = fs::read_to_string(workspace().join(".ci/run")).unwrap();
    for command in ["cargo test --workspace", "cargo run -p harness"] {
        assert!(text.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
        assert!(checks.lines().any(|line| line == format!("step {command}")), "{command}");
    }
}
