//! The shapes of what Anthropic sends: an event of a stream, and a whole message.
//!
//! Every field may be missing, null, of another type or unknown. Deltas borrow their texts from the
//! bytes received.

use serde::Deserialize;
use serde_json::Value;

use super::{
    super::lenient::{Loose, Number, Text},
    usage::WireUsage,
};

/// One event of a stream. It says in its JSON what it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    /// Which block it is about.
    pub(super) index: Number,
    pub(super) content_block: Option<Value>,
    #[serde(borrow)]
    pub(super) delta: Loose<Delta<'a>>,
    #[serde(borrow)]
    pub(super) message: Loose<WireMessage<'a>>,
    #[serde(borrow)]
    pub(super) usage: Loose<WireUsage<'a>>,
    pub(super) error: Option<Value>,
}

/// What a block gets more of, or what is said about the message at its end.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) text: Text<'a>,
    #[serde(borrow)]
    pub(super) thinking: Text<'a>,
    #[serde(borrow)]
    pub(super) signature: Text<'a>,
    #[serde(borrow)]
    pub(super) partial_json: Text<'a>,
    pub(super) citation: Option<Value>,
    #[serde(borrow)]
    pub(super) stop_reason: Text<'a>,
    pub(super) stop_details: Option<Value>,
    pub(super) container: Option<Value>,
}

/// A message: empty at the beginning of a stream, or whole.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireMessage<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) model: Text<'a>,
    pub(super) content: Option<Value>,
    #[serde(borrow)]
    pub(super) stop_reason: Text<'a>,
    pub(super) stop_details: Option<Value>,
    pub(super) container: Option<Value>,
    #[serde(borrow)]
    pub(super) usage: Loose<WireUsage<'a>>,
    pub(super) error: Option<Value>,
}
