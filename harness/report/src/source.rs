//! The text of a program: highlighted line by line, and cut into parts that begin with a function.

use std::collections::BTreeSet;
use std::mem;
use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
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
#[derive(Debug, Default, Serialize)]
pub struct Part {
    /// The function, type or block that it begins with. The first part has none: it has the comment
    /// that opens the file, and the imports.
    pub name: Option<String>,
    /// The comments and attributes above that function, as HTML.
    pub above: String,
    /// The lines from the one with the function's name on, as HTML.
    pub body: String,
}

/// Highlights programs and finds their functions.
pub struct Sources {
    highlighter: Highlighter,
    python: HighlightConfiguration,
    rust: HighlightConfiguration,
    /// The lines that links lead to, each with its file.
    pub targets: BTreeSet<(PathBuf, usize)>,
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
        let targets = BTreeSet::new();
        Ok(Sources { highlighter: Highlighter::new(), python, rust, targets })
    }

    /// Highlights a program and cuts it into one or more parts, which make up the whole text. A part
    /// begins at each function, type and block. On a page, line 7 has the id `id:7` if a link leads to
    /// it. In a pane, each line is an element.
    ///
    /// # Errors
    ///
    /// If it cannot be parsed.
    pub fn read(&mut self, file: &str, id: &str, in_pane: bool, text: &str) -> Result<Vec<Part>> {
        let language = match file.rsplit_once('.') {
            // The harness is large, and its pages are read least.
            _ if file.starts_with("harness/") => "",
            Some((_, "py")) => "python",
            Some((_, "rs")) => "rust",
            _ => "",
        };
        let html = self.highlight(language, text)?;
        let (mut parts, mut part) = (Vec::new(), Part::default());
        // The lines that may stand above a function.
        let mut above = String::new();
        for (number, (html, line)) in (1..).zip(html.lines().zip(text.lines())) {
            let name = name_of(line).filter(|_| html.starts_with("<i>"));
            let html = match self.targets.contains(&(file.into(), number)) {
                true => element(html, line, &format!(" id=\"{id}:{number}\"")),
                false if in_pane => element(html, line, ""),
                false => format!("{html}\n"),
            };
            if name.is_some() {
                let next = Part { name, above: mem::take(&mut above), ..Part::default() };
                parts.push(mem::replace(&mut part, next));
            } else if is_above(line) && !language.is_empty() {
                above += &html;
                continue;
            }
            part.body += &(mem::take(&mut above) + &html);
        }
        part.body += &above;
        parts.push(part);
        Ok(parts)
    }

    /// Returns code as HTML. It is highlighted if the language is `python` or `rust`.
    ///
    /// # Errors
    ///
    /// If it cannot be parsed.
    pub fn highlight(&mut self, language: &str, text: &str) -> Result<String> {
        let rust = &self.rust;
        let configuration = match language {
            "python" => &self.python,
            "rust" => rust,
            _ => return Ok(escape(text)),
        };
        // The arguments of Rust's macros are highlighted as Rust.
        let injected = |language: &str| (language == "rust").then_some(rust);
        let events = self.highlighter.highlight(configuration, text.as_bytes(), None, injected)?;
        let (mut open, mut html) = (Vec::new(), String::new());
        for event in events {
            match event? {
                HighlightEvent::HighlightStart(highlight) => open.push(ELEMENTS[highlight.0].1),
                HighlightEvent::HighlightEnd => drop(open.pop()),
                HighlightEvent::Source { start, end } => {
                    let whole = open.iter().find(|element| WHOLE.contains(element));
                    let code = escape(&text[start..end]);
                    html += &match whole.or(open.last()) {
                        // An element ends with its line.
                        Some(element) => format!("<{element}>{code}</{element}>")
                            .replace('\n', &format!("</{element}>\n<{element}>"))
                            .replace(&format!("<{element}></{element}>"), ""),
                        None => code,
                    };
                }
            }
        }
        Ok(html)
    }
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A name as a part of an address: `impl Drop for T` is `impl-Drop-for-T`.
pub fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// A line in an element of its own. The style sheet numbers it, and wraps it at its indentation if it
/// may be too long for the narrowest of two panes.
fn element(html: &str, text: &str, id: &str) -> String {
    let indentation = text.len() - text.trim_start_matches(' ').len();
    let style = match indentation {
        1.. if text.len() > 40 => format!(" style=--i:{indentation}"),
        _ => String::new(),
    };
    format!("<span{id}{style}>{html}\n</span>")
}

/// Whether it is a comment or an attribute of what stands below.
fn is_above(line: &str) -> bool {
    let marks = ["//", "#[", "# ", "@"];
    marks.iter().any(|mark| line.starts_with(mark)) && !line.starts_with("//!")
}

/// The name of the function, type or block that begins on a line. Both Python's main guard and
/// Rust's `main` are called main.
fn name_of(line: &str) -> Option<String> {
    if line.starts_with("if __name__") {
        return Some("main".to_owned());
    }
    let mut words = line.split([' ', '(', '<', ':', ';']);
    let is_before = |word: &&str| ["pub", "crate)", "super)", "async"].contains(word);
    match words.find(|word| !is_before(word))? {
        "def" | "class" | "fn" | "struct" | "enum" => words.next().map(str::to_owned),
        "impl" => Some(line.split('{').next()?.trim().to_owned()),
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
        let python = sources.read("python.py", "python", true, PYTHON).unwrap();
        let python: Vec<_> = python.iter().map(outline).collect();
        assert_eq!(python, [(None, 0, 5), (Some("f"), 1, 4), (Some("main"), 0, 2)]);
        let rust = sources.read("tokio.rs", "tokio", true, RUST).unwrap();
        let drop = Some("impl Drop for T");
        let rust: Vec<_> = rust.iter().map(outline).collect();
        assert_eq!(rust, [(None, 0, 4), (Some("f"), 2, 4), (drop, 0, 3), (Some("main"), 0, 1)]);
    }

    #[test]
    fn async_and_await_are_keywords() {
        let mut sources = Sources::new().unwrap();
        for (file, text) in [("python.py", PYTHON), ("tokio.rs", RUST)] {
            let body = &sources.read(file, "x", true, text).unwrap()[1].body;
            assert!(body.starts_with("<span><i>async</i> "), "{body}");
            assert!(body.contains("<i>await</i>"), "{body}");
        }
    }
}
