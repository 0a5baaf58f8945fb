//! What npm says about packages and versions that are not there.

use super::{Finding, FindingKind, Lines, between};

pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Finding> {
    let line = lines.get(at).trim_start();
    let words = line.strip_prefix("npm error ").or_else(|| line.strip_prefix("npm ERR! "))?;
    if let Some(rest) = words.strip_prefix("404 ") {
        let wanted = between(rest, "'", "' is not in")?;
        let (package, version) = split(wanted)?;
        let mut finding = lines.finding(FindingKind::NpmPackage, package, at)?;
        finding.name = (!version.is_empty()).then(|| version.to_owned());
        return Some(finding);
    }
    let rest = words.strip_prefix("notarget ")?;
    let wanted = rest.strip_prefix("No matching version found for ")?;
    let (package, version) = split(wanted.trim().trim_end_matches('.'))?;
    let mut finding = lines.finding(FindingKind::NpmVersion, package, at)?;
    finding.name = Some(version.to_owned());
    Some(finding)
}

/// `@scope/name@^1.0.0` in its name and version.
fn split(wanted: &str) -> Option<(&str, &str)> {
    let from = usize::from(wanted.starts_with('@'));
    match wanted.get(from..)?.find('@') {
        Some(at) => Some((wanted.get(..from + at)?, wanted.get(from + at + 1..)?)),
        None => Some((wanted, "")),
    }
}
