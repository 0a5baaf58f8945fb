//! The rows of repairs.

use std::time::Duration;

use serde_json::Value as Json;

use super::{Counters, Healing, HealingStatus, HealingView, git::Base};
use crate::{
    audit::{Entry, Outcome},
    error::{Error, ErrorKind, Result},
    monitor,
    storage::{Database, Row, values},
    types::{AlertId, Autonomy, HealingId, Page, PageRequest, ScopeKey, Timestamp},
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// A repair to begin.
pub(super) struct Beginning<'a> {
    pub(super) id: HealingId,
    pub(super) folder: &'a str,
    pub(super) base: &'a Base,
    pub(super) autonomy: Autonomy,
    pub(super) alert: Option<AlertId>,
    pub(super) lease: Duration,
}

/// A repair whose process died, found by the next one in the same folder.
pub(super) struct Leftover {
    pub(super) id: HealingId,
    pub(super) branch: Option<String>,
    /// Whether it died in the middle of a merge: its branch stays then.
    pub(super) merging: bool,
}

/// Writes the row of a repair that begins, and marks those whose process died in this folder.
pub(super) async fn begin(
    healing: &Healing,
    scope: &ScopeKey,
    beginning: &Beginning<'_>,
) -> Result<Vec<Leftover>> {
    let now = healing.clock.now();
    let mut transaction = healing.database.begin(scope).await?;
    // Not by user: the folder is one, whoever the dead repair was for.
    let dead = transaction
        .query(
            "UPDATE javari_healing_events
             SET status = 'interrupted', updated_at = $2, leased_until = NULL,
                 healing_successful = CASE WHEN status = 'merging' THEN healing_successful ELSE FALSE END,
                 reason = CASE WHEN status = 'merging'
                     THEN 'its process died during the merge; look at the branch'
                     ELSE 'its process died' END
             WHERE folder = $1 AND status IN ('running', 'merging') AND leased_until <= $2
             RETURNING id, branch, stage",
            values![beginning.folder, now],
        )
        .await?;
    if let Some(alert) = beginning.alert {
        let known = transaction
            .query_one(
                "SELECT 1 AS found FROM javari_alerts WHERE id = $1 AND user_id = $2",
                values![alert, scope.user],
            )
            .await?;
        if known.is_none() {
            return Err(Error::new(
                ErrorKind::NotFound,
                "healer.heal",
                "there is no such alert in this scope",
            )
            .with("alert", alert));
        }
        monitor::record_fix(&mut transaction, scope, alert, None).await?;
    }
    transaction
        .execute(
            "INSERT INTO javari_healing_events (id, user_id, project_id, alert_id, error_type,
                 stage, status, autonomy, folder, base_branch, base_commit, leased_until,
                 created_at, updated_at)
             VALUES ($1, $2, $3, $4, 'unknown', 'detected', 'running', $5, $6, $7, $8, $9, $10, $10)",
            values![
                beginning.id,
                scope.user,
                scope.project,
                beginning.alert,
                beginning.autonomy.name(),
                beginning.folder,
                &beginning.base.branch,
                &beginning.base.commit,
                now.plus(beginning.lease),
                now
            ],
        )
        .await
        .map_err(|error| busy(error, beginning.folder))?;
    let entry = Entry::new("healer.heal", "a repair began")
        .with("healing", beginning.id.to_string())
        .with("folder", beginning.folder)
        .with("base_commit", beginning.base.commit.as_str())
        .with("autonomy", beginning.autonomy.name());
    healing.audit.append(&mut transaction, scope, entry).await?;
    transaction.commit().await?;
    dead.iter()
        .map(|row| {
            Ok(Leftover {
                id: row.get("id")?,
                branch: row.get("branch")?,
                merging: row.get::<String>("stage")? == "merging",
            })
        })
        .collect()
}

/// Only one repair runs in a folder; the table itself sees to it.
fn busy(error: Error, folder: &str) -> Error {
    if error.kind() != ErrorKind::AlreadyExists {
        return error;
    }
    Error::new(ErrorKind::Conflict, "healer.heal", "another repair runs in this project folder")
        .with("folder", folder)
}

/// What a step adds to the row; nothing leaves a column as it is.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) stage: &'static str,
    pub(super) error_type: Option<String>,
    pub(super) error_details: Option<String>,
    pub(super) action: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) attempted: Option<bool>,
    pub(super) branch: Option<String>,
    pub(super) head_commit: Option<String>,
    pub(super) plan: Option<Json>,
    pub(super) plan_hash: Option<String>,
    pub(super) diff: Option<String>,
    pub(super) ruling: Option<Json>,
    pub(super) details: Vec<(&'static str, String)>,
}

/// Writes a step of a running repair, before the step is done, and renews its lease.
///
/// # Errors
/// `CONFLICT` when the row was taken from this process, which has to stop then.
pub(super) async fn step(
    healing: &Healing,
    scope: &ScopeKey,
    id: HealingId,
    lease: Duration,
    step: Step,
) -> Result<()> {
    let now = healing.clock.now();
    let mut transaction = healing.database.begin(scope).await?;
    let written = transaction
        .execute(
            "UPDATE javari_healing_events
             SET stage = $3, error_type = coalesce($4, error_type),
                 error_details = coalesce($5, error_details),
                 healing_action_taken = coalesce($6, healing_action_taken),
                 fingerprint = coalesce($7, fingerprint), attempted = coalesce($8, attempted),
                 branch = coalesce($9, branch), head_commit = coalesce($10, head_commit),
                 plan = coalesce($11, plan), plan_hash = coalesce($12, plan_hash),
                 diff = coalesce($13, diff), ruling = coalesce($14, ruling),
                 leased_until = $15, updated_at = $16
             WHERE id = $1 AND user_id = $2 AND status = 'running'",
            values![
                id,
                scope.user,
                step.stage,
                step.error_type,
                step.error_details,
                step.action,
                step.fingerprint,
                step.attempted,
                step.branch,
                step.head_commit,
                step.plan,
                step.plan_hash,
                step.diff,
                step.ruling,
                now.plus(lease),
                now
            ],
        )
        .await?;
    if written == 0 {
        return Err(taken(id));
    }
    let mut entry = Entry::new("healer.step", format!("a repair came to: {}", step.stage))
        .with("healing", id.to_string())
        .with("stage", step.stage);
    for (key, value) in step.details {
        entry = entry.with(key, value);
    }
    healing.audit.append(&mut transaction, scope, entry).await?;
    transaction.commit().await
}

/// How a repair ends.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) status: HealingStatus,
    pub(super) reason: Option<String>,
    pub(super) success: Option<bool>,
    pub(super) merge_commit: Option<String>,
    pub(super) expires_at: Option<Timestamp>,
}

impl Ending {
    pub(super) fn new(status: HealingStatus, reason: impl Into<String>) -> Self {
        Self {
            status,
            reason: Some(reason.into()),
            success: None,
            merge_commit: None,
            expires_at: None,
        }
    }
}

/// Writes how a repair ends, if it stands in `from` still.
///
/// # Errors
/// `CONFLICT` when it does not.
pub(super) async fn finish(
    healing: &Healing,
    scope: &ScopeKey,
    id: HealingId,
    from: HealingStatus,
    ending: &Ending,
) -> Result<()> {
    let now = healing.clock.now();
    let mut transaction = healing.database.begin(scope).await?;
    let row = transaction
        .query_one(
            "UPDATE javari_healing_events
             SET status = $3, reason = $4, healing_successful = coalesce($5, healing_successful),
                 merge_commit = $6, expires_at = $7, leased_until = NULL, updated_at = $8
             WHERE id = $1 AND user_id = $2 AND status = $9
             RETURNING alert_id, created_at, time_to_heal_seconds, healing_successful",
            values![
                id,
                scope.user,
                ending.status.name(),
                ending.reason.clone(),
                ending.success,
                ending.merge_commit.clone(),
                ending.expires_at,
                now,
                from.name()
            ],
        )
        .await?
        .ok_or_else(|| taken(id))?;
    let success: Option<bool> = row.get("healing_successful")?;
    if success == Some(true) && row.get::<Option<u64>>("time_to_heal_seconds")?.is_none() {
        let seconds = now.since(row.get("created_at")?).as_secs();
        transaction
            .execute(
                "UPDATE javari_healing_events SET time_to_heal_seconds = $3
                 WHERE id = $1 AND user_id = $2",
                values![id, scope.user, seconds],
            )
            .await?;
    }
    if let Some(alert) = row.get::<Option<AlertId>>("alert_id")? {
        monitor::record_fix(&mut transaction, scope, alert, success).await?;
    }
    let outcome = match ending.status {
        HealingStatus::Merged | HealingStatus::NotReproduced => Outcome::Success,
        HealingStatus::AwaitingApproval => Outcome::PartialSuccess,
        _ => Outcome::Failure,
    };
    let entry = Entry::new("healer.end", format!("a repair ended as: {}", ending.status.name()))
        .with("healing", id.to_string())
        .with("status", ending.status.name())
        .with("merge_commit", ending.merge_commit.clone())
        .with_outcome(outcome);
    healing.audit.append(&mut transaction, scope, entry).await?;
    transaction.commit().await
}

/// Moves a repair from waiting to merging, in the name of who acts when a person approved.
pub(super) async fn start_merge(
    healing: &Healing,
    scope: &ScopeKey,
    id: HealingId,
    from: HealingStatus,
    by_person: bool,
    lease: Duration,
) -> Result<()> {
    let now = healing.clock.now();
    let approver = scope.actor().filter(|_| by_person);
    let mut transaction = healing.database.begin(scope).await?;
    let moved = transaction
        .execute(
            "UPDATE javari_healing_events
             SET status = 'merging', stage = 'merging', approved_by = coalesce($4, approved_by),
                 approved_at = CASE WHEN $4 IS NULL THEN approved_at ELSE $5 END,
                 automated = CASE WHEN $4 IS NULL THEN automated ELSE FALSE END,
                 leased_until = $6, updated_at = $5
             WHERE id = $1 AND user_id = $2 AND status = $3",
            values![id, scope.user, from.name(), approver, now, now.plus(lease)],
        )
        .await
        .map_err(|error| busy(error, ""))?;
    if moved == 0 {
        return Err(taken(id));
    }
    let entry = Entry::new("healer.merge", "a repair is being merged")
        .with("healing", id.to_string())
        .with("approved", by_person);
    healing.audit.append(&mut transaction, scope, entry).await?;
    transaction.commit().await
}

/// What happened in this scope before the repair `id`.
pub(super) async fn counters(
    healing: &Healing,
    scope: &ScopeKey,
    folder: &str,
    fingerprint: Option<&str>,
    id: HealingId,
) -> Result<Counters> {
    let now = healing.clock.now();
    let ago = |span: Duration| {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(now.as_micros().saturating_sub(micros).max(0))
    };
    let rows = healing
        .database
        .query(
            scope,
            "SELECT fingerprint, folder, status, healing_successful, created_at, updated_at
             FROM javari_healing_events
             WHERE user_id = $1 AND id <> $2 AND (attempted OR status = 'awaiting_approval')
                 AND (created_at >= $3 OR status = 'awaiting_approval')
             ORDER BY id DESC LIMIT 500",
            values![scope.user, id, ago(DAY)],
        )
        .await?;
    let mut counters = Counters::default();
    let mut row_of_failures = true;
    for row in &rows {
        let created: Timestamp = row.get("created_at")?;
        let status = HealingStatus::from_name(&row.get::<String>("status")?);
        let in_folder = row.get::<String>("folder")? == folder;
        let same = row
            .get::<Option<String>>("fingerprint")?
            .is_some_and(|known| fingerprint.is_some_and(|fingerprint| fingerprint == known));
        let success: Option<bool> = row.get("healing_successful")?;
        let failed = success == Some(false);
        if same && status == HealingStatus::AwaitingApproval {
            counters.waiting += 1;
        }
        if created >= ago(HOUR) {
            counters.repairs_of_user += 1;
            counters.repairs_in_folder += u32::from(in_folder);
        }
        // What was given up or died cost work and says nothing about the repair.
        if matches!(status, HealingStatus::Cancelled | HealingStatus::Interrupted) {
            counters.attempts_at_fault += u32::from(same);
            continue;
        }
        if same && created >= ago(DAY) {
            counters.attempts_at_fault += 1;
            if failed {
                counters.failures_at_fault += 1;
                let since = now.since(row.get("updated_at")?);
                counters.since_failure =
                    Some(counters.since_failure.map_or(since, |known| known.min(since)));
            }
        }
        if in_folder && created >= ago(DAY) {
            row_of_failures &= failed;
            counters.failures_in_a_row += u32::from(row_of_failures);
        }
    }
    Ok(counters)
}

pub(super) async fn events(
    database: &Database,
    scope: &ScopeKey,
    page: &PageRequest,
) -> Result<Page<HealingView>> {
    let cursor = page.position::<uuid::Uuid>("healer.events", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            "SELECT * FROM javari_healing_events
             WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2) AND ($3 IS NULL OR id < $3)
             ORDER BY id DESC LIMIT $4",
            values![scope.user, scope.project, cursor, limit + 1],
        )
        .await?;
    let views = rows.iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(views, limit, |view| view.id.to_string()))
}

pub(super) async fn get(
    database: &Database,
    scope: &ScopeKey,
    id: HealingId,
) -> Result<HealingView> {
    let row = database
        .query_one(
            scope,
            "SELECT * FROM javari_healing_events
             WHERE id = $1 AND user_id = $2 AND ($3 IS NULL OR project_id = $3)",
            values![id, scope.user, scope.project],
        )
        .await?;
    let missing = || {
        Error::new(ErrorKind::NotFound, "healer.get", "there is no such repair in this scope")
            .with("healing", id)
    };
    view(&row.ok_or_else(missing)?)
}

fn view(row: &Row) -> Result<HealingView> {
    let parsed = |column: &str| row.get::<Option<Json>>(column);
    Ok(HealingView {
        id: row.get("id")?,
        project: row.get("project_id")?,
        alert: row.get("alert_id")?,
        error_type: row.get("error_type")?,
        error_details: row.get("error_details")?,
        healing_action_taken: row.get("healing_action_taken")?,
        healing_successful: row.get("healing_successful")?,
        time_to_heal_seconds: row.get("time_to_heal_seconds")?,
        automated: row.get("automated")?,
        stage: row.get("stage")?,
        status: HealingStatus::from_name(&row.get::<String>("status")?),
        reason: row.get("reason")?,
        autonomy: Autonomy::from_name(&row.get::<String>("autonomy")?).unwrap_or_default(),
        folder: row.get("folder")?,
        fingerprint: row.get("fingerprint")?,
        branch: row.get("branch")?,
        base_branch: row.get("base_branch")?,
        base_commit: row.get("base_commit")?,
        head_commit: row.get("head_commit")?,
        merge_commit: row.get("merge_commit")?,
        plan: parsed("plan")?.map(from_json).transpose()?,
        plan_hash: row.get("plan_hash")?,
        diff: row.get("diff")?,
        ruling: parsed("ruling")?.map(from_json).transpose()?,
        approved_by: row.get("approved_by")?,
        expires_at: row.get("expires_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn from_json<T: serde::de::DeserializeOwned>(value: Json) -> Result<T> {
    serde_json::from_value(value).map_err(|error| {
        Error::new(ErrorKind::Storage, "healer.store", "a stored value has another form")
            .with_source(error)
    })
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<Json> {
    serde_json::to_value(value).map_err(|error| {
        Error::new(ErrorKind::Unexpected, "healer.store", "a value has no JSON form")
            .with_source(error)
    })
}

fn taken(id: HealingId) -> Error {
    Error::new(ErrorKind::Conflict, "healer.step", "the repair stands elsewhere by now")
        .with("healing", id)
}
