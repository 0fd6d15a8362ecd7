//! The text of a program: highlighted line by line, and cut into parts that begin with a function.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use tree_sitter::{Language, Node, Parser};
use tree_sitter_highlight::{HighlightConfiguration, HighlightEvent, Highlighter};

/// What is highlighted, with the element of each, which is short because there are many. The names are
/// those of the grammars' queries. A name also stands for those that begin with it, such as
/// `function.macro`. The style sheet gives the elements their colours.
const ELEMENTS: [(&str, &str); 8] = [
    ("attribute", "var"),
    ("comment", "small"),
    ("constant.builtin", "u"),
    ("escape", "u"),
    ("function", "b"),
    ("keyword", "i"),
    ("number", "u"),
    ("string", "u"),
];

/// The elements that nothing within them changes.
const WHOLE: [&str; 2] = ["var", "small"];

/// The grammar for Python calls these words operators.
const KEYWORDS_OF_PYTHON: &str = r#"["and" "in" "is" "not" "or" "is not" "not in"] @keyword"#;

/// Consecutive lines of a program.
#[derive(Debug, Serialize)]
pub struct Part {
    /// The function, type or block that it begins with. The first part has none: it has the comment
    /// that opens the file, and the imports.
    pub name: Option<String>,
    /// The comments and attributes above that function, as HTML.
    pub above: String,
    /// The lines from the one with the function's name on, as HTML.
    pub body: String,
    /// The same lines as text.
    #[serde(skip)]
    pub text: String,
}

/// Highlights programs and finds their functions.
pub struct Sources {
    highlighter: Highlighter,
    python: HighlightConfiguration,
    rust: HighlightConfiguration,
    /// The ids of lines, with the file and the number of each.
    names: BTreeMap<(PathBuf, usize), String>,
}

impl Sources {
    /// Loads the grammars.
    ///
    /// # Errors
    ///
    /// If a grammar and its queries do not fit together.
    pub fn new() -> Result<Sources> {
        let python = format!("{}\n{KEYWORDS_OF_PYTHON}", tree_sitter_python::HIGHLIGHTS_QUERY);
        let mut python = HighlightConfiguration::new(
            tree_sitter_python::LANGUAGE.into(),
            "python",
            &python,
            "",
            "",
        )?;
        let mut rust = HighlightConfiguration::new(
            tree_sitter_rust::LANGUAGE.into(),
            "rust",
            tree_sitter_rust::HIGHLIGHTS_QUERY,
            tree_sitter_rust::INJECTIONS_QUERY,
            "",
        )?;
        let names = ELEMENTS.map(|(name, _)| name);
        python.configure(&names);
        rust.configure(&names);
        Ok(Sources { highlighter: Highlighter::new(), python, rust, names: BTreeMap::new() })
    }

    /// Gives a line of a file an id, when the file is read later.
    pub fn name_line(&mut self, file: &Path, line: usize, id: &str) {
        self.names.insert((file.to_owned(), line), id.to_owned());
    }

    /// Highlights a program and cuts it into one or more parts, which make up the whole text.
    ///
    /// # Errors
    ///
    /// If it cannot be parsed.
    pub fn read(&mut self, file: &str, text: &str) -> Result<Vec<Part>> {
        let is_python = file.ends_with(".py");
        let language: Language =
            if is_python { tree_sitter_python::LANGUAGE } else { tree_sitter_rust::LANGUAGE }
                .into();
        // The harness is large, and its pages are read least.
        let is_code = (is_python || file.ends_with(".rs")) && !file.starts_with("harness/");
        let mut lines = match is_code {
            true => self.highlight_lines(is_python, text)?,
            false => text.lines().map(|line| element(&escape(line), line)).collect(),
        };
        for ((_, number), id) in self.names.iter().filter(|((path, _), _)| path == Path::new(file))
        {
            lines[number - 1].insert_str("<span".len(), &format!(" id=\"{id}\""));
        }
        if !is_code {
            return Ok(vec![Part {
                name: None,
                above: String::new(),
                body: lines.concat(),
                text: String::new(),
            }]);
        }
        let mut parser = Parser::new();
        parser.set_language(&language).context("cannot load a grammar")?;
        let tree = parser.parse(text, None).ok_or_else(|| anyhow!("cannot parse {file}"))?;
        let mut cursor = tree.walk();
        let nodes: Vec<_> = tree.root_node().named_children(&mut cursor).collect();
        Ok(cut(text, lines, &nodes))
    }

    /// Returns a piece of code in Python or in Rust as HTML.
    ///
    /// # Errors
    ///
    /// If it cannot be parsed.
    pub fn highlight(&mut self, is_python: bool, text: &str) -> Result<String> {
        Ok(self.highlight_lines(is_python, text)?.concat())
    }

    /// Returns each line as HTML.
    fn highlight_lines(&mut self, is_python: bool, text: &str) -> Result<Vec<String>> {
        let configuration = if is_python { &self.python } else { &self.rust };
        let rust = &self.rust;
        // The arguments of Rust's macros are highlighted as Rust.
        let injected = |language: &str| (language == "rust").then_some(rust);
        let events = self.highlighter.highlight(configuration, text.as_bytes(), None, injected)?;
        let (mut open, mut lines) = (Vec::new(), vec![String::new()]);
        for event in events {
            match event? {
                HighlightEvent::HighlightStart(highlight) => open.push(ELEMENTS[highlight.0].1),
                HighlightEvent::HighlightEnd => drop(open.pop()),
                HighlightEvent::Source { start, end } => {
                    let whole = open.iter().find(|element| WHOLE.contains(element));
                    let element = whole.or(open.last());
                    for piece in text[start..end].split_inclusive('\n') {
                        let code = escape(piece.trim_end_matches('\n'));
                        let line = lines.last_mut().expect("there is always a last line");
                        match element.filter(|_| !code.is_empty()) {
                            Some(element) => *line += &format!("<{element}>{code}</{element}>"),
                            None => *line += &code,
                        }
                        if piece.ends_with('\n') {
                            lines.push(String::new());
                        }
                    }
                }
            }
        }
        Ok(lines.iter().zip(text.lines()).map(|(html, text)| element(html, text)).collect())
    }
}

/// Text without highlighting, as HTML.
pub fn plain(text: &str) -> String {
    text.lines().map(|line| element(&escape(line), line)).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A name as a part of an address: `impl Drop for T` is `impl-Drop-for-T`.
pub fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// A line in an element of its own. The style sheet numbers it, and wraps it at its indentation if it
/// may be too long for the narrowest of two panes.
fn element(html: &str, text: &str) -> String {
    let indentation = text.len() - text.trim_start_matches(' ').len();
    let style = match indentation {
        1.. if text.len() > 40 => format!(" style=--i:{indentation}"),
        _ => String::new(),
    };
    format!("<span{style}>{html}\n</span>")
}

/// Begins a part at each function, type and block.
fn cut(text: &str, html: Vec<String>, nodes: &[Node<'_>]) -> Vec<Part> {
    let text_lines: Vec<_> = text.lines().collect();
    let is_above = |line: &str| {
        let marks = ["//", "#[", "# ", "@"];
        marks.iter().any(|mark| line.starts_with(mark)) && !line.starts_with("//!")
    };
    // The name, the first line of what is above it, and its own line.
    let mut starts = vec![(None, 0, 0)];
    for node in nodes {
        let Some((name, row)) = name_of(*node, text) else { continue };
        let mut above = row;
        while above > 0 && is_above(text_lines[above - 1]) {
            above -= 1;
        }
        starts.push((Some(name), above, row));
    }
    let ends = starts.iter().skip(1).map(|(_, above, _)| *above).chain([html.len()]);
    let ends: Vec<_> = ends.collect();
    let part = |((name, above, row), end): ((Option<String>, usize, usize), usize)| Part {
        name,
        above: html[above..row].concat(),
        body: html[row..end].concat(),
        text: text_lines[row..end].join("\n"),
    };
    starts.into_iter().zip(ends).map(part).collect()
}

/// The name of a function, type or block at the top level, and the line that it is on. Both
/// Python's main guard and Rust's `main` are called main.
fn name_of(node: Node<'_>, text: &str) -> Option<(String, usize)> {
    let row = node.start_position().row;
    let code = &text[node.byte_range()];
    match node.kind() {
        "function_definition"
        | "class_definition"
        | "function_item"
        | "struct_item"
        | "enum_item" => {
            let name = node.child_by_field_name("name")?;
            Some((text[name.byte_range()].to_owned(), name.start_position().row))
        }
        "decorated_definition" => name_of(node.child_by_field_name("definition")?, text),
        "impl_item" => Some((code.split('{').next()?.trim().to_owned(), row)),
        "if_statement" if code.starts_with("if __name__") => Some(("main".to_owned(), row)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = "\"\"\"Title.\"\"\"\n\nimport time\n\n\n# Why.\nasync def f(x):\n    \
        await g(x)\n\n\nif __name__ == \"__main__\":\n    f(1)\n";
    const RUST: &str = "//! Title.\n\nuse std::io;\n\n/// Why.\n#[test]\nasync fn f() {\n    \
        g(\"a < b\").await;\n}\n\nimpl Drop for T {\n}\n\npub fn main() {}\n";

    /// The name of a part, and how many lines are above its function, and from there on.
    fn outline(part: &Part) -> (Option<&str>, usize, usize) {
        let lines = |html: &str| html.matches('\n').count();
        (part.name.as_deref(), lines(&part.above), lines(&part.body))
    }

    #[test]
    fn a_part_begins_with_a_function_and_what_stands_above_it() {
        let mut sources = Sources::new().unwrap();
        let python = sources.read("python.py", PYTHON).unwrap();
        let python: Vec<_> = python.iter().map(outline).collect();
        assert_eq!(python, [(None, 0, 5), (Some("f"), 1, 4), (Some("main"), 0, 2)]);
        let rust = sources.read("tokio.rs", RUST).unwrap();
        let drop = Some("impl Drop for T");
        let rust: Vec<_> = rust.iter().map(outline).collect();
        assert_eq!(rust, [(None, 0, 4), (Some("f"), 2, 4), (drop, 0, 3), (Some("main"), 0, 1)]);
    }

    #[test]
    fn async_and_await_are_keywords() {
        let mut sources = Sources::new().unwrap();
        for (file, text) in [("python.py", PYTHON), ("tokio.rs", RUST)] {
            let body = &sources.read(file, text).unwrap()[1].body;
            assert!(body.starts_with("<span><i>async</i> "), "{body}");
            assert!(body.contains("<i>await</i>"), "{body}");
        }
    }
}
