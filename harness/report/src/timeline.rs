//! When the greeters of a listing printed their lines, on one scale for all programs. What lies past
//! two seconds, the overhead, is enlarged.

use harness::check::json::{LineJson, ProgramJson};
use harness::check::trace::lanes;
use harness::judge::transcript::{STAGE, elapsed_seconds};
use harness::judge::verdict::{FaultKind, Verdict};
use harness::terminal::duration;
use serde::Serialize;

/// Where the enlarged part of the scale begins, in per cent of the width.
const ENLARGED: f64 = 60.0;

/// The programs of a listing on one scale.
#[derive(Debug, Serialize)]
pub struct Timeline {
    /// One for each program that printed a line.
    pub bands: Vec<Band>,
    /// The labels of the scale.
    pub ticks: Vec<Tick>,
    /// The seconds at the right end of the scale.
    pub end_s: f64,
    /// Where two seconds are, in per cent of the width, if the scale is enlarged from there on.
    pub enlarged: Option<f64>,
    /// Whether time is counted from when each program started its own clock.
    pub has_clock: bool,
}

/// A label of the scale.
#[derive(Debug, Serialize)]
pub struct Tick {
    /// Per cent of the width.
    pub at: f64,
    /// With its unit.
    pub label: String,
    /// Whether it is left out where there is little room.
    pub is_minor: bool,
}

/// A program.
#[derive(Debug, Serialize)]
pub struct Band {
    /// The implementation, with the version if there are several Pythons.
    pub label: String,
    /// The implementation.
    pub implementation: String,
    /// The overhead with its unit, if the program passed and reported an elapsed time.
    pub overhead: Option<String>,
    /// One for each greeter, and one for what is no greeter's.
    pub lanes: Vec<Bar>,
}

/// A greeter, from its first line to its last.
#[derive(Debug, Serialize)]
pub struct Bar {
    /// The greeter's name.
    pub greeter: Option<String>,
    /// Seconds of its first line.
    pub from_s: f64,
    /// Seconds of its last line.
    pub to_s: f64,
    /// The same in per cent of the width.
    pub from: f64,
    /// The same in per cent of the width.
    pub to: f64,
}

/// Returns the seconds from the start of the program at which its own clock began: what it reports
/// as elapsed is counted from there. Without a right report, time is counted from the start.
fn clock_start(program: &ProgramJson) -> f64 {
    let mut lines = program.lines.iter();
    let reported = lines.find_map(|line| Some(line.at_s - elapsed_seconds(&line.text)?));
    let is_right = program.faults.iter().all(|fault| fault.kind != FaultKind::WrongElapsed);
    reported.filter(|_| is_right).unwrap_or(0.0)
}

fn has_passed(program: &ProgramJson) -> bool {
    program.verdict == Verdict::Pass
}

/// The lines of a program with their seconds since its own clock began.
pub fn since_clock_start(program: &ProgramJson) -> Vec<LineJson> {
    let start = clock_start(program);
    // The first line may have been read faster than the last.
    let line =
        |line: &LineJson| LineJson { at_s: (line.at_s - start).max(0.0), text: line.text.clone() };
    program.lines.iter().map(line).collect()
}

impl Timeline {
    /// The timeline of these programs, with a label each. `None` if none of them printed a line.
    pub fn new(programs: &[(String, &ProgramJson)]) -> Option<Timeline> {
        let lines: Vec<_> = programs.iter().map(|(_, one)| since_clock_start(one)).collect();
        let end_s = lines.iter().flatten().map(|line| line.at_s).reduce(f64::max)?;
        let stage_s = STAGE.as_secs_f64();
        let enlarged = (end_s > stage_s).then_some(ENLARGED);
        let at = |seconds: f64| match enlarged {
            Some(split) if seconds <= stage_s => seconds / stage_s * split,
            Some(split) => split + (seconds - stage_s) / (end_s - stage_s) * (100.0 - split),
            None if end_s > 0.0 => seconds / end_s * 100.0,
            None => 0.0,
        };
        let band = |((label, program), lines): (&(String, &ProgramJson), &Vec<LineJson>)| Band {
            label: label.clone(),
            implementation: program.implementation.to_string(),
            overhead: program.overhead_s.filter(|_| has_passed(program)).map(duration),
            lanes: lanes(lines)
                .iter()
                .map(|lane| {
                    let (from_s, to_s) = lane.span();
                    let greeter = lane.greeter.map(str::to_owned);
                    Bar { greeter, from_s, to_s, from: at(from_s), to: at(to_s) }
                })
                .collect(),
        };
        let tick =
            |seconds: f64, label: String, is_minor| Tick { at: at(seconds), label, is_minor };
        let over = |seconds: f64| format!("+{}", duration(seconds - stage_s));
        let ticks = match enlarged {
            Some(_) => {
                let middle = (end_s + stage_s) / 2.0;
                vec![
                    tick(0.0, "0 s".to_owned(), false),
                    tick(1.0, "1 s".to_owned(), true),
                    tick(stage_s, "2 s".to_owned(), false),
                    tick(middle, over(middle), true),
                    tick(end_s, over(end_s), false),
                ]
            }
            None => vec![tick(0.0, "0 s".to_owned(), false), tick(end_s, duration(end_s), false)],
        };
        let bands = programs.iter().zip(&lines).filter(|(_, lines)| !lines.is_empty());
        let has_clock = programs.iter().any(|(_, program)| clock_start(program) > 0.0);
        Some(Timeline { bands: bands.map(band).collect(), ticks, end_s, enlarged, has_clock })
    }
}

#[cfg(test)]
mod tests {
    use harness::judge::verdict::Fault;
    use harness::program::Implementation;

    use super::*;

    fn program(elapsed: f64, lines: &[(f64, &str)]) -> ProgramJson {
        let text = format!("Asyncio Elapsed Time: {elapsed:?} seconds");
        let last = lines.last().map_or(elapsed, |(at_s, _)| *at_s);
        let mut lines: Vec<_> = lines
            .iter()
            .map(|(at_s, text)| LineJson { at_s: *at_s, text: text.to_string() })
            .collect();
        lines.push(LineJson { at_s: last, text });
        ProgramJson {
            section: "asyncio".to_owned(),
            listing: "multiple-tasks".to_owned(),
            implementation: Implementation::Tokio,
            python: None,
            verdict: Verdict::Pass,
            reason: None,
            faults: Vec::new(),
            elapsed_s: Some(elapsed),
            overhead_s: Some(elapsed - 2.0),
            wall_s: None,
            max_rss_bytes: None,
            user_s: None,
            system_s: None,
            lines,
        }
    }

    #[test]
    fn time_is_counted_from_the_programs_own_clock() {
        let mut program = program(2.5, &[(0.75, "Codecademy"), (3.0, "Codecademy says hello!")]);
        assert_eq!(clock_start(&program), 0.5);
        let at: Vec<_> = since_clock_start(&program).iter().map(|line| line.at_s).collect();
        assert_eq!(at, [0.25, 2.5, 2.5]);
        program.faults = vec![Fault { kind: FaultKind::WrongElapsed, detail: String::new() }];
        assert_eq!(clock_start(&program), 0.0);
    }

    #[test]
    fn what_lies_past_two_seconds_is_enlarged() {
        let slow = program(3.0, &[(0.0, "Codecademy"), (3.0, "Codecademy says hello!")]);
        let fast = program(2.5, &[(0.5, "Codecademy"), (2.5, "Codecademy says hello!")]);
        let programs = [("slow".to_owned(), &slow), ("fast".to_owned(), &fast)];
        let timeline = Timeline::new(&programs).unwrap();
        let bar =
            |index: usize| (timeline.bands[index].lanes[0].from, timeline.bands[index].lanes[0].to);
        assert_eq!(bar(0), (0.0, 100.0));
        assert_eq!(bar(1), (15.0, 80.0));
        let labels: Vec<_> = timeline.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["0 s", "1 s", "2 s", "+500 ms", "+1.00 s"]);
    }

    #[test]
    fn programs_without_lines_have_no_timeline() {
        let silent = ProgramJson { lines: Vec::new(), ..program(2.0, &[]) };
        assert!(Timeline::new(&[("silent".to_owned(), &silent)]).is_none());
        let instant = program(0.0, &[]);
        assert_eq!(Timeline::new(&[("instant".to_owned(), &instant)]).unwrap().end_s, 0.0);
    }
}
