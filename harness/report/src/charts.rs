//! Charts with logarithmic axes: overhead and memory against the number of threads, tasks or
//! processes. The template `chart.svg` draws them.

use std::iter;

use harness::catalog::Section;
use harness::measure::Summary;
use harness::measure::scale::{Point, Scale, Stop};
use harness::terminal::{bytes, duration, three_digits};
use indicatif::HumanCount;
use minijinja::{Value, context};

/// The plot in units of the SVG, which is 480 wide: its left, its top, its bottom.
const LEFT: f64 = 72.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 282.0;
const WIDTH: f64 = 480.0;
/// The height of a label.
const LABEL: f64 = 20.0;

/// What a chart shows against the number of threads, tasks or processes.
struct Quantity {
    name: &'static str,
    value: fn(&Point) -> Summary,
    format: fn(f64) -> String,
}

const QUANTITIES: [Quantity; 2] = [
    Quantity { name: "Overhead", value: |point| point.overhead_s, format: duration },
    Quantity {
        name: "Memory",
        value: |point| Summary::of([point.memory_bytes as f64]),
        format: |number| bytes(number as u64),
    },
];

impl Quantity {
    /// The median and, if it has a spread, the least and the most.
    fn text(&self, Summary { median, min, max }: Summary) -> String {
        let [median, min, max] = [median, min, max].map(self.format);
        if min == max { median } else { format!("{median} ({min} to {max})") }
    }
}

/// An implementation: a line of a chart, and a row of its table.
struct Line<'a> {
    label: &'a str,
    /// The number of threads, tasks or processes, and the quantity.
    points: Vec<(f64, Summary)>,
    stop: Option<&'a Stop>,
}

impl Line<'_> {
    /// The points that have a place on logarithmic axes.
    fn drawn(&self) -> impl Iterator<Item = (f64, Summary)> + Clone {
        self.points.iter().copied().filter(|(count, value)| *count > 0.0 && value.median > 0.0)
    }

    fn median_at(&self, count: f64) -> Option<f64> {
        self.drawn().find(|point| point.0 == count).map(|point| point.1.median)
    }
}

/// A logarithmic axis between two powers of ten, and where these are.
struct Axis {
    powers: [i32; 2],
    ends: [f64; 2],
}

impl Axis {
    fn new(values: impl Iterator<Item = f64> + Clone, ends: [f64; 2]) -> Axis {
        let low = values.clone().reduce(f64::min).unwrap_or(1.0).log10().floor() as i32;
        let high = values.reduce(f64::max).unwrap_or(1.0).log10().ceil() as i32;
        Axis { powers: [low, high.max(low + 1)], ends }
    }

    fn at(&self, value: f64) -> f64 {
        let ([low, high], [from, to]) = (self.powers.map(f64::from), self.ends);
        from + (value.log10().max(low) - low) / (high - low) * (to - from)
    }

    fn ticks(&self, label: impl Fn(f64) -> String) -> Vec<Value> {
        let powers = (self.powers[0]..=self.powers[1]).map(|power| 10f64.powi(power));
        powers.map(|value| context! { at => self.at(value), label => label(value) }).collect()
    }
}

/// The charts of a section: overhead and memory. Each has a sentence that says what to see in it, and
/// a table with its numbers. Empty if the section was not measured.
pub fn of_section(scale: &Scale, section: &Section) -> Vec<Value> {
    let chart = |quantity: &Quantity| {
        let lines = lines(scale, section, quantity);
        (!lines.is_empty()).then(|| chart(section.unit, quantity, &lines))
    };
    QUANTITIES.iter().filter_map(chart).collect()
}

fn lines<'a>(scale: &'a Scale, section: &Section, quantity: &Quantity) -> Vec<Line<'a>> {
    let series = scale.series.iter().filter(|series| series.section == section.name);
    let lines = series.map(|series| {
        let points = series.points.iter();
        let points = points.map(|point| (point.count as f64, (quantity.value)(point))).collect();
        Line { label: &series.implementation, points, stop: series.stop.as_ref() }
    });
    lines.filter(|line| line.drawn().next().is_some()).collect()
}

fn chart(unit: &str, quantity: &Quantity, lines: &[Line<'_>]) -> Value {
    let &Quantity { name, format, .. } = quantity;
    let mut counts: Vec<_> =
        lines.iter().flat_map(|line| &line.points).map(|point| point.0).collect();
    counts.sort_by(f64::total_cmp);
    counts.dedup();
    let row = |line: &Line<'_>| {
        let point = |count: &f64| line.points.iter().find(|point| point.0 == *count);
        let text = |count| point(count).map_or("–".to_owned(), |point| quantity.text(point.1));
        iter::once(line.label.to_owned()).chain(counts.iter().map(text)).collect::<Vec<_>>()
    };
    let header = counts.iter().map(|count| short(*count));
    let widest = lines.iter().map(|line| line.label.chars().count()).max().unwrap_or(0);
    let right = WIDTH - 42.0 - 9.0 * widest as f64;
    let drawn = lines.iter().flat_map(Line::drawn);
    let x = Axis::new(drawn.clone().map(|point| point.0), [LEFT, right]);
    let values = drawn.flat_map(|(_, value)| [value.median, value.min, value.max]);
    let y = Axis::new(values.filter(|value| *value > 0.0), [BOTTOM, TOP]);
    context! {
        title => format!("{name} of {unit}"),
        sentence => sentence(unit, lines, format),
        has_spread => lines.iter().flat_map(Line::drawn).any(|(_, value)| value.min < value.max),
        header => iter::once(String::new()).chain(header).collect::<Vec<_>>(),
        rows => lines.iter().map(row).collect::<Vec<_>>(),
        name, unit,
        left => LEFT, top => TOP, right, bottom => BOTTOM, width => WIDTH,
        x => x.ticks(short),
        y => y.ticks(|value| format(value).replacen(".00", "", 1).replacen(".0", "", 1)),
        lines => drawn_lines(unit, quantity, lines, [&x, &y]),
        stops => stops(lines, [&x, &y]),
    }
}

/// The lines as they are drawn, each with a label near its end. If an earlier line is of the same
/// implementation, it is another Python's, and hollow.
fn drawn_lines(
    unit: &str,
    quantity: &Quantity,
    lines: &[Line<'_>],
    [x, y]: [&Axis; 2],
) -> Vec<Value> {
    let end = |line: &Line<'_>| line.drawn().last().map_or(BOTTOM, |point| y.at(point.1.median));
    let mut order: Vec<_> = (0..lines.len()).collect();
    order.sort_by(|one, other| end(&lines[*one]).total_cmp(&end(&lines[*other])));
    let (mut next, mut lowest) = (TOP, BOTTOM - LABEL * lines.len() as f64);
    let mut heights = vec![0.0; lines.len()];
    for index in order {
        lowest += LABEL;
        heights[index] = end(&lines[index]).min(lowest).max(next);
        next = heights[index] + LABEL;
    }
    let name = |line: &Line<'_>| line.label.split(' ').next().map(str::to_owned);
    let drawn = lines.iter().zip(heights).enumerate().map(|(index, (line, label_at))| {
        let points = line.drawn().map(|(count, value)| {
            let count_text = HumanCount(count as u64);
            context! {
                x => x.at(count), y => y.at(value.median),
                least => y.at(value.min), most => y.at(value.max),
                median => (quantity.format)(value.median),
                text => format!("{count_text} {unit}: {}", quantity.text(value)),
            }
        });
        let is_hollow = lines[..index].iter().any(|other| name(other) == name(line));
        let points = points.collect::<Vec<_>>();
        context! { label => line.label, name => name(line), is_hollow, label_at, points }
    });
    drawn.collect()
}

/// Why lines end before the largest number, the same reason once, and where it is written: left of the
/// end if no line is higher there, otherwise below it.
fn stops(lines: &[Line<'_>], [x, y]: [&Axis; 2]) -> Vec<Value> {
    let mut ended = lines.iter().filter(|line| line.stop.is_some()).collect::<Vec<_>>();
    ended.dedup_by_key(|line| line.stop);
    let value = |line: &&Line<'_>| {
        let (count, value) = line.drawn().last()?;
        let others = lines.iter().filter(|other| other.stop != line.stop);
        let mut others = others.filter_map(|line| line.median_at(count));
        let is_highest = others.all(|other| other < value.median);
        let (x, y) = (x.at(count), y.at(value.median));
        Some(context! { x, y, is_highest, label => line.label, reason => &line.stop?.reason })
    };
    ended.iter().filter_map(value).collect()
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
        let values = lines.iter().filter_map(|line| Some((line.label, line.median_at(count)?)));
        let mut values: Vec<_> = values.collect();
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

#[cfg(test)]
mod tests {
    use harness::catalog::SECTIONS;
    use harness::measure::measured;
    use serde_json::{Value, from_value, json};

    use super::*;

    /// An implementation, and for each number of tasks the median of the overhead in seconds and the
    /// memory in bytes. The least overhead is half of the median, and the most is twice.
    type Measured<'a> = (&'a str, &'a [(u64, f64, u64)]);

    /// The charts of tasks, if this is what was measured.
    fn charts(series: &[Measured<'_>]) -> Vec<Value> {
        let point = |&(count, seconds, bytes): &(u64, f64, u64)| {
            let overhead = json!({ "median": seconds, "min": seconds / 2.0, "max": seconds * 2.0 });
            json!({ "count": count, "overhead_s": overhead, "memory_bytes": bytes, "cpu_s": 0.0 })
        };
        let one = |(implementation, points): &Measured<'_>| {
            let points: Vec<Value> = points.iter().map(point).collect();
            let stop = json!({ "count": 10_000, "reason": "too few", "has_failed": false });
            let stop = if implementation.starts_with("smol") { stop } else { json!(null) };
            json!({ "section": "asyncio", "unit": "tasks", "implementation": implementation,
                "points": points, "stop": stop })
        };
        let mut scale: Value = measured("scale.json").unwrap();
        scale["series"] = series.iter().map(one).collect();
        let charts = of_section(&from_value(scale).unwrap(), &SECTIONS[1]);
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
            ["python", "100 ms (50.0 ms to 200 ms)", "1.00 s (500 ms to 2.00 s)"],
            ["tokio", "0.00 ms", "250 ms (125 ms to 500 ms)"],
            ["smol", "20.0 ms (10.0 ms to 40.0 ms)", "–"],
        ]);
        assert_eq!(overhead["rows"], rows);
        let sentence =
            "For 1,000 tasks, it is 250 ms with tokio and 1.00 s with python: 4.00 times as much.";
        assert_eq!(overhead["sentence"], sentence);
        assert_eq!(memory["rows"][1], json!(["tokio", "2.00 MB", "4.00 MB"]));
    }

    #[test]
    fn a_point_and_its_spread_have_their_places_on_logarithmic_axes() {
        // Axes from 1 to 10,000 tasks, and from 1 ms to 10 s.
        let charts = charts(&[("python", &[(1, 0.01, 1), (100, 0.1, 1), (10_000, 1.0, 1)])]);
        let chart = &charts[0];
        let labels = |axis: &str| {
            let ticks = chart[axis].as_array().unwrap().iter();
            ticks.map(|tick| tick["label"].as_str().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(labels("x"), ["1", "10", "100", "1k", "10k"]);
        assert_eq!(labels("y"), ["1 ms", "10 ms", "100 ms", "1 s", "10 s"]);
        let right = chart["right"].as_f64().unwrap();
        let height = BOTTOM - TOP;
        for (index, part) in [0.0, 0.5, 1.0].into_iter().enumerate() {
            let point = &chart["lines"][0]["points"][index];
            let up = |decades: f64| BOTTOM - height / 4.0 * (decades + 2.0 * part);
            for (key, expected) in [
                ("x", LEFT + (right - LEFT) * part),
                ("y", up(1.0)),
                ("least", up(0.5f64.log10() + 1.0)),
                ("most", up(2f64.log10() + 1.0)),
            ] {
                let at = point[key].as_f64().unwrap();
                assert!((at - expected).abs() < 1e-6, "{key} of {part}: {at} and {expected}");
            }
        }
    }

    #[test]
    fn why_lines_end_is_written_once_where_they_end() {
        let python = ("python", &[(100, 0.1, 50), (10_000, 1.0, 60)][..]);
        let smol = &[(100, 1.0, 5)][..];
        let charts = charts(&[python, ("smol", smol), ("smol 2", smol)]);
        for (chart, is_highest) in charts.iter().zip([true, false]) {
            let stops = chart["stops"].as_array().unwrap();
            assert_eq!(stops.len(), 1);
            assert_eq!(
                (&stops[0]["reason"], &stops[0]["is_highest"]),
                (&json!("too few"), &json!(is_highest))
            );
            let end = &chart["lines"][1]["points"][0];
            assert_eq!((&stops[0]["x"], &stops[0]["y"]), (&end["x"], &end["y"]));
        }
    }

    #[test]
    fn what_was_not_measured_has_no_chart() {
        assert!(charts(&[]).is_empty());
        assert!(charts(&[("python", &[])]).is_empty());
        assert_eq!(charts(&[("python", &[(4, 0.0, 1_000_000)])]).len(), 1);
    }
}
