//! The picture that is shown where a page of the site is shared, as a PNG: the site's title above a
//! picture of the README.

use anyhow::{Context, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Family, Query};
use resvg::usvg::{Options, Tree};

/// The width and the height that the places where pages are shared ask for.
const SIZE: (u32, u32) = (1200, 630);

/// Draws the picture. `None` if the system has no font for its text.
///
/// # Errors
///
/// If the picture of the README is not an SVG.
pub fn render(picture: &str) -> Result<Option<Vec<u8>>> {
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
        <text x=\"60\" y=\"100\" style=\"font-size: 54px; font-weight: 600\">Concurrency in Python, ported to Rust</text>\
        <text x=\"60\" y=\"160\" style=\"font-size: 28px\" class=\"muted\">threading, asyncio and multiprocessing beside std, tokio, async-std and smol</text>\
        <g transform=\"translate(30 215) scale(1.5)\">{picture}</g></svg>"
    );
    // The library does not know variables.
    let (_, styles) = picture.split_once("svg {").context("the picture has no colours")?;
    for style in styles.split('}').next().unwrap_or_default().split(';') {
        if let Some((name, colour)) = style.trim().split_once(": ") {
            svg = svg.replace(&format!("var({name})"), colour);
        }
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
        let Some(png) = render(&picture).unwrap() else { return };
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
