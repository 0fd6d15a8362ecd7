//! The command lines of the examples.

use std::fs::File;
#[cfg(debug_assertions)]
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use harness::catalog::{Group, Listing, SECTIONS, Section};
use harness::judge::transcript::canonical_text;
use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;

use super::closed_pipe;
use crate::setting::{Setting, TestResult, text};

pub fn trials(setting: &'static Setting) -> Vec<Trial> {
    let trial = |section: &'static Section, name, test: fn(&Section, &Path) -> TestResult| {
        let executable = setting.executables.example(section);
        let name = format!("examples::{}_{name}", section.name);
        Trial::test(name, move || test(section, executable))
    };
    let mut trials = Vec::new();
    for section in SECTIONS {
        trials.push(trial(section, "prints_the_whole_section", prints_the_whole_section));
        trials.push(trial(section, "describes_itself", describes_itself));
    }
    // The command lines share the code for the rest. This section has the most options.
    let section = &SECTIONS[2];
    trials.push(trial(section, "rejects_wrong_arguments", rejects_wrong_arguments));
    trials.push(trial(section, "has_one_port_of_several_machines", has_one_port));
    trials.push(trial(section, "ends_when_a_pipe_is_closed", ends_when_a_pipe_is_closed));
    #[cfg(target_os = "linux")]
    trials.push(trial(&SECTIONS[1], "reports_a_full_device", reports_a_full_device));
    #[cfg(debug_assertions)]
    trials.push(trial(
        section,
        "warns_that_a_debug_build_is_slow",
        warns_that_a_debug_build_is_slow,
    ));
    trials
}

/// Runs an example, and returns its exit status, its stdout and its stderr.
fn run(executable: &Path, arguments: &str) -> Result<(Option<i32>, String, String), Failed> {
    let mut command = Command::new(executable);
    let output = command.args(arguments.split_whitespace()).stdin(Stdio::null()).output()?;
    Ok((output.status.code(), text(&output.stdout), text(&output.stderr)))
}

/// The listings of the document, or those beyond it.
fn listings(section: &Section, in_the_document: bool) -> impl Iterator<Item = &Listing> {
    let is_there = move |listing: &&Listing| (listing.group == Group::Document) == in_the_document;
    section.listings.iter().filter(is_there)
}

fn default_runtime(section: &Section) -> &str {
    if section.name == "asyncio" { "tokio" } else { "std-only" }
}

/// Each listing in the document's order, on stdout; a heading for each that names the file, on
/// stderr.
fn prints_the_whole_section(section: &Section, executable: &Path) -> TestResult {
    let (status, stdout, stderr) = run(executable, "")?;
    let mut printed = stdout.lines().map(canonical_text);
    for step in listings(section, true).flat_map(|listing| listing.steps) {
        let mut lines: Vec<_> = printed.by_ref().take(step.lines.len()).collect();
        let mut expected = step.lines.to_vec();
        if !step.is_in_order {
            lines.sort();
            expected.sort();
        }
        assert_eq!(lines, expected);
    }
    assert_eq!(printed.next(), None);

    let mut headings = stderr.lines();
    for listing in listings(section, true) {
        let heading = headings.next().ok_or(listing.name)?;
        let folder = section.folder(listing).display().to_string();
        let file = default_runtime(section).replace('-', "_");
        assert!(heading.ends_with(&format!("({folder}/{file}.rs)")), "{heading}");
    }
    assert_eq!((headings.next(), status), (None, Some(0)), "{stderr}");
    Ok(())
}

fn describes_itself(section: &Section, executable: &Path) -> TestResult {
    let (status, stdout, stderr) = run(executable, "--list")?;
    assert_eq!((stderr.as_str(), status), ("", Some(0)));
    let mut expected = Vec::new();
    for (title, in_the_document) in
        [("The document's listings:", true), ("Beyond the document:", false)]
    {
        expected.push(title.to_owned());
        for listing in listings(section, in_the_document) {
            let folder = section.folder(listing);
            let folder = folder.strip_prefix(section.package())?.display();
            expected.push(format!("{} … {folder}", listing.name));
        }
    }
    // The heading stands between the name and the folder.
    let shown = stdout.lines().map(|line| match line.trim_start().split_once(' ') {
        Some((name, rest)) if line.starts_with(' ') => {
            format!("{name} … {}", rest.rsplit(' ').next().unwrap_or_default())
        }
        _ => line.to_owned(),
    });
    let lib = format!("{}/src/lib.rs", section.package());
    assert_eq!(shown.collect::<Vec<_>>(), expected, "{lib} and the catalog have other listings");
    assert!(stdout.lines().all(|line| line.len() <= 80), "{stdout}");

    let (status, stdout, _) = run(executable, "--help")?;
    let names: Vec<_> = section.listings.iter().map(|listing| listing.name).collect();
    let others = match section.name {
        "multiprocessing" if cfg!(feature = "mpi") => ", rayon, mpi",
        "multiprocessing" => ", rayon",
        _ => "",
    };
    for said in [
        format!("document's section on {}:", section.name),
        format!("[possible values: {}]", names.join(", ")),
        format!("--runtime <RUNTIME>  The port to run [default: {}]", default_runtime(section)),
        format!("[possible values: std-only, tokio, async-std, smol{others}]"),
        format!("--count <COUNT>      How many {} crowd spawns [default: 1,000]", section.unit),
        "--rounds <ROUNDS>    How many rounds each computation of ".to_owned(),
        "--list ".to_owned(),
    ] {
        assert!(stdout.contains(&said), "{said} is not in {stdout}");
    }
    for hidden in ["--greeting-with-sleep", "--silent-greeting", "--compute"] {
        assert!(!stdout.contains(hidden), "{stdout}");
    }
    assert_eq!(stdout.contains("--below <BELOW>"), section.name == "multiprocessing", "{stdout}");
    assert_eq!(status, Some(0));
    Ok(())
}

fn rejects_wrong_arguments(section: &Section, executable: &Path) -> TestResult {
    let names: Vec<_> = section.listings.iter().map(|listing| listing.name).collect();
    let runtimes = "std-only, tokio, async-std, smol";
    for (arguments, said) in [
        ("no-such", names.join(", ").as_str()),
        ("--runtime no-such", runtimes),
        ("--runtime python", runtimes),
        ("one-process --list", "--list"),
        ("one-process again", "again"),
        ("--greeting-with-sleep Codecademy", "Usage: "),
        ("--silent-greeting", "Usage: "),
        ("--compute 1000", "Usage: "),
        ("parallel-map --runtime tokio", "has no port tokio, only std-only, rayon"),
        ("one-process --count 10", "--count works only with crowd"),
        ("crowd --rounds 10", "--rounds works only with cpu-bound and several-machines"),
        ("crowd --below 10", "--below works only with parallel-map"),
        ("--count 10", "--count <COUNT> <LISTING>"),
        ("crowd --count -5", "invalid value '-5' for '--count <COUNT>'"),
        ("crowd --count 0", "0 is not in 1..=10000000"),
        ("crowd --count 10000001", "10000001 is not in 1..=10000000"),
        ("parallel-map --below 0", "0 is not in 1..=10000000"),
        ("cpu-bound --rounds 0", "0 is not in 1.."),
        ("cpu-bound --rounds many", "invalid value 'many' for '--rounds <ROUNDS>'"),
    ] {
        let (status, stdout, stderr) = run(executable, arguments)?;
        assert!(stderr.contains(said), "{arguments}: {stderr}");
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{arguments}: {stderr}");
    }
    Ok(())
}

/// It is built only with the feature `mpi`.
fn has_one_port(_: &Section, executable: &Path) -> TestResult {
    let (status, _, stderr) = run(executable, "several-machines --runtime tokio")?;
    let said = if cfg!(feature = "mpi") {
        "several-machines has no port tokio, only mpi"
    } else {
        "build with --features mpi, and start with mpirun -n 4"
    };
    assert!(stderr.contains(said), "{stderr}");
    assert_eq!(status, Some(2));
    Ok(())
}

/// As `cat` does: no panic, and nothing on stderr.
fn ends_when_a_pipe_is_closed(_: &Section, executable: &Path) -> TestResult {
    for argument in ["--list", "--help", "multiple-processes"] {
        let output = Command::new(executable).arg(argument).stdout(closed_pipe()?).output()?;
        assert_eq!(text(&output.stderr), "", "{argument}");
        assert_eq!(output.status.signal(), Some(Signal::SIGPIPE as i32), "{argument}");
    }
    Ok(())
}

/// `writeln!` returns an error. `println!` panics.
#[cfg(target_os = "linux")]
fn reports_a_full_device(_: &Section, executable: &Path) -> TestResult {
    for (argument, said, status) in [
        ("--list", "error: cannot print the list: No space left on device", 1),
        ("newer-syntax", "failed printing to stdout: No space left on device", 101),
    ] {
        let full = File::options().write(true).open("/dev/full")?;
        let output = Command::new(executable).arg(argument).stdout(full).output()?;
        let stderr = text(&output.stderr);
        assert!(stderr.contains(said), "{stderr}");
        assert_eq!(output.status.code(), Some(status));
    }
    Ok(())
}

/// Only on a terminal, because scripts expect an empty stderr, and only once, not also for each
/// child.
#[cfg(debug_assertions)]
fn warns_that_a_debug_build_is_slow(section: &Section, executable: &Path) -> TestResult {
    let arguments = "cpu-bound --rounds 1000";
    let terminal = super::open_terminal()?;
    let mut command = Command::new(executable);
    command.args(arguments.split(' ')).stdout(Stdio::null()).stderr(terminal.slave);
    assert!(command.status()?.success());
    drop(command); // closes the test's copy of the terminal
    let mut said = Vec::new();
    // When the other end is closed, Linux returns an error.
    let _ = File::from(terminal.master).read_to_end(&mut said);
    let command = format!("cargo run --release -p examples-{} -- cpu-bound", section.name);
    assert_eq!(text(&said), format!("warning: slow debug build; use {command}\r\n"));

    let (_, _, stderr) = run(executable, arguments)?;
    assert_eq!(stderr, "");
    Ok(())
}
