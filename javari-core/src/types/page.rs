//! Bounded pages: no list in Javari is unbounded.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Which part of a list to return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PageRequest {
    /// At most this many items, 1 to 500.
    #[schemars(range(min = 1, max = 500))]
    pub limit: u32,
    /// Where to go on: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The largest page.
    pub const MAXIMUM: u32 = 500;

    /// The limit inside its bounds.
    pub fn bounded_limit(&self) -> u32 {
        self.limit.clamp(1, Self::MAXIMUM)
    }

    /// Where the list goes on, as the list itself counts; nothing for its beginning. `path` is where the
    /// cursor stands in the request of `operation`.
    ///
    /// ```
    /// use javari_core::types::PageRequest;
    ///
    /// let page = PageRequest { limit: 10, cursor: Some("17".into()) };
    /// assert_eq!(page.position::<u32>("audit.list", "/cursor").unwrap(), Some(17));
    /// let page = PageRequest { limit: 10, cursor: Some("of another list".into()) };
    /// assert_eq!(page.position::<u32>("audit.list", "/cursor").unwrap_err().code(), "INVALID_INPUT");
    /// ```
    ///
    /// # Errors
    /// `INVALID_INPUT` when the cursor is not one of such a list.
    pub fn position<T: FromStr>(
        &self,
        operation: &'static str,
        path: &'static str,
    ) -> Result<Option<T>> {
        let position = self.cursor.as_deref().map(str::parse).transpose();
        position.map_err(|_| foreign_cursor(operation, path))
    }
}

/// The error of a cursor that another list gave, or nobody.
pub(crate) fn foreign_cursor(operation: &'static str, path: &'static str) -> Error {
    Error::invalid(operation, "the cursor is not one of this list")
        .with_field(path, "must be `next` of the page before")
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: 100, cursor: None }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the page after this one; nothing at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Builds a page from one row more than the limit, so that `next` is known without a count.
    pub fn from_rows(mut rows: Vec<T>, limit: u32, cursor_of: impl Fn(&T) -> String) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(cursor_of) } else { None };
        Self { items: rows, next }
    }
}
