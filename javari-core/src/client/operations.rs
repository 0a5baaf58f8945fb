//! The monitors and repairs of one scope.

use super::Scope;
use crate::{
    error::Result,
    healer::{
        ApproveRequest, DiagnoseRequest, DiagnosisView, HealRequest, HealStream, Healing,
        HealingView,
    },
    monitor::{
        AlertView, CheckOutcome, CreateMonitorRequest, MonitorView, Monitors, ObservationView,
    },
    types::{AlertId, Autonomy, HealingId, MonitorId, Page, PageRequest},
};

/// The monitors of one scope; the errors are those of [`Monitors`].
pub struct MonitorOf<'a>(pub(super) &'a Scope);

impl MonitorOf<'_> {
    fn monitors(&self) -> &Monitors {
        &self.0.javari().rooms().monitors
    }

    /// Makes a monitor.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the target does not fit, `FORBIDDEN` for a folder that is not opened.
    pub async fn create(&self, request: &CreateMonitorRequest) -> Result<MonitorView> {
        self.monitors().create(self.0.key(), request).await
    }

    /// The scope's monitors.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn list(&self, page: &PageRequest) -> Result<Page<MonitorView>> {
        self.monitors().list(self.0.key(), page).await
    }

    /// One monitor.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, id: MonitorId) -> Result<MonitorView> {
        self.monitors().get(self.0.key(), id).await
    }

    /// Deletes a monitor with its observations and alerts.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn delete(&self, id: MonitorId) -> Result<()> {
        self.monitors().delete(self.0.key(), id).await
    }

    /// Checks now, stores the observation and tells of an alert that opened or ended.
    ///
    /// # Errors
    /// `NOT_FOUND`; a failing target is an observation.
    pub async fn check(&self, id: MonitorId) -> Result<CheckOutcome> {
        self.monitors().check_now(self.0.key(), id).await
    }

    /// What a monitor saw, newest first.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn observations(
        &self,
        id: MonitorId,
        page: &PageRequest,
    ) -> Result<Page<ObservationView>> {
        self.monitors().observations(self.0.key(), id, page).await
    }

    /// The scope's alerts, newest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn alerts(&self, page: &PageRequest) -> Result<Page<AlertView>> {
        self.monitors().alerts(self.0.key(), page).await
    }

    /// Says that a person has seen the alert.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn acknowledge(&self, id: AlertId) -> Result<AlertView> {
        self.monitors().acknowledge(self.0.key(), id).await
    }
}

/// The repairs of one scope; the errors are those of [`Healing`].
pub struct HealerOf<'a>(pub(super) &'a Scope);

impl HealerOf<'_> {
    fn healing(&self) -> &Healing {
        &self.0.javari().rooms().healing
    }

    /// Reads a build's log and says what is wrong and what would mend it; changes nothing.
    ///
    /// # Errors
    /// `FORBIDDEN` for a folder that is not opened.
    pub async fn diagnose(&self, request: &DiagnoseRequest) -> Result<DiagnosisView> {
        self.healing().diagnose(self.0.key(), request).await
    }

    /// Mends a broken build on a branch, event by event. The user's preference is the most that
    /// the request's autonomy can be.
    ///
    /// # Errors
    /// `FORBIDDEN` for a folder that is not opened; later faults are events or items.
    pub async fn heal(&self, mut request: HealRequest) -> Result<HealStream> {
        let preferred = self.0.preferences().await?.autonomy_level;
        request.autonomy = stricter(request.autonomy, preferred);
        self.healing().heal(self.0.key(), request).await
    }

    /// Merges a repair that waits for a person.
    ///
    /// # Errors
    /// `CONFLICT` when the plan, the branch or the base is not the one that was seen.
    pub async fn approve(&self, request: &ApproveRequest) -> Result<HealingView> {
        self.healing().approve(self.0.key(), request).await
    }

    /// Removes the branch of a repair that waits for a person.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn reject(&self, id: HealingId) -> Result<HealingView> {
        self.healing().reject(self.0.key(), id).await
    }

    /// One repair.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn get(&self, id: HealingId) -> Result<HealingView> {
        self.healing().get(self.0.key(), id).await
    }

    /// The scope's repairs, newest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn list(&self, page: &PageRequest) -> Result<Page<HealingView>> {
        self.healing().events(self.0.key(), page).await
    }
}

fn stricter(one: Autonomy, other: Autonomy) -> Autonomy {
    let freedom = |level: Autonomy| match level {
        Autonomy::Manual => 0,
        Autonomy::ApproveCritical => 1,
        Autonomy::FullAuto => 2,
    };
    if freedom(one) <= freedom(other) { one } else { other }
}
