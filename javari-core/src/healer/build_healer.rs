//! The healer of builds: modules and dependencies that are misspelt, moved or not declared.

use async_trait::async_trait;

use super::{
    Applied, Diagnosis, Edit, Healer, Incident, RepairPlan, Risk, Verdict, Workspace,
    files::ProjectFiles,
    log,
    plan::edits_between,
    repair::{self, Remedy},
};
use crate::{
    error::{Error, ErrorKind, Result},
    monitor::{BuildOutcome, Builder},
};

/// Mends a missing or misspelt module, name or dependency of a Rust, JavaScript, TypeScript or
/// Python project, found from the build log.
///
/// It knows no model and reaches no network: what it changes follows from the log and from the
/// files of the failing commit. Where these do not settle the matter it asks for a person.
pub struct BuildHealer {
    builder: Builder,
}

/// More findings than this are the sign of something larger.
const FINDINGS_MENDED: usize = 5;

impl BuildHealer {
    /// A healer that reads projects with the git of `builder`.
    pub fn new(builder: Builder) -> Self {
        Self { builder }
    }

    async fn files(&self, incident: &Incident) -> Result<ProjectFiles> {
        let repository = self.builder.git().open(&incident.folder).await?;
        ProjectFiles::load(&repository, &incident.base_commit).await
    }
}

#[async_trait]
impl Healer for BuildHealer {
    async fn diagnose(&self, incident: &Incident) -> Result<Diagnosis> {
        let findings = log::parse(&incident.log);
        let mut needs_human = Vec::new();
        let (error_type, summary) = match findings.first() {
            None => {
                needs_human.push("the log shows no fault of a kind that is mended here".into());
                ("unknown".to_owned(), "the log shows no known fault".to_owned())
            }
            Some(first) => {
                let name = first.name.as_deref().map(|name| format!(" ({name})"));
                let place = first.file.as_deref().map(|file| format!(", asked for by {file}"));
                let summary = format!(
                    "`{}`{} cannot be found{}",
                    first.subject,
                    name.unwrap_or_default(),
                    place.unwrap_or_default()
                );
                (first.error_type().to_owned(), summary)
            }
        };
        if findings.len() > FINDINGS_MENDED {
            needs_human.push(format!("the log shows {} faults at once", findings.len()));
        }
        if !findings.is_empty() && needs_human.is_empty() {
            let files = self.files(incident).await?;
            for finding in &findings {
                if let Err(reason) = repair::remedy(&files, finding).await? {
                    needs_human.push(reason);
                }
            }
        }
        Ok(Diagnosis { error_type, summary, findings, needs_human })
    }

    async fn plan(&self, incident: &Incident, diagnosis: &Diagnosis) -> Result<Vec<RepairPlan>> {
        if !diagnosis.needs_human.is_empty() || diagnosis.findings.is_empty() {
            return Ok(Vec::new());
        }
        let files = self.files(incident).await?;
        let mut remedies: Vec<Remedy> = Vec::new();
        for finding in &diagnosis.findings {
            let Ok(remedy) = repair::remedy(&files, finding).await? else { return Ok(Vec::new()) };
            remedies.push(remedy);
        }
        let Some(edits) = combine(&remedies) else { return Ok(Vec::new()) };
        let mut summaries: Vec<_> = remedies.iter().map(|remedy| remedy.summary.as_str()).collect();
        summaries.dedup();
        let mut reasons: Vec<_> =
            remedies.iter().flat_map(|remedy| remedy.reasons.iter().cloned()).collect();
        reasons.dedup();
        Ok(vec![RepairPlan {
            recipe: remedies.first().map_or("", |remedy| remedy.recipe).to_owned(),
            summary: summaries.join("; "),
            risk: Risk::R2,
            edits,
            adds_dependency: remedies.iter().any(|remedy| remedy.adds_dependency),
            reasons,
            evidence: diagnosis
                .findings
                .iter()
                .flat_map(|finding| finding.evidence.iter().cloned())
                .collect(),
            cures: diagnosis.findings.iter().map(super::Finding::signature).collect(),
        }])
    }

    async fn apply(&self, workspace: &Workspace, plan: &RepairPlan) -> Result<Applied> {
        let (workspace, edits) = (workspace.clone(), plan.edits.clone());
        blocking(move || workspace.edit(&edits)).await.map(Applied::new)
    }

    async fn verify(
        &self,
        _: &Workspace,
        plan: &RepairPlan,
        build: &BuildOutcome,
    ) -> Result<Verdict> {
        let left: Vec<_> = log::parse(&super::clean_log(&build.log))
            .iter()
            .map(super::Finding::signature)
            .filter(|signature| plan.cures.contains(signature))
            .collect();
        Ok(if left.is_empty() {
            Verdict::new(true, "the fault does not show in the log any more")
        } else {
            Verdict::new(false, "the log shows the same fault again")
        })
    }

    async fn revert(&self, workspace: &Workspace, plan: &RepairPlan, _: &Applied) -> Result<()> {
        let back = |edit: &Edit| Edit {
            path: edit.path.clone(),
            line: edit.line,
            remove: edit.insert.clone(),
            insert: edit.remove.clone(),
        };
        // Lines that an earlier edit of the same file added or took have moved those below.
        let mut edits: Vec<Edit> = plan.edits.iter().map(back).collect();
        for (number, edit) in edits.iter_mut().enumerate() {
            let moved: i64 = plan
                .edits
                .iter()
                .enumerate()
                .filter(|(other, earlier)| {
                    *other != number && earlier.path == edit.path && earlier.line < edit.line
                })
                .map(|(_, earlier)| earlier.insert.len() as i64 - earlier.remove.len() as i64)
                .sum();
            edit.line = u32::try_from(i64::from(edit.line) + moved).unwrap_or(0);
        }
        let workspace = workspace.clone();
        blocking(move || workspace.edit(&edits)).await.map(drop)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        Error::new(ErrorKind::Unexpected, "healer.apply", "the task that wrote files was ended")
            .with_source(error)
    })?
}

/// The edits of all remedies, when no two of them disagree about the same lines.
fn combine(remedies: &[Remedy]) -> Option<Vec<Edit>> {
    let mut edits: Vec<Edit> = Vec::new();
    for change in remedies.iter().flat_map(|remedy| &remedy.changes) {
        for edit in edits_between(&change.path, &change.before, &change.after) {
            if edits.contains(&edit) {
                continue;
            }
            let meets = |other: &Edit| {
                let end = |edit: &Edit| edit.line as usize + edit.remove.len().max(1);
                other.path == edit.path
                    && (other.line as usize) < end(&edit)
                    && (edit.line as usize) < end(other)
            };
            if edits.iter().any(meets) {
                return None;
            }
            edits.push(edit);
        }
    }
    (!edits.is_empty()).then_some(edits)
}
