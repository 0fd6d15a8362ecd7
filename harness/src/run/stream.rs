//! The output of a program: lines, each with the time at which it was read.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::supervisor::now;

/// The longest line that is kept, in bytes, and the most lines that are kept. The rest is counted.
const LONGEST_LINE: usize = 1_000;
const MOST_LINES: usize = 1_000;

/// A line that a program printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When the harness had read it, counted from just before the program was started. The program
    /// had printed it by then.
    pub at: Duration,
    /// The text without the newline. Invalid UTF-8 is replaced by U+FFFD. A very long line is
    /// truncated, and its length is appended.
    pub text: String,
    /// Whether it ended in a newline.
    pub is_whole: bool,
    /// Whether it ended after the program itself had ended: a child of the program printed it.
    pub is_after_end: bool,
}

/// Waits until some of the streams can be read or have ended, and reads them, or until the limit.
/// Each is read once, which empties a pipe of the default size.
pub fn read_any<const N: usize>(streams: [&mut Stream; N], limit: Duration) -> Result<()> {
    let mut open: Vec<_> = streams.into_iter().filter(|stream| stream.is_open()).collect();
    let mut waiting: Vec<_> = open
        .iter()
        .filter_map(|stream| stream.source.as_ref())
        .map(|source| PollFd::new(source.as_fd(), PollFlags::POLLIN))
        .collect();
    // poll(2) takes whole milliseconds. One more makes sure that the limit has passed.
    let milliseconds = PollTimeout::try_from(limit.as_millis() + 1).unwrap_or(PollTimeout::MAX);
    match poll(&mut waiting, milliseconds) {
        Ok(0) | Err(Errno::EINTR) => return Ok(()),
        Ok(_) => {}
        Err(error) => return Err(error).context("cannot wait for the program's output"),
    }
    let ready: Vec<_> = waiting.iter().map(|fd| fd.any() == Some(true)).collect();
    for (stream, _) in open.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
        stream.read().context("cannot read the program's output")?;
    }
    Ok(())
}

/// The reading end of a pipe or a socket, and the lines that were read from it.
pub struct Stream {
    source: Option<File>,
    pub lines: Vec<Line>,
    pub more_lines: usize,
    /// Whether the program has ended.
    pub is_after_end: bool,
    /// The kept part of a line that has no newline yet, and the line's whole length in bytes.
    rest: Vec<u8>,
    rest_length: usize,
}

impl Stream {
    pub fn new(source: OwnedFd) -> Stream {
        Stream {
            source: Some(source.into()),
            lines: Vec::new(),
            more_lines: 0,
            is_after_end: false,
            rest: Vec::new(),
            rest_length: 0,
        }
    }

    pub fn is_open(&self) -> bool {
        self.source.is_some()
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 64 * 1024];
        let Some(source) = &mut self.source else { return Ok(()) };
        let length = source.read(&mut buffer)?;
        let at = now();
        for piece in buffer[..length].split_inclusive(|byte| *byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            let kept = text.len().min(LONGEST_LINE - self.rest.len());
            self.rest.extend(&text[..kept]);
            self.rest_length += text.len();
            if text.len() < piece.len() {
                self.end_line(at, true);
            }
        }
        if length == 0 {
            self.close();
        }
        Ok(())
    }

    /// Reads no more. What came after the last newline is a line, too.
    pub fn close(&mut self) {
        self.source = None;
        if self.rest_length > 0 {
            self.end_line(now(), false);
        }
    }

    fn end_line(&mut self, at: Duration, is_whole: bool) {
        let mut text = String::from_utf8_lossy(&self.rest).into_owned();
        if self.rest_length > self.rest.len() {
            text += &format!("… ({} bytes)", self.rest_length);
        }
        self.rest.clear();
        self.rest_length = 0;
        if self.lines.len() < MOST_LINES {
            self.lines.push(Line { at, text, is_whole, is_after_end: self.is_after_end });
        } else {
            self.more_lines += 1;
        }
    }
}
