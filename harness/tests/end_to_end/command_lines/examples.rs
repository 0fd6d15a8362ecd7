//! The command lines of the examples, and what their programs are made of: files and functions.

use std::fs;
#[cfg(debug_assertions)]
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use harness::catalog::{Listing, SECTIONS, Section};
use harness::judge::transcript::canonical_text;
use harness::program::{Implementation, workspace};
use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;

use crate::{Setting, TestResult, closed_pipe, text};

pub fn trials(setting: &'static Setting) -> Vec<Trial> {
    let mut trials = vec![
        Trial::test(
            "examples::ports_have_the_functions_of_python",
            ports_have_the_functions_of_python,
        ),
        Trial::test("examples::ports_have_at_most_sixty_lines", ports_have_at_most_sixty_lines),
    ];
    let mut add = |section: &'static Section, name, test: fn(&Section, &Path) -> TestResult| {
        let executable = setting.executables.example(section);
        let name = format!("examples::{}_{name}", section.name);
        trials.push(Trial::test(name, move || test(section, executable)));
    };
    for section in SECTIONS {
        add(section, "prints_the_whole_section", prints_the_whole_section);
        add(section, "describes_itself", describes_itself);
    }
    // The command lines share the code for the rest. This section has the most options.
    let section = &SECTIONS[2];
    add(section, "rejects_wrong_arguments", rejects_wrong_arguments);
    add(
        section,
        "ends_without_an_error_when_a_pipe_is_closed",
        ends_without_an_error_when_a_pipe_is_closed,
    );
    #[cfg(target_os = "linux")]
    add(section, "reports_a_full_device", reports_a_full_device);
    #[cfg(debug_assertions)]
    add(section, "warns_that_a_debug_build_is_slow", warns_that_a_debug_build_is_slow);
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
    section.all_listings().filter(move |listing| listing.is_in_the_document() == in_the_document)
}

fn default_runtime(section: &Section) -> &str {
    if section.name == "asyncio" { "tokio" } else { "std-only" }
}

/// Each listing in the document's order, on stdout; a heading for each that names the file, on
/// stderr.
fn prints_the_whole_section(section: &Section, executable: &Path) -> TestResult {
    let (status, stdout, stderr) = run(executable, "")?;
    let mut lines: Vec<_> = stdout.lines().map(canonical_text).collect();
    let mut expected: Vec<_> = Vec::new();
    for step in listings(section, true).flat_map(|listing| listing.steps) {
        let start = expected.len();
        expected.extend(step.lines.iter().map(|line| line.to_string()));
        let end = expected.len();
        expected[start..].sort();
        lines.get_mut(start..end).unwrap_or_default().sort();
    }
    assert_eq!(lines, expected);

    let mut headings = stderr.lines();
    for listing in listings(section, true) {
        let heading = headings.next().ok_or(listing.name)?;
        let file = port(section, listing, default_runtime(section));
        assert!(heading.ends_with(&format!("({})", relative(&file))), "{heading}");
    }
    assert_eq!((headings.next(), status), (None, Some(0)), "{stderr}");
    Ok(())
}

fn describes_itself(section: &Section, executable: &Path) -> TestResult {
    let (status, stdout, stderr) = run(executable, "--list")?;
    let mut lines = stdout.lines();
    for (title, is_in_the_document) in
        [("The document's listings:", true), ("Beyond the document:", false)]
    {
        assert_eq!(lines.next(), Some(title));
        for listing in listings(section, is_in_the_document) {
            let line = lines.next().ok_or(listing.name)?;
            assert!(line.starts_with(&format!("  {} ", listing.name)), "{line}");
            assert!(line.ends_with(&format!("  src/{}", listing.folder)), "{line}");
            assert!(line.len() <= 80, "{line}");
        }
    }
    assert_eq!((lines.next(), stderr.as_str(), status), (None, "", Some(0)));

    let (status, stdout, _) = run(executable, "--help")?;
    let names: Vec<_> = section.all_listings().map(|listing| listing.name).collect();
    for said in [
        format!("document's section on {}:", section.name),
        format!("[possible values: {}]", names.join(", ")),
        format!("--runtime <RUNTIME>  The port to run [default: {}]", default_runtime(section)),
        "[possible values: std-only, tokio, async-std, smol".to_owned(),
        format!("--count <COUNT>      How many {} crowd spawns [default: 1,000]", section.unit),
        "--rounds <ROUNDS>    How many rounds each computation of cpu-bound ".to_owned(),
        "--list ".to_owned(),
    ] {
        assert!(stdout.contains(&said), "{said} is not in {stdout}");
    }
    for hidden in ["--greeting-with-sleep", "--silent-greeting", "--compute"] {
        assert!(!stdout.contains(hidden), "{stdout}");
    }
    assert_eq!(status, Some(0));

    let (status, stdout, _) = run(executable, "--version")?;
    assert_eq!(stdout, format!("examples-{} {}\n", section.name, env!("CARGO_PKG_VERSION")));
    assert_eq!(status, Some(0));
    Ok(())
}

fn rejects_wrong_arguments(section: &Section, executable: &Path) -> TestResult {
    let names: Vec<_> = section.all_listings().map(|listing| listing.name).collect();
    let runtimes = "std-only, tokio, async-std, smol";
    let several_machines = if cfg!(feature = "mpi") {
        "several-machines has no port tokio, only mpi"
    } else {
        "build with --features mpi, and start with mpirun -n 4"
    };
    let only =
        "--count works only with crowd, and --rounds only with cpu-bound and several-machines";
    for (arguments, said) in [
        ("no-such", names.join(", ").as_str()),
        ("--runtime no-such", runtimes),
        ("--runtime python", runtimes),
        ("several-machines --runtime tokio", several_machines),
        ("one-process --list", "--list"),
        ("one-process again", "again"),
        ("--greeting-with-sleep Codecademy", "Usage: "),
        ("--silent-greeting", "Usage: "),
        ("--compute 1000", "Usage: "),
        ("one-process --count 10", only),
        ("crowd --rounds 10", only),
        ("--count 10", "--count <COUNT> <LISTING>"),
        ("crowd --count -5", "expected a number from 1 to 10,000,000"),
        ("crowd --count 0", "expected a number from 1 to 10,000,000"),
        ("crowd --count 10000001", "expected a number from 1 to 10,000,000"),
        ("cpu-bound --rounds -1", "expected a number of 1 or more"),
        ("cpu-bound --rounds many", "expected a number of 1 or more"),
    ] {
        let (status, stdout, stderr) = run(executable, arguments)?;
        assert!(stderr.contains(said), "{arguments}: {stderr}");
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{arguments}: {stderr}");
    }
    Ok(())
}

/// As `cat` does: no panic, and nothing on stderr.
fn ends_without_an_error_when_a_pipe_is_closed(_: &Section, executable: &Path) -> TestResult {
    for argument in ["--list", "--help", "multiple-processes"] {
        let output = Command::new(executable).arg(argument).stdout(closed_pipe()?).output()?;
        assert_eq!(text(&output.stderr), "", "{argument}");
        assert_eq!(output.status.signal(), Some(Signal::SIGPIPE as i32), "{argument}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn reports_a_full_device(_: &Section, executable: &Path) -> TestResult {
    let full = fs::OpenOptions::new().write(true).open("/dev/full")?;
    let output = Command::new(executable).arg("--list").stdout(full).output()?;
    let stderr = text(&output.stderr);
    assert!(stderr.starts_with("error: cannot print the list: "), "{stderr}");
    assert!(stderr.contains("No space left on device"), "{stderr}");
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

/// Only on a terminal, because scripts expect an empty stderr, and only once, not also for each
/// child.
#[cfg(debug_assertions)]
fn warns_that_a_debug_build_is_slow(section: &Section, executable: &Path) -> TestResult {
    let arguments = "cpu-bound --rounds 1000";
    let terminal = crate::open_terminal()?;
    let mut command = Command::new(executable);
    command.args(arguments.split(' ')).stdout(Stdio::null()).stderr(terminal.slave);
    assert!(command.status()?.success());
    drop(command); // closes the test's copy of the terminal
    let mut said = Vec::new();
    // When the other end is closed, Linux returns an error.
    let _ = fs::File::from(terminal.master).read_to_end(&mut said);
    let command = format!("cargo run --release -p examples-{} -- cpu-bound", section.name);
    assert_eq!(text(&said), format!("warning: slow debug build; use {command}\r\n"));

    let (_, _, stderr) = run(executable, arguments)?;
    assert_eq!(stderr, "");
    Ok(())
}

fn folder(section: &Section, listing: &Listing) -> PathBuf {
    workspace().join(format!("examples-{}/src", section.name)).join(listing.folder)
}

/// The file of a port.
fn port(section: &Section, listing: &Listing, name: &str) -> PathBuf {
    folder(section, listing).join(name.replace('-', "_")).with_extension("rs")
}

/// A file's path from the workspace's folder.
fn relative(file: &Path) -> String {
    file.strip_prefix(workspace()).unwrap_or(file).display().to_string()
}

/// They have the same names in the same order. Python also has `print` before them. A port also has
/// `main` after them, which does what Python does under its guard. A function with a doc comment
/// takes the place of what Python's library has and the port's does not.
fn ports_have_the_functions_of_python() -> TestResult {
    for section in SECTIONS {
        for listing in section.all_listings() {
            let python = folder(section, listing).join("python.py");
            let mut expected = functions(&python, "def ")?;
            assert_eq!(expected.remove(0), "print", "{}", relative(&python));
            expected.push("main".to_owned());
            for implementation in Implementation::of(listing).iter().skip(1) {
                let file = port(section, listing, &implementation.to_string());
                assert_eq!(functions(&file, "fn ")?, expected, "{}", relative(&file));
            }
        }
    }
    Ok(())
}

/// The functions that have no doc comment, and `main`.
fn functions(file: &Path, keyword: &str) -> Result<Vec<String>, Failed> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let name = |line: &str| {
        let declared = line.trim_start_matches("pub ").trim_start_matches("async ");
        let name = declared.strip_prefix(keyword)?.split(['(', '<']).next()?;
        Some(name.to_owned())
    };
    let before = [""].into_iter().chain(text.lines());
    let undocumented = before.zip(text.lines()).filter_map(|(before, line)| {
        name(line).filter(|name| !before.starts_with("/// ") || name == "main")
    });
    Ok(undocumented.collect())
}

/// A reader sees the whole program. (Programs with arguments measure something. They are longer,
/// because they also compute or report errors of the system.)
fn ports_have_at_most_sixty_lines() -> TestResult {
    for section in SECTIONS {
        for folder in section.all_listings().map(|listing| folder(section, listing)) {
            if fs::read_to_string(folder.join("python.py"))?.contains("ArgumentParser") {
                continue;
            }
            for entry in fs::read_dir(folder)? {
                let file = entry?.path();
                let lines = fs::read_to_string(&file)?.lines().count();
                assert!(lines <= 60, "{} has {lines} lines", relative(&file));
            }
        }
    }
    Ok(())
}
