//! The READMEs as HTML: their chapters, and the differences that they list.

use std::collections::BTreeMap;
use std::iter;

use anyhow::{Context, Result};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};
use serde::Serialize;

use crate::source;

/// A README, as a page shows it.
#[derive(Debug, Serialize)]
pub struct Readme {
    /// The text of its first heading.
    pub title: String,
    /// What stands between that heading and the next.
    pub lead: String,
    /// What begins with a heading of the second level, in order.
    pub chapters: Vec<Chapter>,
    /// The rows below the headings "Differences" and "Differences that bite", if there are any.
    #[serde(skip)]
    pub differences: Vec<Difference>,
    /// What the search finds, in order.
    #[serde(skip)]
    pub blocks: Vec<Block>,
}

/// A heading, a paragraph, a list item or a row.
#[derive(Debug)]
pub struct Block {
    /// Its name in an address, or that of the heading above a paragraph.
    pub id: String,
    /// The text of the heading of the first or second level that it stands below.
    pub chapter: String,
    /// `h`, `p`, `li` or `tr`.
    pub element: &'static str,
    /// Its text. Those of a row's cells end with a tab.
    pub text: String,
}

/// A heading of the second level, and what stands below it.
#[derive(Debug, Serialize)]
pub struct Chapter {
    /// Its name in an address, as on GitHub.
    pub id: String,
    /// The text of the heading.
    pub title: String,
    /// What stands below it, as HTML.
    pub html: String,
}

/// A row of one of the tables of differences, as HTML.
#[derive(Clone, Debug, Serialize)]
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

/// What a README needs from the rest of the site.
pub trait Site {
    /// The site's address of what a link leads to, if it has one. `text` is the code of the link, if
    /// it is code.
    fn address(&mut self, link: &str, code: Option<&str>) -> Result<Option<String>>;

    /// The full name of what code begins with, and its documentation, if the name is certain. `link`
    /// is where the code's link leads, or is empty.
    fn documentation(&mut self, link: &str, code: &str) -> Result<Option<(String, String)>>;

    /// A block of code in this language, as HTML.
    fn highlight(&mut self, language: &str, code: &str) -> Result<String>;
}

impl Readme {
    /// Reads a README. A link without an address on the site becomes plain text.
    ///
    /// # Errors
    ///
    /// Those of the site, and if the README has no title.
    pub fn parse(text: &str, site: &mut impl Site) -> Result<Readme> {
        let events: Vec<_> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
        let mut differences = Vec::new();
        for (heading, bites) in [("Differences", false), ("Differences that bite", true)] {
            for row in below(&events, heading).into_iter().flat_map(rows) {
                let cell = |column: usize| row.get(column).copied().unwrap_or_default();
                let mut html = |column| to_html(cell(column), "", site, &mut iter::empty());
                let (in_python, in_rust) = (html(0)?, html(1)?);
                let (shown_by, seen_with) = (html(3)?, html(4)?);
                let link = first_link(cell(2));
                let page = link.map(|link| site.address(link, None)).transpose()?.flatten();
                differences.push(Difference {
                    in_python,
                    in_rust,
                    shown_by,
                    seen_with,
                    page,
                    bites,
                });
            }
        }
        let is_chapter = |event: &Event<'_>| matches!(event, Event::Start(Tag::Heading { level, .. }) if *level as usize <= 2);
        let starts: Vec<_> = (0..events.len()).filter(|at| is_chapter(&events[*at])).collect();
        let ends = starts.iter().skip(1).copied().chain([events.len()]);
        let (mut chapters, blocks) = (Vec::new(), blocks(&events));
        let mut ids = blocks.iter().filter(|one| one.element != "p").map(|one| &*one.id);
        for (start, end) in starts.iter().zip(ends) {
            let (title, rest) = heading(&events[start + 1..end]);
            let id = ids.next().context("a heading has no id")?.to_owned();
            chapters.push(Chapter { id, html: to_html(rest, &title, site, &mut ids)?, title });
        }
        let mut chapters = chapters.into_iter();
        let first = chapters.next().context("it has no title")?;
        let chapters = chapters.collect();
        Ok(Readme { title: first.title, lead: first.html, chapters, differences, blocks })
    }

    /// What stands below a heading of the second level, as HTML.
    ///
    /// # Errors
    ///
    /// If there is none of this title.
    pub fn chapter(&self, title: &str) -> Result<&Chapter> {
        let found = self.chapters.iter().find(|chapter| chapter.title == title);
        found.with_context(|| format!("there is no chapter {title:?}"))
    }
}

/// What the search finds, each heading, item and row with an id of its own.
fn blocks(events: &[Event<'_>]) -> Vec<Block> {
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    let mut blocks = Vec::new();
    let (mut chapter, mut above) = (String::new(), String::new());
    for (at, event) in events.iter().enumerate() {
        let Event::Start(tag) = event else { continue };
        let end = Event::End(tag.to_end());
        let inside = events[at + 1..].iter().take_while(|event| **event != end);
        let text: String = inside.filter_map(text).collect();
        let (element, slug) = match tag {
            Tag::Heading { .. } => ("h", slug(&text)),
            Tag::Paragraph | Tag::CodeBlock(_) => ("p", String::new()),
            Tag::Item => ("li", source::slug(&text)),
            Tag::TableRow => ("tr", source::slug(text.split('\t').next().unwrap_or_default())),
            _ => continue,
        };
        let slug = slug.chars().take(60).collect::<String>();
        let count = ids.entry(slug.clone()).and_modify(|count| *count += 1).or_insert(1);
        let id = match (element, *count) {
            ("p", _) => above.clone(),
            (_, 1) => slug,
            (_, count) => format!("{slug}-{count}"),
        };
        if let Tag::Heading { level, .. } = tag {
            above.clone_from(&id);
            if *level as usize <= 2 {
                chapter.clone_from(&text);
            }
        }
        blocks.push(Block { id, chapter: chapter.clone(), element, text });
    }
    blocks
}

/// The text that an event adds, with a tab at the end of a cell.
fn text<'a>(event: &'a Event<'_>) -> Option<&'a str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        Event::SoftBreak | Event::End(TagEnd::Paragraph) => Some(" "),
        Event::End(TagEnd::TableCell) => Some("\t"),
        _ => None,
    }
}

/// The text of a heading whose start is left out, and what follows its end.
fn heading<'a, 'e>(events: &'a [Event<'e>]) -> (String, &'a [Event<'e>]) {
    let is_end = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Heading(_)));
    let end = events.iter().position(is_end).unwrap_or(events.len());
    (events[..end].iter().filter_map(text).collect(), events.get(end + 1..).unwrap_or_default())
}

/// A heading as a part of an address, as on GitHub.
pub fn slug(title: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter);
    title.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

/// What stands between a heading and the next.
fn below<'a, 'e>(events: &'a [Event<'e>], title: &str) -> Option<&'a [Event<'e>]> {
    let mut chapters = events.split(|event| matches!(event, Event::Start(Tag::Heading { .. })));
    chapters.find_map(|chapter| match heading(chapter) {
        (text, rest) if text == title => Some(rest),
        _ => None,
    })
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

/// Renders a part of a README, with the title that stands above it. HTML in it is shown as text, but
/// comments are left out. `ids` has those of its headings, items and rows, and then those of what
/// follows.
fn to_html<'e, 'i>(
    events: &[Event<'e>],
    title: &str,
    site: &mut impl Site,
    ids: &mut impl Iterator<Item = &'i str>,
) -> Result<String> {
    let mut rendered = Vec::new();
    let (mut is_link, mut block, mut documentation) = (false, None, None);
    let (mut title, mut tables) = (title.to_owned(), 0);
    let mut opened = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let event = match event.clone() {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let code = match events.get(at + 1) {
                    Some(Event::Code(code)) => Some(&**code),
                    _ => None,
                };
                let address = site.address(&dest_url, code)?;
                is_link = address.is_some();
                let Some(address) = address else { continue };
                let dest_url = CowStr::from(address);
                Event::Start(Tag::Link { link_type, dest_url, title, id })
            }
            Event::End(TagEnd::Link) if !is_link => continue,
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let address =
                    site.address(&dest_url, None)?.with_context(|| format!("no {dest_url}"))?;
                let dest_url = CowStr::from(address);
                Event::Start(Tag::Image { link_type, dest_url, title, id })
            }
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                title = heading(&events[at + 1..]).0;
                let id = ids.next().map(|id| id.to_owned().into());
                Event::Start(Tag::Heading { level, id, classes, attrs })
            }
            Event::Start(tag @ (Tag::Item | Tag::TableRow)) => {
                opened.push((if tag == Tag::Item { "<li>" } else { "<tr><td" }, ids.next()));
                Event::Start(tag)
            }
            Event::Start(Tag::Table(alignments)) => {
                tables += 1;
                let open = format!(
                    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table {tables}: {title}\">"
                );
                rendered.push(Event::InlineHtml(open.into()));
                Event::Start(Tag::Table(alignments))
            }
            Event::End(TagEnd::Table) => {
                rendered.push(Event::End(TagEnd::Table));
                Event::InlineHtml("</div>".into())
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language,
                    CodeBlockKind::Indented => CowStr::from(""),
                };
                block = Some((language, String::new()));
                continue;
            }
            Event::Text(line) if block.is_some() => {
                block.as_mut().expect("it is a block").1 += &line;
                continue;
            }
            Event::End(TagEnd::CodeBlock) => {
                let (language, code) = block.take().context("a block ends that did not begin")?;
                let html = site.highlight(&language, &code)?;
                Event::InlineHtml(
                    format!("<pre class=\"scroll\" tabindex=\"0\">{html}</pre>").into(),
                )
            }
            Event::Html(text) | Event::InlineHtml(text) if text.starts_with("<!--") => continue,
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Code(text) => {
                let cell = Event::Start(Tag::TableCell);
                match &events[..at] {
                    [.., start, Event::Start(Tag::Link { dest_url, .. })] if *start == cell => {
                        documentation = site.documentation(dest_url, &text)?;
                    }
                    [.., start] if *start == cell => {
                        documentation = site.documentation("", &text)?
                    }
                    _ => {}
                }
                Event::InlineHtml(breakable_code(&text).into())
            }
            Event::End(TagEnd::TableCell) => {
                if let Some((name, address)) = documentation.take() {
                    let label = format!("aria-label=\"Documentation of {name}\"");
                    let html = format!(" <a class=\"out\" href=\"{address}\" {label}>↗</a>");
                    rendered.push(Event::InlineHtml(html.into()));
                }
                Event::End(TagEnd::TableCell)
            }
            event => event,
        };
        rendered.push(event);
    }
    let mut html = String::new();
    html::push_html(&mut html, rendered.into_iter());
    for (tag, id) in opened {
        let with_id = format!("{} id=\"{}\"{}", &tag[..3], id.unwrap_or_default(), &tag[3..]);
        html = html.replacen(tag, &with_id, 1);
    }
    Ok(html.trim().replace("<th></th>", "<td></td>"))
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
    use super::*;

    const README: &str = "# Title\n\nThe lead.\n\n## Phrase book: a\n\nA `…` <b>word</b>. <!-- copy -->\n\n\
        | | tokio |\n| - | - |\n| [`a < b`](src/x/python.py) | [`c`](tests/x.rs) |\n\n    one\n    two\n\n\
        ```rust\nlet x;\n```\n\n## Differences\n\n| In Python | In Rust | See | Shown by |\n\
        | - | - | - | - |\n| One. | Two. | [x](src/x) | [`t`](tests/x.rs) |\n\n\
        ### Differences that bite\n\n| In Python | In Rust | See | Shown by | Seen with |\n\
        | - | - | - | - | - |\n| 1 | 2 | – | `t` | Rust 1.85 |\n";

    struct Pages;

    impl Site for Pages {
        fn address(&mut self, link: &str, code: Option<&str>) -> Result<Option<String>> {
            Ok(link.strip_prefix("src/").map(|rest| format!("page#{rest}:{}", code.unwrap_or("-"))))
        }

        fn documentation(&mut self, _: &str, code: &str) -> Result<Option<(String, String)>> {
            Ok((code == "a < b").then(|| ("a".to_owned(), "docs".to_owned())))
        }

        fn highlight(&mut self, language: &str, code: &str) -> Result<String> {
            Ok(format!("<i>{language}: {code}</i>"))
        }
    }

    #[test]
    fn a_chapter_is_what_stands_below_its_heading() {
        let readme = Readme::parse(README, &mut Pages).unwrap();
        assert_eq!((readme.title.as_str(), readme.lead.as_str()), ("Title", "<p>The lead.</p>"));
        let [phrasebook, differences] = &readme.chapters[..] else { panic!("not two") };
        assert_eq!(
            (phrasebook.id.as_str(), &*phrasebook.title),
            ("phrase-book-a", "Phrase book: a")
        );
        for part in [
            "<a href=\"page#x/python.py:a%20%3C%20b\"><code>a &lt; b</code></a> \
             <a class=\"out\" href=\"docs\" aria-label=\"Documentation of a\">↗</a></td>",
            "<tr id=\"a-b\"><td>",
            "<tr><td></td><th>tokio</th></tr>",
            "<td><code>c</code></td>",
            "tabindex=\"0\"><i>: one\ntwo\n</i></pre>",
            "&lt;b&gt;word&lt;/b&gt;. </p>",
            "<pre class=\"scroll\" tabindex=\"0\"><i>rust: let x;\n</i></pre>",
        ] {
            assert!(phrasebook.html.contains(part), "{part} is not in {}", phrasebook.html);
        }
        assert!(differences.html.contains("<h3 id=\"differences-that-bite\">"));
        assert!(readme.chapter("Title").is_err());
    }

    #[test]
    fn differences_have_their_cells_and_the_code_that_they_refer_to() {
        let readme = Readme::parse(README, &mut Pages).unwrap();
        let [one, other] = &readme.differences[..] else { panic!("not two") };
        let Difference { in_python, in_rust, shown_by, seen_with, .. } = one;
        assert_eq!(
            [in_python, in_rust, shown_by, seen_with],
            ["One.", "Two.", "<code>t</code>", ""]
        );
        assert_eq!((one.page.as_deref(), one.bites), (Some("page#x:-"), false));
        assert_eq!(other.seen_with, "Rust 1.85");
        assert_eq!((other.page.as_deref(), other.bites), (None, true));
    }

    #[test]
    fn code_is_wrapped_where_its_parts_join() {
        let html = breakable_code("a::b_c(x.__y < 1).d()");
        assert_eq!(html, "<code>a::<wbr>b_<wbr>c(<wbr>x.<wbr>__<wbr>y &lt; 1).<wbr>d()</code>");
    }
}
