//! What is expected: the document's sections and listings, what they print, when and in which order.

/// A section of the document, and the workspace member that ports it.
#[derive(Debug)]
pub struct Section {
    /// The section's name. Its package is called `examples-` and this.
    pub name: &'static str,
    /// Its listings, in the document's order.
    pub listings: &'static [Listing],
    /// Beyond the document: any number of greeters that print nothing.
    pub crowd: Listing,
    /// Beyond the document: four workers that compute, one after another and side by side.
    pub cpu_bound: Listing,
}

impl Section {
    /// The document's listings and the two beyond it.
    pub fn all_listings(&self) -> impl Iterator<Item = &Listing> {
        self.listings.iter().chain([&self.crowd, &self.cpu_bound])
    }
}

/// A listing.
#[derive(Debug)]
pub struct Listing {
    /// Its name on the command line. Its folder has underscores for the hyphens.
    pub name: &'static str,
    /// What it prints, one step after another.
    pub steps: &'static [Step],
}

/// Lines that a listing prints in any order, all of them before those of the next step.
#[derive(Debug)]
pub struct Step {
    /// How many sleeps of two seconds come before it.
    pub stage: u64,
    /// The lines, to the letter but for what differs from run to run, which stands as `…`: the fraction
    /// of the elapsed seconds, and all numbers of `cpu-bound`.
    pub lines: &'static [&'static str],
}

impl Listing {
    /// Whether any of its lines may change places.
    pub fn has_free_order(&self) -> bool {
        self.steps.iter().any(|step| step.lines.len() > 1)
    }
}

/// The whole document.
pub const DOCUMENT: &[Section] = &[
    Section {
        name: "threading",
        listings: &[
            Listing {
                name: "creating-a-thread",
                steps: &[step(0, &["some_function was called with some_arg"])],
            },
            Listing {
                name: "multiple-threads",
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
                steps: &[
                    step(0, GREETED),
                    step(1, GREETING),
                    step(1, &["Threading Elapsed Time: 2.… seconds"]),
                ],
            },
        ],
        crowd: Listing {
            name: CROWD, steps: &[step(1, &["Threading Elapsed Time: 2.… seconds"])]
        },
        cpu_bound: Listing { name: CPU_BOUND, steps: COMPUTED },
    },
    Section {
        name: "asyncio",
        listings: &[
            Listing { name: "older-syntax", steps: ONE_COROUTINE },
            Listing { name: "newer-syntax", steps: ONE_COROUTINE },
            Listing {
                name: "multiple-tasks",
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
        crowd: Listing { name: CROWD, steps: &[step(1, &["Asyncio Elapsed Time: 2.… seconds"])] },
        cpu_bound: Listing { name: CPU_BOUND, steps: COMPUTED_ON_OTHER_THREADS },
    },
    Section {
        name: "multiprocessing",
        listings: &[
            Listing {
                name: "one-process",
                steps: &[
                    step(0, &["Codecademy"]),
                    step(1, &["says hello!"]),
                    step(1, &["Multiprocessing Elapsed Time: 2.… seconds"]),
                ],
            },
            Listing {
                name: "multiple-processes",
                steps: &[
                    step(0, GREETED),
                    step(1, GREETING),
                    step(1, &["Multiprocessing Elapsed Time: 2.… seconds"]),
                ],
            },
        ],
        crowd: Listing {
            name: CROWD,
            steps: &[step(1, &["Multiprocessing Elapsed Time: 2.… seconds"])],
        },
        cpu_bound: Listing { name: CPU_BOUND, steps: COMPUTED },
    },
];

const CROWD: &str = "crowd";
const CPU_BOUND: &str = "cpu-bound";

const GREETED: &[&str] = &["Codecademy", "Chelsea", "Hisham", "Ashley"];
const GREETING: &[&str] =
    &["Codecademy says hello!", "Chelsea says hello!", "Hisham says hello!", "Ashley says hello!"];
const ONE_COROUTINE: &[Step] = &[
    step(0, &["Codecademy"]),
    step(1, &["says hello!"]),
    step(1, &["Asyncio Elapsed Time: 2.… seconds"]),
];

const COMPUTED: &[Step] = &[
    step(0, &["Rounds: …, each time with the result …"]),
    step(0, &["One after another: … seconds"]),
    step(0, &["Side by side: … seconds, speed-up …"]),
];
const COMPUTED_ON_OTHER_THREADS: &[Step] = &[
    step(0, &["Rounds: …, each time with the result …"]),
    step(0, &["One after another: … seconds"]),
    step(0, &["Side by side: … seconds, speed-up …"]),
    step(0, &["On other threads: … seconds, speed-up …"]),
];

const fn step(stage: u64, lines: &'static [&'static str]) -> Step {
    Step { stage, lines }
}
