//! A reply's body: read piece by piece, bounded in size and in time.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::time::Sleep;

use super::client::network_fault;
use crate::error::{Error, ErrorKind, Result};

/// How long the words of an error are waited for.
const EXCERPT_TIME: Duration = Duration::from_secs(5);

/// A body that is still being received, decompressed. Dropping it closes the connection.
pub struct HttpBody {
    bytes: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    remaining: u64,
    limit: u64,
    idle_timeout: Duration,
    idle: Pin<Box<Sleep>>,
    /// Whether bytes came since the idle timer was wound: it is rewound only before waiting.
    moved: bool,
    total: Pin<Box<Sleep>>,
    ended: bool,
}

impl HttpBody {
    pub(super) fn new(
        response: reqwest::Response,
        limit: u64,
        idle_timeout: Duration,
        total: Pin<Box<Sleep>>,
    ) -> Self {
        Self {
            bytes: Box::pin(response.bytes_stream()),
            remaining: limit,
            limit,
            idle_timeout,
            idle: Box::pin(tokio::time::sleep(idle_timeout)),
            moved: false,
            total,
            ended: false,
        }
    }

    /// The whole body.
    ///
    /// # Errors
    /// `TOO_LARGE`, `TIMEOUT` or `NETWORK`.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let Some(first) = self.next().await.transpose()? else { return Ok(Bytes::new()) };
        let Some(second) = self.next().await.transpose()? else { return Ok(first) };
        let mut whole = Vec::with_capacity((first.len() + second.len()) * 2);
        whole.extend_from_slice(&first);
        whole.extend_from_slice(&second);
        while let Some(bytes) = self.next().await.transpose()? {
            whole.extend_from_slice(&bytes);
        }
        Ok(whole.into())
    }

    /// The beginning of the body for an error's words: at most `limit` bytes, without a fault, and
    /// what came of it within 5 seconds.
    pub async fn excerpt(mut self, limit: usize) -> Vec<u8> {
        let mut excerpt = Vec::new();
        let reading = async {
            while let Some(Ok(bytes)) = self.next().await {
                let room = limit.saturating_sub(excerpt.len());
                excerpt.extend(bytes.iter().take(room));
                if excerpt.len() >= limit {
                    break;
                }
            }
        };
        // An error is known already: nobody waits for the rest of its words.
        let _ = tokio::time::timeout(EXCERPT_TIME, reading).await;
        excerpt
    }

    fn poll_timers(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        if self.moved {
            self.moved = false;
            self.idle.set(tokio::time::sleep(self.idle_timeout));
        }
        let which = if self.total.as_mut().poll(context).is_ready() {
            "the call took longer than its limit"
        } else if self.idle.as_mut().poll(context).is_ready() {
            "the server sent nothing for too long"
        } else {
            return Poll::Pending;
        };
        Poll::Ready(Error::new(ErrorKind::Timeout, "http.read", which))
    }
}

impl Stream for HttpBody {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let body = self.get_mut();
        if body.ended {
            return Poll::Ready(None);
        }
        let fault = match body.bytes.as_mut().poll_next(context) {
            Poll::Ready(Some(Ok(bytes))) => {
                body.moved = true;
                let length = bytes.len() as u64;
                if length <= body.remaining {
                    body.remaining -= length;
                    return Poll::Ready(Some(Ok(bytes)));
                }
                Error::new(ErrorKind::TooLarge, "http.read", "the body is larger than its limit")
                    .with("limit", body.limit)
            }
            Poll::Ready(Some(Err(fault))) => network_fault("http.read", fault),
            Poll::Ready(None) => {
                body.ended = true;
                return Poll::Ready(None);
            }
            Poll::Pending => match body.poll_timers(context) {
                Poll::Ready(fault) => fault,
                Poll::Pending => return Poll::Pending,
            },
        };
        body.ended = true;
        // The connection is given up with the body's stream.
        body.bytes = Box::pin(futures::stream::empty());
        Poll::Ready(Some(Err(fault)))
    }
}

impl std::fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpBody").field("limit", &self.limit).finish_non_exhaustive()
    }
}
