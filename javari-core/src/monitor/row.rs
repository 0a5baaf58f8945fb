//! Reads rows into views, and makes texts fit to be kept.

use serde_json::Value as Json;

use super::{
    AlertKind, AlertState, AlertView, CheckFrequency, MonitorView, ObservationStatus,
    ObservationView, Severity, log, state::MonitorState,
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::Row,
    types::MonitorId,
};

pub(super) fn monitor_view(row: &Row) -> Result<MonitorView> {
    let state: MonitorState = from_json(row.get("state")?)?;
    Ok(MonitorView {
        id: row.get("id")?,
        project: row.get("project_id")?,
        name: row.get("name")?,
        monitor_type: row.get("monitor_type")?,
        target: from_json(row.get("target")?)?,
        check_frequency: CheckFrequency::from_name(&row.get::<String>("check_frequency")?),
        alert_threshold: row.get("alert_threshold")?,
        recovery_threshold: row.get("recovery_threshold")?,
        severity: Severity::from_name(&row.get::<String>("severity")?),
        auto_fix_enabled: row.get("auto_fix_enabled")?,
        is_active: row.get("is_active")?,
        failing: state.failing,
        flapping: state.flapping,
        last_checked_at: row.get("last_checked_at")?,
        next_check_at: row.get("next_check_at")?,
        created_at: row.get("created_at")?,
    })
}

pub(super) fn observation_view(row: &Row) -> Result<ObservationView> {
    Ok(ObservationView {
        id: row.get("id")?,
        monitor: row.get("monitor_id")?,
        status: ObservationStatus::from_name(&row.get::<String>("status")?),
        summary: row.get("summary")?,
        elapsed_ms: row.get("elapsed_ms")?,
        http_status: row.get::<Option<i64>>("http_status")?.and_then(|s| u16::try_from(s).ok()),
        exit_code: row.get::<Option<i64>>("exit_code")?.and_then(|c| i32::try_from(c).ok()),
        commit: row.get("commit_hash")?,
        log: row.get("log")?,
        checked_at: row.get("checked_at")?,
    })
}

pub(super) fn alert_view(row: &Row) -> Result<AlertView> {
    Ok(AlertView {
        id: row.get("id")?,
        monitor: row.get("monitor_id")?,
        project: row.get("project_id")?,
        kind: AlertKind::from_name(&row.get::<String>("kind")?),
        state: AlertState::from_name(&row.get::<String>("state")?),
        severity: Severity::from_name(&row.get::<String>("severity")?),
        alert_message: row.get("alert_message")?,
        occurrences: row.get("occurrences")?,
        auto_fix_attempted: row.get("auto_fix_attempted")?,
        fix_success: row.get("fix_success")?,
        resolution_time_seconds: row.get("resolution_time_seconds")?,
        resolved_at: row.get("resolved_at")?,
        acknowledged_at: row.get("acknowledged_at")?,
        acknowledged_by: row.get("acknowledged_by")?,
        created_at: row.get("created_at")?,
    })
}

pub(super) fn clean(text: &str) -> String {
    log::redact(&log::strip_controls(text))
}

/// At most `limit` bytes: the beginning and the end.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let half = limit / 2;
    let head = (0..=half).rev().find_map(|at| text.get(..at)).unwrap_or_default();
    let tail = (text.len() - half..text.len()).find_map(|at| text.get(at..)).unwrap_or_default();
    format!("{head}\n[{} bytes left out]\n{tail}", text.len() - head.len() - tail.len())
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<Json> {
    serde_json::to_value(value).map_err(|error| {
        Error::new(ErrorKind::Unexpected, "monitor.store", "a value has no JSON form")
            .with_source(error)
    })
}

pub(super) fn from_json<T: serde::de::DeserializeOwned>(value: Json) -> Result<T> {
    serde_json::from_value(value).map_err(|error| {
        Error::new(ErrorKind::Storage, "monitor.store", "a stored value has another form")
            .with_source(error)
    })
}

pub(super) fn no_monitor(id: MonitorId) -> Error {
    Error::new(ErrorKind::NotFound, "monitor.get", "there is no such monitor in this scope")
        .with("monitor", id)
}
