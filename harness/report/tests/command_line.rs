//! The command line of the report: what it writes, what it refuses, and its exit status.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use flate2::read::GzDecoder;
use harness::catalog::{SECTIONS, Section, all_listings};
use harness::measure::measured_file;
use harness::run::supervisor::descendants;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

fn report(arguments: &[&str]) -> Output {
    Command::new(executable()).args(arguments).output().unwrap()
}

/// The report's executable. nextest says where it is, because it may come from another machine.
fn executable() -> PathBuf {
    let file = env::var_os("NEXTEST_BIN_EXE_report");
    file.unwrap_or_else(|| env!("CARGO_BIN_EXE_report").into()).into()
}

/// The error for a command line that has to be refused.
fn refused(arguments: &[&str]) -> String {
    let output = report(arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with("error: "), "{error}");
    error
}

fn saved(name: &str) -> Value {
    serde_json::from_slice(&fs::read(measured_file(name)).unwrap()).unwrap()
}

/// A folder for the site, and files beside it.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn site(&self) -> String {
        self.path("site")
    }

    fn file(&self, name: &str, text: &str) -> String {
        let file = self.path(name);
        fs::write(&file, text).unwrap();
        file
    }

    /// A file with saved results, but with another value at this JSON pointer.
    fn changed(&self, name: &str, pointer: &str, value: Value) -> String {
        let mut results = saved(name);
        *results.pointer_mut(pointer).unwrap() = value;
        self.file(name, &results.to_string())
    }

    /// An executable script. Another process makes it: if this one did, a child that another test
    /// starts meanwhile could inherit the open file, which could then not be run.
    fn script(&self, name: &str, text: &str) -> String {
        let (file, text) = (self.path(name), format!("#!/bin/sh\n{text}\n"));
        run("sh", &["-c", "printf %s \"$1\" > \"$0\" && chmod +x \"$0\"", &file, &text]);
        file
    }

    /// The files of the site.
    fn files(&self) -> BTreeMap<String, String> {
        let Ok(entries) = fs::read_dir(self.site()) else { return BTreeMap::new() };
        let read = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
        };
        entries.map(|entry| read(entry.unwrap().path())).collect()
    }

    /// How many files and folders there are, the site included.
    fn entries(&self) -> usize {
        fs::read_dir(self.0.path()).unwrap().count()
    }
}

#[test]
fn saved_results_make_a_site_and_the_browser_opens_it() {
    let (place, tools) = (Place::new(), Place::new());
    fs::create_dir(place.site()).unwrap();
    place.file("site/CNAME", "example.org");
    let mut arguments = vec!["--out".to_owned(), place.site()];
    for (name, pointer, value) in [
        ("check.json", "/python", json!("9.9.1")),
        ("scale.json", "/machine/cpu", json!("processor of scale")),
        ("cores.json", "/machine/cpu", json!("processor of cores")),
        ("spawn.json", "/machine/cpu", json!("processor of spawn")),
    ] {
        arguments.extend(["--from".to_owned(), place.changed(name, pointer, value)]);
    }
    let opened = tools.path("opened");
    if cfg!(target_os = "linux") {
        tools.script("xdg-open", &format!("echo \"$1\" > {opened}"));
        arguments.push("--open".to_owned());
    }
    let path = format!("{}:{}", tools.path(""), env::var("PATH").unwrap());
    let output = Command::new(executable()).args(arguments).env("PATH", path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(Path::new(printed.trim_end()).is_file() && printed.ends_with("/index.html\n"));
    if cfg!(target_os = "linux") {
        wait_for(|| (fs::read_to_string(&opened).ok()? == printed).then_some(()));
    }
    let files = place.files();
    // Each measurement has its own processor.
    let chapters: Vec<_> = files["costs.html"].split("<h2 ").collect();
    for (text, shown) in [
        (&*files["programs.html"], "with CPython 9.9.1."),
        (&files["programs.html"], "The programs ran one at a time. "),
        (&files["programs.html"], " ms</b>"),
        (chapters[1], "Measured on processor of scale with "),
        (chapters[2], "Measured on processor of cores with "),
        (chapters[3], "Measured on processor of spawn with "),
    ] {
        assert!(text.contains(shown), "{shown} is not shown");
    }
    assert!(!files["programs.html"].contains("same time"));
    for shown in ["The programs ran one at a time.", "Past two seconds, in ms"] {
        assert!(files["asyncio-results.html"].contains(shown), "{shown} is not shown");
    }
    let trace = "multiprocessing-workers.trace.json.gz";
    assert!(files["multiprocessing-workers.html"].contains(&format!("href=\"{trace}\" download")));
    let trace = GzDecoder::new(fs::File::open(place.path(&format!("site/{trace}"))).unwrap());
    let trace: Value = serde_json::from_reader(trace).unwrap();
    let of_kind = |kind: &str| {
        let events = trace["traceEvents"].as_array().unwrap().iter();
        events.filter(|event| event["ph"] == kind).collect::<Vec<_>>()
    };
    // Five programs, each with four greeters, and a line of its own at its end.
    assert_eq!((of_kind("X").len(), of_kind("i").len()), (5 * 4, 5 * 5));
    for sleep in of_kind("X") {
        // In microseconds. A second, but it ends with the program.
        assert!((900_000.0..=1_000_000.0).contains(&sleep["dur"].as_f64().unwrap()), "{sleep}");
    }
    let name = of_kind("M")[0]["args"]["name"].to_string();
    assert!(name.starts_with("\"multiprocessing::workers::python "), "{name}");
    for (section, listing) in all_listings() {
        assert!(files.contains_key(&format!("{}-{}.html", section.name, listing.name)));
    }
    assert_eq!(files["CNAME"], "example.org");
    // A system without fonts draws no picture.
    let address = "content=\"https:&#x2f;&#x2f;example.org&#x2f;preview.png\"";
    assert_eq!(files["costs.html"].contains(address), files.contains_key("preview.png"));
    let sizes = fs::read_dir(place.site()).unwrap();
    let bytes: u64 = sizes.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 3_000_000, "{bytes} bytes");
}

#[test]
fn the_pictures_are_those_of_the_measurements() {
    let place = Place::new();
    let folder = place.path("no/folder");
    assert_eq!(report(&["--pictures", &folder]).status.code(), Some(0));
    for name in ["timeline.svg", "tasks.svg"] {
        let rendered = fs::read_to_string(format!("{folder}/{name}")).unwrap();
        let committed = fs::read_to_string(measured_file(name)).unwrap();
        let message =
            "is out of date; run: cargo run --release -p report -- --pictures harness/measured";
        assert!(rendered == committed, "harness/measured/{name} {message}");
    }
}

#[test]
fn bad_input_is_refused_and_nothing_is_written() {
    let place = Place::new();
    let check = measured_file("check.json").display().to_string();
    let text = place.file("text.json", "no JSON");
    let other = place.file("other.json", "{\"name\": 1}");
    let incomplete = place.file("incomplete.json", "{\"programs\": []}");
    let changed = |file: &str, key: &str, value: Value| {
        let changed = place.changed("check.json", &format!("/programs/0/{key}"), value);
        fs::rename(changed, place.path(file)).unwrap();
        place.path(file)
    };
    let unknown = changed("unknown.json", "listing", json!("no-such-listing"));
    let mpi = changed("mpi.json", "implementation", json!("mpi"));
    let early = changed("early.json", "overhead_s", json!(-0.5));
    let mut check_json = saved("check.json");
    let programs = check_json["programs"].as_array_mut().unwrap();
    programs.push(programs[0].clone());
    let twice = place.file("twice.json", &check_json.to_string());
    let entries = place.entries();
    for (files, reason) in [
        (vec!["missing.json"], "cannot read missing.json: No such file"),
        (vec![&text], "text.json: it is not JSON: expected"),
        (vec![&other], "it is not the JSON of check, scale, cores or the benchmark of spawning"),
        (
            vec![&incomplete],
            "it is not the JSON that this version of check prints: missing field `wall_s`",
        ),
        (vec![&check, &check], "check.json: two files are the JSON of check; name one"),
        (vec![&unknown], "no check runs threading::no-such-listing::python"),
        (vec![&twice], "two programs are threading::creating-a-thread::python"),
        (vec![&mpi], "no check runs threading::creating-a-thread::mpi"),
        (
            vec![&early],
            "it took less than its sleep, but passed: threading::creating-a-thread::python",
        ),
    ] {
        let site = place.site();
        let mut arguments = vec!["--out", &site];
        arguments.extend(files.iter().flat_map(|file| ["--from", file]));
        let error = refused(&arguments);
        assert!(error.contains(reason), "{error}");
        assert_eq!(place.entries(), entries);
    }
    // A folder with other files. The check would have said how many programs passed.
    let error = refused(&["--out", &place.path("")]);
    let reason = ".json, which no report has written; name another folder with --out";
    assert!(error.contains(reason) && !error.contains("passed"), "{error}");
    assert_eq!(place.entries(), entries);
}

#[test]
fn programs_that_did_not_run_are_shown_as_such() {
    let place = Place::new();
    let mut check = saved("check.json");
    let programs = check["programs"].as_array_mut().unwrap();
    programs.retain(|program| program["implementation"] != "smol");
    for program in programs.iter_mut().filter(|program| program["implementation"] == "python") {
        *program = json!({ "section": program["section"], "listing": program["listing"],
            "implementation": "python", "verdict": "skipped",
            "reason": "no Python was found", "faults": [], "lines": [] });
    }
    let count = |verdict: &str| programs.iter().filter(|one| one["verdict"] == verdict).count();
    let (programs, passed, skipped) = (programs.len(), count("pass"), count("skipped"));
    let checked = all_listings().filter(|(_, listing)| !listing.is_measured());
    let cells: usize = checked.map(|(_, listing)| listing.implementations.len()).sum();
    check["python"] = json!(null);
    check["jobs"] = json!(7);
    check["date"] = json!("2026-11-28");
    check["machine"] =
        json!({ "cpu": "AMD", "cores": 9, "memory_bytes": 1, "system": "Linux 1.2" });
    let make_site = |check: &Value| {
        let check = place.file("check.json", &check.to_string());
        let output = report(&["--from", &check, "--out", &place.site()]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(make_site(&check).0, Some(0));
    let files = place.files();
    let shown = |text: &str| files["programs.html"].matches(text).count();
    assert_eq!((shown(">skipped<"), shown(">not run<")), (skipped, cells - programs));
    let counts = format!(
        "{programs} programs: {passed} passed, 0 failed, {skipped} skipped ({skipped} because no \
        Python was found)."
    );
    assert_eq!(shown(&counts), 1, "{counts}");
    let page = &files["threading-workers.html"];
    assert!(page.contains("<p>Skipped, because no Python was found.</p>"));
    // Seven at a time, so no overhead is shown.
    let slowed = "7 programs ran at the same time, and slowed each other down.";
    assert!(page.contains(slowed) && !page.contains("Past two seconds"));
    let setting = "Checked on 2026-11-28 on AMD with 9 cores, Linux 1.2, without Python.";
    assert!(page.contains(setting) && files["programs.html"].contains(setting), "{page}");
    assert_eq!((shown(slowed), shown("one at a time. The"), shown(" ms</b>")), (1, 0, 0));
    assert!(shown("2.00 s</b>") > 20);

    // It succeeds only if a program passed, and none failed. It names those that failed.
    check["programs"][1]["verdict"] = json!("fail");
    let (status, said) = make_site(&check);
    assert_eq!(status, Some(1));
    assert!(said.ends_with("skipped\nfailed: threading::creating-a-thread::std-only\n"), "{said}");
    check["programs"].as_array_mut().unwrap().retain(|one| one["verdict"] == "skipped");
    let no_program = "error: no program ran\n";
    assert_eq!(
        make_site(&check),
        (Some(1), format!("0 passed, 0 failed, {skipped} skipped\n{no_program}"))
    );
    check["programs"] = json!([]);
    assert_eq!(
        make_site(&check),
        (Some(1), format!("0 passed, 0 failed, 0 skipped\n{no_program}"))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn without_saved_results_the_check_runs_and_ctrl_c_leaves_the_old_site() {
    let place = Place::new();
    fs::create_dir(place.site()).unwrap();
    place.file("site/index.html", "old");
    place.file("site/gone.html", "old");
    place.file("site/contents.txt", "index.html\ngone.html\ncontents.txt\n");
    let old = place.files();
    let (tools, other_tools) = (Place::new(), Place::new());

    // No example ends before the harness kills it, which is 30 s after its start.
    let path = env::var("PATH").unwrap();
    let mut interrupted = start(&place, &tools, &format!("PATH='{path}' exec sleep 600"));
    let processes = wait_for(|| {
        let processes = descendants(pid(&interrupted));
        (processes.len() > 50).then_some(processes)
    });
    kill(pid(&interrupted), Signal::SIGINT).unwrap();
    assert_eq!(interrupted.wait().unwrap().code(), Some(130));
    let is_there = |process: &Pid| Path::new(&format!("/proc/{process}")).exists();
    wait_for(|| (!processes.iter().any(is_there)).then_some(()));
    assert!(place.files() == old && place.entries() == 1);

    let mut completed = start(&place, &other_tools, "echo not the line of a listing");
    assert_eq!(completed.wait().unwrap().code(), Some(1));
    let new = place.files();
    assert!(new["programs.html"].contains("not the line of a listing"));
    assert!(!new.contains_key("gone.html"));
    assert_eq!(place.entries(), 1);
}

/// Starts a report that runs the check, without Python, and with a script as all examples. A copy
/// of the executable runs, because the archived one takes the examples of its archive.
fn start(place: &Place, tools: &Place, script: &str) -> Child {
    let copy = tools.path("report");
    run("cp", &[executable().to_str().unwrap(), &copy]);
    let example = tools.script("example", script);
    let message = |section: &Section| {
        let name = format!("examples-{}", section.name);
        json!({ "target": { "name": name }, "executable": example }).to_string()
    };
    let messages: String = SECTIONS.iter().map(message).collect();
    let cargo = tools.script("cargo", &format!("echo '{messages}'"));
    let mut command = Command::new(copy);
    command.args(["--out", &place.site()]).env("CARGO", cargo).env("PATH", tools.path("empty"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id() as i32)
}

/// Runs a command that has to succeed.
fn run(command: &str, arguments: &[&str]) {
    assert!(Command::new(command).args(arguments).status().unwrap().success());
}

/// Polls `done` for up to five minutes.
fn wait_for<T>(done: impl Fn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(started.elapsed() < Duration::from_secs(300), "waited for five minutes");
        thread::sleep(Duration::from_millis(20));
    }
}
