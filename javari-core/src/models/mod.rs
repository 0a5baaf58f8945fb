//! What is known about models: which service offers them, what they can do, when they are retired
//! and what they cost.
//!
//! [`Models`] is read from one versioned file, `models.json`, which is compiled in and parsed when it
//! is first asked; a host puts a file of its own in its place. It asks nobody over the network.
//!
//! It lies below `provider` and `cost`, which stand side by side and may not name each other: the one
//! has to know what a model takes, the other what it costs, and the router above them both.
//!
//! What it deliberately does not do: it calculates no cost (`cost` does), chooses no model (`router`
//! does) and knows no model that its file does not name.

mod model;
mod price;
mod table;

use std::{collections::BTreeMap, path::Path, sync::OnceLock};

pub use self::{
    model::{Ability, Model, ModelKind},
    price::{Factor, LongPrice, ParseFactorError, Price, Rates, RequestFees, TierPrice, TokenKind},
};
use crate::{
    error::{Error, ErrorKind, Result},
    types::Timestamp,
};

/// The catalogue of models, with its version.
///
/// ```
/// use javari_core::models::{Ability, Models};
/// let model = Models::builtin().find("anthropic", "claude-sonnet-5-5").unwrap();
/// assert!(model.can(Ability::Tools) && !model.can(Ability::Sampling));
/// assert!(Models::builtin().find("openai", "a model nobody knows").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Models {
    version: String,
    free: Vec<String>,
    models: Vec<Model>,
    /// Where each name of a service's model stands in `models`.
    names: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Models {
    /// The catalogue compiled into this library: what the services' own lists say, which it may lag
    /// behind.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Models> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            // A test reads the same text; were it ever broken, no model would be known.
            Self::from_json(include_str!("models.json")).unwrap_or_default()
        })
    }

    /// A catalogue in the form of `models.json`.
    ///
    /// # Errors
    /// `CONFIGURATION` naming the fault; nothing of it is kept then.
    pub fn from_json(text: &str) -> Result<Self> {
        table::read(text)
    }

    /// The same from a file.
    ///
    /// # Errors
    /// `CONFIGURATION` naming the file and the fault.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let read = std::fs::read_to_string(path).map_err(|error| {
            let message = "the file of models cannot be read: check its path and its rights";
            Error::new(ErrorKind::Configuration, "models.read", message)
                .with("reason", &error)
                .with_source(error)
        });
        read.and_then(|text| Self::from_json(&text))
            .map_err(|error| error.with("file", path.display()))
    }

    /// The catalogue's version, a date.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Every model, service by service.
    pub fn all(&self) -> impl Iterator<Item = &Model> {
        self.models.iter()
    }

    /// Whether calls of this service cost nothing, whatever the model: it runs on the host's own
    /// machines.
    pub fn is_free(&self, service: &str) -> bool {
        self.free.iter().any(|free| free == service)
    }

    /// The model that goes by this name at this service, such as `openai`. A dated id such as
    /// `gpt-6-luna-2026-09-01` is the model without the date unless it stands in the catalogue itself.
    pub fn find(&self, service: &str, name: &str) -> Option<&Model> {
        let names = self.names.get(service)?;
        let at = names.get(name).or_else(|| names.get(undated(name)?))?;
        self.models.get(*at)
    }

    /// The model to ask in the place of one that is retired at `now`; nothing when it is not, when
    /// nobody knows it and when nothing replaces it.
    ///
    /// ```
    /// use javari_core::{models::Models, types::Timestamp};
    /// let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    /// let successor = Models::builtin().successor("openai", "gpt-4-turbo", now).unwrap();
    /// assert_eq!(successor.id, "gpt-6.1-terra");
    /// assert!(Models::builtin().successor("openai", "gpt-6.1-terra", now).is_none());
    /// ```
    pub fn successor(&self, service: &str, name: &str, now: Timestamp) -> Option<&Model> {
        let asked = self.find(service, name)?;
        let mut model = asked;
        // The table was read only because every chain of successors ends.
        while model.is_retired(now) {
            model = self.find(service, model.replaced_by.as_deref()?)?;
        }
        (!std::ptr::eq(model, asked)).then_some(model)
    }
}

/// The id without a date at its end: `-2024-07-18` or `-20240718`.
fn undated(name: &str) -> Option<&str> {
    const PATTERNS: [&[u8]; 2] = [b"-0000-00-00", b"-00000000"];
    PATTERNS.iter().find_map(|pattern| {
        let at = name.len().checked_sub(pattern.len())?;
        let (base, date) = (name.get(..at)?, name.get(at..)?);
        let fits = date.bytes().zip(*pattern).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            _ => byte == *expected,
        });
        (fits && !base.is_empty()).then_some(base)
    })
}

#[cfg(test)]
mod facts;
#[cfg(test)]
mod tests;
