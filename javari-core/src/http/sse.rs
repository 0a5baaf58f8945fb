//! Splits a byte stream into server-sent events (WHATWG HTML §9.2), wherever it is cut.
//!
//! Bytes stay bytes: nothing is decoded, so a character that is cut in two is whole again when its
//! event is. A line may end in LF, CRLF or CR. An event of one `data` line is borrowed from the
//! buffer; only an event of several lines is joined in a buffer that is used again.

use std::ops::Range;

use memchr::memchr2;

use crate::error::{Error, ErrorKind, Result};

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The value of its last `event` line, empty when it has none.
    pub name: &'a [u8],
    /// Its `data` lines joined by LF.
    pub data: &'a [u8],
}

/// Splits pushed bytes into events.
///
/// ```
/// use javari_core::http::SseSplitter;
/// let mut splitter = SseSplitter::new(1024);
/// splitter.push(b"data: one\n\nda");
/// assert_eq!(splitter.next_event().unwrap().unwrap().data, b"one");
/// assert_eq!(splitter.next_event().unwrap(), None);
/// splitter.push(b"ta: two\r\n\r\n");
/// assert_eq!(splitter.next_event().unwrap().unwrap().data, b"two");
/// ```
#[derive(Debug)]
pub struct SseSplitter {
    buffer: Vec<u8>,
    /// The most bytes one event may take, its lines and their ends included.
    limit: usize,
    /// Where the event being read begins; everything before is spent.
    event_start: usize,
    /// Where the line being read begins.
    line_start: usize,
    /// Up to here no line end was found.
    scanned: usize,
    data: Data,
    joined: Vec<u8>,
    name: Range<usize>,
    /// The last line ended in CR: an LF that follows belongs to it.
    after_return: bool,
    at_beginning: bool,
    bare_json: BareJson,
    failed: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Data {
    None,
    /// One line, in the buffer.
    Line(Range<usize>),
    /// Several lines, joined aside.
    Joined,
}

/// What is done with lines of JSON that are no field of an event.
#[derive(Debug, PartialEq)]
enum BareJson {
    /// As with every unknown field.
    Ignored,
    Taken,
    /// The lines up to the next empty one are the rest of it.
    Begun,
}

impl SseSplitter {
    /// A splitter whose events take at most `limit` bytes each.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            limit,
            event_start: 0,
            line_start: 0,
            scanned: 0,
            data: Data::None,
            joined: Vec::new(),
            name: 0..0,
            after_return: false,
            at_beginning: true,
            bare_json: BareJson::Ignored,
            failed: false,
        }
    }

    /// The same splitter, for a server that breaks the standard and says what went wrong in lines of
    /// JSON without `data:`: such lines are an event as well.
    #[must_use]
    pub fn with_bare_json(mut self) -> Self {
        self.bare_json = BareJson::Taken;
        self
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        let spent = self.event_start;
        if spent > 0 {
            self.buffer.drain(..spent);
            self.event_start = 0;
            self.line_start -= spent;
            self.scanned -= spent;
            let shift = |range: &Range<usize>| {
                range.start.saturating_sub(spent)..range.end.saturating_sub(spent)
            };
            self.name = shift(&self.name);
            if let Data::Line(range) = &self.data {
                self.data = Data::Line(shift(range));
            }
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole event of the bytes pushed so far; nothing when more bytes are needed.
    ///
    /// # Errors
    /// `TOO_LARGE` when an event takes more bytes than the limit; every later call fails too.
    pub fn next_event(&mut self) -> Result<Option<SseEvent<'_>>> {
        self.begin()?;
        while let Some(line) = self.next_line() {
            if self.take_line(line)? {
                return Ok(Some(self.event()));
            }
        }
        if self.buffer.len() - self.event_start > self.limit {
            return Err(self.fail());
        }
        Ok(None)
    }

    /// The event that the end of the stream completes, if there is one: some servers close without
    /// the last empty line.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    pub fn finish(&mut self) -> Result<Option<SseEvent<'_>>> {
        self.begin()?;
        let rest = self.line_start..self.buffer.len();
        if !rest.is_empty() {
            self.line_start = self.buffer.len();
            self.take_line(rest)?;
        }
        if self.data == Data::None {
            return Ok(None);
        }
        self.event_start = self.line_start;
        self.scanned = self.line_start;
        Ok(Some(self.event()))
    }

    /// Forgets the event that was handed out last.
    fn begin(&mut self) -> Result<()> {
        if self.failed {
            return Err(self.fail());
        }
        if self.event_start == self.line_start {
            self.data = Data::None;
            self.name = 0..0;
        }
        Ok(())
    }

    fn next_line(&mut self) -> Option<Range<usize>> {
        if self.after_return {
            // The LF of a CRLF, cut apart or not.
            if self.buffer.get(self.line_start)? == &b'\n' {
                if self.event_start == self.line_start {
                    self.event_start += 1;
                }
                self.line_start += 1;
                self.scanned = self.scanned.max(self.line_start);
            }
            self.after_return = false;
        }
        let rest = self.buffer.get(self.scanned..)?;
        let Some(found) = memchr2(b'\n', b'\r', rest) else {
            self.scanned = self.buffer.len();
            return None;
        };
        let end = self.scanned + found;
        self.after_return = self.buffer.get(end) == Some(&b'\r');
        let line = self.line_start..end;
        self.line_start = end + 1;
        self.scanned = end + 1;
        Some(line)
    }

    /// Reads one line and tells whether it ends an event.
    fn take_line(&mut self, line: Range<usize>) -> Result<bool> {
        if line.end - self.event_start > self.limit {
            return Err(self.fail());
        }
        let mut start = line.start;
        if self.at_beginning {
            self.at_beginning = false;
            if self.buffer.get(line.clone()).is_some_and(|line| line.starts_with(b"\xef\xbb\xbf")) {
                start += 3;
            }
        }
        if start == line.end {
            let complete = self.data != Data::None;
            if !complete {
                self.name = 0..0;
            }
            self.event_start = self.line_start;
            if self.bare_json == BareJson::Begun {
                self.bare_json = BareJson::Taken;
            }
            return Ok(complete);
        }
        let text = self.buffer.get(start..line.end).unwrap_or_default();
        let begins = self.data == Data::None && text.starts_with(b"{");
        if self.bare_json == BareJson::Begun || self.bare_json == BareJson::Taken && begins {
            self.bare_json = BareJson::Begun;
            self.take_data(start..line.end);
            return Ok(false);
        }
        let (field, value) = match memchr::memchr(b':', text) {
            Some(colon) => {
                let space = usize::from(text.get(colon + 1) == Some(&b' '));
                (text.get(..colon).unwrap_or_default(), start + colon + 1 + space..line.end)
            }
            None => (text, line.end..line.end),
        };
        match field {
            b"data" => self.take_data(value),
            b"event" => self.name = value,
            // Comments (an empty field), `id`, `retry` and unknown fields carry no event.
            _ if self.data == Data::None && self.name.is_empty() => {
                self.event_start = self.line_start;
            }
            _ => {}
        }
        Ok(false)
    }

    fn take_data(&mut self, value: Range<usize>) {
        match std::mem::replace(&mut self.data, Data::Joined) {
            Data::None => self.data = Data::Line(value),
            Data::Line(first) => {
                self.joined.clear();
                self.joined.extend_from_slice(self.buffer.get(first).unwrap_or_default());
                self.join(value);
            }
            Data::Joined => self.join(value),
        }
    }

    fn join(&mut self, value: Range<usize>) {
        self.joined.push(b'\n');
        self.joined.extend_from_slice(self.buffer.get(value).unwrap_or_default());
    }

    fn event(&self) -> SseEvent<'_> {
        let data = match &self.data {
            Data::None => &[],
            Data::Line(range) => self.buffer.get(range.clone()).unwrap_or_default(),
            Data::Joined => self.joined.as_slice(),
        };
        SseEvent { name: self.buffer.get(self.name.clone()).unwrap_or_default(), data }
    }

    fn fail(&mut self) -> Error {
        self.failed = true;
        Error::new(ErrorKind::TooLarge, "http.read", "an event of the stream is too large")
            .with("limit", self.limit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Events = (Vec<(Vec<u8>, Vec<u8>)>, bool);

    /// All events of the stream pushed in these pieces, and whether it failed.
    fn split<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limit: usize) -> Events {
        let mut splitter = SseSplitter::new(limit);
        let mut events = Vec::new();
        for piece in pieces {
            splitter.push(piece);
            loop {
                match splitter.next_event() {
                    Ok(Some(event)) => events.push((event.name.to_vec(), event.data.to_vec())),
                    Ok(None) => break,
                    Err(_) => return (events, true),
                }
            }
        }
        match splitter.finish() {
            Ok(Some(event)) => events.push((event.name.to_vec(), event.data.to_vec())),
            Ok(None) => {}
            Err(_) => return (events, true),
        }
        (events, false)
    }

    fn data(stream: &str) -> Vec<String> {
        let (events, failed) = split([stream.as_bytes()], 1 << 20);
        assert!(!failed);
        events.into_iter().map(|(_, data)| String::from_utf8(data).unwrap()).collect()
    }

    #[test]
    fn lines_fields_comments_and_ends_follow_the_standard() {
        assert_eq!(data("data: a\n\ndata: b\r\n\r\ndata: c\r\r"), ["a", "b", "c"]);
        assert_eq!(data("data: a\ndata:b\ndata\ndata:  c\n\n"), ["a\nb\n\n c"]);
        assert_eq!(data(": ping\n\n: pong\n: x\ndata: a\n\n\n\n"), ["a"]);
        assert_eq!(data("id: 7\nretry: 10\nfoo: bar\nevent: x\n\ndata: a\n\n"), ["a"]);
        assert_eq!(data("\u{feff}data: a\n\ndata: \u{feff}b\n\n"), ["a", "\u{feff}b"]);
        assert_eq!(data("data: a\n\ndata: [DONE]"), ["a", "[DONE]"]);
        assert_eq!(data("data: a\n\ndata: b\n"), ["a", "b"]);
        assert_eq!(data("data\n\n"), [""]);
        assert_eq!(data(""), Vec::<String>::new());
        let (events, _) = split([b"event: error\ndata: x\n\ndata: y\n\n".as_slice()], 99);
        assert_eq!(events, [(b"error".to_vec(), b"x".to_vec()), (Vec::new(), b"y".to_vec())]);
    }

    #[test]
    fn bare_json_is_an_event_where_it_is_asked_for() {
        let stream =
            "data: a\nfoo: b\n\n{\n  \"error\": {\r\n  \"data\": 1\n}}\n\ndata: c\n\n{\"d\":1}";
        assert_eq!(data(stream), ["a", "c"]);
        for cut in 0..=stream.len() {
            let (left, right) = stream.as_bytes().split_at(cut);
            let mut splitter = SseSplitter::new(99).with_bare_json();
            let mut events = Vec::new();
            for piece in [left, right] {
                splitter.push(piece);
                while let Some(event) = splitter.next_event().unwrap() {
                    events.push(String::from_utf8(event.data.to_vec()).unwrap());
                }
            }
            let last = splitter.finish().unwrap().unwrap().data.to_vec();
            assert_eq!(events, ["a", "{\n  \"error\": {\n  \"data\": 1\n}}", "c"], "cut at {cut}");
            assert_eq!(last, b"{\"d\":1}");
        }
    }

    #[test]
    fn a_line_without_end_stops_at_the_limit_and_comments_do_not_count() {
        let mut splitter = SseSplitter::new(64);
        for _ in 0..1000 {
            splitter.push(b": keep-alive\n");
            assert_eq!(splitter.next_event().unwrap(), None);
        }
        assert!(splitter.buffer.capacity() < 1024);
        splitter.push(&[b'x'; 65]);
        assert_eq!(splitter.next_event().unwrap_err().kind(), ErrorKind::TooLarge);
        splitter.push(b"\n\ndata: a\n\n");
        assert!(splitter.next_event().is_err());
        assert!(splitter.finish().is_err());
    }

    #[test]
    fn every_split_of_a_stream_into_two_gives_the_same_events() {
        let stream = "\u{feff}: hi\r\n\r\nevent: a\r\ndata: é日🦀\r\ndata:x\r\n\r\ndata: y\r\rdata: z\n\n\
                      : c\ndata: [DONE]";
        let whole = split([stream.as_bytes()], 4096);
        for cut in 0..=stream.len() {
            let (left, right) = stream.as_bytes().split_at(cut);
            assert_eq!(split([left, right], 4096), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        assert_eq!(split(bytes, 4096), whole);
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => Just(b"data: ".to_vec()),
            2 => Just(b"data".to_vec()),
            2 => Just(b"event: e".to_vec()),
            2 => Just(b": comment".to_vec()),
            4 => Just(b"\n".to_vec()),
            3 => Just(b"\r\n".to_vec()),
            3 => Just(b"\r".to_vec()),
            1 => Just("é🦀".as_bytes().to_vec()),
            2 => proptest::collection::vec(any::<u8>(), 0..8),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_bytes_split_anywhere_give_the_same_events(
            stream in stream(),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
            limit in prop_oneof![Just(16_usize), Just(1 << 16)],
        ) {
            let whole = split([stream.as_slice()], limit);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> =
                cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            prop_assert_eq!(split(pieces, limit), whole.clone());
            prop_assert_eq!(split(stream.chunks(1), limit), whole);
        }
    }
}
