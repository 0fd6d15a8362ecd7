//! Writes the site's folder, all at once: first beside its place, then moved there. So a run that is
//! interrupted leaves the folder that was there before.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};

/// A file of the site, with its name and its text.
pub type File = (String, String);

/// A file with the names of all files of a report. By it, a later report knows what it may replace.
const CONTENTS: &str = "contents.txt";

/// Is locked while files are written, so that Ctrl-C does not end the process meanwhile.
pub static WRITING: Mutex<()> = Mutex::new(());

/// Checks that a folder may be replaced: it does not exist, or holds nothing but a report.
///
/// # Errors
///
/// If it holds something else, or cannot be read.
pub fn ensure_replaceable(folder: &Path) -> Result<()> {
    let cannot_write = || format!("cannot write the report to {}", folder.display());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(cannot_write),
    };
    let contents = fs::read_to_string(folder.join(CONTENTS)).unwrap_or_default();
    for entry in entries {
        let name = entry.with_context(cannot_write)?.file_name();
        let is_ours = contents.lines().any(|line| name == line);
        ensure!(
            is_ours,
            "{}: it contains {}, which no report has written; name another folder with --out",
            cannot_write(),
            name.to_string_lossy()
        );
    }
    Ok(())
}

/// Replaces a folder by these files.
///
/// # Errors
///
/// If the folder may not be replaced, or if something cannot be written. Then it is as it was.
pub fn replace(folder: &Path, files: &[File]) -> Result<()> {
    let _writing = WRITING.lock().expect("no thread has panicked");
    ensure_replaceable(folder)?;
    let parent = parent(folder)?;
    let cannot_write = || format!("cannot write to {}", parent.display());
    fs::create_dir_all(&parent).with_context(cannot_write)?;
    let mut builder = tempfile::Builder::new();
    let temporary = builder.prefix(".report-").tempdir_in(&parent).with_context(cannot_write)?;
    let site = temporary.path().join("site");
    fs::create_dir(&site)?;
    let names = files.iter().map(|(name, _)| name.as_str()).chain([CONTENTS]);
    let contents = names.collect::<Vec<_>>().join("\n") + "\n";
    for (name, text) in files.iter().chain([&(CONTENTS.to_owned(), contents)]) {
        let file = site.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    // The old report ends with the temporary folder.
    let old = temporary.path().join("old");
    let is_there = folder.exists();
    if is_there {
        fs::rename(folder, &old).with_context(|| format!("cannot move {}", folder.display()))?;
    }
    if let Err(error) = fs::rename(&site, folder) {
        if is_there {
            fs::rename(&old, folder)?;
        }
        bail!("cannot move the report to {}: {error}", folder.display());
    }
    Ok(())
}

fn parent(folder: &Path) -> Result<PathBuf> {
    match folder.parent() {
        Some(parent) if parent == Path::new("") => Ok(PathBuf::from(".")),
        Some(parent) => Ok(parent.to_owned()),
        None => bail!("cannot write the report to {}: it has no parent", folder.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<File> {
        vec![("index.html".to_owned(), text.to_owned())]
    }

    #[test]
    fn a_report_replaces_a_report_and_leaves_nothing_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("new/report");
        replace(&folder, &[("gone.html".to_owned(), String::new())]).unwrap();
        replace(&folder, &files("two")).unwrap();
        assert_eq!(fs::read_to_string(folder.join("index.html")).unwrap(), "two");
        assert!(!folder.join("gone.html").exists());
        assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_with_other_files_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "mine").unwrap();
        let error = replace(folder.path(), &files("one")).unwrap_err().to_string();
        let expected =
            "it contains thesis.txt, which no report has written; name another folder with --out";
        assert!(error.ends_with(expected), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_report_to_which_a_file_was_added_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("report");
        replace(&folder, &files("one")).unwrap();
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        let error = replace(&folder, &files("two")).unwrap_err().to_string();
        assert!(error.contains("it contains notes.txt"), "{error}");
        assert_eq!(fs::read_to_string(folder.join("index.html")).unwrap(), "one");
    }

    #[test]
    fn a_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report");
        fs::write(&file, "mine").unwrap();
        assert!(replace(&file, &files("one")).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_old_report() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("report");
        replace(&folder, &files("one")).unwrap();
        let mut more = files("two");
        more.push(("no/such/folder".to_owned(), String::new()));
        assert!(replace(&folder, &more).is_err());
        assert_eq!(fs::read_to_string(folder.join("index.html")).unwrap(), "one");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
