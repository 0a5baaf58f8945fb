//! Turns what a server says went wrong into an error: its kind, its words, never a key.

use std::time::Duration;

use serde_json::Value;

use crate::{
    error::{Error, ErrorKind, Retry},
    http::HttpReply,
    secret::Secret,
};

/// The most characters kept of a server's words.
const WORDS: usize = 500;
/// The most bytes of an error reply that are read.
const ERROR_BODY: usize = 16 * 1024;

/// What an error says about itself.
#[derive(Debug, Default)]
struct Told {
    message: String,
    code: String,
    kind: String,
    param: String,
    status: Option<u16>,
}

/// Makes errors of one call: knows whose they are and which key must not stand in them.
#[derive(Debug, Clone)]
pub(super) struct Failures {
    pub(super) operation: &'static str,
    pub(super) provider: String,
    pub(super) key: Option<Secret>,
    pub(super) request_id: Option<String>,
}

impl Failures {
    /// The error of a reply whose status is no success.
    pub(super) async fn of_reply(&self, reply: HttpReply) -> Error {
        let status = reply.status();
        let wait = reply.retry_after();
        let should_retry = reply.header("x-should-retry").map(|value| value == "true");
        let body = reply.into_body().excerpt(ERROR_BODY).await;
        let told = match serde_json::from_slice::<Value>(&body) {
            Ok(json) => Told::read(&json),
            Err(_) => {
                Told { message: String::from_utf8_lossy(&body).into_owned(), ..Told::default() }
            }
        };
        self.error(status, told, wait, should_retry)
    }

    /// The error that stands inside a success reply.
    pub(super) fn of_body(&self, json: &Value) -> Error {
        let told = Told::read(json);
        let status = told.status.unwrap_or_else(|| told.likely_status());
        self.error(status, told, None, None)
    }

    /// Something that is not the protocol.
    pub(super) fn broken(&self, why: &str) -> Error {
        self.context(Error::new(ErrorKind::ProviderFailed, self.operation, why))
    }

    /// A failure of the connection, naming the provider.
    pub(super) fn context(&self, error: Error) -> Error {
        let error = error.with("provider", &self.provider);
        match &self.request_id {
            Some(id) => error.with("request_id", self.clean(id)),
            None => error,
        }
    }

    fn error(
        &self,
        status: u16,
        told: Told,
        wait: Option<Duration>,
        should_retry: Option<bool>,
    ) -> Error {
        let (kind, message) = match status {
            _ if told.is_spent() => {
                (ErrorKind::ProviderRefused, "the account's credit or quota is used up")
            }
            429 => (ErrorKind::RateLimited, "the provider asks to wait"),
            401 | 403 => (ErrorKind::ProviderRefused, "the provider refused the key"),
            408 | 409 | 425 => (ErrorKind::ProviderFailed, "the provider could not serve it now"),
            400..=499 => (ErrorKind::ProviderRefused, "the provider refused the request"),
            _ => (ErrorKind::ProviderFailed, "the provider failed"),
        };
        let mut error =
            self.context(Error::new(kind, self.operation, message).with("status", status));
        for (key, value) in [
            ("code", &told.code),
            ("type", &told.kind),
            ("param", &told.param),
            ("words", &told.message),
        ] {
            if !value.is_empty() {
                error = error.with(key, self.clean(value));
            }
        }
        let retry = match (error.retry(), should_retry, wait) {
            (Retry::Never, ..) | (_, Some(false), _) => Retry::Never,
            (_, _, Some(wait)) => Retry::After(wait),
            (usual, ..) => usual,
        };
        error.with_retry(retry)
    }

    /// A server's words on one line, bounded, with the key taken out where it was repeated.
    fn clean(&self, words: &str) -> String {
        // Exposed to find it in the words, which then hold it no more.
        let key = self.key.as_ref().map(Secret::expose).filter(|key| key.len() >= 4);
        let scrubbed = key.map(|key| words.replace(key, "[redacted]"));
        let words = scrubbed.as_deref().unwrap_or(words);
        let mut flat = words.chars().map(|c| if c.is_control() { ' ' } else { c });
        let mut short: String = flat.by_ref().take(WORDS).collect();
        if flat.next().is_some() {
            short.push('…');
        }
        short
    }
}

impl Told {
    /// Reads `{"error":{…}}`, `{"error":"…"}`, `{"object":"error",…}` and `{"detail":…}`.
    fn read(json: &Value) -> Self {
        let error = json.get("error").unwrap_or(json);
        if let Some(message) = error.as_str() {
            return Self { message: message.to_owned(), ..Self::default() };
        }
        let text = |name: &str| match error.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        let number = |name: &str| error.get(name).and_then(Value::as_u64);
        let status = number("status").or_else(|| number("code"));
        let message = match text("message") {
            message if message.is_empty() => text("detail"),
            message => message,
        };
        Self {
            message,
            code: text("code"),
            kind: text("type"),
            param: text("param"),
            status: status.filter(|status| (400..600).contains(status)).map(|status| status as u16),
        }
    }

    fn names(&self, word: &str) -> bool {
        self.code == word || self.kind == word
    }

    /// Whether money or quota is used up: waiting does not help.
    fn is_spent(&self) -> bool {
        const SPENT: &[&str] = &[
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_not_active",
            "insufficient_credits",
            "credit_balance_too_low",
            "spend_limit_reached",
            "access_terminated",
        ];
        self.status == Some(402) || SPENT.iter().any(|word| self.names(word))
    }

    /// The status an error inside a success reply would have had.
    fn likely_status(&self) -> u16 {
        const REFUSED: &[&str] =
            &["invalid_request_error", "context_length_exceeded", "BadRequestError"];
        if ["rate_limit_exceeded", "rate_limit_error", "requests", "tokens"]
            .iter()
            .any(|word| self.names(word))
        {
            429
        } else if self.names("invalid_api_key") || self.names("authentication_error") {
            401
        } else if REFUSED.iter().any(|word| self.names(word)) {
            400
        } else {
            500
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failures() -> Failures {
        Failures {
            operation: "provider.chat",
            provider: "openai".to_owned(),
            key: Some(Secret::new("sk-canary-1")),
            request_id: Some("req_1".to_owned()),
        }
    }

    #[test]
    fn errors_inside_a_success_reply_get_the_kind_their_status_would_have() {
        for (json, kind) in [
            (json!({ "error": { "code": 429, "message": "slow" } }), ErrorKind::RateLimited),
            (json!({ "error": { "type": "rate_limit_exceeded" } }), ErrorKind::RateLimited),
            (json!({ "error": { "code": "insufficient_quota" } }), ErrorKind::ProviderRefused),
            (json!({ "error": { "code": 402 } }), ErrorKind::ProviderRefused),
            (json!({ "error": { "code": 401 } }), ErrorKind::ProviderRefused),
            (json!({ "error": { "code": "context_length_exceeded" } }), ErrorKind::ProviderRefused),
            (json!({ "error": { "type": "server_error" } }), ErrorKind::ProviderFailed),
            (json!({ "error": "model not loaded" }), ErrorKind::ProviderFailed),
            (json!({ "error": { "code": 9 } }), ErrorKind::ProviderFailed),
            (json!({ "object": "error", "message": "x", "code": 400 }), ErrorKind::ProviderRefused),
            (json!([1]), ErrorKind::ProviderFailed),
        ] {
            assert_eq!(failures().of_body(&json).kind(), kind, "{json}");
        }
    }

    #[test]
    fn the_providers_words_are_kept_short_on_one_line_and_without_the_key() {
        let words = format!("Bad key sk-canary-1\nreally {}", "é".repeat(600));
        let error = failures().of_body(&json!({ "error": { "message": words, "code": 401 } }));
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("Bad key [redacted] really é"), "{shown}");
        assert!(!shown.contains("canary") && shown.contains('…') && shown.contains("req_1"));
        assert!(!error.to_string().contains('\n'));
    }
}
