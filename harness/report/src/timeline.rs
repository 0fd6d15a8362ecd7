//! When the greeters of a listing printed their lines, on one scale for all programs. What lies past
//! two seconds, the overhead, is enlarged.

use harness::check::json::{LineJson, ProgramJson};
use harness::judge::lanes::{Lane, lanes};
use harness::judge::transcript::{SLEEP, elapsed_seconds};
use harness::judge::verdict::{FaultKind, Verdict};
use harness::terminal::duration;
use minijinja::{Value, context};
use serde::Serialize;

/// Where the enlarged part of the scale begins, in per cent of the width.
const ENLARGED: f64 = 60.0;
/// The sleep of a listing, in seconds.
const SLEEP_S: f64 = SLEEP.as_secs() as f64;

/// The programs of a listing on one scale.
#[derive(Debug, Serialize)]
pub struct Timeline {
    /// One for each program that printed a line. Its lanes are one for each greeter, from the
    /// greeter's first line to its last, and one for what is no greeter's.
    pub bands: Vec<Value>,
    /// The labels of the scale, with their places. Minor ones are left out where there is little
    /// room.
    pub ticks: Vec<Value>,
    #[serde(flatten)]
    scale: Scale,
    /// Whether time is counted from when each program started its own clock.
    pub has_clock: bool,
}

#[derive(Debug, Serialize)]
struct Scale {
    /// The seconds at the right end of the scale.
    end_s: f64,
    /// Where two seconds are, in per cent of the width, if the scale is enlarged from there on.
    enlarged: Option<f64>,
}

/// Returns the seconds from the start of the program at which its own clock began: what it reports
/// as elapsed is counted from there. Without a right report, time is counted from the start.
fn clock_start(program: &ProgramJson) -> f64 {
    let mut lines = program.lines.iter();
    let reported = lines.find_map(|line| Some(line.at_s - elapsed_seconds(&line.text)?));
    let is_right = program.faults.iter().all(|fault| fault.kind != FaultKind::WrongElapsed);
    reported.filter(|_| is_right).unwrap_or(0.0)
}

/// The lines of a program with their seconds since its own clock began.
pub fn since_clock_start(program: &ProgramJson) -> Vec<LineJson> {
    let start = clock_start(program);
    // The first line may have been read faster than the last.
    let line =
        |line: &LineJson| LineJson { at_s: (line.at_s - start).max(0.0), text: line.text.clone() };
    program.lines.iter().map(line).collect()
}

impl Scale {
    /// The place of a number of seconds, in per cent of the width.
    fn at(&self, seconds: f64) -> f64 {
        match self.enlarged {
            Some(split) if seconds <= SLEEP_S => seconds / SLEEP_S * split,
            Some(split) => split + (seconds - SLEEP_S) / (self.end_s - SLEEP_S) * (100.0 - split),
            None if self.end_s > 0.0 => seconds / self.end_s * 100.0,
            None => 0.0,
        }
    }

    fn ticks(&self) -> Vec<Value> {
        let end_s = self.end_s;
        let tick = |seconds: f64, label: String, is_minor: bool| {
            context! { at => self.at(seconds), label, is_minor }
        };
        if self.enlarged.is_none() {
            return vec![tick(0.0, "0 s".to_owned(), false), tick(end_s, duration(end_s), false)];
        }
        let middle = (end_s + SLEEP_S) / 2.0;
        let over = |seconds: f64| format!("+{}", duration(seconds - SLEEP_S));
        vec![
            tick(0.0, "0 s".to_owned(), false),
            tick(1.0, "1 s".to_owned(), true),
            tick(SLEEP_S, "2 s".to_owned(), false),
            tick(middle, over(middle), true),
            tick(end_s, over(end_s), false),
        ]
    }

    fn lane(&self, lane: &Lane<'_>) -> Value {
        let (from_s, to_s) = lane.span();
        let (from, to) = (self.at(from_s), self.at(to_s));
        context! { greeter => lane.greeter, from_s, to_s, from, to }
    }
}

impl Timeline {
    /// The timeline of these programs, with a label each, of a check that ran `jobs` at a time.
    /// `None` if none of them printed a line.
    pub fn new(programs: &[(String, &ProgramJson)], jobs: usize) -> Option<Timeline> {
        let lines: Vec<_> = programs.iter().map(|(_, one)| since_clock_start(one)).collect();
        let end_s = lines.iter().flatten().map(|line| line.at_s).reduce(f64::max)?;
        let scale = Scale { end_s, enlarged: (end_s > SLEEP_S).then_some(ENLARGED) };
        let band = |((label, program), lines): (&(String, &ProgramJson), &Vec<LineJson>)| {
            let has_passed = program.verdict == Verdict::Pass;
            // Programs that ran at the same time slowed each other down.
            let overhead = program.overhead_s.filter(|_| has_passed && jobs == 1);
            let texts = lines.iter().map(|line| (line.at_s, line.text.as_str()));
            context! {
                label,
                implementation => program.implementation.to_string(),
                overhead => overhead.map(duration),
                lanes => lanes(texts).iter().map(|lane| scale.lane(lane)).collect::<Vec<_>>(),
            }
        };
        let with_lines = programs.iter().zip(&lines).filter(|(_, lines)| !lines.is_empty());
        let bands = with_lines.map(band).collect();
        let has_clock = programs.iter().any(|(_, program)| clock_start(program) > 0.0);
        Some(Timeline { bands, ticks: scale.ticks(), scale, has_clock })
    }

    /// Whether a program took longer than its sleep.
    pub fn is_enlarged(&self) -> bool {
        self.scale.enlarged.is_some()
    }
}

#[cfg(test)]
mod tests {
    use harness::judge::verdict::Fault;
    use serde_json::json;

    use super::*;

    #[test]
    fn time_is_counted_from_the_programs_own_clock() {
        let lines = json!([
            { "at_s": 0.75, "text": "Codecademy" },
            { "at_s": 3.0, "text": "Asyncio Elapsed Time: 2.5 seconds" },
        ]);
        let program = json!({ "section": "asyncio", "listing": "multiple-tasks",
            "implementation": "tokio", "verdict": "pass", "faults": [], "lines": lines });
        let mut program: ProgramJson = serde_json::from_value(program).unwrap();
        let at: Vec<_> = since_clock_start(&program).iter().map(|line| line.at_s).collect();
        assert_eq!(at, [0.25, 2.5]);
        program.faults = vec![Fault { kind: FaultKind::WrongElapsed, detail: String::new() }];
        assert_eq!(clock_start(&program), 0.0);
    }
}
