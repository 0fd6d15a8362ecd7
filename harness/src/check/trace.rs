//! What `check --trace` writes: when each program printed its lines, in the trace event format that
//! Perfetto opens. A program is shown as a process, and each of its greeters as a thread of it.

use serde_json::{Value, json};

use super::json::{CheckJson, ProgramJson};

/// The check as a trace. A sleep is a slice, and a line an instant. Time is counted from the start of
/// each program. Every greeter has its own `tid`, because overlapping slices of one thread are not
/// shown.
pub fn render(check: &CheckJson) -> String {
    let with_pid = (1..).zip(&check.programs);
    let events: Vec<_> = with_pid.flat_map(|(pid, program)| events(pid, program)).collect();
    json!({ "displayTimeUnit": "ms", "traceEvents": events }).to_string()
}

fn events(pid: u64, program: &ProgramJson) -> Vec<Value> {
    let mut events = vec![
        metadata("process_name", pid, 0, json!({ "name": program.name() })),
        metadata("process_sort_index", pid, 0, json!({ "sort_index": pid })),
    ];
    for (tid, lane) in (1..).zip(program.lanes()) {
        let name = lane.greeter.unwrap_or("no greeter");
        events.push(metadata("thread_name", pid, tid, json!({ "name": name })));
        events.push(metadata("thread_sort_index", pid, tid, json!({ "sort_index": tid })));
        events.extend(lane.sleeps.iter().map(|&(from, to)| {
            let (ts, dur) = (microseconds(from), microseconds(to - from));
            json!({ "ph": "X", "pid": pid, "tid": tid, "name": "sleep", "ts": ts, "dur": dur })
        }));
        events.extend(lane.lines.iter().map(|(at_s, text)| {
            let ts = microseconds(*at_s);
            json!({ "ph": "i", "s": "t", "pid": pid, "tid": tid, "name": text, "ts": ts })
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
