//! The rows of monitors, observations and alerts.

use uuid::Uuid;

use super::{
    AlertKind, AlertView, CheckOutcome, CreateMonitorRequest, MonitorView, Monitors, Observation,
    ObservationStatus, ObservationView, Severity,
    row::{alert_view, clean, cut, from_json, json, monitor_view, no_monitor, observation_view},
    state::{MonitorState, Thresholds, Transition},
};
use crate::{
    audit::{Entry, Outcome},
    error::{Error, ErrorKind, Result},
    storage::{Database, Transaction, values},
    types::{AlertId, MonitorId, ObservationId, Page, PageRequest, ScopeKey, Timestamp, UserId},
};

/// How many observations of a monitor are kept.
const OBSERVATIONS_KEPT: u32 = 1_000;
/// How much of a log is kept with an observation.
const LOG_LIMIT: usize = 64 * 1024;
const SUMMARY_LIMIT: usize = 1_000;

pub(super) async fn create(
    monitors: &Monitors,
    scope: &ScopeKey,
    request: &CreateMonitorRequest,
) -> Result<MonitorView> {
    let (id, now) = (MonitorId(monitors.clock.new_id()), monitors.clock.now());
    let mut transaction = monitors.database.begin(scope).await?;
    transaction
        .execute(
            "INSERT INTO javari_health_monitors (id, user_id, project_id, name, monitor_type,
                 target, check_frequency, alert_threshold, recovery_threshold, severity,
                 auto_fix_enabled, state, next_check_at, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13)",
            values![
                id,
                scope.user,
                scope.project,
                &request.name,
                request.target.kind(),
                json(&request.target)?,
                request.check_frequency.name(),
                request.alert_threshold,
                request.recovery_threshold,
                request.severity.name(),
                request.auto_fix_enabled,
                json(&MonitorState::default())?,
                now
            ],
        )
        .await
        .map_err(|error| error.with("name", &request.name))?;
    let entry = Entry::new("monitor.create", "a monitor was created")
        .with("monitor", id.to_string())
        .with("kind", request.target.kind());
    monitors.audit.append(&mut transaction, scope, entry).await?;
    let view = get_in(&mut transaction, scope, id).await?;
    transaction.commit().await?;
    Ok(view)
}

pub(super) async fn list(
    database: &Database,
    scope: &ScopeKey,
    page: &PageRequest,
) -> Result<Page<MonitorView>> {
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            "SELECT * FROM javari_health_monitors
             WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2) AND ($3 IS NULL OR id < $3)
             ORDER BY id DESC LIMIT $4",
            values![
                scope.user,
                scope.project,
                page.position::<Uuid>("monitor.list", "/cursor")?,
                limit + 1
            ],
        )
        .await?;
    let views = rows.iter().map(monitor_view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(views, limit, |view| view.id.to_string()))
}

const SELECT_MONITOR: &str = "SELECT * FROM javari_health_monitors
    WHERE id = $1 AND user_id = $2 AND ($3 IS NULL OR project_id = $3)";

pub(super) async fn get(
    database: &Database,
    scope: &ScopeKey,
    id: MonitorId,
) -> Result<MonitorView> {
    let row =
        database.query_one(scope, SELECT_MONITOR, values![id, scope.user, scope.project]).await?;
    monitor_view(&row.ok_or_else(|| no_monitor(id))?)
}

async fn get_in(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    id: MonitorId,
) -> Result<MonitorView> {
    let row = transaction.query_one(SELECT_MONITOR, values![id, scope.user, scope.project]).await?;
    monitor_view(&row.ok_or_else(|| no_monitor(id))?)
}

pub(super) async fn delete(monitors: &Monitors, scope: &ScopeKey, id: MonitorId) -> Result<()> {
    let mut transaction = monitors.database.begin(scope).await?;
    let deleted = transaction
        .execute(
            "DELETE FROM javari_health_monitors
             WHERE id = $1 AND user_id = $2 AND ($3 IS NULL OR project_id = $3)",
            values![id, scope.user, scope.project],
        )
        .await?;
    if deleted == 0 {
        return Err(no_monitor(id));
    }
    let entry = Entry::new("monitor.delete", "a monitor was deleted with what it saw")
        .with("monitor", id.to_string());
    monitors.audit.append(&mut transaction, scope, entry).await?;
    transaction.commit().await
}

/// Takes the monitor for one check. Returns until when.
pub(super) async fn lease(
    monitors: &Monitors,
    scope: &ScopeKey,
    id: MonitorId,
) -> Result<(MonitorView, Timestamp)> {
    let now = monitors.clock.now();
    let mut transaction = monitors.database.begin(scope).await?;
    let view = get_in(&mut transaction, scope, id).await?;
    let until = now.plus(view.target.lease());
    let taken = transaction
        .execute(
            "UPDATE javari_health_monitors SET leased_until = $3
             WHERE id = $1 AND user_id = $2 AND (leased_until IS NULL OR leased_until <= $4)",
            values![id, scope.user, until, now],
        )
        .await?;
    if taken == 0 {
        return Err(Error::new(
            ErrorKind::Conflict,
            "monitor.check_now",
            "the monitor is being checked right now",
        )
        .with("monitor", id));
    }
    transaction.commit().await?;
    Ok((view, until))
}

/// Gives back a check that was not recorded, unless somebody else took it since.
pub(super) async fn release(
    monitors: &Monitors,
    scope: &ScopeKey,
    id: MonitorId,
    until: Timestamp,
) -> Result<()> {
    let mut transaction = monitors.database.begin(scope).await?;
    transaction
        .execute(
            "UPDATE javari_health_monitors SET leased_until = NULL
             WHERE id = $1 AND user_id = $2 AND leased_until = $3",
            values![id, scope.user, until],
        )
        .await?;
    transaction.commit().await
}

/// Writes the observation, the state after it and the alerts it changes: all or nothing, and only
/// while the check is still the one that was leased `until` then.
pub(super) async fn record(
    monitors: &Monitors,
    scope: &ScopeKey,
    id: MonitorId,
    until: Timestamp,
    observation: Observation,
) -> Result<CheckOutcome> {
    let now = monitors.clock.now();
    let mut transaction = monitors.database.begin(scope).await?;
    let row = transaction
        .query_one(SELECT_MONITOR, values![id, scope.user, scope.project])
        .await?
        .ok_or_else(|| no_monitor(id))?;
    let monitor = monitor_view(&row)?;
    let thresholds =
        Thresholds { fail: monitor.alert_threshold, recover: monitor.recovery_threshold };
    let before: MonitorState = from_json(row.get("state")?)?;
    let (after, transitions) = before.advance(observation.status, thresholds);
    let observation =
        insert_observation(monitors, &mut transaction, scope, id, observation).await?;
    let written = transaction
        .execute(
            "UPDATE javari_health_monitors
             SET state = $3, last_checked_at = $4, next_check_at = $5, leased_until = NULL,
                 updated_at = $4
             WHERE id = $1 AND user_id = $2 AND leased_until = $6",
            values![
                id,
                scope.user,
                json(&after)?,
                now,
                now.plus(monitor.check_frequency.interval()),
                until
            ],
        )
        .await?;
    if written == 0 {
        let words = "the check took too long and somebody else has taken it over";
        return Err(Error::new(ErrorKind::Conflict, "monitor.check_now", words).with("monitor", id));
    }
    if observation.status != ObservationStatus::Up {
        transaction
            .execute(
                "UPDATE javari_alerts SET occurrences = occurrences + 1
                 WHERE monitor_id = $1 AND user_id = $2 AND state = 'open' AND kind = $3",
                values![id, scope.user, kind_of(observation.status).name()],
            )
            .await?;
    }
    let mut alert = None;
    for transition in transitions {
        let view = match transition {
            Transition::Opened(kind) => {
                open_alert(monitors, &mut transaction, scope, &monitor, kind, &observation).await?
            }
            Transition::Resolved(kind) => {
                resolve_alert(monitors, &mut transaction, scope, id, kind, now).await?
            }
        };
        // The last one tells how things stand now.
        alert = view.or(alert);
    }
    transaction.commit().await?;
    Ok(CheckOutcome { observation, alert })
}

fn kind_of(status: ObservationStatus) -> AlertKind {
    if status == ObservationStatus::Unknown { AlertKind::Blind } else { AlertKind::Failing }
}

async fn insert_observation(
    monitors: &Monitors,
    transaction: &mut Transaction,
    scope: &ScopeKey,
    monitor: MonitorId,
    observation: Observation,
) -> Result<ObservationView> {
    let view = ObservationView {
        id: ObservationId(monitors.clock.new_id()),
        monitor,
        status: observation.status,
        // A host's monitor may not have looked for secrets and control codes.
        summary: cut(&clean(&observation.summary), SUMMARY_LIMIT),
        elapsed_ms: observation.elapsed_ms,
        http_status: observation.http_status,
        exit_code: observation.exit_code,
        commit: observation.commit.map(|commit| cut(&clean(&commit), 64)),
        log: observation.log.map(|log| cut(&clean(&log), LOG_LIMIT)),
        checked_at: monitors.clock.now(),
    };
    transaction
        .execute(
            "INSERT INTO javari_monitor_observations (id, monitor_id, user_id, status, summary,
                 elapsed_ms, http_status, exit_code, commit_hash, log, checked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                view.id,
                monitor,
                scope.user,
                view.status.name(),
                &view.summary,
                view.elapsed_ms,
                view.http_status,
                view.exit_code,
                view.commit.clone(),
                view.log.clone(),
                view.checked_at
            ],
        )
        .await?;
    transaction
        .execute(
            "DELETE FROM javari_monitor_observations
             WHERE monitor_id = $1 AND user_id = $2 AND id <= (
                 SELECT id FROM javari_monitor_observations
                 WHERE monitor_id = $1 AND user_id = $2 ORDER BY id DESC LIMIT 1 OFFSET $3)",
            values![monitor, scope.user, OBSERVATIONS_KEPT],
        )
        .await?;
    Ok(view)
}

async fn open_alert(
    monitors: &Monitors,
    transaction: &mut Transaction,
    scope: &ScopeKey,
    monitor: &MonitorView,
    kind: AlertKind,
    observation: &ObservationView,
) -> Result<Option<AlertView>> {
    let id = AlertId(monitors.clock.new_id());
    let (severity, message) = match kind {
        AlertKind::Failing => {
            (monitor.severity, format!("{} is failing: {}", monitor.name, observation.summary))
        }
        AlertKind::Flapping => (Severity::Medium, format!("{} goes back and forth", monitor.name)),
        AlertKind::Blind => (
            Severity::Medium,
            format!("{} cannot be checked: {}", monitor.name, observation.summary),
        ),
    };
    let opened = transaction
        .execute(
            "INSERT INTO javari_alerts (id, monitor_id, user_id, project_id, kind, severity,
                 alert_message, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (monitor_id, kind) WHERE state = 'open' DO NOTHING",
            values![
                id,
                monitor.id,
                scope.user,
                monitor.project,
                kind.name(),
                severity.name(),
                message,
                observation.checked_at
            ],
        )
        .await?;
    if opened == 0 {
        return Ok(None);
    }
    let entry = Entry::new("monitor.alert", "an alert was opened")
        .with("monitor", monitor.id.to_string())
        .with("alert", id.to_string())
        .with("kind", kind.name());
    monitors.audit.append(transaction, scope, entry.with_outcome(Outcome::Failure)).await?;
    alert_in(transaction, scope, id).await.map(Some)
}

async fn resolve_alert(
    monitors: &Monitors,
    transaction: &mut Transaction,
    scope: &ScopeKey,
    monitor: MonitorId,
    kind: AlertKind,
    now: Timestamp,
) -> Result<Option<AlertView>> {
    let open = transaction
        .query_one(
            "SELECT id, created_at FROM javari_alerts
             WHERE monitor_id = $1 AND user_id = $2 AND kind = $3 AND state = 'open'",
            values![monitor, scope.user, kind.name()],
        )
        .await?;
    let Some(row) = open else { return Ok(None) };
    let id: AlertId = row.get("id")?;
    let seconds = now.since(row.get("created_at")?).as_secs();
    transaction
        .execute(
            "UPDATE javari_alerts
             SET state = 'resolved', resolved_at = $3, resolution_time_seconds = $4
             WHERE id = $1 AND user_id = $2",
            values![id, scope.user, now, seconds],
        )
        .await?;
    let entry = Entry::new("monitor.resolve", "an alert was resolved")
        .with("monitor", monitor.to_string())
        .with("alert", id.to_string())
        .with("kind", kind.name());
    monitors.audit.append(transaction, scope, entry).await?;
    alert_in(transaction, scope, id).await.map(Some)
}

pub(super) async fn observations(
    database: &Database,
    scope: &ScopeKey,
    id: MonitorId,
    page: &PageRequest,
) -> Result<Page<ObservationView>> {
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            "SELECT * FROM javari_monitor_observations
             WHERE monitor_id = $1 AND user_id = $2 AND ($3 IS NULL OR id < $3)
             ORDER BY id DESC LIMIT $4",
            values![
                id,
                scope.user,
                page.position::<Uuid>("monitor.observations", "/cursor")?,
                limit + 1
            ],
        )
        .await?;
    let views = rows.iter().map(observation_view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(views, limit, |view| view.id.to_string()))
}

pub(super) async fn alerts(
    database: &Database,
    scope: &ScopeKey,
    page: &PageRequest,
) -> Result<Page<AlertView>> {
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            "SELECT * FROM javari_alerts
             WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2) AND ($3 IS NULL OR id < $3)
             ORDER BY id DESC LIMIT $4",
            values![
                scope.user,
                scope.project,
                page.position::<Uuid>("monitor.alerts", "/cursor")?,
                limit + 1
            ],
        )
        .await?;
    let views = rows.iter().map(alert_view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(views, limit, |view| view.id.to_string()))
}

pub(super) async fn acknowledge(
    monitors: &Monitors,
    scope: &ScopeKey,
    user: UserId,
    id: AlertId,
) -> Result<AlertView> {
    let mut transaction = monitors.database.begin(scope).await?;
    let changed = transaction
        .execute(
            "UPDATE javari_alerts SET acknowledged_at = $3, acknowledged_by = $5
             WHERE id = $1 AND user_id = $2 AND ($4 IS NULL OR project_id = $4)
                 AND acknowledged_at IS NULL",
            values![id, user, monitors.clock.now(), scope.project, scope.actor()],
        )
        .await?;
    let view = alert_in(&mut transaction, scope, id).await?;
    if changed > 0 {
        let entry = Entry::new("monitor.acknowledge", "somebody said that they know of an alert")
            .with("alert", id.to_string());
        monitors.audit.append(&mut transaction, scope, entry).await?;
    }
    transaction.commit().await?;
    Ok(view)
}

pub(super) async fn due(
    database: &Database,
    scope: &ScopeKey,
    now: Timestamp,
) -> Result<Vec<MonitorView>> {
    let rows = database
        .query(
            scope,
            "SELECT * FROM javari_health_monitors
             WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2) AND is_active
                 AND next_check_at <= $3 AND (leased_until IS NULL OR leased_until <= $3)
             ORDER BY next_check_at, id LIMIT 100",
            values![scope.user, scope.project, now],
        )
        .await?;
    rows.iter().map(monitor_view).collect()
}

/// Notes on an alert of the scope that a repair was tried, and how it ended, in the transaction of
/// the repair. An alert that is not there (any more) is no error.
pub(crate) async fn record_fix(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    id: AlertId,
    success: Option<bool>,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_alerts SET auto_fix_attempted = TRUE, fix_success = $3
             WHERE id = $1 AND user_id = $2",
            values![id, scope.user, success],
        )
        .await
        .map(drop)
}

async fn alert_in(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    id: AlertId,
) -> Result<AlertView> {
    let row = transaction
        .query_one(
            "SELECT * FROM javari_alerts
             WHERE id = $1 AND user_id = $2 AND ($3 IS NULL OR project_id = $3)",
            values![id, scope.user, scope.project],
        )
        .await?;
    let missing = || {
        Error::new(ErrorKind::NotFound, "monitor.alert", "there is no such alert in this scope")
            .with("alert", id)
    };
    alert_view(&row.ok_or_else(missing)?)
}
