//! The expected output: the document's sections and listings, what they print, when and in which
//! order.

/// A section of the document, and the workspace member that ports it.
#[derive(Debug)]
pub struct Section {
    /// The section's name. Its package is `examples-{name}`.
    pub name: &'static str,
    /// What its programs start: `threads`, `tasks` or `processes`.
    pub unit: &'static str,
    /// The document's listings, in its order.
    pub listings: &'static [Listing],
    /// Listings that the document does not have.
    pub beyond: &'static [Listing],
}

/// The listing that `scale` measures: many threads, tasks or processes that sleep for two seconds.
pub const CROWD: &str = "crowd";

/// The listing that `cores` measures: four computations, first sequential and then concurrent.
pub const CPU_BOUND: &str = "cpu-bound";

impl Section {
    /// The document's listings and those beyond it.
    pub fn all_listings(&self) -> impl Iterator<Item = &Listing> {
        self.listings.iter().chain(self.beyond)
    }

    /// The listings that `check` runs: all but those that are measured.
    pub fn checked_listings(&self) -> impl Iterator<Item = &Listing> {
        self.all_listings().filter(|listing| ![CROWD, CPU_BOUND].contains(&listing.name))
    }

    /// Returns the listing of this name.
    ///
    /// # Panics
    ///
    /// If the section has none.
    pub fn listing(&self, name: &str) -> &Listing {
        let found = self.all_listings().find(|listing| listing.name == name);
        found.unwrap_or_else(|| panic!("the section {} has no listing {name}", self.name))
    }
}

/// A listing of the document, or one beyond it.
#[derive(Debug)]
pub struct Listing {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its folder in the package's `src`.
    pub folder: &'static str,
    /// What it prints, step by step.
    pub steps: &'static [Step],
}

/// Lines that a listing prints in any order, but all before the lines of the next step.
#[derive(Debug)]
pub struct Step {
    /// How many sleeps of two seconds come before it.
    pub stage: u64,
    /// The exact lines. `…` stands for what differs between runs: the fraction of the elapsed
    /// seconds, and all numbers of `cpu-bound`.
    pub lines: &'static [&'static str],
}

impl Listing {
    /// Returns the step of a printed line, if the listing has that line.
    pub fn step_of(&self, text: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.lines.iter().any(|line| matches(text, line)))
    }

    /// Whether some of its lines may come in any order.
    pub fn has_free_order(&self) -> bool {
        self.steps.iter().any(|step| step.lines.len() > 1)
    }
}

/// Whether a printed line is this line of the catalog. A line with `…` also matches if its number
/// is wrong.
pub fn matches(text: &str, expected: &str) -> bool {
    let number = expected.find(|letter: char| letter.is_ascii_digit() || letter == '…');
    let is_open = expected.contains('…');
    text == expected || is_open && number.is_some_and(|start| text.starts_with(&expected[..start]))
}

/// All sections, in the document's order.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "threading",
        unit: "threads",
        listings: &[
            Listing {
                name: "creating-a-thread",
                folder: "creating_a_thread",
                steps: &[step(0, &["some_function was called with some_arg"])],
            },
            Listing {
                name: "multiple-threads",
                folder: "multiple_threads",
                steps: &[step(
                    0,
                    &[
                        "some_function was called with arg1",
                        "some_function was called with arg2",
                        "some_function was called with arg3",
                    ],
                )],
            },
            Listing {
                name: "joining-threads",
                folder: "joining_threads",
                steps: &[
                    step(0, NAMES),
                    step(1, GREETINGS),
                    step(1, &["Threading Elapsed Time: 2.… seconds"]),
                ],
            },
        ],
        beyond: &[crowd(&[step(1, &["Threading Elapsed Time: 2.… seconds"])]), cpu_bound(COMPUTED)],
    },
    Section {
        name: "asyncio",
        unit: "tasks",
        listings: &[
            Listing { name: "older-syntax", folder: "older_syntax", steps: ONE_COROUTINE },
            Listing { name: "newer-syntax", folder: "newer_syntax", steps: ONE_COROUTINE },
            Listing {
                name: "multiple-tasks",
                folder: "multiple_tasks",
                steps: &[
                    step(0, &["Codecademy"]),
                    step(0, &["Chelsea"]),
                    step(0, &["Hisham"]),
                    step(0, &["Ashley"]),
                    step(1, &["Codecademy says hello!"]),
                    step(1, &["Chelsea says hello!"]),
                    step(1, &["Hisham says hello!"]),
                    step(1, &["Ashley says hello!"]),
                    step(1, &["Asyncio Elapsed Time: 2.… seconds"]),
                ],
            },
        ],
        beyond: &[
            crowd(&[step(1, &["Asyncio Elapsed Time: 2.… seconds"])]),
            cpu_bound(COMPUTED_ON_OTHER_THREADS),
        ],
    },
    Section {
        name: "multiprocessing",
        unit: "processes",
        listings: &[
            Listing {
                name: "one-process",
                folder: "one_process",
                steps: &[
                    step(0, &["Codecademy"]),
                    step(1, &["says hello!"]),
                    step(1, &["Multiprocessing Elapsed Time: 2.… seconds"]),
                ],
            },
            Listing {
                name: "multiple-processes",
                folder: "multiple_processes",
                steps: &[
                    step(0, NAMES),
                    step(1, GREETINGS),
                    step(1, &["Multiprocessing Elapsed Time: 2.… seconds"]),
                ],
            },
        ],
        beyond: &[
            crowd(&[step(1, &["Multiprocessing Elapsed Time: 2.… seconds"])]),
            cpu_bound(COMPUTED),
        ],
    },
];

const NAMES: &[&str] = &["Codecademy", "Chelsea", "Hisham", "Ashley"];
const GREETINGS: &[&str] =
    &["Codecademy says hello!", "Chelsea says hello!", "Hisham says hello!", "Ashley says hello!"];
const ONE_COROUTINE: &[Step] = &[
    step(0, &["Codecademy"]),
    step(1, &["says hello!"]),
    step(1, &["Asyncio Elapsed Time: 2.… seconds"]),
];

const fn crowd(steps: &'static [Step]) -> Listing {
    Listing { name: CROWD, folder: "beyond/crowd", steps }
}

const fn cpu_bound(steps: &'static [Step]) -> Listing {
    Listing { name: CPU_BOUND, folder: "beyond/cpu_bound", steps }
}

const COMPUTED: &[Step] = &[
    step(0, &["Rounds: …, each time with the result …"]),
    step(0, &["Sequential: … seconds"]),
    step(0, &["Concurrent: … seconds, speed-up …"]),
];
const COMPUTED_ON_OTHER_THREADS: &[Step] = &[
    step(0, &["Rounds: …, each time with the result …"]),
    step(0, &["Sequential: … seconds"]),
    step(0, &["Concurrent: … seconds, speed-up …"]),
    step(0, &["On other threads: … seconds, speed-up …"]),
];

const fn step(stage: u64, lines: &'static [&'static str]) -> Step {
    Step { stage, lines }
}
