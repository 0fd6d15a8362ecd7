//! When the greeters of a listing slept and printed their lines, on one linear scale for all
//! programs. What lies past two seconds, the overhead, is also shown on a scale of its own.

use harness::catalog::Section;
use harness::check::json::{CheckJson, ProgramJson};
use harness::judge::transcript::SLEEP;
use harness::judge::verdict::Verdict;
use harness::terminal::duration;
use minijinja::value::Serde;
use minijinja::{Value, context};

/// The values of the timeline of these programs, with a label each. `None` if none of them printed a
/// line.
pub fn values(
    programs: &[(String, &ProgramJson)],
    section: &Section,
    check: &CheckJson,
) -> Option<Value> {
    let programs = programs.iter().filter(|(_, program)| !program.lines.is_empty());
    let programs: Vec<_> = programs.map(|(label, one)| (label, one.since_clock_start())).collect();
    let last =
        |program: &ProgramJson| program.lines.iter().map(|line| line.at_s).fold(0.0, f64::max);
    let end_s = programs.iter().map(|(_, program)| last(program)).reduce(f64::max)?;
    // Programs that ran at the same time slowed each other down.
    let overhead = |program: &ProgramJson| {
        program.overhead_s.filter(|_| program.verdict == Verdict::Pass && check.jobs == 1)
    };
    // Its lanes are one for each greeter, and one for what is no greeter's.
    let band = |(label, program): &(&String, ProgramJson)| {
        let implementation = program.implementation.to_string();
        let overhead = overhead(program).map(duration);
        context! { label => *label, implementation, overhead, lanes => Serde(program.lanes()) }
    };
    let with_overhead = programs.iter().filter(|(_, program)| overhead(program).is_some());
    let past = with_overhead.map(|(_, program)| last(program) - SLEEP.as_secs_f64());
    let seconds = (0..=end_s as u64).step_by(end_s as usize / 4 + 1);
    Some(context! {
        bands => programs.iter().map(band).collect::<Vec<_>>(),
        end_s,
        // The seconds that have a label, and the label.
        ticks => match end_s {
            ..1.0 => vec![(0.0, "0 s".to_owned()), (end_s, duration(end_s))],
            _ => seconds.map(|s| (s as f64, format!("{s} s"))).collect(),
        },
        // When the last line came, of the programs whose overhead is shown.
        past_s => past.reduce(f64::max).filter(|past_s| *past_s > 0.0),
        has_clock => programs.iter().any(|(_, program)| program.clock_start().is_some()),
        // What a greeter runs in: `thread`, `task` or `process`.
        unit => section.unit.strip_suffix("es").unwrap_or(section.unit.trim_end_matches('s')),
        check => Serde(check.setting()),
    })
}
