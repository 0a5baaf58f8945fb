//! A PostgreSQL database: the address is judged as every steered one, then asked for a 1.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;

use super::{CredentialProbe, LIMIT, OPERATION, ProbeAnswer, ProbeOutcome, ProbeQuestion};
use crate::{
    error::{Error, ErrorKind, Result},
    http::Http,
    secret::Secret,
    storage::{ServerAddress, ServerAnswer, ask_server},
};

/// Opens a connection and asks for a 1: only `storage` opens connections.
#[async_trait]
pub trait DatabaseConnector: Send + Sync {
    /// What the server at `at`, one of the address's own, says to the address's user.
    async fn ask(&self, address: &ServerAddress, at: IpAddr) -> ServerAnswer;
}

/// The connector of PostgreSQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresConnector;

#[async_trait]
impl DatabaseConnector for PostgresConnector {
    async fn ask(&self, address: &ServerAddress, at: IpAddr) -> ServerAnswer {
        ask_server(address, at, LIMIT).await
    }
}

/// Asks the server that the credential is the address of.
pub(super) struct DatabaseProbe {
    http: Http,
    connector: Arc<dyn DatabaseConnector>,
}

impl DatabaseProbe {
    pub(super) fn new(http: Http, connector: Arc<dyn DatabaseConnector>) -> Self {
        Self { http, connector }
    }
}

#[async_trait]
impl CredentialProbe for DatabaseProbe {
    async fn probe(&self, credential: &Secret, _: &ProbeQuestion) -> Result<ProbeAnswer> {
        let address = ServerAddress::parse(credential).ok_or_else(|| {
            Error::invalid(OPERATION, "this is no address of a PostgreSQL server").with_field(
                "/name",
                "must hold `postgres://USER:PASSWORD@HOST:PORT/DATABASE` with one host",
            )
        })?;
        let unreachable =
            |words: &str| Ok(ProbeAnswer::new(ProbeOutcome::Unreachable).with_detail(words));
        let at = match self.http.public_addresses(address.host(), address.port()).await {
            Ok(addresses) => addresses.first().copied(),
            Err(error) if error.kind() == ErrorKind::Network => None,
            Err(error) => return Err(error),
        };
        let Some(at) = at else { return unreachable("the server's name leads nowhere") };
        let (outcome, words) = match self.connector.ask(&address, at).await {
            ServerAnswer::Opened => return Ok(ProbeAnswer::new(ProbeOutcome::Valid)),
            ServerAnswer::Refused => {
                (ProbeOutcome::Invalid, "the server refuses the user or the password")
            }
            ServerAnswer::NoDatabase => {
                (ProbeOutcome::Invalid, "the server has no database of that name")
            }
            ServerAnswer::Forbidden => {
                (ProbeOutcome::InsufficientScope, "the user may not connect to this database")
            }
            ServerAnswer::Busy => {
                (ProbeOutcome::RateLimited, "the server takes no more connections just now")
            }
            ServerAnswer::Unreachable => {
                return unreachable("the connection could not be made or broke");
            }
        };
        Ok(ProbeAnswer::new(outcome).with_detail(words))
    }
}
