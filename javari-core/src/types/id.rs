//! Typed ids: a UUIDv7 each (RFC 9562), so that rows sort by the time they were made.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )+};
}

ids! {
    /// A person or service account whose data Javari keeps.
    UserId;
    /// A project of a user.
    ProjectId;
    /// A part of a project.
    SubprojectId;
    /// A credential in the vault.
    CredentialId;
    /// What a scope's credentials were at one time.
    SnapshotId;
    /// A document in the knowledge base.
    DocumentId;
    /// A chunk of a document.
    ChunkId;
    /// An entry of the audit trail.
    EntryId;
    /// A recorded cost.
    CostId;
    /// A monitor.
    MonitorId;
    /// One result of a monitor's check.
    ObservationId;
    /// An alert raised by a monitor.
    AlertId;
    /// One attempt to mend something.
    HealingId;
    /// A key that calls on behalf of a user.
    ApiKeyId;
    /// Who a user is at an issuer of tokens.
    IdentityId;
}
