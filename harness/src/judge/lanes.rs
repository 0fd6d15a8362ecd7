//! Lanes: who printed what, when, and who slept.
//!
//! The harness sees lines, and no sleeps. The catalog knows how long a listing sleeps before a line.
//! So that long its greeter slept, but not longer than since its line before.

use serde::Serialize;

use crate::catalog::{Listing, NAMES};

/// The lines of one greeter, or those that are no greeter's, like the elapsed time.
#[derive(Debug, Serialize)]
pub struct Lane<'a> {
    /// The greeter's name.
    pub greeter: Option<&'a str>,
    /// At least one line, in the order in which they were read, with its seconds.
    pub lines: Vec<(f64, &'a str)>,
    /// When the greeter slept, from and to, in seconds.
    pub sleeps: Vec<(f64, f64)>,
}

/// Returns the lanes of a program's lines, each with its seconds: the greeters in the document's
/// order, then what is no greeter's. The program's clock started at `start`.
pub fn lanes<'a>(
    listing: &Listing,
    start: f64,
    lines: impl IntoIterator<Item = (f64, &'a str)>,
) -> Vec<Lane<'a>> {
    let mut lanes: Vec<Lane<'_>> = Vec::new();
    let mut end = start;
    for line in lines {
        let greeter = greeter(line.1);
        end = line.0;
        match lanes.iter_mut().find(|lane| lane.greeter == greeter) {
            Some(lane) => lane.lines.push(line),
            None => lanes.push(Lane { greeter, lines: vec![line], sleeps: Vec::new() }),
        }
    }
    for lane in &mut lanes {
        lane.sleeps = sleeps(listing, lane, start, end);
    }
    let rank = |name| NAMES.iter().position(|other| *other == name).unwrap_or(NAMES.len());
    lanes.sort_by_key(|lane| (lane.greeter.is_none(), lane.greeter.map(|name| (rank(name), name))));
    lanes
}

/// When the greeter of a lane slept, in a program whose last line came at `end`.
fn sleeps(listing: &Listing, lane: &Lane<'_>, start: f64, end: f64) -> Vec<(f64, f64)> {
    let mut sleeps = Vec::new();
    let Some(greeter) = lane.greeter else { return sleeps };
    let (mut before, mut due_before) = (start, listing.begins_at(greeter));
    for &(at, text) in &lane.lines {
        let Some(line) = listing.line_of(text) else { continue };
        let step = &listing.steps[line.step];
        let slept = step.due.saturating_sub(due_before);
        if slept > 0 {
            sleeps.push((before.max(at - slept as f64), at));
        }
        // As many greeters as are due at once sleep until the next are due.
        if step.at_once.is_some() {
            sleeps.push((at, end.min(at + 1.0)));
        }
        (before, due_before) = (at, step.due);
    }
    sleeps
}

/// Returns the greeter whose line this is: it prints the line, or returns it as its result, or the
/// line says that its time is up, or that it has succeeded.
pub fn greeter(text: &str) -> Option<&str> {
    if text == "says hello!" {
        // A listing's only greeter does not repeat its name.
        return Some(NAMES[0]);
    }
    if let Some(argument) = text.strip_prefix("some_function was called with ") {
        return Some(argument);
    }
    if text.starts_with("page ") {
        return text.get(.."page 1".len());
    }
    // The name of a machine may follow a greeting.
    let text = text.split(" from ").next().unwrap_or(text);
    let endings = [" says hello!", " is cancelled", " takes too long", " exited with 0"];
    let name = endings.iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text);
    NAMES.contains(&name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::all_listings;

    /// The first listing of this name.
    fn listing(name: &str) -> &'static Listing {
        all_listings().find(|(_, listing)| listing.name == name).expect(name).1
    }

    #[test]
    fn lanes_are_in_the_documents_order() {
        let lines = [
            (0.1, "Chelsea"),
            (0.2, "Codecademy"),
            (0.3, "At once: Hisham has lost his voice"),
            (0.4, "some_function was called with arg2"),
            (0.5, "some_function was called with arg1"),
            (2.1, "Chelsea says hello! from vm"),
            (2.2, "says hello!"),
            (2.3, "Hisham exited with 3"),
            (2.4, "Asyncio Elapsed Time: 2.3 seconds"),
        ];
        let lanes = lanes(listing("workers"), 0.0, lines);
        let at = |lane: &Lane<'_>| lane.lines.iter().map(|line| line.0).collect::<Vec<_>>();
        let lanes: Vec<_> = lanes.iter().map(|lane| (lane.greeter, at(lane))).collect();
        assert_eq!(
            lanes,
            [
                (Some("Codecademy"), vec![0.2, 2.2]),
                (Some("Chelsea"), vec![0.1, 2.1]),
                (Some("arg1"), vec![0.5]),
                (Some("arg2"), vec![0.4]),
                (None, vec![0.3, 2.3, 2.4])
            ]
        );
        assert_eq!(greeter("Ashley exited with 0"), Some("Ashley"));
        assert_eq!(greeter("page 3 failed, attempt 1 of 3"), Some("page 3"));
        assert_eq!(greeter("7 of 8 pages"), None);
    }

    #[test]
    fn greeters_sleep_as_long_as_their_listing_does_before_a_line() {
        // The clock starts at 0.5, and each line comes that much later than it is due.
        for (name, greeter, lines, expected) in [
            ("multiple-threads", "arg1", &[(0, "some_function was called with arg1")][..], &[][..]),
            ("joining-threads", "Ashley", &[(0, "Ashley"), (2, "Ashley says hello!")], &[(0, 2)]),
            ("one-process", "Codecademy", &[(0, "Codecademy"), (2, "says hello!")], &[(0, 2)]),
            // It prints nothing before it sleeps.
            ("results", "Ashley", &[(2, "Ashley says hello!")], &[(0, 2)]),
            ("failure", "Ashley", &[(0, "Ashley"), (2, "Ashley says hello!")], &[(0, 2)]),
            ("failure", "Hisham", &[(0, "Hisham")], &[]),
            ("timeout", "Ashley", &[(0, "Ashley"), (0, "Ashley says hello!")], &[]),
            ("timeout", "Hisham", &[(0, "Hisham"), (2, "Hisham takes too long")], &[(0, 2)]),
            ("cancel", "Ashley", &[(0, "Ashley"), (2, "Ashley is cancelled")], &[(0, 2)]),
            ("workers", "Ashley", &[(0, "Ashley")], &[(0, 1)]),
            ("workers", "Ashley", &[(1, "Ashley")], &[(1, 2)]),
            ("as-completed", "Chelsea", &[(1, "Chelsea says hello!")], &[(0, 1)]),
            ("as-completed", "Hisham", &[(2, "Hisham says hello!")], &[(0, 2)]),
            // It waits until Chelsea has ended.
            ("as-completed", "Ashley", &[(2, "Ashley says hello!")], &[(1, 2)]),
            ("together", "page 1", &[(1, "page 1 arrived")], &[(0, 1)]),
            (
                "together",
                "page 3",
                &[(0, "page 3 failed, attempt 1 of 3"), (1, "page 3 arrived")],
                &[(0, 1)],
            ),
            ("together", "page 5", &[(2, "page 5 arrived")], &[(1, 2)]),
            ("together", "page 6", &[(1, "page 6 failed, attempt 1 of 3")], &[]),
            ("server", "Ashley", &[(0, "Ashley"), (2, "Ashley says hello!")], &[(0, 2)]),
            ("shared-state", "Ashley", &[(0, "Ashley"), (2, "Ashley says hello!")], &[(0, 2)]),
            // It greets too early, and has not slept before the line before.
            ("joining-threads", "Ashley", &[(1, "Ashley"), (2, "Ashley says hello!")], &[(1, 2)]),
            ("joining-threads", "Ashley", &[(0, "Ashley"), (2, "not in the listing")], &[]),
        ] {
            let elapsed = (2, "Threading Elapsed Time: 2.0 seconds");
            let lines = lines.iter().chain([&elapsed]);
            let lines = lines.map(|&(at, text)| (at as f64 + 0.5, text));
            let lanes = lanes(listing(name), 0.5, lines);
            let lane = lanes.iter().find(|lane| lane.greeter == Some(greeter)).unwrap();
            let sleeps = lane.sleeps.iter().map(|&(from, to)| (from - 0.5, to - 0.5));
            let expected: Vec<_> = expected.iter().map(|&(a, b)| (a as f64, b as f64)).collect();
            assert_eq!(sleeps.collect::<Vec<_>>(), expected, "{name}: {greeter}");
            assert!(lanes.iter().all(|lane| lane.greeter.is_some() || lane.sleeps.is_empty()));
        }
    }
}
