//! Rotation without a hand: through handlers, by a schedule, and what is due.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    credential::{CredentialView, Faults},
    rotation::{Rotation, check_grace},
};
use crate::{
    error::Result,
    types::{CredentialId, ScopeKey, Timestamp},
};

/// The power to make, schedule and carry out rotations.
#[async_trait]
pub trait CredentialRotation: Send + Sync {
    /// Makes a new value through a handler, sees that it works, stores it and leaves the one before
    /// it its time of grace. The work goes on when the caller leaves.
    ///
    /// # Errors
    /// `UNSUPPORTED`, with what to do by hand, where no handler can make the value;
    /// `PROVIDER_REFUSED` when the new value does not work: nothing is stored then; those of
    /// [`rotate`](super::Vault::rotate) and of the handler.
    async fn auto_rotate(&self, scope: &ScopeKey, request: AutoRotate) -> Result<AutoRotation>;

    /// Says when the credential at exactly the scope's innermost level is rotated, or that it is not.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none; `INVALID_INPUT` when a field does not fit.
    async fn schedule(
        &self,
        scope: &ScopeKey,
        request: &ScheduleRotation,
    ) -> Result<CredentialView>;

    /// What expires or has to be rotated soon, at the scope's level and inside it, soonest first,
    /// and how old the root key is.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    async fn due(&self, scope: &ScopeKey, request: &DueRequest) -> Result<Due>;

    /// Carries out what is due now, of every user, and revokes old values whose time of grace has
    /// ended. For a cron: any number may call it at once.
    ///
    /// # Errors
    /// Those of the database; what fails is told in the answer and tried again after an hour.
    async fn rotate_due(&self, request: &RotateDue) -> Result<RotatedDue>;
}

/// A rotation through a handler.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoRotate {
    /// The credential's name.
    pub name: String,
    /// Who makes the value: `random`, or a handler that the host application registered. A webhook
    /// secret has `random` when it is left out.
    #[serde(default)]
    pub handler: Option<String>,
    /// For how many seconds the value before it is accepted too, at most 366 days.
    #[serde(default)]
    #[schemars(range(max = 31_622_400))]
    pub grace_seconds: u64,
    /// Compare and set: the version that must be active now.
    #[serde(default)]
    pub expected_version: Option<u32>,
}

impl AutoRotate {
    /// A rotation by the credential's own handler, without a time of grace.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), handler: None, grace_seconds: 0, expected_version: None }
    }

    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Faults::of("vault.auto_rotate");
        check_grace(&mut faults, self.grace_seconds);
        check_handler(&mut faults, self.handler.as_deref());
        faults.into_result()
    }
}

/// What a rotation through a handler did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AutoRotation {
    /// The rotation.
    pub rotation: Rotation,
    /// Who made the value.
    pub handler: String,
    /// Whether the value before it has still to be revoked at its service, after its time of grace.
    pub revocation_pending: bool,
}

/// When a credential is rotated.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRotation {
    /// The credential's name.
    pub name: String,
    /// Every how many days; never again when left out.
    #[serde(default)]
    #[schemars(range(min = 1, max = 3650))]
    pub interval_days: Option<u32>,
    /// When first; after one interval when left out.
    #[serde(default)]
    pub next_at: Option<Timestamp>,
    /// For how many seconds a value that was replaced is accepted too.
    #[serde(default)]
    #[schemars(range(max = 31_622_400))]
    pub grace_seconds: u64,
    /// Who makes the value, as in `vault.auto_rotate`. Where nobody can, `vault.due` reminds of it.
    #[serde(default)]
    pub handler: Option<String>,
}

impl ScheduleRotation {
    /// A rotation every so many days.
    pub fn every(name: impl Into<String>, days: u32) -> Self {
        Self {
            name: name.into(),
            interval_days: Some(days),
            next_at: None,
            grace_seconds: 0,
            handler: None,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Faults::of("vault.schedule");
        if self.interval_days.is_some_and(|days| !(1..=3_650).contains(&days)) {
            faults.add("/interval_days", "must be 1 to 3650");
        }
        check_grace(&mut faults, self.grace_seconds);
        check_handler(&mut faults, self.handler.as_deref());
        faults.into_result()
    }
}

/// What is asked of the time to come.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DueRequest {
    /// How many days ahead, at most 366.
    #[schemars(range(max = 366))]
    pub within_days: u32,
    /// At most so many, 1 to 500.
    #[schemars(range(min = 1, max = 500))]
    pub limit: u32,
}

impl Default for DueRequest {
    fn default() -> Self {
        Self { within_days: 30, limit: 100 }
    }
}

/// Why a credential needs care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueReason {
    /// It stops being given out.
    Expires,
    /// It has to be rotated.
    Rotation,
}

/// A credential that needs care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DueCredential {
    /// The credential.
    pub credential: CredentialView,
    /// The scope it is stored in.
    pub scope: ScopeKey,
    /// Why.
    pub reason: DueReason,
    /// When.
    pub due_at: Timestamp,
}

/// How old the root key is: it should be changed once a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RootKeyAge {
    /// What names it.
    pub key_id: String,
    /// Since when the vault is sealed with it.
    pub since: Timestamp,
    /// When it is a year old.
    pub due_at: Timestamp,
    /// Whether that is within the days asked for.
    pub is_due: bool,
}

/// What needs care soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Due {
    /// The credentials, soonest first.
    pub credentials: Vec<DueCredential>,
    /// Whether there are more than the limit.
    pub more: bool,
    /// The root key.
    pub root_key: RootKeyAge,
}

/// How much of what is due is carried out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RotateDue {
    /// At most so many credentials, 1 to 500.
    #[schemars(range(min = 1, max = 500))]
    pub budget: u32,
    /// No further one is begun after so many seconds, 1 to 600.
    #[schemars(range(min = 1, max = 600))]
    pub seconds: u32,
}

impl Default for RotateDue {
    fn default() -> Self {
        Self { budget: 50, seconds: 25 }
    }
}

/// A credential whose rotation failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FailedRotation {
    /// The credential.
    pub credential: CredentialId,
    /// The code of the error, such as `UNSUPPORTED`.
    pub code: String,
    /// What it says.
    pub message: String,
}

/// What was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RotatedDue {
    /// How many credentials have a new value.
    pub rotated: u32,
    /// How many old values were revoked at their service.
    pub revoked: u32,
    /// What failed, to be tried again after an hour.
    pub failed: Vec<FailedRotation>,
    /// Whether more is due than the budget allowed.
    pub more: bool,
}

fn check_handler(faults: &mut Faults, name: Option<&str>) {
    let fits = |name: &str| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    };
    if name.is_some_and(|name| !fits(name)) {
        faults.add("/handler", "must be 1 to 64 letters, digits, `_`, `-` or `.`");
    }
}
