//! The rows of members.

use super::{MemberView, MembershipView, Role};
use crate::{
    error::Result,
    storage::{Database, Row, Transaction, values},
    types::{Page, PageRequest, ProjectId, ScopeKey, Timestamp, UserId},
};

/// A membership: the owner, the project and the member.
type Key = (UserId, ProjectId, UserId);

/// The member's role, and whether the subproject that the scope names, if any, is the project's.
pub(super) async fn role(
    database: &Database,
    scope: &ScopeKey,
    (owner, project, member): Key,
) -> Result<Option<(Role, bool)>> {
    let row = database
        .query_one(
            scope,
            "SELECT role, $4 IS NULL OR EXISTS (SELECT 1 FROM subprojects
                        WHERE id = $4 AND project_id = $2 AND user_id = $1) AS subproject_found
             FROM javari_project_members
             WHERE user_id = $1 AND project_id = $2 AND member_id = $3",
            values![owner, project, member, scope.subproject],
        )
        .await?;
    row.map(|row| Ok((role_of(&row)?, row.get("subproject_found")?))).transpose()
}

/// Whose project it is that the user owns or is a member of. Whose it is is not known yet, so the host
/// asks.
pub(super) async fn owner(
    database: &Database,
    user: UserId,
    project: ProjectId,
) -> Result<Option<UserId>> {
    let row = database
        .query_one(
            &ScopeKey::HOST,
            "SELECT user_id FROM projects WHERE id = $2 AND (user_id = $1 OR EXISTS (
                 SELECT 1 FROM javari_project_members
                 WHERE project_id = $2 AND member_id = $1))",
            values![user, project],
        )
        .await?;
    row.map(|row| row.get("user_id")).transpose()
}

/// The members of one project. Their names stand in rows of their own, which the owner does not see, so
/// the host reads them.
pub(super) async fn list(
    database: &Database,
    (owner, project): (UserId, ProjectId),
    page: &PageRequest,
) -> Result<Page<MemberView>> {
    let after = page.position::<UserId>("members.list", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            &ScopeKey::HOST,
            "SELECT m.member_id, m.role, m.created_at, m.updated_at, u.email, u.name
             FROM javari_project_members AS m JOIN users AS u ON u.id = m.member_id
             WHERE m.user_id = $1 AND m.project_id = $2 AND ($3 IS NULL OR m.member_id > $3)
             ORDER BY m.member_id LIMIT $4",
            values![owner, project, after, limit + 1],
        )
        .await?;
    let members = rows.iter().map(member_view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(members, limit, |member| member.user.to_string()))
}

pub(super) async fn one(
    database: &Database,
    (owner, project, member): Key,
) -> Result<Option<MemberView>> {
    let row = database
        .query_one(
            &ScopeKey::HOST,
            "SELECT m.member_id, m.role, m.created_at, m.updated_at, u.email, u.name
             FROM javari_project_members AS m JOIN users AS u ON u.id = m.member_id
             WHERE m.user_id = $1 AND m.project_id = $2 AND m.member_id = $3",
            values![owner, project, member],
        )
        .await?;
    row.as_ref().map(member_view).transpose()
}

/// The projects that a user is a member of. They are others', so the host reads them.
pub(super) async fn memberships(
    database: &Database,
    user: UserId,
    page: &PageRequest,
) -> Result<Page<MembershipView>> {
    let after = page.position::<ProjectId>("members.projects", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            &ScopeKey::HOST,
            "SELECT m.project_id, m.user_id, m.role, m.created_at, p.name
             FROM javari_project_members AS m
             JOIN projects AS p ON p.id = m.project_id AND p.user_id = m.user_id
             WHERE m.member_id = $1 AND ($2 IS NULL OR m.project_id > $2)
             ORDER BY m.project_id LIMIT $3",
            values![user, after, limit + 1],
        )
        .await?;
    let projects = rows
        .iter()
        .map(|row| {
            let (project, owner) = (row.get("project_id")?, row.get("user_id")?);
            Ok(MembershipView {
                project,
                name: row.get("name")?,
                owner,
                role: role_of(row)?,
                scope: ScopeKey::user(owner).with_project(project).acted_by(user),
                created_at: row.get("created_at")?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(projects, limit, |membership| membership.project.to_string()))
}

/// The member's role, which nobody else changes until the transaction ends.
pub(super) async fn hold(
    transaction: &mut Transaction,
    (owner, project, member): Key,
) -> Result<Option<Role>> {
    let row = transaction
        .query_one(
            "UPDATE javari_project_members SET role = role
             WHERE user_id = $1 AND project_id = $2 AND member_id = $3 RETURNING role",
            values![owner, project, member],
        )
        .await?;
    row.as_ref().map(role_of).transpose()
}

pub(super) async fn count(transaction: &mut Transaction, (owner, project, _): Key) -> Result<u64> {
    let row = transaction
        .query_one(
            "SELECT COUNT(*) AS members FROM javari_project_members
             WHERE user_id = $1 AND project_id = $2",
            values![owner, project],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("members"))
}

pub(super) async fn put(
    transaction: &mut Transaction,
    (owner, project, member): Key,
    role: Role,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO javari_project_members (project_id, member_id, user_id, role, created_at,
                 updated_at)
             VALUES ($2, $3, $1, $4, $5, $5)
             ON CONFLICT (project_id, member_id) DO UPDATE SET role = excluded.role,
                 updated_at = excluded.updated_at",
            values![owner, project, member, role.name(), now],
        )
        .await
        .map(drop)
}

/// Deletes the keys that the member made for the project; tells how many.
pub(super) async fn delete_keys(
    transaction: &mut Transaction,
    (owner, project, member): Key,
) -> Result<u64> {
    transaction
        .execute(
            "DELETE FROM javari_api_keys
             WHERE user_id = $1 AND project_id = $2 AND member_id = $3",
            values![owner, project, member],
        )
        .await
}

pub(super) async fn delete(
    transaction: &mut Transaction,
    (owner, project, member): Key,
) -> Result<()> {
    transaction
        .execute(
            "DELETE FROM javari_project_members
             WHERE user_id = $1 AND project_id = $2 AND member_id = $3",
            values![owner, project, member],
        )
        .await
        .map(drop)
}

fn role_of(row: &Row) -> Result<Role> {
    Ok(Role::of_member(&row.get::<String>("role")?))
}

fn member_view(row: &Row) -> Result<MemberView> {
    Ok(MemberView {
        user: row.get("member_id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: role_of(row)?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
