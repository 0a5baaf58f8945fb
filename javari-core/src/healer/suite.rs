//! What every [`Healer`] owes, ours and a host's: a list of named checks.

use std::{future::Future, pin::Pin};

use super::{Healer, Incident, RepairPlan, Workspace, git};
use crate::monitor::{BuildOutcome, Builder};

/// A check of the suite: an answer that says what is wrong.
pub type Check = for<'a> fn(
    &'a dyn Healer,
    &'a Samples,
) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// What the suite needs of a healer's world.
pub struct Samples {
    /// A fault that it mends.
    pub known: Incident,
    /// A fault that it does not know.
    pub unknown: Incident,
    /// A fresh checkout of the commit of `known`; each check leaves it as it found it.
    pub workspace: Workspace,
    /// Reads the workspace with git.
    pub builder: Builder,
}

/// Every check with its name.
pub const CHECKS: &[(&str, Check)] = &[
    ("a_known_fault_is_diagnosed_with_lines_of_the_log", |healer, samples| {
        Box::pin(async move {
            let diagnosis = healer.diagnose(&samples.known).await.map_err(words)?;
            let lines: Vec<_> = samples.known.log.lines().collect();
            let proofs: Vec<_> =
                diagnosis.findings.iter().flat_map(|finding| &finding.evidence).collect();
            require(diagnosis.needs_human.is_empty(), "it asks for a person")?;
            require(!proofs.is_empty(), "it quotes nothing")?;
            let stands =
                |line: u32, text: &str| lines.get((line as usize).wrapping_sub(1)) == Some(&text);
            require(proofs.iter().all(|proof| stands(proof.line, &proof.text)), "it misquotes")
        })
    }),
    ("an_unknown_fault_is_left_to_a_person", |healer, samples| {
        Box::pin(async move {
            let diagnosis = healer.diagnose(&samples.unknown).await.map_err(words)?;
            require(!diagnosis.needs_human.is_empty(), "it does not ask for a person")?;
            let plans = healer.plan(&samples.unknown, &diagnosis).await.map_err(words)?;
            require(plans.is_empty(), "it has a plan")
        })
    }),
    ("the_same_incident_gets_the_same_plan", |healer, samples| {
        Box::pin(async move {
            let (first, second) = (plan(healer, samples).await?, plan(healer, samples).await?);
            require(first == second, "two plans differ")
        })
    }),
    ("looking_and_planning_change_nothing", |healer, samples| {
        Box::pin(async move {
            let before = touched(samples, &samples.known.folder).await?;
            plan(healer, samples).await?;
            let after = touched(samples, &samples.known.folder).await?;
            require(before == after, "the project changed")
        })
    }),
    ("a_plan_changes_its_own_files_and_is_undone_without_a_trace", |healer, samples| {
        Box::pin(async move {
            let (plan, workspace) = (plan(healer, samples).await?, &samples.workspace);
            let applied = healer.apply(workspace, &plan).await.map_err(words)?;
            let mut changed = touched(samples, &workspace.folder).await?;
            changed.sort_unstable();
            healer.revert(workspace, &plan, &applied).await.map_err(words)?;
            require(changed == plan.paths(), "it changed other files than it planned")?;
            require(touched(samples, &workspace.folder).await?.is_empty(), "something is left")
        })
    }),
    ("a_plan_for_other_lines_is_refused_whole", |healer, samples| {
        Box::pin(async move {
            let (mut plan, workspace) = (plan(healer, samples).await?, &samples.workspace);
            if let Some(edit) = plan.edits.first_mut() {
                edit.remove = vec!["a line that stands nowhere".into()];
            }
            let refused = healer.apply(workspace, &plan).await.is_err();
            require(refused, "it was applied")?;
            require(touched(samples, &workspace.folder).await?.is_empty(), "something was written")
        })
    }),
    ("the_same_fault_again_is_not_cured", |healer, samples| {
        Box::pin(async move {
            let plan = plan(healer, samples).await?;
            let red = BuildOutcome::new(Some(1), samples.known.log.clone());
            let verdict = healer.verify(&samples.workspace, &plan, &red).await.map_err(words)?;
            require(!verdict.cured, "it says cured")?;
            let green = BuildOutcome::new(Some(0), "");
            let verdict = healer.verify(&samples.workspace, &plan, &green).await.map_err(words)?;
            require(verdict.cured, "it does not say cured")
        })
    }),
];

async fn plan(healer: &dyn Healer, samples: &Samples) -> Result<RepairPlan, String> {
    let diagnosis = healer.diagnose(&samples.known).await.map_err(words)?;
    let plans = healer.plan(&samples.known, &diagnosis).await.map_err(words)?;
    let plan = plans.into_iter().next().ok_or("there is no plan")?;
    require(!plan.edits.is_empty(), "the plan changes nothing")?;
    Ok(plan)
}

async fn touched(samples: &Samples, folder: &std::path::Path) -> Result<Vec<String>, String> {
    let repository = samples.builder.git().open(folder).await.map_err(words)?;
    git::touched(&repository).await.map_err(words)
}

fn words(error: crate::Error) -> String {
    error.to_string()
}

fn require(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

/// Runs every check over `healer`; the answer names those that failed.
///
/// # Errors
/// The names of the checks that failed, each with what is wrong.
pub async fn run(healer: &dyn Healer, samples: &Samples) -> Result<(), String> {
    let mut faults = Vec::new();
    for (name, check) in CHECKS {
        if let Err(fault) = check(healer, samples).await {
            faults.push(format!("{name}: {fault}"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}
