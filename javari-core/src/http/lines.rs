//! Splits a byte stream into lines (newline-delimited JSON), wherever it is cut.

use memchr::memchr;

use crate::error::{Error, ErrorKind, Result};

/// Splits pushed bytes into lines; empty ones are left out, and a CR before the LF as well.
///
/// ```
/// use javari_core::http::LineSplitter;
/// let mut splitter = LineSplitter::new(1024);
/// splitter.push(b"{\"a\":1}\n\n{\"a\"");
/// assert_eq!(splitter.next_line().unwrap(), Some(&b"{\"a\":1}"[..]));
/// assert_eq!(splitter.next_line().unwrap(), None);
/// splitter.push(b":2}");
/// assert_eq!(splitter.finish().unwrap(), Some(&b"{\"a\":2}"[..]));
/// ```
#[derive(Debug)]
pub struct LineSplitter {
    buffer: Vec<u8>,
    /// The most bytes of one line.
    limit: usize,
    /// Where the line being read begins; everything before is spent.
    start: usize,
    /// Up to here no line end was found.
    scanned: usize,
}

impl LineSplitter {
    /// A splitter whose lines take at most `limit` bytes each.
    pub fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), limit, start: 0, scanned: 0 }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole line of the bytes pushed so far; nothing when more bytes are needed.
    ///
    /// # Errors
    /// `TOO_LARGE` when a line takes more bytes than the limit; every later call fails too.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>> {
        while let Some(at) = self.buffer.get(self.scanned..).and_then(|rest| memchr(b'\n', rest)) {
            let (begin, end) = (self.start, self.scanned + at);
            self.start = end + 1;
            self.scanned = self.start;
            let line = self.buffer.get(begin..end).unwrap_or_default();
            if line.len() > self.limit {
                self.start = begin;
                self.scanned = begin;
                return Err(self.too_large());
            }
            if !line.trim_ascii().is_empty() {
                // Asked for again because the borrow checker sees the loop.
                return Ok(self.buffer.get(begin..end).map(<[u8]>::trim_ascii));
            }
        }
        self.scanned = self.buffer.len();
        if self.buffer.len() - self.start > self.limit {
            return Err(self.too_large());
        }
        Ok(None)
    }

    /// The line that the end of the stream completes, if there is one.
    ///
    /// # Errors
    /// As [`next_line`](Self::next_line).
    pub fn finish(&mut self) -> Result<Option<&[u8]>> {
        let begin = self.start;
        if self.buffer.len() - begin > self.limit {
            return Err(self.too_large());
        }
        self.start = self.buffer.len();
        self.scanned = self.start;
        let rest = self.buffer.get(begin..).unwrap_or_default().trim_ascii();
        Ok(Some(rest).filter(|rest| !rest.is_empty()))
    }

    fn too_large(&self) -> Error {
        Error::new(ErrorKind::TooLarge, "http.read", "a line is larger than its limit")
            .with("limit", self.limit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut splitter = LineSplitter::new(64);
        let mut found = Vec::new();
        for piece in pieces {
            splitter.push(piece);
            while let Some(line) = splitter.next_line().unwrap() {
                found.push(line.to_vec());
            }
        }
        found.extend(splitter.finish().unwrap().map(<[u8]>::to_vec));
        found
    }

    proptest! {
        #[test]
        fn the_lines_are_the_same_wherever_the_bytes_are_cut(
            text in "([a-c\u{e9}]{0,6}\r?\n){0,6}[a-c]{0,6}",
            cut in 0_usize..80,
        ) {
            let bytes = text.as_bytes();
            let (left, right) = bytes.split_at(cut.min(bytes.len()));
            let whole = lines(&[bytes]);
            prop_assert_eq!(&lines(&[left, right]), &whole);
            prop_assert_eq!(lines(&bytes.chunks(1).collect::<Vec<_>>()), whole);
        }
    }

    #[test]
    fn a_line_beyond_the_limit_is_refused_whether_it_ends_or_not() {
        for bytes in [&[b'x'; 9][..], b"xxxxxxxxx\nok\n"] {
            let mut splitter = LineSplitter::new(8);
            splitter.push(bytes);
            assert_eq!(splitter.next_line().unwrap_err().kind(), ErrorKind::TooLarge);
            assert_eq!(splitter.next_line().unwrap_err().kind(), ErrorKind::TooLarge);
        }
    }
}
