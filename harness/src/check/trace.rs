//! What `check --trace` writes: when each program printed its lines, in the trace event format that
//! Perfetto opens. A program is shown as a process, and each of its greeters as a thread of it.

use serde_json::{Value, json};

use super::json::{CheckJson, LineJson, ProgramJson};
use crate::catalog::{NAMES, greeter};

/// The lines of one greeter, or those that are no greeter's, like the elapsed time.
#[derive(Debug)]
pub struct Lane<'a> {
    /// The greeter's name.
    pub greeter: Option<&'a str>,
    /// At least one line, in the order in which they were read.
    pub lines: Vec<&'a LineJson>,
}

impl Lane<'_> {
    /// The seconds of its first and of its last line, from the start of the program.
    pub fn span(&self) -> (f64, f64) {
        (self.lines[0].at_s, self.lines[self.lines.len() - 1].at_s)
    }
}

/// Returns the lanes of a program: the greeters in the document's order, then what is no greeter's.
pub fn lanes(lines: &[LineJson]) -> Vec<Lane<'_>> {
    let mut lanes: Vec<Lane<'_>> = Vec::new();
    for line in lines {
        let greeter = greeter(&line.text);
        match lanes.iter_mut().find(|lane| lane.greeter == greeter) {
            Some(lane) => lane.lines.push(line),
            None => lanes.push(Lane { greeter, lines: vec![line] }),
        }
    }
    let rank = |name| NAMES.iter().position(|other| *other == name).unwrap_or(NAMES.len());
    lanes.sort_by_key(|lane| (lane.greeter.is_none(), lane.greeter.map(|name| (rank(name), name))));
    lanes
}

/// The check as a trace. A greeter is a slice from its first line to its last, and each line is an
/// instant. Every greeter has its own `tid`, because overlapping slices of one thread are not shown.
pub fn render(check: &CheckJson) -> String {
    let with_pid = (1..).zip(&check.programs);
    let events: Vec<_> = with_pid.flat_map(|(pid, program)| events(pid, program)).collect();
    json!({ "displayTimeUnit": "ms", "traceEvents": events }).to_string()
}

fn events(pid: u64, program: &ProgramJson) -> Vec<Value> {
    let ProgramJson { section, listing, implementation, python, .. } = program;
    let version = python.as_ref().map(|python| format!(" {python}")).unwrap_or_default();
    let name = format!("{section}::{listing}::{implementation}{version}");
    let mut events = vec![
        metadata("process_name", pid, 0, json!({ "name": name })),
        metadata("process_sort_index", pid, 0, json!({ "sort_index": pid })),
    ];
    for (tid, lane) in (1..).zip(lanes(&program.lines)) {
        let name = lane.greeter.unwrap_or("no greeter");
        events.push(metadata("thread_name", pid, tid, json!({ "name": name })));
        events.push(metadata("thread_sort_index", pid, tid, json!({ "sort_index": tid })));
        let (from, to) = lane.span();
        if to > from {
            let (ts, dur) = (microseconds(from), microseconds(to - from));
            events.push(
                json!({ "ph": "X", "pid": pid, "tid": tid, "name": name, "ts": ts, "dur": dur }),
            );
        }
        events.extend(lane.lines.iter().map(|line| {
            let ts = microseconds(line.at_s);
            json!({ "ph": "i", "s": "t", "pid": pid, "tid": tid, "name": line.text, "ts": ts })
        }));
    }
    events
}

fn metadata(name: &str, pid: u64, tid: u64, args: Value) -> Value {
    json!({ "ph": "M", "pid": pid, "tid": tid, "name": name, "args": args })
}

fn microseconds(seconds: f64) -> f64 {
    (seconds * 1e9).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[(f64, &str)]) -> Vec<LineJson> {
        let line = |(at_s, text): &(f64, &str)| LineJson { at_s: *at_s, text: text.to_string() };
        lines.iter().map(line).collect()
    }

    #[test]
    fn lanes_are_in_the_documents_order_and_span_their_lines() {
        let lines = lines(&[
            (0.1, "Chelsea"),
            (0.2, "Codecademy"),
            (0.3, "At once: Hisham has lost his voice"),
            (2.1, "Chelsea says hello!"),
            (2.2, "Codecademy says hello!"),
            (2.3, "Hisham exited with 3"),
            (2.4, "Asyncio Elapsed Time: 2.3 seconds"),
        ]);
        let lanes: Vec<_> = lanes(&lines).iter().map(|lane| (lane.greeter, lane.span())).collect();
        let expected =
            [(Some("Codecademy"), (0.2, 2.2)), (Some("Chelsea"), (0.1, 2.1)), (None, (0.3, 2.4))];
        assert_eq!(lanes, expected);
    }

    #[test]
    fn greeters_that_print_no_name_of_theirs_have_a_lane() {
        let one = lines(&[(0.0, "Codecademy"), (2.0, "Codecademy says hello! from vm")]);
        assert_eq!(lanes(&one)[0].span(), (0.0, 2.0));
        let arguments = lines(&[
            (0.0, "some_function was called with arg2"),
            (0.0, "some_function was called with arg1"),
        ]);
        let greeters: Vec<_> = lanes(&arguments).iter().map(|lane| lane.greeter).collect();
        assert_eq!(greeters, [Some("arg1"), Some("arg2")]);
    }
}
