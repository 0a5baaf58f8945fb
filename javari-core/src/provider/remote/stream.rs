//! Bytes in, events out.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use futures::Stream;

use crate::{
    error::{Error, ErrorKind, Result},
    http::HttpBody,
    provider::{
        ChatEvent,
        wire::{Decode, Framing, Splitter},
    },
};

/// The largest event of a stream.
const EVENT_LIMIT: usize = 4 * 1024 * 1024;

/// The events of an answer as its bytes come in. Dropping it closes the connection.
pub(super) struct EventStream {
    body: HttpBody,
    splitter: Splitter,
    decoder: Box<dyn Decode>,
    ready: VecDeque<ChatEvent>,
    /// Given after what is ready: what came before the fault is not lost.
    fault: Option<Error>,
    reading: bool,
}

impl EventStream {
    pub(super) fn new(body: HttpBody, framing: Framing, decoder: Box<dyn Decode>) -> Self {
        let splitter = Splitter::new(framing, EVENT_LIMIT);
        let ready = VecDeque::with_capacity(4);
        Self { body, splitter, decoder, ready, fault: None, reading: true }
    }

    /// Decodes every event received so far.
    fn decode_received(&mut self, at_end: bool) -> Result<()> {
        let Self { splitter, decoder, ready, .. } = self;
        let mut oversized = None;
        loop {
            match splitter.next_event() {
                Ok(Some(event)) => decoder.event(event, ready)?,
                Ok(None) => break,
                Err(error) => {
                    oversized = Some(error);
                    break;
                }
            }
            if decoder.answer().is_finished() {
                return Ok(());
            }
        }
        if let Some(error) = oversized {
            return Err(decoder.answer().fail(decoder.answer().failures().context(error)));
        }
        if at_end {
            if let Ok(Some(event)) = splitter.finish() {
                decoder.event(event, ready)?;
            }
            if !decoder.answer().is_finished() {
                decoder.end(ready)?;
            }
        }
        Ok(())
    }
}

impl Stream for EventStream {
    type Item = Result<ChatEvent>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if !this.reading {
                return Poll::Ready(this.fault.take().map(Err));
            }
            let result = match Pin::new(&mut this.body).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(bytes))) => {
                    this.splitter.push(&bytes);
                    this.decode_received(false)
                }
                Poll::Ready(Some(Err(error))) => {
                    let answer = this.decoder.answer();
                    Err(answer.fail(answer.failures().context(broken_off(error))))
                }
                Poll::Ready(None) => this.decode_received(true),
            };
            if this.decoder.answer().is_finished() {
                this.reading = false;
            } else if let Err(error) = result {
                this.reading = false;
                this.fault = Some(error);
            }
        }
    }
}

/// A connection that breaks inside an answer is the provider's failure.
fn broken_off(error: Error) -> Error {
    if error.kind() != ErrorKind::Network {
        return error;
    }
    Error::new(ErrorKind::ProviderFailed, "provider.chat", "the answer broke off")
        .with_source(error)
}
