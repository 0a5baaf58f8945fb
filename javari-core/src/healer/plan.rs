//! A repair, stated before it is made: what it changes, why, and what it may cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Evidence;
use crate::error::{Error, ErrorKind, Result};

/// How much an action can harm, from reading to what is never done by itself.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Risk {
    /// Reading, diagnosing, telling.
    R0,
    /// Running the same commit again.
    R1,
    /// Work on a branch of its own.
    R2,
    /// Merging into the branch people work on.
    R3,
    /// Anything on production.
    R4,
    /// History, workflows, secrets, migrations, sign-in, billing: never by itself.
    R5,
}

/// Lines of one file that are taken out and put in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// The file, relative to the top of the repository, with `/`.
    pub path: String,
    /// The first line it touches, from 1.
    pub line: u32,
    /// The lines that stand there now, exactly.
    pub remove: Vec<String>,
    /// The lines that take their place.
    pub insert: Vec<String>,
}

/// A repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepairPlan {
    /// The recipe that made it, such as `module_path`.
    pub recipe: String,
    /// One sentence for a person.
    pub summary: String,
    /// How much it can harm.
    pub risk: Risk,
    /// What it changes.
    pub edits: Vec<Edit>,
    /// Whether the project depends on more than before.
    pub adds_dependency: bool,
    /// What in the project speaks for it.
    pub reasons: Vec<String>,
    /// What in the log speaks for it.
    pub evidence: Vec<Evidence>,
    /// What must not show in the log of the next build.
    pub cures: Vec<String>,
}

impl RepairPlan {
    /// SHA-256 of the plan and the commit it is for, in hexadecimal. An approval names it, so that
    /// it holds for this plan and no other.
    ///
    /// # Errors
    /// `UNEXPECTED` when the plan has no JSON form.
    pub fn hash(&self, base_commit: &str) -> Result<String> {
        let json = serde_json::to_vec(self).map_err(|error| {
            Error::new(ErrorKind::Unexpected, "healer.plan", "the plan has no JSON form")
                .with_source(error)
        })?;
        Ok(digest(&[base_commit.as_bytes(), &json]))
    }

    /// The files it changes, each once.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<_> = self.edits.iter().map(|edit| edit.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// How many lines it takes out and puts in.
    pub fn lines(&self) -> usize {
        self.edits.iter().map(|edit| edit.remove.len() + edit.insert.len()).sum()
    }
}

/// What was changed in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Applied {
    /// The files that were changed, relative to the top of the repository.
    pub files: Vec<String>,
}

impl Applied {
    /// These files were changed.
    pub fn new(files: Vec<String>) -> Self {
        Self { files }
    }
}

/// Whether a repair did what it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Verdict {
    /// True when the fault is gone.
    pub cured: bool,
    /// Why, for a person.
    pub reason: String,
}

impl Verdict {
    /// The verdict and its reason.
    pub fn new(cured: bool, reason: impl Into<String>) -> Self {
        Self { cured, reason: reason.into() }
    }
}

/// SHA-256 over the parts, each with its length before it, in hexadecimal.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}

/// The edits that turn `before` into `after`, as few lines as can be.
pub(super) fn edits_between(path: &str, before: &str, after: &str) -> Vec<Edit> {
    let (old, new): (Vec<_>, Vec<_>) = (before.split('\n').collect(), after.split('\n').collect());
    let edit = |line: usize, remove: &[&str], insert: &[&str]| Edit {
        path: path.to_owned(),
        line: u32::try_from(line + 1).unwrap_or(u32::MAX),
        remove: remove.iter().map(ToString::to_string).collect(),
        insert: insert.iter().map(ToString::to_string).collect(),
    };
    if old.len() == new.len() {
        let differing = old.iter().zip(&new).enumerate().filter(|(_, (old, new))| old != new);
        return differing.map(|(line, (old, new))| edit(line, &[old], &[new])).collect();
    }
    let same_start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - same_start;
    let same_end = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(most)
        .take_while(|(old, new)| old == new)
        .count();
    let removed = old.get(same_start..old.len() - same_end).unwrap_or_default();
    let inserted = new.get(same_start..new.len() - same_end).unwrap_or_default();
    vec![edit(same_start, removed, inserted)]
}

/// The text after the edits of one file.
///
/// # Errors
/// `CONFLICT` when the lines are not the ones that the plan was made for.
pub(super) fn apply_edits(text: &str, edits: &[&Edit]) -> Result<String> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let mut ordered = edits.to_vec();
    // From the end, so that no edit moves the lines of another.
    ordered.sort_by_key(|edit| std::cmp::Reverse(edit.line));
    for edit in ordered {
        let start = (edit.line as usize).saturating_sub(1);
        let end = start.saturating_add(edit.remove.len());
        if edit.line == 0 || lines.get(start..end) != Some(edit.remove.as_slice()) {
            return Err(Error::new(
                ErrorKind::Conflict,
                "healer.apply",
                "the file is not the one that the plan was made for",
            )
            .with("path", &edit.path)
            .with("line", edit.line));
        }
        lines.splice(start..end, edit.insert.iter().cloned());
    }
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_edits_between_two_texts_turn_one_into_the_other(
            before in "[abc\r\n]{0,40}", after in "[abc\r\n]{0,40}",
        ) {
            let edits = edits_between("a", &before, &after);
            let references: Vec<_> = edits.iter().collect();
            prop_assert_eq!(apply_edits(&before, &references).unwrap(), after);
        }

        #[test]
        fn no_edit_of_any_place_panics(text in any::<String>(), line in any::<u32>(), remove in prop::collection::vec("[ab]{0,2}", 0..3)) {
            let edit = Edit { path: "a".into(), line, remove, insert: vec!["x".into()] };
            let _ = apply_edits(&text, &[&edit]);
        }
    }

    #[test]
    fn an_edit_of_another_text_is_refused() {
        let edits = edits_between("a", "one\ntwo\n", "one\nzwei\n");
        assert_eq!(edits.len(), 1);
        assert_eq!(edits[0].line, 2);
        assert_eq!(
            apply_edits("one\nthree\n", &[&edits[0]]).unwrap_err().kind(),
            ErrorKind::Conflict
        );
    }

    #[test]
    fn the_hash_changes_with_the_plan_and_with_the_commit() {
        let plan = RepairPlan {
            recipe: "module_path".into(),
            summary: "s".into(),
            risk: Risk::R2,
            edits: edits_between("a", "x", "y"),
            adds_dependency: false,
            reasons: vec![],
            evidence: vec![],
            cures: vec![],
        };
        let other = RepairPlan { edits: edits_between("a", "x", "z"), ..plan.clone() };
        let hash = plan.hash("c").unwrap();
        assert_eq!(hash.len(), 64);
        assert_ne!(hash, other.hash("c").unwrap());
        assert_ne!(hash, plan.hash("d").unwrap());
    }
}
