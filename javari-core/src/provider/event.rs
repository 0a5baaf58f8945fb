//! What a provider answers: events while it writes, and the reply they fold into.

use futures::StreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ChatStream;
use crate::{
    error::{Error, ErrorKind, Result},
    types::{Extra, FinishReason, Message, ModelUsage, ToolCall, Usage, Usd},
};

/// One event of a chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChatEvent {
    /// The provider has begun to answer; always the first event.
    Started {
        /// The provider's name.
        provider: String,
        /// The model that answers, as the provider names it.
        model: String,
        /// The provider's id of the request, to ask its support about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
    /// More of the answer.
    Text {
        /// What is added.
        delta: String,
    },
    /// More of the model's reasoning, where it is shown.
    Reasoning {
        /// What is added.
        delta: String,
    },
    /// More of the model's refusal to answer.
    Refusal {
        /// What is added.
        delta: String,
    },
    /// More of a tool call that is being written: to show progress, never to act on.
    ToolCallDelta {
        /// Which call of this reply, counted from 0.
        index: u32,
        /// The call's id, in its first event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The tool, in the call's first event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What is added to the arguments' JSON text.
        arguments: String,
    },
    /// A tool that the model asks for, whole. It comes when the whole answer is known to be complete,
    /// right before `finished`, so that no tool is run for an answer that breaks off.
    ToolCall(ToolCall),
    /// Where the answer is from.
    Source(Source),
    /// Something was done otherwise than asked; the answer goes on.
    Warning(Warning),
    /// The answer so far is void and another begins: a provider failed in the middle, and the request
    /// allowed to start over (`restart`).
    Restarted {
        /// The code of the error that ended the answer so far.
        code: String,
        /// What it says.
        message: String,
    },
    /// Something of this provider without a common word.
    Extra {
        /// The provider's word for it.
        name: String,
        /// What it sent.
        value: Value,
    },
    /// The answer is complete; always the last event.
    Finished {
        /// Why the model stopped.
        reason: FinishReason,
        /// The tokens of the call.
        usage: Usage,
        /// The model that answered.
        model: String,
        /// What the call cost, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Usd>,
        /// The parts of `usage` by model, where the provider handed the call on to another one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        by_model: Vec<ModelUsage>,
        /// The attempts that failed before, the first one first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        failed_attempts: Vec<FailedAttempt>,
        /// Whether the answer was kept from an equal request, so that nobody was asked.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cached: bool,
    },
}

/// Something that the answer is from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Source {
    /// Its address; empty for a file that was sent along.
    pub url: String,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it says, where the provider quotes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// When it was published or last changed, as the provider says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// Something that was done otherwise than asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Warning {
    /// What it is about, such as `temperature` or `model_retired`.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
}

/// One attempt to answer that failed, so that another was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct FailedAttempt {
    /// Who was asked, `provider/model`.
    pub target: String,
    /// The code of the error.
    pub code: String,
    /// What it says.
    pub message: String,
    /// Milliseconds waited after it.
    pub waited_ms: u64,
}

impl Source {
    /// A source at this address.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }
}

impl Warning {
    /// A warning about `code`.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

impl ChatEvent {
    /// The end of an answer that one model gave at the first attempt.
    pub fn finished(
        reason: FinishReason,
        usage: Usage,
        model: impl Into<String>,
        cost: Option<Usd>,
    ) -> Self {
        let model = model.into();
        let (by_model, failed_attempts, cached) = (Vec::new(), Vec::new(), false);
        Self::Finished { reason, usage, model, cost, by_model, failed_attempts, cached }
    }

    /// How many bytes the model wrote in it.
    pub fn written_bytes(&self) -> usize {
        match self {
            Self::Text { delta } | Self::Reasoning { delta } | Self::Refusal { delta } => {
                delta.len()
            }
            Self::ToolCallDelta { name, arguments, .. } => {
                name.as_ref().map_or(0, String::len) + arguments.len()
            }
            // A whole tool call was counted piece by piece.
            _ => 0,
        }
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ChatReply {
    /// What the model said.
    pub text: String,
    /// What it thought, where that is shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
    /// How it refused, empty when it did not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub refusal: String,
    /// The tools it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// What the answer is from, in the order it was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// What was done otherwise than asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// What this provider sent without a common word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<Extra>,
    /// Why it stopped.
    pub finish: FinishReason,
    /// The tokens of the call.
    pub usage: Usage,
    /// The model that answered.
    pub model: String,
    /// The provider that answered.
    pub provider: String,
    /// The provider's id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What the call cost, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
    /// The parts of `usage` by model, where the provider handed the call on to another one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_model: Vec<ModelUsage>,
    /// The attempts that failed before, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_attempts: Vec<FailedAttempt>,
    /// Whether the answer was kept from an equal request, so that nobody was asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
}

impl ChatReply {
    /// Folds the events of a stream.
    ///
    /// # Errors
    /// The stream's own error, or `PROVIDER_FAILED` when it ends without `finished`.
    pub async fn from_stream(mut events: ChatStream) -> Result<Self> {
        let mut reply = Self::nothing();
        while let Some(event) = events.next().await {
            if reply.take(event?) {
                return Ok(reply);
            }
        }
        Err(Error::new(
            ErrorKind::ProviderFailed,
            "provider.chat",
            "the answer ended before it was complete",
        )
        .with("provider", reply.provider))
    }

    /// The answer as a message, for the next turn of the conversation.
    pub fn to_message(&self) -> Message {
        let mut message = Message::assistant(self.text.as_str());
        message.tool_calls.clone_from(&self.tool_calls);
        message.extras.clone_from(&self.extras);
        message
    }

    fn nothing() -> Self {
        Self {
            text: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            tool_calls: Vec::new(),
            sources: Vec::new(),
            warnings: Vec::new(),
            extras: Vec::new(),
            finish: FinishReason::Stop,
            usage: Usage::default(),
            model: String::new(),
            provider: String::new(),
            request_id: None,
            cost: None,
            by_model: Vec::new(),
            failed_attempts: Vec::new(),
            cached: false,
        }
    }

    /// Takes one event in and tells whether it was the last.
    fn take(&mut self, event: ChatEvent) -> bool {
        match event {
            ChatEvent::Started { provider, model, request_id } => {
                self.provider = provider;
                self.model = model;
                self.request_id = request_id;
            }
            ChatEvent::Text { delta } => append(&mut self.text, delta),
            ChatEvent::Reasoning { delta } => append(&mut self.reasoning, delta),
            ChatEvent::Refusal { delta } => append(&mut self.refusal, delta),
            // The whole call follows.
            ChatEvent::ToolCallDelta { .. } => {}
            ChatEvent::ToolCall(call) => self.tool_calls.push(call),
            ChatEvent::Source(source) => self.sources.push(source),
            ChatEvent::Warning(warning) => self.warnings.push(warning),
            ChatEvent::Restarted { .. } => {
                let warnings = std::mem::take(&mut self.warnings);
                *self = Self { warnings, ..Self::nothing() };
            }
            ChatEvent::Extra { name, value } => self.extras.push(Extra { name, value }),
            ChatEvent::Finished {
                reason,
                usage,
                model,
                cost,
                by_model,
                failed_attempts,
                cached,
            } => {
                self.cached = cached;
                self.finish = reason;
                self.usage = usage;
                self.model = model;
                self.cost = cost;
                self.by_model = by_model;
                self.failed_attempts = failed_attempts;
                return true;
            }
        }
        false
    }
}

/// The first piece is moved in, so that a reply of one piece is not copied.
fn append(whole: &mut String, piece: String) {
    if whole.is_empty() {
        *whole = piece;
    } else {
        whole.push_str(&piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_without_an_end_is_an_error_and_never_a_reply() {
        let text = ChatEvent::Text { delta: "half an ans".to_owned() };
        let events: ChatStream = Box::pin(futures::stream::iter([Ok(text)]));
        let error = ChatReply::from_stream(events).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderFailed);
    }

    #[tokio::test]
    async fn what_came_before_a_restart_is_no_part_of_the_reply() {
        let text = |delta: &str| ChatEvent::Text { delta: delta.to_owned() };
        let started = |provider: &str| ChatEvent::Started {
            provider: provider.to_owned(),
            model: "m".to_owned(),
            request_id: None,
        };
        let restarted = ChatEvent::Restarted { code: "NETWORK".into(), message: "broke".into() };
        let finished = ChatEvent::finished(FinishReason::Stop, Usage::default(), "m", None);
        let events = [started("a"), text("lost"), restarted, started("b"), text("kept"), finished];
        let stream: ChatStream = Box::pin(futures::stream::iter(events.map(Ok)));
        let reply = ChatReply::from_stream(stream).await.unwrap();
        assert_eq!((reply.text.as_str(), reply.provider.as_str()), ("kept", "b"));
    }

    #[test]
    fn an_event_names_its_type_in_json() {
        let json = serde_json::to_value(ChatEvent::Text { delta: "a".to_owned() }).unwrap();
        assert_eq!(json, serde_json::json!({ "type": "text", "delta": "a" }));
        let call = ToolCall { id: "c".into(), name: "f".into(), arguments: "{}".into() };
        let json = serde_json::to_value(ChatEvent::ToolCall(call)).unwrap();
        let expected =
            serde_json::json!({ "type": "tool_call", "id": "c", "name": "f", "arguments": "{}" });
        assert_eq!(json, expected);
    }
}
