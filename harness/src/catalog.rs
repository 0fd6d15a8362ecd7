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
    /// The next four questions, beyond the document.
    pub questions: &'static [Listing],
    /// What it costs, beyond the document: `crowd` and `cpu-bound`.
    pub costs: &'static [Listing],
    /// Past one machine, beyond the document: `several-machines`, in the last section.
    pub machines: &'static [Listing],
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

impl Section {
    /// The document's listings and those beyond it.
    pub fn all_listings(&self) -> impl Iterator<Item = &Listing> {
        self.listings.iter().chain(self.questions).chain(self.costs).chain(self.machines)
    }

    /// The listings that `check` runs: all but those that are measured.
    pub fn checked_listings(&self) -> impl Iterator<Item = &Listing> {
        self.listings.iter().chain(self.questions).chain(self.machines)
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
    /// How many of its greeters may sleep at the same time, each for one second. `None` if all of
    /// them may. Then they sleep for two seconds.
    pub workers: Option<usize>,
}

/// Lines that a listing prints in any order, but all before the lines of the next step.
#[derive(Debug)]
pub struct Step {
    /// How many sleeps of two seconds come before it.
    pub stage: u64,
    /// The exact lines. `…` stands for what differs between runs: the fraction of the elapsed
    /// seconds, all numbers of `cpu-bound`, and the names of machines.
    pub lines: &'static [&'static str],
}

impl Listing {
    /// Returns the step of a printed line, if the listing has that line.
    pub fn step_of(&self, text: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.has(text))
    }

    /// Returns the line of the catalog that a printed line matches.
    pub fn line_of(&self, text: &str) -> Option<&'static str> {
        let mut lines = self.steps.iter().flat_map(|step| step.lines);
        lines.find(|line| matches(text, line)).copied()
    }

    /// Whether the document has it.
    pub fn is_in_the_document(&self) -> bool {
        !self.folder.starts_with("beyond/")
    }
}

impl Step {
    /// Whether a printed line is one of this step.
    pub fn has(&self, text: &str) -> bool {
        self.lines.iter().any(|line| matches(text, line))
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

/// Returns the greeter whose line this is: it prints the line, or returns it as its result, or the
/// line says that its time is up.
pub fn greeter(text: &str) -> Option<&str> {
    if text == "says hello!" {
        // A listing's only greeter does not repeat its name.
        return Some(NAMES[0]);
    }
    if let Some(argument) = text.strip_prefix("some_function was called with ") {
        return Some(argument);
    }
    // The name of a machine may follow a greeting.
    let text = text.split(" from ").next().unwrap_or(text);
    let endings = [" says hello!", " is cancelled", " takes too long"];
    let name = endings.iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text);
    NAMES.contains(&name).then_some(name)
}

/// All sections, in the document's order.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "threading",
        unit: "threads",
        listings: &[
            listing(
                "creating-a-thread",
                "creating_a_thread",
                &[step(0, &["some_function was called with some_arg"])],
            ),
            listing(
                "multiple-threads",
                "multiple_threads",
                &[step(
                    0,
                    &[
                        "some_function was called with arg1",
                        "some_function was called with arg2",
                        "some_function was called with arg3",
                    ],
                )],
            ),
            listing(
                "joining-threads",
                "joining_threads",
                &[step(0, NAMES), step(1, GREETINGS), step(1, THREADING)],
            ),
        ],
        questions: &[
            listing("results", "beyond/results", &results(THREADING)),
            listing(
                "failure",
                "beyond/failure",
                &[
                    // Another greeter's thread may start after Hisham's has failed.
                    step(0, &["Codecademy", "Chelsea", "Hisham", AT_ONCE, "Ashley"]),
                    step(1, &["Codecademy says hello!"]),
                    step(1, &["Chelsea says hello!"]),
                    step(1, FAILED),
                    step(1, &["Ashley says hello!"]),
                    step(1, THREADING),
                ],
            ),
            listing(
                "timeout",
                "beyond/timeout",
                &[step(0, ALL_BUT_ONE_GREET), step(1, TOO_LONG), step(1, THREADING)],
            ),
            two_workers(&[step(0, NAMES), step(1, THREADING)]),
        ],
        costs: &[crowd(&[step(1, THREADING)]), cpu_bound(COMPUTED)],
        machines: &[],
    },
    Section {
        name: "asyncio",
        unit: "tasks",
        listings: &[
            listing("older-syntax", "older_syntax", ONE_COROUTINE),
            listing("newer-syntax", "newer_syntax", ONE_COROUTINE),
            listing(
                "multiple-tasks",
                "multiple_tasks",
                &[
                    step(0, &["Codecademy"]),
                    step(0, &["Chelsea"]),
                    step(0, &["Hisham"]),
                    step(0, &["Ashley"]),
                    step(1, &["Codecademy says hello!"]),
                    step(1, &["Chelsea says hello!"]),
                    step(1, &["Hisham says hello!"]),
                    step(1, &["Ashley says hello!"]),
                    step(1, ASYNCIO),
                ],
            ),
        ],
        questions: &[
            listing("results", "beyond/results", &results(ASYNCIO)),
            listing(
                "failure",
                "beyond/failure",
                &[
                    step(0, &["Codecademy"]),
                    step(0, &["Chelsea"]),
                    step(0, &["Hisham"]),
                    step(0, &["Ashley"]),
                    step(0, &[AT_ONCE]),
                    step(1, &["Codecademy says hello!"]),
                    step(1, &["Chelsea says hello!"]),
                    step(1, FAILED),
                    step(1, &["Ashley says hello!"]),
                    step(1, ASYNCIO),
                ],
            ),
            listing(
                "timeout",
                "beyond/timeout",
                &[
                    step(0, &["Codecademy"]),
                    step(0, &["Codecademy says hello!"]),
                    step(0, &["Chelsea"]),
                    step(0, &["Chelsea says hello!"]),
                    step(0, &["Hisham"]),
                    step(0, &["Ashley"]),
                    step(0, &["Ashley says hello!"]),
                    step(1, &["Hisham is cancelled"]),
                    step(1, TOO_LONG),
                    step(1, ASYNCIO),
                ],
            ),
            two_workers(&[
                step(0, &["Codecademy"]),
                step(0, &["Chelsea"]),
                step(0, &["Hisham"]),
                step(0, &["Ashley"]),
                step(1, ASYNCIO),
            ]),
        ],
        costs: &[crowd(&[step(1, ASYNCIO)]), cpu_bound(COMPUTED_ON_OTHER_THREADS)],
        machines: &[],
    },
    Section {
        name: "multiprocessing",
        unit: "processes",
        listings: &[
            listing(
                "one-process",
                "one_process",
                &[step(0, &["Codecademy"]), step(1, &["says hello!"]), step(1, MULTIPROCESSING)],
            ),
            listing(
                "multiple-processes",
                "multiple_processes",
                &[step(0, NAMES), step(1, GREETINGS), step(1, MULTIPROCESSING)],
            ),
        ],
        questions: &[
            listing("results", "beyond/results", &results(MULTIPROCESSING)),
            listing(
                "failure",
                "beyond/failure",
                &[
                    step(0, NAMES),
                    step(1, &["Codecademy exited with 0"]),
                    step(1, &["Chelsea exited with 0"]),
                    step(1, &["Hisham exited with 3"]),
                    step(1, &["Ashley exited with 0"]),
                    step(1, MULTIPROCESSING),
                ],
            ),
            listing(
                "timeout",
                "beyond/timeout",
                &[step(0, ALL_BUT_ONE_GREET), step(1, TOO_LONG), step(1, MULTIPROCESSING)],
            ),
            two_workers(&[step(0, NAMES), step(1, MULTIPROCESSING)]),
        ],
        costs: &[crowd(&[step(1, MULTIPROCESSING)]), cpu_bound(COMPUTED)],
        machines: &[listing(
            SEVERAL_MACHINES,
            "beyond/several_machines",
            &[
                step(0, NAMES),
                step(1, &["Codecademy says hello! from …"]),
                step(1, &["Chelsea says hello! from …"]),
                step(1, &["Hisham says hello! from …"]),
                step(1, &["Ashley says hello! from …"]),
                step(1, &["MPI Elapsed Time: 2.… seconds"]),
                step(1, &["Rounds: 100000, each time with the result 1405402365"]),
                step(1, &["Sequential: … seconds"]),
                step(1, &["On four ranks: … seconds, speed-up …"]),
            ],
        )],
    },
];

const THREADING: &[&str] = &["Threading Elapsed Time: 2.… seconds"];
const ASYNCIO: &[&str] = &["Asyncio Elapsed Time: 2.… seconds"];
const MULTIPROCESSING: &[&str] = &["Multiprocessing Elapsed Time: 2.… seconds"];

/// The document's greeters, in its order.
pub const NAMES: &[&str] = &["Codecademy", "Chelsea", "Hisham", "Ashley"];
const GREETINGS: &[&str] =
    &["Codecademy says hello!", "Chelsea says hello!", "Hisham says hello!", "Ashley says hello!"];
const ONE_COROUTINE: &[Step] =
    &[step(0, &["Codecademy"]), step(1, &["says hello!"]), step(1, ASYNCIO)];

const AT_ONCE: &str = "At once: Hisham has lost his voice";
const FAILED: &[&str] = &["Failed: Hisham has lost his voice"];
const ALL_BUT_ONE_GREET: &[&str] = &[
    "Codecademy",
    "Codecademy says hello!",
    "Chelsea",
    "Chelsea says hello!",
    "Hisham",
    "Ashley",
    "Ashley says hello!",
];
const TOO_LONG: &[&str] = &["Hisham takes too long"];

const fn listing(name: &'static str, folder: &'static str, steps: &'static [Step]) -> Listing {
    Listing { name, folder, steps, workers: None }
}

/// The main thread prints what the greeters return, in their order.
const fn results(elapsed: &'static [&'static str]) -> [Step; 5] {
    [
        step(1, &["Codecademy says hello!"]),
        step(1, &["Chelsea says hello!"]),
        step(1, &["Hisham says hello!"]),
        step(1, &["Ashley says hello!"]),
        step(1, elapsed),
    ]
}

const fn two_workers(steps: &'static [Step]) -> Listing {
    Listing { workers: Some(2), ..listing("workers", "beyond/workers", steps) }
}

const fn crowd(steps: &'static [Step]) -> Listing {
    listing(CROWD, "beyond/crowd", steps)
}

const fn cpu_bound(steps: &'static [Step]) -> Listing {
    listing(CPU_BOUND, "beyond/cpu_bound", steps)
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
