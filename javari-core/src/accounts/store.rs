//! The rows of users, projects and preferences.

use super::{EnsureProject, Preferences, Project, Subproject, Theme, User};
use crate::{
    error::Result,
    storage::{Database, Dialect, Row, Transaction, values},
    types::{Autonomy, Page, PageRequest, ProjectId, ScopeKey, SubprojectId, Timestamp, UserId},
};

pub(super) async fn user_by_email(database: &Database, email: &str) -> Result<Option<User>> {
    let row = database
        .query_one(
            &ScopeKey::HOST,
            "SELECT id, email, name, created_at FROM users WHERE lower(email) = lower($1)",
            values![email],
        )
        .await?;
    row.as_ref().map(user_view).transpose()
}

pub(super) async fn user(database: &Database, id: UserId) -> Result<Option<User>> {
    let row = database
        .query_one(
            &ScopeKey::user(id),
            "SELECT id, email, name, created_at FROM users WHERE id = $1",
            values![id],
        )
        .await?;
    row.as_ref().map(user_view).transpose()
}

/// Whether a row was made; false when another caller was first.
pub(super) async fn insert_user(
    transaction: &mut Transaction,
    id: UserId,
    email: &str,
    name: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let made = transaction
        .execute(
            "INSERT INTO users (id, email, name, created_at, updated_at, last_active_at)
             VALUES ($1, $2, $3, $4, $4, $4) ON CONFLICT DO NOTHING",
            values![id, email, name, now],
        )
        .await?;
    Ok(made > 0)
}

/// The address of a user who stays as they are until the transaction ends.
pub(super) async fn email_to_erase(
    transaction: &mut Transaction,
    user: UserId,
) -> Result<Option<String>> {
    if transaction.dialect() == Dialect::Postgres {
        // Whoever writes names a user first and enters it into the trail last. To wait for them
        // here, before anything else is held, is to wait for nobody who waits for us.
        transaction.execute("LOCK TABLE users IN EXCLUSIVE MODE", values![]).await?;
    }
    let row = transaction.query_one("SELECT email FROM users WHERE id = $1", values![user]).await?;
    row.map(|row| row.get("email")).transpose()
}

/// Deletes a user; the keys of all other tables carry it on to them.
pub(super) async fn delete_user(transaction: &mut Transaction, user: UserId) -> Result<()> {
    transaction.execute("DELETE FROM users WHERE id = $1", values![user]).await.map(drop)
}

/// Whether the scope's user, project and subproject exist; a part it does not name does.
pub(super) async fn scope_parts(
    database: &Database,
    scope: &ScopeKey,
    user: UserId,
) -> Result<(bool, bool, bool)> {
    let row = database
        .query_one(
            scope,
            "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1) AS user_found,
                    $2 IS NULL OR EXISTS (SELECT 1 FROM projects WHERE id = $2 AND user_id = $1)
                        AS project_found,
                    $3 IS NULL OR EXISTS (SELECT 1 FROM subprojects
                        WHERE id = $3 AND project_id = $2 AND user_id = $1) AS subproject_found",
            values![user, scope.project, scope.subproject],
        )
        .await?;
    match row {
        Some(row) => {
            Ok((row.get("user_found")?, row.get("project_found")?, row.get("subproject_found")?))
        }
        None => Ok((false, false, false)),
    }
}

pub(super) async fn project_by_name(
    database: &Database,
    user: UserId,
    name: &str,
) -> Result<Option<Project>> {
    let row = database
        .query_one(
            &ScopeKey::user(user),
            "SELECT id, name, description, repository_url, created_at
             FROM projects WHERE user_id = $1 AND name = $2",
            values![user, name],
        )
        .await?;
    row.as_ref().map(project_view).transpose()
}

pub(super) async fn insert_project(
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

pub(super) async fn projects(
    database: &Database,
    user: UserId,
    page: &PageRequest,
) -> Result<Page<Project>> {
    let after = page.position::<ProjectId>("projects.list", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            &ScopeKey::user(user),
            "SELECT id, name, description, repository_url, created_at FROM projects
             WHERE user_id = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3",
            values![user, after, limit + 1],
        )
        .await?;
    let projects = rows.iter().map(project_view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(projects, limit, |project| project.id.to_string()))
}

pub(super) async fn subproject_by_name(
    database: &Database,
    user: UserId,
    project: ProjectId,
    name: &str,
) -> Result<Option<Subproject>> {
    let row = database
        .query_one(
            &ScopeKey::user(user).with_project(project),
            "SELECT id, project_id, name, description, created_at
             FROM subprojects WHERE user_id = $1 AND project_id = $2 AND name = $3",
            values![user, project, name],
        )
        .await?;
    row.map(|row| {
        Ok(Subproject {
            id: row.get("id")?,
            project_id: row.get("project_id")?,
            name: row.get("name")?,
            description: row.get("description")?,
            created_at: row.get("created_at")?,
        })
    })
    .transpose()
}

pub(super) async fn insert_subproject(
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

pub(super) async fn preferences(database: &Database, user: UserId) -> Result<Option<Preferences>> {
    let row = database
        .query_one(
            &ScopeKey::user(user),
            "SELECT default_ai_provider, temperature, max_tokens, stream_responses, voice_enabled,
                    theme, notifications_enabled, autonomy_level
             FROM user_preferences WHERE user_id = $1",
            values![user],
        )
        .await?;
    row.map(|row| {
        Ok(Preferences {
            default_ai_provider: row.get("default_ai_provider")?,
            temperature: row.get("temperature")?,
            max_tokens: row.get("max_tokens")?,
            stream_responses: row.get("stream_responses")?,
            voice_enabled: row.get("voice_enabled")?,
            theme: Theme::from_name(&row.get::<String>("theme")?),
            notifications_enabled: row.get("notifications_enabled")?,
            autonomy_level: Autonomy::from_name(&row.get::<String>("autonomy_level")?)
                .unwrap_or(Autonomy::Manual),
        })
    })
    .transpose()
}

pub(super) async fn put_preferences(
    transaction: &mut Transaction,
    user: UserId,
    preferences: &Preferences,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO user_preferences (user_id, default_ai_provider, temperature, max_tokens,
                 stream_responses, voice_enabled, theme, notifications_enabled, autonomy_level,
                 created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
             ON CONFLICT (user_id) DO UPDATE SET
                 default_ai_provider = excluded.default_ai_provider,
                 temperature = excluded.temperature,
                 max_tokens = excluded.max_tokens,
                 stream_responses = excluded.stream_responses,
                 voice_enabled = excluded.voice_enabled,
                 theme = excluded.theme,
                 notifications_enabled = excluded.notifications_enabled,
                 autonomy_level = excluded.autonomy_level,
                 updated_at = excluded.updated_at",
            values![
                user,
                preferences.default_ai_provider.as_deref(),
                preferences.temperature,
                preferences.max_tokens,
                preferences.stream_responses,
                preferences.voice_enabled,
                preferences.theme.name(),
                preferences.notifications_enabled,
                preferences.autonomy_level.name(),
                now
            ],
        )
        .await
        .map(drop)
}

fn user_view(row: &Row) -> Result<User> {
    Ok(User {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        created_at: row.get("created_at")?,
    })
}

fn project_view(row: &Row) -> Result<Project> {
    Ok(Project {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        repository_url: row.get("repository_url")?,
        created_at: row.get("created_at")?,
    })
}
