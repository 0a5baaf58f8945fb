//! Which entries of a trail to list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::types::{PageRequest, ProjectId, Timestamp, UserId};

/// Which entries to list: those that fit every filter which is given, newest first.
///
/// ```
/// use javari_core::audit::ListEntries;
///
/// let request = ListEntries { action: Some("vault.".into()), ..ListEntries::default() };
/// assert_eq!(request.limit, 100);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListEntries {
    /// At most this many items, 1 to 500.
    #[schemars(range(min = 1, max = 500))]
    pub limit: u32,
    /// Where to go on: `next` of the page before, with the same filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// What was done: an action such as `vault.put`, or with a dot at its end all that begins so,
    /// such as `vault.` or `app.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub action: Option<String>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// In which project. A scope that is narrowed to another one has none of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// Who did it: the owner of the trail, or a member of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Not before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Before this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl ListEntries {
    /// Which part of the list.
    pub(super) fn page(&self) -> PageRequest {
        PageRequest { limit: self.limit, cursor: self.cursor.clone() }
    }

    /// The action itself, and what it begins with: one of them where there is a filter.
    pub(super) fn action_or_prefix(&self) -> (Option<&str>, Option<&str>) {
        let action = self.action.as_deref();
        match action.is_some_and(|action| action.ends_with('.')) {
            true => (None, action),
            false => (action, None),
        }
    }
}

impl Default for ListEntries {
    fn default() -> Self {
        Self::from(PageRequest::default())
    }
}

/// Every entry, page by page.
impl From<PageRequest> for ListEntries {
    fn from(page: PageRequest) -> Self {
        let PageRequest { limit, cursor } = page;
        Self {
            limit,
            cursor,
            action: None,
            outcome: None,
            project: None,
            user: None,
            since: None,
            until: None,
        }
    }
}

impl From<&PageRequest> for ListEntries {
    fn from(page: &PageRequest) -> Self {
        page.clone().into()
    }
}
