//! How much longer than its two seconds of sleep each program takes: the overhead that it tells itself.
//! One program at a time, ten runs each. `cargo bench -p harness --bench overhead -- multiple-tasks/tokio`
//! runs one of them.

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use criterion::{Criterion, SamplingMode};
use harness::matrix::Cell;
use harness::program::{Examples, Interpreter, Program};
use harness::run::Runner;
use harness::table::describe_faults;
use harness::transcript::{ELAPSED, STAGE};

/// How often each program is measured. No fewer can be told of in statistics.
const SAMPLES: usize = 10;

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
    let runner = Runner { supervisor, limit: Duration::from_secs(10) };
    let interpreters: Vec<_> =
        Interpreter::find(Path::new("python3"), &runner).into_iter().collect();
    let mut programs = Program::all(&Examples::build(&runner)?, &interpreters);
    programs.retain(|program| program.command.is_some() && tells_elapsed(program));
    announce(&programs);

    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(SAMPLES)
        .warm_up_time(Duration::from_nanos(1))
        .measurement_time(STAGE * SAMPLES as u32);
    for programs in programs.chunk_by(|one, next| one.listing.name == next.listing.name) {
        let mut group = criterion.benchmark_group(programs[0].listing.name);
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

fn tells_elapsed(program: &Program) -> bool {
    let mut lines = program.listing.steps.iter().flat_map(|step| step.lines);
    lines.any(|line| line.contains(ELAPSED))
}

/// Says how long those will take that the command line picks by a part of their name.
fn announce(programs: &[Program]) {
    let filter =
        env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let name = |program: &Program| format!("{}/{}", program.listing.name, program.implementation);
    let picked = programs.iter().filter(|program| name(program).contains(&filter)).count();
    // One run to warm up, and one for each sample.
    let seconds = (picked * (1 + SAMPLES)) as u64 * STAGE.as_secs();
    eprintln!(
        "{picked} programs, one at a time, {SAMPLES} runs each: about {} min {} s.\n\
         Since a run can't be shorter than its sleep, criterion will warn that it can't do more.\n",
        seconds / 60,
        seconds % 60
    );
}

fn overhead(program: &Program, runner: &Runner) -> Result<Duration> {
    let cell = Cell::run(program, runner);
    let overhead = cell.overhead().filter(|_| cell.faults.is_empty());
    let seconds = overhead.with_context(|| describe_faults(&cell))?;
    Ok(Duration::from_secs_f64(seconds))
}
