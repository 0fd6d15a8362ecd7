//! The command `check`: runs all programs concurrently and judges each.

mod json;
mod table;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use indicatif::ProgressBar;

pub use self::table::describe_faults;
use crate::judge::transcript::{STAGE, elapsed_seconds};
use crate::judge::verdict::{Fault, Verdict, find_faults};
use crate::program::{Interpreter, Program};
use crate::run::{Outcome, Runner};
use crate::terminal::Findings;

/// What is known of all programs so far.
#[derive(Debug)]
pub struct Check {
    started: Instant,
    /// How many programs run concurrently.
    jobs: usize,
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
        if let Some(command) = &program.command {
            let outcome = runner.run(command);
            cell.faults = find_faults(program.listing, &outcome);
            cell.outcome = Some(outcome);
        }
        cell
    }

    /// The verdict, or `None` if the program has not ended yet.
    pub fn verdict(&self) -> Option<Verdict> {
        match (&self.program.command, &self.outcome) {
            (None, _) => Some(Verdict::Skipped),
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
        Some(self.elapsed()? - STAGE.as_secs_f64())
    }
}

impl Check {
    /// A check of these programs. The command started at `started`.
    pub fn new(
        programs: Vec<Program>,
        interpreters: Vec<Interpreter>,
        jobs: Option<usize>,
        started: Instant,
    ) -> Check {
        let jobs = jobs.unwrap_or(programs.len());
        Check { started, jobs, interpreters, cells: programs.into_iter().map(Cell::new).collect() }
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
        json::render(self)
    }

    fn is_success(&self) -> bool {
        self.count(Some(Verdict::Fail)) == 0 && self.count(Some(Verdict::Pass)) > 0
    }
}

/// Runs the programs of a check, `jobs` of them concurrently.
pub fn check_all(check: &Mutex<Check>, runner: &Runner, bar: &ProgressBar) {
    let (programs, jobs) = {
        let check = check.lock().unwrap();
        let programs: Vec<_> = check.cells.iter().map(|cell| cell.program.clone()).collect();
        (programs, check.jobs.min(check.cells.len()))
    };
    let next = AtomicUsize::new(0);
    // The indices of the running programs, the oldest first.
    let running = Mutex::new(Vec::new());
    let show = |running: &[usize]| {
        let names: Vec<_> = running.iter().map(|index| programs[*index].to_string()).collect();
        bar.set_message(format!("{} running: {}", names.len(), names.join(", ")));
    };
    let work = || {
        while let Some((index, program)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            programs.get(index).map(|program| (index, program))
        } {
            let mut started = running.lock().unwrap();
            started.push(index);
            show(&started);
            drop(started);
            let cell = Cell::check(program, runner);
            check.lock().unwrap().cells[index] = cell;
            let mut ended = running.lock().unwrap();
            ended.retain(|other| *other != index);
            show(&ended);
            bar.inc(1);
        }
    };
    thread::scope(|scope| (0..jobs).for_each(|_| drop(scope.spawn(work))));
}
