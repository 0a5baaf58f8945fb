//! An entry: what to write down, and how it is shown.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::types::{EntryId, ProjectId, Timestamp, UserId};

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it should.
    #[default]
    Success,
    /// It did a part of it.
    PartialSuccess,
    /// It did not.
    Failure,
}

impl Outcome {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::PartialSuccess => "partial_success",
            Self::Failure => "failure",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        match name {
            "success" => Self::Success,
            "partial_success" => Self::PartialSuccess,
            _ => Self::Failure,
        }
    }
}

/// What to write down: `action` is `room.verb`, `description` one sentence without secrets.
#[derive(Debug, Clone)]
pub struct Entry {
    pub(super) action: Cow<'static, str>,
    pub(super) description: String,
    pub(super) reasoning: Option<String>,
    pub(super) confidence: Option<f64>,
    pub(super) files: Option<Json>,
    pub(super) details: Map<String, Json>,
    pub(super) outcome: Outcome,
}

impl Entry {
    /// A successful action. What an app writes down of its own is a
    /// [`RecordEntry`](super::RecordEntry).
    pub fn new(action: &'static str, description: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            description: description.into(),
            reasoning: None,
            confidence: None,
            files: None,
            details: Map::new(),
            outcome: Outcome::Success,
        }
    }

    /// The same entry with one more detail. Never a secret.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// The same entry with another outcome.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }
}

/// An entry as it stands in the trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EntryView {
    /// Its id.
    pub id: EntryId,
    /// Its place in the chain, from 1.
    pub seq: u64,
    /// Who did it: the owner of the trail, or a member of the project.
    pub user: Option<UserId>,
    /// In which project.
    pub project: Option<ProjectId>,
    /// What was done: `room.verb`, or what an app of its own calls it, which begins with `app.`.
    pub action: String,
    /// The same for a person.
    pub description: String,
    /// Why, in the words of who did it.
    pub reasoning: Option<String>,
    /// How sure they were, 0 to 1.
    pub confidence: Option<f64>,
    /// Which files it changed: a list of objects with `path` and, where it was told, `change`. What
    /// an adopted log held stands here as it was.
    pub files: Option<Json>,
    /// Names, ids and counts.
    pub details: Json,
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
}
