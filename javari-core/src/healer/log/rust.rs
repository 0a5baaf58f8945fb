//! What rustc and Cargo say about names that are not there.

use super::{Finding, FindingKind, Lines, between, place};

pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Finding> {
    let line = lines.get(at).trim_start();
    let message = line.strip_prefix("error")?;
    if let Some((code, words)) = message.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
        let kind = match code {
            "E0432" => FindingKind::RustPath,
            "E0463" => FindingKind::RustCrate,
            "E0583" => FindingKind::RustModuleFile,
            "E0433" if names_a_crate(words) => FindingKind::RustCrate,
            _ => return None,
        };
        let subject = between(words, "`", "`")?;
        // A single first segment is a crate or a module of the same file; the recipe looks at both.
        let kind = match kind {
            FindingKind::RustPath if !subject.contains("::") => FindingKind::RustCrate,
            other => other,
        };
        let mut finding = lines.finding(kind, subject, at)?;
        for next in lines.after(at, 3) {
            if let Some(text) = lines.get(next).trim_start().strip_prefix("--> ") {
                let (file, number) = place(text)?;
                finding.file = Some(file.to_owned());
                finding.line = Some(number);
                finding.evidence.push(lines.evidence(next));
                break;
            }
        }
        return Some(finding);
    }
    let words = message.strip_prefix(": ")?;
    if words.starts_with("no matching package named `") {
        let finding = lines.finding(FindingKind::CargoPackage, between(words, "`", "`")?, at)?;
        return Some(with_requirer(lines, at, finding));
    }
    if words.starts_with("no matching package found") {
        let (next, subject) = lines.after(at, 3).find_map(|next| {
            let rest = lines.get(next).trim_start().strip_prefix("searched package name: ")?;
            Some((next, rest.trim().trim_matches('`')))
        })?;
        let mut finding = lines.finding(FindingKind::CargoPackage, subject, at)?;
        finding.evidence.push(lines.evidence(next));
        return Some(with_requirer(lines, at, finding));
    }
    None
}

/// E0433 says many things; these are about crates.
fn names_a_crate(words: &str) -> bool {
    [
        "use of undeclared crate or module",
        "use of unresolved module or unlinked crate",
        "cannot find module or crate",
        "use of undeclared module",
    ]
    .iter()
    .any(|known| words.contains(known))
}

fn with_requirer(lines: &Lines<'_>, at: usize, mut finding: Finding) -> Finding {
    for next in lines.after(at, 8) {
        if let Some(rest) = lines.get(next).trim_start().strip_prefix("required by package `") {
            finding.name = rest.split(' ').next().map(str::to_owned);
            finding.evidence.push(lines.evidence(next));
            break;
        }
    }
    finding
}
