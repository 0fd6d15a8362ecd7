//! The command `scale`: overhead and memory of many threads, tasks or processes. It runs the
//! listing `crowd` with increasing numbers of them, and stops before memory runs out.

use std::iter;
use std::ops::RangeInclusive;
use std::sync::Mutex;

use comfy_table::{ColumnConstraint, Table};
use indicatif::{HumanCount, ProgressBar};
use serde::{Deserialize, Serialize};

use super::{Environment, Summary, describe_runs, find_fault, memory};
use crate::judge::transcript::{SLEEP, elapsed_seconds};
use crate::program::Program;
use crate::run::{Line, Outcome, Runner};
use crate::terminal::{Findings, bytes, duration, number_table, plain_table};

/// The numbers of threads, tasks or processes that are measured.
const COUNTS: [u64; 7] = [4, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
/// The smallest and the largest number that `--max` takes.
pub const RANGE: RangeInclusive<u64> = COUNTS[0]..=COUNTS[COUNTS.len() - 1];

/// An overhead that grows faster than n to this power is called superlinear.
const SUPERLINEAR: f64 = 1.15;

const NOT_AT_ONCE: &str = "did not all exist at the same time";

/// What was measured of all programs, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Scale {
    /// What it was measured on.
    #[serde(flatten)]
    pub environment: Environment,
    /// How many times each program ran with each number.
    pub runs: usize,
    /// Whether all programs were measured.
    pub is_complete: bool,
    /// The programs that have run, in the document's order.
    pub series: Vec<Series>,
}

/// What was measured of one program.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Series {
    /// The section's name.
    pub section: String,
    /// What the program starts, like `threads`.
    pub unit: String,
    /// The implementation, with the version if there were several Pythons.
    pub implementation: String,
    /// The measurements, from the smallest number to the largest.
    pub points: Vec<Point>,
    /// Why the series ends before the largest number, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
}

/// All runs with one number of threads, tasks or processes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Point {
    /// How many threads, tasks or processes.
    pub count: u64,
    /// The elapsed time minus the sleep, in seconds.
    pub overhead_s: Summary,
    /// Peak memory in bytes, the median: the peak RSS, or for processes the PSS of all of them.
    pub memory_bytes: u64,
    /// CPU time of the program and its children, the median, in seconds.
    pub cpu_s: f64,
}

/// Why a series ends before the largest number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Stop {
    /// The number that was not measured.
    pub count: u64,
    /// Why not.
    pub reason: String,
    /// Whether the program failed. Otherwise it was not started.
    pub has_failed: bool,
}

impl Series {
    /// The points whose threads, tasks or processes all existed at the same time. Tasks did: all
    /// are created before the first is polled. If starting threads or processes takes longer than
    /// their sleep, the first have ended before the last begin.
    fn at_once(&self) -> &[Point] {
        let is_at_once = |point: &Point| point.overhead_s.median < SLEEP.as_secs_f64();
        let first_other = self.points.iter().position(|point| !is_at_once(point));
        let end = first_other.filter(|_| self.unit != "tasks").unwrap_or(self.points.len());
        &self.points[..end]
    }

    /// The memory of each additional thread, task or process, in bytes: the slope from the first of
    /// these points to the last.
    pub fn bytes_each(&self) -> Option<u64> {
        let [first, .., last] = self.at_once() else { return None };
        let bytes = last.memory_bytes.saturating_sub(first.memory_bytes);
        // Less may be noise.
        let each = bytes as f64 / (last.count - first.count) as f64;
        (bytes >= 1_000_000).then_some(each.round() as u64)
    }

    /// Returns why the program should not be started with this number.
    fn reason_against(&self, count: u64, available: u64) -> Option<String> {
        let last = self.points.last()?;
        if self.at_once().len() < self.points.len() {
            return Some(format!("{} {NOT_AT_ONCE}", HumanCount(last.count)));
        }
        // Linear extrapolation from the last two points.
        let before = self.points.iter().nth_back(1);
        let (bytes_before, fewer) = before.map_or((0, 0), |one| (one.memory_bytes, one.count));
        let added = last.memory_bytes.saturating_sub(bytes_before) as f64;
        let more = added / (last.count - fewer) as f64 * (count - last.count) as f64;
        let (need, available) = (last.memory_bytes as f64 + more, available as f64);
        (need > available).then(|| {
            let (need, available) = (bytes(need as u64), bytes(available as u64));
            format!("needs about {need} of memory, but only {available} is available")
        })
    }

    /// Returns warnings about the measurements.
    fn warnings(&self) -> Vec<String> {
        let number = |count: u64| HumanCount(count).to_string();
        let mut warnings = Vec::new();
        if let [.., before, last] = self.at_once() {
            let times = last.overhead_s.median / before.overhead_s.median;
            if times.ln() > SUPERLINEAR * (last.count as f64 / before.count as f64).ln() {
                let (before, last) = (number(before.count), number(last.count));
                warnings.push(format!(
                    "overhead is superlinear, {times:.0} times as much for {last} as for {before}"
                ));
            }
        }
        if let Some(Stop { count, reason, has_failed }) = &self.stop {
            let what = if *has_failed { "failed" } else { "were not started" };
            warnings.push(format!("{} {what}: {reason}", number(*count)));
        } else if let Some(point) = self.points.get(self.at_once().len()) {
            warnings.push(format!("{} {NOT_AT_ONCE}", number(point.count)));
        }
        let complete = |warning| format!("{} with {}: {warning}", self.unit, self.implementation);
        warnings.into_iter().map(complete).collect()
    }
}

/// Runs each program with more and more threads, tasks or processes, up to `max`.
pub fn measure_all(
    scale: &Mutex<Scale>,
    programs: &[Program],
    max: Option<u64>,
    runner: &Runner,
    bar: &ProgressBar,
) {
    let runs = scale.lock().unwrap().runs;
    let programs: Vec<_> = programs.iter().filter(|one| one.command.is_ok()).collect();
    bar.set_length(programs.len() as u64);
    for (index, program) in programs.into_iter().enumerate() {
        let mut series = Series {
            section: program.section.name.to_owned(),
            unit: program.section.unit.to_owned(),
            implementation: program.label.clone(),
            points: Vec::new(),
            stop: None,
        };
        scale.lock().unwrap().series.push(series.clone());
        let max = max.unwrap_or(match program.section.unit {
            "tasks" => 1_000_000,
            "threads" => 10_000,
            _ => 1_000,
        });
        let mut counts = COUNTS.into_iter().take_while(|count| *count <= max);
        while let (Some(count), None) = (counts.next(), &series.stop) {
            bar.set_message(format!("{program} with {}", HumanCount(count)));
            let stop = |reason, has_failed| Some(Stop { count, reason, has_failed });
            if let Some(reason) = series.reason_against(count, memory::available()) {
                series.stop = stop(reason, false);
            } else {
                match (0..runs).map(|_| measure(program, count, runner)).collect() {
                    Ok(measured) => series.points.push(point(count, measured)),
                    Err(reason) => series.stop = stop(reason, true),
                }
            }
            scale.lock().unwrap().series[index] = series.clone();
        }
        bar.inc(1);
    }
    scale.lock().unwrap().is_complete = true;
}

/// Returns the elapsed seconds that a crowd of this many reported.
///
/// # Errors
///
/// If it has a fault, if it was smaller or larger, or if the seconds are missing.
pub fn read(program: &Program, count: u64, outcome: &Outcome) -> Result<f64, String> {
    if let Some(fault) = find_fault(program.listing, outcome) {
        return Err(fault);
    }
    let number = |line: &Line| line.text.strip_prefix("Greeters: ")?.parse::<u64>().ok();
    let greeters = outcome.lines.iter().find_map(number);
    if greeters != Some(count) {
        let found =
            greeters.map_or("no number".to_owned(), |number| HumanCount(number).to_string());
        return Err(format!(
            "wrong number of greeters: expected {}, found {found}",
            HumanCount(count)
        ));
    }
    let elapsed = outcome.lines.iter().find_map(|line| elapsed_seconds(&line.text));
    elapsed.ok_or("the elapsed time is missing".to_owned())
}

/// Overhead in seconds, memory in bytes and CPU time in seconds of one run.
fn measure(program: &Program, count: u64, runner: &Runner) -> Result<[f64; 3], String> {
    let mut command = program.command.clone().unwrap_or_default();
    command.extend(["--count".into(), count.to_string().into()]);
    let run = || runner.run(&command);
    // The kernel knows the peak of one process, but not of several together.
    let (outcome, pss) = match program.section.unit {
        "processes" => {
            memory::peak_pss(run).map_err(|error| format!("cannot start a thread: {error}"))?
        }
        _ => (run(), 0),
    };
    let overhead = read(program, count, &outcome)? - SLEEP.as_secs_f64();
    let usage = outcome.usage.ok_or("the resources that it used are not known")?;
    let memory = pss.max(usage.max_rss_bytes);
    Ok([overhead, memory as f64, (usage.user + usage.system).as_secs_f64()])
}

fn point(count: u64, runs: Vec<[f64; 3]>) -> Point {
    let [overhead_s, memory, cpu] =
        [0, 1, 2].map(|index| Summary::of(runs.iter().map(|run| run[index])));
    Point { count, overhead_s, memory_bytes: memory.median as u64, cpu_s: cpu.median }
}

impl Scale {
    /// The measurements of a section, from the number `least` on.
    pub fn table(&self, section: &str, least: u64) -> Table {
        let series = self.series.iter().filter(|series| series.section == section);
        let unit = series.clone().next().map_or("", |series| &series.unit);
        let header = ["", unit, "overhead", "min", "max", "memory", "each", "CPU"];
        let mut rows = Vec::new();
        for series in series {
            let points = series.points.iter().filter(|point| point.count >= least);
            let name = iter::once(series.implementation.clone()).chain(iter::repeat(String::new()));
            for (name, point) in name.zip(points) {
                let is_last = Some(point.count) == series.points.last().map(|last| last.count);
                let each = series.bytes_each().filter(|_| is_last);
                let Summary { median, min, max } = point.overhead_s;
                rows.push(vec![
                    name,
                    HumanCount(point.count).to_string(),
                    duration(median),
                    duration(min),
                    duration(max),
                    bytes(point.memory_bytes),
                    each.map(bytes).unwrap_or_default(),
                    duration(point.cpu_s),
                ]);
            }
        }
        let mut table = number_table(header, rows);
        if self.runs == 1 {
            for column in table.column_iter_mut().skip(3).take(2) {
                column.set_constraint(ColumnConstraint::Hidden);
            }
        }
        table
    }

    /// Returns warnings about the measurements.
    pub fn warnings(&self) -> Vec<String> {
        self.series.iter().flat_map(Series::warnings).collect()
    }
}

impl Findings for Scale {
    fn to_text(&self) -> String {
        let mut text = String::new();
        for series in self.series.chunk_by(|one, next| one.section == next.section) {
            text += &format!("{}\n", plain_table(self.table(&series[0].section, 0)));
        }
        text += &format!(
            "{}, {} builds, one program at a time.\n\
             overhead: elapsed time minus the 2 s of sleep\n\
             memory: peak RSS; of processes, the PSS of all of them together\n\
             each: memory per additional thread, task or process\n\
             CPU: CPU time of the program and its children\n",
            describe_runs(self.runs),
            self.environment.build
        );
        for warning in self.warnings() {
            text += &format!("{warning}\n");
        }
        if !self.is_complete {
            text += "Interrupted: the results are incomplete.\n";
        }
        text
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    fn is_success(&self) -> bool {
        let mut stops = self.series.iter().filter_map(|series| series.stop.as_ref());
        !stops.any(|stop| stop.has_failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(unit: &str, points: &[(u64, f64, u64)]) -> Series {
        let point = |&(count, overhead, memory_bytes): &(u64, f64, u64)| {
            let overhead_s = Summary::of([overhead]);
            Point { count, overhead_s, memory_bytes, cpu_s: 0.0 }
        };
        Series {
            section: "section".to_owned(),
            unit: unit.to_owned(),
            implementation: "implementation".to_owned(),
            points: points.iter().map(point).collect(),
            stop: None,
        }
    }

    fn scale(series: Vec<Series>, runs: usize) -> Scale {
        Scale { environment: Environment::current(&[]), runs, is_complete: true, series }
    }

    #[test]
    fn the_memory_of_each_is_a_slope() {
        // The memory of the program itself does not count.
        let points = [(4, 0.1, 5_000_400), (100_000, 0.1, 15_000_000)];
        assert_eq!(series("tasks", &points).bytes_each(), Some(100));
        assert_eq!(series("tasks", &points[..1]).bytes_each(), None);
        // A few pages more may be chance.
        assert_eq!(series("tasks", &[points[0], (100, 0.1, 5_500_000)]).bytes_each(), None);
        // The last did not exist at the same time.
        let points = [(4, 0.1, 1_000), (1_004, 0.1, 2_001_000), (10_000, 2.0, 2_001_000)];
        assert_eq!(series("threads", &points).bytes_each(), Some(2_000));
    }

    #[test]
    fn a_program_is_not_started_without_memory_or_if_fewer_did_not_exist_at_the_same_time() {
        // 10,000 bytes each: 11 MB and another 90.
        let growing = [(100, 0.01, 2_000_000), (1_000, 0.1, 11_000_000)];
        let slow = [(100, 0.01, 2_000_000), (1_000, 2.0, 2_000_000)];
        let no_memory = "needs about 101 MB of memory, but only 100 MB is available";
        for (unit, points, count, available, reason) in [
            ("threads", &growing[..], 10_000, 101_000_000, None),
            ("threads", &growing, 10_000, 100_000_000, Some(no_memory)),
            ("threads", &slow, 10_000, u64::MAX, Some("1,000 did not all exist at the same time")),
            ("threads", &slow[..1], 1_000, u64::MAX, None),
            ("tasks", &slow, 10_000, u64::MAX, None),
        ] {
            let found = series(unit, points).reason_against(count, available);
            assert_eq!(found.as_deref(), reason, "{unit} {points:?}");
        }
    }

    #[test]
    fn superlinear_growth_and_a_crowd_that_was_not_there_at_the_same_time_are_warnings() {
        let superlinear = "overhead is superlinear, 20 times as much for 1,000 as for 100";
        for (unit, points, warning) in [
            ("tasks", [(100, 0.1, 0), (1_000, 1.3, 0)], None),
            ("tasks", [(100, 0.1, 0), (1_000, 2.0, 0)], Some(superlinear)),
            ("threads", [(4, 0.1, 0), (100, 1.9, 0)], None),
            (
                "threads",
                [(4, 0.1, 0), (100, 2.0, 0)],
                Some("100 did not all exist at the same time"),
            ),
        ] {
            let expected = warning.map(|warning| format!("{unit} with implementation: {warning}"));
            let found = scale(vec![series(unit, &points)], 1).warnings();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn tables_fit_in_80_columns_and_leave_out_the_spread_of_one_run() {
        let wide = [(1_000_000, 20.53, 1_680_000_000), (10_000_000, 205.3, 16_800_000_000)];
        let show = |runs| {
            let mut series = series("processes", &wide);
            series.section = "multiprocessing".to_owned();
            let scale = scale(vec![series], runs);
            plain_table(scale.table("multiprocessing", 0))
        };
        assert!(show(3).lines().all(|line| line.chars().count() <= 80), "{}", show(3));
        assert!(show(3).contains("min") && !show(1).contains("min"), "{}", show(1));
    }
}
