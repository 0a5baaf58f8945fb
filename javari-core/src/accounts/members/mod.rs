//! Who may act in a project beside its owner, and with which role.
//!
//! A role is looked up at each call and remembered for [`REMEMBERED_FOR`](super::REMEMBERED_FOR) at
//! most: who is removed is refused by this process at once and by another one that much later. On PostgreSQL the server looks
//! at every statement itself, so that a removed member reaches no row there either.

mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Role, missing, remembered::Remembered, store as users};
use crate::{
    audit::{Audit, Entry},
    error::{Error, ErrorKind, Result},
    storage::{Database, Transaction},
    types::{Clock, Page, PageRequest, ProjectId, ScopeKey, SubprojectId, Timestamp, UserId},
};

/// Makes somebody a member of the scope's project, or gives a member another role.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutMember {
    /// Whom, by the id.
    #[serde(default)]
    pub user: Option<UserId>,
    /// Whom, by the e-mail address, in place of the id.
    #[serde(default)]
    #[schemars(length(min = 3, max = 254))]
    pub email: Option<String>,
    /// The role: `viewer`, `developer` or `admin`.
    pub role: Role,
}

impl PutMember {
    /// Gives that user a role.
    pub fn new(user: UserId, role: Role) -> Self {
        Self { user: Some(user), email: None, role }
    }
}

/// Ends a membership.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveMember {
    /// Whose.
    pub user: UserId,
}

/// A member of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberView {
    /// Who.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// The name to show.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Since when they are a member.
    pub created_at: Timestamp,
    /// Since when they have this role.
    pub updated_at: Timestamp,
}

/// A project of somebody else, in which a user may act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipView {
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: UserId,
    /// What the user may do there.
    pub role: Role,
    /// The scope to act in.
    pub scope: ScopeKey,
    /// Since when the user is a member.
    pub created_at: Timestamp,
}

/// A project has no more members.
const MOST_MEMBERS: u64 = 500;

/// The members of projects in one database. Cheap to clone.
#[derive(Clone)]
pub struct Members {
    database: Database,
    clock: Arc<dyn Clock>,
    audit: Audit,
    remembered: Arc<Remembered>,
}

impl Members {
    pub(super) fn new(
        (database, clock, audit): (Database, Arc<dyn Clock>, Audit),
        remembered: Arc<Remembered>,
    ) -> Self {
        Self { database, clock, audit, remembered }
    }

    /// The role that the scope's member has in exactly the scope's project.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a member without a user and a project; `NOT_FOUND`, as for a project that is
    /// not there, for one who is no member of it.
    pub async fn role(&self, scope: &ScopeKey) -> Result<Role> {
        let Some(member) = scope.member else { return Ok(Role::Owner) };
        let (Some(user), Some(project)) = (scope.user, scope.project) else {
            return Err(Error::invalid("scope", "a member acts in a project of its owner")
                .with_field("/scope/member", "needs `user`, the owner, and `project`"));
        };
        let now = self.clock.now();
        if let Some(role) = self.remembered.role(scope, now) {
            return Ok(role);
        }
        let generation = self.remembered.generation();
        let found = store::role(&self.database, scope, (user, project, member)).await?;
        let (role, has_part) = found.ok_or_else(|| missing("scope", "project"))?;
        if !has_part {
            return Err(missing("scope", "subproject"));
        }
        self.remembered.keep(*scope, role, now, generation);
        Ok(role)
    }

    /// The scope in which `user` acts in a project: their own, or one that they are a member of.
    ///
    /// # Errors
    /// `NOT_FOUND` when it is neither.
    pub async fn scope_in(
        &self,
        user: UserId,
        project: ProjectId,
        subproject: Option<SubprojectId>,
    ) -> Result<ScopeKey> {
        let owner = store::owner(&self.database, user, project).await?;
        let owner = owner.ok_or_else(|| missing("scope", "project"))?;
        let scope = ScopeKey { subproject, ..ScopeKey::user(owner).with_project(project) };
        Ok(if owner == user { scope } else { scope.acted_by(user) })
    }

    /// The members of the scope's project, without its owner.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project.
    pub async fn list(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<MemberView>> {
        const OPERATION: &str = "members.list";
        let user = scope.require_user(OPERATION)?;
        let project = scope.require_project(OPERATION)?;
        store::list(&self.database, (user, project), page).await
    }

    /// The projects of others that the scope's user is a member of.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn projects(
        &self,
        scope: &ScopeKey,
        page: &PageRequest,
    ) -> Result<Page<MembershipView>> {
        let user = scope.require_user("members.projects")?;
        store::memberships(&self.database, user, page).await
    }

    /// Makes a user a member of the scope's project, or gives a member another role.
    ///
    /// # Errors
    /// `NOT_FOUND` for a user that is not there, `INVALID_INPUT` for the owner and for the owner's role,
    /// `FORBIDDEN` when the member who acts is no admin any more.
    pub async fn put(&self, scope: &ScopeKey, request: &PutMember) -> Result<MemberView> {
        const OPERATION: &str = "members.put";
        let owner = scope.require_user(OPERATION)?;
        let project = scope.require_project(OPERATION)?;
        if request.role == Role::Owner {
            return Err(Error::invalid(OPERATION, "a project has one owner")
                .with_field("/role", "must be `viewer`, `developer` or `admin`"));
        }
        let member = self.user_of(OPERATION, request).await?;
        if member == owner {
            return Err(Error::invalid(OPERATION, "the owner needs no role in the own project")
                .with_field("/user", "must be somebody else than the owner"));
        }
        let mut transaction = self.database.begin(scope).await?;
        self.require_admin(&mut transaction, OPERATION, scope).await?;
        let key = (owner, project, member);
        let before = store::hold(&mut transaction, key).await?;
        if before != Some(request.role) {
            if before.is_none() && store::count(&mut transaction, key).await? >= MOST_MEMBERS {
                return Err(Error::invalid(OPERATION, "the project has 500 members: remove some"));
            }
            let what = match before {
                None => "made somebody a member",
                Some(_) => "gave a member another role",
            };
            let entry = Entry::new(OPERATION, what)
                .with("member", member.to_string())
                .with("role", request.role.name())
                .with("role_before", before.map(Role::name));
            self.audit.append(&mut transaction, scope, entry).await?;
            store::put(&mut transaction, key, request.role, self.clock.now()).await?;
        }
        transaction.commit().await?;
        self.remembered.forget();
        let view = store::one(&self.database, key).await?;
        view.ok_or_else(|| missing(OPERATION, "member"))
    }

    /// Ends a membership at once, and deletes the keys that the member made for the project.
    ///
    /// # Errors
    /// `NOT_FOUND` when the project has no such member, `FORBIDDEN` when the member who acts is no
    /// admin any more.
    pub async fn remove(&self, scope: &ScopeKey, request: &RemoveMember) -> Result<()> {
        const OPERATION: &str = "members.remove";
        let mut transaction = self.database.begin(scope).await?;
        self.require_admin(&mut transaction, OPERATION, scope).await?;
        self.end(transaction, OPERATION, scope, request.user).await
    }

    /// Ends the membership of the member who acts.
    ///
    /// # Errors
    /// `INVALID_INPUT` for the owner, who is no member.
    pub async fn leave(&self, scope: &ScopeKey) -> Result<()> {
        const OPERATION: &str = "members.leave";
        let member = scope.member.ok_or_else(|| {
            Error::invalid(OPERATION, "the owner cannot leave the own project")
                .with_field("/scope/member", "is required")
        })?;
        let transaction = self.database.begin(scope).await?;
        self.end(transaction, OPERATION, scope, member).await
    }

    async fn end(
        &self,
        mut transaction: Transaction,
        operation: &'static str,
        scope: &ScopeKey,
        member: UserId,
    ) -> Result<()> {
        let owner = scope.require_user(operation)?;
        let key = (owner, scope.require_project(operation)?, member);
        let role = store::hold(&mut transaction, key).await?;
        let role = role.ok_or_else(|| missing(operation, "member"))?;
        let keys = store::delete_keys(&mut transaction, key).await?;
        let entry = Entry::new(operation, "ended a membership")
            .with("member", member.to_string())
            .with("role", role.name())
            .with("keys_deleted", keys);
        self.audit.append(&mut transaction, scope, entry).await?;
        // Last: who ends the own membership writes nothing behind it.
        store::delete(&mut transaction, key).await?;
        transaction.commit().await?;
        self.remembered.forget();
        Ok(())
    }

    /// What is remembered of a role is not enough to give one.
    async fn require_admin(
        &self,
        transaction: &mut Transaction,
        operation: &'static str,
        scope: &ScopeKey,
    ) -> Result<()> {
        let Some(member) = scope.member else { return Ok(()) };
        let (user, project) = (scope.require_user(operation)?, scope.require_project(operation)?);
        match store::hold(transaction, (user, project, member)).await? {
            Some(role) => role.require(operation, Role::Admin),
            None => Err(missing("scope", "project")),
        }
    }

    async fn user_of(&self, operation: &'static str, request: &PutMember) -> Result<UserId> {
        let found = match (request.user, &request.email) {
            (Some(user), None) => users::user(&self.database, user).await?,
            (None, Some(email)) => users::user_by_email(&self.database, email.trim()).await?,
            _ => {
                return Err(Error::invalid(operation, "name one user, by id or by address")
                    .with_field("/user", "is needed where `email` is left out, and only there"));
            }
        };
        found.map(|user| user.id).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, operation, "there is no such user: they sign in first")
        })
    }
}
