//! The phrasebook and the differences of a section, from its member's README.

use anyhow::{Context, Result};
use harness::catalog::Section;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use serde::Serialize;

/// What the report shows of a README, as HTML.
#[derive(Debug, Serialize)]
pub struct Readme {
    /// What stands below the heading "Phrasebook".
    pub phrasebook: String,
    /// The rows below the headings "Differences" and "Differences that bite".
    pub differences: Vec<Difference>,
}

/// A row of one of the tables of differences.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// What Python does.
    pub in_python: String,
    /// What Rust does.
    pub in_rust: String,
    /// Which tests show it.
    pub shown_by: String,
    /// With which versions the tests pass. Empty if the row does not say it.
    pub seen_with: String,
    /// The site's address of the code that the row refers to, if it has one.
    pub page: Option<String>,
    /// Whether it stands below "Differences that bite".
    pub bites: bool,
}

const PHRASEBOOK: &str = "Phrasebook";
const DIFFERENCES: &str = "Differences";
const BITE: &str = "Differences that bite";

impl Readme {
    /// Reads a README. `page` returns the site's address for what a link in the README leads to.
    /// A link without such an address becomes plain text.
    ///
    /// # Errors
    ///
    /// If the README lacks one of the three headings, or a table below it.
    pub fn parse(
        section: &Section,
        text: &str,
        page: impl Fn(&str) -> Option<String>,
    ) -> Result<Readme> {
        let events: Vec<_> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
        let below = |heading: &str| {
            let lacks = || format!("the README of {} has no table {heading:?}", section.name);
            below(&events, heading).with_context(lacks)
        };
        let mut differences = Vec::new();
        for (heading, bites) in [(DIFFERENCES, false), (BITE, true)] {
            for row in rows(below(heading)?) {
                let cell = |column: usize| row.get(column).copied().unwrap_or_default();
                let html = |column| to_html(cell(column), &page);
                differences.push(Difference {
                    in_python: html(0),
                    in_rust: html(1),
                    shown_by: html(3),
                    seen_with: html(4),
                    page: first_link(cell(2)).and_then(&page),
                    bites,
                });
            }
        }
        Ok(Readme { phrasebook: to_html(below(PHRASEBOOK)?, &page), differences })
    }
}

/// What stands between a heading and the next, if there is a table.
fn below<'a, 'e>(events: &'a [Event<'e>], heading: &str) -> Option<&'a [Event<'e>]> {
    let is_table = |event: &Event<'_>| matches!(event, Event::Start(Tag::Table(_)));
    let mut chapters = events.split(|event| matches!(event, Event::Start(Tag::Heading { .. })));
    chapters
        .find_map(|chapter| match chapter {
            [Event::Text(text), Event::End(_), rest @ ..] if **text == *heading => Some(rest),
            _ => None,
        })
        .filter(|below| below.iter().any(is_table))
}

/// The cells of each row below the table's header.
fn rows<'a, 'e>(events: &'a [Event<'e>]) -> impl Iterator<Item = Vec<&'a [Event<'e>]>> {
    let cells = |row: &'a [Event<'e>]| {
        let cells = row.split(|event| *event == Event::Start(Tag::TableCell)).skip(1);
        cells.filter_map(|cell| cell.split(|event| *event == Event::End(TagEnd::TableCell)).next())
    };
    let rows = events.split(|event| *event == Event::Start(Tag::TableRow)).skip(1);
    rows.map(move |row| cells(row).collect())
}

fn first_link<'a>(events: &'a [Event<'_>]) -> Option<&'a str> {
    events.iter().find_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(&**dest_url),
        _ => None,
    })
}

/// Renders a part of a README. HTML in it is shown as text.
fn to_html<'e>(events: &[Event<'e>], page: &impl Fn(&str) -> Option<String>) -> String {
    let mut is_link = false;
    let map = |event: Event<'e>| match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let address = if dest_url.starts_with("https://") {
                Some(dest_url.to_string())
            } else {
                page(&dest_url)
            };
            is_link = address.is_some();
            let dest_url = CowStr::from(address?);
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::End(TagEnd::Link) if !is_link => None,
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Code(text) => Some(Event::InlineHtml(breakable_code(&text).into())),
        event => Some(event),
    };
    let mut html = String::new();
    html::push_html(&mut html, events.iter().cloned().filter_map(map));
    html.trim().to_owned()
}

/// Code that may be wrapped where its parts join, so that a table becomes less wide.
fn breakable_code(text: &str) -> String {
    let mut html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for mark in ["(", ":", ".", "_", "/"] {
        html = html.replace(mark, &format!("{mark}<wbr>"));
    }
    for (apart, together) in [("(<wbr>)", "()"), (":<wbr>:", "::"), ("_<wbr>_", "__")] {
        html = html.replace(apart, together);
    }
    format!("<code>{html}</code>")
}

#[cfg(test)]
mod tests {
    use harness::catalog::SECTIONS;

    use super::*;

    const README: &str = "# Title\n\n## Phrasebook\n\nA `…` <b>word</b>.\n\n| Python | tokio |\n| - | - |\n\
        | [`a < b`](src/x/python.py) | [`c`](tests/x.rs) |\n\nMore.\n\n## Differences\n\n\
        | In Python | In Rust | See | Shown by |\n| - | - | - | - |\n\
        | One. | Two. | [x](src/x) | [`t`](tests/x.rs) |\n\n### Differences that bite\n\n\
        | In Python | In Rust | See | Shown by | Seen with |\n| - | - | - | - | - |\n\
        | 1 | 2 | – | `t` | Rust 1.85 |\n\n## Other\n\nNot this.\n";

    fn parse(text: &str) -> Result<Readme> {
        let page = |link: &str| link.strip_prefix("src/").map(|rest| format!("page#{rest}"));
        Readme::parse(&SECTIONS[0], text, page)
    }

    #[test]
    fn the_phrasebook_is_what_stands_below_its_heading() {
        let readme = parse(README).unwrap();
        let html = readme.phrasebook;
        assert!(html.contains("<a href=\"page#x/python.py\"><code>a &lt; b</code></a>"), "{html}");
        assert!(html.contains("<td><code>c</code></td>"), "{html}");
        assert!(html.contains("&lt;b&gt;word") && html.ends_with("<p>More.</p>"), "{html}");
    }

    #[test]
    fn differences_have_their_cells_and_the_code_that_they_refer_to() {
        let [one, other] = &parse(README).unwrap().differences[..] else { panic!("not two") };
        let Difference { in_python, in_rust, shown_by, seen_with, .. } = one;
        assert_eq!(
            [in_python, in_rust, shown_by, seen_with],
            ["One.", "Two.", "<code>t</code>", ""]
        );
        assert_eq!((one.page.as_deref(), one.bites), (Some("page#x"), false));
        assert_eq!(other.seen_with, "Rust 1.85");
        assert_eq!((other.page.as_deref(), other.bites), (None, true));
    }

    #[test]
    fn code_is_wrapped_where_its_parts_join() {
        let html = breakable_code("a::b_c(x.__y < 1).d()");
        assert_eq!(html, "<code>a::<wbr>b_<wbr>c(<wbr>x.<wbr>__<wbr>y &lt; 1).<wbr>d()</code>");
    }

    #[test]
    fn a_readme_without_a_table_is_an_error() {
        let error = parse("## Phrasebook\n\nNone.\n").unwrap_err();
        assert_eq!(error.to_string(), "the README of threading has no table \"Differences\"");
    }
}
