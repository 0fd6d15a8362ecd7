//! The overhead of each program: the elapsed time that it reports, minus its two seconds of sleep.
//! One program runs at a time. `cargo bench -p harness --bench overhead -- multiple-tasks/tokio`
//! measures only that program.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use criterion::{Criterion, SamplingMode};
use harness::catalog::Section;
use harness::check::{Cell, describe_faults};
use harness::judge::transcript::{ELAPSED, STAGE};
use harness::program::{Program, Selection};
use harness::run::Runner;

/// Criterion needs ten samples. It warns if a sample has only one run.
const SAMPLES: u32 = 10;
const RUNS_PER_SAMPLE: u32 = 2;

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<()> {
    let supervisor = env!("CARGO_BIN_EXE_harness").into();
    let runner = Runner::new(supervisor, Duration::from_secs(10));
    let mut programs = Selection::default().find(&runner)?.programs(Section::checked_listings);
    programs.retain(|program| program.command.is_ok() && reports_elapsed(program));
    announce(&programs);

    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(SAMPLES as usize)
        .warm_up_time(Duration::from_nanos(1))
        // Criterion rounds up the number of runs that fit in this time. A run takes a little longer
        // than a stage.
        .measurement_time(STAGE * (SAMPLES * RUNS_PER_SAMPLE) - STAGE * SAMPLES / 2);
    for programs in programs.chunk_by(|one, next| listing(one) == listing(next)) {
        let mut group = criterion.benchmark_group(listing(&programs[0]));
        group.sampling_mode(SamplingMode::Flat);
        for program in programs {
            group.bench_function(program.implementation.to_string(), |bencher| {
                bencher.iter_custom(|runs| {
                    (0..runs).map(|_| overhead(program, &runner).expect("it passes")).sum()
                });
            });
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

/// A listing's name with its section's, because some are in several sections.
fn listing(program: &Program) -> String {
    format!("{}/{}", program.section.name, program.listing.name)
}

fn reports_elapsed(program: &Program) -> bool {
    let mut lines = program.listing.steps.iter().flat_map(|step| step.lines);
    lines.any(|line| line.contains(ELAPSED))
}

/// Prints an estimate of the total time of the programs that the command line selects by a part of
/// their name.
fn announce(programs: &[Program]) {
    let filter =
        env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let name = |program: &Program| format!("{}/{}", listing(program), program.implementation);
    let selected = programs.iter().filter(|program| name(program).contains(&filter)).count();
    // One of the runs is for the warm-up.
    let runs = 1 + SAMPLES * RUNS_PER_SAMPLE;
    let minutes = (selected as f64 * f64::from(runs) * STAGE.as_secs_f64() / 60.0).ceil();
    eprintln!("Programs: {selected}, one at a time, {runs} runs each: about {minutes} min\n");
}

fn overhead(program: &Program, runner: &Runner) -> Result<Duration> {
    let cell = Cell::check(program, runner);
    let overhead = cell.overhead().filter(|_| cell.faults.is_empty());
    let seconds = overhead.with_context(|| describe_faults(&cell))?;
    Ok(Duration::from_secs_f64(seconds))
}
