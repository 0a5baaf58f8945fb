//! The rows of users and preferences; beside them those of projects.

mod projects;

pub(super) use self::projects::*;
use super::{Preferences, Theme, User};
use crate::{
    error::Result,
    storage::{Database, Dialect, Row, Transaction, values},
    types::{Autonomy, Page, PageRequest, ScopeKey, Timestamp, UserId},
};

macro_rules! select_user {
    ($rest:literal) => {
        concat!("SELECT id, email, name, avatar_url, created_at FROM users ", $rest)
    };
}

pub(super) async fn user_by_email(database: &Database, email: &str) -> Result<Option<User>> {
    let row = database
        .query_one(&ScopeKey::HOST, select_user!("WHERE lower(email) = lower($1)"), values![email])
        .await?;
    row.as_ref().map(user_view).transpose()
}

pub(super) async fn user(database: &Database, id: UserId) -> Result<Option<User>> {
    let row =
        database.query_one(&ScopeKey::user(id), select_user!("WHERE id = $1"), values![id]).await?;
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

/// Every user, which only the host reads.
pub(super) async fn users(database: &Database, page: &PageRequest) -> Result<Page<User>> {
    let after = page.position::<UserId>("users.list", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            &ScopeKey::HOST,
            select_user!("WHERE $1 IS NULL OR id > $1 ORDER BY id LIMIT $2"),
            values![after, limit + 1],
        )
        .await?;
    let users = rows.iter().map(user_view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(users, limit, |user| user.id.to_string()))
}

/// A user whom nobody else changes until the transaction ends.
pub(super) async fn user_to_change(
    transaction: &mut Transaction,
    id: UserId,
) -> Result<Option<User>> {
    // SQLite has one writer.
    let statement = transaction
        .dialect()
        .choose(select_user!("WHERE id = $1"), select_user!("WHERE id = $1 FOR NO KEY UPDATE"));
    let row = transaction.query_one(statement, values![id]).await?;
    row.as_ref().map(user_view).transpose()
}

pub(super) async fn update_user(
    transaction: &mut Transaction,
    user: &User,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE users SET name = $2, avatar_url = $3, updated_at = $4 WHERE id = $1",
            values![user.id, user.name.as_deref(), user.avatar_url.as_deref(), now],
        )
        .await
        .map(drop)
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
        avatar_url: row.get("avatar_url")?,
        created_at: row.get("created_at")?,
    })
}
