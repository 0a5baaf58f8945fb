//! What is searched for and what is found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    types::{ChunkId, DocumentId},
};

/// How to find chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchMode {
    /// By the words they share with the query: BM25 over an index with stems.
    Lexical,
    /// By the nearness of their vectors to the query's: exact cosine.
    Vector,
    /// By both.
    #[default]
    Hybrid,
}

/// How a hybrid search joins its two rankings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fusion {
    /// The weighted sum of both scores, each brought to 0 to 1 by its least and greatest (Bruch,
    /// Gai, Ingber 2023, <https://doi.org/10.1145/3596512>).
    #[default]
    Convex,
    /// Reciprocal rank fusion with k = 60 (Cormack, Clarke, Büttcher 2009).
    ReciprocalRank,
}

/// A search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SearchRequest {
    /// What to look for, in plain words; nothing in it is syntax.
    pub query: String,
    /// How to find.
    #[serde(default)]
    pub mode: SearchMode,
    /// How a hybrid search joins.
    #[serde(default)]
    pub fusion: Fusion,
    /// At most this many hits, 1 to 50.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 50))]
    pub limit: u32,
    /// Leaves out hits with a lesser score. The score is BM25's in a lexical search, the cosine in
    /// a vector search, and 0 to 1 relative to the best in a hybrid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Only documents whose path begins so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

fn default_limit() -> u32 {
    SearchRequest::DEFAULT_LIMIT
}

impl SearchRequest {
    /// How many hits where nothing is said.
    pub const DEFAULT_LIMIT: u32 = 8;
    /// The most hits.
    pub const MAXIMUM_LIMIT: u32 = 50;

    /// A hybrid search for `query`.
    pub fn new(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            mode: SearchMode::default(),
            fusion: Fusion::default(),
            limit: Self::DEFAULT_LIMIT,
            threshold: None,
            prefix: None,
        }
    }

    /// The same search by another mode.
    #[must_use]
    pub fn with_mode(mut self, mode: SearchMode) -> Self {
        self.mode = mode;
        self
    }

    /// The same search for at most `limit` hits.
    #[must_use]
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Checks the bounds.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each wrong field.
    pub fn validate(&self) -> Result<()> {
        let mut faults = Vec::new();
        if !(1..=Self::MAXIMUM_LIMIT).contains(&self.limit) {
            faults.push(("/limit", "must be 1 to 50"));
        }
        if self.threshold.is_some_and(|threshold| !threshold.is_finite()) {
            faults.push(("/threshold", "must be a number"));
        }
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::invalid("knowledge.search", "the search does not fit");
        Err(faults.into_iter().fold(error, |error, (path, why)| error.with_field(path, why)))
    }
}

/// A search as a store gets it: with the query's vector.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    /// The search.
    pub request: SearchRequest,
    /// The query's vector; a store without it searches lexically.
    pub vector: Option<QueryVector>,
}

/// The vector of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryVector {
    /// The model; only vectors of the same model are compared.
    pub model: String,
    /// The vector, of any length.
    pub values: Vec<f32>,
    /// How much the vectors count in a hybrid search, 0 to 1.
    pub weight: f64,
}

/// A chunk that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SearchHit {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// Its document.
    pub document_id: DocumentId,
    /// Where the document is from.
    pub path: String,
    /// The document's title.
    pub title: Option<String>,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Its page, from 1.
    pub page: Option<u32>,
    /// Where it begins in the document's text, in characters (Unicode code points).
    pub start: u64,
    /// Where it ends.
    pub end: u64,
    /// Its text: exactly the characters `start..end` of the document's text.
    pub text: String,
    /// Its length in tokens.
    pub tokens: u32,
    /// What the hits are ordered by; see [`SearchRequest::threshold`].
    pub score: f64,
    /// What the score is made of.
    pub scores: Scores,
}

/// The two scores of a hit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Scores {
    /// BM25, greater is better; absent where no word matched or was asked.
    pub lexical: Option<f64>,
    /// Cosine, -1 to 1; absent where vectors were not asked.
    pub vector: Option<f64>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchReply {
    /// The hits, best first.
    pub hits: Vec<SearchHit>,
}
