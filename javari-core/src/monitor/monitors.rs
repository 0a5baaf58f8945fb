//! The monitors of a scope: created, listed, asked.

use std::{collections::HashMap, sync::Arc};

use super::{
    AlertView, CheckOutcome, CheckSpec, CreateMonitorRequest, Monitor, MonitorView, Observation,
    ObservationStatus, ObservationView, store,
};
use crate::{
    audit::Audit,
    error::{Error, ErrorKind, Result},
    storage::Database,
    types::{AlertId, Clock, MonitorId, Page, PageRequest, ScopeKey, Timestamp},
};

/// The monitors of every scope. Cheap to clone.
///
/// Every call is for one user, and narrowed to a project when the scope names one: it then sees
/// that project's monitors only.
#[derive(Clone)]
pub struct Monitors {
    pub(super) database: Database,
    pub(super) audit: Audit,
    pub(super) clock: Arc<dyn Clock>,
    kinds: HashMap<String, Arc<dyn Monitor>>,
}

impl Monitors {
    /// Monitors that are kept in `database`, of no kind yet.
    pub fn new(database: Database, audit: Audit, clock: Arc<dyn Clock>) -> Self {
        Self { database, audit, clock, kinds: HashMap::new() }
    }

    /// The same with one more kind; a later one of the same kind takes its place.
    #[must_use]
    pub fn with(mut self, monitor: Arc<dyn Monitor>) -> Self {
        self.kinds.insert(monitor.kind().to_owned(), monitor);
        self
    }

    /// Creates a monitor. It is due at once.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each wrong field, `UNSUPPORTED` when no monitor of that kind is
    /// registered, `FORBIDDEN` for a folder that the host did not open, `ALREADY_EXISTS` for a
    /// name that is taken.
    pub async fn create(
        &self,
        scope: &ScopeKey,
        request: &CreateMonitorRequest,
    ) -> Result<MonitorView> {
        scope.require_user("monitor.create")?;
        request.validate()?;
        let spec = CheckSpec::new(*scope, request.target.clone());
        self.of_kind("monitor.create", &spec)?.accept(&spec)?;
        store::create(self, scope, request).await
    }

    /// The scope's monitors, newest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one.
    pub async fn list(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<MonitorView>> {
        scope.require_user("monitor.list")?;
        store::list(&self.database, scope, page).await
    }

    /// One monitor.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope has no such monitor.
    pub async fn get(&self, scope: &ScopeKey, id: MonitorId) -> Result<MonitorView> {
        scope.require_user("monitor.get")?;
        store::get(&self.database, scope, id).await
    }

    /// Deletes a monitor with its observations and alerts.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope has no such monitor.
    pub async fn delete(&self, scope: &ScopeKey, id: MonitorId) -> Result<()> {
        scope.require_user("monitor.delete")?;
        store::delete(self, scope, id).await
    }

    /// Looks now, whatever the frequency, and keeps what was seen.
    ///
    /// Dropping the future ends the check; nothing is kept then.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope has no such monitor, `CONFLICT` while another call or process
    /// is checking it, or took it over because this one took longer than its time: nothing of this
    /// one is kept then. A check that could not look is an observation of status `unknown`.
    pub async fn check_now(&self, scope: &ScopeKey, id: MonitorId) -> Result<CheckOutcome> {
        scope.require_user("monitor.check_now")?;
        let (view, until) = store::lease(self, scope, id).await?;
        let lease = Lease { monitors: Some(self.clone()), scope: *scope, id, until };
        let mut spec = CheckSpec::new(*scope, view.target.clone());
        spec.monitor = Some(id);
        let seen = match self.of_kind("monitor.check_now", &spec) {
            Ok(monitor) => monitor.check(&spec).await,
            Err(error) => Err(error),
        };
        let observation = seen.unwrap_or_else(|error| {
            Observation::new(
                ObservationStatus::Unknown,
                format!("the check could not look: {error}"),
            )
        });
        let outcome = store::record(self, scope, id, until, observation).await?;
        lease.settle();
        Ok(outcome)
    }

    /// What a monitor saw, newest first; the last 1000 observations are kept.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope has no such monitor.
    pub async fn observations(
        &self,
        scope: &ScopeKey,
        id: MonitorId,
        page: &PageRequest,
    ) -> Result<Page<ObservationView>> {
        scope.require_user("monitor.observations")?;
        store::get(&self.database, scope, id).await?;
        store::observations(&self.database, scope, id, page).await
    }

    /// The scope's alerts, newest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one.
    pub async fn alerts(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<AlertView>> {
        scope.require_user("monitor.alerts")?;
        store::alerts(&self.database, scope, page).await
    }

    /// Says that the scope's user knows of an alert. Saying it again changes nothing.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope has no such alert.
    pub async fn acknowledge(&self, scope: &ScopeKey, id: AlertId) -> Result<AlertView> {
        let user = scope.require_user("monitor.acknowledge")?;
        store::acknowledge(self, scope, user, id).await
    }

    /// The scope's monitors whose next check is due at `now`, the longest waiting first; at most
    /// 100. Two callers may see the same one: `check_now` lets one of them check it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn due(&self, scope: &ScopeKey, now: Timestamp) -> Result<Vec<MonitorView>> {
        scope.require_user("monitor.due")?;
        store::due(&self.database, scope, now).await
    }

    fn of_kind(&self, operation: &'static str, spec: &CheckSpec) -> Result<&Arc<dyn Monitor>> {
        self.kinds.get(spec.target.kind()).ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                operation,
                "no monitor of this kind is registered with this Javari",
            )
            .with("kind", spec.target.kind())
        })
    }
}

/// Gives a check back when its future is dropped, so that another call need not wait for the time
/// limit.
struct Lease {
    monitors: Option<Monitors>,
    scope: ScopeKey,
    id: MonitorId,
    until: Timestamp,
}

impl Lease {
    /// The check is recorded, which gave it back already.
    fn settle(mut self) {
        self.monitors = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(monitors) = self.monitors.take() else { return };
        let (scope, id, until) = (self.scope, self.id, self.until);
        // Outside a runtime nothing can be written; the lease ends by itself then.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { store::release(&monitors, &scope, id, until).await });
        }
    }
}
