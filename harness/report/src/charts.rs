//! Charts with logarithmic axes, as SVG. The style sheet replaces the colours used here, so that a
//! chart fits a light page and a dark one.

use std::iter;
use std::ops::Range;

use anyhow::{Context, Result};
use harness::catalog::Section;
use harness::measure::scale::{Point, Scale};
use harness::terminal::{bytes, duration, three_digits};
use indicatif::HumanCount;
use minijinja::{Value, context};
use plotters::coord::Shift;
use plotters::coord::combinators::LogCoord;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The size in units of the SVG. A page shows it at about half of it, which hides that plotters
/// rounds coordinates to whole units.
const SIZE: (u32, u32) = (960, 640);
const FONT: i32 = 32;
/// The height of what is below the x axis.
const BOTTOM: i32 = 90;
/// The style sheet replaces these two colours, and those of the implementations.
const TEXT: RGBColor = RGBColor(1, 1, 1);
const GRID: RGBColor = RGBColor(2, 2, 2);

/// What a chart shows against the number of threads, tasks or processes.
struct Quantity {
    name: &'static str,
    value: fn(&Point) -> f64,
    format: fn(f64) -> String,
}

const QUANTITIES: [Quantity; 2] = [
    Quantity { name: "Overhead", value: |point| point.overhead_s.median, format: duration },
    Quantity {
        name: "Memory",
        value: |point| point.memory_bytes as f64,
        format: |number| bytes(number as u64),
    },
];

/// An implementation: a line of a chart, and a row of its table.
struct Line<'a> {
    label: &'a str,
    /// The number of threads, tasks or processes, and the quantity.
    points: Vec<(f64, f64)>,
}

impl Line<'_> {
    /// The points that have a place on logarithmic axes.
    fn drawn(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.iter().copied().filter(|(count, value)| *count > 0.0 && *value > 0.0)
    }
}

/// The charts of a section: overhead and memory. Each is an SVG with a sentence that says what to
/// see in it, and a table with its numbers. None if the section was not measured.
///
/// # Errors
///
/// Those of plotters.
pub fn of_section(scale: &Scale, section: &Section) -> Result<Vec<Value>> {
    let chart = |quantity: &Quantity| {
        let lines = lines(scale, section, quantity);
        (!lines.is_empty()).then(|| chart(section.unit, quantity, &lines))
    };
    QUANTITIES.iter().filter_map(chart).collect()
}

fn lines<'a>(scale: &'a Scale, section: &Section, quantity: &Quantity) -> Vec<Line<'a>> {
    let series = scale.series.iter().filter(|series| series.section == section.name);
    let lines = series.map(|series| {
        let point = |point: &Point| (point.count as f64, (quantity.value)(point));
        Line { label: &series.implementation, points: series.points.iter().map(point).collect() }
    });
    lines.filter(|line| line.drawn().next().is_some()).collect()
}

fn chart(unit: &str, quantity: &Quantity, lines: &[Line<'_>]) -> Result<Value> {
    let &Quantity { name, format, .. } = quantity;
    let title = format!("{name} of {unit}");
    let points = lines.iter().flat_map(|line| &line.points);
    let mut counts: Vec<_> = points.map(|(count, _)| *count).collect();
    counts.sort_by(f64::total_cmp);
    counts.dedup();
    let cell = |line: &Line<'_>, count: f64| {
        let point = line.points.iter().find(|point| point.0 == count);
        point.map_or("–".to_owned(), |(_, value)| format(*value))
    };
    let row = |line: &Line<'_>| {
        let cells = counts.iter().map(|count| cell(line, *count));
        iter::once(line.label.to_owned()).chain(cells).collect::<Vec<_>>()
    };
    let header = counts.iter().map(|count| short(*count));
    Ok(context! {
        sentence => sentence(unit, lines, format),
        svg => draw(&title, unit, lines, format)?,
        title,
        header => iter::once(String::new()).chain(header).collect::<Vec<_>>(),
        rows => lines.iter().map(row).collect::<Vec<_>>(),
    })
}

/// A power of ten, like `100k`.
fn short(number: f64) -> String {
    match number {
        ..1e3 => format!("{number:.0}"),
        ..1e6 => format!("{:.0}k", number / 1e3),
        _ => format!("{:.0}M", number / 1e6),
    }
}

/// Says which implementation needs least of the quantity and which needs most, for the largest
/// number that several have.
fn sentence(unit: &str, lines: &[Line<'_>], format: fn(f64) -> String) -> String {
    let of = |count: f64| {
        let value = |line: &Line<'_>| line.drawn().find(|point| point.0 == count);
        let mut values: Vec<_> =
            lines.iter().filter_map(|line| Some((line.label, value(line)?.1))).collect();
        values.sort_by(|one, other| one.1.total_cmp(&other.1));
        values
    };
    let counts = lines.iter().flat_map(|line| line.drawn().map(|(count, _)| count));
    let Some(largest) = counts.filter(|count| of(*count).len() > 1).reduce(f64::max) else {
        return "There is nothing to compare.".to_owned();
    };
    let values = of(largest);
    let ((least, low), (most, high)) = (values[0], values[values.len() - 1]);
    format!(
        "For {} {unit}, it is {} with {least} and {} with {most}: {} times as much.",
        HumanCount(largest as u64),
        format(low),
        format(high),
        three_digits(high / low)
    )
}

type LogAxes = Cartesian2d<LogCoord<f64>, LogCoord<f64>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw(title: &str, unit: &str, lines: &[Line<'_>], format: fn(f64) -> String) -> Result<String> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
    draw_on(&area, unit, lines, format).context("cannot draw a chart")?;
    drop(area);
    let text =
        format!("<svg role=\"img\" aria-label=\"{title}; the table below has the numbers\" ");
    Ok(svg.replacen("<svg ", &text, 1))
}

fn draw_on(
    area: &Area<'_>,
    unit: &str,
    lines: &[Line<'_>],
    format: fn(f64) -> String,
) -> Result<()> {
    let widest = lines.iter().map(|line| line.label.chars().count()).max();
    let label_width = 40 + 18 * widest.unwrap_or(0) as i32;
    let mut chart = draw_axes(area, label_width, unit, lines, format)?;
    let mut labels = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let (colour, style) = mark(lines, index);
        chart.draw_series(LineSeries::new(line.drawn(), colour.stroke_width(4)))?;
        let ends: Vec<_> = line.drawn().map(|point| chart.backend_coord(&point)).collect();
        for at in &ends {
            draw_mark(area, *at, (colour, style))?;
        }
        labels.extend(ends.last().map(|end| (end.1, line.label, (colour, style))));
    }
    draw_labels(area, SIZE.0 as i32 - label_width + 14, labels)?;
    Ok(area.present()?)
}

/// Draws the axes and the grid, and leaves room for labels at the right.
fn draw_axes<'a>(
    area: &Area<'a>,
    label_width: i32,
    unit: &str,
    lines: &[Line<'_>],
    format: fn(f64) -> String,
) -> Result<ChartContext<'a, SVGBackend<'a>, LogAxes>> {
    let (counts, values): (Vec<_>, Vec<_>) = lines.iter().flat_map(Line::drawn).unzip();
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(label_width + 20)
        .margin_top(20)
        .set_label_area_size(LabelAreaPosition::Left, 120)
        .set_label_area_size(LabelAreaPosition::Bottom, BOTTOM)
        .build_cartesian_2d(decades(&counts).log_scale(), decades(&values).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .label_style(("sans-serif", FONT).into_font().color(&TEXT))
        .x_labels(8)
        .y_labels(8)
        .x_label_formatter(&|number| short(*number))
        .y_label_formatter(&|value| format(*value).replacen(".00", "", 1).replacen(".0", "", 1))
        .x_desc(unit)
        .draw()?;
    Ok(chart)
}

/// The whole powers of ten around these values, so that an axis has labels at both ends.
fn decades(values: &[f64]) -> Range<f64> {
    let min = values.iter().copied().reduce(f64::min).unwrap_or(1.0);
    let max = values.iter().copied().reduce(f64::max).unwrap_or(1.0);
    let (low, high) = (min.log10().floor() as i32, max.log10().ceil() as i32);
    // A little more, so that rounding loses no label.
    10f64.powi(low) * 0.999_999..10f64.powi(high.max(low + 1)) * 1.000_001
}

/// How the points of a line are marked: with the colour and the shape of its implementation.
type Mark = (RGBColor, ShapeStyle);

/// The mark of a line. If an earlier line has the same colour, it is another Python's, and hollow.
fn mark(lines: &[Line<'_>], index: usize) -> Mark {
    let colour = colour(lines[index].label);
    let is_hollow = lines[..index].iter().any(|other| self::colour(other.label) == colour);
    (colour, if is_hollow { colour.stroke_width(4) } else { colour.filled() })
}

/// The colour that stands for an implementation. The label of a Python may have its version.
fn colour(label: &str) -> RGBColor {
    let all = ["python", "std-only", "tokio", "async-std", "smol"];
    let index = all.iter().position(|name| label.starts_with(name));
    RGBColor(0, 0, index.map_or(0, |index| index as u8 + 1))
}

/// Each implementation has a shape of its own, so that colour is not the only sign.
fn draw_mark(area: &Area<'_>, (x, y): (i32, i32), (colour, style): Mark) -> Result<()> {
    let polygon = |points: &[(i32, i32)]| {
        let points: Vec<_> = points.iter().map(|(right, down)| (x + right, y + down)).collect();
        area.draw(&Polygon::new(points, style))
    };
    Ok(match colour.2 {
        1 => area.draw(&Circle::new((x, y), 9, style)),
        2 => polygon(&[(-8, -8), (8, -8), (8, 8), (-8, 8)]),
        3 => polygon(&[(0, -11), (10, 8), (-10, 8)]),
        4 => polygon(&[(0, -11), (11, 0), (0, 11), (-11, 0)]),
        _ => polygon(&[(0, 11), (10, -8), (-10, -8)]),
    }?)
}

/// Draws labels from `x` on, in the order of the lines' ends, whose heights they have, but without
/// overlap.
fn draw_labels(area: &Area<'_>, x: i32, mut labels: Vec<(i32, &str, Mark)>) -> Result<()> {
    let style = ("sans-serif", FONT).into_font().color(&TEXT);
    let style = style.pos(Pos::new(HPos::Left, VPos::Center));
    labels.sort_by_key(|label| label.0);
    let step = FONT + 8;
    let mut next = FONT;
    let mut lowest = SIZE.1 as i32 - BOTTOM - labels.len() as i32 * step;
    for (y, label, mark) in labels {
        lowest += step;
        let y = y.min(lowest).max(next);
        next = y + step;
        draw_mark(area, (x, y), mark)?;
        area.draw(&Text::new(label, (x + 20, y), style.clone()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use harness::catalog::SECTIONS;
    use harness::measure::measured;
    use serde_json::{Value, from_value, json};

    use super::*;

    /// An implementation, and for each number of tasks the overhead in seconds and the memory in
    /// bytes.
    type Measured<'a> = (&'a str, &'a [(u64, f64, u64)]);

    /// The charts of tasks, if this is what was measured.
    fn charts(series: &[Measured<'_>]) -> Vec<Value> {
        let point = |&(count, seconds, bytes): &(u64, f64, u64)| {
            let overhead = json!({ "median": seconds, "min": seconds, "max": seconds });
            json!({ "count": count, "overhead_s": overhead, "memory_bytes": bytes, "cpu_s": 0.0 })
        };
        let one = |(implementation, points): &Measured<'_>| {
            let points: Vec<Value> = points.iter().map(point).collect();
            json!({ "section": "asyncio", "unit": "tasks", "implementation": implementation, "points": points })
        };
        let mut scale: Value = measured("scale.json").unwrap();
        scale["series"] = series.iter().map(one).collect();
        let charts = of_section(&from_value(scale).unwrap(), &SECTIONS[1]).unwrap();
        from_value(json!(charts)).unwrap()
    }

    #[test]
    fn a_chart_has_the_numbers_in_its_table_and_their_extremes_in_its_sentence() {
        let charts = charts(&[
            ("python", &[(10, 0.1, 20_000_000), (1_000, 1.0, 40_000_000)]),
            ("tokio", &[(10, 0.0, 2_000_000), (1_000, 0.25, 4_000_000)]),
            ("smol", &[(10, 0.02, 1_000_000)]),
        ]);
        let [overhead, memory] = &charts[..] else { panic!("not two charts") };
        assert_eq!(overhead["header"], json!(["", "10", "1k"]));
        let rows = json!([
            ["python", "100 ms", "1.00 s"],
            ["tokio", "0.00 ms", "250 ms"],
            ["smol", "20.0 ms", "–"],
        ]);
        assert_eq!(overhead["rows"], rows);
        let sentence =
            "For 1,000 tasks, it is 250 ms with tokio and 1.00 s with python: 4.00 times as much.";
        assert_eq!(overhead["sentence"], sentence);
        assert_eq!(memory["rows"][1], json!(["tokio", "2.00 MB", "4.00 MB"]));
    }

    #[test]
    fn a_point_is_drawn_at_its_place_on_logarithmic_axes() {
        // Axes from 1 to 10,000 tasks, and from 10 ms to 1 s.
        let points = [(1, 0.01, 1), (100, 0.1, 1), (10_000, 1.0, 1)];
        let charts = charts(&[("python", &points)]);
        let svg = charts[0]["svg"].as_str().unwrap();
        let circle = |circle: &str| {
            let value = |name: &str| circle.split(&format!("{name}=\"")).nth(1)?.split('"').next();
            ["cx", "cy"].map(|name| value(name).unwrap().parse::<f64>().unwrap())
        };
        let circles: Vec<_> = svg.split("<circle ").skip(1).map(circle).collect();
        let [left, middle, right] = circles[..3] else { panic!("{circles:?}") };
        for axis in [0, 1] {
            let centre = (left[axis] + right[axis]) / 2.0;
            assert!((middle[axis] - centre).abs() <= 1.0, "{circles:?}");
        }
        assert!(left[0] < right[0] && left[1] > right[1], "{circles:?}");
        for label in ["1", "10k", "10 ms", "1 s"] {
            assert!(svg.contains(&format!("\n{label}\n")), "no label {label} in {svg}");
        }
    }

    #[test]
    fn what_was_not_measured_has_no_chart() {
        assert!(charts(&[]).is_empty());
        assert!(charts(&[("python", &[])]).is_empty());
        assert_eq!(charts(&[("python", &[(4, 0.0, 1_000_000)])]).len(), 1);
    }
}
