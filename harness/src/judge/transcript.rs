//! The transcript: what a program printed, the stage of each line, and the canonical text of the
//! snapshots.
//!
//! A line's stage is the number of sleeps of two seconds that come before it. Stage *k* is the time
//! from 2*k* to 2*k* + 2 seconds after a program's first line. (The greeters of `results` print
//! nothing before they sleep. There, the first line is of stage 1, and stage *k* begins two seconds
//! earlier.) The harness does not know when a line was printed, only when it was read:
//!
//! - A line is too early if it was read less than 2*k* seconds after the program's start. It was
//!   printed even earlier, and the first line was printed after the start.
//! - A line is too late if its stage had ended when it was read, counted from when the first line
//!   was read.
//!
//! A harness that reads late does not make a line too early. It makes a line too late only if its
//! delay and the program's own delay together are two seconds or more.

use std::time::Duration;

use crate::catalog::Listing;
use crate::run::Line;

/// The length of a stage: the sleep of the document's listings.
pub const STAGE: Duration = Duration::from_secs(2);

/// The text before the number in a line with the elapsed time.
pub const ELAPSED: &str = " Elapsed Time: ";

/// Returns the stage of each line. If several stages are possible, it is the one nearest to the
/// line's stage in the listing, or the earliest if the line is not in the listing.
pub fn stages(listing: &Listing, lines: &[Line]) -> Vec<u64> {
    let Some(first) = lines.first() else { return Vec::new() };
    let stage = |line: &Line| {
        let latest = line.at.as_secs() / STAGE.as_secs();
        let after = (line.at - first.at).as_secs() / STAGE.as_secs();
        let earliest = (first_stage(listing) + after).min(latest);
        let expected = listing.line_of(&line.text);
        expected.map_or(earliest, |expected| expected.stage.clamp(earliest, latest))
    };
    lines.iter().map(stage).collect()
}

/// Returns the stage of the listing's first line.
pub fn first_stage(listing: &Listing) -> u64 {
    listing.steps[0].stage
}

/// Returns the earliest time, from a program's start, of the line with this index. With two
/// workers, the third line comes after one second, whichever greeter it names.
pub fn earliest(listing: &Listing, index: usize) -> Duration {
    Duration::from_secs(listing.workers.map_or(0, |workers| (index / workers) as u64))
}

/// Returns two lines that were read together although a sleep comes between them, and the length of
/// that sleep. Less than a twentieth of the sleep came between them, or less than half of it if the
/// first of them is the program's first line. Then the program printed the first of the two late,
/// or the harness read it late.
pub fn lines_without_a_sleep<'a>(
    listing: &Listing,
    lines: &'a [Line],
) -> Option<(&'a Line, &'a Line, Duration)> {
    let stage = |line: &Line| listing.line_of(&line.text).map(|expected| expected.stage);
    let indices = 0..lines.len();
    let mut pairs = indices.clone().flat_map(|one| indices.clone().map(move |other| (one, other)));
    pairs.find_map(|(index, other_index)| {
        let (one, other) = (&lines[index], &lines[other_index]);
        let sleep = if stage(one).is_some_and(|before| stage(other) > Some(before)) {
            STAGE
        } else {
            earliest(listing, other_index).saturating_sub(earliest(listing, index))
        };
        let least = if index == 0 { sleep / 2 } else { sleep / 20 };
        (one.at.abs_diff(other.at) < least).then_some((one, other, sleep))
    })
}

/// Returns a line's text with an elapsed time of `3.0015` as `2.…`, the second in which its stage
/// begins.
pub fn canonical_text(text: &str) -> String {
    match elapsed_seconds(text) {
        Some(seconds) => {
            let begin = elapsed_stage(seconds) * STAGE.as_secs();
            text.replace(&format!("{seconds:?}"), &format!("{begin}.…"))
        }
        None => text.to_owned(),
    }
}

/// Returns the stage of an elapsed time: 1 in [2 s, 4 s).
pub fn elapsed_stage(seconds: f64) -> u64 {
    (seconds / STAGE.as_secs_f64()) as u64
}

/// Returns the elapsed seconds that a line reports, if they have the format of Python's
/// `str(float)`.
pub fn elapsed_seconds(text: &str) -> Option<f64> {
    let number = text.split_once(ELAPSED)?.1.strip_suffix(" seconds")?;
    // In this range, Rust's {:?} and Python's str write the same: the shortest digits that identify
    // the float, with at least one after the point.
    let seconds: f64 = number.parse().ok()?;
    (seconds.is_finite() && format!("{seconds:?}") == number).then_some(seconds)
}

/// Returns the canonical transcript, which is the same for all implementations of a listing. Each
/// line begins with the second in which its stage begins. Lines whose order is free are sorted.
pub fn canonical(listing: &Listing, lines: &[Line]) -> String {
    let entry = |(stage, line): (u64, &Line)| {
        let expected = listing.line_of(&line.text);
        // A line with an elapsed time keeps its own second.
        let is_open = |text: &&str| text.contains('…') && !text.contains(ELAPSED);
        let open = expected.map(|line| line.text).filter(is_open).map(str::to_owned);
        let rank = expected.map(|line| line.rank);
        (rank, stage, open.unwrap_or_else(|| canonical_text(&line.text)))
    };
    let mut entries: Vec<_> = stages(listing, lines).into_iter().zip(lines).map(entry).collect();
    entries
        .chunk_by_mut(|(one, ..), (next, ..)| one.is_some() && one == next)
        .for_each(|chunk| chunk.sort());
    let line = |(_, stage, text): &(_, u64, _)| format!("{}s  {text}\n", stage * STAGE.as_secs());
    entries.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Listing, SECTIONS, all_listings};

    fn listing(name: &str) -> &'static Listing {
        all_listings().find(|(_, listing)| listing.name == name).expect("the document has it").1
    }

    fn lines(lines: &[(u64, &str)]) -> Vec<Line> {
        let line = |&(at, text): &(u64, &str)| Line::new(Duration::from_millis(at), text);
        lines.iter().map(line).collect()
    }

    /// The stages of a first line and of a line after one sleep, by the times at which they were
    /// read.
    fn stages_of(first: u64, second: u64) -> Vec<u64> {
        let lines = lines(&[(first, "Codecademy"), (second, "says hello!")]);
        stages(listing("one-process"), &lines)
    }

    #[test]
    fn a_line_before_the_end_of_its_sleep_is_too_early() {
        assert_eq!(stages_of(0, 0), [0, 0]);
        assert_eq!(stages_of(10, 1_999), [0, 0]);
        assert_eq!(stages_of(10, 2_000), [0, 1]);
    }

    #[test]
    fn a_line_after_two_sleeps_is_too_late() {
        assert_eq!(stages_of(10, 4_009), [0, 1]);
        assert_eq!(stages_of(10, 4_010), [0, 2]);
        assert_eq!(stages_of(10, 8_010), [0, 4]);
        // A slow start of the program changes nothing.
        assert_eq!(stages_of(5_000, 8_999), [0, 1]);
        assert_eq!(stages_of(5_000, 9_000), [0, 2]);
    }

    #[test]
    fn the_first_line_of_results_is_of_stage_1() {
        let results = SECTIONS[0].listing("results");
        let stages_of = |times: [u64; 2]| {
            let texts = ["Codecademy says hello!", "Chelsea says hello!"];
            stages(results, &lines(&times.into_iter().zip(texts).collect::<Vec<_>>()))
        };
        assert_eq!(stages_of([10, 1_999]), [0, 0]);
        assert_eq!(stages_of([2_010, 4_009]), [1, 1]);
        assert_eq!(stages_of([2_010, 4_010]), [1, 2]);
    }

    #[test]
    fn reading_a_line_late_does_not_change_its_stage() {
        // The program printed at 10 ms and at 2,010 ms, but the harness read one or both later.
        for (first, second) in [(1_200, 2_010), (2_009, 2_010), (10, 3_900), (2_500, 2_500)] {
            assert_eq!(stages_of(first, second), [0, 1], "{first} {second}");
        }
    }

    #[test]
    fn lines_with_a_sleep_between_them_are_not_read_together() {
        const NAME: &str = "Codecademy";
        const OTHER: &str = "Chelsea";
        const GREETING: &str = "Hisham says hello!";
        for (printed, together) in [
            (&[(10, NAME), (2_010, GREETING)][..], None),
            // The first line was read up to a second late: that is the harness.
            (&[(1_010, NAME), (2_010, GREETING)], None),
            (&[(1_011, NAME), (2_010, GREETING)], Some((NAME, GREETING))),
            (&[(2_010, NAME), (2_010, GREETING)], Some((NAME, GREETING))),
            // A second greeter may start late.
            (&[(10, NAME), (1_910, OTHER), (2_010, GREETING)], None),
            (&[(10, NAME), (1_911, OTHER), (2_010, GREETING)], Some((OTHER, GREETING))),
            (&[(10, NAME), (2_010, OTHER), (2_010, GREETING)], Some((OTHER, GREETING))),
            (&[(10, NAME), (2_010, GREETING), (2_010, OTHER)], Some((OTHER, GREETING))),
            // Two lines of one stage may come together.
            (&[(10, NAME), (10, OTHER)], None),
            (&[(10, "unknown"), (10, GREETING)], None),
            (&[], None),
        ] {
            let lines = lines(printed);
            let found = lines_without_a_sleep(listing("joining-threads"), &lines);
            let found = found.map(|(one, other, _)| (one.text.as_str(), other.text.as_str()));
            assert_eq!(found, together, "{printed:?}");
        }
    }

    #[test]
    fn two_workers_take_a_second_for_each_pair_of_lines() {
        let workers = SECTIONS[0].listing("workers");
        let earliest = |index| earliest(workers, index).as_secs();
        assert_eq!([0, 1, 2, 3, 4].map(earliest), [0, 0, 1, 1, 2]);
        const NAMES: [&str; 4] = ["Hisham", "Codecademy", "Ashley", "Chelsea"];
        for (times, together) in [
            ([10, 10, 1_010, 1_010], None),
            ([510, 510, 1_010, 1_010], None),
            ([511, 511, 1_010, 1_010], Some(("Hisham", "Ashley", 1))),
            // A worker that starts late.
            ([10, 960, 1_010, 1_960], None),
            ([10, 961, 1_010, 1_960], Some(("Codecademy", "Ashley", 1))),
        ] {
            let lines: Vec<_> = times.into_iter().zip(NAMES).collect();
            let lines = self::lines(&lines);
            let found = lines_without_a_sleep(workers, &lines);
            let found = found.map(|(one, other, sleep)| {
                (one.text.as_str(), other.text.as_str(), sleep.as_secs())
            });
            assert_eq!(found, together, "{times:?}");
        }
    }

    #[test]
    fn an_elapsed_time_is_cut_to_its_stage() {
        for (seconds, text) in
            [("0.5", "0.…"), ("2.0", "2.…"), ("3.999", "2.…"), ("4.0", "4.…"), ("2", "2")]
        {
            let line = |seconds| format!("X Elapsed Time: {seconds} seconds");
            assert_eq!(canonical_text(&line(seconds)), line(text));
        }
    }

    #[test]
    fn the_stage_of_a_line_that_is_not_in_the_listing_counts_from_the_first_line() {
        let lines = lines(&[(100, "Codecademy"), (2_050, "unknown"), (2_150, "unknown")]);
        assert_eq!(stages(listing("one-process"), &lines), [0, 0, 1]);
    }

    #[test]
    fn elapsed_seconds_have_the_form_of_pythons_str() {
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
            ("inf", None),
        ] {
            let text = format!("Threading Elapsed Time: {number} seconds");
            assert_eq!(elapsed_seconds(&text), seconds, "{text}");
        }
        assert_eq!(elapsed_seconds("Elapsed Time: 2.5 seconds"), None);
        assert_eq!(elapsed_seconds("Threading Elapsed Time: 2.5"), None);
    }

    #[test]
    fn the_machines_of_ranks_are_left_out() {
        let listing = SECTIONS[2].listing("several-machines");
        let printed = lines(&[
            (1, "Chelsea"),
            (2_002, "Chelsea says hello! from one"),
            (2_003, "Chelsea says hello!"),
            (2_004, "MPI Elapsed Time: 4.5 seconds"),
            (2_005, "On four ranks: 0.5 seconds, speed-up 2.00"),
        ]);
        assert_eq!(
            canonical(listing, &printed),
            "0s  Chelsea\n2s  Chelsea says hello! from …\n2s  Chelsea says hello!\n\
             2s  MPI Elapsed Time: 4.… seconds\n2s  On four ranks: … seconds, speed-up …\n"
        );
    }

    #[test]
    fn lines_are_sorted_only_where_their_order_is_free() {
        let printed = lines(&[
            (1, "Chelsea"),
            (2, "Ashley"),
            (2_002, "Hisham says hello!"),
            (2_003, "X Elapsed Time: 2.5 seconds"),
            (2_004, "Codecademy says hello!"),
        ]);
        assert_eq!(
            canonical(listing("joining-threads"), &printed),
            "0s  Ashley\n0s  Chelsea\n2s  Hisham says hello!\n2s  X Elapsed Time: 2.… seconds\n2s  Codecademy says hello!\n"
        );
        // In `failure`, the order is free before the sleep, but not after it.
        let failure = SECTIONS[0].listing("failure");
        assert!(canonical(failure, &printed).starts_with("0s  Ashley\n0s  Chelsea\n2s  Hisham"));
        let printed_after = lines(&[
            (1, "Ashley"),
            (2_001, "Chelsea says hello!"),
            (2_002, "Codecademy says hello!"),
        ]);
        assert_eq!(
            canonical(failure, &printed_after),
            "0s  Ashley\n2s  Chelsea says hello!\n2s  Codecademy says hello!\n"
        );
        assert_eq!(
            canonical(listing("multiple-tasks"), &printed),
            "0s  Chelsea\n0s  Ashley\n2s  Hisham says hello!\n2s  X Elapsed Time: 2.… seconds\n2s  Codecademy says hello!\n"
        );
    }
}
