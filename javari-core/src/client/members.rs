//! The members of a scope's project, and the scope of one of them.

use super::{Javari, Scope};
use crate::{
    accounts::{MemberView, Members, PutMember, RemoveMember, Role},
    error::Result,
    types::{Page, PageRequest, ProjectId, UserId},
};

/// The members of one project.
pub struct MembersOf<'a>(pub(super) &'a Scope);

impl MembersOf<'_> {
    fn members(&self) -> &Members {
        self.0.javari().rooms().accounts.members()
    }

    /// The members, without the owner.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project.
    pub async fn list(&self, page: &PageRequest) -> Result<Page<MemberView>> {
        self.members().list(self.0.key(), page).await
    }

    /// Makes a user a member, or gives a member another role.
    ///
    /// # Errors
    /// As [`Members::put`].
    pub async fn put(&self, request: &PutMember) -> Result<MemberView> {
        self.members().put(self.0.key(), request).await
    }

    /// Ends a membership at once.
    ///
    /// # Errors
    /// As [`Members::remove`].
    pub async fn remove(&self, request: &RemoveMember) -> Result<()> {
        self.members().remove(self.0.key(), request).await
    }

    /// Ends the membership of the member who acts in this scope.
    ///
    /// # Errors
    /// `INVALID_INPUT` for the owner.
    pub async fn leave(&self) -> Result<()> {
        self.members().leave(self.0.key()).await
    }
}

impl Javari {
    /// The scope in which a user acts in a project, their own or one that they are a member of, and the
    /// role that they have there.
    ///
    /// The rooms of a [`Scope`] are the host's own calls and ask for no role;
    /// [`api::call`](crate::api::call) does. On PostgreSQL the server holds both to the project.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> javari_core::Result<()> {
    /// use javari_core::{Javari, accounts::{PutMember, Role}};
    /// let javari = Javari::open(":memory:").await?;
    /// let ann = javari.scope(javari.ensure_user("ann@example.com").await?.id);
    /// let site = ann.project(ann.ensure_project("site").await?.id);
    /// let bob = javari.ensure_user("bob@example.com").await?.id;
    /// site.members().put(&PutMember::new(bob, Role::Developer)).await?;
    /// let (scope, role) = javari.scope_in(bob, site.key().project.unwrap()).await?;
    /// assert_eq!(role, Role::Developer);
    /// assert_eq!((scope.key().user, scope.key().actor()), (ann.key().user, Some(bob)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NOT_FOUND` when the user has no place in that project.
    pub async fn scope_in(&self, user: UserId, project: ProjectId) -> Result<(Scope, Role)> {
        let accounts = &self.rooms().accounts;
        let key = accounts.members().scope_in(user, project, None).await?;
        let role = accounts.check(&key).await?;
        Ok((self.scope_of(key), role))
    }
}
