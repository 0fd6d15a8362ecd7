//! The script that searches: a library, how it is used, and the documents that it finds.

use std::collections::HashSet;

use anyhow::{Context, Result};
use harness::catalog::{Listing, SECTIONS, Section};

use super::{INDEX, page_of};
use crate::readme::{Block, Readme};
use crate::source::{Part, slug};

/// What the search finds.
#[derive(Default)]
pub struct Index {
    /// Of each document its kind, address, name, place and text.
    documents: Vec<[String; 5]>,
    /// The rows of goals: the goal, then the names of the listings in each section.
    goals: Vec<Vec<String>>,
    /// The names of functions, each with those that it uses.
    functions: HashSet<String>,
}

impl Index {
    /// Adds the chapters of a README that are shown.
    pub fn add_readme(&mut self, page: &str, readme: &Readme, is_shown: impl Fn(&str) -> bool) {
        // The first table has the listings, which are there already.
        let is_new = |block: &&Block| block.element != "tr" || block.chapter != readme.title;
        for block in readme.blocks.iter().filter(|one| is_shown(&one.chapter)).filter(is_new) {
            let mut cells: Vec<_> = block.text.split_terminator('\t').map(str::to_owned).collect();
            let kind = match (&*block.chapter, block.element) {
                ("Phrasebook" | "Names without a listing", "tr") => "phrasebook",
                ("Where to find what", "tr") => "goal",
                (chapter, "tr" | "li") if chapter.contains("ifferences") => "difference",
                _ => "chapter",
            };
            if kind == "goal" {
                self.goals.push(cells.clone());
            }
            // A row is called by what stands first in it.
            let name = match cells.iter().position(|cell| cell != "–") {
                Some(at) if block.element == "tr" => cells.remove(at),
                _ => block.chapter.clone(),
            };
            if kind == "difference" {
                // Without the files and tests.
                cells.truncate(1);
            }
            cells.retain(|cell| cell != "–");
            cells.dedup();
            let address = format!("{page}#{}", block.id);
            let place = match page.trim_end_matches(".html") {
                _ if page == INDEX => "front page".to_owned(),
                name => format!("{name}: {}", readme.title),
            };
            self.add(kind, address, &name, &place, cells.join(" · "));
        }
    }

    /// Adds a listing, with its title and its goals.
    pub fn add_listing(&mut self, section: &Section, listing: &Listing, title: &str) {
        let column = 1 + SECTIONS.iter().position(|one| one.name == section.name).unwrap_or(0);
        let is_its = |row: &&Vec<String>| row[column].split(", ").any(|name| name == listing.name);
        let goals: String =
            self.goals.iter().filter(is_its).map(|row| format!(" · {}", row[0])).collect();
        let text = format!("{title}{goals}");
        self.add("listing", page_of(section, listing), listing.name, section.unit, text);
    }

    /// Adds the functions of a program or a file, but not again those that use the same names as one
    /// of the same name. Their ids on the page begin with `prefix`.
    pub fn add_code(&mut self, page: &str, prefix: &str, place: &str, parts: &[Part]) {
        for part in parts {
            let Some(name) = &part.name else { continue };
            let (address, text) = (format!("{page}#{prefix}{}", slug(name)), names(&part.text));
            if self.functions.insert(format!("{name} {text}")) {
                self.add("code", address, name, place, text);
            }
        }
    }

    fn add(&mut self, kind: &str, address: String, name: &str, place: &str, text: String) {
        let [kind, name, place] = [kind, name, place].map(str::to_owned);
        self.documents.push([kind, address, name, place, text]);
    }

    /// The script.
    ///
    /// # Errors
    ///
    /// If the documents cannot become JSON.
    pub fn script(&self) -> Result<String> {
        // Those of one kind, page and place have them once.
        let mut groups: Vec<(&str, &str, &str, Vec<[&str; 3]>)> = Vec::new();
        for [kind, address, name, place, text] in &self.documents {
            let at = address.find('#').unwrap_or(address.len());
            let (page, id) = address.split_at(at);
            match groups.last_mut() {
                Some((of, on, at, all)) if [*of, *on, *at] == [kind, page, place] => {
                    all.push([id, name, text]);
                }
                _ => groups.push((kind, page, place, vec![[id, name, text]])),
            }
        }
        let documents = serde_json::to_string(&groups).context("cannot write the index")?;
        let library = include_str!("../templates/minisearch.js");
        let search = include_str!("../templates/search.js");
        Ok(format!("{library}\n{search}\nconst search = makeSearch({documents});\n"))
    }
}

/// The names that code uses, each once, with their paths: `thread::spawn`. Not its comments and
/// strings, and no keywords of Rust that nobody searches.
fn names(code: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || "_:.!".contains(letter);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with(['#', '/']));
    let code = lines.flat_map(|line| line.split('"').step_by(2));
    let names = code.flat_map(|code| code.split(move |letter| !is_part(letter)));
    let names = names.map(|name| name.trim_matches([':', '.']));
    let mut seen = HashSet::from(["fn", "let", "mut", "pub", "in", "if", "str", "for", "s", "def"]);
    let names = names.filter(|name| name.contains(char::is_alphabetic) && seen.insert(*name));
    names.collect::<Vec<_>>().join(" ")
}
