//! Writes the site's folder as a whole: first beside its place, then the two change places. So a run
//! that is interrupted or killed leaves a whole site. Where the system cannot exchange folders, a run
//! that is killed between two moves may leave none, and the next run puts the old one back.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{self, Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A file of the site, with its name and its text.
pub type File = (String, String);

/// A file with the names of all files of a report. By it, a later report knows what it may replace.
const CONTENTS: &str = "contents.txt";

/// What a site's folder may have besides, for git, for a host of pages and for the Finder. It stays.
const KEPT: [&str; 3] = [".git", "CNAME", ".DS_Store"];

/// Is locked while files are written, so that Ctrl-C does not end the process meanwhile.
pub static WRITING: Mutex<()> = Mutex::new(());

/// Returns the path of a folder that may be replaced, without symbolic links: it does not exist, or
/// holds nothing but a report and [`KEPT`].
///
/// # Errors
///
/// If it holds something else, is something else, or if nothing can be written beside it.
pub fn replaceable(folder: &Path) -> Result<PathBuf> {
    let cannot_write = || format!("cannot write the report to {}", folder.display());
    recover(folder).with_context(cannot_write)?;
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
        let is_ours = contents.lines().chain(KEPT).any(|line| name == line);
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
        builder.prefix(PREFIX).suffix(&suffix(folder)).tempdir_in(parent)
    });
    created.with_context(|| format!("cannot write to {}", parent.display()))
}

/// The beginning of a temporary folder's name. Six letters follow, and then [`suffix`].
const PREFIX: &str = ".report-";

/// The end of the name of this folder's temporary ones.
fn suffix(folder: &Path) -> String {
    format!(".{}", folder.file_name().unwrap_or_default().to_string_lossy())
}

/// Puts back what a run left in a temporary folder when it was killed between two moves.
fn recover(folder: &Path) -> io::Result<()> {
    let folder = folder.canonicalize().or_else(|_| path::absolute(folder))?;
    let entries = folder.parent().and_then(|parent| fs::read_dir(parent).ok());
    for entry in entries.into_iter().flatten() {
        let temporary = entry?;
        let name = temporary.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.get(6..));
        if rest != Some(&suffix(&folder)) {
            continue;
        }
        let [site, old] = ["site", "old"].map(|name| temporary.path().join(name));
        if old.exists() && !folder.exists() {
            fs::rename(&old, &folder)?;
        }
        if folder.is_dir() {
            move_kept(&site, &folder)?;
        }
    }
    Ok(())
}

/// Moves what is kept from one folder to another, unless it is there.
fn move_kept(from: &Path, to: &Path) -> io::Result<()> {
    for name in KEPT.iter().filter(|name| from.join(name).exists() && !to.join(name).exists()) {
        fs::rename(from.join(name), to.join(name))?;
    }
    Ok(())
}

/// Exchanges two folders, by way of `between` if the system cannot do it at once. If the second does
/// not exist, it becomes the first.
fn exchange(one: &Path, other: &Path, between: &Path) -> io::Result<()> {
    if !other.exists() {
        return fs::rename(one, other);
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
        if renameat2(AT_FDCWD, one, AT_FDCWD, other, RenameFlags::RENAME_EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    exchange_in_moves(one, other, between)
}

fn exchange_in_moves(one: &Path, other: &Path, between: &Path) -> io::Result<()> {
    fs::rename(other, between)?;
    fs::rename(one, other).or_else(|error| fs::rename(between, other).and(Err(error)))?;
    fs::rename(between, one)
}

/// Replaces a folder by these files.
///
/// # Errors
///
/// If the folder may not be replaced, or if something cannot be written. Then it is as it was.
pub fn replace(folder: &Path, files: &[(String, impl AsRef<[u8]>)]) -> Result<()> {
    let _writing = WRITING.lock().expect("no thread has panicked");
    let folder = replaceable(folder)?;
    let temporary = temporary_beside(&folder)?;
    let site = temporary.path().join("site");
    fs::create_dir(&site)?;
    let write = |name: &str, text: &[u8]| {
        let file = site.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    };
    let names = files.iter().map(|(name, _)| name.as_str()).chain([CONTENTS]);
    write(CONTENTS, (names.collect::<Vec<_>>().join("\n") + "\n").as_bytes())?;
    files.iter().try_for_each(|(name, text)| write(name, text.as_ref()))?;
    let moved = move_kept(&folder, &site)
        .and_then(|()| exchange(&site, &folder, &temporary.path().join("old")));
    // What is left there ends with the temporary folder: the old report, or the new one.
    move_kept(&site, &folder)?;
    moved.with_context(|| format!("cannot move the report to {}", folder.display()))
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

    #[test]
    fn what_is_kept_stays_also_if_a_run_was_killed() {
        let parent = tempfile::tempdir().unwrap();
        let [folder, other] = ["report", "other"].map(|name| parent.path().join(name));
        let is_whole = |text: &str| {
            assert_eq!(index_of(&folder), text);
            assert!(folder.join(".git/HEAD").exists() && folder.join("CNAME").exists());
        };
        replace(&folder, &files("one")).unwrap();
        fs::create_dir(folder.join(".git")).unwrap();
        for name in [".git/HEAD", "CNAME", ".DS_Store"] {
            fs::write(folder.join(name), "mine").unwrap();
        }
        replace(&folder, &files("two")).unwrap();
        is_whole("two");
        replace(&other, &files("three")).unwrap();
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);

        // Killed after CNAME has moved, or between the two moves of a system without exchange.
        let left = temporary_beside(&folder).unwrap().keep();
        let site = left.join("site");
        fs::create_dir(&site).unwrap();
        fs::rename(folder.join("CNAME"), site.join("CNAME")).unwrap();
        // It is not another folder's.
        replaceable(&other).unwrap();
        replaceable(&folder).unwrap();
        is_whole("two");
        fs::rename(folder.join(".git"), site.join(".git")).unwrap();
        fs::rename(&folder, left.join("old")).unwrap();
        replaceable(&folder).unwrap();
        is_whole("two");
    }

    #[test]
    fn folders_change_places() {
        let parent = tempfile::tempdir().unwrap();
        let [one, other, between] =
            ["one", "other", "between"].map(|name| parent.path().join(name));
        replace(&one, &files("one")).unwrap();
        replace(&other, &files("other")).unwrap();
        exchange(&one, &other, &between).unwrap();
        assert_eq!([&one, &other].map(|folder| index_of(folder)), ["other", "one"]);
        exchange_in_moves(&one, &other, &between).unwrap();
        assert_eq!([&one, &other].map(|folder| index_of(folder)), ["one", "other"]);
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
