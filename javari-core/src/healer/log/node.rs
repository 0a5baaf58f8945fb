//! What Node, bundlers and the TypeScript compiler say about modules that are not there.

use super::{Finding, FindingKind, Lines, between, place};

pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Finding> {
    let line = lines.get(at);
    bundler(lines, at, line)
        .or_else(|| typescript(lines, at, line))
        .or_else(|| export(lines, at, line))
        .or_else(|| node(lines, at, line))
}

/// `Cannot find module 'x' imported from /y`, `Cannot find package 'x' imported from /y` and, of
/// CommonJS, `Cannot find module 'x'` with a stack of requires.
fn node(lines: &Lines<'_>, at: usize, line: &str) -> Option<Finding> {
    let subject = between(line, "Cannot find module '", "'")
        .or_else(|| between(line, "Cannot find package '", "'"))?;
    let mut finding = lines.finding(FindingKind::ScriptModule, subject, at)?;
    if let Some((_, importer)) = line.split_once(" imported from ") {
        finding.file = Some(importer.trim().to_owned());
        return Some(finding);
    }
    for next in lines.after(at, 3) {
        if lines.get(next).trim() != "Require stack:" {
            continue;
        }
        if let Some(file) = lines.get(next + 1).trim().strip_prefix("- ") {
            finding.file = Some(file.to_owned());
            finding.evidence.push(lines.evidence(next + 1));
        }
        break;
    }
    Some(finding)
}

/// `The requested module 'x' does not provide an export named 'y'`.
fn export(lines: &Lines<'_>, at: usize, line: &str) -> Option<Finding> {
    let subject = between(line, "The requested module '", "'")?;
    let name = between(line, "does not provide an export named '", "'")?;
    let mut finding = lines.finding(FindingKind::ScriptExport, subject, at)?;
    finding.name = Some(name.to_owned());
    for before in lines.before(at, 6) {
        let text = lines.get(before).trim();
        if text.starts_with("file://")
            && let Some((file, number)) = place(text)
        {
            finding.file = Some(file.to_owned());
            finding.line = Some(number);
            finding.evidence.push(lines.evidence(before));
            break;
        }
    }
    Some(finding)
}

/// webpack and Next: the file stands on a line before `Module not found: Can't resolve 'x'`.
fn bundler(lines: &Lines<'_>, at: usize, line: &str) -> Option<Finding> {
    let (_, words) = line.split_once("Module not found: ")?;
    let subject = between(words, "Can't resolve '", "'")?;
    let mut finding = lines.finding(FindingKind::ScriptModule, subject, at)?;
    for before in lines.before(at, 4) {
        let text = lines.get(before).trim();
        let text = text.strip_prefix("ERROR in ").unwrap_or(text);
        if !text.starts_with("./") {
            continue;
        }
        let word = text.split_whitespace().next().unwrap_or_default();
        let (file, number) = match place(word) {
            Some((file, number)) => (file, Some(number)),
            None => (word, None),
        };
        finding.file = Some(file.to_owned());
        finding.line = number;
        finding.evidence.push(lines.evidence(before));
        break;
    }
    Some(finding)
}

/// TS2307, TS2305 and TS2724, as `file(3,20): error …`, as `file:3:20 - error …` and as Next
/// prints them, with the file on the line before.
fn typescript(lines: &Lines<'_>, at: usize, line: &str) -> Option<Finding> {
    let (subject, name) = if line.contains("Cannot find module '")
        && (line.contains("TS2307") || line.contains("corresponding type declarations"))
    {
        (between(line, "Cannot find module '", "'")?, None)
    } else if line.contains("has no exported member") {
        let module = between(line, "'\"", "\"'")?;
        let rest = line.split_once("has no exported member")?.1;
        (module, Some(between(rest, "'", "'")?))
    } else {
        return None;
    };
    let kind = if name.is_some() { FindingKind::ScriptExport } else { FindingKind::ScriptModule };
    let mut finding = lines.finding(kind, subject, at)?;
    finding.name = name.map(str::to_owned);
    let stated = match line.split_once(": error TS") {
        Some((before, _)) => before.trim().strip_suffix(')').and_then(|before| {
            let (file, position) = before.rsplit_once('(')?;
            Some((file, position.split(',').next()?.parse().ok()?))
        }),
        None => line.split_once(" - error TS").and_then(|(before, _)| place(before)),
    };
    if let Some((file, number)) = stated {
        finding.file = Some(file.to_owned());
        finding.line = Some(number);
        return Some(finding);
    }
    for before in lines.before(at, 2) {
        if let Some((file, number)) = place(lines.get(before)) {
            finding.file = Some(file.to_owned());
            finding.line = Some(number);
            finding.evidence.push(lines.evidence(before));
            break;
        }
    }
    Some(finding)
}
