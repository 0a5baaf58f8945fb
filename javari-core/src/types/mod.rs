//! The words every room shares: ids, money, time, scope as data, pages, messages.
//!
//! What it deliberately does not do: it holds no rule of any room and touches no disk, network or
//! environment. [`clock`](Clock) alone reads the time and makes ids, so a test can fix both.

mod autonomy;
mod clock;
mod content;
mod id;
mod message;
mod money;
mod page;
mod scope;
mod usage;

pub use autonomy::Autonomy;
pub use clock::{Clock, SystemClock, Timestamp};
pub use content::{Content, ContentPart, Extra, ToolCall};
pub use id::{
    AlertId, ApiKeyId, ChunkId, CostId, CredentialId, DocumentId, EntryId, HealingId, IdentityId,
    MonitorId, ObservationId, ProjectId, SnapshotId, SubprojectId, UserId,
};
pub use message::{FinishReason, Message, Role};
pub use money::{ParseUsdError, Usd};
pub(crate) use page::foreign_cursor;
pub use page::{Page, PageRequest};
pub use scope::{ScopeKey, ScopeLevel};
pub use usage::{ModelUsage, SearchContext, ServiceTier, Usage};
