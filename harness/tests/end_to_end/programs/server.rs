//! Strangers who connect to the servers and misbehave. Each ends its own handler and nothing else.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::thread;
use std::time::Duration;

use harness::judge::transcript::elapsed_seconds;
use harness::program::Program;
use harness::run::supervisor::descendants;
use harness::run::{End, Line};
use nix::libc::linger;
use nix::sys::socket::{setsockopt, sockopt::Linger};
use nix::unistd::{Pid, getpid};

use super::copies;
use crate::setting::{LONG, TestResult, runner, wait_for};

/// In a copy of the program, the server sleeps for 5 s, so all strangers come while it serves its
/// own clients. One of them is silent until the program has ended.
pub fn strangers(program: Program) -> TestResult {
    copies::build()?;
    let command = copies::command_of(&program);
    let arguments: Vec<_> = command.iter().map(|one| one.as_encoded_bytes()).collect();
    let outcome = thread::scope(|scope| -> io::Result<_> {
        let outcome = scope.spawn(|| runner(LONG).run(&command));
        let port = wait_for("the server", || {
            if outcome.is_finished() { Some(None) } else { listening(&arguments).map(Some) }
        });
        let _silent = port.map(misbehave).transpose()?;
        Ok(outcome.join().expect("running a program does not panic"))
    })?;
    let texts = |lines: &[Line]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    assert_eq!((texts(&outcome.stderr), &outcome.end), (Vec::new(), &End::Exited(0)));
    // The last line has the elapsed time.
    let mut lines = texts(&outcome.lines);
    assert!(lines.pop().is_some_and(|line| elapsed_seconds(&line).is_some()), "{lines:?}");
    let own = program.listing.lines().map(|line| line.text).filter(|line| !line.contains('…'));
    let mut expected: Vec<_> = own.chain(["In pieces", "Gone"]).collect();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected, "the lines of the server and of its own clients");
    Ok(())
}

/// Returns the connection of a stranger who sends nothing.
fn misbehave(port: u16) -> io::Result<TcpStream> {
    let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    let silent = connect()?;
    // They disconnect: at once, after half a message, and before the answer.
    drop(connect()?);
    reset(connect()?)?;
    connect()?.write_all(b"half")?;
    let mut half = connect()?;
    half.write_all(b"half")?;
    reset(half)?;
    let mut gone = connect()?;
    gone.write_all(b"Gone\n")?;
    // A message comes in pieces.
    let mut pieces = connect()?;
    for piece in ["In ", "pie", "ces", "\n"] {
        pieces.write_all(piece.as_bytes())?;
        thread::sleep(Duration::from_millis(50));
    }
    // A message is too long.
    let mut long = connect()?;
    long.write_all(&[b'x'; 1_100])?;
    let mut longer = connect()?;
    longer.write_all(&[b'x'; 100_000]).or_else(is_disconnected)?;
    longer.write_all(b"\n").or_else(is_disconnected)?;
    for mut refused in [long, longer] {
        let mut answer = String::new();
        refused.read_to_string(&mut answer).map(drop).or_else(is_disconnected)?;
        assert_eq!(answer, "");
    }
    reset(gone)?;
    Ok(silent)
}

/// Disconnects in such a way that the server's reads and writes fail.
fn reset(stream: TcpStream) -> io::Result<()> {
    Ok(setsockopt(&stream, Linger, &linger { l_onoff: 1, l_linger: 0 })?)
}

fn is_disconnected(error: io::Error) -> io::Result<()> {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    }
}

/// The port on which a process of this command listens, if there is one.
fn listening(command: &[&[u8]]) -> Option<u16> {
    let is_it = |pid: &Pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).take(command.len()).eq(command.iter().copied())
    };
    let pid = descendants(getpid()).into_iter().find(is_it)?;
    let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let sockets: Vec<_> = files.filter_map(|file| fs::read_link(file.path()).ok()).collect();
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let &[_, address, _, "0A", _, _, _, _, _, inode, ..] = &fields[..] else { return None };
        let is_its = sockets.iter().any(|one| one.to_str() == Some(&format!("socket:[{inode}]")));
        let port = address.rsplit(':').next().filter(|_| is_its)?;
        u16::from_str_radix(port, 16).ok()
    })
}
