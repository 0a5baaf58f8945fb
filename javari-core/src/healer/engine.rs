//! The repairs of a scope: begun, approved, rejected, listed.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    ApproveRequest, Counters, Decision, DiagnoseRequest, DiagnosisView, HealRequest, HealStream,
    Healer, HealingStatus, HealingView, Incident, Limits, Question, Risk,
    git::{self, Base, Identity},
    guard,
    sequence::Sequence,
    store::{self, Beginning, Ending, Leftover},
    workspace,
};
use crate::{
    audit::{Audit, Entry},
    error::{Error, ErrorKind, Result},
    monitor::{Builder, Repository},
    storage::Database,
    types::{Clock, HealingId, Page, PageRequest, ScopeKey},
};

/// How repairs are made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HealingConfig {
    /// An existing folder, outside every project. Workspaces come and go in a folder inside it that
    /// only the host's own system user may enter.
    pub workspaces: PathBuf,
    /// The name on the commits.
    pub author_name: String,
    /// The address on the commits.
    pub author_email: String,
    /// The bounds of what is done without a person.
    pub limits: Limits,
    /// How long a repair waits for a person.
    pub approval_time: Duration,
}

impl HealingConfig {
    /// The usual bounds, with workspaces in `workspaces`.
    pub fn new(workspaces: impl Into<PathBuf>) -> Self {
        Self {
            workspaces: workspaces.into(),
            author_name: "Javari".into(),
            author_email: "javari@localhost".into(),
            limits: Limits::default(),
            approval_time: Duration::from_secs(7 * 86_400),
        }
    }
}

/// The repairs of every scope. Cheap to clone.
///
/// It owns the order of the steps and asks the guard before each that changes anything.
#[derive(Clone)]
pub struct Healing {
    pub(super) database: Database,
    pub(super) audit: Audit,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) builder: Builder,
    pub(super) healer: Arc<dyn Healer>,
    pub(super) config: Arc<HealingConfig>,
    pub(super) running: TaskTracker,
    closing: CancellationToken,
}

/// The longest log that is looked at.
const LOG_LIMIT: usize = 16 * 1024 * 1024;
/// What git and the disk may take beside the builds.
const MARGIN: Duration = Duration::from_secs(15 * 60);

impl Healing {
    /// Repairs by `healer`, built and watched over with `builder`.
    pub fn new(
        database: Database,
        audit: Audit,
        clock: Arc<dyn Clock>,
        builder: Builder,
        healer: Arc<dyn Healer>,
        config: HealingConfig,
    ) -> Self {
        Self {
            database,
            audit,
            clock,
            builder,
            healer,
            config: Arc::new(config),
            running: TaskTracker::new(),
            closing: CancellationToken::new(),
        }
    }

    /// Reads a log and says what could be done. Nothing is run and nothing is changed.
    ///
    /// # Errors
    /// `FORBIDDEN` for a folder that the host did not open, `UNSUPPORTED` when it is not the top
    /// of a git checkout.
    pub async fn diagnose(
        &self,
        scope: &ScopeKey,
        request: &DiagnoseRequest,
    ) -> Result<DiagnosisView> {
        const OPERATION: &str = "healer.diagnose";
        scope.require_user(OPERATION)?;
        check_log(OPERATION, &request.log)?;
        let folder = self.builder.roots().admit(OPERATION, scope, Path::new(&request.folder))?;
        let base = git::base(&self.builder.git().open(&folder).await?).await?;
        let incident = Incident::new(*scope, &folder, &base.commit, &request.log);
        let diagnosis = self.healer.diagnose(&incident).await?;
        let plans = self.healer.plan(&incident, &diagnosis).await?;
        let entry = Entry::new(OPERATION, "a build log was diagnosed")
            .with("folder", folder.display().to_string())
            .with("error_type", diagnosis.error_type.as_str());
        self.audit.record(scope, entry).await?;
        Ok(DiagnosisView { diagnosis, plans })
    }

    /// Mends a build as far as `request.autonomy` and the guard allow, and tells each step.
    ///
    /// The work goes on only while the stream is kept; see [`HealStream`].
    ///
    /// # Errors
    /// `FORBIDDEN` for a folder that the host did not open, `UNSUPPORTED` when it is not the top
    /// of a git checkout with a branch, `CONFLICT` while another repair runs there.
    pub async fn heal(&self, scope: &ScopeKey, request: HealRequest) -> Result<HealStream> {
        const OPERATION: &str = "healer.heal";
        scope.require_user(OPERATION)?;
        if self.closing.is_cancelled() {
            return Err(Error::new(ErrorKind::Closed, OPERATION, "this Javari was closed"));
        }
        request.build.validate(OPERATION)?;
        if let Some(log) = &request.log {
            check_log(OPERATION, log)?;
        }
        if request.carry.len() > 16 {
            return Err(Error::invalid(OPERATION, "too many folders to carry")
                .with_field("/carry", "must be at most 16"));
        }
        let folder =
            self.builder.roots().admit(OPERATION, scope, Path::new(&request.build.folder))?;
        let workspaces = self.workspaces(&folder)?;
        let repository = self.builder.git().open(&folder).await?;
        let base = git::base(&repository).await?;
        let id = HealingId(self.clock.new_id());
        let text = folder.display().to_string();
        let builds = Duration::from_secs(u64::from(request.build.timeout_seconds))
            * u32::try_from(1 + request.build.prepare.len()).unwrap_or(u32::MAX);
        let lease = builds + MARGIN;
        let (sender, events) = mpsc::channel(1);
        let (begun, beginning) = oneshot::channel();
        let token = self.closing.child_token();
        let (given_up, guard) = (token.clone(), token.drop_guard());
        let (healing, scope) = (self.clone(), *scope);
        let (autonomy, alert) = (request.autonomy, request.alert);
        let worktree = workspaces.join(id.to_string());
        let sequence = Sequence::new(
            healing.clone(),
            scope,
            id,
            request,
            repository.clone(),
            base.clone(),
            worktree,
            lease,
            sender,
        );
        // The row and what answers for it are one task: when this future is dropped, the guard
        // ends the repair, and no row says `running` without somebody who ends it.
        self.running.spawn(async move {
            let row = Beginning { id, folder: &text, base: &base, autonomy, alert, lease };
            match store::begin(&healing, &scope, &row).await {
                Ok(dead) => {
                    let _ = begun.send(Ok(()));
                    tidy_up(&repository, &workspaces, dead).await;
                    sequence.run(given_up).await;
                }
                Err(error) => drop(begun.send(Err(error))),
            }
        });
        beginning.await.map_err(|error| {
            Error::new(ErrorKind::Unexpected, OPERATION, "the task of the repair was ended")
                .with_source(error)
        })??;
        Ok(HealStream { id, events, _guard: guard })
    }

    /// Merges a repair that waits for a person: exactly the plan and the commit that were seen.
    ///
    /// # Errors
    /// `CONFLICT` when the repair does not wait, when the plan, the branch or the base is not what
    /// was seen any more, or when the checkout has changes that are not committed. `FORBIDDEN`
    /// when the guard forbids it whoever approves.
    pub async fn approve(&self, scope: &ScopeKey, request: &ApproveRequest) -> Result<HealingView> {
        const OPERATION: &str = "healer.approve";
        scope.require_user(OPERATION)?;
        let view = store::get(&self.database, scope, request.id).await?;
        self.still_waits(scope, &view).await?;
        let seen = view.plan_hash.as_deref() == Some(&request.plan_hash)
            && view.head_commit.as_deref() == Some(&request.head_commit);
        if !seen {
            return Err(conflict("the approval names another plan or commit"));
        }
        let (healing, scope) = (self.clone(), *scope);
        // Once begun, a merge is brought to its end even when this future is dropped.
        let merging = self.running.spawn(async move {
            let from = HealingStatus::AwaitingApproval;
            let id = view.id;
            store::start_merge(&healing, &scope, id, from, true, MARGIN).await?;
            match healing.merge(&scope, &view, true).await {
                Ok(commit) => healing.merged(&scope, &view, commit).await?,
                Err(error) => {
                    // It goes on to wait: what stood in the way may be gone tomorrow.
                    let mut ending = Ending::new(from, error.message());
                    ending.expires_at = view.expires_at;
                    store::finish(&healing, &scope, id, HealingStatus::Merging, &ending).await?;
                    return Err(error);
                }
            }
            store::get(&healing.database, &scope, id).await
        });
        merging.await.map_err(|error| {
            Error::new(ErrorKind::Unexpected, OPERATION, "the task that merged was ended")
                .with_source(error)
        })?
    }

    /// Says no to a repair that waits, and deletes its branch.
    ///
    /// # Errors
    /// `CONFLICT` when it does not wait or when somebody has committed to its branch since.
    pub async fn reject(&self, scope: &ScopeKey, id: HealingId) -> Result<HealingView> {
        scope.require_user("healer.reject")?;
        let view = store::get(&self.database, scope, id).await?;
        self.still_waits(scope, &view).await?;
        self.drop_branch(scope, &view).await?;
        let mut ending = Ending::new(HealingStatus::Rejected, "a person said no");
        ending.success = Some(false);
        store::finish(self, scope, id, HealingStatus::AwaitingApproval, &ending).await?;
        store::get(&self.database, scope, id).await
    }

    /// One repair.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope has no such repair.
    pub async fn get(&self, scope: &ScopeKey, id: HealingId) -> Result<HealingView> {
        scope.require_user("healer.get")?;
        store::get(&self.database, scope, id).await
    }

    /// The scope's repairs, newest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one.
    pub async fn events(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<HealingView>> {
        scope.require_user("healer.events")?;
        store::events(&self.database, scope, page).await
    }

    /// Gives up every repair that runs and waits until nothing of them is left. Later ones are
    /// refused.
    pub async fn close(&self) {
        self.closing.cancel();
        self.running.close();
        self.running.wait().await;
    }

    /// Merges what `view` describes. The guard is asked again, about what git sees now.
    pub(super) async fn merge(
        &self,
        scope: &ScopeKey,
        view: &HealingView,
        approved: bool,
    ) -> Result<String> {
        let plan = view.plan.as_ref().ok_or_else(|| conflict("the repair has no plan"))?;
        let (Some(branch), Some(head)) = (&view.branch, &view.head_commit) else {
            return Err(conflict("the repair has no branch"));
        };
        if view.plan_hash.as_deref() != Some(plan.hash(&view.base_commit)?.as_str()) {
            return Err(conflict("the plan is not the one that was hashed"));
        }
        let folder =
            self.builder.roots().admit("healer.approve", scope, Path::new(&view.folder))?;
        let repository = self.builder.git().open(&folder).await?;
        if git::branch_head(&repository, branch).await?.as_ref() != Some(head) {
            return Err(conflict("the branch of the repair has moved or is gone"));
        }
        let (mut change, _) = git::change(&repository, &view.base_commit, head).await?;
        change.adds_dependency = plan.adds_dependency;
        let ruling = guard::rule(&Question {
            risk: Risk::R3,
            autonomy: view.autonomy,
            limits: &self.config.limits,
            counters: &Counters::default(),
            change: Some(&change),
            own_commit: false,
            approved,
        });
        if ruling.decision != Decision::Allow {
            let kind = match ruling.decision {
                Decision::Ask => ErrorKind::ApprovalRequired,
                _ => ErrorKind::Forbidden,
            };
            return Err(Error::new(kind, "healer.approve", ruling.reasons.join("; ")));
        }
        let base =
            Base { branch: view.base_branch.clone(), commit: view.base_commit.clone(), own: false };
        let fingerprint = view.fingerprint.as_deref().unwrap_or_default();
        let message = format!(
            "Merge repair {branch}\n\n{}\n\n{}: {fingerprint}\n",
            plan.summary,
            git::TRAILER
        );
        git::merge(&repository, &base, head, &message, &self.identity()).await
    }

    /// Writes that a repair is merged and deletes its branch, which the merge holds now.
    pub(super) async fn merged(
        &self,
        scope: &ScopeKey,
        view: &HealingView,
        commit: String,
    ) -> Result<()> {
        let mut ending = Ending::new(HealingStatus::Merged, "it is merged");
        ending.success = Some(true);
        ending.merge_commit = Some(commit);
        store::finish(self, scope, view.id, HealingStatus::Merging, &ending).await?;
        let _ = self.drop_branch(scope, view).await;
        Ok(())
    }

    pub(super) fn identity(&self) -> Identity {
        // A line break in a name would end git's header.
        let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect();
        Identity { name: plain(&self.config.author_name), email: plain(&self.config.author_email) }
    }

    async fn drop_branch(&self, scope: &ScopeKey, view: &HealingView) -> Result<()> {
        let (Some(branch), Some(head)) = (&view.branch, &view.head_commit) else { return Ok(()) };
        let folder = self.builder.roots().admit("healer.reject", scope, Path::new(&view.folder))?;
        let repository: Repository = self.builder.git().open(&folder).await?;
        match git::branch_head(&repository, branch).await? {
            None => Ok(()),
            Some(found) if found == *head => git::delete_branch(&repository, branch, head).await,
            Some(_) => Err(conflict("somebody has committed to the branch of the repair")),
        }
    }

    /// That a repair waits and not too long. One that waited too long ends here.
    async fn still_waits(&self, scope: &ScopeKey, view: &HealingView) -> Result<()> {
        if view.status != HealingStatus::AwaitingApproval {
            return Err(conflict("the repair does not wait for a person")
                .with("status", view.status.name()));
        }
        if view.expires_at.is_none_or(|until| self.clock.now() < until) {
            return Ok(());
        }
        self.drop_branch(scope, view).await?;
        let ending = Ending::new(HealingStatus::Expired, "nobody approved it in time");
        store::finish(self, scope, view.id, HealingStatus::AwaitingApproval, &ending).await?;
        Err(conflict("the repair waited too long; heal again"))
    }

    /// The folder of workspaces, which must not lie in the project: tools look for their settings
    /// in the folders above.
    fn workspaces(&self, project: &Path) -> Result<PathBuf> {
        let fault = |words: &str| Error::new(ErrorKind::Configuration, "healer.heal", words);
        let folder =
            self.config.workspaces.canonicalize().map_err(|error| {
                fault("the folder of workspaces does not exist").with_source(error)
            })?;
        if folder.starts_with(project) {
            return Err(fault("the folder of workspaces lies inside the project"));
        }
        workspace::private(&folder)
    }
}

/// Removes what dead repairs left behind. A fault of it is theirs and stops no other repair.
async fn tidy_up(repository: &Repository, workspaces: &Path, dead: Vec<Leftover>) {
    for dead in dead {
        // What is left of it lies where its id says.
        let _ = git::remove_worktree(repository, workspaces.join(dead.id.to_string())).await;
        if let (Some(branch), false) = (dead.branch, dead.merging)
            && let Ok(Some(head)) = git::branch_head(repository, &branch).await
        {
            let _ = git::delete_branch(repository, &branch, &head).await;
        }
    }
}

fn conflict(words: &str) -> Error {
    Error::new(ErrorKind::Conflict, "healer.approve", words)
}

fn check_log(operation: &'static str, log: &str) -> Result<()> {
    if log.len() <= LOG_LIMIT {
        return Ok(());
    }
    Err(Error::new(ErrorKind::TooLarge, operation, "the log has more than 16 MiB")
        .with("bytes", log.len()))
}
