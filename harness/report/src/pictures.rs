//! The pictures of the README: what ran when, and what a million tasks cost. They have a background
//! of their own, and look right on a light page and on a dark one. A PNG has the second of them below
//! the site's title, for places where a page of the site is shared.

use anyhow::{Context, Result, ensure};
use indicatif::HumanCount;
use minijinja::context;
use minijinja::value::Serde;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Family, Query};
use resvg::usvg::{Options, Tree};

use crate::results::Results;
use crate::site::front::{TASKS, costs_of, shown};
use crate::site::{find, templates};
use crate::timeline;

/// The width and the height that the places where pages are shared ask for.
const SIZE: (u32, u32) = (1200, 630);

/// Renders both pictures of the README, each with the name of its file.
///
/// # Errors
///
/// If the results lack what they show.
pub fn render(results: &Results) -> Result<Vec<(String, String)>> {
    let (section, listing) = shown();
    let programs = find(&results.check, section, listing);
    let programs: Vec<_> = programs.map(|one| (one.implementation.to_string(), one)).collect();
    let timeline = timeline::values(&programs, section, &results.check);
    let timeline =
        timeline.with_context(|| format!("the check has no output of {}", listing.name))?;
    let costs = costs_of(TASKS, &results.scale);
    ensure!(!costs.is_empty(), "{TASKS} tasks were not measured");
    let count = HumanCount(TASKS).to_string();
    let environment = Serde(&results.scale.environment);
    let templates = templates()?;
    let picture = |name: &str, values| {
        let svg = templates.get_template(name).and_then(|template| template.render(values));
        anyhow::Ok((name.to_owned(), svg.with_context(|| format!("cannot render {name}"))? + "\n"))
    };
    Ok(vec![
        picture(
            "timeline.svg",
            context! { timeline, section => section.name, listing => listing.name },
        )?,
        picture("tasks.svg", context! { costs, count, environment })?,
    ])
}

/// Draws the PNG with this picture. `None` if the system has no font for its text.
///
/// # Errors
///
/// If the picture is not an SVG.
pub fn preview(picture: &str) -> Result<Option<Vec<u8>>> {
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_system_fonts();
    if fonts.query(&Query { families: &[Family::SansSerif], ..Query::default() }).is_none() {
        let family = fonts.faces().find_map(|face| Some(face.families.first()?.0.clone()));
        let Some(family) = family else { return Ok(None) };
        fonts.set_sans_serif_family(family);
    }
    let (width, height) = SIZE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\">\
        <rect width=\"{width}\" height=\"{height}\" style=\"fill: var(--page)\"/>\
        <text x=\"60\" y=\"100\" style=\"font-size: 54px; font-weight: 600\">\
        Concurrency in Python, ported to Rust</text>\
        <text x=\"60\" y=\"160\" style=\"font-size: 28px\" class=\"muted\">\
        threading, asyncio and multiprocessing beside std, tokio, async-std and smol</text>\
        <g transform=\"translate(30 215) scale(1.5)\">{picture}</g></svg>"
    );
    // The library does not know variables. The first rule of the picture has them.
    let colours = picture.split(['{', '}']).nth(1).unwrap_or_default();
    for (name, colour) in colours.split(';').filter_map(|one| one.trim().split_once(": ")) {
        svg = svg.replace(&format!("var({name})"), colour);
    }
    let tree = Tree::from_str(&svg, &options).context("cannot read the picture")?;
    let mut pixels = Pixmap::new(width, height).context("no pixels")?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    Ok(Some(pixels.encode_png().context("cannot write the picture")?))
}

#[cfg(test)]
mod tests {
    use harness::measure::measured_file;

    use super::*;

    #[test]
    fn the_picture_has_the_title_and_the_colours_of_the_programs() {
        let picture = std::fs::read_to_string(measured_file("tasks.svg")).unwrap();
        let png = preview(&picture).unwrap();
        let mut options = Options::default();
        options.fontdb_mut().load_system_fonts();
        assert_eq!(png.is_some(), !options.fontdb.is_empty(), "only without fonts there is none");
        let Some(png) = png else { return };
        let pixels = Pixmap::decode_png(&png).unwrap();
        assert_eq!((pixels.width(), pixels.height()), SIZE);
        let count = |rows: std::ops::Range<u32>, colour: [u8; 3]| {
            let all = rows.flat_map(|y| (0..1200).map(move |x| (x, y)));
            let is_it = |&(x, y): &(u32, u32)| {
                let pixel = pixels.pixel(x, y).unwrap();
                [pixel.red(), pixel.green(), pixel.blue()] == colour
            };
            all.filter(is_it).count()
        };
        assert!(count(50..110, [0x1d, 0x1d, 0x1b]) > 2_000, "no title");
        for colour in [[0x2b, 0x67, 0xad], [0xb4, 0x46, 0x1a], [0x0c, 0x7a, 0x60]] {
            assert!(count(215..630, colour) > 100, "no bar of {colour:?}");
        }
    }
}
