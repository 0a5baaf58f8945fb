//! Users, their preferences, projects with their members, subprojects, and who is calling: tokens of
//! an issuer and keys of our own.
//!
//! What it deliberately does not do: it keeps no passwords and no sessions (an issuer does), and it
//! holds no money; ownership is a column of every row and a key the database checks.

mod api_key;
mod authenticate;
mod carrier;
mod deletion;
mod erase;
mod grant;
mod identity;
mod members;
mod preferences;
mod projects;
mod refusal;
mod remembered;
mod role;
mod store;
mod text;
mod token;

use std::sync::Arc;

pub use api_key::{ApiKeyView, ApiKeys, CreateApiKey, NewApiKey, RevokeApiKey};
pub use authenticate::{AuthenticateRequest, Authentication, Authenticator, Header};
pub use carrier::{Carrier, Presented, find_token};
pub use deletion::{DeleteProject, ProjectDeletion};
pub use erase::{EraseUser, Erasure};
pub use grant::Grant;
pub use members::{MemberView, Members, MembershipView, PutMember, RemoveMember};
pub use preferences::{Preferences, Theme};
pub use projects::{EnsureProject, Project, Subproject, UpdateProject, UpdateSubproject};
pub use remembered::REMEMBERED_FOR;
use remembered::Remembered;
pub use role::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use token::{Claims, TokenVerifier};

use crate::{
    audit::{Audit, Entry},
    error::{Error, ErrorKind, Result},
    storage::Database,
    types::{Clock, Page, PageRequest, ScopeKey, Timestamp, UserId},
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
    /// Where a picture of them is.
    pub avatar_url: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Changes what is shown of the scope's user. What is left out stays; an empty text takes away.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateUser {
    /// The name to show.
    #[schemars(length(max = 200))]
    pub name: Option<String>,
    /// Where a picture of them is: an `https` or `http` address.
    #[schemars(length(max = 2048))]
    pub avatar_url: Option<String>,
}

/// Users, projects and preferences in one database. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    database: Database,
    clock: Arc<dyn Clock>,
    audit: Audit,
    /// Scopes that were found to be whole a moment ago, of owners and of members.
    remembered: Arc<Remembered>,
    members: Members,
}

impl Accounts {
    /// The accounts in `database`.
    pub fn new(database: Database, clock: Arc<dyn Clock>, audit: Audit) -> Self {
        let remembered = Arc::<Remembered>::default();
        let parts = (database.clone(), clock.clone(), audit.clone());
        let members = Members::new(parts, remembered.clone());
        Self { database, clock, audit, remembered, members }
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

    /// Every user, the oldest first; the host's own.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn users(&self, page: &PageRequest) -> Result<Page<User>> {
        store::users(&self.database, page).await
    }

    /// Changes what is shown of the scope's user.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each part that does not fit, `NOT_FOUND` when there is no such user.
    pub async fn update_user(&self, scope: &ScopeKey, request: &UpdateUser) -> Result<User> {
        const OPERATION: &str = "users.update";
        let id = scope.require_user(OPERATION)?;
        let mut transaction = self.database.begin(scope).await?;
        self.audit.hold(&mut transaction, scope).await?;
        let found = store::user_to_change(&mut transaction, id).await?;
        let before = found.ok_or_else(|| missing(OPERATION, "user"))?;
        let mut user = before.clone();
        text::change(OPERATION, &text::NAME, &mut user.name, request.name.as_deref())?;
        let address = request.avatar_url.as_deref();
        text::change(OPERATION, &text::AVATAR, &mut user.avatar_url, address)?;
        if user != before {
            store::update_user(&mut transaction, &user, self.clock.now()).await?;
            let entry = Entry::new(OPERATION, "changed what is shown of the user");
            self.audit.append(&mut transaction, scope, entry).await?;
        }
        transaction.commit().await?;
        Ok(user)
    }

    /// Checks that the scope's user, project and subproject exist and belong together, and tells the
    /// role of who acts in it: the owner, or the member that it names. What was found is believed for
    /// [`REMEMBERED_FOR`], unless this process has deleted something since.
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
        let now = self.clock.now();
        if let Some(role) = self.remembered.role(scope, now) {
            return Ok(role);
        }
        let generation = self.remembered.generation();
        // Boxed, for every call holds this one: a thread of the host may have a small stack.
        match Box::pin(store::scope_parts(&self.database, scope, user)).await? {
            (false, _, _) => return Err(missing("scope", "user")),
            (_, false, _) => return Err(missing("scope", "project")),
            (_, _, false) => return Err(missing("scope", "subproject")),
            _ => {}
        }
        self.remembered.keep(*scope, Role::Owner, now, generation);
        Ok(Role::Owner)
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

fn missing(operation: &'static str, what: &str) -> Error {
    Error::new(ErrorKind::NotFound, operation, format!("there is no such {what} in this scope"))
}

#[cfg(test)]
mod tests;
