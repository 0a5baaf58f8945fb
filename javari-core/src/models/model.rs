//! One model of the catalogue.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Price;
use crate::types::Timestamp;

/// A model as its service offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Model {
    /// The service, such as `openai`.
    pub service: String,
    /// What to ask for.
    pub id: String,
    /// Other names that the service takes or took for it, dated ones among them.
    pub names: Vec<String>,
    /// What it is for.
    pub kind: ModelKind,
    /// The most tokens of one request, where that is known.
    pub context_tokens: Option<u64>,
    /// The most tokens of one answer, where that is known.
    pub output_tokens: Option<u64>,
    /// How many numbers a vector has, of a model that embeds.
    pub dimensions: Option<u32>,
    /// What it can do; what is not named it cannot, or nobody said so.
    pub abilities: BTreeSet<Ability>,
    /// How many minutes its cache may keep what is written into it on purpose, the shortest first;
    /// empty where one cannot choose.
    pub cache_minutes: Vec<u32>,
    /// The instant from which on it does not answer.
    pub retired_on: Option<Timestamp>,
    /// The id of the model to ask in its place. Without a date it is retired already.
    pub replaced_by: Option<String>,
    /// The day on which this was compared with what the service says.
    pub checked: Timestamp,
    /// What it costs, where that is known.
    pub price: Option<Price>,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// It writes.
    #[default]
    Chat,
    /// It turns texts into vectors.
    Embedding,
}

/// Something that a model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ability {
    /// Ask for tools.
    Tools,
    /// Be made to ask for one.
    ForcedTool,
    /// Read images.
    Images,
    /// Read files.
    Files,
    /// Be held to a JSON schema.
    ResponseSchema,
    /// Think before it answers.
    Reasoning,
    /// Answer without thinking, of a model that thinks.
    ReasoningOff,
    /// Take a temperature and its like; others refuse the request.
    Sampling,
    /// Go on with an answer that was begun for it.
    Prefill,
    /// Search the web.
    Search,
    /// Read the beginning of a request from the service's cache.
    Cache,
}

impl Model {
    /// Whether it can do this, as far as it is known.
    pub fn can(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }

    /// Whether it does not answer any more at `now`.
    pub fn is_retired(&self, now: Timestamp) -> bool {
        match self.retired_on {
            Some(day) => now >= day,
            None => self.replaced_by.is_some(),
        }
    }
}
