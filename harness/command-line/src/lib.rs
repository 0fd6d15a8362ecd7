//! The command line that the three packages of examples share.
//!
//! A package's `lib.rs` has the table of its listings, made with [`listing!`], and its `main.rs`
//! calls [`Section::run`]. The ports use nothing of this.

use std::collections::HashSet;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, FromArgMatches, Parser, value_parser};

/// A section of the document, and what differs between the command lines.
pub struct Section {
    /// The section's name. Its package is `examples-{name}`.
    pub name: &'static str,
    /// What its listings spawn: `threads`, `tasks` or `processes`.
    pub unit: &'static str,
    /// The port that runs without `--runtime`. A listing that does not have it runs its first.
    pub default_runtime: &'static str,
    /// With these options, a listing starts this program again as a child. The ports read them.
    pub child_options: &'static [&'static str],
    /// The document's listings, then those beyond it.
    pub listings: &'static [Listing],
}

/// A listing and its ports.
pub struct Listing {
    /// The path of its module, such as `["beyond", "cpu_bound"]`.
    pub path: &'static [&'static str],
    /// The option whose number its ports take, if any: `count`, `rounds` or `below`.
    pub takes: &'static [&'static str],
    pub heading: &'static str,
    pub ports: &'static [Port],
}

/// A port of a listing.
pub struct Port {
    /// The name of its module, such as `std_only`.
    pub module: &'static str,
    pub main: fn(&Options) -> io::Result<()>,
}

/// What the `main` of a port returns: nothing, or a result.
pub trait Outcome: Sized {
    fn into_result(self) -> io::Result<()> {
        Ok(())
    }
}

impl Outcome for () {}

impl Outcome for io::Result<()> {
    fn into_result(self) -> io::Result<()> {
        self
    }
}

/// Makes a [`Listing`] from its module and its heading:
///
/// - `listing!(creating_a_thread, "Python threading Module")` has the four usual ports.
/// - `listing!(beyond::crowd(count), "Many Threads")` takes the number of `--count`.
/// - `listing!(beyond::parallel_map(below) { std_only, rayon }, "A Map over Many Items")` has other
///   ports, and takes the number of `--below`.
#[macro_export]
macro_rules! listing {
    ($($path:ident)::+ $(($takes:ident))? $({$($ports:tt)*})?, $heading:literal) => {{
        #[allow(unused_imports, reason = "a port may need a feature that is off")]
        use $($path)::+ as module;
        $crate::Listing {
            path: &[$(stringify!($path)),+],
            takes: &[$(stringify!($takes))?],
            heading: $heading,
            // Of these two lists, the first counts.
            ports: $crate::listing!(
                @ports ($($takes)?) $({$($ports)*})? {std_only, tokio, async_std, smol}
            ),
        }
    }};
    (@ports $takes:tt {$($(#[$attribute:meta])* $port:ident),*} $($rest:tt)?) => {
        &[$($(#[$attribute])* $crate::listing!(@port $takes $port)),*]
    };
    (@port ($($takes:ident)?) $port:ident) => {
        $crate::Port {
            module: stringify!($port),
            main: |_given| $crate::Outcome::into_result(module::$port::main($(_given.$takes())?)),
        }
    };
}

/// What the command line takes. `Section::command` adds what differs between the sections.
#[derive(Parser)]
#[command(version)]
pub struct Options {
    /// The listing to run [default: each of the document's in turn]
    listing: Option<String>,
    #[arg(long)]
    runtime: Option<String>,
    #[arg(long, requires = "listing", allow_negative_numbers = true, value_parser = value_parser!(u64).range(1..=10_000_000))]
    count: Option<u64>,
    #[arg(long, requires = "listing", allow_negative_numbers = true, value_parser = value_parser!(u64).range(1..))]
    rounds: Option<u64>,
    #[arg(long, requires = "listing", allow_negative_numbers = true, value_parser = value_parser!(u64).range(1..=10_000_000))]
    below: Option<u64>,
    /// List the listings in groups, each with its heading and folder
    #[arg(long, exclusive = true)]
    list: bool,
}

impl Options {
    pub fn count(&self) -> usize {
        self.count.unwrap_or(1_000) as usize
    }

    pub fn rounds(&self) -> u64 {
        self.rounds.unwrap_or(80_000_000)
    }

    pub fn below(&self) -> u64 {
        self.below.unwrap_or(100_000)
    }
}

/// A module's name on the command line.
fn kebab_case(module: &str) -> String {
    module.replace('_', "-")
}

impl Listing {
    fn name(&self) -> String {
        self.path.last().map(|module| kebab_case(module)).unwrap_or_default()
    }

    /// Its folder in the package.
    fn folder(&self) -> String {
        format!("src/{}", self.path.join("/"))
    }

    fn is_in_the_document(&self) -> bool {
        self.path[0] != "beyond"
    }

    /// The names of its ports.
    fn runtimes(&self) -> Vec<String> {
        self.ports.iter().map(|port| kebab_case(port.module)).collect()
    }
}

impl Section {
    /// Does what the command line says, and returns the exit status.
    pub fn run(&self) -> ExitCode {
        sigpipe::reset(); // A closed pipe, as in `| head -1`, ends this program without an error.
        let matches = self.command().get_matches();
        let options = Options::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let is_child = self.child_options.iter().any(|option| matches.contains_id(option));
        let is_slow = cfg!(debug_assertions) && options.listing.as_deref() == Some("cpu-bound");
        if is_slow && !is_child && io::stderr().is_terminal() {
            let command = format!("cargo run --release -p examples-{} -- cpu-bound", self.name);
            eprintln!("warning: slow debug build; use {command}");
        }
        let result = match self.chosen(&options) {
            _ if options.list => self.list().map_err(|error| format!("print the list: {error}")),
            Ok(chosen) => self.run_ports(&chosen, &options),
            Err(message) => self.command().error(ErrorKind::ArgumentConflict, message).exit(),
        };
        let Err(error) = result else { return ExitCode::SUCCESS };
        eprintln!("error: cannot {error}");
        ExitCode::FAILURE
    }

    fn command(&self) -> Command {
        let Section { name, unit, default_runtime, .. } = self;
        let about = "its listings in turn, or one listing";
        let runtime = format!("The port to run [default: {default_runtime}]");
        let (counting, computing) = (self.that_take("count"), self.that_take("rounds"));
        let count = format!("How many {unit} {counting} spawns [default: 1,000]");
        let rounds = format!("How many rounds each computation of {computing} has");
        let searching = self.that_take("below");
        let below = format!("Where {searching} stops counting primes [default: 100,000]");
        let listings = PossibleValuesParser::new(self.listings.iter().map(Listing::name));
        let mut runtimes: Vec<_> = self.listings.iter().flat_map(Listing::runtimes).collect();
        let mut seen = HashSet::new();
        runtimes.retain(|runtime| seen.insert(runtime.clone()));
        let runtimes = PossibleValuesParser::new(runtimes);
        let child_option =
            |name| Arg::new(name).long(name).num_args(0..=2).requires("listing").hide(true);
        Options::command()
            .name(format!("examples-{name}"))
            .about(format!("Runs the document's section on {name}: {about}"))
            .mut_arg("listing", |arg| arg.value_parser(listings))
            .mut_arg("runtime", |arg| arg.value_parser(runtimes).help(runtime))
            .mut_arg("count", |arg| arg.help(count))
            .mut_arg("rounds", |arg| arg.help(rounds + " [default: 80,000,000]"))
            .mut_arg("below", |arg| arg.help(below).hide(searching.is_empty()))
            .args(self.child_options.iter().map(child_option))
    }

    /// The names of the listings that take an option.
    fn that_take(&self, option: &str) -> String {
        let listings = self.listings.iter().filter(|listing| listing.takes.contains(&option));
        listings.map(Listing::name).collect::<Vec<_>>().join(" and ")
    }

    fn list(&self) -> io::Result<()> {
        let longest = |length: fn(&Listing) -> usize| self.listings.iter().map(length).max();
        let name_width = longest(|listing| listing.name().len()).unwrap_or(0);
        let width = longest(|listing| listing.heading.len()).unwrap_or(0);
        let (document, beyond): (Vec<_>, Vec<_>) =
            self.listings.iter().partition(|listing| listing.is_in_the_document());
        for (title, listings) in
            [("The document's listings", document), ("Beyond the document", beyond)]
        {
            writeln!(io::stdout(), "{title}:")?;
            for listing in listings {
                let (name, heading, folder) = (listing.name(), listing.heading, listing.folder());
                writeln!(io::stdout(), "  {name:<name_width$}  {heading:<width$}  {folder}")?;
            }
        }
        Ok(())
    }

    /// The port to run of the named listing, or of each of the document's. The error says what is
    /// wrong with the command line.
    fn chosen(&self, options: &Options) -> Result<Vec<(&Listing, &Port)>, String> {
        let listings = self.listings.iter().filter(|listing| match &options.listing {
            Some(name) => *name == listing.name(),
            None => listing.is_in_the_document(),
        });
        listings.map(|listing| Ok((listing, self.port(listing, options)?))).collect()
    }

    fn port(&self, listing: &'static Listing, options: &Options) -> Result<&Port, String> {
        let [first, ..] = listing.ports else {
            // Only the port that uses MPI needs a feature.
            return Err("build with --features mpi, and start with mpirun -n 4".to_owned());
        };
        let Options { count, rounds, below, .. } = options;
        for (option, given) in [("count", count), ("rounds", rounds), ("below", below)] {
            if given.is_some() && !listing.takes.contains(&option) {
                return Err(match self.that_take(option).as_str() {
                    "" => format!("no listing of this section takes --{option}"),
                    listings => format!("--{option} works only with {listings}"),
                });
            }
        }
        let find = |name: &str| listing.ports.iter().find(|port| kebab_case(port.module) == name);
        let Some(name) = &options.runtime else {
            return Ok(find(self.default_runtime).unwrap_or(first));
        };
        find(name).ok_or_else(|| {
            format!("{} has no port {name}, only {}", listing.name(), listing.runtimes().join(", "))
        })
    }

    fn run_ports(&self, chosen: &[(&Listing, &Port)], options: &Options) -> Result<(), String> {
        for (listing, Port { module, main }) in chosen {
            if options.listing.is_none() {
                let (heading, folder) = (listing.heading, listing.folder());
                eprintln!("# {heading} (examples-{}/{folder}/{module}.rs)", self.name);
            }
            main(options).map_err(|error| format!("run {}: {error}", listing.name()))?;
        }
        Ok(())
    }
}
