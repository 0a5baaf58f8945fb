//! The rows of projects and subprojects.

use crate::{
    accounts::{EnsureProject, Project, Subproject},
    error::Result,
    storage::{Database, Row, Transaction, values},
    types::{Page, PageRequest, ProjectId, ScopeKey, SubprojectId, Timestamp, UserId},
};

macro_rules! select_project {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, description, repository_url, metadata, created_at, updated_at,
                 (SELECT COUNT(*) FROM subprojects AS parts WHERE parts.project_id = projects.id
                      AND parts.user_id = projects.user_id) AS subprojects
             FROM projects ",
            $rest
        )
    };
}

macro_rules! select_subproject {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, name, description, metadata, created_at, updated_at
             FROM subprojects ",
            $rest
        )
    };
}

pub(in crate::accounts) async fn project_by_name(
    database: &Database,
    user: UserId,
    name: &str,
) -> Result<Option<Project>> {
    let row = database
        .query_one(
            &ScopeKey::user(user),
            select_project!("WHERE user_id = $1 AND name = $2"),
            values![user, name],
        )
        .await?;
    row.as_ref().map(project_view).transpose()
}

pub(in crate::accounts) async fn insert_project(
    transaction: &mut Transaction,
    id: ProjectId,
    user: UserId,
    name: &str,
    request: &EnsureProject,
    now: Timestamp,
) -> Result<bool> {
    let made = transaction
        .execute(
            "INSERT INTO projects (id, user_id, name, description, repository_url, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
            values![
                id,
                user,
                name,
                request.description.as_deref(),
                request.repository_url.as_deref(),
                now
            ],
        )
        .await?;
    Ok(made > 0)
}

pub(in crate::accounts) async fn projects(
    database: &Database,
    user: UserId,
    page: &PageRequest,
) -> Result<Page<Project>> {
    let after = page.position::<ProjectId>("projects.list", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            &ScopeKey::user(user),
            select_project!("WHERE user_id = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3"),
            values![user, after, limit + 1],
        )
        .await?;
    let projects = rows.iter().map(project_view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(projects, limit, |project| project.id.to_string()))
}

pub(in crate::accounts) async fn project(
    database: &Database,
    scope: &ScopeKey,
) -> Result<Option<Project>> {
    let row = database
        .query_one(
            scope,
            select_project!("WHERE id = $1 AND user_id = $2"),
            values![scope.project, scope.user],
        )
        .await?;
    row.as_ref().map(project_view).transpose()
}

/// The scope's project, which nobody else changes until the transaction ends.
pub(in crate::accounts) async fn project_to_change(
    transaction: &mut Transaction,
    scope: &ScopeKey,
) -> Result<Option<Project>> {
    // SQLite has one writer.
    let statement = transaction.dialect().choose(
        select_project!("WHERE id = $1 AND user_id = $2"),
        select_project!("WHERE id = $1 AND user_id = $2 FOR NO KEY UPDATE"),
    );
    let row = transaction.query_one(statement, values![scope.project, scope.user]).await?;
    row.as_ref().map(project_view).transpose()
}

pub(in crate::accounts) async fn update_project(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    project: &Project,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE projects SET name = $3, description = $4, repository_url = $5, metadata = $6,
                 updated_at = $7
             WHERE id = $1 AND user_id = $2",
            values![
                project.id,
                scope.user,
                project.name.as_str(),
                project.description.as_deref(),
                project.repository_url.as_deref(),
                project.metadata.clone(),
                project.updated_at
            ],
        )
        .await
        .map(drop)
}

pub(in crate::accounts) async fn subproject_by_name(
    database: &Database,
    user: UserId,
    project: ProjectId,
    name: &str,
) -> Result<Option<Subproject>> {
    let row = database
        .query_one(
            &ScopeKey::user(user).with_project(project),
            select_subproject!("WHERE user_id = $1 AND project_id = $2 AND name = $3"),
            values![user, project, name],
        )
        .await?;
    row.as_ref().map(subproject_view).transpose()
}

pub(in crate::accounts) async fn insert_subproject(
    transaction: &mut Transaction,
    (id, project, user): (SubprojectId, ProjectId, UserId),
    name: &str,
    description: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let made = transaction
        .execute(
            "INSERT INTO subprojects (id, project_id, user_id, name, description, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
            values![id, project, user, name, description, now],
        )
        .await?;
    Ok(made > 0)
}

pub(in crate::accounts) async fn subprojects(
    database: &Database,
    scope: &ScopeKey,
    page: &PageRequest,
) -> Result<Page<Subproject>> {
    let after = page.position::<SubprojectId>("subprojects.list", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            select_subproject!(
                "WHERE project_id = $1 AND user_id = $2 AND ($3 IS NULL OR id > $3)
                 ORDER BY id LIMIT $4"
            ),
            values![scope.project, scope.user, after, limit + 1],
        )
        .await?;
    let parts = rows.iter().map(subproject_view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(parts, limit, |part| part.id.to_string()))
}

pub(in crate::accounts) async fn subproject(
    database: &Database,
    scope: &ScopeKey,
) -> Result<Option<Subproject>> {
    let row = database
        .query_one(
            scope,
            select_subproject!("WHERE id = $1 AND project_id = $2 AND user_id = $3"),
            values![scope.subproject, scope.project, scope.user],
        )
        .await?;
    row.as_ref().map(subproject_view).transpose()
}

/// The scope's subproject, which nobody else changes until the transaction ends.
pub(in crate::accounts) async fn subproject_to_change(
    transaction: &mut Transaction,
    scope: &ScopeKey,
) -> Result<Option<Subproject>> {
    let statement = transaction.dialect().choose(
        select_subproject!("WHERE id = $1 AND project_id = $2 AND user_id = $3"),
        select_subproject!("WHERE id = $1 AND project_id = $2 AND user_id = $3 FOR NO KEY UPDATE"),
    );
    let given = values![scope.subproject, scope.project, scope.user];
    let row = transaction.query_one(statement, given).await?;
    row.as_ref().map(subproject_view).transpose()
}

pub(in crate::accounts) async fn update_subproject(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    part: &Subproject,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE subprojects SET name = $4, description = $5, metadata = $6, updated_at = $7
             WHERE id = $1 AND project_id = $2 AND user_id = $3",
            values![
                part.id,
                part.project_id,
                scope.user,
                part.name.as_str(),
                part.description.as_deref(),
                part.metadata.clone(),
                part.updated_at
            ],
        )
        .await
        .map(drop)
}

/// The name of what the scope names innermost. Nobody else names it in a row, or changes it, until the
/// transaction ends.
pub(in crate::accounts) async fn name_to_delete(
    transaction: &mut Transaction,
    scope: &ScopeKey,
) -> Result<Option<String>> {
    // SQLite has one writer.
    let (project, part) = transaction.dialect().choose(
        (
            "SELECT name FROM projects WHERE id = $1 AND user_id = $2",
            "SELECT name FROM subprojects WHERE id = $1 AND user_id = $2 AND project_id = $3",
        ),
        (
            "SELECT name FROM projects WHERE id = $1 AND user_id = $2 FOR UPDATE",
            "SELECT name FROM subprojects WHERE id = $1 AND user_id = $2 AND project_id = $3
             FOR UPDATE",
        ),
    );
    let row = match scope.subproject {
        None => transaction.query_one(project, values![scope.project, scope.user]).await?,
        Some(id) => transaction.query_one(part, values![id, scope.user, scope.project]).await?,
    };
    row.map(|row| row.get("name")).transpose()
}

/// Deletes what the scope names innermost; the keys of all other tables carry it on to them.
pub(in crate::accounts) async fn delete_level(
    transaction: &mut Transaction,
    scope: &ScopeKey,
) -> Result<()> {
    let (statement, given) = match scope.subproject {
        None => (
            "DELETE FROM projects WHERE id = $1 AND user_id = $2",
            values![scope.project, scope.user],
        ),
        Some(id) => (
            "DELETE FROM subprojects WHERE id = $1 AND user_id = $2 AND project_id = $3",
            values![id, scope.user, scope.project],
        ),
    };
    transaction.execute(statement, given).await.map(drop)
}

fn project_view(row: &Row) -> Result<Project> {
    Ok(Project {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        repository_url: row.get("repository_url")?,
        metadata: row.get("metadata")?,
        subprojects: row.get("subprojects")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn subproject_view(row: &Row) -> Result<Subproject> {
    Ok(Subproject {
        id: row.get("id")?,
        project_id: row.get("project_id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        metadata: row.get("metadata")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
