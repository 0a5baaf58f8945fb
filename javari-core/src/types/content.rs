//! What a message holds: text, or parts with text and images; tool calls and provider extras.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is said in a message: a plain string in JSON, or a list of parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Content {
    /// Text alone.
    Text(String),
    /// Text, images and files in order.
    Parts(Vec<ContentPart>),
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ContentPart {
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// An image that the provider fetches itself.
    ImageUrl {
        /// Where it is, `https` or `data`.
        url: String,
    },
    /// An image sent along.
    Image {
        /// Its media type, such as `image/png`.
        media_type: String,
        /// Its bytes in standard base64.
        data: String,
    },
    /// A file, such as a PDF, that the provider fetches itself.
    FileUrl {
        /// Where it is.
        url: String,
        /// Its media type, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        media_type: Option<String>,
    },
    /// A file sent along.
    File {
        /// Its media type, such as `application/pdf`.
        media_type: String,
        /// Its bytes in standard base64.
        data: String,
        /// Its name, for the model to speak of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
}

/// A tool that a model asks to be called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolCall {
    /// Names the call, so that its result finds back.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments as JSON text, exactly as the model wrote them: it may be no valid JSON.
    pub arguments: String,
}

/// Something of one provider that has no common word, kept whole so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// The provider's word for it, such as `reasoning_details`.
    pub name: String,
    /// What the provider sent.
    pub value: Value,
}

impl Content {
    /// The text alone: parts that are no text are left out, text parts are joined by line breaks.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Parts(parts) => {
                let mut texts = parts.iter().filter_map(|part| match part {
                    ContentPart::Text { text } => Some(text.as_str()),
                    _ => None,
                });
                let Some(first) = texts.next() else { return Cow::Borrowed("") };
                texts.fold(Cow::Borrowed(first), |mut joined, text| {
                    joined.to_mut().push('\n');
                    joined.to_mut().push_str(text);
                    joined
                })
            }
        }
    }

    /// Its parts, none for a plain text.
    pub fn parts(&self) -> &[ContentPart] {
        match self {
            Self::Text(_) => &[],
            Self::Parts(parts) => parts,
        }
    }

    /// Whether nothing at all is said.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Parts(parts) => parts.is_empty(),
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Content {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Vec<ContentPart>> for Content {
    fn from(parts: Vec<ContentPart>) -> Self {
        Self::Parts(parts)
    }
}

impl PartialEq<str> for Content {
    fn eq(&self, text: &str) -> bool {
        matches!(self, Self::Text(own) if own == text)
    }
}

impl PartialEq<&str> for Content {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

#[cfg(test)]
mod tests {
    use crate::types::Message;

    #[test]
    fn a_message_of_text_and_an_image_round_trips_and_reads_as_its_text() {
        let json = serde_json::json!({ "role": "user", "content": [
            { "type": "text", "text": "What is this?" },
            { "type": "image", "media_type": "image/png", "data": "AAAA" },
            { "type": "image_url", "url": "https://example.com/a.png" },
            { "type": "text", "text": "And that?" },
        ] });
        let message: Message = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(message.content.text(), "What is this?\nAnd that?");
        assert_eq!(serde_json::to_value(&message).unwrap(), json);
    }

    #[test]
    fn a_plain_message_stays_two_fields_in_json() {
        let json = serde_json::to_value(Message::user("Hello")).unwrap();
        assert_eq!(json, serde_json::json!({ "role": "user", "content": "Hello" }));
    }
}
