//! A missing or misspelt dependency of a Python project.

use super::{Answer, FileChange, Remedy, manifest::toml_lines};
use crate::{
    error::Result,
    healer::{
        files::{ProjectFiles, folder_of},
        near::{Nearest, nearest},
    },
};

/// Declares the distribution that provides `module`, when the project itself names one.
pub(super) async fn declare(files: &ProjectFiles, module: &str) -> Result<Answer> {
    let Some(proof) = proof_of(files, module).await? else {
        return Ok(Err(format!(
            "nothing in the project names the module `{module}` or a distribution of that name; a \
             dependency is never added on the word of a log alone"
        )));
    };
    if let Some(text) = files.read("requirements.txt").await? {
        return Ok(in_requirements(files, &text, module, &proof).await);
    }
    if let Some(text) = files.read("pyproject.toml").await? {
        return Ok(in_pyproject(&text, module, &proof));
    }
    Ok(Err("the project has neither requirements.txt nor pyproject.toml".into()))
}

/// The line to require and what speaks for it.
struct Proof {
    line: String,
    reason: String,
}

/// PEP 503: names that differ only in case and in `-`, `_`, `.` are one.
fn normal(name: &str) -> String {
    name.chars()
        .map(|c| if matches!(c, '_' | '.') { '-' } else { c.to_ascii_lowercase() })
        .collect()
}

/// The name at the beginning of a requirement (PEP 508).
fn name_of(requirement: &str) -> &str {
    let requirement = requirement.trim();
    if !requirement.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return "";
    }
    let end = requirement
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(requirement.len());
    requirement.get(..end).unwrap_or_default()
}

async fn proof_of(files: &ProjectFiles, module: &str) -> Result<Option<Proof>> {
    let wanted = normal(module);
    // A folder of the project that can be installed and holds the module.
    for path in files.paths() {
        let name = path.rsplit('/').next().unwrap_or_default();
        let place = folder_of(path);
        if !matches!(name, "pyproject.toml" | "setup.py") || place.is_empty() {
            continue;
        }
        let holds = [
            format!("{place}/{module}/__init__.py"),
            format!("{place}/{module}.py"),
            format!("{place}/src/{module}/__init__.py"),
        ]
        .iter()
        .any(|file| files.contains(file));
        if holds {
            return Ok(Some(Proof {
                line: format!("./{place}"),
                reason: format!("the folder `{place}` provides the module"),
            }));
        }
    }
    for lock in ["uv.lock", "poetry.lock"] {
        let Some(text) = files.read(lock).await? else { continue };
        let mut name = "";
        for line in toml_lines(&text).iter().filter(|line| line.section == "package") {
            match line.key {
                "name" => name = line.value.trim_matches('"'),
                "version" if normal(name) == wanted => {
                    let version = line.value.trim_matches('"');
                    return Ok(Some(Proof {
                        line: format!("{name}=={version}"),
                        reason: format!("`{lock}` names it"),
                    }));
                }
                _ => {}
            }
        }
    }
    let others: Vec<_> = files
        .paths()
        .filter(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            *path != "requirements.txt"
                && (name.starts_with("requirements") || name.starts_with("constraints"))
                && (name.ends_with(".txt") || name.ends_with(".lock"))
        })
        .map(str::to_owned)
        .collect();
    for path in others {
        let Some(text) = files.read(&path).await? else { continue };
        let found = text.lines().map(str::trim).find(|line| normal(name_of(line)) == wanted);
        if let Some(line) = found.filter(|line| !line.contains("://")) {
            // Hashes and options after the requirement belong to the other file.
            let line = line.split([' ', ';', '\\']).next().unwrap_or(line).to_owned();
            return Ok(Some(Proof { line, reason: format!("`{path}` names it") }));
        }
    }
    installed(files, module, &wanted).await
}

/// What a virtual environment inside the project holds.
async fn installed(files: &ProjectFiles, module: &str, wanted: &str) -> Result<Option<Proof>> {
    for root in [".venv", "venv"] {
        for python in files.list_installed(&format!("{root}/lib")).await {
            let packages = format!("{root}/lib/{python}/site-packages");
            for entry in files.list_installed(&packages).await {
                let Some((name, version)) =
                    entry.strip_suffix(".dist-info").and_then(|stem| stem.rsplit_once('-'))
                else {
                    continue;
                };
                let provided =
                    files.read_installed(&format!("{packages}/{entry}/top_level.txt")).await;
                let provides = normal(name) == wanted
                    || provided.is_some_and(|text| text.lines().any(|line| line.trim() == module));
                if provides {
                    return Ok(Some(Proof {
                        line: format!("{name}=={version}"),
                        reason: format!("`{packages}` holds it"),
                    }));
                }
            }
        }
    }
    Ok(None)
}

async fn in_requirements(files: &ProjectFiles, text: &str, module: &str, proof: &Proof) -> Answer {
    let path = "requirements.txt";
    let wanted = name_of(&proof.line);
    let stands = |line: &str| {
        line.trim() == proof.line || (!wanted.is_empty() && normal(name_of(line)) == normal(wanted))
    };
    if text.lines().any(stands) {
        return Err(format!("`{module}` is required; it is not installed where the build runs"));
    }
    // A required name (or the last part of a required path) that nothing provides and that is a
    // slip away is the one that was meant.
    let last = |line: &str| -> String {
        let line = line.trim();
        if line.starts_with('.') {
            line.rsplit('/').next().unwrap_or_default().to_owned()
        } else {
            name_of(line).to_owned()
        }
    };
    let names: Vec<String> = text.lines().map(last).filter(|name| !name.is_empty()).collect();
    let target = last(&proof.line);
    let wrong = match nearest(&target, names.iter().map(String::as_str)) {
        Nearest::One(name, _) => {
            let line = text.lines().find(|line| last(line) == name).map(str::trim);
            line.filter(|line| !leads_somewhere(files, line))
        }
        _ => None,
    };
    let (after, summary) = match wrong {
        Some(wrong) => {
            let lines = text.split('\n').map(|line| {
                if line.trim() == wrong {
                    line.replace(wrong, &proof.line)
                } else {
                    line.to_owned()
                }
            });
            let after = lines.collect::<Vec<_>>().join("\n");
            (after, format!("require `{}` instead of `{wrong}` in `{path}`", proof.line))
        }
        None => {
            let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            let after = format!("{text}{gap}{}\n", proof.line);
            (after, format!("require `{}` in `{path}`", proof.line))
        }
    };
    remedy(path, text, after, summary, proof)
}

/// Whether a required path is a folder of the project. A name cannot be looked up: it stays.
fn leads_somewhere(files: &ProjectFiles, line: &str) -> bool {
    match line.strip_prefix("./") {
        Some(folder) => files.has_folder(folder),
        None => true,
    }
}

fn in_pyproject(text: &str, module: &str, proof: &Proof) -> Answer {
    let path = "pyproject.toml";
    if proof.line.starts_with('.') {
        return Err(format!("`{module}` lies in a folder, which this pyproject.toml cannot name"));
    }
    let unknown = || format!("the dependencies of `{path}` have a form not known here");
    let found = toml_lines(text)
        .into_iter()
        .find(|line| line.section == "project" && line.key == "dependencies")
        .map(|line| line.at);
    let rest = found.and_then(|at| text.get(at..)).ok_or_else(unknown)?;
    let open = found.unwrap_or_default() + rest.find('[').ok_or_else(unknown)?;
    let close = end_of_array(text, open).ok_or_else(unknown)?;
    let inside = text.get(open + 1..close).ok_or_else(unknown)?;
    let known = inside.split(['"', '\'']).any(|part| {
        !name_of(part).is_empty() && normal(name_of(part)) == normal(name_of(&proof.line))
    });
    if known {
        return Err(format!("`{module}` is declared; it is not installed where the build runs"));
    }
    let quoted = format!("\"{}\"", proof.line);
    let trimmed = inside.trim_end();
    let comma = if trimmed.is_empty() || trimmed.ends_with(',') { "" } else { "," };
    let words = if inside.contains('\n') {
        let indent: String = inside
            .lines()
            .find(|line| !line.trim().is_empty())
            .map_or("    ".into(), |line| line.chars().take_while(|c| c.is_whitespace()).collect());
        let end = inside.get(trimmed.len()..).unwrap_or_default().trim_start_matches([' ', '\t']);
        format!("{trimmed}{comma}\n{indent}{quoted},{}", if end.is_empty() { "\n" } else { end })
    } else {
        let space = if comma.is_empty() { "" } else { " " };
        format!("{trimmed}{comma}{space}{quoted}")
    };
    let after = format!(
        "{}{words}{}",
        text.get(..open + 1).ok_or_else(unknown)?,
        text.get(close..).ok_or_else(unknown)?
    );
    remedy(path, text, after, format!("declare `{}` in `{path}`", proof.line), proof)
}

/// The `]` of the array that begins at `open`, strings skipped.
fn end_of_array(text: &str, open: usize) -> Option<usize> {
    let mut quote = None;
    for (at, character) in text.get(open + 1..)?.char_indices() {
        match (quote, character) {
            (None, ']') => return Some(open + 1 + at),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

fn remedy(path: &str, before: &str, after: String, summary: String, proof: &Proof) -> Answer {
    Ok(Remedy {
        recipe: "declare_dependency",
        summary,
        changes: vec![FileChange { path: path.to_owned(), before: before.to_owned(), after }],
        adds_dependency: true,
        reasons: vec![proof.reason.clone()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(line: &str) -> Proof {
        Proof { line: line.into(), reason: "r".into() }
    }

    #[test]
    fn names_are_compared_as_installers_do() {
        assert_eq!(normal("Tiny_Fmt.x"), "tiny-fmt-x");
        assert_eq!(name_of(" tiny-fmt[extra]>=1 ; python_version<'3'"), "tiny-fmt");
    }

    #[test]
    fn a_path_or_an_option_is_no_name() {
        for line in ["./vendor/x", "-r other.txt", "--hash=x", "# note", ""] {
            assert_eq!(name_of(line), "");
        }
    }

    #[test]
    fn pyproject_keeps_the_form_of_its_list() {
        for (before, after) in [
            (
                "[project]\nname = \"a\"\ndependencies = [\"x>=1\"]\n",
                "[project]\nname = \"a\"\ndependencies = [\"x>=1\", \"tiny==2\"]\n",
            ),
            ("[project]\ndependencies = []\n", "[project]\ndependencies = [\"tiny==2\"]\n"),
            (
                "[project]\ndependencies = [\n  \"x[a]>=1\",\n]\n",
                "[project]\ndependencies = [\n  \"x[a]>=1\",\n  \"tiny==2\",\n]\n",
            ),
        ] {
            let Ok(remedy) = in_pyproject(before, "tiny", &proof("tiny==2")) else { panic!() };
            assert_eq!(remedy.changes[0].after, after);
        }
        assert!(
            in_pyproject("[project]\ndependencies = [\"Tiny>=1\"]\n", "tiny", &proof("tiny==2"))
                .is_err()
        );
        assert!(in_pyproject("[tool.x]\n", "tiny", &proof("tiny==2")).is_err());
    }
}
