//! What may be done by itself: a pure function that stands before every action of a repair.

mod dependency;

use std::time::Duration;

use dependency::declares_dependencies;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Risk;
use crate::types::Autonomy;

/// Whether an action may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may.
    Allow,
    /// A person has to approve it first.
    Ask,
    /// It may not, whoever approves.
    Never,
}

/// A decision and its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ruling {
    /// How much the action can harm.
    pub risk: Risk,
    /// The level of autonomy it was asked for.
    pub autonomy: Autonomy,
    /// Whether it may be done.
    pub decision: Decision,
    /// Why; one at least.
    pub reasons: Vec<String>,
}

/// The bounds of what is done without a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Files that one repair may change.
    pub files: usize,
    /// Lines that one repair may take out and put in.
    pub lines: usize,
    /// Attempts at the same fault in 24 hours.
    pub attempts_per_fault: u32,
    /// Repairs in one project folder in an hour.
    pub repairs_per_folder_hour: u32,
    /// Repairs of one user in an hour.
    pub repairs_per_user_hour: u32,
    /// Failed repairs in a row after which a folder is left alone for the rest of 24 hours.
    pub failures_in_a_row: u32,
    /// The pause after a failed attempt at the same fault; it doubles with each, up to 24 hours.
    pub cooldown: Duration,
    /// Whether `full_auto` reaches production too.
    pub allow_production: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 5,
            lines: 80,
            attempts_per_fault: 2,
            repairs_per_folder_hour: 3,
            repairs_per_user_hour: 10,
            failures_in_a_row: 3,
            cooldown: Duration::from_secs(15 * 60),
            allow_production: false,
        }
    }
}

/// What happened before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    /// Attempts at this fault in the last 24 hours.
    pub attempts_at_fault: u32,
    /// Failed ones among them.
    pub failures_at_fault: u32,
    /// Since when the last of them has failed.
    pub since_failure: Option<Duration>,
    /// Repairs in this folder in the last hour.
    pub repairs_in_folder: u32,
    /// Repairs of this user in the last hour.
    pub repairs_of_user: u32,
    /// Failed repairs of this folder in a row in the last 24 hours.
    pub failures_in_a_row: u32,
    /// Repairs of this fault that wait for a person.
    pub waiting: u32,
}

/// What an action would change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// The files, relative to the top of the repository.
    pub paths: Vec<String>,
    /// Lines taken out and put in.
    pub lines: usize,
    /// The lines put in.
    pub added: Vec<String>,
    /// Files that are deleted, linked, executable anew or not text.
    pub unusual: Vec<String>,
    /// Whether a healer says that the project depends on more than before. When it does not say so,
    /// the paths decide: a manifest or a lock file among them counts the same.
    pub adds_dependency: bool,
}

/// One question to the guard.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// How much the action can harm.
    pub risk: Risk,
    /// The level of autonomy of the user.
    pub autonomy: Autonomy,
    /// The bounds.
    pub limits: &'a Limits,
    /// What happened before.
    pub counters: &'a Counters,
    /// What would change, where it is known.
    pub change: Option<&'a Change>,
    /// Whether the commit that failed is one of Javari's own.
    pub own_commit: bool,
    /// Whether a person approved exactly this.
    pub approved: bool,
}

/// Answers a question. Nothing but the question decides.
///
/// An approval turns `Ask` into `Allow`; it never turns `Never` into anything.
pub fn rule(question: &Question<'_>) -> Ruling {
    let ruling = |decision, reasons| Ruling {
        risk: question.risk,
        autonomy: question.autonomy,
        decision,
        reasons,
    };
    let forbidden = never(question);
    if !forbidden.is_empty() {
        return ruling(Decision::Never, forbidden);
    }
    let (decision, reason) = by_level(question);
    if decision == Decision::Ask && question.approved {
        return ruling(Decision::Allow, vec!["a person approved exactly this".into()]);
    }
    ruling(decision, vec![reason.into()])
}

fn by_level(question: &Question<'_>) -> (Decision, &'static str) {
    use Autonomy::{ApproveCritical, FullAuto, Manual};
    use Decision::{Allow, Ask, Never};
    match (question.risk, question.autonomy) {
        (Risk::R0, _) => (Allow, "looking and telling harms nothing"),
        (Risk::R1 | Risk::R2, Manual) => (Ask, "at level manual every action asks first"),
        (Risk::R1, _) => (Allow, "running the same commit again is done by itself at this level"),
        (Risk::R2, _) => (Allow, "work on a branch of its own is done by itself at this level"),
        (Risk::R3, FullAuto) if question.change.is_some_and(touches_dependencies) => (
            Ask,
            "what a project depends on changes on the branch people work on only with a person",
        ),
        (Risk::R3, FullAuto) => {
            (Allow, "merging within the limits is done by itself at this level")
        }
        (Risk::R3, ApproveCritical | Manual) => (Ask, "merging asks first"),
        (Risk::R4, FullAuto) if question.limits.allow_production => {
            (Allow, "the host lets this level reach production")
        }
        (Risk::R4, _) => (Ask, "anything on production asks first"),
        (Risk::R5, _) => (Never, "this is never done by itself"),
    }
}

/// Not what a healer says alone: a manifest among what git measured is enough.
fn touches_dependencies(change: &Change) -> bool {
    change.adds_dependency || change.paths.iter().any(|path| declares_dependencies(path))
}

fn never(question: &Question<'_>) -> Vec<String> {
    let mut reasons = Vec::new();
    if question.risk == Risk::R5 {
        reasons.push("this is never done by itself".to_owned());
    }
    if let Some(change) = question.change {
        reasons.extend(too_much(change, question.limits));
    }
    // Counted before a repair begins; what is merged was counted then.
    if matches!(question.risk, Risk::R1 | Risk::R2) {
        reasons.extend(too_often(question.counters, question.limits));
        if question.own_commit {
            reasons.push("the commit that fails is a repair of Javari's own".into());
        }
    }
    reasons
}

fn too_much(change: &Change, limits: &Limits) -> Vec<String> {
    let mut reasons = Vec::new();
    if change.paths.len() > limits.files {
        let count = change.paths.len();
        reasons.push(format!("it changes {count} files; {} are allowed", limits.files));
    }
    if change.lines > limits.lines {
        reasons.push(format!("it changes {} lines; {} are allowed", change.lines, limits.lines));
    }
    for path in &change.paths {
        if let Some(why) = protected(path) {
            reasons.push(format!("`{path}` {why}"));
        }
    }
    for path in &change.unusual {
        reasons.push(format!("`{path}` would be deleted, linked, made executable or is no text"));
    }
    for line in &change.added {
        if let Some(mark) = weakens_checks(line) {
            reasons.push(format!("a line it adds switches a check off (`{mark}`)"));
        }
        if crate::monitor::redact(line) != *line {
            reasons.push("a line it adds looks like a secret".into());
        }
    }
    reasons
}

fn too_often(counters: &Counters, limits: &Limits) -> Vec<String> {
    let mut reasons = Vec::new();
    if counters.waiting > 0 {
        reasons.push("a repair of this fault waits for a person already".into());
    }
    if counters.attempts_at_fault >= limits.attempts_per_fault {
        let count = limits.attempts_per_fault;
        reasons.push(format!("this fault was attempted {count} times in the last 24 hours"));
    }
    if counters.repairs_in_folder >= limits.repairs_per_folder_hour {
        reasons.push("the project had all its repairs of this hour".into());
    }
    if counters.repairs_of_user >= limits.repairs_per_user_hour {
        reasons.push("the user had all repairs of this hour".into());
    }
    if counters.failures_in_a_row >= limits.failures_in_a_row {
        let count = counters.failures_in_a_row;
        reasons.push(format!("the last {count} repairs of this project failed"));
    }
    if let Some(since) = counters.since_failure {
        let doublings = counters.failures_at_fault.saturating_sub(1).min(16);
        let day = Duration::from_secs(86_400);
        let pause = limits.cooldown.saturating_mul(1 << doublings).min(day);
        if since < pause {
            reasons.push("the last attempt at this fault failed a short while ago".into());
        }
    }
    reasons
}

/// Why nothing may be changed there by itself, if so.
fn protected(path: &str) -> Option<&'static str> {
    let outside = path.is_empty()
        || path.starts_with('/')
        || path.contains(['\\', '\0', '\n'])
        || path.split('/').any(|part| matches!(part, "" | "." | ".."));
    if outside {
        return Some("does not lie inside the repository");
    }
    path.split('/').find_map(|part| {
        let part = part.to_ascii_lowercase();
        let stem = part.split('.').next().unwrap_or_default();
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| part.ends_with(suffix));
        if matches!(stem, "auth" | "billing" | "vault" | "payments") {
            Some("belongs to sign-in, billing or the vault")
        } else if matches!(stem, "migrations" | "migration") {
            Some("is a migration")
        } else if matches!(part.as_str(), ".git" | ".gitattributes" | ".gitmodules" | ".husky") {
            Some("steers git itself")
        } else if matches!(
            part.as_str(),
            ".github" | ".gitlab-ci.yml" | ".circleci" | "jenkinsfile" | ".ci" | "vercel.json"
        ) {
            Some("is a workflow")
        } else if part.starts_with(".env")
            || part == ".npmrc"
            || part == ".netrc"
            || matches!(stem, "secrets" | "secret" | "credentials")
            || ends(&[".pem", ".key", ".p12", ".keystore"])
        {
            Some("may hold secrets")
        } else {
            None
        }
    })
}

/// What in a line switches a check off, if anything does.
fn weakens_checks(line: &str) -> Option<&'static str> {
    [
        "@ts-ignore",
        "@ts-nocheck",
        "@ts-expect-error",
        "eslint-disable",
        ".skip(",
        "xit(",
        "# type: ignore",
        "# noqa",
        "@pytest.mark.skip",
        "#[ignore",
        "#[allow(",
        "#![allow(",
        "ignoreBuildErrors",
        "ignoreDuringBuilds",
    ]
    .into_iter()
    .find(|mark| line.contains(mark))
}

#[cfg(test)]
mod tests;
