//! The command `cores`: CPU-bound speed-up. Runs the listing `cpu-bound` and reads the times that
//! it reports. Runs the listing `parallel-map` on one core and on all cores, and measures its time.

use std::ffi::OsString;
use std::iter;
use std::sync::Mutex;

use comfy_table::Table;
use indicatif::ProgressBar;
#[cfg(target_os = "linux")]
use nix::{sched, unistd::Pid};
use serde::{Deserialize, Serialize};

use super::{Environment, Summary, describe_runs, find_fault};
use crate::catalog::{Implementation, Listing, MANY_PRIMES, PARALLEL_MAP, PRIMES_IN_PYTHON};
use crate::program::Program;
use crate::run::{Line, Outcome, Runner};
use crate::terminal::{Findings, number_table, plain_table};

/// What was measured of all programs, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Cores {
    /// What it was measured on.
    #[serde(flatten)]
    pub environment: Environment,
    /// How many times each program ran.
    pub runs: usize,
    /// Those of the programs that have run, in the document's order.
    pub speed_ups: Vec<SpeedUp>,
}

/// The speed-up of four computations: the sequential time divided by the concurrent time. Of
/// `parallel-map`, it is the time on one core divided by the time on all cores.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SpeedUp {
    /// The section's name.
    pub section: String,
    /// The implementation, with the version if there were several Pythons.
    pub implementation: String,
    /// How the computations ran, one of [`WAYS`].
    pub way: String,
    /// How many rounds each computation had. `parallel-map` has none.
    pub rounds: Option<u64>,
    /// The speed-up.
    pub speed_up: Option<Summary>,
    /// Why there is no speed-up, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How computations run. The programs of `cpu-bound` report the first, and those of asyncio also the
/// second.
pub const WAYS: [&str; 3] = ["concurrent", "on other threads", PARALLEL_MAP];

/// What one run reported, or what two runs of `parallel-map` took.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    rounds: Option<u64>,
    /// One for each way in which the listing computes.
    speed_ups: Vec<f64>,
}

/// Runs each program `cores.runs` times.
pub fn measure_all(cores: &Mutex<Cores>, programs: &[Program], runner: &Runner, bar: &ProgressBar) {
    let runs = cores.lock().unwrap().runs;
    for program in programs {
        bar.set_message(program.to_string());
        if let Ok(command) = &program.command {
            let run = |_| match program.listing.name {
                PARALLEL_MAP => measure_map(program, command, runner),
                _ => read(program, &runner.run(command)),
            };
            let reported = (0..runs).map(run).collect();
            cores.lock().unwrap().speed_ups.extend(summarize(program, reported));
        }
        bar.inc(1);
    }
}

fn summarize(program: &Program, reported: Result<Vec<Reported>, String>) -> Vec<SpeedUp> {
    let entry = |way: &str, rounds, speed_up, error| SpeedUp {
        section: program.section.name.to_owned(),
        implementation: program.label.clone(),
        way: way.to_owned(),
        rounds,
        speed_up,
        error,
    };
    let ways = if program.listing.name == PARALLEL_MAP { &WAYS[2..] } else { &WAYS[..2] };
    let runs = match reported {
        Ok(runs) => runs,
        Err(error) => return vec![entry(ways[0], None, None, Some(error))],
    };
    let summarize = |(index, way): (usize, &&str)| {
        let summary = Summary::of(runs.iter().map(|run| run.speed_ups[index]));
        entry(way, runs[0].rounds, Some(summary), None)
    };
    (0..runs[0].speed_ups.len()).zip(ways).map(summarize).collect()
}

/// Runs a program of `parallel-map` on one core and on all cores.
fn measure_map(
    program: &Program,
    command: &[OsString],
    runner: &Runner,
) -> Result<Reported, String> {
    let (below, steps) = match program.implementation {
        Implementation::Python => PRIMES_IN_PYTHON,
        _ => MANY_PRIMES,
    };
    let command = [command, &["--below".into(), below.to_string().into()]].concat();
    let listing = Listing { steps, ..*program.listing };
    let run = || {
        let outcome = runner.run(&command);
        find_fault(&listing, &outcome).map_or(Ok(outcome.wall.as_secs_f64()), Err)
    };
    let on_one = on_one_core(run)??;
    Ok(Reported { rounds: None, speed_ups: vec![on_one / run()?] })
}

/// Lets this thread use only one core meanwhile. The processes that it starts inherit this.
#[cfg(target_os = "linux")]
fn on_one_core<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    let this = Pid::from_raw(0);
    let restricted = || {
        let all = sched::sched_getaffinity(this)?;
        let mut one = sched::CpuSet::new();
        one.set((0..).find(|core| all.is_set(*core) != Ok(false)).unwrap_or_default())?;
        sched::sched_setaffinity(this, &one)?;
        let result = run();
        sched::sched_setaffinity(this, &all)?;
        nix::Result::Ok(result)
    };
    restricted().map_err(|error| format!("cannot set the CPU affinity: {}", error.desc()))
}

#[cfg(not(target_os = "linux"))]
fn on_one_core<T>(_: impl FnOnce() -> T) -> Result<T, String> {
    Err("it is measured only on Linux, which can keep a program on one core".to_owned())
}

/// Returns the numbers that a program reported.
///
/// # Errors
///
/// If it has a fault, if a number is missing, if the result is wrong, or if a speed-up is not the
/// ratio of the times.
pub fn read(program: &Program, outcome: &Outcome) -> Result<Reported, String> {
    if let Some(fault) = find_fault(program.listing, outcome) {
        return Err(fault);
    }
    // Without a fault, these are the listing's lines.
    let numbers: Vec<_> = outcome.lines.iter().map(numbers_of).collect();
    let numbers: Vec<_> = numbers.iter().map(Vec::as_slice).collect();
    let &[&[rounds, result], &[serial], ref parallel @ ..] = &numbers[..] else {
        return Err("the rounds, the result or the seconds are missing".to_owned());
    };
    let expected = result_of(rounds as u64);
    if result != expected as f64 {
        return Err(format!(
            "wrong result of {rounds} rounds: expected {expected}, found {result}"
        ));
    }
    let speed_up = |numbers: &&[f64]| {
        let &[seconds, printed] = *numbers else {
            return Err("the seconds or the speed-up are missing".to_owned());
        };
        let speed_up = serial / seconds;
        if format!("{speed_up:.2}") != format!("{printed:.2}") {
            return Err(format!("wrong speed-up: expected {speed_up:.2}, found {printed:.2}"));
        }
        Ok(speed_up)
    };
    let speed_ups = parallel.iter().map(speed_up).collect::<Result<_, _>>()?;
    Ok(Reported { rounds: Some(rounds as u64), speed_ups })
}

/// Returns all numbers in a line.
fn numbers_of(line: &Line) -> Vec<f64> {
    line.text.split([' ', ',']).filter_map(|word| word.parse().ok()).collect()
}

/// Returns the result of the rounds, in O(log n). Each round multiplies by 48,271 modulo 2^31 - 1,
/// as minstd_rand does (ISO C++, [rand.predef]).
fn result_of(mut rounds: u64) -> u64 {
    let (mut result, mut factor) = (1, 48_271);
    while rounds > 0 {
        if rounds % 2 == 1 {
            result = result * factor % 2_147_483_647;
        }
        factor = factor * factor % 2_147_483_647;
        rounds /= 2;
    }
    result
}

impl SpeedUp {
    /// Its section and its way. Only one section has the listing `parallel-map`.
    pub fn title(&self) -> String {
        match self.way.as_str() {
            PARALLEL_MAP => PARALLEL_MAP.to_owned(),
            way => format!("{}, {way}", self.section),
        }
    }
}

impl Cores {
    /// The speed-ups: a row per section and way, a column per implementation.
    pub fn table(&self) -> Table {
        let mut names: Vec<&str> = Vec::new();
        for one in &self.speed_ups {
            if !names.contains(&one.implementation.as_str()) {
                names.push(&one.implementation);
            }
        }
        let mut rows = Vec::new();
        for speed_ups in self.speed_ups.chunk_by(|one, next| one.section == next.section) {
            for way in WAYS {
                let row: Vec<_> = speed_ups.iter().filter(|one| one.way == way).collect();
                let cell = |name: &&str| {
                    let speed_up = row.iter().find(|one| one.implementation == *name)?.speed_up?;
                    Some(format!("{:.2}", speed_up.median))
                };
                let cells = names.iter().map(|name| cell(name).unwrap_or("-".to_owned()));
                if !row.is_empty() {
                    rows.push(iter::once(row[0].title()).chain(cells).collect());
                }
            }
        }
        let corner = format!("{} cores", self.environment.machine.cores);
        number_table(iter::once(corner.as_str()).chain(names), rows)
    }

    /// The largest relative distance of a minimum or maximum from its median.
    pub fn spread(&self) -> f64 {
        let summaries = self.speed_ups.iter().filter_map(|one| one.speed_up);
        summaries.map(|one| one.spread()).fold(0.0, f64::max)
    }
}

impl Findings for Cores {
    fn to_text(&self) -> String {
        let mut text = plain_table(self.table());
        text += "\nSpeed-up of four computations: the sequential time divided by the concurrent time.\n";
        if self.speed_ups.iter().any(|one| one.way == PARALLEL_MAP) {
            text += "\
In parallel-map: the program's time on one core, divided by its time on all
cores. A pool of processes also takes time to start them, and to pickle and send
arguments and results. The smaller its chunks, the more of them it sends.
";
        }
        text += &format!("{}, {} builds.", describe_runs(self.runs), self.environment.build);
        if self.runs > 1 {
            text +=
                &format!(" All runs are within {:.0} % of their median.", self.spread() * 100.0);
        }
        for one in &self.speed_ups {
            if let Some(error) = &one.error {
                let of = if one.way == PARALLEL_MAP { PARALLEL_MAP } else { &one.section };
                text += &format!("\n{of} with {}: {error}", one.implementation);
            }
        }
        text + "\n"
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    fn is_success(&self) -> bool {
        self.speed_ups.iter().all(|one| one.error.is_none())
    }
}
