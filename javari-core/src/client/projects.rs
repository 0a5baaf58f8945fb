//! The projects of a scope's user, the parts of a project, and the users that the host has.

use super::{Javari, Scope};
use crate::{
    accounts::{
        Accounts, DeleteProject, EnsureProject, Project, ProjectDeletion, Subproject,
        UpdateProject, UpdateSubproject, UpdateUser, User,
    },
    error::Result,
    types::{Page, PageRequest},
};

impl Javari {
    /// Every user, the oldest first; the host's own.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn users(&self, page: &PageRequest) -> Result<Page<User>> {
        self.rooms().accounts.users(page).await
    }
}

impl Scope {
    fn accounts(&self) -> &Accounts {
        &self.javari().rooms().accounts
    }

    /// Changes what is shown of the scope's user.
    ///
    /// # Errors
    /// As [`Accounts::update_user`].
    pub async fn update_user(&self, request: &UpdateUser) -> Result<User> {
        self.accounts().update_user(self.key(), request).await
    }

    /// The user's project of that name, made when there is none.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user or with an empty name.
    pub async fn ensure_project(&self, name: &str) -> Result<Project> {
        let request =
            EnsureProject { name: name.to_owned(), description: None, repository_url: None };
        self.accounts().ensure_project(self.key(), &request).await
    }

    /// The user's projects.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn projects(&self, page: &PageRequest) -> Result<Page<Project>> {
        self.accounts().projects(self.key(), page).await
    }

    /// The project's subproject of that name, made when there is none.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project.
    pub async fn ensure_subproject(&self, name: &str) -> Result<Subproject> {
        let request =
            EnsureProject { name: name.to_owned(), description: None, repository_url: None };
        self.accounts().ensure_subproject(self.key(), &request).await
    }

    /// The scope's project.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project, `NOT_FOUND` when the user has none such.
    pub async fn get_project(&self) -> Result<Project> {
        self.accounts().project(self.key()).await
    }

    /// Changes the scope's project.
    ///
    /// # Errors
    /// As [`Accounts::update_project`].
    pub async fn update_project(&self, request: &UpdateProject) -> Result<Project> {
        self.accounts().update_project(self.key(), request).await
    }

    /// Deletes the scope's project with everything that is in it, keys included, for good.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> javari_core::Result<()> {
    /// use javari_core::{Javari, accounts::DeleteProject, secret::Secret, vault::PutCredential};
    /// let javari = Javari::open(":memory:").await?;
    /// let ann = javari.scope(javari.ensure_user("ann@example.com").await?.id);
    /// let site = ann.project(ann.ensure_project("site").await?.id);
    /// site.vault().put(PutCredential::new("STRIPE", Secret::new("sk-1"))).await?;
    /// let wrong = DeleteProject { name: "shop".into() };
    /// assert_eq!(site.delete_project(&wrong).await.unwrap_err().code(), "INVALID_INPUT");
    /// let deleted = site.delete_project(&DeleteProject { name: "site".into() }).await?;
    /// assert_eq!(deleted.rows["javari_credentials"], 1);
    /// assert_eq!(site.get_project().await.unwrap_err().code(), "NOT_FOUND");
    /// # javari.close().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`Accounts::delete_project`]; nothing was deleted then.
    pub async fn delete_project(&self, request: &DeleteProject) -> Result<ProjectDeletion> {
        let deleted = self.accounts().delete_project(self.key(), request).await?;
        self.javari().rooms().local.forget_keys();
        Ok(deleted)
    }

    /// The subprojects of the scope's project.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project.
    pub async fn subprojects(&self, page: &PageRequest) -> Result<Page<Subproject>> {
        self.accounts().subprojects(self.key(), page).await
    }

    /// The scope's subproject.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a subproject, `NOT_FOUND` when the project has none such.
    pub async fn get_subproject(&self) -> Result<Subproject> {
        self.accounts().subproject(self.key()).await
    }

    /// Changes the scope's subproject.
    ///
    /// # Errors
    /// As [`Accounts::update_subproject`].
    pub async fn update_subproject(&self, request: &UpdateSubproject) -> Result<Subproject> {
        self.accounts().update_subproject(self.key(), request).await
    }

    /// Deletes the scope's subproject with everything that is in it, keys included, for good.
    ///
    /// # Errors
    /// Those of [`Accounts::delete_subproject`]; nothing was deleted then.
    pub async fn delete_subproject(&self, request: &DeleteProject) -> Result<ProjectDeletion> {
        let deleted = self.accounts().delete_subproject(self.key(), request).await?;
        self.javari().rooms().local.forget_keys();
        Ok(deleted)
    }
}
