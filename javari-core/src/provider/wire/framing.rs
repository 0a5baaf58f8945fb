//! Cuts the bytes of a stream into its events, in whichever way a wire tells them apart.

use crate::{
    error::Result,
    http::{LineSplitter, SseEvent, SseSplitter},
};

/// How the events of a stream are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) enum Framing {
    /// Server-sent events.
    Sse,
    /// A JSON text in each line.
    Lines,
}

/// Takes bytes as they come in and gives events.
pub(in crate::provider) enum Splitter {
    Sse(SseSplitter),
    Lines(LineSplitter),
}

impl Splitter {
    /// A splitter of a stream in that framing, whose events are no longer than `limit` bytes.
    pub(in crate::provider) fn new(framing: Framing, limit: usize) -> Self {
        match framing {
            Framing::Sse => Self::Sse(SseSplitter::new(limit).with_bare_json()),
            Framing::Lines => Self::Lines(LineSplitter::new(limit)),
        }
    }

    pub(in crate::provider) fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Sse(splitter) => splitter.push(bytes),
            Self::Lines(splitter) => splitter.push(bytes),
        }
    }

    /// The next event that is whole.
    ///
    /// # Errors
    /// When it is longer than the limit.
    pub(in crate::provider) fn next_event(&mut self) -> Result<Option<SseEvent<'_>>> {
        match self {
            Self::Sse(splitter) => splitter.next_event(),
            Self::Lines(splitter) => Ok(splitter.next_line()?.map(line_event)),
        }
    }

    /// The event that the end of the stream makes whole.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    pub(in crate::provider) fn finish(&mut self) -> Result<Option<SseEvent<'_>>> {
        match self {
            Self::Sse(splitter) => splitter.finish(),
            Self::Lines(splitter) => Ok(splitter.finish()?.map(line_event)),
        }
    }
}

fn line_event(data: &[u8]) -> SseEvent<'_> {
    SseEvent { name: b"", data }
}
