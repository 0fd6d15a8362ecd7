//! All programs side by side, with progress.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::program::Program;
use crate::progress;
use crate::run::{Outcome, Runner};
use crate::transcript::{STAGE, elapsed_seconds};
use crate::verdict::{Fault, judge};

/// A program, what it did, and what we think of that.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The program.
    pub program: Program,
    /// What it did, unless it was skipped.
    pub outcome: Option<Outcome>,
    /// What was wrong with that.
    pub faults: Vec<Fault>,
}

/// What we think of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It did all that the listing does, and nothing else.
    Pass,
    /// It has faults.
    Fail,
    /// It was not run, for want of a Python.
    Skipped,
}

impl Cell {
    /// Runs a program and judges it. A program without a command is skipped, and one that can't be
    /// run, for want of a socket or a process, has that for a fault.
    pub fn run(program: &Program, runner: &Runner) -> Cell {
        let program = program.clone();
        let Some(command) = &program.command else {
            return Cell { program, outcome: None, faults: Vec::new() };
        };
        let outcome = runner.run(command).unwrap_or_else(Outcome::could_not_start);
        let faults = judge(program.listing, &outcome);
        Cell { program, outcome: Some(outcome), faults }
    }

    /// Whether it passes.
    pub fn verdict(&self) -> Verdict {
        match (&self.outcome, self.faults.as_slice()) {
            (None, _) => Verdict::Skipped,
            (Some(_), []) => Verdict::Pass,
            (Some(_), _) => Verdict::Fail,
        }
    }

    /// The elapsed time that the program told, in seconds.
    pub fn elapsed(&self) -> Option<f64> {
        let lines = &self.outcome.as_ref()?.lines;
        lines.iter().find_map(|line| elapsed_seconds(&line.text))
    }

    /// How much of that was not sleep, in seconds.
    pub fn overhead(&self) -> Option<f64> {
        Some(self.elapsed()? - STAGE.as_secs_f64())
    }
}

/// Runs the programs, `jobs` of them at a time, and returns their cells in the same order. Shows what
/// is running if `is_shown`.
pub fn run(programs: &[Program], runner: &Runner, jobs: usize, is_shown: bool) -> Vec<Cell> {
    let bar = progress::bar("done", is_shown);
    bar.set_length(programs.len() as u64);
    let running: Mutex<BTreeMap<usize, Instant>> = Mutex::default();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut cells = Vec::new();
        while let Some((index, program)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            programs.get(index).map(|program| (index, program))
        } {
            running.lock().unwrap().insert(index, Instant::now());
            cells.push((index, Cell::run(program, runner)));
            running.lock().unwrap().remove(&index);
            bar.inc(1);
        }
        cells
    };
    let show = |stop: mpsc::Receiver<()>| {
        while stop.recv_timeout(Duration::from_millis(100)) == Err(mpsc::RecvTimeoutError::Timeout)
        {
            bar.set_message(describe(&running.lock().unwrap(), programs));
        }
    };
    let mut cells = thread::scope(|scope| {
        let (stop, stopped) = mpsc::channel();
        scope.spawn(move || show(stopped));
        let workers: Vec<_> = (0..jobs.min(programs.len())).map(|_| scope.spawn(work)).collect();
        let cells: Vec<_> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
        drop(stop);
        cells
    });
    bar.finish_and_clear();
    cells.sort_by_key(|(index, _)| *index);
    cells.into_iter().map(|(_, cell)| cell).collect()
}

/// Names what is running, the longest first, with how long it has.
fn describe(running: &BTreeMap<usize, Instant>, programs: &[Program]) -> String {
    let mut running: Vec<_> = running.iter().collect();
    running.sort_by_key(|(_, since)| **since);
    let describe = |(index, since): (&usize, &Instant)| {
        format!("{} {:.1} s", programs[*index], since.elapsed().as_secs_f64())
    };
    let number = running.len();
    let longest = running.into_iter().map(describe).collect::<Vec<_>>().join(", ");
    format!("{number} running: {longest}")
}
