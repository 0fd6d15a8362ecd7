//! When the greeters of a listing slept and printed their lines, on one linear scale for all
//! programs. What lies past two seconds, the overhead, is also shown on a scale of its own.

use harness::catalog::Section;
use harness::check::json::{CheckJson, ProgramJson};
use harness::judge::transcript::SLEEP;
use harness::judge::verdict::Verdict;
use harness::terminal::duration;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

/// The programs of a listing on one scale.
#[derive(Debug, Serialize)]
pub struct Timeline {
    /// One for each program that printed a line. Its lanes are one for each greeter, and one for
    /// what is no greeter's.
    pub bands: Vec<Value>,
    /// The seconds at the right end of the scale.
    end_s: f64,
    /// The seconds that have a label, and the label.
    ticks: Vec<(f64, String)>,
    /// The seconds past two seconds at which the last line came of those programs whose overhead is
    /// shown.
    pub past_s: Option<f64>,
    /// Whether time is counted from when each program started its own clock.
    has_clock: bool,
    /// What a greeter runs in: `thread`, `task` or `process`.
    unit: &'static str,
    /// Where, when and how the check ran.
    check: CheckJson,
}

impl Timeline {
    /// The timeline of these programs, with a label each. `None` if none of them printed a line.
    pub fn new(
        programs: &[(String, &ProgramJson)],
        section: &Section,
        check: &CheckJson,
    ) -> Option<Timeline> {
        let programs = programs.iter().filter(|(_, program)| !program.lines.is_empty());
        let programs = programs.map(|(label, one)| (label, one.since_clock_start()));
        let programs: Vec<_> = programs.collect();
        let last =
            |program: &ProgramJson| program.lines.iter().map(|line| line.at_s).fold(0.0, f64::max);
        let end_s = programs.iter().map(|(_, program)| last(program)).reduce(f64::max)?;
        // Programs that ran at the same time slowed each other down.
        let overhead = |program: &ProgramJson| {
            program.overhead_s.filter(|_| program.verdict == Verdict::Pass && check.jobs == 1)
        };
        let band = |(label, program): &(&String, ProgramJson)| {
            let implementation = program.implementation.to_string();
            let overhead = overhead(program).map(duration);
            context! { label => *label, implementation, overhead, lanes => Serde(program.lanes()) }
        };
        let with_overhead = programs.iter().filter(|(_, program)| overhead(program).is_some());
        let past = with_overhead.map(|(_, program)| last(program) - SLEEP.as_secs_f64());
        let step = (end_s / 4.0).ceil() as usize;
        Some(Timeline {
            bands: programs.iter().map(band).collect(),
            end_s,
            ticks: match end_s {
                ..1.0 => vec![(0.0, "0 s".to_owned()), (end_s, duration(end_s))],
                _ => {
                    (0..=end_s as u64).step_by(step).map(|s| (s as f64, format!("{s} s"))).collect()
                }
            },
            past_s: past.reduce(f64::max).filter(|past_s| *past_s > 0.0),
            has_clock: programs.iter().any(|(_, program)| program.clock_start().is_some()),
            unit: section.unit.strip_suffix("es").unwrap_or(section.unit.trim_end_matches('s')),
            check: check.setting(),
        })
    }
}
