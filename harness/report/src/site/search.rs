//! The script that searches: a library, how it is used, and the documents that it finds.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context, Result};
use harness::catalog::{Listing, Section};

use super::front::CHAPTERS;
use super::{INDEX, page_of};
use crate::source::{Part, slug};

/// What the search finds.
#[derive(Default)]
pub struct Index {
    /// Of each document its kind, page, place, fragment of the address, name and text.
    documents: Vec<[String; 6]>,
    /// What the places on the page of a README are called.
    places: BTreeMap<String, String>,
    /// The columns of the table of goals, with the names of listings there, and their goal.
    goals: Vec<[String; 3]>,
}

impl Index {
    /// Adds a heading, a paragraph, a list item or a row of a README: `h`, `p`, `li` or `tr`. The
    /// cells of a row, and the names of their columns, end with a tab.
    pub fn add_block(
        &mut self,
        tag: &str,
        address: &str,
        chapter: &str,
        [columns, text]: [&str; 2],
    ) {
        let page = address.split('#').next().unwrap_or_default();
        // A README begins with its title.
        let title = || match page.trim_end_matches(".html") {
            "index" => "front page".to_owned(),
            name => format!("{name}: {chapter}"),
        };
        self.places.entry(page.to_owned()).or_insert_with(title);
        let is_row = tag == "tr";
        let kind = match chapter {
            _ if page == INDEX && !CHAPTERS.contains(&chapter) => return,
            "Phrasebook" | "Names without a listing" if is_row => "phrasebook",
            "Where to find what" if is_row => "goal",
            _ if chapter.contains("ifferences") && (is_row || tag == "li") => "difference",
            _ => "chapter",
        };
        if !is_row {
            return self.add(kind, address, chapter, text);
        }
        let cells = columns.split_terminator('\t').zip(text.split_terminator('\t'));
        // A difference without the files and tests.
        let cells = cells.take(if kind == "difference" { 2 } else { usize::MAX });
        let mut cells = cells.filter(|(_, cell)| *cell != "–");
        // A row is called by what stands first in it.
        let name = cells.next().map_or("", |(_, cell)| cell);
        let name = if name.is_empty() { chapter } else { name };
        let cells: Vec<_> = cells.filter(|(_, cell)| !cell.is_empty()).collect();
        if kind == "goal" {
            let goals = cells.iter().map(|(column, all)| [*column, *all, name].map(str::to_owned));
            self.goals.extend(goals);
        }
        let same = cells.chunk_by(|one, other| one.1 == other.1).map(|same| {
            let columns: Vec<_> = same.iter().map(|(column, _)| *column).collect();
            format!("{}: {}", columns.join(", "), same[0].1)
        });
        self.add(kind, address, name, &same.collect::<Vec<_>>().join(" · "));
    }

    /// Adds the functions of the program at this address, but not again those that use the same names
    /// as one of the same name.
    pub fn add_code(&mut self, program: &str, parts: &[Part]) {
        for part in parts {
            let Some(name) = &part.name else { continue };
            let text = names(&part.body);
            let is_it = |one: &[String; 6]| one[0] == "code" && one[4..] == [&**name, &*text];
            if !self.documents.iter().any(is_it) {
                self.add("code", &format!("{program}.{}", slug(name)), name, &text);
            }
        }
    }

    /// Adds a listing, with the goals that it reaches.
    pub fn add_listing(&mut self, section: &Section, listing: &Listing, title: &str) {
        let is_its = |[column, all, _]: &&[String; 3]| {
            column.ends_with(section.unit) && all.split(", ").any(|name| name == listing.name)
        };
        let goals = self.goals.iter().filter(is_its).map(|goal| format!(" · {}", goal[2]));
        let text = format!("{title} · {}{}", section.unit, goals.collect::<String>());
        self.add("listing", &page_of(section, listing), listing.name, &text);
    }

    pub fn add(&mut self, kind: &str, address: &str, name: &str, text: &str) {
        let (page, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
        // The page of a listing, or a program there, or a file.
        let (other, _) = address.rsplit_once('.').unwrap_or((address, ""));
        let place = self.places.get(page).cloned().unwrap_or_else(|| other.replace(".html#", ", "));
        self.documents.push([kind, page, &place, fragment, name, text].map(str::to_owned));
    }

    /// The script.
    ///
    /// # Errors
    ///
    /// If the documents cannot become JSON.
    pub fn script(&self) -> Result<String> {
        // Those of one kind, page and place have them once.
        let groups = self.documents.chunk_by(|one, other| one[..3] == other[..3]);
        let groups = groups.map(|same| (&same[0][..3], same.iter().map(|one| &one[3..]).collect()));
        let groups: Vec<(_, Vec<_>)> = groups.collect();
        let documents = serde_json::to_string(&groups).context("cannot write the index")?;
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
