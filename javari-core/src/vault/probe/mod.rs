//! Asks a service whether a credential works there.
//!
//! Each service has one fixed host, so that a token is only ever sent to its own service; only the
//! host application can put another address in its place. What a service answers is read and
//! forgotten: a few words are kept, never the body.

mod custom;
mod database;
mod judge;
mod service;
mod services;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
pub use database::{DatabaseConnector, PostgresConnector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use service::Service;
use url::Url;

use self::{custom::HttpProbe, database::DatabaseProbe, services::ServiceProbe};
use super::credential::CredentialView;
use crate::{
    error::{Error, ErrorKind, Result},
    http::Http,
    secret::Secret,
    types::{Clock, ScopeKey, Timestamp},
};

/// How long a service may take to answer.
const LIMIT: Duration = Duration::from_secs(10);
pub(super) const OPERATION: &str = "vault.test";

/// The power to ask a service whether a credential works there.
#[async_trait]
pub trait CredentialTest: Send + Sync {
    /// Tests the credential that the scope sees under that name, at its own service. The outcome is
    /// kept with the credential and audited. Takes 10 seconds at most.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_INPUT` when it cannot be told whose credential it is, or it is plainly
    /// another service's; `ADDRESS_REFUSED` for an address that a user may not steer requests to.
    /// A service that does not answer is an outcome.
    async fn test(&self, scope: &ScopeKey, request: TestCredential) -> Result<TestReport>;
}

/// Asks one service. Implemented for the services of [`Service`], and by hosts for their own way
/// to one of them.
#[async_trait]
pub trait CredentialProbe: Send + Sync {
    /// What the service says of the credential. It must be sent nowhere else and logged nowhere.
    ///
    /// # Errors
    /// When it cannot be asked at all; that it does not answer is an outcome.
    async fn probe(&self, credential: &Secret, question: &ProbeQuestion) -> Result<ProbeAnswer>;
}

/// A credential to be tested.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCredential {
    /// The credential's name.
    pub name: String,
    /// Whose credential it is; told from its type and the mark its value begins with when left out.
    #[serde(default)]
    pub service: Option<Service>,
    /// Service `http`: the https address that answers 2xx to a credential that works.
    #[serde(default)]
    pub url: Option<String>,
    /// Service `http`: the header that holds the credential; `Authorization: Bearer` when left out.
    #[serde(default)]
    pub header: Option<String>,
    /// Service `supabase`: the project's reference, 20 letters and digits, where the key does not
    /// hold it.
    #[serde(default)]
    pub project_ref: Option<String>,
}

impl TestCredential {
    /// A test at the service that the credential is plainly of.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), service: None, url: None, header: None, project_ref: None }
    }

    /// What the service has to be told beside the credential.
    pub(super) fn question(&self) -> ProbeQuestion {
        ProbeQuestion {
            url: self.url.clone(),
            header: self.header.clone(),
            project_ref: self.project_ref.clone(),
        }
    }

    /// The same test at a service.
    #[must_use]
    pub fn at(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }
}

/// What a service has to be told beside the credential, as in [`TestCredential`].
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ProbeQuestion {
    /// Service `http`: the address.
    pub url: Option<String>,
    /// Service `http`: the header that holds the credential.
    pub header: Option<String>,
    /// Service `supabase`: the project's reference.
    pub project_ref: Option<String>,
}

impl ProbeQuestion {
    /// The host of the address in it, for the audit trail.
    pub(super) fn host(&self) -> Option<String> {
        Url::parse(self.url.as_deref()?).ok()?.host_str().map(str::to_owned)
    }
}

/// What a service says of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeOutcome {
    /// It works.
    Valid,
    /// The service does not know it, or no longer.
    Invalid,
    /// Its time is over.
    Expired,
    /// The service knows it and lets it do too little to say more.
    InsufficientScope,
    /// The service answers no question just now.
    RateLimited,
    /// The service could not be asked, or its answer says nothing about the credential.
    Unreachable,
}

impl ProbeOutcome {
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::Valid, "valid"),
        (Self::Invalid, "invalid"),
        (Self::Expired, "expired"),
        (Self::InsufficientScope, "insufficient_scope"),
        (Self::RateLimited, "rate_limited"),
        (Self::Unreachable, "unreachable"),
    ];

    /// Its name in JSON and in the database.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("unreachable", |(_, n)| n)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(outcome, _)| *outcome)
    }
}

/// A service's answer, in few words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeAnswer {
    /// What it says.
    pub outcome: ProbeOutcome,
    /// More of it, in words of our own; never the service's body.
    pub detail: Option<String>,
    /// Whose account it is, where the service tells.
    pub account: Option<String>,
    /// What the credential may do, where the service tells.
    pub scopes: Vec<String>,
    /// When it ends, where the service tells.
    pub expires_at: Option<Timestamp>,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
}

impl ProbeAnswer {
    /// An answer that says nothing more.
    pub fn new(outcome: ProbeOutcome) -> Self {
        Self {
            outcome,
            detail: None,
            account: None,
            scopes: Vec::new(),
            expires_at: None,
            retry_after: None,
        }
    }

    /// The same answer with a few words more.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TestReport {
    /// The credential that was tested, with this outcome.
    pub credential: CredentialView,
    /// The service that was asked.
    pub service: Service,
    /// What it said.
    pub outcome: ProbeOutcome,
    /// More of it.
    pub detail: Option<String>,
    /// Whose account it is, where the service tells.
    pub account: Option<String>,
    /// What the credential may do, where the service tells.
    pub scopes: Vec<String>,
    /// When it ends, where the service tells.
    pub expires_at: Option<Timestamp>,
    /// How many seconds the service asks to wait.
    pub retry_after_seconds: Option<u64>,
    /// When it was asked.
    pub tested_at: Timestamp,
}

/// The probes of a vault, one a service. Cheap to clone.
#[derive(Clone)]
pub struct Probes {
    by_service: Arc<BTreeMap<Service, Arc<dyn CredentialProbe>>>,
    limit: Duration,
}

impl Probes {
    /// The probes of every service, over `http`. `addresses` puts other base addresses in the place
    /// of services' own, by the service's name: credentials are then sent there.
    ///
    /// # Errors
    /// `CONFIGURATION` when an address or a name does not fit.
    pub fn new(
        http: &Http,
        clock: &Arc<dyn Clock>,
        addresses: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut replaced = BTreeMap::new();
        for (name, address) in addresses {
            let fault = |message| {
                Err(Error::new(ErrorKind::Configuration, "vault.open", message)
                    .with("setting", "service_addresses"))
            };
            let Some(service) = Service::from_name(name).filter(|one| one.has_fixed_host()) else {
                return fault("`service_addresses` names a service that has no address of its own");
            };
            let url = Url::parse(address).ok().filter(|url| {
                matches!(url.scheme(), "http" | "https") && url.username().is_empty()
            });
            let Some(url) = url else {
                return fault("an entry of `service_addresses` must be an http or https address");
            };
            replaced.insert(service, url);
        }
        let mut probes: BTreeMap<Service, Arc<dyn CredentialProbe>> = BTreeMap::new();
        for service in Service::ALL.into_iter().filter(|service| service.has_fixed_host()) {
            let probe =
                ServiceProbe::new(service, http.clone(), clock.clone(), replaced.remove(&service));
            probes.insert(service, Arc::new(probe));
        }
        probes.insert(Service::Http, Arc::new(HttpProbe::new(http.clone())));
        let database = DatabaseProbe::new(http.clone(), Arc::new(PostgresConnector));
        probes.insert(Service::Postgres, Arc::new(database));
        Ok(Self { by_service: Arc::new(probes), limit: LIMIT })
    }

    /// The same probes with another way to ask one service.
    #[must_use]
    pub fn with(self, service: Service, probe: Arc<dyn CredentialProbe>) -> Self {
        let mut probes = self.by_service.as_ref().clone();
        probes.insert(service, probe);
        Self { by_service: Arc::new(probes), ..self }
    }

    /// The same probes with another time to answer in.
    #[cfg(test)]
    pub(super) fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// What the service says of the credential.
    ///
    /// # Errors
    /// Those of [`CredentialProbe::probe`].
    pub(super) async fn ask(
        &self,
        service: Service,
        credential: &Secret,
        question: &ProbeQuestion,
    ) -> Result<ProbeAnswer> {
        let probe = self.by_service.get(&service).ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, OPERATION, "this service cannot be asked")
                .with("service", service.name())
        })?;
        let asked = tokio::time::timeout(self.limit, probe.probe(credential, question)).await;
        match asked {
            Ok(answer) => answer,
            Err(_) => Ok(ProbeAnswer::new(ProbeOutcome::Unreachable)
                .with_detail("the service did not answer in time")),
        }
    }
}
