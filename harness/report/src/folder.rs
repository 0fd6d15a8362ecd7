//! Writes the site's folder as a whole: first into a temporary folder beside it, then the two change
//! places. So a run that is interrupted or killed leaves a whole site. Where the system cannot
//! exchange folders, a run that is killed between two moves may leave none. The next run ends what a
//! killed run began.

use std::fs;
use std::io;
use std::path::{self, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use nix::fcntl::{Flock, FlockArg};
use nix::unistd::{AccessFlags, access};

/// A file with the names of all files of a report. By it, a later report knows what it may replace.
const CONTENTS: &str = "contents.txt";

/// What a site's folder may have besides, for git, for a host of pages and for the Finder. It stays.
const KEPT: [&str; 3] = [".git", "CNAME", ".DS_Store"];

/// Waits until no other thread or process writes a site beside this folder. It is held while files
/// are written, so that Ctrl-C does not end the process meanwhile. `None` where there are no locks.
pub fn lock(folder: &Path) -> Option<Flock<fs::File>> {
    let parent = fs::File::open(folder.parent()?).ok()?;
    Flock::lock(parent, FlockArg::LockExclusive).ok()
}

/// Returns the path of a folder that may be replaced, without symbolic links: it does not exist, or
/// holds nothing but a report and [`KEPT`].
///
/// # Errors
///
/// If it holds something else, is something else, or if it or its parent cannot be written to.
pub fn replaceable(folder: &Path) -> Result<PathBuf> {
    let cannot_write = || format!("cannot write the report to {}", folder.display());
    // A symbolic link may lead nowhere. That is an error.
    let is_there = folder.is_symlink() || folder.try_exists().with_context(cannot_write)?;
    let found = if is_there { folder.canonicalize() } else { path::absolute(folder) };
    let folder = found.with_context(cannot_write)?;
    let _lock = lock(&folder);
    settle(&folder).with_context(cannot_write)?;
    let contents = fs::read_to_string(folder.join(CONTENTS)).unwrap_or_default();
    let entries = folder.exists().then(|| fs::read_dir(&folder)).transpose();
    for entry in entries.with_context(cannot_write)?.into_iter().flatten() {
        let name = entry.with_context(cannot_write)?.file_name();
        let is_ours = contents.lines().chain(KEPT).any(|line| name == line);
        ensure!(
            is_ours,
            "{}: it contains {}, which no report has written; name another folder with --out",
            cannot_write(),
            name.to_string_lossy()
        );
    }
    // Fails before the check runs, not after it.
    for place in folder.ancestors().take(2).filter(|place| place.exists()) {
        access(place, AccessFlags::W_OK | AccessFlags::X_OK)
            .with_context(|| format!("{}: {}", cannot_write(), place.display()))?;
    }
    Ok(folder)
}

/// Where the new site is written, and where the old one waits if the two cannot be exchanged.
fn beside(folder: &Path) -> [PathBuf; 2] {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    ["new", "old"].map(|which| folder.with_file_name(format!(".{name}.report-{which}")))
}

/// Ends what a run began, also one that was killed: puts back the old site if there is none, and what
/// is kept, and removes the rest.
fn settle(folder: &Path) -> Result<()> {
    let [new, old] = beside(folder);
    if old.exists() && !folder.exists() {
        fs::rename(&old, folder)?;
    }
    for left in [new, old].iter().filter(|left| left.exists()) {
        for name in KEPT {
            let (from, to) = (left.join(name), folder.join(name));
            // The Finder makes a new one at any time.
            if from.exists() && !(name == ".DS_Store" && to.exists()) {
                let (left, new) = (from.display(), to.display());
                ensure!(!to.exists(), "a killed run left {left}, but {new} exists; remove one");
                fs::create_dir_all(folder)?;
                fs::rename(from, to)?;
            }
        }
        fs::remove_dir_all(left)?;
    }
    Ok(())
}

/// Replaces a folder by these files.
///
/// # Errors
///
/// If the folder may not be replaced, or if something cannot be written. Then it is as it was.
pub fn replace(folder: &Path, files: &[(String, impl AsRef<[u8]>)]) -> Result<()> {
    let folder = replaceable(folder)?;
    let parent = folder.parent().unwrap_or(&folder);
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let _lock = lock(&folder);
    let written = write(&folder, files);
    // This cleans up also after an error, which says more than one of settle.
    written.and(settle(&folder))
}

fn write(folder: &Path, files: &[(String, impl AsRef<[u8]>)]) -> Result<()> {
    let [new, old] = beside(folder);
    fs::create_dir(&new).with_context(|| format!("cannot create {}", new.display()))?;
    let names = files.iter().map(|(name, _)| name.as_str()).chain([CONTENTS]);
    let contents = names.collect::<Vec<_>>().join("\n") + "\n";
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_ref()));
    for (name, text) in files.chain([(CONTENTS, contents.as_bytes())]) {
        let file = new.join(name);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    exchange(&new, folder)
        .or_else(|_| move_over(&new, folder, &old))
        .with_context(|| format!("cannot move the report to {}", folder.display()))
}

/// Exchanges two folders, if the system can do that at once.
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
        Ok(renameat2(AT_FDCWD, one, AT_FDCWD, other, RenameFlags::RENAME_EXCHANGE)?)
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    Err(io::ErrorKind::Unsupported.into())
}

/// Moves the new folder to the place of the old one.
fn move_over(new: &Path, folder: &Path, old: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::rename(folder, old)?;
    }
    fs::rename(new, folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<(String, String)> {
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

        // Killed before the site was complete.
        let [new, old] = beside(&folder);
        fs::create_dir(&new).unwrap();
        // It is not another folder's.
        replaceable(&other).unwrap();
        assert!(new.exists());
        // Killed after the exchange, and after CNAME had moved.
        fs::rename(folder.join(".git"), new.join(".git")).unwrap();
        replaceable(&folder).unwrap();
        is_whole("two");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
        // Killed between the two moves of a system without exchange.
        fs::create_dir(&new).unwrap();
        fs::rename(&folder, &old).unwrap();
        replaceable(&folder).unwrap();
        is_whole("two");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
        // Killed before .git had moved, and then git made another one.
        fs::create_dir_all(new.join(".git")).unwrap();
        let error = format!("{:#}", replaceable(&folder).unwrap_err());
        assert!(error.ends_with("/report/.git exists; remove one"), "{error}");
        assert!(new.join(".git").exists());
    }

    #[test]
    fn folders_change_places() {
        let parent = tempfile::tempdir().unwrap();
        let [one, other, old] = ["one", "other", "old"].map(|name| parent.path().join(name));
        replace(&one, &files("one")).unwrap();
        replace(&other, &files("other")).unwrap();
        exchange(&one, &other).unwrap();
        assert_eq!([&one, &other].map(|folder| index_of(folder)), ["other", "one"]);
        move_over(&one, &other, &old).unwrap();
        assert_eq!([&other, &old].map(|folder| index_of(folder)), ["other", "one"]);
        assert!(!one.exists());
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
