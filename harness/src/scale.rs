//! What a greeting costs, from four greeters to a million: runs `crowd` with more and more of them, one
//! program at a time, and stops before the machine would run out of something.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar};
use serde::{Deserialize, Serialize};

use crate::limits::{self, Limit, Use};
use crate::machine::{Machine, Versions};
use crate::program::Program;
use crate::run::{End, Outcome, Runner};
use crate::transcript::{STAGE, elapsed_seconds};
use crate::verdict::{Fault, FaultKind, judge};

/// How many greeters a crowd may have.
pub const COUNTS: [u64; 6] = [4, 100, 1_000, 10_000, 100_000, 1_000_000];

/// Overhead that grows faster than the number of greeters to this power is called super-linear. What
/// grows in proportion has an exponent of one, or somewhat more, because large memory is slow.
pub const SUPER_LINEAR: f64 = 1.2;

/// All that a sweep has measured, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Scale {
    /// Where it was measured.
    pub machine: Machine,
    /// What was measured.
    pub versions: Versions,
    /// How it was measured.
    pub settings: Settings,
    /// Whether the sweep came to its end.
    pub is_complete: bool,
    /// An implementation of a section each.
    pub columns: Vec<Column>,
}

/// How a sweep is done.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Settings {
    /// How the programs are built: `release` or `debug`.
    pub build: String,
    /// The numbers of greeters.
    pub counts: Vec<u64>,
    /// How often each program runs with each number.
    pub runs: usize,
    /// How many seconds a program may take.
    pub limit_s: f64,
}

/// What was measured of one implementation of one section.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Column {
    /// The section.
    pub section: String,
    /// The implementation.
    pub implementation: String,
    /// The version, for Python.
    pub python: Option<String>,
    /// Its numbers of greeters, from few to many.
    pub steps: Vec<Step>,
    /// Memory that one more greeter takes, in bytes: the slope from the first step to the last in which all
    /// greeters existed at the same time.
    pub bytes_per_greeter: Option<f64>,
    /// How the overhead grew in the last decade of greeters.
    pub growth: Option<Growth>,
    /// How it grew in the last two decades.
    pub growth_of_two_decades: Option<Growth>,
    /// Why there are no more steps, if there are not all.
    pub stop: Option<Stop>,
}

/// All runs with one number of greeters.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Step {
    /// The number of greeters.
    pub count: u64,
    /// The elapsed time that the program told, in seconds.
    pub elapsed_s: Summary,
    /// How much of that was not sleep, in seconds.
    pub overhead_s: Summary,
    /// Physical memory at its peak, in bytes. Threads and tasks have that of their process
    /// (`ru_maxrss`). Processes have the sum of all, looked at now and then, where what several share
    /// counts once.
    pub memory_bytes: Summary,
    /// Processor time of the program and its children, in seconds.
    pub cpu_s: Summary,
    /// Context switches of all of their threads.
    pub switches: Summary,
    /// What it had of all that is limited, at the peak of all runs.
    pub peak: Use,
    /// What each run measured.
    pub runs: Vec<Run>,
}

/// What one run measured; see [`Step`].
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Run {
    /// Seconds.
    pub elapsed_s: f64,
    /// Bytes.
    pub memory_bytes: u64,
    /// Seconds.
    pub user_s: f64,
    /// Seconds.
    pub system_s: f64,
    /// How often a thread let go of the processor.
    pub voluntary_switches: u64,
    /// How often the processor was taken from a thread.
    pub involuntary_switches: u64,
}

/// The middle one of some measurements, the least and the most.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Summary {
    /// Half of them are less than this, half are more.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

impl Summary {
    /// Of at least one measurement.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Summary {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Summary { median: (low + high) / 2.0, min: values[0], max: values[values.len() - 1] }
    }
}

/// How the overhead grew from one number of greeters to another.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Growth {
    /// From this number of greeters.
    pub from: u64,
    /// To this.
    pub to: u64,
    /// The overhead grew like the number of greeters to this power.
    pub exponent: f64,
}

impl Growth {
    /// Whether it is worth a word.
    pub fn is_super_linear(&self) -> bool {
        self.exponent > SUPER_LINEAR
    }
}

/// Why a column ends before its last number of greeters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Stop {
    /// The number that was not measured.
    pub count: u64,
    /// Why not.
    pub reason: String,
    /// Whether a program failed, rather than was not started or took too long.
    pub has_failed: bool,
}

impl Column {
    fn new(program: &Program) -> Column {
        Column {
            section: program.section.name.to_owned(),
            implementation: program.implementation.to_string(),
            python: program.interpreter.as_ref().map(|python| python.version.clone()),
            steps: Vec::new(),
            bytes_per_greeter: None,
            growth: None,
            growth_of_two_decades: None,
            stop: None,
        }
    }

    fn add(&mut self, count: u64, run: Run, peak: Use) {
        let is_of_last = self.steps.last().is_some_and(|step| step.count == count);
        let last = if is_of_last { self.steps.pop() } else { None };
        let (mut runs, peak_before) = last.map(|step| (step.runs, step.peak)).unwrap_or_default();
        runs.push(run);
        let summary = |of: &dyn Fn(&Run) -> f64| Summary::of(runs.iter().map(of));
        self.steps.push(Step {
            count,
            elapsed_s: summary(&|run| run.elapsed_s),
            overhead_s: summary(&|run| run.elapsed_s - STAGE.as_secs_f64()),
            memory_bytes: summary(&|run| run.memory_bytes as f64),
            cpu_s: summary(&|run| run.user_s + run.system_s),
            switches: summary(&|run| (run.voluntary_switches + run.involuntary_switches) as f64),
            peak: peak_before.max(peak),
            runs,
        });
        let together = self.steps.iter().take_while(|step| self.are_all_there(step));
        self.bytes_per_greeter = bytes_per_greeter(&together.collect::<Vec<_>>());
        self.growth = growth(&self.steps, 10);
        self.growth_of_two_decades = growth(&self.steps, 100);
    }

    /// Whether all greeters existed at the same time. Tasks do: all are made before the first has its turn.
    /// But when it takes as long as the sleep to start all threads or processes, or to get one of a
    /// pool's, the first have ended before the last begin.
    pub fn are_all_there(&self, step: &Step) -> bool {
        self.section == "asyncio" || step.overhead_s.median < STAGE.as_secs_f64()
    }
}

/// Less than this, in bytes, may come of pages that a program has by chance.
const LEAST_RISE: f64 = 1e6;

fn bytes_per_greeter(steps: &[&Step]) -> Option<f64> {
    let [first, .., last] = steps else { return None };
    let bytes = last.memory_bytes.median - first.memory_bytes.median;
    (bytes >= LEAST_RISE).then_some(bytes / (last.count - first.count) as f64)
}

fn growth(steps: &[Step], times: u64) -> Option<Growth> {
    let last = steps.last()?;
    let first = steps.iter().find(|step| step.count == last.count / times)?;
    let ratio = last.overhead_s.median / first.overhead_s.median;
    let exponent = ratio.ln() / (last.count as f64 / first.count as f64).ln();
    Some(Growth { from: first.count, to: last.count, exponent })
}

/// Runs the programs of `crowd`, and keeps `scale` up to date with what is measured by then. The bar tells
/// how much of the sleep is left: less, if a column stops.
pub fn sweep(programs: &[Program], runner: &Runner, scale: &Mutex<Scale>, bar: &ProgressBar) {
    let settings = scale.lock().unwrap().settings.clone();
    let runs_of_a_column = (settings.counts.len() * settings.runs) as u64;
    bar.set_length(programs.len() as u64 * runs_of_a_column);
    for (index, program) in programs.iter().enumerate() {
        let mut column = Column::new(program);
        scale.lock().unwrap().columns.push(column.clone());
        let publish = |column: &Column| scale.lock().unwrap().columns[index] = column.clone();
        column.stop = measure_column(program, runner, &settings, &mut column, bar, &publish);
        publish(&column);
        bar.set_position((index as u64 + 1) * runs_of_a_column);
    }
    scale.lock().unwrap().is_complete = true;
}

/// Adds step after step to a column, and publishes it after each run. Returns why it stopped, if it did.
fn measure_column(
    program: &Program,
    runner: &Runner,
    settings: &Settings,
    column: &mut Column,
    bar: &ProgressBar,
    publish: &dyn Fn(&Column),
) -> Option<Stop> {
    for &count in &settings.counts {
        if let Some(reason) = foresee(&column.steps, count, runner.limit, &limits::limits()) {
            return Some(Stop { count, reason, has_failed: false });
        }
        for run in 1..=settings.runs {
            let left = bar.length().unwrap_or_default().saturating_sub(bar.position());
            bar.set_message(format!(
                "{} of sleep left: {program} with {}, run {run} of {}",
                HumanDuration(STAGE * left as u32),
                HumanCount(count),
                settings.runs
            ));
            match measure(program, count, runner) {
                Ok((run, peak)) => column.add(count, run, peak),
                Err((reason, has_failed)) => return Some(Stop { count, reason, has_failed }),
            }
            publish(column);
            bar.inc(1);
        }
    }
    None
}

/// Why a program should not be started with so many greeters, judging by what it took with fewer.
fn foresee(steps: &[Step], count: u64, limit: Duration, limits: &[Limit]) -> Option<String> {
    let last = steps.last()?;
    let before = steps.len().checked_sub(2).map(|index| &steps[index]);
    let need = predict(before, last, count);
    let exceeded = limits::exceeded(&need, limits);
    if !exceeded.is_empty() {
        let describe = |limit: &Limit| {
            format!(
                "would need {}, {} leaves {} (to raise it: {})",
                limits::needed(&need, limit),
                limit.name,
                limits::left(limit),
                limit.raise
            )
        };
        return Some(exceeded.into_iter().map(describe).collect::<Vec<_>>().join("; "));
    }
    let seconds = predict_elapsed(before, last, count);
    (seconds > limit.as_secs_f64()).then(|| {
        format!(
            "would take about {seconds:.0} s, the limit is {} s (to raise it: --limit)",
            limit.as_secs_f64()
        )
    })
}

/// What `count` greeters will need: as much more for each as between the last two steps.
fn predict(before: Option<&Step>, last: &Step, count: u64) -> Use {
    let line = |of: &dyn Fn(&Use) -> Option<u64>| {
        let most = of(&last.peak)? as f64;
        let (least, fewer) = match before {
            Some(before) => (of(&before.peak)? as f64, before.count),
            None => (0.0, 0),
        };
        let slope = (most - least).max(0.0) / (last.count - fewer) as f64;
        Some((most + slope * (count - last.count) as f64) as u64)
    };
    Use {
        memory_bytes: line(&|peak| peak.memory_bytes),
        tasks: line(&|peak| peak.tasks),
        mappings: line(&|peak| peak.mappings),
        open_files: line(&|peak| peak.open_files),
    }
}

/// How many seconds `count` greeters will take: the overhead grows as between the last two steps, but in
/// proportion at least, and not much faster, for it may have grown by a leap.
fn predict_elapsed(before: Option<&Step>, last: &Step, count: u64) -> f64 {
    let overhead = |step: &Step| step.overhead_s.median.max(0.01);
    let ratio = |step: &Step, count: u64| count as f64 / step.count as f64;
    let exponent = before.map_or(1.0, |before| {
        (overhead(last) / overhead(before)).ln() / ratio(before, last.count).ln()
    });
    STAGE.as_secs_f64() + overhead(last) * ratio(last, count).powf(exponent.clamp(1.0, 1.5))
}

/// Runs a program once. The error is what it did wrong, in its own words if it has told, and whether that is
/// more than to take too long.
fn measure(program: &Program, count: u64, runner: &Runner) -> Result<(Run, Use), (String, bool)> {
    let mut command = program.command.clone().expect("only programs with a command are measured");
    command.extend(["--count".into(), count.to_string().into()]);
    let is_over = AtomicBool::new(false);
    let (outcome, mut peak) = thread::scope(|scope| {
        let peak = scope.spawn(|| peak(&is_over));
        let outcome = runner.run(&command).unwrap_or_else(Outcome::could_not_start);
        is_over.store(true, Ordering::Relaxed);
        (outcome, peak.join().expect("sampling does not panic"))
    });
    // How long it takes is what is measured here, and no fault.
    let is_about_time = |kind| matches!(kind, FaultKind::WrongElapsed | FaultKind::WrongStage);
    let mut faults = judge(&program.section.crowd, &outcome);
    faults.retain(|fault| !is_about_time(fault.kind));
    if let Some(Fault { detail, .. }) = faults.into_iter().next() {
        let error = outcome.stderr.iter().find(|line| line.text.starts_with("error: "));
        let reason = error.map_or(detail, |error| error.text.clone());
        return Err((reason, !matches!(outcome.end, End::TimedOut(_))));
    }
    let elapsed_s = outcome.lines.iter().find_map(|line| elapsed_seconds(&line.text));
    let (Some(elapsed_s), Some(usage)) = (elapsed_s, outcome.usage) else {
        return Err(("told no elapsed time".to_owned(), true));
    };
    // Of one process the operating system knows the peak.
    let memory_bytes = match program.section.name {
        "multiprocessing" => peak.memory_bytes.unwrap_or_default().max(usage.max_rss_bytes),
        _ => usage.max_rss_bytes,
    };
    peak.memory_bytes = peak.memory_bytes.max(Some(memory_bytes));
    let run = Run {
        elapsed_s,
        memory_bytes,
        user_s: usage.user.as_secs_f64(),
        system_s: usage.system.as_secs_f64(),
        voluntary_switches: usage.voluntary_switches,
        involuntary_switches: usage.involuntary_switches,
    };
    Ok((run, peak))
}

/// What the program uses at the most until it is over. Looks now and then, and the more seldom the longer
/// that takes.
fn peak(is_over: &AtomicBool) -> Use {
    const PAUSE: Duration = Duration::from_millis(300);
    let mut peak = Use::default();
    let mut next = Instant::now() + PAUSE;
    while !is_over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        if begun >= next {
            peak = peak.max(limits::sample());
            next = Instant::now() + PAUSE.max(10 * begun.elapsed());
        }
        thread::sleep(Duration::from_millis(10));
    }
    peak
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Resource;

    fn step(count: u64, overhead_s: f64, peak: Use) -> Step {
        let summary = |value| Summary::of([value]);
        Step {
            count,
            elapsed_s: summary(2.0 + overhead_s),
            overhead_s: summary(overhead_s),
            memory_bytes: summary(peak.memory_bytes.unwrap_or(0) as f64),
            cpu_s: summary(0.0),
            switches: summary(0.0),
            peak,
            runs: Vec::new(),
        }
    }

    fn memory(bytes: u64) -> Use {
        Use { memory_bytes: Some(bytes), ..Use::default() }
    }

    fn limit(resource: Resource, left: u64) -> Vec<Limit> {
        vec![Limit { resource, name: "the limit".to_owned(), left, raise: "raising".to_owned() }]
    }

    const LONG: Duration = Duration::from_secs(100);

    #[test]
    fn a_summary_has_the_middle_the_least_and_the_most() {
        let of = |values: &[f64]| Summary::of(values.iter().copied());
        assert_eq!(of(&[3.0, 1.0, 2.0]), Summary { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(of(&[4.0, 1.0, 2.0, 3.0]), Summary { median: 2.5, min: 1.0, max: 4.0 });
    }

    #[test]
    fn bytes_per_greeter_are_a_slope() {
        // What the program has anyway does not count.
        let few = step(4, 0.1, memory(5_000_400));
        let many = step(100_000, 0.1, memory(15_000_000));
        assert_eq!(bytes_per_greeter(&[&few, &many]), Some(100.0));
        assert_eq!(bytes_per_greeter(&[&few]), None);
        // A few pages more may be chance.
        assert_eq!(bytes_per_greeter(&[&few, &step(100, 0.1, memory(5_500_000))]), None);
    }

    #[test]
    fn growth_is_told_over_one_decade_and_over_two() {
        let at = |count, overhead_s| step(count, overhead_s, Use::default());
        let steps = [at(100, 0.01), at(1_000, 0.1), at(10_000, 10.0)];
        let told = growth(&steps, 10).unwrap();
        assert_eq!((told.from, told.to), (1_000, 10_000));
        assert!((told.exponent - 2.0).abs() < 1e-9 && told.is_super_linear());
        let told = growth(&steps, 100).unwrap();
        assert_eq!((told.from, told.to), (100, 10_000));
        assert!((told.exponent - 1.5).abs() < 1e-9);
        assert!(!growth(&steps[..2], 10).unwrap().is_super_linear());
        assert_eq!(growth(&steps[..2], 100), None);
    }

    #[test]
    fn no_program_is_started_that_would_use_up_the_memory() {
        let steps = [step(100, 0.01, memory(2_000_000)), step(1_000, 0.1, memory(11_000_000))];
        // 10,000 bytes each: 11 MB and another 90.
        let free = |bytes| foresee(&steps, 10_000, LONG, &limit(Resource::Memory, bytes));
        assert_eq!(free(120_000_000), None);
        assert_eq!(
            free(110_000_000).as_deref(),
            Some(
                "would need 101.00 MB of memory, the limit leaves 110.00 MB (to raise it: raising)"
            )
        );
        assert_eq!(foresee(&[], 4, LONG, &limit(Resource::Memory, 0)), None);
    }

    #[test]
    fn nor_one_that_would_use_up_threads_mappings_or_files() {
        let peak = Use {
            memory_bytes: None,
            tasks: Some(1_000),
            mappings: Some(4_000),
            open_files: Some(2_000),
        };
        let steps = [step(1_000, 0.1, peak)];
        for (resource, what) in [
            (Resource::Tasks, "10,000 threads and processes"),
            (Resource::Mappings, "40,000 memory mappings"),
            (Resource::OpenFiles, "20,000 open files"),
        ] {
            let reason = foresee(&steps, 10_000, LONG, &limit(resource, 9_000)).unwrap();
            assert!(reason.starts_with(&format!("would need {what}, ")), "{reason}");
            assert_eq!(foresee(&steps, 10_000, LONG, &limit(resource, 90_000)), None);
        }
    }

    #[test]
    fn nor_one_that_would_take_too_long() {
        let at = |count, overhead_s| step(count, overhead_s, Use::default());
        let quadratic = [at(100, 0.1), at(1_000, 10.0)];
        let reason = foresee(&quadratic, 10_000, LONG, &[]).unwrap();
        assert!(reason.starts_with("would take about 318 s, the limit is 100 s"), "{reason}");
        let linear = [at(100, 0.1), at(1_000, 1.0)];
        assert_eq!(foresee(&linear, 10_000, LONG, &[]), None);
    }
}
