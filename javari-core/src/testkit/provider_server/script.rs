//! A reply as JSON, for hosts that script the server from another process and language.

use bytes::Bytes;
use serde::Deserialize;

use super::Reply;

/// One reply of the script. Exactly one of `text`, `tool_call`, `error` and `raw` says what it is.
///
/// ```
/// use javari_core::testkit::ScriptedReply;
/// let scripted: ScriptedReply = serde_json::from_str(
///     r#"{ "error": { "status": 429, "code": "rate_limit_exceeded", "message": "slow down" },
///          "headers": { "retry-after": "7" } }"#,
/// )
/// .unwrap();
/// assert!(scripted.into_reply().is_some());
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScriptedReply {
    /// An answer whose stream has one event for each of these texts.
    pub text: Option<Vec<String>>,
    /// What it thinks before.
    pub reasoning: Option<String>,
    /// A call of a tool.
    pub tool_call: Option<ScriptedCall>,
    /// An error, as the wire that is asked tells it.
    pub error: Option<ScriptedError>,
    /// These bytes as text, in a reply of that content type.
    pub raw: Option<ScriptedBytes>,
    /// Further headers.
    pub headers: std::collections::BTreeMap<String, String>,
    /// The connection is cut after so many bytes of the body.
    pub cut_at: Option<usize>,
    /// It goes silent for good after so many parts of its body.
    pub stalled_after: Option<usize>,
    /// Its body is sent in pieces of so many bytes.
    pub in_pieces_of: Option<usize>,
    /// Not even its headers come.
    pub silent: bool,
}

/// A call of a tool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedCall {
    /// Its id.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments' JSON text, in the pieces of its events.
    pub arguments: Vec<String>,
}

/// An error reply.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedError {
    /// Its HTTP status.
    pub status: u16,
    /// The service's word for it.
    pub code: String,
    /// What it says.
    pub message: String,
}

/// A body of one's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedBytes {
    /// Its content type.
    pub content_type: String,
    /// The parts, each sent in a write of its own.
    pub parts: Vec<String>,
}

impl ScriptedReply {
    /// The reply; nothing unless exactly one field says what it is.
    pub fn into_reply(self) -> Option<Reply> {
        let mut reply = match (self.text, self.tool_call, self.error, self.raw) {
            (Some(text), None, None, None) => {
                Reply::text(&text.iter().map(String::as_str).collect::<Vec<_>>())
            }
            (None, Some(call), None, None) => {
                let pieces: Vec<&str> = call.arguments.iter().map(String::as_str).collect();
                Reply::tool_call(&call.id, &call.name, &pieces)
            }
            (None, None, Some(error), None) => {
                Reply::error(error.status, &error.code, &error.message)
            }
            (None, None, None, Some(raw)) => {
                let parts = raw.parts.into_iter().map(Bytes::from).collect();
                Reply::raw(&raw.content_type, parts)
            }
            _ => return None,
        };
        if let Some(reasoning) = self.reasoning {
            reply = reply.after_reasoning(&reasoning);
        }
        for (name, value) in &self.headers {
            reply = reply.with_header(name, value);
        }
        if let Some(bytes) = self.cut_at {
            reply = reply.cut_at(bytes);
        }
        if let Some(parts) = self.stalled_after {
            reply = reply.stalled_after(parts);
        }
        if let Some(bytes) = self.in_pieces_of {
            reply = reply.in_pieces_of(bytes);
        }
        Some(if self.silent { reply.silent() } else { reply })
    }
}
