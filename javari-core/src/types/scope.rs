//! Whose data a call touches, as plain data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ProjectId, SubprojectId, UserId};
use crate::error::{Error, Result};

/// Whose data a call touches: a user, and optionally one project and subproject of theirs.
///
/// Without a user it is the host's own scope, which holds no user's data. With a `member` it is one of
/// the user's projects, in which somebody else acts with the role that they have there.
///
/// ```
/// use javari_core::types::{ProjectId, ScopeKey, UserId};
/// let id = uuid::Uuid::from_u128;
/// let (ann, bob, site) = (UserId(id(1)), UserId(id(2)), ProjectId(id(3)));
/// let own = ScopeKey::user(ann).with_project(site);
/// assert_eq!(own.actor(), Some(ann));
/// assert_eq!(own.acted_by(bob).actor(), Some(bob));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeKey {
    /// The user, or nothing for the host's own scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// A project of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// A subproject of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subproject: Option<SubprojectId>,
    /// The member of the project who acts, when it is not the user whose data it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<UserId>,
}

/// The level of the hierarchy that a row belongs to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ScopeLevel {
    /// The user's own.
    User,
    /// A project's.
    Project,
    /// A subproject's.
    Subproject,
}

impl ScopeLevel {
    /// The level's name in JSON, SQL and audit entries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Subproject => "subproject",
        }
    }
}

impl ScopeKey {
    /// The host's own scope.
    pub const HOST: Self = Self { user: None, project: None, subproject: None, member: None };

    /// The scope of a user.
    pub const fn user(user: UserId) -> Self {
        Self { user: Some(user), project: None, subproject: None, member: None }
    }

    /// The same scope narrowed to a project.
    #[must_use]
    pub const fn with_project(mut self, project: ProjectId) -> Self {
        self.project = Some(project);
        self.subproject = None;
        self
    }

    /// The same scope narrowed to a subproject.
    #[must_use]
    pub const fn with_subproject(mut self, subproject: SubprojectId) -> Self {
        self.subproject = Some(subproject);
        self
    }

    /// The same scope, in which a member of the project acts.
    #[must_use]
    pub const fn acted_by(mut self, member: UserId) -> Self {
        self.member = Some(member);
        self
    }

    /// Who acts: the member where one does, else the user whose data it is.
    pub const fn actor(&self) -> Option<UserId> {
        match self.member {
            Some(member) => Some(member),
            None => self.user,
        }
    }

    /// The user of the scope, or an error that says the operation needs one.
    pub fn require_user(&self, operation: &'static str) -> Result<UserId> {
        self.user.ok_or_else(|| {
            Error::invalid(operation, "this operation needs a user: call it on a user's scope")
                .with_field("/scope/user", "is required")
        })
    }

    /// The project of the scope, or an error that says the operation needs one.
    pub fn require_project(&self, operation: &'static str) -> Result<ProjectId> {
        self.project.ok_or_else(|| {
            Error::invalid(operation, "this operation needs a project: narrow the scope to one")
                .with_field("/scope/project", "is required")
        })
    }

    /// The subproject of the scope, or an error that says the operation needs one, with its project
    /// and user.
    pub fn require_subproject(&self, operation: &'static str) -> Result<SubprojectId> {
        self.require_user(operation)?;
        self.require_project(operation)?;
        self.subproject.ok_or_else(|| {
            Error::invalid(operation, "this operation needs a subproject: narrow the scope to one")
                .with_field("/scope/subproject", "is required")
        })
    }

    /// The innermost level the scope names.
    pub const fn level(&self) -> ScopeLevel {
        match (self.project, self.subproject) {
            (_, Some(_)) => ScopeLevel::Subproject,
            (Some(_), None) => ScopeLevel::Project,
            (None, None) => ScopeLevel::User,
        }
    }
}
