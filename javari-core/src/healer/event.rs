//! What a repair tells while it runs.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures::Stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::DropGuard;

use super::{Diagnosis, HealingStatus, RepairPlan, Ruling};
use crate::{error::Result, types::HealingId};

/// One step of a repair. The last one is `merged`, `reverted`, `needs_approval` or `stopped`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum HealEvent {
    /// The repair began and its row is written.
    Detected {
        /// The repair.
        id: HealingId,
        /// The top of the git checkout.
        folder: String,
        /// The branch it stands on.
        base_branch: String,
        /// The commit it stands on.
        base_commit: String,
    },
    /// The guard answered. Every change stands behind one of these.
    Ruled {
        /// What it decided, and why.
        ruling: Ruling,
    },
    /// The same commit failed again in a workspace of its own.
    Reproduced {
        /// The exit code of the build, nothing when it was ended.
        exit_code: Option<i32>,
    },
    /// The log was read.
    Diagnosed {
        /// What it shows.
        diagnosis: Diagnosis,
    },
    /// There is a repair to try.
    Planned {
        /// The repair.
        plan: RepairPlan,
        /// SHA-256 of the plan, which an approval names.
        plan_hash: String,
    },
    /// It was made and committed on a branch of its own.
    Applied {
        /// The branch.
        branch: String,
        /// Its commit.
        head_commit: String,
        /// What changed, as a unified diff.
        diff: String,
    },
    /// The build runs again.
    Verifying,
    /// The build ended.
    Verified {
        /// Whether it is green and the fault is gone.
        green: bool,
        /// The exit code of the build, nothing when it was ended.
        exit_code: Option<i32>,
        /// Why, for a person.
        reason: String,
    },
    /// The branch is kept; the workspace is gone.
    Kept {
        /// The branch.
        branch: String,
        /// Its commit.
        head_commit: String,
    },
    /// A person has to approve the merge: end of the stream.
    NeedsApproval {
        /// The repair to approve.
        id: HealingId,
        /// The plan to approve.
        plan_hash: String,
        /// The commit to approve.
        head_commit: String,
        /// Why a person is asked.
        reasons: Vec<String>,
    },
    /// It is merged: end of the stream.
    Merged {
        /// The merge commit.
        commit: String,
    },
    /// It did not help, and nothing of it is left: end of the stream.
    Reverted {
        /// Why.
        reason: String,
    },
    /// It went no further, and nothing of it is left: end of the stream.
    Stopped {
        /// How it ended.
        status: HealingStatus,
        /// Why.
        reasons: Vec<String>,
    },
}

/// The steps of a repair as they happen. Dropping it before its end gives the repair up: the build
/// is ended, the workspace and the branch are removed and the row says `cancelled`. Closing Javari
/// does the same; the stream then ends without a last event.
pub struct HealStream {
    pub(super) id: HealingId,
    pub(super) events: mpsc::Receiver<Result<HealEvent>>,
    pub(super) _guard: DropGuard,
}

impl HealStream {
    /// The repair.
    pub fn id(&self) -> HealingId {
        self.id
    }
}

impl Stream for HealStream {
    type Item = Result<HealEvent>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_recv(context)
    }
}
