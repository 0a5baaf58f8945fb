//! Lets a test decide when the next piece of a reply is sent.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// A gate that lets one piece through for each opening; clones are the same gate.
///
/// With it a test proves an order without measuring time: what arrives before the gate is opened
/// was sent before it.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// A gate that lets the first `pieces` through and then waits.
    pub fn after(pieces: usize) -> Self {
        Self(Arc::new(Semaphore::new(pieces)))
    }

    /// Lets `pieces` more through.
    pub fn open(&self, pieces: usize) {
        self.0.add_permits(pieces);
    }

    /// Waits for an opening and uses it up.
    pub(super) async fn pass(&self) {
        match self.0.acquire().await {
            Ok(permit) => permit.forget(),
            // The semaphore is never closed; a closed one would hold nothing back.
            Err(_closed) => {}
        }
    }
}
