//! The transcript: what a program printed, when each line is due, and the canonical text of the
//! snapshots.
//!
//! A line is due when the listing has slept as long as the catalog says. The harness does not know
//! when a line was printed, only when it was read:
//!
//! - A line is too early if it was read before it was due, counted from the program's start. It was
//!   printed even earlier, and the first line was printed after the start. The harness may read a
//!   line late. Such a line is never too early.
//! - A line is late if it was read half a second or more after it was due, counted from when the
//!   first line was read. (The greeters of some listings print nothing before they sleep. There, the
//!   first line is due later, and the others are due that much earlier after it.) A busy machine
//!   makes lines late, too, so one such run is no proof.

use std::time::Duration;

use crate::catalog::Listing;
use crate::run::Line;

/// How long each listing with a clock sleeps in all.
pub const SLEEP: Duration = Duration::from_secs(2);

/// The text before the number in a line with the elapsed time.
pub const ELAPSED: &str = " Elapsed Time: ";

/// Returns when each of these lines is due, if the listing has it. Of a step in which only some
/// lines are due at once, the first that come are due first, whichever they are.
pub fn due_times(listing: &Listing, lines: &[Line]) -> Vec<Option<Duration>> {
    let mut places = vec![0; listing.steps.len()];
    let due = |line: &Line| {
        let step = listing.line_of(&line.text)?.step;
        places[step] += 1;
        Some(Duration::from_secs(listing.steps[step].due_at(places[step] - 1)))
    };
    lines.iter().map(due).collect()
}

/// Returns two lines that were read together although a sleep comes between them, and the length of
/// that sleep. Less than a twentieth of the sleep came between them, or less than half of it if the
/// first of them is the program's first line. Then the program printed the first of the two late,
/// or the harness read it late.
pub fn lines_without_a_sleep<'a>(
    listing: &Listing,
    lines: &'a [Line],
) -> Option<(&'a Line, &'a Line, Duration)> {
    let due_times = due_times(listing, lines);
    let indices = 0..lines.len();
    let mut pairs = indices.clone().flat_map(|one| indices.clone().map(move |other| (one, other)));
    pairs.find_map(|(index, other_index)| {
        let (one, other) = (&lines[index], &lines[other_index]);
        let sleep = due_times[other_index]?.saturating_sub(due_times[index]?);
        let least = if index == 0 { sleep / 2 } else { sleep / 20 };
        (one.at.abs_diff(other.at) < least).then_some((one, other, sleep))
    })
}

/// Returns a line's text with an elapsed time of two seconds or more as `2.…`, and a shorter one as
/// `0.…`.
pub fn canonical_text(text: &str) -> String {
    match elapsed_seconds(text) {
        Some(seconds) => {
            let begin = if seconds < SLEEP.as_secs_f64() { 0 } else { SLEEP.as_secs() };
            text.replace(&format!("{seconds:?}"), &format!("{begin}.…"))
        }
        None => text.to_owned(),
    }
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
/// line begins with the second in which its step is due, or with an earlier one if the line was read
/// earlier. Lines whose order is free are sorted.
pub fn canonical(listing: &Listing, lines: &[Line]) -> String {
    let entry = |line: &Line| {
        let expected = listing.line_of(&line.text);
        let second = line.at.as_secs();
        let second = expected.map_or(second, |line| second.min(listing.steps[line.step].due));
        // A line with an elapsed time keeps its own second.
        let is_open = |text: &&str| text.contains('…') && !text.contains(ELAPSED);
        let open = expected.map(|line| line.text).filter(is_open).map(str::to_owned);
        let rank = expected.map(|line| line.rank);
        (rank, second, open.unwrap_or_else(|| canonical_text(&line.text)))
    };
    let mut entries: Vec<_> = lines.iter().map(entry).collect();
    entries
        .chunk_by_mut(|(one, ..), (next, ..)| one.is_some() && one == next)
        .for_each(|chunk| chunk.sort());
    let line = |(_, second, text): &(_, u64, _)| format!("{second}s  {text}\n");
    entries.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Listing, all_listings};

    /// The first listing of this name.
    fn listing(name: &str) -> &'static Listing {
        all_listings().find(|(_, listing)| listing.name == name).expect(name).1
    }

    fn lines(lines: &[(u64, &str)]) -> Vec<Line> {
        let line = |&(at, text): &(u64, &str)| Line::new(Duration::from_millis(at), text);
        lines.iter().map(line).collect()
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
    fn of_four_workers_lines_two_are_due_at_once_whichever_they_are() {
        const NAMES: [&str; 4] = ["Hisham", "Codecademy", "Ashley", "Chelsea"];
        let workers = listing("workers");
        for (times, together) in [
            ([10, 10, 1_010, 1_010], None),
            ([510, 510, 1_010, 1_010], None),
            ([511, 511, 1_010, 1_010], Some(("Hisham", "Ashley", 1))),
            // A worker that starts late.
            ([10, 960, 1_010, 1_960], None),
            ([10, 961, 1_010, 1_960], Some(("Codecademy", "Ashley", 1))),
        ] {
            let lines = lines(&times.into_iter().zip(NAMES).collect::<Vec<_>>());
            let due: Vec<_> = due_times(workers, &lines).into_iter().flatten().collect();
            assert_eq!(due, [0, 0, 1, 1].map(Duration::from_secs));
            let found = lines_without_a_sleep(workers, &lines).map(|(one, other, sleep)| {
                (one.text.as_str(), other.text.as_str(), sleep.as_secs())
            });
            assert_eq!(found, together, "{times:?}");
        }
    }

    #[test]
    fn elapsed_seconds_have_the_form_of_pythons_str_and_are_cut_to_their_stage() {
        for (number, seconds, cut) in [
            ("0.5", Some(0.5), "0.…"),
            ("2.0", Some(2.0), "2.…"),
            ("2.0144480980000026", Some(2.0144480980000026), "2.…"),
            ("4.0", Some(4.0), "2.…"),
            ("1.999", Some(1.999), "0.…"),
            ("2", None, "2"),
            ("2.00", None, "2.00"),
            ("+2.0", None, "+2.0"),
            ("2e0", None, "2e0"),
            ("", None, ""),
            ("soon", None, "soon"),
            ("inf", None, "inf"),
        ] {
            let line = |number| format!("Threading Elapsed Time: {number} seconds");
            assert_eq!(elapsed_seconds(&line(number)), seconds, "{number}");
            assert_eq!(canonical_text(&line(number)), line(cut));
        }
        assert_eq!(elapsed_seconds("Elapsed Time: 2.5 seconds"), None);
        assert_eq!(elapsed_seconds("Threading Elapsed Time: 2.5"), None);
    }

    #[test]
    fn a_transcript_is_sorted_where_its_order_is_free_and_shows_no_machine_and_no_delay() {
        let greeters = [
            (1, "Chelsea"),
            (2, "Ashley"),
            (2_002, "Hisham says hello!"),
            (2_003, "X Elapsed Time: 2.5 seconds"),
            (4_500, "Codecademy says hello!"),
        ];
        let later = "2s  Hisham says hello!\n2s  X Elapsed Time: 2.… seconds\n\
                     2s  Codecademy says hello!\n";
        let ranks = [
            (1, "Chelsea"),
            (1_999, "Chelsea says hello! from one"),
            (2_003, "Chelsea says hello!"),
            (2_004, "MPI Elapsed Time: 1.5 seconds"),
            (2_005, "On four ranks: 0.5 seconds, speed-up 2.00"),
        ];
        for (name, printed, expected) in [
            ("joining-threads", &greeters, format!("0s  Ashley\n0s  Chelsea\n{later}")),
            // In `failure`, the order is free before the sleep, but not after it.
            ("failure", &greeters, format!("0s  Ashley\n0s  Chelsea\n{later}")),
            ("multiple-tasks", &greeters, format!("0s  Chelsea\n0s  Ashley\n{later}")),
            (
                "several-machines",
                &ranks,
                "0s  Chelsea\n1s  Chelsea says hello! from …\n2s  Chelsea says hello!\n2s  MPI \
                 Elapsed Time: 0.… seconds\n2s  On four ranks: … seconds, speed-up …\n"
                    .to_owned(),
            ),
        ] {
            assert_eq!(canonical(listing(name), &lines(printed)), expected, "{name}");
        }
    }
}
