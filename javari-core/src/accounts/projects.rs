//! Projects and their parts: made, listed, looked at and changed. How they end stands in `deletion`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    Accounts, missing, store,
    text::{self, required_name},
};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    types::{Page, PageRequest, ProjectId, ScopeKey, SubprojectId, Timestamp},
};

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

/// Changes the scope's project. What is left out stays; an empty text takes away.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateProject {
    /// The name, unique among the owner's projects.
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
    /// What it is for.
    #[schemars(length(max = 10_000))]
    pub description: Option<String>,
    /// The repository that monitors and repairs work on.
    #[schemars(length(max = 2048))]
    pub repository_url: Option<String>,
    /// Values that the host keeps beside it, in the place of all that were there.
    pub metadata: Option<Map<String, Json>>,
}

/// Changes the scope's subproject. What is left out stays; an empty text takes away.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateSubproject {
    /// The name, unique among the project's subprojects.
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
    /// What it is for.
    #[schemars(length(max = 10_000))]
    pub description: Option<String>,
    /// Values that the host keeps beside it, in the place of all that were there.
    pub metadata: Option<Map<String, Json>>,
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
    /// Values that the host keeps beside it.
    pub metadata: Json,
    /// How many subprojects it has.
    pub subprojects: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
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
    /// Values that the host keeps beside it.
    pub metadata: Json,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl Accounts {
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

    /// The scope's project.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project, `NOT_FOUND` when the user has none such.
    pub async fn project(&self, scope: &ScopeKey) -> Result<Project> {
        const OPERATION: &str = "projects.get";
        scope.require_user(OPERATION)?;
        scope.require_project(OPERATION)?;
        let found = store::project(&self.database, scope).await?;
        found.ok_or_else(|| missing(OPERATION, "project"))
    }

    /// Changes the scope's project: its name, what it is for, its repository, the host's values.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming the part that does not fit, `ALREADY_EXISTS` when another project of the
    /// owner has the name, `NOT_FOUND` when the user has no such project.
    pub async fn update_project(
        &self,
        scope: &ScopeKey,
        request: &UpdateProject,
    ) -> Result<Project> {
        const OPERATION: &str = "projects.update";
        scope.require_user(OPERATION)?;
        scope.require_project(OPERATION)?;
        let mut transaction = self.database.begin(scope).await?;
        self.audit.hold(&mut transaction, scope).await?;
        let found = store::project_to_change(&mut transaction, scope).await?;
        let before = found.ok_or_else(|| missing(OPERATION, "project"))?;
        let mut project = before.clone();
        if let Some(name) = &request.name {
            project.name = required_name(OPERATION, name)?.to_owned();
        }
        let (description, repository) = (&request.description, &request.repository_url);
        text::change(
            OPERATION,
            &text::DESCRIPTION,
            &mut project.description,
            description.as_deref(),
        )?;
        text::change(
            OPERATION,
            &text::REPOSITORY,
            &mut project.repository_url,
            repository.as_deref(),
        )?;
        text::change_metadata(OPERATION, &mut project.metadata, request.metadata.as_ref())?;
        if project != before {
            project.updated_at = self.clock.now();
            let changed = store::update_project(&mut transaction, scope, &project).await;
            changed.map_err(|error| taken(OPERATION, error))?;
            let entry = Entry::new(OPERATION, "changed a project")
                .with("project", project.id.to_string())
                .with("name", project.name.as_str());
            self.audit.append(&mut transaction, scope, entry).await?;
        }
        transaction.commit().await?;
        Ok(project)
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

    /// The subprojects of the scope's project, oldest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project.
    pub async fn subprojects(
        &self,
        scope: &ScopeKey,
        page: &PageRequest,
    ) -> Result<Page<Subproject>> {
        const OPERATION: &str = "subprojects.list";
        scope.require_user(OPERATION)?;
        scope.require_project(OPERATION)?;
        store::subprojects(&self.database, scope, page).await
    }

    /// The scope's subproject.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a subproject, `NOT_FOUND` when the project has none such.
    pub async fn subproject(&self, scope: &ScopeKey) -> Result<Subproject> {
        const OPERATION: &str = "subprojects.get";
        scope.require_subproject(OPERATION)?;
        let found = store::subproject(&self.database, scope).await?;
        found.ok_or_else(|| missing(OPERATION, "subproject"))
    }

    /// Changes the scope's subproject: its name, what it is for, the host's values.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming the part that does not fit, `ALREADY_EXISTS` when another subproject of the
    /// project has the name, `NOT_FOUND` when the project has no such subproject.
    pub async fn update_subproject(
        &self,
        scope: &ScopeKey,
        request: &UpdateSubproject,
    ) -> Result<Subproject> {
        const OPERATION: &str = "subprojects.update";
        scope.require_subproject(OPERATION)?;
        let mut transaction = self.database.begin(scope).await?;
        self.audit.hold(&mut transaction, scope).await?;
        let found = store::subproject_to_change(&mut transaction, scope).await?;
        let before = found.ok_or_else(|| missing(OPERATION, "subproject"))?;
        let mut part = before.clone();
        if let Some(name) = &request.name {
            part.name = required_name(OPERATION, name)?.to_owned();
        }
        let description = request.description.as_deref();
        text::change(OPERATION, &text::DESCRIPTION, &mut part.description, description)?;
        text::change_metadata(OPERATION, &mut part.metadata, request.metadata.as_ref())?;
        if part != before {
            part.updated_at = self.clock.now();
            let changed = store::update_subproject(&mut transaction, scope, &part).await;
            changed.map_err(|error| taken(OPERATION, error))?;
            let entry = Entry::new(OPERATION, "changed a subproject")
                .with("subproject", part.id.to_string())
                .with("name", part.name.as_str());
            self.audit.append(&mut transaction, scope, entry).await?;
        }
        transaction.commit().await?;
        Ok(part)
    }
}

/// The names of neighbours differ; the table itself sees to it.
fn taken(operation: &'static str, error: Error) -> Error {
    if error.kind() != ErrorKind::AlreadyExists {
        return error;
    }
    Error::new(error.kind(), operation, "another one beside it has that name: choose another")
        .with_source(error)
}
