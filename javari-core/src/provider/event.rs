//! What a provider answers: events while it writes, and the reply they fold into.

use futures::StreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ChatStream;
use crate::{
    error::{Error, ErrorKind, Result},
    types::{Extra, FinishReason, Message, ToolCall, Usage, Usd},
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
    /// More of a tool call. The arguments are whole only when `finished` has come.
    ToolCall {
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
        /// What the call cost, where the provider tells or it is nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost: Option<Usd>,
    },
}

impl ChatEvent {
    /// How many bytes the model wrote in it.
    pub fn written_bytes(&self) -> usize {
        match self {
            Self::Text { delta } | Self::Reasoning { delta } | Self::Refusal { delta } => {
                delta.len()
            }
            Self::ToolCall { name, arguments, .. } => {
                name.as_ref().map_or(0, String::len) + arguments.len()
            }
            Self::Started { .. } | Self::Extra { .. } | Self::Finished { .. } => 0,
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
    /// What the call cost, where the provider tells or it is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
}

impl ChatReply {
    /// Folds the events of a stream.
    ///
    /// # Errors
    /// The stream's own error, or `PROVIDER_FAILED` when it ends without `finished`.
    pub async fn from_stream(mut events: ChatStream) -> Result<Self> {
        let mut reply = Self {
            text: String::new(),
            reasoning: String::new(),
            refusal: String::new(),
            tool_calls: Vec::new(),
            extras: Vec::new(),
            finish: FinishReason::Stop,
            usage: Usage::default(),
            model: String::new(),
            provider: String::new(),
            request_id: None,
            cost: None,
        };
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
            ChatEvent::ToolCall { index, id, name, arguments } => {
                self.take_tool_call(index as usize, id, name, arguments);
            }
            ChatEvent::Extra { name, value } => self.extras.push(Extra { name, value }),
            ChatEvent::Finished { reason, usage, model, cost } => {
                self.finish = reason;
                self.usage = usage;
                self.model = model;
                self.cost = cost;
                return true;
            }
        }
        false
    }

    fn take_tool_call(
        &mut self,
        index: usize,
        id: Option<String>,
        name: Option<String>,
        arguments: String,
    ) {
        // Indexes count from 0 without a gap; one out of order joins at the end.
        if index >= self.tool_calls.len() {
            self.tool_calls.push(ToolCall::default());
        }
        let place = index.min(self.tool_calls.len() - 1);
        let Some(call) = self.tool_calls.get_mut(place) else { return };
        if let Some(id) = id {
            call.id = id;
        }
        if let Some(name) = name {
            call.name = name;
        }
        append(&mut call.arguments, arguments);
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

    #[test]
    fn an_event_names_its_type_in_json() {
        let json = serde_json::to_value(ChatEvent::Text { delta: "a".to_owned() }).unwrap();
        assert_eq!(json, serde_json::json!({ "type": "text", "delta": "a" }));
    }
}
