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
    /// Whether some of it came after the program itself had ended, from a child of the program.
    pub is_after_end: bool,
}

#[cfg(test)]
impl Line {
    /// A whole line that the program itself printed.
    pub fn new(at: Duration, text: &str) -> Line {
        Line { at, text: text.to_owned(), is_whole: true, is_after_end: false }
    }
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
    // poll(2) takes whole milliseconds.
    let milliseconds = limit.as_nanos().div_ceil(1_000_000);
    let milliseconds = PollTimeout::try_from(milliseconds).unwrap_or(PollTimeout::MAX);
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
    /// Whether some of it came after the program's end.
    rest_is_after_end: bool,
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
            rest_is_after_end: false,
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
            self.rest_is_after_end = self.is_after_end;
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
            self.lines.push(Line { at, text, is_whole, is_after_end: self.rest_is_after_end });
        } else {
            self.more_lines += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// The lines and the number of further lines that come from these pieces. Each is read on its
    /// own.
    fn read(pieces: &[&[u8]]) -> (Vec<(String, bool)>, usize) {
        let (mut writer, reader) = UnixStream::pair().unwrap();
        let mut stream = Stream::new(reader.into());
        for piece in pieces {
            writer.write_all(piece).unwrap();
            read_any([&mut stream], Duration::MAX).unwrap();
        }
        drop(writer);
        read_any([&mut stream], Duration::MAX).unwrap();
        assert!(!stream.is_open());
        let lines = stream.lines.into_iter().map(|line| (line.text, line.is_whole));
        (lines.collect(), stream.more_lines)
    }

    #[test]
    fn a_line_may_come_in_pieces_and_without_a_newline() {
        let line = |text: &str, is_whole| (text.to_owned(), is_whole);
        assert_eq!(read(&[]), (vec![], 0));
        assert_eq!(
            read(&[b"a\n\nb", b"c", b"\n"]).0,
            [line("a", true), line("", true), line("bc", true)]
        );
        assert_eq!(read(&[b"a\nb"]).0, [line("a", true), line("b", false)]);
    }

    #[test]
    fn a_line_is_cut_after_1000_bytes() {
        let xs = |number| "x".repeat(number);
        let cut = |number| format!("{}… ({number} bytes)", xs(1_000));
        for (pieces, text) in [
            (vec![xs(1_000)], xs(1_000)),
            (vec![xs(1_001)], cut(1_001)),
            (vec![xs(600), xs(400)], xs(1_000)),
            (vec![xs(600), xs(401), xs(5)], cut(1_006)),
            (vec![xs(3_000)], cut(3_000)),
        ] {
            let bytes: Vec<_> = pieces.iter().map(String::as_bytes).collect();
            assert_eq!(read(&bytes).0, [(text.clone(), false)]);
            let next = [&bytes[..], &[b"\nnext\n"]].concat();
            assert_eq!(read(&next).0, [(text, true), ("next".to_owned(), true)]);
        }
    }

    #[test]
    fn lines_after_1000_are_counted() {
        for (number, more) in [(1_000, 0), (1_001, 1), (1_500, 500)] {
            let (lines, counted) = read(&["y\n".repeat(number).as_bytes()]);
            assert_eq!((lines.len(), counted), (1_000, more));
        }
    }

    #[test]
    fn a_wait_without_output_ends_at_its_limit() {
        let (_writer, reader) = UnixStream::pair().unwrap();
        let mut stream = Stream::new(reader.into());
        let begun = now();
        read_any([&mut stream], Duration::from_millis(50)).unwrap();
        assert!(now() - begun >= Duration::from_millis(50) && stream.is_open());
    }

    #[test]
    fn a_line_is_after_the_end_if_some_of_it_is() {
        let (mut writer, reader) = UnixStream::pair().unwrap();
        let mut stream = Stream::new(reader.into());
        for piece in ["a\nb", "\nc\n"] {
            writer.write_all(piece.as_bytes()).unwrap();
            read_any([&mut stream], Duration::MAX).unwrap();
            stream.is_after_end = true;
        }
        let after_end: Vec<_> = stream.lines.iter().map(|line| line.is_after_end).collect();
        assert_eq!(after_end, [false, true, true]);

        let (mut writer, reader) = UnixStream::pair().unwrap();
        let mut stream = Stream::new(reader.into());
        writer.write_all(b"a").unwrap();
        read_any([&mut stream], Duration::MAX).unwrap();
        stream.is_after_end = true;
        stream.close();
        assert!(!stream.lines[0].is_after_end && !stream.lines[0].is_whole);
    }
}
