//! What an app writes into the trail of its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::{Audit, Entry, EntryView, Outcome, store};
use crate::{
    error::{Error, Result},
    types::ScopeKey,
};

const OPERATION: &str = "audit.record";
/// What the actions of apps begin with. No room of Javari has this name, so nobody can write an entry
/// that looks like one of its own.
const APP: &str = "app";
const MOST_ACTION: usize = 100;
const MOST_DESCRIPTION: usize = 1_000;
const MOST_REASONING: usize = 8_000;
const MOST_FILES: usize = 200;
const MOST_PATH: usize = 500;
const MOST_DETAILS_BYTES: usize = 16 * 1024;
const MOST_DETAILS_LEVELS: usize = 16;

/// An entry of an app's own. Nothing in it may be a secret: an entry is never changed, and who reads
/// the trail reads all of it.
///
/// ```
/// use javari_core::audit::{FileChange, RecordEntry};
///
/// let entry = RecordEntry::new("app.code.refactored", "split the parser in two")
///     .with_reasoning("it had two purposes", Some(0.8))
///     .with_file("src/parser.rs", Some(FileChange::Modified))
///     .with_detail("tests", 41);
/// assert_eq!(entry.files.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordEntry {
    /// What was done: `app.`, then words of small letters, digits and `_` with dots between them, at
    /// most 100 characters. `app.` is the apps' alone; every other action is Javari's own.
    #[schemars(length(max = 100), regex(pattern = r"^app(\.[a-z][a-z0-9_]*)+$"))]
    pub action: String,
    /// The same for a person, at most 1,000 characters.
    #[schemars(length(min = 1, max = 1000))]
    pub description: String,
    /// Why, at most 8,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8000))]
    pub reasoning: Option<String>,
    /// How sure who did it was, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub confidence: Option<f64>,
    /// Which files it changed, at most 200: paths, or objects with `path` and `change`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200))]
    pub files: Vec<RecordedFile>,
    /// How it ended.
    #[serde(default)]
    pub outcome: Outcome,
    /// Names, ids and counts: at most 16 KiB as JSON, 16 levels deep.
    #[serde(default)]
    pub details: Map<String, Json>,
}

/// A file that was changed: its path alone, or also how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RecordedFile {
    /// Its path.
    Path(#[schemars(length(min = 1, max = 500))] String),
    /// Its path and how it was changed.
    Changed(ChangedFile),
}

/// A file and how it was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedFile {
    /// Its path, at most 500 characters.
    #[schemars(length(min = 1, max = 500))]
    pub path: String,
    /// How it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<FileChange>,
}

/// How a file was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileChange {
    /// It was made.
    Created,
    /// It has another content.
    Modified,
    /// It has this name now.
    Renamed,
    /// It is gone.
    Deleted,
}

impl RecordEntry {
    /// A successful action without files.
    pub fn new(action: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            description: description.into(),
            reasoning: None,
            confidence: None,
            files: Vec::new(),
            outcome: Outcome::Success,
            details: Map::new(),
        }
    }

    /// The same entry with why it was done, and how sure who did it was.
    #[must_use]
    pub fn with_reasoning(mut self, reasoning: impl Into<String>, confidence: Option<f64>) -> Self {
        (self.reasoning, self.confidence) = (Some(reasoning.into()), confidence);
        self
    }

    /// The same entry with one more file that was changed.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<String>, change: Option<FileChange>) -> Self {
        self.files.push(RecordedFile::Changed(ChangedFile { path: path.into(), change }));
        self
    }

    /// The same entry with one more detail.
    #[must_use]
    pub fn with_detail(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.details.insert(name.into(), value.into());
        self
    }

    /// The same entry with another outcome.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    pub(super) fn into_entry(self) -> Result<Entry> {
        self.validate()?;
        let files: Vec<Json> = self.files.iter().map(RecordedFile::as_json).collect();
        Ok(Entry {
            action: self.action.into(),
            description: self.description,
            reasoning: self.reasoning,
            // An engine keeps -0 as 0, and the hash is over what is read again.
            confidence: self.confidence.map(|confidence| confidence + 0.0),
            files: (!files.is_empty()).then_some(Json::Array(files)),
            details: self.details,
            outcome: self.outcome,
        })
    }

    /// Names every part that does not fit and repeats none.
    fn validate(&self) -> Result<()> {
        let mut faults = Vec::new();
        if !is_of_an_app(&self.action) {
            let what = "must be `app.` and small letters, digits, `_` and dots, 100 at most: \
                        other actions are Javari's own";
            faults.push(("/action".to_owned(), what));
        }
        if !is_text(&self.description, MOST_DESCRIPTION) {
            faults.push(("/description".to_owned(), "must be 1 to 1,000 characters without NUL"));
        }
        let reasoning = self.reasoning.as_deref().unwrap_or_default();
        if !reasoning.is_empty() && !is_text(reasoning, MOST_REASONING) {
            faults.push(("/reasoning".to_owned(), "must be at most 8,000 characters without NUL"));
        }
        if self.confidence.is_some_and(|confidence| !(0.0..=1.0).contains(&confidence)) {
            faults.push(("/confidence".to_owned(), "must be 0 to 1"));
        }
        if self.files.len() > MOST_FILES {
            faults.push(("/files".to_owned(), "must have at most 200 items"));
        }
        let wrong = |file: &RecordedFile| !is_text(file.path(), MOST_PATH);
        if let Some(place) = self.files.iter().position(wrong) {
            let what = "must have a path of 1 to 500 characters without NUL";
            faults.push((format!("/files/{place}"), what));
        }
        // The depth first: a text is made by going down as far.
        if !self.details.values().all(|value| is_kept(value, MOST_DETAILS_LEVELS - 1))
            || self.details.keys().any(|name| name.contains('\0'))
        {
            faults.push(("/details".to_owned(), "must be at most 16 levels deep and without NUL"));
        } else if json!(self.details).to_string().len() > MOST_DETAILS_BYTES {
            faults.push(("/details".to_owned(), "must be at most 16 KiB as JSON"));
        }
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::invalid(OPERATION, "the entry does not fit");
        Err(faults.into_iter().fold(error, |error, (path, what)| error.with_field(path, what)))
    }
}

impl RecordedFile {
    fn path(&self) -> &str {
        match self {
            Self::Path(path) | Self::Changed(ChangedFile { path, .. }) => path,
        }
    }

    fn as_json(&self) -> Json {
        match self {
            Self::Changed(ChangedFile { path, change: Some(change) }) => {
                json!({ "path": path, "change": change })
            }
            Self::Path(path) | Self::Changed(ChangedFile { path, change: None }) => {
                json!({ "path": path })
            }
        }
    }
}

impl Audit {
    /// Appends an entry of an app's own, and shows it as it stands in the trail.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each part that does not fit; those of the database.
    pub async fn record_of_app(&self, scope: &ScopeKey, entry: RecordEntry) -> Result<EntryView> {
        let entry = entry.into_entry()?;
        // As who acts: what a member wants to write is refused once they are none.
        let mut transaction = self.database.begin(scope).await?;
        let (clock, keys) = (self.clock.as_ref(), &self.keys);
        let kept = store::append(&mut transaction, clock, keys, scope, entry).await?;
        transaction.commit().await?;
        Ok(kept)
    }
}

fn is_of_an_app(action: &str) -> bool {
    let mut words = action.split('.');
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    action.len() <= MOST_ACTION
        && words.next() == Some(APP)
        && action.len() > APP.len()
        && words.all(is_word)
}

/// Whether every engine keeps the text as it is: PostgreSQL knows no NUL.
fn is_text(text: &str, most: usize) -> bool {
    !text.is_empty() && !text.contains('\0') && text.chars().count() <= most
}

/// Whether every engine keeps the value and every reader can read it again.
fn is_kept(value: &Json, levels: usize) -> bool {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => true,
        Json::String(text) => !text.contains('\0'),
        Json::Array(items) => levels > 0 && items.iter().all(|item| is_kept(item, levels - 1)),
        Json::Object(fields) => {
            levels > 0
                && fields
                    .iter()
                    .all(|(name, field)| !name.contains('\0') && is_kept(field, levels - 1))
        }
    }
}
