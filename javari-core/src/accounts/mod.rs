//! Users, their preferences, projects with their members, subprojects, and who is calling: tokens of
//! an issuer and keys of our own.
//!
//! What it deliberately does not do: it keeps no passwords and no sessions (an issuer does), and it
//! holds no money; ownership is a column of every row and a key the database checks.

mod api_key;
mod authenticate;
mod carrier;
mod erase;
mod grant;
mod identity;
mod members;
mod preferences;
mod refusal;
mod role;
mod store;
mod token;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use api_key::{ApiKeyView, ApiKeys, CreateApiKey, NewApiKey, RevokeApiKey};
pub use authenticate::{AuthenticateRequest, Authentication, Authenticator, Header};
pub use carrier::{Carrier, Presented, find_token};
pub use erase::{EraseUser, Erasure};
pub use grant::Grant;
pub use members::{MemberView, Members, MembershipView, PutMember, REMEMBERED_FOR, RemoveMember};
pub use preferences::{Preferences, Theme};
pub use role::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use token::{Claims, TokenVerifier};

use crate::{
    audit::{Audit, Entry},
    error::{Error, ErrorKind, Result},
    storage::Database,
    types::{Clock, Page, PageRequest, ProjectId, ScopeKey, SubprojectId, Timestamp, UserId},
};

/// Asks for the user of an e-mail address, made when there is none.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnsureUser {
    /// The address; upper and lower case are the same user.
    #[schemars(length(min = 3, max = 254))]
    pub email: String,
    /// The name to show, kept from the first time it is given.
    #[serde(default)]
    pub name: Option<String>,
}

/// A person or service account whose data Javari keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The id that scopes are made of.
    pub id: UserId,
    /// The address as it was first written.
    pub email: String,
    /// The name to show.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Asks for a project, or a subproject, of a name, made when there is none.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnsureProject {
    /// The name, unique among its neighbours.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// The repository that monitors and repairs work on; of projects only.
    #[serde(default)]
    pub repository_url: Option<String>,
}

/// A project of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The repository it is bound to.
    pub repository_url: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A part of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subproject {
    /// Its id.
    pub id: SubprojectId,
    /// The project it is a part of.
    pub project_id: ProjectId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Users, projects and preferences in one database. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    database: Database,
    clock: Arc<dyn Clock>,
    audit: Audit,
    /// Scopes that were found to be whole. One that was deleted since holds no rows any more.
    checked: Arc<Mutex<HashSet<ScopeKey>>>,
    members: Members,
}

/// So many checked scopes are remembered.
const REMEMBERED: usize = 10_000;

impl Accounts {
    /// The accounts in `database`.
    pub fn new(database: Database, clock: Arc<dyn Clock>, audit: Audit) -> Self {
        let members = Members::new(database.clone(), clock.clone(), audit.clone());
        Self { database, clock, audit, checked: Arc::default(), members }
    }

    /// Who may act in projects beside their owners.
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// The user of that address, made when there is none. Two callers at once get the same user.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the address is not one.
    pub async fn ensure_user(&self, request: &EnsureUser) -> Result<User> {
        let email = request.email.trim();
        require_address(email)?;
        if let Some(user) = store::user_by_email(&self.database, email).await? {
            return Ok(user);
        }
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        let id = UserId(self.clock.new_id());
        let made = store::insert_user(
            &mut transaction,
            id,
            email,
            request.name.as_deref(),
            self.clock.now(),
        )
        .await?;
        if made {
            let entry = Entry::new("users.ensure", "made a user");
            self.audit.append(&mut transaction, &ScopeKey::user(id), entry).await?;
        }
        transaction.commit().await?;
        store::user_by_email(&self.database, email)
            .await?
            .ok_or_else(|| missing("users.ensure", "user"))
    }

    /// The user of the scope.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none.
    pub async fn user(&self, scope: &ScopeKey) -> Result<User> {
        let user = scope.require_user("users.get")?;
        store::user(&self.database, user).await?.ok_or_else(|| missing("users.get", "user"))
    }

    /// Checks that the scope's user, project and subproject exist and belong together, once for
    /// each scope, and tells the role of who acts in it: the owner, or the member that it names.
    ///
    /// # Errors
    /// `NOT_FOUND` naming the part that does not exist in this scope: to one who is no member of a
    /// project it does not.
    pub async fn check(&self, scope: &ScopeKey) -> Result<Role> {
        if scope.member.is_some() {
            return Box::pin(self.members.role(scope)).await;
        }
        let Some(user) = scope.user else {
            return match (scope.project, scope.subproject) {
                (None, None) => Ok(Role::Owner),
                _ => Err(Error::invalid("scope", "a project belongs to a user: name the user too")
                    .with_field("/scope/user", "is required")),
            };
        };
        if self.checked().contains(scope) {
            return Ok(Role::Owner);
        }
        // Boxed, for every call holds this one: a thread of the host may have a small stack.
        match Box::pin(store::scope_parts(&self.database, scope, user)).await? {
            (false, _, _) => return Err(missing("scope", "user")),
            (_, false, _) => return Err(missing("scope", "project")),
            (_, _, false) => return Err(missing("scope", "subproject")),
            _ => {}
        }
        let mut checked = self.checked();
        if checked.len() >= REMEMBERED {
            checked.clear();
        }
        checked.insert(*scope);
        Ok(Role::Owner)
    }

    fn checked(&self) -> MutexGuard<'_, HashSet<ScopeKey>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The scope user's project of that name, made when there is none.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user or with an empty name.
    pub async fn ensure_project(
        &self,
        scope: &ScopeKey,
        request: &EnsureProject,
    ) -> Result<Project> {
        const OPERATION: &str = "projects.ensure";
        let user = scope.require_user(OPERATION)?;
        let name = required_name(OPERATION, &request.name)?;
        if let Some(project) = store::project_by_name(&self.database, user, name).await? {
            return Ok(project);
        }
        let mut transaction = self.database.begin(scope).await?;
        let id = ProjectId(self.clock.new_id());
        if store::insert_project(&mut transaction, id, user, name, request, self.clock.now())
            .await?
        {
            let entry = Entry::new(OPERATION, "made a project").with("project", id.to_string());
            self.audit.append(&mut transaction, scope, entry).await?;
        }
        transaction.commit().await?;
        let project = store::project_by_name(&self.database, user, name).await?;
        project.ok_or_else(|| missing(OPERATION, "project"))
    }

    /// The scope user's projects, oldest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn projects(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<Project>> {
        let user = scope.require_user("projects.list")?;
        store::projects(&self.database, user, page).await
    }

    /// The scope project's subproject of that name, made when there is none.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project, `NOT_FOUND` when the project is not the user's.
    pub async fn ensure_subproject(
        &self,
        scope: &ScopeKey,
        request: &EnsureProject,
    ) -> Result<Subproject> {
        const OPERATION: &str = "subprojects.ensure";
        let user = scope.require_user(OPERATION)?;
        let project = scope.require_project(OPERATION)?;
        let name = required_name(OPERATION, &request.name)?;
        if let Some(found) = store::subproject_by_name(&self.database, user, project, name).await? {
            return Ok(found);
        }
        let mut transaction = self.database.begin(scope).await?;
        let id = SubprojectId(self.clock.new_id());
        let made = store::insert_subproject(
            &mut transaction,
            (id, project, user),
            name,
            request.description.as_deref(),
            self.clock.now(),
        )
        .await?;
        if made {
            let entry =
                Entry::new(OPERATION, "made a subproject").with("subproject", id.to_string());
            self.audit.append(&mut transaction, scope, entry).await?;
        }
        transaction.commit().await?;
        let found = store::subproject_by_name(&self.database, user, project, name).await?;
        found.ok_or_else(|| missing(OPERATION, "subproject"))
    }

    /// The scope user's preferences; the defaults until they are changed.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn preferences(&self, scope: &ScopeKey) -> Result<Preferences> {
        let user = scope.require_user("preferences.get")?;
        Ok(store::preferences(&self.database, user).await?.unwrap_or_default())
    }

    /// Replaces the scope user's preferences.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each value outside its bounds, `NOT_FOUND` for a user that is not.
    pub async fn put_preferences(
        &self,
        scope: &ScopeKey,
        request: &Preferences,
    ) -> Result<Preferences> {
        const OPERATION: &str = "preferences.put";
        let user = scope.require_user(OPERATION)?;
        request.check(OPERATION)?;
        let mut transaction = self.database.begin(scope).await?;
        store::put_preferences(&mut transaction, user, request, self.clock.now()).await?;
        let entry = Entry::new(OPERATION, "changed preferences")
            .with("autonomy_level", request.autonomy_level.name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(request.clone())
    }
}

fn require_address(email: &str) -> Result<()> {
    let fits = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email
            .rsplit_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if fits {
        return Ok(());
    }
    Err(Error::invalid("users.ensure", "the e-mail address is not one")
        .with_field("/email", "must look like name@host, at most 254 bytes, without spaces"))
}

fn required_name<'a>(operation: &'static str, name: &'a str) -> Result<&'a str> {
    let name = name.trim();
    if !name.is_empty() && name.chars().count() <= 200 && !name.contains('\0') {
        return Ok(name);
    }
    Err(Error::invalid(operation, "the name does not fit")
        .with_field("/name", "must have 1 to 200 characters"))
}

fn missing(operation: &'static str, what: &str) -> Error {
    Error::new(ErrorKind::NotFound, operation, format!("there is no such {what} in this scope"))
}

#[cfg(test)]
mod tests;
