//! The expected output: the document's sections and listings, what they print, when and in which
//! order.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use Implementation::{AsyncStd, Mpi, Python, Rayon, Smol, StdOnly, Tokio};

/// A section of the document, and the workspace member that ports it.
#[derive(Debug)]
pub struct Section {
    /// The section's name.
    pub name: &'static str,
    /// What its programs start: `threads`, `tasks` or `processes`.
    pub unit: &'static str,
    /// The document's listings in its order, then those beyond it.
    pub listings: &'static [Listing],
}

/// A listing of the document, or one beyond it.
#[derive(Debug)]
pub struct Listing {
    /// Its name on the command line.
    pub name: &'static str,
    /// The listings among which it is shown.
    pub group: Group,
    /// The columns of its row in the matrix.
    pub implementations: &'static [Implementation],
    /// What it prints, step by step.
    pub steps: &'static [Step],
}

/// Listings that are shown together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The document has it.
    Document,
    /// It answers a further question.
    Beyond,
    /// It is measured by `scale` or `cores`, and `check` does not run it.
    Measured,
}

/// What a program is written with: a column of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Implementation {
    /// CPython
    Python,
    /// Rust's standard library
    StdOnly,
    /// tokio
    Tokio,
    /// async-std
    AsyncStd,
    /// smol
    Smol,
    /// rayon
    Rayon,
    /// rsmpi
    Mpi,
}

/// Lines that come together. All of them come before the lines of the next step.
#[derive(Debug)]
pub struct Step {
    /// When its lines are due: how many seconds the listing has slept before them.
    pub due: u64,
    /// How many of its lines are due then, whichever they are. As many are due each second later.
    /// `None` if all of them are due at once.
    pub at_once: Option<usize>,
    /// Whether the lines come in this order. Otherwise they come in any order.
    pub is_in_order: bool,
    /// The exact lines. `…` stands for what differs between runs: the fraction of the elapsed
    /// seconds, all numbers of `crowd` and `cpu-bound`, and the names of machines.
    pub lines: &'static [&'static str],
}

/// A line that a listing prints.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedLine {
    /// The line, as in its [`Step`].
    pub text: &'static str,
    /// The index of its step.
    pub step: usize,
    /// Its place among the listing's lines. Lines that come in any order have the same.
    pub rank: usize,
}

/// The listing that mpirun starts, on one machine or on several.
pub const SEVERAL_MACHINES: &str = "several-machines";

/// How many rounds each computation of `several-machines` has in a check: so few that they change
/// no line's stage.
pub const ROUNDS: u64 = 100_000;

/// The listing that `scale` measures: many threads, tasks or processes that sleep for two seconds.
pub const CROWD: &str = "crowd";

/// The listing that `cores` measures: four computations, first sequential and then concurrent.
pub const CPU_BOUND: &str = "cpu-bound";

/// The listing that `cores` runs on one core and on all cores: a pool maps a function over items.
pub const PARALLEL_MAP: &str = "parallel-map";

/// Where `parallel-map` stops counting primes when it is measured, and what it prints then. That is
/// so late that most of the time is computing. A port is faster, so it counts further.
pub const MANY_PRIMES: (u64, &[Step]) =
    (10_000_000, &[in_order(0, &["There are 664579 primes below 10000000"])]);

/// The same in Python.
pub const PRIMES_IN_PYTHON: (u64, &[Step]) =
    (1_000_000, &[in_order(0, &["There are 78498 primes below 1000000"])]);

/// The listings whose clock starts inside the target: starting the target, or the event loop that
/// runs it, is not part of their time.
pub const TIMED_INSIDE: &[&str] =
    &["older-syntax", "newer-syntax", "one-process", SEVERAL_MACHINES];

/// All listings, each with its section.
pub fn all_listings() -> impl Iterator<Item = (&'static Section, &'static Listing)> {
    SECTIONS.iter().flat_map(|section| section.listings.iter().map(move |one| (section, one)))
}

impl Section {
    /// The name of its package, which is also that of its folder and of its executable.
    pub fn package(&self) -> String {
        format!("examples-{}", self.name)
    }

    /// The folder of a listing, from the workspace's folder.
    pub fn folder(&self, listing: &Listing) -> PathBuf {
        let beyond = if listing.group == Group::Document { "" } else { "beyond" };
        let source = PathBuf::from(self.package()).join("src");
        source.join(beyond).join(listing.name.replace('-', "_"))
    }

    /// Returns the listing of this name.
    ///
    /// # Panics
    ///
    /// If the section has none.
    pub fn listing(&self, name: &str) -> &Listing {
        let found = self.listings.iter().find(|listing| listing.name == name);
        found.unwrap_or_else(|| panic!("the section {} has no listing {name}", self.name))
    }
}

impl Listing {
    /// All lines that it prints.
    pub fn lines(&self) -> impl Iterator<Item = ExpectedLine> {
        let mut next = 0;
        self.steps.iter().enumerate().flat_map(move |(step, &Step { is_in_order, lines, .. })| {
            let first = next;
            next += lines.len();
            (first..).zip(lines).map(move |(place, text)| {
                let rank = if is_in_order { place } else { first };
                ExpectedLine { text, step, rank }
            })
        })
    }

    /// Returns the line that a printed line matches, if the listing has it.
    pub fn line_of(&self, text: &str) -> Option<ExpectedLine> {
        self.lines().find(|line| matches(text, line.text))
    }

    /// When a greeter begins, in seconds of sleep. The greeters of some listings share permits, so
    /// that some begin only when another has ended.
    pub fn begins_at(&self, greeter: &str) -> u64 {
        let later: &[&str] = match self.name {
            "as-completed" => &["Ashley"],
            "together" => &["page 5", "page 6", "page 7", "page 8"],
            _ => &[],
        };
        u64::from(later.contains(&greeter))
    }

    /// Whether it is measured, and not checked.
    pub fn is_measured(&self) -> bool {
        self.group == Group::Measured
    }
}

impl Step {
    /// When the line that comes at this place in the step is due, in seconds.
    pub fn due_at(&self, place: usize) -> u64 {
        self.due + self.at_once.map_or(0, |at_once| (place / at_once) as u64)
    }
}

impl Group {
    /// Its title in tables.
    pub fn title(self) -> &'static str {
        match self {
            Group::Document => "The document",
            Group::Beyond => "Beyond the document",
            Group::Measured => "Beyond the document: what it costs",
        }
    }
}

impl Implementation {
    /// The name of the file with a listing's program.
    pub fn file_name(self) -> String {
        let extension = if self == Python { "py" } else { "rs" };
        format!("{}.{extension}", self.to_string().replace('-', "_"))
    }
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.to_possible_value().expect("none is skipped").get_name())
    }
}

/// Whether a printed line is this line of the catalog. `…` stands for any text, and so do the
/// digits before it: a line also matches if its number is wrong.
pub fn matches(text: &str, expected: &str) -> bool {
    let Some((first, others)) = expected.split_once('…') else { return text == expected };
    let first = first.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut others = others.split('…').peekable();
    while let Some(part) = others.next() {
        let found = if others.peek().is_some() { rest.find(part) } else { rest.rfind(part) };
        let Some(at) = found.filter(|at| *at > 0) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

/// All sections, in the document's order.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "threading",
        unit: "threads",
        listings: &[
            document(
                "creating-a-thread",
                &[in_order(0, &["some_function was called with some_arg"])],
            ),
            document(
                "multiple-threads",
                &[any_order(
                    0,
                    &[
                        "some_function was called with arg1",
                        "some_function was called with arg2",
                        "some_function was called with arg3",
                    ],
                )],
            ),
            document(
                "joining-threads",
                &[any_order(0, NAMES), any_order(2, GREETINGS), in_order(2, &[THREADING])],
            ),
            beyond("results", &[in_order(2, GREETINGS), in_order(2, &[THREADING])]),
            beyond(
                "failure",
                &[
                    // Another greeter's thread may start after Hisham's has failed.
                    any_order(0, &["Codecademy", "Chelsea", "Hisham", AT_ONCE, "Ashley"]),
                    in_order(2, ALL_BUT_ONE_SUCCEED),
                    in_order(2, &[THREADING]),
                ],
            ),
            beyond(
                "timeout",
                &[
                    any_order(0, ALL_BUT_ONE_GREET),
                    in_order(2, &["Hisham takes too long"]),
                    in_order(2, &[THREADING]),
                ],
            ),
            beyond("workers", &[two_a_second(any_order(0, NAMES)), in_order(2, &[THREADING])]),
            beyond(
                "shared-state",
                &[any_order(0, NAMES), in_order(2, SHARED), in_order(2, &[THREADING])],
            ),
            beyond(
                "as-completed",
                &[
                    in_order(1, FIRST_COMPLETED),
                    any_order(2, LATER_COMPLETED),
                    in_order(2, &[THREADING]),
                ],
            ),
            beyond(
                "cancel",
                &[
                    any_order(0, NAMES),
                    in_order(2, &["Hisham says hello!"]),
                    any_order(2, CANCELLED),
                    in_order(2, &[THREADING]),
                ],
            ),
            beyond(
                "server",
                &[any_order(0, NAMES), any_order(2, GREETINGS), in_order(2, &[THREADING])],
            ),
            beyond(
                "together",
                &[
                    in_order(0, &["page 3 failed, attempt 1 of 3"]),
                    any_order(1, FIRST_PAGES),
                    any_order(2, LATER_PAGES),
                    in_order(2, &["7 of 8 pages", THREADING]),
                ],
            ),
            measured(CROWD, &[in_order(2, &[HEARD, THREADING])]),
            measured(CPU_BOUND, &[in_order(0, COMPUTED)]),
        ],
    },
    Section {
        name: "asyncio",
        unit: "tasks",
        listings: &[
            document("older-syntax", ONE_COROUTINE),
            document("newer-syntax", ONE_COROUTINE),
            document(
                "multiple-tasks",
                &[in_order(0, NAMES), in_order(2, GREETINGS), in_order(2, &[ASYNCIO])],
            ),
            beyond("results", &[in_order(2, GREETINGS), in_order(2, &[ASYNCIO])]),
            beyond(
                "failure",
                &[
                    in_order(0, NAMES),
                    in_order(0, &[AT_ONCE]),
                    in_order(2, ALL_BUT_ONE_SUCCEED),
                    in_order(2, &[ASYNCIO]),
                ],
            ),
            beyond(
                "timeout",
                &[
                    in_order(0, ALL_BUT_ONE_GREET),
                    in_order(2, &["Hisham is cancelled", "Hisham takes too long"]),
                    in_order(2, &[ASYNCIO]),
                ],
            ),
            beyond("workers", &[two_a_second(in_order(0, NAMES)), in_order(2, &[ASYNCIO])]),
            beyond(
                "shared-state",
                &[in_order(0, NAMES), in_order(2, SHARED), in_order(2, &[ASYNCIO])],
            ),
            beyond(
                "as-completed",
                &[
                    in_order(1, FIRST_COMPLETED),
                    in_order(2, LATER_COMPLETED),
                    in_order(2, &[ASYNCIO]),
                ],
            ),
            beyond(
                "cancel",
                &[
                    in_order(0, NAMES),
                    in_order(2, &["Hisham says hello!"]),
                    in_order(2, CANCELLED),
                    in_order(2, &[ASYNCIO]),
                ],
            ),
            beyond(
                "server",
                &[any_order(0, NAMES), any_order(2, GREETINGS), in_order(2, &[ASYNCIO])],
            ),
            beyond(
                "together",
                &[
                    in_order(0, &["page 3 failed, attempt 1 of 3"]),
                    any_order(1, FIRST_PAGES),
                    any_order(2, LATER_PAGES),
                    in_order(2, &["7 of 8 pages", ASYNCIO]),
                ],
            ),
            measured(CROWD, &[in_order(2, &[HEARD, ASYNCIO])]),
            measured(
                CPU_BOUND,
                &[in_order(0, COMPUTED), in_order(0, &["On other threads: … seconds, speed-up …"])],
            ),
        ],
    },
    Section {
        name: "multiprocessing",
        unit: "processes",
        listings: &[
            document(
                "one-process",
                &[in_order(0, &["Codecademy"]), in_order(2, &["says hello!", MULTIPROCESSING])],
            ),
            document(
                "multiple-processes",
                &[any_order(0, NAMES), any_order(2, GREETINGS), in_order(2, &[MULTIPROCESSING])],
            ),
            beyond("results", &[in_order(2, GREETINGS), in_order(2, &[MULTIPROCESSING])]),
            beyond(
                "failure",
                &[
                    any_order(0, NAMES),
                    in_order(
                        2,
                        &[
                            "Codecademy exited with 0",
                            "Chelsea exited with 0",
                            "Hisham exited with 3",
                            "Ashley exited with 0",
                        ],
                    ),
                    in_order(2, &[MULTIPROCESSING]),
                ],
            ),
            beyond(
                "timeout",
                &[
                    any_order(0, ALL_BUT_ONE_GREET),
                    in_order(2, &["Hisham takes too long"]),
                    in_order(2, &[MULTIPROCESSING]),
                ],
            ),
            beyond(
                "workers",
                &[two_a_second(any_order(0, NAMES)), in_order(2, &[MULTIPROCESSING])],
            ),
            beyond(
                "shared-state",
                &[any_order(0, NAMES), in_order(2, SHARED), in_order(2, &[MULTIPROCESSING])],
            ),
            beyond(
                "as-completed",
                &[
                    in_order(1, FIRST_COMPLETED),
                    any_order(2, LATER_COMPLETED),
                    in_order(2, &[MULTIPROCESSING]),
                ],
            ),
            beyond(
                "cancel",
                &[
                    any_order(0, NAMES),
                    in_order(2, &["Hisham says hello!"]),
                    any_order(2, CANCELLED),
                    in_order(2, &[MULTIPROCESSING]),
                ],
            ),
            beyond(
                "server",
                &[any_order(0, NAMES), any_order(2, GREETINGS), in_order(2, &[MULTIPROCESSING])],
            ),
            measured(CROWD, &[in_order(2, &[HEARD, MULTIPROCESSING])]),
            measured(CPU_BOUND, &[in_order(0, COMPUTED)]),
            Listing {
                implementations: &[Python, StdOnly, Rayon],
                ..beyond(PARALLEL_MAP, &[in_order(0, &["There are 9592 primes below 100000"])])
            },
            Listing {
                implementations: &[Python, Mpi],
                ..beyond(
                    SEVERAL_MACHINES,
                    &[
                        any_order(0, NAMES),
                        in_order(
                            2,
                            &[
                                "Codecademy says hello! from …",
                                "Chelsea says hello! from …",
                                "Hisham says hello! from …",
                                "Ashley says hello! from …",
                                "MPI Elapsed Time: 2.… seconds",
                                "Rounds: 100000, each time with the result 1405402365",
                                "Sequential: … seconds",
                                "On four ranks: … seconds, speed-up …",
                            ],
                        ),
                    ],
                )
            },
        ],
    },
];

const THREADING: &str = "Threading Elapsed Time: 2.… seconds";
const ASYNCIO: &str = "Asyncio Elapsed Time: 2.… seconds";
const MULTIPROCESSING: &str = "Multiprocessing Elapsed Time: 2.… seconds";

/// The document's greeters, in its order.
pub const NAMES: &[&str] = &["Codecademy", "Chelsea", "Hisham", "Ashley"];
const GREETINGS: &[&str] =
    &["Codecademy says hello!", "Chelsea says hello!", "Hisham says hello!", "Ashley says hello!"];
const ONE_COROUTINE: &[Step] =
    &[in_order(0, &["Codecademy"]), in_order(2, &["says hello!", ASYNCIO])];

/// How many greeters main has heard back from.
const HEARD: &str = "Greeters: …";
const AT_ONCE: &str = "At once: Hisham has lost his voice";
const ALL_BUT_ONE_SUCCEED: &[&str] = &[
    "Codecademy says hello!",
    "Chelsea says hello!",
    "Failed: Hisham has lost his voice",
    "Ashley says hello!",
];
const ALL_BUT_ONE_GREET: &[&str] = &[
    "Codecademy",
    "Codecademy says hello!",
    "Chelsea",
    "Chelsea says hello!",
    "Hisham",
    "Ashley",
    "Ashley says hello!",
];
const SHARED: &[&str] = &[
    "4 greetings",
    "Ashley says hello!",
    "Chelsea says hello!",
    "Codecademy says hello!",
    "Hisham says hello!",
];
const FIRST_COMPLETED: &[&str] = &["Chelsea says hello!"];
const LATER_COMPLETED: &[&str] =
    &["Codecademy says hello!", "Hisham says hello!", "Ashley says hello!"];
const CANCELLED: &[&str] =
    &["Codecademy is cancelled", "Chelsea is cancelled", "Ashley is cancelled"];
const FIRST_PAGES: &[&str] = &[
    "page 1 arrived",
    "page 2 arrived",
    "page 3 arrived",
    "page 4 arrived",
    "page 6 failed, attempt 1 of 3",
    "page 6 failed, attempt 2 of 3",
    "page 6 failed, attempt 3 of 3",
];
const LATER_PAGES: &[&str] = &["page 5 arrived", "page 7 arrived", "page 8 arrived"];
const COMPUTED: &[&str] = &[
    "Rounds: …, each time with the result …",
    "Sequential: … seconds",
    "Concurrent: … seconds, speed-up …",
];

const fn document(name: &'static str, steps: &'static [Step]) -> Listing {
    let implementations = &[Python, StdOnly, Tokio, AsyncStd, Smol];
    Listing { name, group: Group::Document, implementations, steps }
}

const fn beyond(name: &'static str, steps: &'static [Step]) -> Listing {
    Listing { group: Group::Beyond, ..document(name, steps) }
}

const fn measured(name: &'static str, steps: &'static [Step]) -> Listing {
    Listing { group: Group::Measured, ..document(name, steps) }
}

/// Lines that are due after this many seconds.
const fn in_order(due: u64, lines: &'static [&'static str]) -> Step {
    Step { due, at_once: None, is_in_order: true, lines }
}

const fn any_order(due: u64, lines: &'static [&'static str]) -> Step {
    Step { is_in_order: false, ..in_order(due, lines) }
}

const fn two_a_second(step: Step) -> Step {
    Step { at_once: Some(2), ..step }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ellipsis_stands_for_any_text_but_not_for_none() {
        let elapsed = "MPI Elapsed Time: 2.… seconds";
        let speed_up = "On four ranks: … seconds, speed-up …";
        let greeting = "Ashley says hello! from …";
        for (text, expected, is_one) in [
            ("Ashley", "Ashley", true),
            ("Ashley", greeting, false),
            ("Ashley says hello! from one", greeting, true),
            ("Ashley says hello! from ", greeting, false),
            ("MPI Elapsed Time: 2.5 seconds", elapsed, true),
            ("MPI Elapsed Time: 13.5 seconds", elapsed, true),
            ("MPI Elapsed Time: soon seconds", elapsed, true),
            ("MPI Elapsed Time: seconds", elapsed, false),
            ("MPI Elapsed Time: 2.5 seconds ", elapsed, false),
            ("On four ranks: 1.0 seconds, speed-up 2.00", speed_up, true),
            ("On four ranks: 1.0 seconds, speed-up ", speed_up, false),
            ("On four ranks: 1.0 seconds", speed_up, false),
        ] {
            assert_eq!(matches(text, expected), is_one, "{text:?} {expected:?}");
        }
    }
}
