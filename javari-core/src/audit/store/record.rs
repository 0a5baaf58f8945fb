//! An entry as it stands in the trail, and what its hash is over.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::{audit::chain::ChainKey, error::Result, storage::Row};

/// What is hashed first: no two kinds of hash have the same bytes. The oldest entries have none.
const ENTRY: &str = "javari.audit.entry.v2";
/// A column without a value; one with a value is hashed behind an `=`.
const NOTHING: &str = "";

/// An entry with every field as the text that its hash is over; what is nothing there is null in JSON.
#[derive(Debug, Clone, Serialize)]
pub(in crate::audit) struct EntryRecord {
    pub(in crate::audit) seq: u64,
    pub(in crate::audit) id: String,
    pub(in crate::audit) user: Option<String>,
    pub(in crate::audit) project: Option<String>,
    pub(in crate::audit) action: String,
    pub(in crate::audit) description: String,
    pub(in crate::audit) reasoning: Option<String>,
    pub(in crate::audit) confidence: Option<String>,
    pub(in crate::audit) files: Option<String>,
    pub(in crate::audit) details: String,
    pub(in crate::audit) outcome: String,
    pub(in crate::audit) at: String,
    pub(in crate::audit) chain: String,
    pub(in crate::audit) previous_hash: String,
}

impl EntryRecord {
    /// The entry of a row of that chain, behind the entry with that hash.
    pub(in crate::audit) fn read(chain: &str, previous_hash: String, row: &Row) -> Result<Self> {
        // As they are read, not as an engine writes them: `1.50` is `1.5` wherever the row is kept.
        let files = row.get::<Option<Json>>("files_modified_json")?.map(in_order);
        let confidence = row.get::<Option<f64>>("confidence_score")?;
        Ok(Self {
            seq: row.get("seq")?,
            id: row.get("id")?,
            user: row.get("user_id")?,
            project: row.get("project_id")?,
            action: row.get("action_type")?,
            description: row.get("action_description")?,
            reasoning: row.get("reasoning_log")?,
            confidence: confidence.map(|confidence| confidence.to_string()),
            files: files.map(|files| files.to_string()),
            details: row.get("details")?,
            outcome: row.get("outcome")?,
            at: row.get("timestamp")?,
            chain: chain.to_owned(),
            previous_hash,
        })
    }

    /// Its hash.
    pub(in crate::audit) fn hash(&self, key: &ChainKey) -> Result<String> {
        let seq = self.seq.to_string();
        let further = [&self.reasoning, &self.confidence, &self.files]
            .map(|text| text.as_ref().map_or(NOTHING.to_owned(), |text| format!("={text}")));
        let mut fields = vec![ENTRY];
        fields.extend(self.first_fields(&seq));
        fields.extend(further.iter().map(String::as_str));
        key.hash(&fields)
    }

    /// Its hash in the first form, which had none of the seed's further columns; nothing when one of
    /// them is filled.
    pub(super) fn first_hash(&self, key: &ChainKey) -> Result<Option<String>> {
        if self.reasoning.is_some() || self.confidence.is_some() || self.files.is_some() {
            return Ok(None);
        }
        key.hash(&self.first_fields(&self.seq.to_string())).map(Some)
    }

    /// Whether this is its hash, in one of the two forms.
    pub(super) fn has_hash(&self, key: &ChainKey, stated: &str) -> Result<bool> {
        Ok(self.hash(key)? == stated || self.first_hash(key)?.is_some_and(|first| first == stated))
    }

    fn first_fields<'a>(&'a self, seq: &'a str) -> [&'a str; 11] {
        [
            &self.previous_hash,
            &self.chain,
            seq,
            &self.id,
            self.user.as_deref().unwrap_or_default(),
            self.project.as_deref().unwrap_or_default(),
            &self.action,
            &self.description,
            &self.details,
            &self.outcome,
            &self.at,
        ]
    }
}

/// The same with the names of every object in order, as JSONB sorts them in one way, and a reader that
/// keeps the order of a text in another.
pub(super) fn in_order(value: Json) -> Json {
    match value {
        Json::Array(items) => items.into_iter().map(in_order).collect(),
        Json::Object(fields) => {
            let sorted: BTreeMap<String, Json> =
                fields.into_iter().map(|(name, field)| (name, in_order(field))).collect();
            Json::Object(sorted.into_iter().collect())
        }
        other => other,
    }
}
