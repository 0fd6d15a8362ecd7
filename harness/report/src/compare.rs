//! Compares the programs of a listing: which functions stand side by side, and which lines differ.

use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Returns the row of each program's parts, and the number of rows. The parts of a program keep
/// their order. Where the order allows it, parts with the same name are in the same row.
pub fn align<T: Ord + Hash + Clone>(programs: &[Vec<T>]) -> (Vec<Vec<usize>>, usize) {
    let mut rows: Vec<T> = Vec::new();
    for parts in programs {
        let mut merged = Vec::new();
        for op in capture_diff_slices(Algorithm::Myers, &rows, parts) {
            let (_, old, new) = op.as_tag_tuple();
            merged.extend_from_slice(&rows[old]);
            if !matches!(op, DiffOp::Equal { .. }) {
                merged.extend_from_slice(&parts[new]);
            }
        }
        rows = merged;
    }
    let rows_of = |parts: &Vec<T>| {
        let mut row = 0;
        let place = |part: &T| {
            let skipped = rows[row..].iter().position(|other| other == part);
            row += skipped.expect("every part has a row") + 1;
            row - 1
        };
        parts.iter().map(place).collect()
    };
    (programs.iter().map(rows_of).collect(), rows.len())
}

/// Returns the lines that `diff` marks in each of two texts, as ranges of their numbers, like `2-4`.
pub fn differing_lines(one: &str, other: &str) -> [Vec<String>; 2] {
    let [one, other] = [one, other].map(|text| text.lines().collect::<Vec<_>>());
    let mut ops = capture_diff_slices(Algorithm::Myers, &one, &other);
    ops.retain(|op| !matches!(op, DiffOp::Equal { .. }));
    [DiffOp::old_range, DiffOp::new_range].map(|range| {
        let ranges = ops.iter().map(range).filter(|range| !range.is_empty());
        ranges.map(|range| format!("{}-{}", range.start + 1, range.end)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_another_order_keep_their_order() {
        let (rows, count) = align(&[vec!["a", "b", "main"], vec!["b", "a", "main"]]);
        assert_eq!(count, 4);
        for rows in rows {
            assert!(rows.is_sorted(), "{rows:?}");
        }
    }

    #[test]
    fn changed_added_and_removed_lines_differ() {
        let differing = differing_lines("a\nb\nc\n", "a\nB\nc\nd\n");
        assert_eq!(differing, [vec!["2-2"], vec!["2-2", "4-4"]]);
    }
}
