//! Charts with logarithmic axes, as SVG. The style sheet replaces the colours used here, so that a
//! chart fits a light page and a dark one.

use std::fmt::Display;

use anyhow::{Result, anyhow};
use harness::catalog::Section;
use harness::measure::scale::{Point, Scale};
use harness::program::Implementation;
use harness::terminal::{duration, three_digits};
use indicatif::HumanCount;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use serde::Serialize;

/// The size in units of the SVG. A page shows it at about half of it, which hides that plotters
/// rounds coordinates to whole units.
const SIZE: (u32, u32) = (960, 640);
const FONT: i32 = 32;
/// What stands for the colours of text and of lines. Each implementation has its own.
const TEXT: RGBColor = RGBColor(1, 1, 1);
const GRID: RGBColor = RGBColor(2, 2, 2);

/// A chart, with a sentence that says what to see in it, and its numbers.
#[derive(Debug, Serialize)]
pub struct Chart {
    /// What is shown.
    pub title: String,
    /// What to see.
    pub sentence: String,
    /// The SVG.
    pub svg: String,
    /// The header of its table.
    pub header: Vec<String>,
    /// The rows of its table.
    pub rows: Vec<Vec<String>>,
}

/// What a chart shows against the number of threads, tasks or processes.
struct Quantity {
    name: &'static str,
    value: fn(&Point) -> f64,
    format: fn(f64) -> String,
}

const QUANTITIES: [Quantity; 2] = [
    Quantity { name: "Overhead", value: |point| point.overhead_s.median, format: duration },
    Quantity { name: "Memory", value: |point| point.memory_bytes as f64, format: bytes },
];

fn bytes(bytes: f64) -> String {
    let (number, unit) = match bytes {
        ..1e6 => (bytes / 1e3, "kB"),
        ..1e9 => (bytes / 1e6, "MB"),
        _ => (bytes / 1e9, "GB"),
    };
    format!("{} {unit}", three_digits(number))
}

/// A line of a chart.
struct Line<'a> {
    label: &'a str,
    /// The number of threads, tasks or processes, and the quantity, both positive.
    points: Vec<(f64, f64)>,
}

/// The charts of a section: overhead and memory. None if it was not measured.
///
/// # Errors
///
/// Those of plotters.
pub fn of_section(scale: &Scale, section: &Section) -> Result<Vec<Chart>> {
    let series: Vec<_> = scale.series.iter().filter(|one| one.section == section.name).collect();
    let mut charts = Vec::new();
    for quantity in QUANTITIES {
        let Quantity { name, value, format } = quantity;
        let line = |index: usize| Line {
            label: &series[index].implementation,
            points: series[index]
                .points
                .iter()
                .map(|point| (point.count as f64, value(point)))
                .filter(|(_, value)| *value > 0.0)
                .collect(),
        };
        let lines: Vec<_> =
            (0..series.len()).map(line).filter(|line| !line.points.is_empty()).collect();
        if lines.is_empty() {
            continue;
        }
        let title = format!("{name} of {}", section.unit);
        let svg = draw(&title, section.unit, &lines, format)?;
        let mut counts: Vec<_> = lines.iter().flat_map(|line| &line.points).collect();
        counts.sort_by(|one, other| one.0.total_cmp(&other.0));
        counts.dedup_by(|one, other| one.0 == other.0);
        let cell = |line: &Line<'_>, count: f64| {
            let point = line.points.iter().find(|point| point.0 == count);
            point.map_or("–".to_owned(), |(_, value)| format(*value))
        };
        let row = |line: &Line<'_>| {
            let cells = counts.iter().map(|(count, _)| cell(line, *count));
            [line.label.to_owned()].into_iter().chain(cells).collect()
        };
        charts.push(Chart {
            title,
            sentence: sentence(name, section.unit, &lines, format),
            svg,
            header: [String::new()]
                .into_iter()
                .chain(counts.iter().map(|(n, _)| short(*n)))
                .collect(),
            rows: lines.iter().map(row).collect(),
        });
    }
    Ok(charts)
}

fn count(number: f64) -> String {
    HumanCount(number as u64).to_string()
}

/// A power of ten, like `100k`.
fn short(number: f64) -> String {
    match number {
        ..1e3 => format!("{number:.0}"),
        ..1e6 => format!("{:.0}k", number / 1e3),
        _ => format!("{:.0}M", number / 1e6),
    }
}

/// Says which implementation needs least and which needs most of the quantity, for the largest
/// number that has several.
fn sentence(name: &str, unit: &str, lines: &[Line<'_>], format: fn(f64) -> String) -> String {
    let counts = lines.iter().flat_map(|line| line.points.iter().map(|(count, _)| *count));
    let has_several =
        |number: &f64| lines.iter().filter(|line| line.at(*number).is_some()).count() > 1;
    let Some(number) = counts.filter(has_several).reduce(f64::max) else {
        return format!("{name} of one implementation.");
    };
    let values = lines.iter().filter_map(|line| Some((line.label, line.at(number)?)));
    let mut values: Vec<_> = values.collect();
    values.sort_by(|one, other| one.1.total_cmp(&other.1));
    let ((least, low), (most, high)) = (values[0], values[values.len() - 1]);
    format!(
        "For {} {unit}, it is {} with {least} and {} with {most}: {} times as much.",
        count(number),
        format(low),
        format(high),
        three_digits(high / low)
    )
}

impl Line<'_> {
    fn at(&self, count: f64) -> Option<f64> {
        self.points.iter().find(|point| point.0 == count).map(|point| point.1)
    }
}

/// The colour that stands for an implementation. The label of a Python may have its version.
fn colour(label: &str) -> RGBColor {
    let all = [
        Implementation::Python,
        Implementation::StdOnly,
        Implementation::Tokio,
        Implementation::AsyncStd,
        Implementation::Smol,
    ];
    let index = all.iter().position(|one| label.starts_with(&one.to_string()));
    RGBColor(0, 0, index.map_or(0, |index| index as u8 + 1))
}

fn draw(title: &str, unit: &str, lines: &[Line<'_>], format: fn(f64) -> String) -> Result<String> {
    let all = || lines.iter().flat_map(|line| &line.points);
    let [x_min, x_max, y_min, y_max] = [
        all().map(|point| point.0).reduce(f64::min),
        all().map(|point| point.0).reduce(f64::max),
        all().map(|point| point.1).reduce(f64::min),
        all().map(|point| point.1).reduce(f64::max),
    ]
    .map(|bound| bound.unwrap_or(1.0));
    // Whole powers of ten, so that an axis has labels at both ends.
    let decades = |min: f64, max: f64| {
        let (low, high) = (min.log10().floor() as i32, max.log10().ceil() as i32);
        10f64.powi(low)..10f64.powi(high.max(low + 1)) * 1.000_001
    };
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let mut builder = ChartBuilder::on(&area);
        builder.margin(8).margin_right(220).margin_top(20);
        builder.set_label_area_size(LabelAreaPosition::Left, 120);
        builder.set_label_area_size(LabelAreaPosition::Bottom, 90);
        let x = decades(x_min, x_max).log_scale();
        let y = decades(y_min, y_max).log_scale();
        let mut chart = builder.build_cartesian_2d(x, y).map_err(error)?;
        let style = ("sans-serif", FONT).into_font().color(&TEXT);
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .label_style(style.clone())
            .x_labels(8)
            .y_labels(8)
            .x_label_formatter(&|number| short(*number))
            .y_label_formatter(&|value| format(*value).replacen(".00", "", 1).replacen(".0", "", 1))
            .x_desc(unit)
            .draw()
            .map_err(error)?;
        let mut labels = Vec::new();
        for line in lines {
            let colour = colour(line.label);
            let stroke = colour.stroke_width(4);
            chart.draw_series(LineSeries::new(line.points.clone(), stroke)).map_err(error)?;
            let ends = line.points.iter().map(|point| chart.backend_coord(point));
            let ends: Vec<_> = ends.collect();
            for at in &ends {
                marker(&area, line.label, *at, colour)?;
            }
            labels.extend(ends.last().map(|end| (end.1, line.label, colour)));
        }
        // Labels stand at the right, in the order of the lines' ends, without overlap.
        labels.sort_by_key(|label| label.0);
        let step = FONT + 8;
        let bottom = SIZE.1 as i32 - 90;
        let count = labels.len() as i32;
        let mut next = FONT;
        for (index, (y, label, colour)) in labels.into_iter().enumerate() {
            let lowest = bottom - (count - 1 - index as i32) * step;
            let y = y.min(lowest).max(next);
            next = y + step;
            let x = SIZE.0 as i32 - 186;
            marker(&area, label, (x, y), colour)?;
            let style = style.pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(label.to_owned(), (x + 20, y), style)).map_err(error)?;
        }
        area.present().map_err(error)?;
    }
    let text =
        format!("<svg role=\"img\" aria-label=\"{title}; the table below has the numbers\" ");
    Ok(svg.replacen("<svg ", &text, 1))
}

/// Each implementation has a shape of its own, so that colour is not the only sign.
fn marker<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    label: &str,
    (x, y): (i32, i32),
    colour: RGBColor,
) -> Result<()>
where
    DB::ErrorType: 'static,
{
    let polygon = |points: &[(i32, i32)]| {
        let points = points.iter().map(|(right, down)| (x + right, y + down)).collect::<Vec<_>>();
        area.draw(&Polygon::new(points, colour.filled()))
    };
    let drawn = match colour.2 {
        1 => area.draw(&Circle::new((x, y), 9, colour.filled())),
        2 => polygon(&[(-8, -8), (8, -8), (8, 8), (-8, 8)]),
        3 => polygon(&[(0, -11), (10, 8), (-10, 8)]),
        4 => polygon(&[(0, -11), (11, 0), (0, 11), (-11, 0)]),
        _ => polygon(&[(0, 11), (10, -8), (-10, -8)]),
    };
    drawn.map_err(error).map_err(|error| error.context(format!("cannot draw {label}")))
}

/// The errors of plotters are not `Send`.
fn error(error: impl Display) -> anyhow::Error {
    anyhow!("cannot draw a chart: {error}")
}
