//! Deletes a project, or a part of one, with everything that is in it.
//!
//! Three things outlive it and are the owner's from then on: the trail, conversations and what calls of
//! models cost.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{Accounts, Role, missing, store};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    storage::count_within,
    types::ScopeKey,
    vault::delete_rotations_within,
};

/// Asks to delete the scope's project, or its subproject, for good.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteProject {
    /// Its name, so that nothing is deleted by a mistaken id.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
}

/// What was deleted with a project, or with a part of one. The owner's audit trail says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectDeletion {
    /// How many rows each table lost, of those that named it. What hangs on these rows went with them,
    /// such as the versions of a credential.
    pub rows: BTreeMap<String, u64>,
    /// How many rows of a table outlive it, as the owner's: conversations and what calls cost.
    pub kept: BTreeMap<String, u64>,
}

/// What outlives a project.
const OUTLIVING: [&str; 2] = ["conversations", "javari_cost_tracking"];

impl Accounts {
    /// Deletes the scope's project with everything that is in it, in one transaction: subprojects,
    /// documents, credentials, monitors, repairs, the keys and memberships for it. With its data keys
    /// everything sealed with them is shredded. The owner's alone.
    ///
    /// What is not reached: backups made before, the branch of a repair that waits for a person, what a
    /// vault of the host's own holds, and, until `system.vacuum`, what the engine has not overwritten yet
    /// in its file.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a project, with a subproject and when the name is not this project's;
    /// `FORBIDDEN` for a member; `NOT_FOUND`; `STORAGE_BUSY`. Nothing was deleted then.
    pub async fn delete_project(
        &self,
        scope: &ScopeKey,
        request: &DeleteProject,
    ) -> Result<ProjectDeletion> {
        const OPERATION: &str = "projects.delete";
        scope.require_user(OPERATION)?;
        scope.require_project(OPERATION)?;
        if scope.subproject.is_some() {
            return Err(Error::invalid(OPERATION, "the scope names a part of the project")
                .with_field("/scope/subproject", "must be left out"));
        }
        self.delete_level((OPERATION, "project"), scope, request).await
    }

    /// Deletes the scope's subproject with everything that is in it, as
    /// [`delete_project`](Self::delete_project).
    ///
    /// # Errors
    /// As there, `INVALID_INPUT` without a subproject.
    pub async fn delete_subproject(
        &self,
        scope: &ScopeKey,
        request: &DeleteProject,
    ) -> Result<ProjectDeletion> {
        const OPERATION: &str = "subprojects.delete";
        scope.require_subproject(OPERATION)?;
        self.delete_level((OPERATION, "subproject"), scope, request).await
    }

    async fn delete_level(
        &self,
        (operation, what): (&'static str, &'static str),
        scope: &ScopeKey,
        request: &DeleteProject,
    ) -> Result<ProjectDeletion> {
        self.check(scope).await?.require(operation, Role::Owner)?;
        let mut transaction = self.database.begin(scope).await?;
        self.audit.hold(&mut transaction, scope).await?;
        let name = store::name_to_delete(&mut transaction, scope).await?;
        let name = name.ok_or_else(|| missing(operation, what))?;
        if name != request.name.trim() {
            return Err(Error::invalid(operation, format!("that is not the name of this {what}"))
                .with_field("/name", format!("must be the {what}'s")));
        }
        let counted = count_within(&mut transaction, scope).await?;
        let rotations = delete_rotations_within(&mut transaction, scope).await?;
        store::delete_level(&mut transaction, scope).await?;
        if let Some((table, left)) = count_within(&mut transaction, scope).await?.first() {
            return Err(Error::new(
                ErrorKind::Unexpected,
                operation,
                "a table keeps rows of what is gone; nothing was deleted: please report it",
            )
            .with("table", table)
            .with("rows", left));
        }
        let counted = counted.into_iter().map(|(table, count)| (table.to_owned(), count));
        let (kept, mut rows): (BTreeMap<_, _>, BTreeMap<_, _>) =
            counted.partition(|(table, _)| OUTLIVING.contains(&table.as_str()));
        if rotations > 0 {
            rows.insert("javari_credential_rotations".to_owned(), rotations);
        }
        let entry = Entry::new(operation, format!("deleted a {what} with everything in it"))
            .with("subproject", scope.subproject.map(|id| id.to_string()))
            .with("name", name)
            .with("rows", as_details(&rows))
            .with("kept", as_details(&kept));
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        self.remembered.forget();
        Ok(ProjectDeletion { rows, kept })
    }
}

fn as_details(counts: &BTreeMap<String, u64>) -> Map<String, Json> {
    counts.iter().map(|(table, count)| (table.clone(), (*count).into())).collect()
}
