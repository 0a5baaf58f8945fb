//! One repair from beginning to end.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Applied, Change, Decision, Diagnosis, Evidence, HealEvent, HealRequest, Healing, HealingStatus,
    Incident, Question, RepairPlan, Risk, Ruling, Workspace,
    git::{self, Base},
    guard,
    plan::digest,
    store::{self, Ending, Step, json},
    workspace,
};
use crate::{
    error::{Error, ErrorKind, Result},
    monitor::{BuildOutcome, Repository, redact},
    types::{HealingId, ScopeKey},
};

/// One repair.
pub(super) struct Sequence {
    healing: Healing,
    scope: ScopeKey,
    id: HealingId,
    request: HealRequest,
    repository: Repository,
    base: Base,
    folder: PathBuf,
    lease: Duration,
    events: mpsc::Sender<Result<HealEvent>>,
    traces: Traces,
}

/// What the repair has put into the world and has to take away again.
#[derive(Default)]
struct Traces {
    worktree: AtomicBool,
    branch: Mutex<Option<String>>,
    /// Held while folders are copied, which goes on when its future is dropped.
    copying: Arc<tokio::sync::Mutex<()>>,
    stop_copying: Arc<AtomicBool>,
}

/// The end of a repair: its row and its last event.
struct End {
    ending: Ending,
    event: HealEvent,
    /// Whether the row says so already: a merge writes its own end.
    written: bool,
}

impl Sequence {
    #[allow(clippy::too_many_arguments)] // One call, right after all of it was found out.
    pub(super) fn new(
        healing: Healing,
        scope: ScopeKey,
        id: HealingId,
        request: HealRequest,
        repository: Repository,
        base: Base,
        folder: PathBuf,
        lease: Duration,
        events: mpsc::Sender<Result<HealEvent>>,
    ) -> Self {
        let traces = Traces::default();
        Self { healing, scope, id, request, repository, base, folder, lease, events, traces }
    }

    /// Runs the repair; whatever happens, what it put into the world is taken away and its row
    /// says how it ended before the last event is sent.
    pub(super) async fn run(self, given_up: CancellationToken) {
        let outcome = tokio::select! {
            biased;
            () = given_up.cancelled() => None,
            outcome = self.steps() => Some(outcome),
        };
        let cleaned = self.clean().await;
        let (ending, written, last) = match outcome {
            None => (failing(HealingStatus::Cancelled, "the caller gave it up"), false, None),
            Some(Ok(end)) => (end.ending, end.written, Some(Ok(end.event))),
            Some(Err(error)) => {
                (failing(HealingStatus::Failed, error.to_string()), false, Some(Err(error)))
            }
        };
        if !written {
            let written =
                store::finish(&self.healing, &self.scope, self.id, HealingStatus::Running, &ending);
            if let Err(error) = written.await {
                return self.tell_last(Err(error), &given_up).await;
            }
        }
        let last = match (last, cleaned) {
            (Some(Ok(_)), Err(error)) => Some(Err(error)),
            (last, _) => last,
        };
        if let Some(last) = last {
            self.tell_last(last, &given_up).await;
        }
    }

    /// Tells how it ended, unless it was given up: nobody may be reading any more.
    async fn tell_last(&self, last: Result<HealEvent>, given_up: &CancellationToken) {
        tokio::select! {
            biased;
            _ = self.events.send(last) => {}
            () = given_up.cancelled() => {}
        }
    }

    async fn steps(&self) -> Result<End> {
        self.tell(HealEvent::Detected {
            id: self.id,
            folder: self.repository.folder().display().to_string(),
            base_branch: self.base.branch.clone(),
            base_commit: self.base.commit.clone(),
        })
        .await?;
        let again = self.ask(Risk::R1, None, None).await?;
        let log = match (again.decision, &self.request.log) {
            (Decision::Allow, _) => {
                let build = self.reproduce().await?;
                if build.green {
                    return Ok(stopped(
                        HealingStatus::NotReproduced,
                        vec!["the same commit builds green: nothing to mend".into()],
                    ));
                }
                self.tell(HealEvent::Reproduced { exit_code: build.exit_code }).await?;
                build.log
            }
            (_, Some(log)) => log.clone(),
            (_, None) => return Ok(stopped(HealingStatus::Stopped, again.reasons)),
        };
        let (incident, diagnosis, fingerprint) = self.diagnose(&log).await?;
        if !diagnosis.needs_human.is_empty() {
            return Ok(stopped(HealingStatus::NeedsHuman, diagnosis.needs_human));
        }
        let plans = self.healing.healer.plan(&incident, &diagnosis).await?;
        let Some(plan) = plans.into_iter().next() else {
            let reasons = vec!["no repair is beyond doubt".into()];
            return Ok(stopped(HealingStatus::NeedsHuman, reasons));
        };
        let plan_hash = plan.hash(&self.base.commit)?;
        self.write(Step {
            stage: "planned",
            action: Some(plan.summary.clone()),
            plan: Some(json(&plan)?),
            plan_hash: Some(plan_hash.clone()),
            details: vec![("plan_hash", plan_hash.clone()), ("recipe", plan.recipe.clone())],
            ..Step::default()
        })
        .await?;
        self.tell(HealEvent::Planned { plan: plan.clone(), plan_hash: plan_hash.clone() }).await?;
        let intended = change_of(&plan);
        let risk = plan.risk.max(Risk::R2);
        let ruling = self.ask(risk, Some(&fingerprint), Some(&intended)).await?;
        if ruling.decision != Decision::Allow {
            return Ok(stopped(HealingStatus::Stopped, ruling.reasons));
        }
        self.mend(&plan, plan_hash, &fingerprint).await
    }

    /// Builds the failing commit again, in a workspace that is removed afterwards.
    async fn reproduce(&self) -> Result<BuildOutcome> {
        self.write(Step { stage: "reproducing", ..Step::default() }).await?;
        self.open_workspace().await?;
        let build = self.build().await?;
        // A build may leave anything behind: the repair begins in a fresh one.
        self.close_workspace().await?;
        Ok(build)
    }

    async fn diagnose(&self, log: &str) -> Result<(Incident, Diagnosis, String)> {
        let folder = self.repository.folder();
        let incident = Incident::new(self.scope, folder, &self.base.commit, log);
        let mut diagnosis = self.healing.healer.diagnose(&incident).await?;
        // What does not stand in the log proves nothing.
        let lines: Vec<_> = incident.log.lines().collect();
        let stands = |proof: &Evidence| {
            (proof.line as usize).checked_sub(1).and_then(|at| lines.get(at)).copied()
                == Some(proof.text.as_str())
        };
        for finding in &mut diagnosis.findings {
            finding.evidence.retain(stands);
        }
        diagnosis.findings.retain(|finding| !finding.evidence.is_empty());
        if diagnosis.findings.is_empty() && diagnosis.needs_human.is_empty() {
            diagnosis.needs_human.push("no line of the log proves the diagnosis".into());
        }
        let fingerprint = self.fingerprint(&diagnosis);
        self.write(Step {
            stage: "diagnosed",
            error_type: Some(diagnosis.error_type.clone()),
            error_details: Some(diagnosis.summary.clone()),
            fingerprint: Some(fingerprint.clone()),
            details: vec![
                ("error_type", diagnosis.error_type.clone()),
                ("fingerprint", fingerprint.clone()),
            ],
            ..Step::default()
        })
        .await?;
        self.tell(HealEvent::Diagnosed { diagnosis: diagnosis.clone() }).await?;
        Ok((incident, diagnosis, fingerprint))
    }

    /// The same for the same fault of the same commit in the same project of the same user.
    fn fingerprint(&self, diagnosis: &Diagnosis) -> String {
        let user = self.scope.user.map(|user| user.to_string()).unwrap_or_default();
        let folder = self.repository.folder().display().to_string();
        let signatures: Vec<_> = diagnosis.findings.iter().map(super::Finding::signature).collect();
        let signatures = signatures.join("\n");
        let parts = [&user, &folder, &diagnosis.error_type, &signatures, &self.base.commit];
        digest(&parts.map(|part| part.as_bytes()))
    }

    /// Changes a branch of its own, builds it and keeps or reverts it.
    async fn mend(&self, plan: &RepairPlan, plan_hash: String, fingerprint: &str) -> Result<End> {
        let healer = &self.healing.healer;
        let branch = self.free_branch(fingerprint).await?;
        self.write(Step {
            stage: "applying",
            attempted: Some(true),
            branch: Some(branch.clone()),
            details: vec![("branch", branch.clone())],
            ..Step::default()
        })
        .await?;
        self.open_workspace().await?;
        let worktree = self.repository.at(&self.folder);
        self.remember(Some(branch.clone()));
        git::start_branch(&worktree, &branch, &self.base.commit).await?;
        let workspace = Workspace::new(&self.folder, &self.base.commit);
        // Carried folders that git would see are not the repair's.
        let before: HashSet<_> = git::touched(&worktree).await?.into_iter().collect();
        let applied = healer.apply(&workspace, plan).await?;
        let mut touched = git::touched(&worktree).await?;
        touched.retain(|path| !before.contains(path));
        if let Some(fault) = unlike(plan, &touched) {
            return self.revert(&workspace, plan, &applied, fault).await;
        }
        let message = format!(
            "{}\n\n{}: {fingerprint}\n",
            plan.summary.replace(['\n', '\r'], " "),
            git::TRAILER
        );
        let head =
            git::commit(&worktree, &plan.paths(), &message, &self.healing.identity()).await?;
        let (mut change, diff) = git::change(&worktree, &self.base.commit, &head).await?;
        change.adds_dependency = plan.adds_dependency;
        let diff = redact(&diff);
        self.write(Step {
            stage: "applied",
            head_commit: Some(head.clone()),
            diff: Some(diff.clone()),
            details: vec![("head_commit", head.clone())],
            ..Step::default()
        })
        .await?;
        // Asked again: about what git sees and not about what was planned.
        let ruling = self.ask(plan.risk.max(Risk::R2), Some(fingerprint), Some(&change)).await?;
        if ruling.decision != Decision::Allow {
            let fault = ruling.reasons.join("; ");
            return self.revert(&workspace, plan, &applied, fault).await;
        }
        let (kept, head_commit) = (branch.clone(), head.clone());
        self.tell(HealEvent::Applied { branch: kept, head_commit, diff }).await?;
        self.write(Step { stage: "verifying", ..Step::default() }).await?;
        self.tell(HealEvent::Verifying).await?;
        let build = self.build().await?;
        let verdict = healer.verify(&workspace, plan, &build).await?;
        let unmoved = git::branch_head(&self.repository, &branch).await? == Some(head.clone());
        let green = build.green && verdict.cured && unmoved;
        let reason = if !unmoved {
            "the build moved the branch of the repair".to_owned()
        } else if build.green {
            format!("the build is green; {}", verdict.reason)
        } else {
            format!("the build is red; {}", verdict.reason)
        };
        let verified =
            HealEvent::Verified { green, exit_code: build.exit_code, reason: reason.clone() };
        self.tell(verified).await?;
        if !green {
            return self.revert(&workspace, plan, &applied, reason).await;
        }
        self.close_workspace().await?;
        let (kept, head_commit) = (branch.clone(), head.clone());
        self.tell(HealEvent::Kept { branch: kept, head_commit }).await?;
        self.keep(&change, plan_hash, head).await
    }

    /// Merges where the guard allows it, otherwise leaves the branch to a person.
    async fn keep(&self, change: &Change, plan_hash: String, head: String) -> Result<End> {
        let (healing, scope) = (&self.healing, &self.scope);
        let ruling = self.ask(Risk::R3, None, Some(change)).await?;
        let (mut reasons, mut written) = (ruling.reasons, false);
        if ruling.decision == Decision::Allow {
            let view = store::get(&healing.database, scope, self.id).await?;
            let from = HealingStatus::Running;
            store::start_merge(healing, scope, self.id, from, false, self.lease).await?;
            // From here on the branch is not this future's to remove.
            self.remember(None);
            let (healing, scope) = (healing.clone(), *scope);
            // Once begun, a merge is brought to its end even when the stream is dropped, and
            // closing waits for it.
            let merging = self.healing.running.spawn(async move {
                match healing.merge(&scope, &view, false).await {
                    Ok(commit) => {
                        healing.merged(&scope, &view, commit.clone()).await?;
                        Ok(Ok(commit))
                    }
                    Err(error) => {
                        let mut ending =
                            Ending::new(HealingStatus::AwaitingApproval, error.message());
                        ending.success = Some(true);
                        ending.expires_at =
                            Some(healing.clock.now().plus(healing.config.approval_time));
                        let from = HealingStatus::Merging;
                        store::finish(&healing, &scope, view.id, from, &ending).await?;
                        Ok::<_, Error>(Err(error))
                    }
                }
            });
            let merged = merging.await.map_err(|error| {
                Error::new(ErrorKind::Unexpected, "healer.merge", "the task that merged was ended")
                    .with_source(error)
            })??;
            match merged {
                Ok(commit) => {
                    let mut ending = Ending::new(HealingStatus::Merged, "it is merged");
                    ending.merge_commit = Some(commit.clone());
                    let event = HealEvent::Merged { commit };
                    return Ok(End { ending, event, written: true });
                }
                Err(error) => (reasons, written) = (vec![error.message().to_owned()], true),
            }
        }
        let mut ending = Ending::new(HealingStatus::AwaitingApproval, reasons.join("; "));
        ending.success = Some(true);
        ending.expires_at = Some(healing.clock.now().plus(healing.config.approval_time));
        // Green and measured: from here on the branch belongs to the row.
        self.remember(None);
        let event = HealEvent::NeedsApproval { id: self.id, plan_hash, head_commit: head, reasons };
        Ok(End { ending, event, written })
    }

    async fn revert(
        &self,
        workspace: &Workspace,
        plan: &RepairPlan,
        applied: &Applied,
        reason: String,
    ) -> Result<End> {
        self.write(Step { stage: "reverting", ..Step::default() }).await?;
        // The workspace and the branch go in any case; this is for what lies elsewhere.
        let undone = self.healing.healer.revert(workspace, plan, applied).await;
        let reason = match undone {
            Ok(()) => reason,
            Err(error) => format!("{reason}; the healer could not undo all: {}", error.message()),
        };
        let ending = failing(HealingStatus::Reverted, reason.clone());
        Ok(End { ending, event: HealEvent::Reverted { reason }, written: false })
    }

    /// Asks the guard, writes its answer down and tells it.
    async fn ask(
        &self,
        risk: Risk,
        fingerprint: Option<&str>,
        change: Option<&Change>,
    ) -> Result<Ruling> {
        let folder = self.repository.folder().display().to_string();
        let counters =
            store::counters(&self.healing, &self.scope, &folder, fingerprint, self.id).await?;
        let ruling = guard::rule(&Question {
            risk,
            autonomy: self.request.autonomy,
            limits: &self.healing.config.limits,
            counters: &counters,
            change,
            own_commit: self.base.own,
            approved: false,
        });
        self.write(Step {
            stage: "ruled",
            ruling: Some(json(&ruling)?),
            details: vec![
                ("risk", format!("{risk:?}")),
                ("decision", format!("{:?}", ruling.decision)),
            ],
            ..Step::default()
        })
        .await?;
        self.tell(HealEvent::Ruled { ruling: ruling.clone() }).await?;
        Ok(ruling)
    }

    async fn write(&self, step: Step) -> Result<()> {
        store::step(&self.healing, &self.scope, self.id, self.lease, step).await
    }

    async fn tell(&self, event: HealEvent) -> Result<()> {
        self.events.send(Ok(event)).await.map_err(|_| given_up())
    }

    async fn build(&self) -> Result<BuildOutcome> {
        let mut build = self.healing.builder.build(&self.request.build, &self.folder).await?;
        // Paths of the workspace are told as paths of the project.
        let (inner, outer) = (self.folder.display(), self.repository.folder().display());
        build.log = build.log.replace(&inner.to_string(), &outer.to_string());
        Ok(build)
    }

    async fn open_workspace(&self) -> Result<()> {
        self.traces.worktree.store(true, Ordering::SeqCst);
        git::add_worktree(&self.repository, &self.folder, &self.base.commit).await?;
        if self.request.carry.is_empty() {
            return Ok(());
        }
        let (project, folder) = (self.repository.folder().to_path_buf(), self.folder.clone());
        let (names, stop) = (self.request.carry.clone(), self.traces.stop_copying.clone());
        let copying = self.traces.copying.clone().lock_owned().await;
        let copied = tokio::task::spawn_blocking(move || {
            let _copying = copying;
            workspace::carry(&project, &folder, &names, &|| stop.load(Ordering::SeqCst))
        });
        copied.await.map_err(|error| {
            Error::new(ErrorKind::Unexpected, "healer.heal", "the task that copied was ended")
                .with_source(error)
        })?
    }

    async fn close_workspace(&self) -> Result<()> {
        git::remove_worktree(&self.repository, self.folder.clone()).await?;
        self.traces.worktree.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// A name for the branch that is not taken.
    async fn free_branch(&self, fingerprint: &str) -> Result<String> {
        let short = fingerprint.get(..8).unwrap_or(fingerprint);
        for number in 1..=50 {
            let name = format!("javari/heal/{short}-{number}");
            if git::branch_head(&self.repository, &name).await?.is_none() {
                return Ok(name);
            }
        }
        Err(Error::new(ErrorKind::Conflict, "healer.apply", "too many branches of this repair"))
    }

    /// Which branch has to go if the repair ends now.
    fn remember(&self, branch: Option<String>) {
        let mut known =
            self.traces.branch.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *known = branch;
    }

    async fn clean(&self) -> Result<()> {
        self.traces.stop_copying.store(true, Ordering::SeqCst);
        let _copied = self.traces.copying.lock().await;
        if self.traces.worktree.load(Ordering::SeqCst) {
            self.close_workspace().await?;
        }
        let branch = {
            let mut known =
                self.traces.branch.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            known.take()
        };
        if let Some(branch) = branch
            && let Some(head) = git::branch_head(&self.repository, &branch).await?
        {
            git::delete_branch(&self.repository, &branch, &head).await?;
        }
        Ok(())
    }
}

/// What a plan would change, for the guard.
fn change_of(plan: &RepairPlan) -> Change {
    Change {
        paths: plan.paths().into_iter().map(str::to_owned).collect(),
        lines: plan.lines(),
        added: plan.edits.iter().flat_map(|edit| edit.insert.clone()).collect(),
        unusual: Vec::new(),
        adds_dependency: plan.adds_dependency,
    }
}

/// What a healer changed beside its plan, if anything.
fn unlike(plan: &RepairPlan, touched: &[String]) -> Option<String> {
    let planned = plan.paths();
    if touched.is_empty() {
        return Some("the healer changed nothing".into());
    }
    let other = touched.iter().find(|path| !planned.contains(&path.as_str()))?;
    Some(format!("the healer changed `{other}`, which is not in its plan"))
}

fn stopped(status: HealingStatus, reasons: Vec<String>) -> End {
    let ending = Ending::new(status, reasons.join("; "));
    End { ending, event: HealEvent::Stopped { status, reasons }, written: false }
}

fn failing(status: HealingStatus, reason: impl Into<String>) -> Ending {
    let mut ending = Ending::new(status, reason);
    ending.success = Some(false);
    ending
}

fn given_up() -> Error {
    Error::new(ErrorKind::Cancelled, "healer.heal", "the caller gave the repair up")
}
