//! The script that searches: a library, how it is used, and the documents that it finds.

use std::collections::HashSet;

use anyhow::{Context, Result};

use super::INDEX;
use super::front::CHAPTERS;
use crate::readme;
use crate::source::{Part, slug};

/// What the search finds: of each document its kind, address, name and text.
#[derive(Default)]
pub struct Index(Vec<[String; 4]>);

impl Index {
    /// Adds a heading, a paragraph, a list item or a row of a README: `h`, `p`, `li` or `tr`. A
    /// row's cells end with a tab.
    pub fn add_block(&mut self, element: &str, address: &str, chapter: &str, text: &str) {
        let is_row = element == "tr";
        let kind = match chapter {
            _ if address.starts_with(INDEX) && !CHAPTERS.contains(&chapter) => return,
            "Phrasebook" | "Names without a listing" if is_row => "phrasebook",
            "Where to find what" if is_row => "goal",
            _ if chapter.contains("ifferences") && (is_row || element == "li") => "difference",
            _ => "chapter",
        };
        // A row is called by what stands first in it.
        let mut cells: Vec<_> = readme::cells(text).collect();
        let name = if is_row && !cells.is_empty() { cells.remove(0) } else { chapter };
        if kind == "difference" {
            // Without the files and tests.
            cells.truncate(1);
        }
        cells.dedup();
        self.add(kind, address, name, &cells.join(" · "));
    }

    /// Adds the functions of the program at this address, but not again those that use the same names
    /// as one of the same name.
    pub fn add_code(&mut self, program: &str, parts: &[Part]) {
        for part in parts {
            let Some(name) = &part.name else { continue };
            let text = names(&part.body);
            let is_it = |one: &[String; 4]| one[0] == "code" && one[2] == *name && one[3] == text;
            if !self.0.iter().any(is_it) {
                self.add("code", &format!("{program}.{}", slug(name)), name, &text);
            }
        }
    }

    pub fn add(&mut self, kind: &str, address: &str, name: &str, text: &str) {
        self.0.push([kind, address, name, text].map(str::to_owned));
    }

    /// The script.
    ///
    /// # Errors
    ///
    /// If the documents cannot become JSON.
    pub fn script(&self) -> Result<String> {
        let documents = serde_json::to_string(&self.0).context("cannot write the index")?;
        let library = include_str!("../templates/minisearch.js");
        let search = include_str!("../templates/search.js");
        Ok(format!("{library}\n{search}\nconst search = makeSearch({documents});\n"))
    }
}

/// The names that highlighted code uses, each once, with their paths: `thread::spawn`.
fn names(html: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || "_:.!".contains(letter);
    // Without attributes, comments, strings and keywords.
    let is_name = |element: &str| !["var", "small", "u", "i"].contains(&element);
    let texts = html.split('<').filter_map(|piece| piece.split_once('>'));
    let code: String =
        texts.filter(|(element, _)| is_name(element)).map(|(_, text)| text).collect();
    let names = code.split(|letter| !is_part(letter)).map(|name| name.trim_matches([':', '.']));
    // What is left of <, > and &, and a type that nobody searches.
    let mut seen = HashSet::from(["lt", "gt", "amp", "str"]);
    let names = names.filter(|name| name.contains(char::is_alphabetic) && seen.insert(*name));
    names.collect::<Vec<_>>().join(" ")
}
