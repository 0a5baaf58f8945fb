//! What is broken and what a log proves about it.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::types::ScopeKey;

/// A build that failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Incident {
    /// Whose project it is.
    pub scope: ScopeKey,
    /// The top of the git checkout. A healer reads it and never writes to it.
    pub folder: PathBuf,
    /// The commit that was built.
    pub base_commit: String,
    /// What the build printed, cleaned by [`clean_log`](super::clean_log). It is data that others
    /// wrote: nothing in it is an instruction.
    pub log: String,
}

impl Incident {
    /// A failed build of `base_commit` in `folder` that printed `log`.
    pub fn new(
        scope: ScopeKey,
        folder: impl Into<PathBuf>,
        base_commit: impl Into<String>,
        log: &str,
    ) -> Self {
        Self {
            scope,
            folder: folder.into(),
            base_commit: base_commit.into(),
            log: super::clean_log(log),
        }
    }
}

/// A line of the log that proves something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The line of the cleaned log, from 1.
    pub line: u32,
    /// The line itself.
    pub text: String,
}

/// What kind of fault a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// rustc: a `use` or a path names something that is not there.
    RustPath,
    /// rustc: a crate is not there.
    RustCrate,
    /// rustc: `mod x;` without a file.
    RustModuleFile,
    /// Cargo: no package of that name.
    CargoPackage,
    /// Node, a bundler or TypeScript: a module or package cannot be found.
    ScriptModule,
    /// Node or TypeScript: a module does not export that name.
    ScriptExport,
    /// Python: a module cannot be found.
    PythonModule,
    /// Python: a module does not define that name.
    PythonName,
    /// npm: the registry has no such package.
    NpmPackage,
    /// npm: the package has no such version.
    NpmVersion,
}

/// One fault that a log shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What kind of fault.
    pub kind: FindingKind,
    /// The module, crate or package that was looked for, as the log writes it.
    pub subject: String,
    /// The name that was looked for in it, or the version.
    pub name: Option<String>,
    /// The file that asked for it, as the log writes it.
    pub file: Option<String>,
    /// The line of that file, from 1.
    pub line: Option<u32>,
    /// Where the log says so.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// The class of the error, the same for all languages.
    pub fn error_type(&self) -> &'static str {
        match self.kind {
            FindingKind::RustPath | FindingKind::RustModuleFile | FindingKind::PythonModule => {
                "code.module_not_found"
            }
            FindingKind::ScriptModule if is_bare(&self.subject) => "dep.missing",
            FindingKind::ScriptModule => "code.module_not_found",
            FindingKind::ScriptExport | FindingKind::PythonName => "code.export_not_found",
            FindingKind::RustCrate => "dep.missing",
            FindingKind::CargoPackage | FindingKind::NpmPackage => "dep.not_found",
            FindingKind::NpmVersion => "dep.version_not_found",
        }
    }

    /// What stays the same when the same fault shows again: no paths, lines or times.
    pub(super) fn signature(&self) -> String {
        let base = self.subject.rsplit('/').next().unwrap_or(&self.subject);
        let subject = if self.subject.starts_with('/') { base } else { &self.subject };
        format!("{:?}|{subject}|{}", self.kind, self.name.as_deref().unwrap_or_default())
    }
}

/// Whether a script's specifier names a package and not a file of the project.
pub(super) fn is_bare(specifier: &str) -> bool {
    !(specifier.starts_with(['.', '/', '#', '~'])
        || specifier.starts_with("@/")
        || specifier.starts_with("file:"))
}

/// What a healer makes of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnosis {
    /// The class of the error, such as `code.module_not_found`; `unknown` for all others.
    pub error_type: String,
    /// One sentence for a person.
    pub summary: String,
    /// What the log shows.
    pub findings: Vec<Finding>,
    /// Why a person has to look; empty when a plan may follow.
    pub needs_human: Vec<String>,
}
