//! The members' command lines, and what their programs are made of: threads, processes, functions.

use std::fs;
#[cfg(debug_assertions)]
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use harness::catalog::{SECTIONS, SEVERAL_MACHINES, Section};
use harness::judge::transcript::canonical_text;
use harness::program::{Implementation, workspace};
use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;

use crate::{Setting, TestResult, closed_pipe};

pub fn trials(setting: &'static Setting) -> Vec<Trial> {
    let mut trials = vec![
        Trial::test(
            "examples::the_command_lines_are_short_and_the_same",
            the_command_lines_are_short_and_the_same,
        ),
        Trial::test(
            "examples::ports_have_the_functions_of_python",
            ports_have_the_functions_of_python,
        ),
        Trial::test("examples::ports_have_at_most_sixty_lines", ports_have_at_most_sixty_lines),
    ];
    let executable = setting.executables.example(&SECTIONS[2]);
    let test = || several_machines_has_one_port(executable);
    trials.push(Trial::test("examples::several_machines_has_one_port", test));
    for section in SECTIONS {
        let executable = setting.executables.example(section);
        let mut add = |name, test: fn(&Section, &Path) -> TestResult| {
            let name = format!("examples::{}_{name}", section.name);
            trials.push(Trial::test(name, move || test(section, executable)));
        };
        add("prints_the_whole_section", prints_the_whole_section);
        add("lists_its_listings", lists_its_listings);
        add("rejects_wrong_arguments", rejects_wrong_arguments);
        add("prints_its_version", prints_its_version);
        add(
            "ends_without_an_error_when_a_pipe_is_closed",
            ends_without_an_error_when_a_pipe_is_closed,
        );
        #[cfg(target_os = "linux")]
        add("reports_a_full_device", reports_a_full_device);
        #[cfg(debug_assertions)]
        add("warns_that_a_debug_build_is_slow", warns_that_a_debug_build_is_slow);
    }
    trials
}

fn output(executable: &Path, arguments: &[&str]) -> Result<(Output, String, String), Failed> {
    let output = Command::new(executable).args(arguments).stdin(Stdio::null()).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    Ok((output, stdout, stderr))
}

/// Each listing in the document's order, on stdout; a heading for each that names the file, on
/// stderr.
fn prints_the_whole_section(section: &Section, executable: &Path) -> TestResult {
    let (output, stdout, stderr) = output(executable, &[])?;
    let mut lines: Vec<_> = stdout.lines().map(canonical_text).collect();
    let mut expected: Vec<_> = Vec::new();
    for step in section.listings.iter().flat_map(|listing| listing.steps) {
        let start = expected.len();
        expected.extend(step.lines.iter().map(|line| line.to_string()));
        let end = expected.len();
        expected[start..].sort();
        lines.get_mut(start..end).unwrap_or_default().sort();
    }
    assert_eq!(lines, expected);

    let file = if section.name == "asyncio" { "tokio.rs" } else { "std_only.rs" };
    let headings: Vec<_> = stderr.lines().collect();
    assert_eq!(headings.len(), section.listings.len(), "{stderr}");
    for (heading, listing) in headings.iter().zip(section.listings) {
        let file = source_folder(section).join(listing.name.replace('-', "_")).join(file);
        assert!(heading.ends_with(&format!("({})", relative(&file))), "{heading}");
    }
    assert_eq!(output.status.code(), Some(0));
    Ok(())
}

fn lists_its_listings(section: &Section, executable: &Path) -> TestResult {
    let (output, stdout, stderr) = output(executable, &["--list"])?;
    let mut lines = stdout.lines();
    for (title, listings) in [
        ("The document's listings:", section.listings),
        ("Beyond the document, the next four questions:", section.questions),
        ("Beyond the document, what it costs:", section.costs),
        ("Beyond the document, past one machine:", section.machines),
    ] {
        assert_eq!(lines.next(), (!listings.is_empty()).then_some(title));
        for (listing, line) in listings.iter().zip(lines.by_ref()) {
            assert!(line.starts_with(&format!("  {} ", listing.name)), "{line}");
            assert!(line.ends_with(&format!("  src/{}", listing.folder)), "{line}");
            assert!(line.len() <= 80, "{line}");
        }
    }
    assert_eq!((lines.next(), stderr.as_str()), (None, ""));
    assert_eq!(output.status.code(), Some(0));

    let (output, stdout, _) = self::output(executable, &["--help"])?;
    let names = section.all_listings().map(|listing| listing.name);
    let options =
        ["--runtime", "std-only", "tokio", "async-std", "smol", "--count", "--rounds", "--list"];
    for name in names.chain(options) {
        assert!(stdout.contains(name), "{name} is not in {stdout}");
    }
    for hidden in ["--greeting-with-sleep", "--silent-greeting", "--compute"] {
        assert!(!stdout.contains(hidden), "{stdout}");
    }
    assert_eq!(output.status.code(), Some(0));
    Ok(())
}

fn rejects_wrong_arguments(section: &Section, executable: &Path) -> TestResult {
    let names: Vec<_> = section.all_listings().map(|listing| listing.name).collect();
    let listing = section.listings[0].name;
    for (arguments, said) in [
        (&["no-such"][..], names.join(", ").as_str()),
        (&["--runtime", "no-such"], "std-only, tokio, async-std, smol"),
        (&["--runtime", "python"], "std-only, tokio, async-std, smol"),
        (&[listing, "--list"], "--list"),
        (&[listing, "again"], "again"),
        (&["--greeting-with-sleep", "Codecademy"], "Usage: "),
        (&["--silent-greeting"], "Usage: "),
        (&["--compute", "1000"], "Usage: "),
        (&[listing, "--count", "10"], "--count works only with crowd"),
        (&["--count", "10"], "--count <COUNT> <LISTING>"),
        (&["crowd", "--rounds", "10"], "--rounds only with cpu-bound"),
        (&["crowd", "--count", "-5"], "expected a number from 1 to 10,000,000"),
        (&["crowd", "--count", "0"], "expected a number from 1 to 10,000,000"),
        (&["crowd", "--count", "10000001"], "expected a number from 1 to 10,000,000"),
        (&["cpu-bound", "--rounds", "-1"], "expected a number of 1 or more"),
        (&["cpu-bound", "--rounds", "many"], "expected a number of 1 or more"),
    ] {
        let (output, stdout, stderr) = output(executable, arguments)?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert_eq!(stdout, "", "{arguments:?}");
    }
    Ok(())
}

/// It is built only with the feature `mpi`.
fn several_machines_has_one_port(executable: &Path) -> TestResult {
    let arguments = [SEVERAL_MACHINES, "--runtime", "tokio"];
    let said = if cfg!(feature = "mpi") {
        "--runtime does not work with several-machines"
    } else {
        "build with --features mpi, and start with mpirun -n 4"
    };
    let (output, stdout, stderr) = output(executable, &arguments)?;
    assert!(stderr.contains(said), "{stderr}");
    assert_eq!((output.status.code(), stdout.as_str()), (Some(2), ""));
    Ok(())
}

/// As `cat` does: no panic, and nothing on stderr.
fn ends_without_an_error_when_a_pipe_is_closed(section: &Section, executable: &Path) -> TestResult {
    let last = section.listings.last().ok_or("no listing")?;
    for argument in ["--list", "--help", last.name] {
        let output = Command::new(executable).arg(argument).stdout(closed_pipe()?).output()?;
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{argument}");
        assert_eq!(output.status.signal(), Some(Signal::SIGPIPE as i32), "{argument}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn reports_a_full_device(_: &Section, executable: &Path) -> TestResult {
    let full = fs::OpenOptions::new().write(true).open("/dev/full")?;
    let output = Command::new(executable).arg("--list").stdout(full).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.starts_with("error: cannot print the list: "), "{stderr}");
    assert!(stderr.contains("No space left on device"), "{stderr}");
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

fn prints_its_version(section: &Section, executable: &Path) -> TestResult {
    let (output, stdout, _) = output(executable, &["--version"])?;
    assert_eq!(stdout, format!("examples-{} {}\n", section.name, env!("CARGO_PKG_VERSION")));
    assert_eq!(output.status.code(), Some(0));
    Ok(())
}

/// Only on a terminal, because scripts expect an empty stderr.
#[cfg(debug_assertions)]
fn warns_that_a_debug_build_is_slow(section: &Section, executable: &Path) -> TestResult {
    let arguments = ["cpu-bound", "--rounds", "1000"];
    let terminal = crate::open_terminal()?;
    let mut command = Command::new(executable);
    let status = command.args(arguments).stdout(Stdio::null()).stderr(terminal.slave).status()?;
    assert!(status.success());
    drop(command); // closes the test's copy of the terminal
    let mut text = Vec::new();
    // When the other end is closed, Linux returns an error.
    let _ = fs::File::from(terminal.master).read_to_end(&mut text);
    let expected = format!("cargo run --release -p examples-{} -- cpu-bound\r\n", section.name);
    let text = String::from_utf8_lossy(&text);
    assert!(text.starts_with("warning: ") && text.ends_with(&expected), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");

    let (_, _, stderr) = output(executable, &arguments)?;
    assert_eq!(stderr, "");
    Ok(())
}

fn source_folder(section: &Section) -> PathBuf {
    workspace().join(format!("examples-{}", section.name)).join("src")
}

/// A file's path from the workspace's folder.
fn relative(file: &Path) -> String {
    file.strip_prefix(workspace()).unwrap_or(file).display().to_string()
}

/// They are short, and from the main function on they are exactly the same.
fn the_command_lines_are_short_and_the_same() -> TestResult {
    let mut tails = Vec::new();
    for section in SECTIONS {
        let main = fs::read_to_string(source_folder(section).join("main.rs"))?;
        let start = main.find("fn main() -> ExitCode {").ok_or("no main function")?;
        tails.push(main[start..].to_owned());
        assert!(main.lines().count() < 95, "{} is long", section.name);
    }
    assert_eq!(tails[0], tails[1]);
    assert_eq!(tails[1], tails[2]);
    Ok(())
}

/// They have the same names in the same order. Python also has `print` before them. A port also has
/// `main` after them, which does what Python does under its guard. A function with a doc comment
/// takes the place of what Python's library has and the port's does not.
fn ports_have_the_functions_of_python() -> TestResult {
    for section in SECTIONS {
        for listing in section.all_listings() {
            let folder = source_folder(section).join(listing.folder);
            let mut expected = functions(&folder.join("python.py"), "def ")?;
            assert_eq!(expected.remove(0), "print", "{}", relative(&folder));
            expected.push("main".to_owned());
            for port in Implementation::of(listing).iter().skip(1) {
                let file = folder.join(port.to_string().replace('-', "_")).with_extension("rs");
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

/// A reader sees the whole program. (Others are longer: the listings of what it costs, which report
/// errors of the system, and several-machines, which also computes.)
fn ports_have_at_most_sixty_lines() -> TestResult {
    for section in SECTIONS {
        for listing in section.listings.iter().chain(section.questions) {
            for entry in fs::read_dir(source_folder(section).join(listing.folder))? {
                let file = entry?.path();
                let lines = fs::read_to_string(&file)?.lines().count();
                assert!(lines <= 60, "{} has {lines} lines", relative(&file));
            }
        }
    }
    Ok(())
}
