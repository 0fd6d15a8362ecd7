//! The text of a program: highlighted line by line, and cut into parts that begin with a function.

use std::fmt::Write;

use anyhow::{Context, Result, anyhow};
use tree_sitter::{Language, Node, Parser};
use tree_sitter_highlight::{HighlightConfiguration, Highlighter, HtmlRenderer};

/// What is highlighted, with the CSS class of each. The names are those of the grammars' queries. A
/// name also stands for those that begin with it, such as `function.macro`.
const CLASSES: [(&str, &str); 8] = [
    ("attribute", "a"),
    ("comment", "c"),
    ("constant.builtin", "n"),
    ("escape", "s"),
    ("function", "f"),
    ("keyword", "k"),
    ("number", "n"),
    ("string", "s"),
];

/// The grammar for Python calls these words operators.
const KEYWORDS_OF_PYTHON: &str = r#"["and" "in" "is" "not" "or" "is not" "not in"] @keyword"#;

/// A program's text as HTML.
#[derive(Debug)]
pub struct Source {
    /// One or more parts, which make up the whole text.
    pub parts: Vec<Part>,
}

/// Consecutive lines.
#[derive(Debug)]
pub struct Part {
    /// The function, type or block that it begins with. The first part has none: it has the comment
    /// that opens the file, and the imports.
    pub name: Option<String>,
    /// The comments and attributes above that function.
    pub above: Vec<String>,
    /// The lines from the one with the function's name on.
    pub body: Vec<String>,
}

/// Highlights programs and finds their functions.
pub struct Sources {
    highlighter: Highlighter,
    python: HighlightConfiguration,
    rust: HighlightConfiguration,
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
        let names = CLASSES.map(|(name, _)| name);
        python.configure(&names);
        rust.configure(&names);
        Ok(Sources { highlighter: Highlighter::new(), python, rust })
    }

    /// Highlights a program and cuts it into parts.
    ///
    /// # Errors
    ///
    /// If it cannot be parsed.
    pub fn read(&mut self, file: &str, text: &str) -> Result<Source> {
        let is_python = file.ends_with(".py");
        let language: Language =
            if is_python { tree_sitter_python::LANGUAGE } else { tree_sitter_rust::LANGUAGE }.into();
        let lines = self.highlight(is_python, text)?;
        let mut parser = Parser::new();
        parser.set_language(&language).context("cannot load a grammar")?;
        let tree = parser.parse(text, None).ok_or_else(|| anyhow!("cannot parse {file}"))?;
        let mut cursor = tree.walk();
        let nodes: Vec<_> = tree.root_node().named_children(&mut cursor).collect();
        Ok(Source { parts: cut(text, lines, &nodes) })
    }

    /// Returns each line as HTML, without its newline.
    fn highlight(&mut self, is_python: bool, text: &str) -> Result<Vec<String>> {
        let configuration = if is_python { &self.python } else { &self.rust };
        let rust = &self.rust;
        // The arguments of Rust's macros are highlighted as Rust.
        let injected = |language: &str| (language == "rust").then_some(rust);
        let events =
            self.highlighter.highlight(configuration, text.as_bytes(), None, injected)?;
        let mut renderer = HtmlRenderer::new();
        renderer.render(events, text.as_bytes(), &|highlight, html| {
            html.extend_from_slice(b"class=");
            html.extend_from_slice(CLASSES[highlight.0].1.as_bytes());
        })?;
        Ok(renderer.lines().map(|line| line.trim_end_matches('\n').to_owned()).collect())
    }
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
        above: html[above..row].to_vec(),
        body: html[row..end].to_vec(),
    };
    starts.into_iter().zip(ends).map(part).collect()
}

/// The name of a function, type or block at the top level, and the line that it is on. Both Python's
/// main guard and Rust's `main` are called main.
fn name_of(node: Node<'_>, text: &str) -> Option<(String, usize)> {
    let row = node.start_position().row;
    let code = &text[node.byte_range()];
    match node.kind() {
        "function_definition" | "class_definition" | "function_item" | "struct_item"
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

/// Each line in an element of its own, which the style sheet numbers.
pub fn numbered(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut html, line| {
        let _ = writeln!(html, "<span>{line}");
        html += "</span>";
        html
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = "\"\"\"Title.\"\"\"\n\nimport time\n\n\n# Why.\nasync def f(x):\n    \
        await g(x)\n\n\nif __name__ == \"__main__\":\n    f(1)\n";
    const RUST: &str = "//! Title.\n\nuse std::io;\n\n/// Why.\n#[test]\nasync fn f() {\n    \
        g(\"a < b\").await;\n}\n\nimpl Drop for T {\n}\n\npub fn main() {}\n";

    fn names(source: &Source) -> Vec<Option<&str>> {
        source.parts.iter().map(|part| part.name.as_deref()).collect()
    }

    #[test]
    fn a_part_begins_with_a_function_and_what_stands_above_it() {
        let mut sources = Sources::new().unwrap();
        let python = sources.read("python.py", PYTHON).unwrap();
        assert_eq!(names(&python), [None, Some("f"), Some("main")]);
        assert_eq!((python.parts[1].above.len(), python.parts[1].body.len()), (1, 4));
        let rust = sources.read("tokio.rs", RUST).unwrap();
        assert_eq!(names(&rust), [None, Some("f"), Some("impl Drop for T"), Some("main")]);
        assert_eq!((rust.parts[0].body.len(), rust.parts[1].above.len()), (4, 2));
        let lines = rust.parts.iter().map(|part| part.above.len() + part.body.len());
        assert_eq!(lines.sum::<usize>(), RUST.lines().count());
    }

    #[test]
    fn async_and_await_are_keywords_and_text_is_escaped() {
        let mut sources = Sources::new().unwrap();
        let python = sources.read("python.py", PYTHON).unwrap();
        assert!(python.parts[1].body[0].starts_with("<span class=k>async</span> "));
        assert!(python.parts[1].body[1].contains("<span class=k>await</span> "));
        let rust = sources.read("tokio.rs", RUST).unwrap();
        assert!(rust.parts[1].body[0].starts_with("<span class=k>async</span> "));
        let line = &rust.parts[1].body[1];
        assert!(line.contains("a &lt; b") && line.contains(".<span class=k>await</span>"), "{line}");
    }
}
