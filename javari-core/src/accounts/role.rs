//! What somebody may do in a project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// What somebody may do in a project. Each role may do what those before it may.
///
/// ```
/// use javari_core::accounts::Role;
/// assert!(Role::Admin.covers(Role::Developer));
/// assert!(!Role::Viewer.covers(Role::Developer));
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MemberRole")]
pub enum Role {
    /// Reads everything but secrets.
    Viewer,
    /// Reads secrets too, writes documents, asks models, runs monitors and repairs.
    Developer,
    /// Manages credentials, keys, members and subprojects too.
    Admin,
    /// Whose project it is. There is one, and it is nobody's to give.
    Owner,
}

impl Role {
    /// The role's name in JSON, SQL and audit entries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Developer => "developer",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Whether this role may do what needs `least`.
    pub fn covers(self, least: Self) -> bool {
        self >= least
    }

    /// Refuses what needs a role beyond this one.
    ///
    /// # Errors
    /// `FORBIDDEN` naming both roles.
    pub fn require(self, operation: &'static str, least: Self) -> Result<()> {
        if self.covers(least) {
            return Ok(());
        }
        let message = "the role in this project does not cover this operation";
        Err(Error::new(ErrorKind::Forbidden, operation, message)
            .with("role", self.name())
            .with("needs", least.name()))
    }

    /// The role of a member by its name. What is no role of a member is the least of them.
    pub(super) fn of_member(name: &str) -> Self {
        [Self::Developer, Self::Admin]
            .into_iter()
            .find(|role| role.name() == name)
            .unwrap_or(Self::Viewer)
    }
}
