//! Writes the site's folder as a whole: first beside its place, then it is moved there. So a run
//! that is interrupted leaves the folder that was there before.

use std::fs;
use std::io::ErrorKind;
use std::path::{self, Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// A file of the site, with its name and its text.
pub type File = (String, String);

/// A file with the names of all files of a report. By it, a later report knows what it may replace.
const CONTENTS: &str = "contents.txt";

/// Is locked while files are written, so that Ctrl-C does not end the process meanwhile.
pub static WRITING: Mutex<()> = Mutex::new(());

/// Returns the path of a folder that may be replaced, without symbolic links: it does not exist, or
/// holds nothing but a report.
///
/// # Errors
///
/// If it holds something else, is something else, or if nothing can be written beside it.
pub fn replaceable(folder: &Path) -> Result<PathBuf> {
    let cannot_write = || format!("cannot write the report to {}", folder.display());
    let (folder, entries) = match folder.canonicalize() {
        Ok(folder) => (folder.clone(), Some(fs::read_dir(folder).with_context(cannot_write)?)),
        // A symbolic link that leads nowhere is found, but not its target.
        Err(error) if error.kind() == ErrorKind::NotFound && !folder.is_symlink() => {
            (path::absolute(folder)?, None)
        }
        Err(error) => return Err(error).with_context(cannot_write),
    };
    let contents = fs::read_to_string(folder.join(CONTENTS)).unwrap_or_default();
    for entry in entries.into_iter().flatten() {
        let name = entry.with_context(cannot_write)?.file_name();
        let is_ours = contents.lines().any(|line| name == line);
        ensure!(
            is_ours,
            "{}: it contains {}, which no report has written; name another folder with --out",
            cannot_write(),
            name.to_string_lossy()
        );
    }
    if folder.parent().is_some_and(Path::is_dir) {
        // Fails before the check runs, not after it.
        temporary_beside(&folder).with_context(cannot_write)?;
    }
    Ok(folder)
}

/// A new folder beside this one, which is removed when it is dropped.
fn temporary_beside(folder: &Path) -> Result<TempDir> {
    let parent = folder.parent().context("it has no parent")?;
    let created = fs::create_dir_all(parent).and_then(|()| {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".report-").tempdir_in(parent)
    });
    created.with_context(|| format!("cannot write to {}", parent.display()))
}

/// Replaces a folder by these files.
///
/// # Errors
///
/// If the folder may not be replaced, or if something cannot be written. Then it is as it was.
pub fn replace(folder: &Path, files: &[File]) -> Result<()> {
    let _writing = WRITING.lock().expect("no thread has panicked");
    let folder = replaceable(folder)?;
    let temporary = temporary_beside(&folder)?;
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
        fs::rename(&folder, &old).with_context(|| format!("cannot move {}", folder.display()))?;
    }
    if let Err(error) = fs::rename(&site, &folder) {
        if is_there {
            fs::rename(&old, &folder)?;
        }
        bail!("cannot move the report to {}: {error}", folder.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<File> {
        vec![("index.html".to_owned(), text.to_owned())]
    }

    fn index_of(folder: &Path) -> String {
        fs::read_to_string(folder.join("index.html")).unwrap()
    }

    #[test]
    fn a_report_to_which_a_file_was_added_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        replace(folder.path(), &files("one")).unwrap();
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        let error = replace(folder.path(), &files("two")).unwrap_err().to_string();
        assert!(error.contains("it contains notes.txt"), "{error}");
        assert_eq!(index_of(folder.path()), "one");
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_and_its_target_is_replaced() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, link) = (parent.path().join("report"), parent.path().join("link"));
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(replaceable(&link).is_err(), "it leads nowhere");
        replace(&folder, &files("one")).unwrap();
        replace(&link, &files("two")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(index_of(&folder), "two");
    }

    #[test]
    fn a_file_is_refused_and_left_alone() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "mine").unwrap();
        assert!(replace(file.path(), &files("one")).is_err());
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "mine");
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_old_report() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("new/report");
        replace(&folder, &files("one")).unwrap();
        let more = [files("two"), vec![("no/such/folder".to_owned(), String::new())]].concat();
        assert!(replace(&folder, &more).is_err());
        assert_eq!(index_of(&folder), "one");
        assert_eq!(fs::read_dir(parent.path().join("new")).unwrap().count(), 1);
    }
}
