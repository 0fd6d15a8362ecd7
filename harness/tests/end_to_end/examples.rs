//! The members' command lines, and what their programs are made of: threads, processes, functions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use harness::catalog::{DOCUMENT, Section};
use harness::judge::transcript::canonical_text;
use libtest_mimic::{Failed, Trial};

use crate::{Done, Setting};

pub fn trials(setting: &'static Setting) -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("examples::the_command_lines_are_alike", the_command_lines_are_alike),
        Trial::test(
            "examples::ports_have_the_functions_of_python",
            ports_have_the_functions_of_python,
        ),
    ];
    for section in DOCUMENT {
        let executable = setting.examples.executable(section);
        let mut add = |name, test: fn(&Section, &Path) -> Done| {
            let name = format!("examples::{}_{name}", section.name);
            trials.push(Trial::test(name, move || test(section, executable)));
        };
        add("prints_the_whole_section", prints_the_whole_section);
        add("lists_its_listings", lists_its_listings);
        add("says_what_is_wrong", says_what_is_wrong);
    }
    trials
}

fn output(executable: &Path, arguments: &[&str]) -> Result<(Output, String, String), Failed> {
    let output = Command::new(executable).args(arguments).stdin(Stdio::null()).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    Ok((output, stdout, stderr))
}

/// Each listing in the document's order, on stdout; a heading for each that names the file, on stderr.
fn prints_the_whole_section(section: &Section, executable: &Path) -> Done {
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

fn lists_its_listings(section: &Section, executable: &Path) -> Done {
    let (output, stdout, stderr) = output(executable, &["--list"])?;
    let names: Vec<_> = stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    let expected: Vec<_> = section.all_listings().map(|listing| listing.name).collect();
    assert_eq!((names, stderr.as_str()), (expected, ""));
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

fn says_what_is_wrong(section: &Section, executable: &Path) -> Done {
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
        (&[listing, "--count", "10"], "--count is for crowd"),
        (&["--count", "10"], "--count is for crowd"),
        (&["crowd", "--rounds", "10"], "--rounds is for cpu-bound"),
        (&["crowd", "--count", "0"], "0 is not in 1..=10000000"),
        (&["crowd", "--count", "10000001"], "10000001 is not in 1..=10000000"),
        (&["cpu-bound", "--rounds", "many"], "--rounds <N>"),
    ] {
        let (output, stdout, stderr) = output(executable, arguments)?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert_eq!(stdout, "", "{arguments:?}");
    }
    Ok(())
}

fn source_folder(section: &Section) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it has a parent");
    workspace.join(format!("examples-{}", section.name)).join("src")
}

/// A file's path from the workspace's folder.
fn relative(file: &Path) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it has a parent");
    file.strip_prefix(workspace).unwrap_or(file).display().to_string()
}

/// From the main function on, the three are the same to the letter.
fn the_command_lines_are_alike() -> Done {
    let mut tails = Vec::new();
    for section in DOCUMENT {
        let main = fs::read_to_string(source_folder(section).join("main.rs"))?;
        let start = main.find("fn main() -> ExitCode {").ok_or("no main function")?;
        tails.push(main[start..].to_owned());
    }
    assert_eq!(tails[0], tails[1]);
    assert_eq!(tails[1], tails[2]);
    Ok(())
}

/// The same names in the same order, and after them `main`, for what Python has under its guard.
fn ports_have_the_functions_of_python() -> Done {
    for section in DOCUMENT {
        for listing in section.all_listings() {
            let is_in_the_document =
                section.listings.iter().any(|other| other.name == listing.name);
            let group = if is_in_the_document { "" } else { "beyond" };
            let folder = source_folder(section).join(group).join(listing.name.replace('-', "_"));
            let mut expected = functions(&folder.join("python.py"), "def ")?;
            expected.push("main".to_owned());
            for port in ["std_only.rs", "tokio.rs", "async_std.rs", "smol.rs"] {
                let file = folder.join(port);
                assert_eq!(functions(&file, "fn ")?, expected, "{}", relative(&file));
            }
        }
    }
    Ok(())
}

fn functions(file: &Path, keyword: &str) -> Result<Vec<String>, Failed> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let name = |line: &str| {
        let declared = line.trim_start_matches("pub ").trim_start_matches("async ");
        Some(declared.strip_prefix(keyword)?.split('(').next()?.to_owned())
    };
    Ok(text.lines().filter_map(name).collect())
}
