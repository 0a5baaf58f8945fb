//! What a provider is asked: messages, retrieved passages, tools and limits.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    error::{Error, Result},
    types::{Content, ContentPart, Message, Role, ScopeKey, ServiceTier},
};

/// One chat to have with a model.
///
/// ```
/// use javari_core::provider::ChatRequest;
/// let request = ChatRequest::ask("What is a lease?");
/// assert_eq!(request.last_question(), "What is a lease?");
/// let json = r#"{"messages":[{"role":"user","content":"What is a lease?"}]}"#;
/// assert_eq!(serde_json::from_str::<ChatRequest>(json).unwrap(), request);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ChatRequest {
    /// Whose call it is; decides which key is used.
    #[serde(skip)]
    pub scope: ScopeKey,
    /// Whether the caller reads the stream or only its end.
    #[serde(skip)]
    pub delivery: Delivery,
    /// Which operation it is made for, as its cost is reported.
    #[serde(skip)]
    pub purpose: Purpose,
    /// Which of a provider's keys to use, by the name of its secret; its first one when absent.
    #[serde(skip)]
    pub key: Option<String>,
    /// The model, `provider/model` to choose the provider as well; when absent, the one that the
    /// route of `task` leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Models to ask when the first one cannot answer, each `provider/model`, in this order; those of
    /// the route when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<String>,
    /// What the chat is for, `chat`, `code`, `research`, `creative` or a task of the host's own: the
    /// route that chooses the model where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Which of the route's models goes first; the one that is listed first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Preference>,
    /// Whether another answer may be begun after a part of one was delivered: the part is made void
    /// by a `restarted` event. When false, an answer that breaks off is an error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restart: bool,
    /// Gives an answer again that was given to exactly this request in exactly this scope, if it is at
    /// most so many seconds old, and keeps this one for the next. Nothing is given again when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 31_536_000))]
    pub cache_seconds: Option<u32>,
    /// What was said so far, oldest first.
    pub messages: Vec<Message>,
    /// What was retrieved for the question: data to answer from, never instructions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passages: Vec<Passage>,
    /// How freely to choose words, 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 2.0))]
    pub temperature: Option<f32>,
    /// The most tokens to write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Texts at which the model stops.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// The tools the model may ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolSpec>,
    /// Whether it may, must or must not ask for a tool; it may when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// A JSON Schema that the answer must fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_schema: Option<Value>,
    /// From how many of the likeliest words to choose, as a share of 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub top_p: Option<f32>,
    /// A number that makes equal requests answer alike, as well as the model can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How long to think before answering; the model's own way when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    /// The tier to be served at; the account's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<ServiceTier>,
    /// Names the conversation: its turns go with the same of several keys, whose account's cache knows
    /// its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
    /// Fields that the wire of one provider has and Javari has no word for, by the provider's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Map<String, Value>>,
    /// Milliseconds for the whole call; the client's own limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Milliseconds from sending the request to the first thing the model says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_timeout_ms: Option<u64>,
    /// Milliseconds without a byte after which a stream is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout_ms: Option<u64>,
}

/// Which operation a chat is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose(pub &'static str);

impl Default for Purpose {
    /// A chat of its own.
    fn default() -> Self {
        Self("provider.chat")
    }
}

/// How long a model thinks before it answers. Providers know these in part; each takes the nearest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Not at all.
    None,
    /// As little as it can.
    Minimal,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// Very much.
    Xhigh,
    /// As much as it can.
    Max,
}

/// Which of several models is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preference {
    /// The one whose answer costs least, as far as prices are known.
    Cheapest,
    /// The one that said its first word soonest of late.
    Fastest,
}

/// How the caller takes the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// Event by event, as the model writes.
    #[default]
    Streamed,
    /// At the end: a provider may ask its server for one whole reply.
    Whole,
}

/// A piece of a document that was retrieved to answer from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Passage {
    /// The number by which an answer cites it, `[1]`.
    pub number: u32,
    /// Where it is from: a file name or an address.
    pub source: String,
    /// The heading it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Its text.
    pub text: String,
}

/// A tool that a model may ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolSpec {
    /// Its name.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// A JSON Schema of its arguments.
    pub parameters: Value,
}

/// Whether a model may ask for tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// It decides.
    Auto,
    /// It must not.
    None,
    /// It must ask for at least one.
    Required,
    /// It must ask for this one.
    Tool(String),
}

/// The longest name of a model, a task or a conversation, in bytes.
const LONGEST_NAME: usize = 256;
const MOST_FALLBACKS: usize = 8;

impl ChatRequest {
    /// A request of these messages.
    pub fn new(messages: Vec<Message>) -> Self {
        Self { messages, ..Self::default() }
    }

    /// A request of one question.
    pub fn ask(question: impl Into<String>) -> Self {
        Self::new(vec![Message::user(question.into())])
    }

    /// The same request made in a scope.
    #[must_use]
    pub fn with_scope(mut self, scope: ScopeKey) -> Self {
        self.scope = scope;
        self
    }

    /// The same request to a model.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// The same request with passages to answer from.
    #[must_use]
    pub fn with_passages(mut self, passages: Vec<Passage>) -> Self {
        self.passages = passages;
        self
    }

    /// The same request sharing the provider's cache with the other turns of a conversation.
    #[must_use]
    pub fn with_conversation(mut self, name: impl Into<String>) -> Self {
        self.conversation = Some(name.into());
        self
    }

    /// The text of the last message of the person, empty when there is none.
    pub fn last_question(&self) -> String {
        let last = self.messages.iter().rev().find(|message| message.role == Role::User);
        last.map(|message| message.content.text().into_owned()).unwrap_or_default()
    }

    /// The bytes of all its texts, passages and tools, to estimate its tokens by; images are left
    /// out.
    pub fn text_bytes(&self) -> usize {
        let messages = self.messages.iter().map(|message| {
            let calls = message.tool_calls.iter().map(|call| call.arguments.len());
            message.content.text().len() + calls.sum::<usize>()
        });
        let passages = self.passages.iter().map(|passage| {
            let heading = passage.heading.as_ref().map_or(0, String::len);
            passage.source.len() + heading + passage.text.len()
        });
        let tools = self.tools.iter().map(|tool| {
            tool.name.len() + tool.description.len() + tool.parameters.to_string().len()
        });
        messages.chain(passages).chain(tools).sum()
    }

    /// The bytes of base64 in it, of images and files, which say nothing of its tokens. A file of text is
    /// not among them: a model reads it as text.
    pub(super) fn attached_bytes(&self) -> usize {
        let contents = self.messages.iter().map(|message| &message.content);
        let parts = contents.flat_map(|content| match content {
            Content::Text(_) => &[][..],
            Content::Parts(parts) => parts,
        });
        let bytes = parts.map(|part| match part {
            ContentPart::Image { data, .. } => data.len(),
            ContentPart::File { media_type, data, .. } if !media_type.starts_with("text/") => {
                data.len()
            }
            ContentPart::ImageUrl { url } | ContentPart::FileUrl { url, .. }
                if url.starts_with("data:") =>
            {
                url.len()
            }
            _ => 0,
        });
        bytes.sum()
    }

    /// The fields of `options` that are Javari's own to write: who answers, what is said, how it is
    /// streamed and metered, and what a service keeps or fetches for the account.
    const OWN_FIELDS: &[&str] = &[
        "background",
        "contents",
        "conversation",
        "input",
        "messages",
        "model",
        "n",
        "previous_response_id",
        "store",
        "stream",
        "stream_options",
        "system",
        "systemInstruction",
        "usage",
    ];

    /// Checks what every provider needs.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each wrong field.
    pub fn validate(&self) -> Result<()> {
        let mut faults = Vec::new();
        if self.messages.is_empty() {
            faults.push(("/messages".to_owned(), "must hold at least one message"));
        }
        for (index, message) in self.messages.iter().enumerate() {
            if message.role == Role::Tool && message.tool_call_id.is_none() {
                let path = format!("/messages/{index}/tool_call_id");
                faults.push((path, "is required in a message of a tool"));
            }
        }
        if self.temperature.is_some_and(|value| !(0.0..=2.0).contains(&value)) {
            faults.push(("/temperature".to_owned(), "must be 0 to 2"));
        }
        if self.top_p.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            faults.push(("/top_p".to_owned(), "must be 0 to 1"));
        }
        let names =
            [("/model", &self.model), ("/task", &self.task), ("/conversation", &self.conversation)];
        for (path, name) in names {
            if name.as_ref().is_some_and(|name| name.len() > LONGEST_NAME) {
                faults.push((path.to_owned(), "must have at most 256 bytes"));
            }
        }
        if self.fallback.len() > MOST_FALLBACKS {
            faults.push(("/fallback".to_owned(), "must name at most 8 models"));
        }
        if self.fallback.iter().any(|model| model.len() > LONGEST_NAME) {
            faults.push(("/fallback".to_owned(), "must hold names of at most 256 bytes"));
        }
        for options in self.options.values() {
            // The provider's name is left out: a value may stand in its place.
            for field in Self::OWN_FIELDS.iter().filter(|field| options.contains_key(**field)) {
                let path = format!("/options/*/{field}");
                faults.push((path, "is written by Javari and cannot be replaced"));
            }
        }
        if self.cache_seconds.is_some_and(|seconds| !(1..=31_536_000).contains(&seconds)) {
            faults.push(("/cache_seconds".to_owned(), "must be 1 to 31536000"));
        }
        if self.max_tokens == Some(0) {
            faults.push(("/max_tokens".to_owned(), "must be at least 1"));
        }
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::invalid("provider.chat", "the request does not fit");
        Err(faults.into_iter().fold(error, |error, (path, why)| error.with_field(path, why)))
    }
}

impl Passage {
    /// A passage without a heading.
    pub fn new(number: u32, source: impl Into<String>, text: impl Into<String>) -> Self {
        Self { number, source: source.into(), heading: None, text: text.into() }
    }

    /// The same passage under a heading.
    #[must_use]
    pub fn with_heading(mut self, heading: impl Into<String>) -> Self {
        self.heading = Some(heading.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_all_at_once() {
        let mut request = ChatRequest::new(vec![Message::new(Role::Tool, "42")]);
        request.temperature = Some(f32::NAN);
        request.max_tokens = Some(0);
        let error = request.validate().unwrap_err();
        let paths: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, ["/messages/0/tool_call_id", "/temperature", "/max_tokens"]);
        assert!(ChatRequest::default().validate().is_err());
    }

    #[test]
    fn what_is_javaris_own_to_write_cannot_be_replaced_and_names_have_an_end() {
        let mut request = ChatRequest::ask("x");
        let options =
            serde_json::json!({ "stream_options": null, "store": true, "logit_bias": {} });
        request.options.insert("openai".to_owned(), options.as_object().unwrap().clone());
        request.fallback = vec!["m".to_owned(); 9];
        request.task = Some("t".repeat(257));
        let error = request.validate().unwrap_err();
        let paths: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
        let expected = ["/task", "/fallback", "/options/*/store", "/options/*/stream_options"];
        assert_eq!(paths, expected);
    }
}
