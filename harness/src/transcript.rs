//! What a program printed and when: its stages, and the canonical text that the snapshots keep.
//!
//! A program's first line is its origin, and stage *k* is the time from 2*k* seconds after it to
//! 2*k* + 2. But the harness knows only when it had *read* a line. Had it read the first one late, a
//! line that was printed two seconds later would seem to come too early; so every line is allowed as
//! much as the harness waited for the first, up to a second. Either way a second's delay, of the
//! harness or of the program, does no harm.

use std::time::Duration;

use crate::catalog::Listing;
use crate::run::Line;

/// How long a stage is: the sleep of the document's listings.
pub const STAGE: Duration = Duration::from_secs(2);

/// What stands before the number in a line that tells the elapsed time.
pub const ELAPSED: &str = " Elapsed Time: ";

/// The stage of each line.
pub fn stages(lines: &[Line]) -> Vec<u64> {
    let Some(first) = lines.first() else { return Vec::new() };
    let slack = first.at.min(STAGE / 2);
    let stage = |line: &Line| (line.at - first.at + slack).as_secs() / STAGE.as_secs();
    lines.iter().map(stage).collect()
}

/// A line's text as the catalog has it: of elapsed seconds, only the whole ones.
///
/// ```
/// use harness::transcript::canonical_text;
///
/// let text = "Asyncio Elapsed Time: 2.0015 seconds";
/// assert_eq!(canonical_text(text), "Asyncio Elapsed Time: 2.… seconds");
/// ```
pub fn canonical_text(text: &str) -> String {
    match elapsed_seconds(text) {
        Some(seconds) => text.replace(&format!("{seconds:?}"), &format!("{}.…", seconds.trunc())),
        None => text.to_owned(),
    }
}

/// The elapsed seconds that a line tells, if it does so in the form of Python's `str(float)`.
pub fn elapsed_seconds(text: &str) -> Option<f64> {
    let number = text.split_once(ELAPSED)?.1.strip_suffix(" seconds")?;
    // Rust's {:?} and Python's str write the same digits: as few as tell a float from its neighbours,
    // and at least one behind the point.
    number.parse().ok().filter(|seconds: &f64| format!("{seconds:?}") == number)
}

/// A transcript in the form that all implementations of a listing share: a line for each line, with
/// the second in which its stage begins. Where the order within a stage is free, it is alphabetical,
/// but a line that tells the elapsed time stays where it is.
pub fn canonical(listing: &Listing, lines: &[Line]) -> String {
    let texts = lines.iter().map(|line| canonical_text(&line.text));
    let mut entries: Vec<_> = stages(lines).into_iter().zip(texts).collect();
    if listing.has_free_order() {
        let is_elapsed = |text: &str| text.contains(ELAPSED);
        let may_swap = |(stage, text): &(u64, String), (next_stage, next): &(u64, String)| {
            stage == next_stage && !is_elapsed(text) && !is_elapsed(next)
        };
        entries.chunk_by_mut(may_swap).for_each(|chunk| chunk.sort());
    }
    let line = |(stage, text): &(u64, String)| format!("{}s  {text}\n", stage * STAGE.as_secs());
    entries.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{DOCUMENT, Listing};

    fn listing(name: &str) -> &'static Listing {
        let mut listings = DOCUMENT.iter().flat_map(|section| section.listings);
        listings.find(|listing| listing.name == name).expect("the document has it")
    }

    fn lines(lines: &[(u64, &str)]) -> Vec<Line> {
        let line = |&(at, text): &(u64, &str)| Line {
            at: Duration::from_millis(at),
            text: text.to_owned(),
            is_whole: true,
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn a_stage_lasts_two_seconds_from_the_first_line() {
        let at = [0, 1_999, 2_000, 3_999, 4_000].map(|at| (at, ""));
        assert_eq!(stages(&lines(&at)), [0, 0, 1, 1, 2]);
    }

    #[test]
    fn a_delay_of_a_second_moves_no_line_to_another_stage() {
        // The program printed at 10 ms and at 2,010 ms, but the harness came late to one of them.
        for (first, second) in [(10, 2_010), (1_010, 2_010), (10, 3_010), (1_010, 3_010)] {
            assert_eq!(stages(&lines(&[(first, ""), (second, "")])), [0, 1], "{first} {second}");
        }
        // The program itself was slow to start, by any time.
        assert_eq!(stages(&lines(&[(5_000, ""), (7_000, "")])), [0, 1]);
        assert_eq!(stages(&lines(&[(5_000, ""), (6_001, "")])), [0, 1]);
        assert_eq!(stages(&lines(&[(5_000, ""), (7_999, "")])), [0, 1]);
    }

    #[test]
    fn elapsed_seconds_are_those_that_python_would_write() {
        for (number, seconds) in [
            ("2.0", Some(2.0)),
            ("2.001467363", Some(2.001467363)),
            ("2.0144480980000026", Some(2.0144480980000026)),
            ("2", None),
            ("2.00", None),
            ("+2.0", None),
            ("2e0", None),
            ("", None),
            ("soon", None),
        ] {
            let text = format!("Threading Elapsed Time: {number} seconds");
            assert_eq!(elapsed_seconds(&text), seconds, "{text}");
        }
        assert_eq!(elapsed_seconds("Elapsed Time: 2.5 seconds"), None);
        assert_eq!(elapsed_seconds("Threading Elapsed Time: 2.5"), None);
    }

    #[test]
    fn lines_are_sorted_within_a_stage_only_where_their_order_is_free() {
        let printed = lines(&[
            (1, "Chelsea"),
            (2, "Ashley"),
            (2_002, "Hisham"),
            (2_003, "X Elapsed Time: 2.5 seconds"),
            (2_004, "Codecademy"),
        ]);
        assert_eq!(
            canonical(listing("joining-threads"), &printed),
            "0s  Ashley\n0s  Chelsea\n2s  Hisham\n2s  X Elapsed Time: 2.… seconds\n2s  Codecademy\n"
        );
        assert_eq!(
            canonical(listing("multiple-tasks"), &printed),
            "0s  Chelsea\n0s  Ashley\n2s  Hisham\n2s  X Elapsed Time: 2.… seconds\n2s  Codecademy\n"
        );
    }
}
