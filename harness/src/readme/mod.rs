//! The command `readme`: writes into the READMEs what is copied from programs and results.
//!
//! In a README, `<!-- copy: WHAT -->` and `<!-- end of copy -->` enclose it. WHAT is one of:
//!
//! - `the matrix`: that of the document's listings, from harness/measured/check.json;
//! - `the costs`: the first list of harness/measured/README.md;
//! - `FILE from TEXT`: the file, from the line on that begins with this text;
//! - `FILE from TEXT until TEXT`: the same, up to the next line that begins with the second text.
//!
//! All of harness/measured/README.md is rendered from a template.

mod measured;

use std::fs;

use anyhow::{Context, Result};

use crate::catalog::Group;
use crate::check::json::CheckJson;
use crate::check::matrix_of;
use crate::measure::measured as read_json;
use crate::program::workspace;

const BEGIN: &str = "<!-- copy: ";
const END: &str = "<!-- end of copy -->";

/// Returns the path of each README that has copies, from the workspace's folder, and what it should
/// contain.
///
/// # Errors
///
/// If a file cannot be read, or if there is nothing of the name that a README asks for.
pub fn renewed() -> Result<[(&'static str, String); 3]> {
    let measured = measured::render()?;
    let [root, asyncio] = ["README.md", "examples-asyncio/README.md"];
    let renewed = |path| renew(&read(path)?, |what| copy(what, &measured));
    let (in_root, in_asyncio) = (renewed(root)?, renewed(asyncio)?);
    Ok([(root, in_root), (asyncio, in_asyncio), ("harness/measured/README.md", measured)])
}

/// Writes the READMEs that have changed, and returns their paths from the workspace's folder.
///
/// # Errors
///
/// Those of [`renewed`], and if a README cannot be written.
pub fn write() -> Result<Vec<&'static str>> {
    let mut written = Vec::new();
    for (path, text) in renewed()? {
        if read(path)? != text {
            let write = fs::write(workspace().join(path), text);
            write.with_context(|| format!("cannot write {path}"))?;
            written.push(path);
        }
    }
    Ok(written)
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(workspace().join(path)).with_context(|| format!("cannot read {path}"))
}

/// Replaces what is enclosed by the marks.
fn renew(text: &str, copy: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut parts = text.split(BEGIN);
    let mut renewed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (what, rest) = part.split_once(" -->\n").context("a mark has no end")?;
        let (_, rest) = rest.split_once(END).with_context(|| format!("no {END} after {what}"))?;
        renewed += &format!("{BEGIN}{what} -->\n{}{END}{rest}", copy(what)?);
    }
    Ok(renewed)
}

fn copy(what: &str, measured: &str) -> Result<String> {
    match what {
        "the matrix" => {
            let check: CheckJson = read_json("check.json")?;
            Ok(format!("```console\n{}```\n", matrix_of(&check, Group::Document)))
        }
        "the costs" => {
            let lines = measured.lines().skip_while(|line| !line.starts_with("- "));
            Ok(lines
                .take_while(|line| line.starts_with("- "))
                .map(|line| line.to_owned() + "\n")
                .collect())
        }
        _ => {
            let (file, part) = what.split_once(" from ").context("not FILE from TEXT")?;
            let (from, until) = part.split_once(" until ").unwrap_or((part, ""));
            let text = read(file)?;
            let begins = |line: &str, with: &str| line.trim_start().starts_with(with);
            let mut lines = text.lines().skip_while(|line| !begins(line, from)).peekable();
            let first = lines.peek().with_context(|| format!("{file} has no line {from}…"))?;
            let indentation = &first[..first.len() - first.trim_start().len()];
            let lines = lines.take_while(|line| until.is_empty() || !begins(line, until));
            let lines = lines.map(|line| line.strip_prefix(indentation).unwrap_or(line));
            let code = lines.collect::<Vec<_>>().join("\n");
            let language = if file.ends_with(".py") { "python" } else { "rust" };
            Ok(format!("```{language}\n{}\n```\n", code.trim_end()))
        }
    }
}
