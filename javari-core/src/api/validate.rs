//! Checks a request against its schema and names every wrong field.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

use crate::error::{Error, ErrorKind, Result, is_plainly_a_name};

/// A schema, compiled at its first use.
pub(super) struct Validator {
    schema: Json,
    compiled: OnceLock<Option<jsonschema::Validator>>,
}

/// A request names at most this many faults; more would not help its author.
const MOST_FAULTS: usize = 50;

impl Validator {
    pub(super) fn new(schema: Json) -> Self {
        Self { schema, compiled: OnceLock::new() }
    }

    /// # Errors
    /// `INVALID_INPUT` with the JSON Pointer of each wrong field and no value of any.
    pub(super) fn check(&self, operation: &'static str, request: &Json) -> Result<()> {
        let compiled = self.compiled.get_or_init(|| jsonschema::validator_for(&self.schema).ok());
        let Some(validator) = compiled else {
            return Err(Error::new(
                ErrorKind::Unexpected,
                operation,
                "the operation's schema does not compile",
            ));
        };
        if validator.is_valid(request) {
            return Ok(());
        }
        let mut faults: Vec<(String, String)> = validator
            .iter_errors(request)
            .take(MOST_FAULTS)
            .flat_map(|fault| describe(request, &fault.instance_path().to_string(), fault.kind()))
            .map(|(path, fault)| (shown(&path), fault))
            .collect();
        faults.sort();
        faults.dedup();
        let count = faults.len();
        let message = match count {
            1 => "1 field of the request does not fit".to_owned(),
            _ => format!("{count} fields of the request do not fit"),
        };
        let error = Error::invalid(operation, message);
        Err(faults.into_iter().fold(error, |error, (path, fault)| error.with_field(path, fault)))
    }
}

/// The path as far as its parts are places and plain names: the key of a map is the caller's own text,
/// and a value may stand there.
fn shown(path: &str) -> String {
    let is_place = |part: &str| part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = path.split('/').skip(1);
    let plain = parts.take_while(|part| is_place(part) || is_plainly_a_name(part));
    plain.flat_map(|part| ["/", part]).collect()
}

/// The paths and faults that one schema error stands for, in words that repeat no value.
fn describe(request: &Json, path: &str, kind: &ValidationErrorKind) -> Vec<(String, String)> {
    use ValidationErrorKind as Kind;
    let unknown = |name: &String| match is_plainly_a_name(name) {
        true => (format!("{path}/{}", escape(name)), "is not a field of this request".to_owned()),
        // A value may stand where a name should.
        false => (path.to_owned(), "has a field that is not one of this request".to_owned()),
    };
    let fault = match kind {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            return vec![(format!("{path}/{}", escape(name)), "is required".to_owned())];
        }
        Kind::AdditionalProperties { unexpected } => {
            return unexpected.iter().map(unknown).collect();
        }
        // A request without any field is a schema that refuses every property.
        Kind::FalseSchema => match request.pointer(path).and_then(Json::as_object) {
            Some(fields) => return fields.keys().map(unknown).collect(),
            None => "must be an object without fields".to_owned(),
        },
        Kind::Type { kind } => format!("must be {}", type_words(kind)),
        Kind::Enum { options } => format!("must be one of {options}"),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::Pattern { pattern } => format!("must match {pattern}"),
        Kind::Format { format } => format!("must be a {format}"),
        Kind::OneOfNotValid { .. } | Kind::AnyOf { .. } | Kind::OneOfMultipleValid { .. } => {
            "fits none of the forms this field can have".to_owned()
        }
        _ => "does not fit its schema".to_owned(),
    };
    vec![(path.to_owned(), fault)]
}

fn type_words(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(one) => one.to_string(),
        jsonschema::error::TypeKind::Multiple(several) => {
            several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// A name as a part of a JSON Pointer (RFC 6901 §3), cut to a length that can be shown.
fn escape(name: &str) -> String {
    let shown: String = name.chars().take(80).collect();
    shown.replace('~', "~0").replace('/', "~1")
}
