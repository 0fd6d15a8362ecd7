//! Charts with logarithmic axes: overhead and memory against the number of threads, tasks or
//! processes. The template `chart.svg` draws them.

use std::collections::BTreeSet;
use std::iter;

use harness::catalog::Section;
use harness::measure::Summary;
use harness::measure::scale::{Point, Scale, Series};
use harness::terminal::{bytes, duration};
use indicatif::HumanCount;
use minijinja::{Value, context};

/// The plot in units of the SVG, which is 480 wide: its left, its top, its bottom.
const LEFT: f64 = 72.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 282.0;
const WIDTH: f64 = 480.0;
/// The height of a label.
const LABEL: f64 = 20.0;

/// A quantity against the number of threads, tasks or processes. Each series is a line, and a row of
/// the table.
#[derive(Clone, Copy)]
struct Chart<'a> {
    name: &'static str,
    value: fn(&Point) -> Summary,
    format: fn(f64) -> String,
    unit: &'static str,
    series: &'a [&'a Series],
}

/// A logarithmic axis between two powers of ten, and where these are.
struct Axis {
    powers: [i32; 2],
    ends: [f64; 2],
}

impl Axis {
    /// `None` without values.
    fn new(values: impl Iterator<Item = f64> + Clone, ends: [f64; 2]) -> Option<Axis> {
        let low = values.clone().reduce(f64::min)?.log10().floor() as i32;
        let high = values.reduce(f64::max)?.log10().ceil() as i32;
        Some(Axis { powers: [low, high.max(low + 1)], ends })
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

/// The charts of a section: overhead and memory. Each has a table with its numbers. Empty if the
/// section was not measured.
pub fn of_section(scale: &Scale, section: &Section) -> Vec<Value> {
    let series: Vec<_> = scale.series.iter().filter(|one| one.section == section.name).collect();
    let overhead = Chart {
        name: "Overhead",
        value: |point| point.overhead_s,
        format: duration,
        unit: section.unit,
        series: &series,
    };
    let memory = Chart {
        name: "Memory",
        value: |point| Summary::of([point.memory_bytes as f64]),
        format: |number| bytes(number as u64),
        ..overhead
    };
    [overhead, memory].iter().filter_map(Chart::values).collect()
}

impl<'a> Chart<'a> {
    /// The points that have a place on logarithmic axes.
    fn drawn(&self, series: &Series) -> impl Iterator<Item = (f64, Summary)> + Clone {
        let points = series.points.iter().map(|point| (point.count as f64, (self.value)(point)));
        points.filter(|(count, value)| *count > 0.0 && value.median > 0.0)
    }

    /// The values for the template. `None` if there is nothing to draw.
    fn values(&self) -> Option<Value> {
        let &Chart { name, format, unit, series, .. } = self;
        let counts: BTreeSet<u64> =
            series.iter().flat_map(|one| &one.points).map(|point| point.count).collect();
        let row = |one: &&Series| {
            let text = |count: &u64| {
                let point = one.points.iter().find(|point| point.count == *count);
                point.map_or("–".to_owned(), |point| self.text((self.value)(point)))
            };
            [vec![one.implementation.clone()], counts.iter().map(text).collect()].concat()
        };
        let header = counts.iter().map(|count| short(*count as f64));
        let widest = series.iter().map(|one| one.implementation.len()).max().unwrap_or(0);
        let right = WIDTH - 42.0 - 9.0 * widest as f64;
        let drawn = series.iter().flat_map(|one| self.drawn(one));
        let x = Axis::new(drawn.clone().map(|point| point.0), [LEFT, right])?;
        let values = drawn.clone().flat_map(|(_, value)| [value.median, value.min, value.max]);
        let y = Axis::new(values.filter(|value| *value > 0.0), [BOTTOM, TOP])?;
        Some(context! {
            title => format!("{name} of {unit}"),
            header => iter::once(String::new()).chain(header).collect::<Vec<_>>(),
            rows => series.iter().map(row).collect::<Vec<_>>(),
            name, unit,
            left => LEFT, top => TOP, right, bottom => BOTTOM, width => WIDTH,
            x => x.ticks(short),
            y => y.ticks(|value| format(value).replacen(".00", "", 1).replacen(".0", "", 1)),
            lines => self.lines(&x, &y),
        })
    }

    /// The median and, if it has a spread, the least and the most.
    fn text(&self, Summary { median, min, max }: Summary) -> String {
        let [median, min, max] = [median, min, max].map(self.format);
        if min == max { median } else { format!("{median} ({min} to {max})") }
    }

    /// The lines, from the highest end to the lowest, each with a label near its end. If an earlier
    /// series is of the same implementation, the line is another Python's, and hollow.
    fn lines(&self, x: &Axis, y: &Axis) -> Vec<Value> {
        let end = |one: &&'a Series| Some((self.drawn(one).last()?, *one));
        let mut ends: Vec<_> = self.series.iter().filter_map(end).collect();
        ends.sort_by(|one, other| other.0.1.median.total_cmp(&one.0.1.median));
        let (mut next, mut lowest) = (TOP, BOTTOM - LABEL * ends.len() as f64);
        let name = |one: &Series| one.implementation.split(' ').next().map(str::to_owned);
        let line = |&((_, value), one): &((f64, Summary), &Series)| {
            lowest += LABEL;
            let label_at = y.at(value.median).min(lowest).max(next);
            next = label_at + LABEL;
            let points = self.drawn(one).map(|(count, value)| {
                let count_text = HumanCount(count as u64);
                context! {
                    x => x.at(count), y => y.at(value.median),
                    least => y.at(value.min), most => y.at(value.max),
                    median => (self.format)(value.median),
                    text => format!("{count_text} {}: {}", self.unit, self.text(value)),
                }
            });
            let first = self.series.iter().find(|other| name(other) == name(one));
            context! {
                name => name(one),
                label => &one.implementation,
                label_at,
                is_hollow => first.is_some_and(|first| first.implementation != one.implementation),
                points => points.collect::<Vec<_>>(),
                // Why it ends before the largest number. That is written at the top, left of the end.
                stop => one.stop.as_ref().map(|stop| &stop.reason),
            }
        };
        ends.iter().map(line).collect()
    }
}

/// A power of ten, like `100k`.
fn short(number: f64) -> String {
    match number {
        ..1e3 => format!("{number:.0}"),
        ..1e6 => format!("{:.0}k", number / 1e3),
        _ => format!("{:.0}M", number / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use harness::catalog::SECTIONS;
    use harness::measure::measured;
    use minijinja::value::Serde;
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
    fn a_chart_has_the_numbers_in_its_table() {
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
        let templates = crate::site::templates().unwrap();
        for chart in charts {
            let end = &chart["lines"][1]["points"][0];
            let [x, y] = ["x", "y"].map(|key| end[key].as_f64().unwrap());
            let svg = templates.get_template("chart.svg").unwrap();
            let svg = svg.render(context! { chart => Serde(chart) }).unwrap();
            assert_eq!(svg.matches("Ends here: too few</p>").count(), 1, "{svg}");
            // From the end up to the text, which ends left of it.
            assert!(svg.contains(&format!("d=\"M{x:.2} {y:.2}V{TOP:.1}\"")), "{svg}");
            let width = x - LEFT - 24.0;
            assert!(svg.contains(&format!("y=\"{TOP:.1}\" width=\"{width:.2}\"")), "{svg}");
        }
    }

    #[test]
    fn what_was_not_measured_has_no_chart() {
        assert!(charts(&[]).is_empty());
        assert!(charts(&[("python", &[])]).is_empty());
        assert_eq!(charts(&[("python", &[(4, 0.0, 1_000_000)])]).len(), 1);
    }
}
