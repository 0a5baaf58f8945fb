//! The recipes: from a finding and the project's own files to the lines that mend it.
//!
//! A recipe changes as little as can be and only on evidence that the project itself holds. What
//! is ambiguous, or what only a name's likeness speaks for, goes to a person: a package that
//! nothing but a log names may be an attacker's.

mod cargo;
mod manifest;
mod npm;
mod python;
mod requirements;
mod rust;
mod script;
mod script_export;
mod script_module;

use super::{Finding, FindingKind, files::ProjectFiles, incident::is_bare, near::Nearest};
use crate::error::Result;

/// A file before and after.
pub(super) struct FileChange {
    pub(super) path: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// What mends a finding.
pub(super) struct Remedy {
    pub(super) recipe: &'static str,
    pub(super) summary: String,
    pub(super) changes: Vec<FileChange>,
    pub(super) adds_dependency: bool,
    pub(super) reasons: Vec<String>,
}

/// What a recipe answers: the change, or why a person has to look.
pub(super) type Answer = std::result::Result<Remedy, String>;

/// The remedy for one finding.
pub(super) async fn remedy(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    match finding.kind {
        FindingKind::ScriptModule if is_bare(&finding.subject) => {
            npm::missing_package(files, finding).await
        }
        FindingKind::ScriptModule => script_module::mend(files, finding).await,
        FindingKind::ScriptExport => script_export::mend(files, finding).await,
        FindingKind::NpmPackage => npm::unknown_package(files, finding).await,
        FindingKind::NpmVersion => npm::unknown_version(files, finding).await,
        FindingKind::PythonModule => python::missing_module(files, finding).await,
        FindingKind::PythonName => python::missing_name(files, finding).await,
        FindingKind::RustPath => rust::missing_path(files, finding).await,
        FindingKind::RustModuleFile => rust::missing_file(files, finding).await,
        FindingKind::RustCrate => rust::missing_crate(files, finding).await,
        FindingKind::CargoPackage => cargo::unknown_package(files, finding).await,
    }
}

/// The one that was meant, or why that is not clear.
fn the_one<'a>(
    nearest: Nearest<'a>,
    what: &str,
    wanted: &str,
) -> std::result::Result<(&'a str, String), String> {
    match nearest {
        Nearest::One(name, slips) => {
            let times = if slips == 1 { "one slip" } else { "a few slips" };
            Ok((name, format!("{what} `{name}` exists and is {times} away from `{wanted}`")))
        }
        Nearest::Several(names) => {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            Err(format!("`{wanted}` could mean any of {}", names.join(", ")))
        }
        Nearest::None => Err(format!("nothing in the project is clearly meant by `{wanted}`")),
    }
}
