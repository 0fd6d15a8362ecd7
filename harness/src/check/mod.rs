//! The command `check`: runs programs concurrently and judges each.

pub mod json;
mod table;
pub mod trace;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use self::json::CheckJson;
pub use self::table::{describe_faults, matrix_of};
use crate::judge::transcript::{SLEEP, elapsed_seconds};
use crate::judge::verdict::{Fault, Verdict, find_doubts, find_faults};
use crate::program::{Executables, Interpreter, Program};
use crate::run::{Outcome, Runner, allow_jobs};
use crate::terminal::Findings;

/// How many runs have to be doubtful before that is a fault.
const RUNS: usize = 3;

/// What is known of all programs so far.
#[derive(Debug)]
pub struct Check {
    started: Instant,
    build_time: Option<Duration>,
    /// How many programs run concurrently.
    jobs: usize,
    /// How many of the selected programs it does not run, because they are measured.
    measured: usize,
    interpreters: Vec<Interpreter>,
    cells: Vec<Cell>,
}

/// A cell of the matrix: a program, what it did, and its faults.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The program of this cell.
    pub program: Program,
    /// What it did, if it has run.
    pub outcome: Option<Outcome>,
    /// Its faults.
    pub faults: Vec<Fault>,
}

impl Cell {
    fn new(program: Program) -> Cell {
        Cell { program, outcome: None, faults: Vec::new() }
    }

    /// Runs a program and judges it. A program without a command is skipped.
    pub fn check(program: &Program, runner: &Runner) -> Cell {
        let mut cell = Cell::new(program.clone());
        if let Ok(command) = &program.command {
            let outcome = runner.run(command);
            cell.faults = find_faults(program.listing, &outcome);
            cell.outcome = Some(outcome);
        }
        cell
    }

    /// Runs a program again if there are doubts, up to three times in all, and measures how long it
    /// waits for a processor. If there are doubts in every run, they are faults.
    pub fn confirm(mut self, runner: &Runner) -> Cell {
        let runner = Runner { measures_delay: true, ..runner.clone() };
        for _ in 1..RUNS {
            if self.doubts().is_empty() {
                return self;
            }
            self = Cell::check(&self.program, &runner);
        }
        for Fault { kind, detail } in self.doubts() {
            let detail = format!("{detail}, in each of {RUNS} runs");
            self.faults.push(Fault { kind, detail });
        }
        self.faults.sort_by_key(|fault| fault.kind);
        self
    }

    /// What may be faults of the program, or of a busy machine.
    fn doubts(&self) -> Vec<Fault> {
        let doubts = |outcome| find_doubts(self.program.listing, outcome);
        self.outcome.as_ref().map(doubts).unwrap_or_default()
    }

    /// The verdict, or `None` if the program has not ended yet.
    pub fn verdict(&self) -> Option<Verdict> {
        match (&self.program.command, &self.outcome) {
            (Err(_), _) => Some(Verdict::Skipped),
            (_, None) => None,
            _ if self.faults.is_empty() => Some(Verdict::Pass),
            _ => Some(Verdict::Fail),
        }
    }

    /// The elapsed time that the program reported, in seconds.
    pub fn elapsed(&self) -> Option<f64> {
        let lines = &self.outcome.as_ref()?.lines;
        lines.iter().find_map(|line| elapsed_seconds(&line.text))
    }

    /// The elapsed time minus the sleep, in seconds.
    pub fn overhead(&self) -> Option<f64> {
        Some(self.elapsed()? - SLEEP.as_secs_f64())
    }
}

impl Check {
    /// A check of these programs, which begins now. `measured` more were selected that it does not
    /// run.
    pub fn new(
        programs: Vec<Program>,
        measured: usize,
        jobs: Option<usize>,
        executables: &Executables,
    ) -> Check {
        let most = programs.iter().filter(|program| program.command.is_ok()).count().max(1);
        Check {
            started: Instant::now(),
            build_time: executables.build_time,
            jobs: allow_jobs(jobs.unwrap_or(most).min(most)),
            measured,
            interpreters: executables.interpreters.clone(),
            cells: programs.into_iter().map(Cell::new).collect(),
        }
    }

    fn count(&self, verdict: Option<Verdict>) -> usize {
        self.cells.iter().filter(|cell| cell.verdict() == verdict).count()
    }
}

impl Findings for Check {
    fn to_text(&self) -> String {
        table::render(self)
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&CheckJson::from(self))
    }

    fn is_success(&self) -> bool {
        self.count(Some(Verdict::Fail)) == 0 && self.count(Some(Verdict::Pass)) > 0
    }
}

/// The programs that run now, which the progress bar names.
struct Running<'a> {
    programs: &'a [Program],
    /// The oldest first.
    indices: Mutex<Vec<usize>>,
    bar: &'a ProgressBar,
}

impl Running<'_> {
    /// Does `work`, which runs the program with this index.
    fn during(&self, index: usize, work: impl FnOnce(&Program) -> Cell) -> Cell {
        self.change(|indices| indices.push(index));
        let cell = work(&self.programs[index]);
        self.change(|indices| indices.retain(|other| *other != index));
        cell
    }

    fn change(&self, change: impl FnOnce(&mut Vec<usize>)) {
        let mut indices = self.indices.lock().unwrap();
        change(&mut indices);
        let names: Vec<_> = indices.iter().map(|index| self.programs[*index].to_string()).collect();
        self.bar.set_message(format!("{} running: {}", names.len(), names.join(", ")));
    }
}

/// Runs the programs of a check, `jobs` of them concurrently. Those whose output is doubtful run
/// again at the end, one at a time.
///
/// # Errors
///
/// If no thread can be started.
pub fn check_all(check: &Mutex<Check>, runner: &Runner, bar: &ProgressBar) -> Result<()> {
    let (programs, jobs) = {
        let check = check.lock().unwrap();
        let programs: Vec<_> = check.cells.iter().map(|cell| cell.program.clone()).collect();
        (programs, check.jobs.min(check.cells.len()))
    };
    let running = Running { programs: &programs, indices: Mutex::default(), bar };
    let doubtful = Mutex::new(Vec::new());
    let end = |index: usize, cell| {
        check.lock().unwrap().cells[index] = cell;
        bar.inc(1);
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let next = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|it| *it < programs.len());
        while let Some(index) = next() {
            let cell = running.during(index, |program| Cell::check(program, runner));
            if !cell.doubts().is_empty() {
                doubtful.lock().unwrap().push((index, cell));
            } else {
                end(index, cell);
            }
        }
    };
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, work).map(drop);
        (0..jobs).try_for_each(start).inspect_err(|_| next.store(programs.len(), Ordering::Relaxed))
    })
    .with_context(|| format!("cannot start {jobs} threads; run fewer programs with --jobs"))?;
    for (index, cell) in doubtful.into_inner().unwrap() {
        end(index, running.during(index, |_| cell.confirm(runner)));
    }
    Ok(())
}
