//! Says what failed, where, and whether trying again can help.
//!
//! One [`Error`] serves every room and every language. It carries a [`ErrorKind`] with a stable
//! code, the operation, one sentence for a person, context pairs and retry advice. It never holds
//! a secret: rooms put names and ids in the context, not values.
//!
//! What it deliberately does not do: it has no variant per library underneath. A driver's error
//! becomes a kind at the edge of the room that owns the driver and survives only as the source.

mod kind;

use std::{error::Error as StdError, fmt, time::Duration};

pub use kind::ErrorKind;
use serde::Serialize;

/// The result of every fallible call in Javari.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whether and when the same call may succeed if it is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same call fails again until something else changes.
    Never,
    /// The fault was momentary; the caller may try at once.
    Now,
    /// The caller may try again after this long.
    After(Duration),
}

/// One field of a request that does not fit its schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// JSON Pointer (RFC 6901) of the field, `""` for the whole request.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}

/// What failed, on what, why, and what to do next.
///
/// `Display` is one line for a log; `Debug` shows every part over several lines.
///
/// ```
/// use javari_core::{Error, ErrorKind};
/// let error = Error::new(ErrorKind::NotFound, "vault.get", "no credential named `STRIPE`")
///     .with("name", "STRIPE");
/// assert_eq!(error.code(), "NOT_FOUND");
/// assert_eq!(error.to_string(), "NOT_FOUND at vault.get: no credential named `STRIPE` (name=STRIPE)");
/// ```
pub struct Error(Box<Parts>);

struct Parts {
    kind: ErrorKind,
    operation: &'static str,
    message: String,
    context: Vec<(&'static str, String)>,
    fields: Vec<FieldFault>,
    retry: Retry,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind` in `operation` (`room.verb`), with one sentence for a person.
    pub fn new(kind: ErrorKind, operation: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            operation,
            message: message.into(),
            context: Vec::new(),
            fields: Vec::new(),
            retry: kind.default_retry(),
            source: None,
        }))
    }

    /// A request that does not fit: [`ErrorKind::InvalidInput`] naming every wrong field.
    pub fn invalid(operation: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, operation, message)
    }

    /// The same error with one more `key=value` of context. Never pass a secret.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.context.push((key, value.to_string()));
        self
    }

    /// The same error naming a wrong field by JSON Pointer.
    #[must_use]
    pub fn with_field(mut self, path: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.fields.push(FieldFault { path: path.into(), message: message.into() });
        self
    }

    /// The same error with other retry advice than its kind's.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// The same error with the fault that caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong, for a program to branch on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable code of the kind, such as `INVALID_INPUT`.
    pub fn code(&self) -> &'static str {
        self.0.kind.code()
    }

    /// The operation that failed, `room.verb`.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// One sentence for a person.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Names and ids that tell one failure from another.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// The wrong fields of a request, empty unless the kind is `InvalidInput`.
    pub fn fields(&self) -> &[FieldFault] {
        &self.0.fields
    }

    /// Whether and when to try again.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Seconds to wait before trying again: `None` when trying again cannot help.
    pub fn retry_after_seconds(&self) -> Option<f64> {
        match self.0.retry {
            Retry::Never => None,
            Retry::Now => Some(0.0),
            Retry::After(wait) => Some(wait.as_secs_f64()),
        }
    }
}

/// Whether a caller's text may be repeated as a name: letters and `_` alone, for what holds digits
/// or signs may be a key in the wrong place.
pub(crate) fn is_plainly_a_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b' ' | b'.'))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.code(), self.0.operation, self.0.message)?;
        let faults =
            self.0.fields.iter().map(|fault| (fault.path.as_str(), fault.message.as_str()));
        let pairs = self.0.context.iter().map(|(key, value)| (*key, value.as_str()));
        let mut opened = false;
        for (key, value) in pairs.chain(faults) {
            write!(f, "{}{key}={value}", if opened { ", " } else { " (" })?;
            opened = true;
        }
        if opened { f.write_str(")") } else { Ok(()) }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{self}")?;
        writeln!(f, "  retry: {:?}", self.0.retry)?;
        let mut source = self.source();
        while let Some(cause) = source {
            writeln!(f, "  caused by: {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| source.as_ref() as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_line_with_context_and_fields() {
        let error = Error::invalid("vault.put", "2 fields do not fit")
            .with("name", "A")
            .with_field("/value", "is required");
        assert_eq!(
            error.to_string(),
            "INVALID_INPUT at vault.put: 2 fields do not fit (name=A, /value=is required)"
        );
    }

    #[test]
    fn every_code_is_unique_and_upper_snake() {
        let mut seen = std::collections::HashSet::new();
        for kind in ErrorKind::ALL {
            assert!(seen.insert(kind.code()), "{} is listed twice", kind.code());
            assert!(kind.code().chars().all(|c| c.is_ascii_uppercase() || c == '_'));
            assert!((400..600).contains(&kind.http_status()));
        }
    }
}
