//! What Python says about modules and names that are not there.

use super::{Finding, FindingKind, Lines, between};

pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Finding> {
    let line = lines.get(at).trim();
    if let Some(words) = line.strip_prefix("ModuleNotFoundError: ") {
        let subject = between(words, "No module named '", "'")?;
        let finding = lines.finding(FindingKind::PythonModule, subject, at)?;
        return Some(with_place(lines, at, finding));
    }
    let words = line.strip_prefix("ImportError: cannot import name '")?;
    // A circle of imports is another fault: the name is there, only later.
    if words.contains("partially initialized module") || words.contains("circular import") {
        return None;
    }
    let (name, rest) = words.split_once('\'')?;
    let mut finding = lines.finding(FindingKind::PythonName, between(rest, "from '", "'")?, at)?;
    finding.name = Some(name.to_owned());
    Some(with_place(lines, at, finding))
}

/// The last frame of the traceback that is a file.
fn with_place(lines: &Lines<'_>, at: usize, mut finding: Finding) -> Finding {
    for before in lines.before(at, 12) {
        let line = lines.get(before).trim_start();
        let Some((file, rest)) =
            line.strip_prefix("File \"").and_then(|rest| rest.split_once("\", line "))
        else {
            continue;
        };
        if file.starts_with('<') {
            continue;
        }
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        finding.file = Some(file.to_owned());
        finding.line = digits.parse().ok();
        finding.evidence.push(lines.evidence(before));
        break;
    }
    finding
}
