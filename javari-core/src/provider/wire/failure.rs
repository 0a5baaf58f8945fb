//! Turns what a server says went wrong into an error: its kind, its words, never a key.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{
    error::{Error, ErrorKind, Retry},
    http::HttpReply,
    secret::Secret,
};

/// In the context of an error, the milliseconds that the server asks to wait.
pub(crate) const SERVER_WAIT: &str = "wait_ms";

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
    /// How long the body asks to wait.
    wait: Option<Duration>,
    /// Whether the quota of a whole day is used up.
    daily_quota: bool,
}

/// Makes errors of one call: knows whose they are and which key must not stand in them.
#[derive(Debug, Clone)]
pub(in crate::provider) struct Failures {
    pub(in crate::provider) operation: &'static str,
    pub(in crate::provider) provider: String,
    pub(in crate::provider) key: Option<Secret>,
    pub(in crate::provider) request_id: Option<String>,
}

impl Failures {
    /// The error of a reply whose status is no success.
    pub(in crate::provider) async fn of_reply(&self, reply: HttpReply) -> Error {
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
    pub(in crate::provider) fn of_body(&self, json: &Value) -> Error {
        let told = Told::read(json);
        let status = told.status.unwrap_or_else(|| told.likely_status());
        self.error(status, told, None, None)
    }

    /// The error that a reply holds in its field for one.
    pub(in crate::provider) fn of_error(&self, error: Value) -> Error {
        self.of_body(&Value::Object(Map::from_iter([("error".to_owned(), error)])))
    }

    /// Something that is not the protocol.
    pub(in crate::provider) fn broken(&self, why: &str) -> Error {
        self.context(Error::new(ErrorKind::ProviderFailed, self.operation, why))
    }

    /// A failure of the connection, naming the provider.
    pub(in crate::provider) fn context(&self, error: Error) -> Error {
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
        let (kind, message) = told.judged(status);
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
        let wait = wait.or(told.wait);
        let retry = match (error.retry(), should_retry, wait) {
            (Retry::Never, ..) | (_, Some(false), _) => Retry::Never,
            (_, _, Some(wait)) => Retry::After(wait),
            (usual, ..) => usual,
        };
        if let Some(wait) = wait {
            // Told apart from the advice that errors of this kind have by themselves.
            error = error.with(SERVER_WAIT, wait.as_millis());
        }
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
    /// Reads `{"error":{…}}`, `{"error":"…"}`, `{"object":"error",…}`, `{"detail":…}`, and Google's
    /// list of one.
    fn read(json: &Value) -> Self {
        let json = json.get(0).unwrap_or(json);
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
        // Google names the kind of error in `status`.
        let kind = match text("type") {
            kind if kind.is_empty() && error.get("status").is_some_and(Value::is_string) => {
                text("status")
            }
            kind => kind,
        };
        let details = error.get("details").and_then(Value::as_array).into_iter().flatten();
        let mut told = Self {
            message,
            code: text("code"),
            kind,
            param: text("param"),
            status: status.filter(|status| (400..600).contains(status)).map(|status| status as u16),
            ..Self::default()
        };
        for detail in details {
            told.read_detail(detail);
        }
        // Anthropic's finer word.
        let finer = error.pointer("/details/error_code").and_then(Value::as_str);
        if let Some(finer) = finer {
            finer.clone_into(&mut told.code);
        }
        told
    }

    /// Google's `RetryInfo`, `QuotaFailure` and `ErrorInfo` (google.rpc, `error_details.proto`).
    fn read_detail(&mut self, detail: &Value) {
        if let Some(delay) = detail.get("retryDelay").and_then(Value::as_str) {
            let seconds = delay.strip_suffix('s').and_then(|text| text.parse::<f64>().ok());
            let wait = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            self.wait = wait.map(|wait| wait.min(LONGEST)).or(self.wait);
        }
        let violations = detail.get("violations").and_then(Value::as_array);
        for violation in violations.into_iter().flatten() {
            let quota = violation.get("quotaId").and_then(Value::as_str).unwrap_or_default();
            self.daily_quota |= quota.contains("PerDay");
        }
        if let Some(reason) = detail.get("reason").and_then(Value::as_str) {
            reason.clone_into(&mut self.code);
        }
    }

    /// The kind of error that a reply of this status is, and what to say of it.
    fn judged(&self, status: u16) -> (ErrorKind, &'static str) {
        let too_long = self.is_too_long();
        match status {
            _ if status == 402 || self.is_spent() => {
                (ErrorKind::QuotaExhausted, "the account's credit or quota is used up")
            }
            429 => (ErrorKind::RateLimited, "the provider asks to wait"),
            401 | 403 => (ErrorKind::CredentialRefused, "the provider refused the key"),
            400 if self.names("API_KEY_INVALID") => {
                (ErrorKind::CredentialRefused, "the provider refused the key")
            }
            400..=499 if too_long => {
                (ErrorKind::ContextTooLong, "the request is longer than the model reads")
            }
            404 => (ErrorKind::ModelNotFound, "the provider does not have this model"),
            408 | 409 | 425 => (ErrorKind::ProviderFailed, "the provider could not serve it now"),
            400..=499 if self.names("model_not_found") => {
                (ErrorKind::ModelNotFound, "the provider does not have this model")
            }
            400..=499 => (ErrorKind::ProviderRefused, "the provider refused the request"),
            529 => (ErrorKind::ProviderOverloaded, "the provider has too much to do"),
            503 => (ErrorKind::ProviderOverloaded, "the provider has too much to do"),
            _ if OVERLOADED.iter().any(|word| self.names(word)) => {
                (ErrorKind::ProviderOverloaded, "the provider has too much to do")
            }
            _ => (ErrorKind::ProviderFailed, "the provider failed"),
        }
    }

    fn names(&self, word: &str) -> bool {
        self.code == word || self.kind == word
    }

    /// Whether money or quota is used up: waiting does not help.
    fn is_spent(&self) -> bool {
        const SPENT: &[&str] = &[
            "insufficient_quota",
            "billing_error",
            "billing_hard_limit_reached",
            "billing_not_active",
            "insufficient_credits",
            "credit_balance_too_low",
            "spend_limit_reached",
            "access_terminated",
        ];
        self.daily_quota
            || self.status == Some(402)
            || SPENT.iter().any(|word| self.names(word))
            || self.message.contains("credit balance is too low")
    }

    /// Whether the request is longer than the model reads. Some tell it in words alone.
    fn is_too_long(&self) -> bool {
        const WORDS: &[&str] = &[
            "prompt is too long",
            "maximum context length",
            "exceeds the context window",
            "exceeds the available context size",
            "exceeds the maximum number of tokens",
            "input token count",
        ];
        self.names("context_length_exceeded")
            || self.names("exceed_context_size_error")
            || self.names("request_too_large")
            || WORDS.iter().any(|words| self.message.contains(words))
    }

    /// The status an error inside a success reply would have had.
    fn likely_status(&self) -> u16 {
        const BY_WORD: &[(u16, &[&str])] = &[
            (
                429,
                &[
                    "rate_limit_exceeded",
                    "rate_limit_error",
                    "requests",
                    "tokens",
                    "RESOURCE_EXHAUSTED",
                ],
            ),
            (401, &["invalid_api_key", "authentication_error", "UNAUTHENTICATED"]),
            (403, &["permission_error", "PERMISSION_DENIED"]),
            (404, &["not_found_error", "NOT_FOUND"]),
            (
                400,
                &[
                    "invalid_request_error",
                    "invalid_prompt",
                    "context_length_exceeded",
                    "exceed_context_size_error",
                    "BadRequestError",
                    "INVALID_ARGUMENT",
                ],
            ),
            (503, OVERLOADED),
        ];
        let named = BY_WORD.iter().find(|(_, words)| words.iter().any(|word| self.names(word)));
        named.map_or(500, |(status, _)| *status)
    }
}

/// Words for having too much to do.
const OVERLOADED: &[&str] =
    &["overloaded_error", "server_is_overloaded", "slow_down", "UNAVAILABLE"];

/// A server that asks for a longer wait is taken to ask for this: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

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
            (json!({ "error": { "code": "insufficient_quota" } }), ErrorKind::QuotaExhausted),
            (json!({ "error": { "code": 402 } }), ErrorKind::QuotaExhausted),
            (json!({ "error": { "code": 401 } }), ErrorKind::CredentialRefused),
            (json!({ "error": { "code": "context_length_exceeded" } }), ErrorKind::ContextTooLong),
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
