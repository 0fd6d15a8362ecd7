//! The READMEs as HTML.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use serde::Serialize;

use crate::site::links::Links;
use crate::site::search::Index;
use crate::source::{escape, slug};

/// The title or a heading of the second level, and what stands between it and the next.
#[derive(Debug, Serialize)]
pub struct Chapter {
    /// Its name in an address.
    pub id: String,
    /// The text of the heading.
    pub title: String,
    /// What stands below it, as HTML.
    pub html: String,
}

/// Reads the chapters of a README, the first of which has its title, and adds what the search finds
/// on its page. A link without an address on the site becomes plain text. HTML is shown as text, but
/// comments are left out.
///
/// # Errors
///
/// If the README begins without a title, or if a file that it links to cannot be read.
pub fn parse(text: &str, page: &str, links: &mut Links, index: &mut Index) -> Result<Vec<Chapter>> {
    let events: Vec<_> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let mut chapters: Vec<(String, String, Vec<Event<'_>>)> = Vec::new();
    let mut ids = BTreeMap::new();
    let (mut above, mut heading, mut columns) = (String::new(), String::new(), String::new());
    let (mut is_link, mut tables, mut documentation) = (true, 0, None);
    let mut rest = &events[..];
    while let [event, after @ ..] = rest {
        let inside = inside(rest);
        let behind = after.get(inside.len() + 1..).unwrap_or_default();
        rest = after;
        let text: String = inside.iter().filter_map(text_of).collect();
        let (element, slug) = match event {
            Event::Start(Tag::Heading { .. }) => ("h", slug(&text.to_lowercase())),
            Event::Start(Tag::Paragraph | Tag::CodeBlock(_)) => ("p", String::new()),
            Event::Start(Tag::Item) => ("li", slug(&text)),
            Event::Start(Tag::TableRow) => {
                let mut cells = text.split_terminator('\t').filter(|cell| *cell != "–");
                ("tr", slug(cells.next().unwrap_or_default()))
            }
            _ => ("", String::new()),
        };
        let own_id = (!slug.is_empty()).then(|| unique(&mut ids, &slug));
        let id = own_id.clone().unwrap_or_else(|| above.clone());
        if let Event::Start(Tag::Heading { level, .. }) = event {
            (above, heading) = (id.clone(), text.clone());
            if *level <= HeadingLevel::H2 {
                chapters.push((id.clone(), text.clone(), Vec::new()));
                rest = behind;
            }
        }
        let has_chapters = chapters.len() > 1;
        let (_, chapter, rendered) = chapters.last_mut().context("it begins without a title")?;
        // The rows of the first table are listings, which have their own pages.
        if !element.is_empty() && (element != "tr" || has_chapters) {
            index.add_block(element, &format!("{page}#{id}"), chapter, [&columns, &text]);
        }
        // The code that it begins with, and where that leads.
        let (link, code) = match inside {
            [Event::Code(code), ..] => ("", Some(&**code)),
            [Event::Start(Tag::Link { dest_url, .. }), Event::Code(code), ..] => {
                (&**dest_url, Some(&**code))
            }
            _ => ("", None),
        };
        let mut event = event.clone();
        if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = &mut event {
            let address = links.address(dest_url, code)?;
            is_link = address.is_some();
            *dest_url = address.unwrap_or_default().into();
        }
        let html = |html: String| Event::InlineHtml(html.into());
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) | Event::End(TagEnd::Link)
                if !is_link => {}
            Event::Start(Tag::Heading { level, .. }) if level <= HeadingLevel::H2 => {}
            Event::Start(Tag::Heading { .. } | Tag::Item | Tag::TableRow) => {
                // Becomes an attribute below.
                let id = own_id.map(|id| html(format!("\u{1}{id}\u{2}")));
                rendered.extend([event].into_iter().chain(id));
            }
            Event::Start(Tag::TableHead) => {
                columns = text;
                rendered.push(event);
            }
            Event::Start(Tag::Table(_)) => {
                tables += 1;
                let label = format!("aria-label=\"Table {tables}: {heading}\"");
                let open = format!("<div class=\"scroll\" tabindex=\"0\" role=\"region\" {label}>");
                rendered.extend([html(open), event]);
            }
            Event::End(TagEnd::Table) => rendered.extend([event, html("</div>".to_owned())]),
            Event::Start(Tag::TableCell) => {
                documentation = links.documentation(link, code.unwrap_or_default())?;
                rendered.push(event);
            }
            Event::End(TagEnd::TableCell) => {
                rendered.extend(documentation.take().map(|(name, address)| {
                    let label = format!("aria-label=\"Documentation of {name}\"");
                    html(format!(" <a class=\"out\" href=\"{address}\" {label}>↗</a>"))
                }));
                rendered.push(event);
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(language) => language,
                    CodeBlockKind::Indented => "",
                };
                let code = links.sources.highlight(language, &text)?;
                rendered.push(html(format!("<pre class=\"scroll\" tabindex=\"0\">{code}</pre>")));
                rest = behind;
            }
            Event::Html(text) | Event::InlineHtml(text) if text.starts_with("<!--") => {}
            Event::Html(text) | Event::InlineHtml(text) => rendered.push(Event::Text(text)),
            Event::Code(text) => rendered.push(html(breakable_code(&text))),
            event => rendered.push(event),
        }
    }
    let chapters = chapters.into_iter().map(|(id, title, rendered)| {
        let mut html = String::new();
        html::push_html(&mut html, rendered.into_iter());
        let html = html.replace(">\u{1}", " id=\"").replace('\u{2}', "\">");
        Chapter { id, title, html: html.trim().replace("<th></th>", "<td></td>") }
    });
    Ok(chapters.collect())
}

/// What stands between the first event and its end.
fn inside<'a, 'e>(events: &'a [Event<'e>]) -> &'a [Event<'e>] {
    let [Event::Start(tag), after @ ..] = events else { return &[] };
    let end = Event::End(tag.to_end());
    after.split(|event| *event == end).next().unwrap_or_default()
}

/// The text that an event adds, with a tab at the end of a cell.
fn text_of<'a>(event: &'a Event<'_>) -> Option<&'a str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        Event::SoftBreak | Event::End(TagEnd::Paragraph) => Some(" "),
        Event::End(TagEnd::TableCell) => Some("\t"),
        _ => None,
    }
}

/// A short id that no other element of the page has. `ids` counts those so far.
fn unique(ids: &mut BTreeMap<String, usize>, slug: &str) -> String {
    let slug: String = slug.chars().take(60).collect();
    let count = ids.entry(slug.clone()).and_modify(|count| *count += 1).or_insert(1);
    if *count == 1 { slug } else { format!("{slug}-{count}") }
}

/// Code that may be wrapped where its parts join, so that a table becomes less wide.
fn breakable_code(text: &str) -> String {
    let mut html = escape(text);
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
        | | tokio |\n| - | - |\n| [`asyncio.gather(…)`](python.py) | [`a < b`](x.py) |\n| | b |\n\n    one\n    two\n\n\
        ```rust\nlet x;\n```\n\n## Differences\n\n| In Python | In Rust |\n| - | -: |\n| One. | Two. |\n\n\
        ### Differences that bite\n\n- One.\n- One.\n";

    fn chapters() -> [Chapter; 3] {
        let mut links = Links::new().unwrap();
        links.folder = "examples-asyncio/src/multiple_tasks".into();
        parse(README, "", &mut links, &mut Index::default()).unwrap().try_into().unwrap()
    }

    #[test]
    fn a_chapter_is_what_stands_below_its_heading() {
        let [first, phrasebook, differences] = chapters();
        assert_eq!((first.title.as_str(), first.html.as_str()), ("Title", "<p>The lead.</p>"));
        assert_eq!(
            (phrasebook.id.as_str(), &*phrasebook.title),
            ("phrase-book-a", "Phrase book: a")
        );
        for part in [
            "<tr id=\"asyncio-gather\"><td><a href=\"asyncio-multiple-tasks.html#python:28\">\
             <code>asyncio.<wbr>gather(<wbr>…)</code></a> \
             <a class=\"out\" href=\"https://docs.python.org/3/search.html?q=asyncio.gather\" \
             aria-label=\"Documentation of asyncio.gather\">↗</a></td>",
            "<tr><td></td><th>tokio</th></tr>",
            "<td><code>a &lt; b</code></td></tr>\n<tr><td></td><td>b</td></tr>",
            "tabindex=\"0\">one\ntwo\n</pre>",
            "&lt;b&gt;word&lt;/b&gt;. </p>",
            "<pre class=\"scroll\" tabindex=\"0\"><i>let</i> x;\n</pre>",
        ] {
            assert!(phrasebook.html.contains(part), "{part} is not in {}", phrasebook.html);
        }
        for part in [
            "aria-label=\"Table 2: Differences\"",
            "<tr id=\"One\"><td>One.</td><td style=\"text-align: right\">Two.</td></tr>",
            "<h3 id=\"differences-that-bite\">",
            "<li id=\"One-2\">One.</li>\n<li id=\"One-3\">",
        ] {
            assert!(differences.html.contains(part), "{part} is not in {}", differences.html);
        }
    }

    #[test]
    fn code_is_wrapped_where_its_parts_join() {
        let html = breakable_code("a::b_c(x.__y < 1).d()");
        assert_eq!(html, "<code>a::<wbr>b_<wbr>c(<wbr>x.<wbr>__<wbr>y &lt; 1).<wbr>d()</code>");
    }
}
