//! A misspelt or moved file of a JavaScript or TypeScript project.

use super::{
    Answer, FileChange, Remedy,
    script::{self, Alias},
    the_one,
};
use crate::{
    error::Result,
    healer::{
        Finding,
        files::{ProjectFiles, folder_of, relative_to},
        near::{Nearest, nearest},
    },
};

/// Names that many folders have: that one of them exists elsewhere says nothing.
const COMMON_NAMES: &[&str] = &[
    "index",
    "main",
    "mod",
    "lib",
    "app",
    "page",
    "layout",
    "route",
    "test",
    "tests",
    "types",
    "type",
    "constants",
    "config",
    "utils",
    "helpers",
    "style",
    "styles",
    "setup",
];

pub(super) async fn mend(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let Some(importer) = finding.file.as_deref().and_then(|stated| files.locate(stated)) else {
        return Ok(Err("the log names no file of the project that imports it".into()));
    };
    let Some(source) = files.read(importer).await? else {
        return Ok(Err(format!("`{importer}` cannot be read as text")));
    };
    let aliases = script::aliases(files, importer).await?;
    // Node states the path it looked for; all others repeat what stands in the source.
    let looked_for = finding.subject.starts_with('/').then(|| files.relative(&finding.subject));
    let wrong: Vec<_> = script::imports(&source)
        .into_iter()
        .filter(|import| match &looked_for {
            Some(path) => {
                path.is_some() && script::resolve(importer, import.specifier, &aliases) == *path
            }
            None => import.specifier == finding.subject,
        })
        .collect();
    let Some(specifier) = wrong.first().map(|import| import.specifier) else {
        return Ok(Err(format!("`{importer}` holds no import of `{}`", finding.subject)));
    };
    let Some(target) = script::resolve(importer, specifier, &aliases) else {
        return Ok(Err(format!(
            "`{specifier}` leads out of the project or through no known alias"
        )));
    };
    if script::file_of(files, &target).is_some() {
        return Ok(Err(format!("`{specifier}` leads to a file that exists; the fault is another")));
    }
    let (found, reason) = match search(files, importer, &target) {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let Some(new) = respell(importer, specifier, &target, &found, &aliases) else {
        return Ok(Err(format!("`{found}` cannot be written in the form of `{specifier}`")));
    };
    let mut after = source.clone();
    for import in wrong.iter().rev().filter(|import| import.specifier == specifier) {
        after.replace_range(import.at..import.at + specifier.len(), &new);
    }
    Ok(Ok(Remedy {
        recipe: "module_path",
        summary: format!("import `{new}` instead of `{specifier}` in `{importer}`"),
        changes: vec![FileChange { path: importer.to_owned(), before: source, after }],
        adds_dependency: false,
        reasons: vec![reason],
    }))
}

/// The file that was meant: misspelt, or moved to another folder under its own name.
fn search(
    files: &ProjectFiles,
    importer: &str,
    target: &str,
) -> std::result::Result<(String, String), String> {
    let with_ending = has_ending(target);
    let candidates: Vec<String> = files
        .paths()
        .filter(|path| *path != importer && has_ending(path))
        .flat_map(|path| if with_ending { vec![path.to_owned()] } else { without_ending(path) })
        .collect();
    let near = nearest(target, candidates.iter().map(String::as_str));
    if near != Nearest::None {
        return the_one(near, "the file", target).map(|(path, reason)| (path.to_owned(), reason));
    }
    let name = target.rsplit('/').next().unwrap_or(target);
    let stem = name.split('.').next().unwrap_or(name);
    if stem.len() < 3 || COMMON_NAMES.contains(&stem.to_ascii_lowercase().as_str()) {
        return Err(format!("nothing in the project is clearly meant by `{target}`"));
    }
    let mut moved: Vec<_> =
        candidates.iter().filter(|path| path.rsplit('/').next() == Some(name)).collect();
    moved.sort_unstable();
    moved.dedup();
    match moved[..] {
        [path] => Ok((path.clone(), format!("the only file of the name `{name}` is `{path}`"))),
        [] => Err(format!("nothing in the project is clearly meant by `{target}`")),
        _ => Err(format!("{} files have the name `{name}`", moved.len())),
    }
}

fn has_ending(path: &str) -> bool {
    ending_of(path).is_some()
}

fn ending_of(path: &str) -> Option<&'static str> {
    let mut endings = script::EXTENSIONS.to_vec();
    // `d.ts` before `ts`.
    endings.sort_unstable_by_key(|ending| std::cmp::Reverse(ending.len()));
    endings.into_iter().find(|ending| {
        path.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
    })
}

/// The forms in which an import may name a file without its ending.
fn without_ending(path: &str) -> Vec<String> {
    let Some(ending) = ending_of(path) else { return Vec::new() };
    let stem = path.strip_suffix(ending).and_then(|rest| rest.strip_suffix('.')).unwrap_or(path);
    let mut forms = vec![stem.to_owned()];
    if let Some(folder) = stem.strip_suffix("/index") {
        forms.push(folder.to_owned());
    }
    forms
}

/// The specifier of `found`, relative or through the same alias as the old one.
fn respell(
    importer: &str,
    specifier: &str,
    target: &str,
    found: &str,
    aliases: &[Alias],
) -> Option<String> {
    if specifier.starts_with('.') {
        // Where only the last parts differ the beginning stays as the author wrote it.
        let tail = |path: &str, count: usize| {
            path.rsplit('/')
                .take(count)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect::<Vec<_>>()
                .join("/")
        };
        let depth = target.split('/').count();
        if found.split('/').count() == depth {
            let same = target.split('/').zip(found.split('/')).take_while(|(a, b)| a == b).count();
            let old = tail(target, depth - same);
            if let Some(kept) = specifier.strip_suffix(&old) {
                return Some(kept.to_owned() + &tail(found, depth - same));
            }
        }
        return Some(relative_to(folder_of(importer), found));
    }
    let alias = aliases.iter().find(|alias| specifier.starts_with(&alias.prefix))?;
    let inside = match alias.folder.as_str() {
        "" => found,
        folder => found.strip_prefix(folder)?.strip_prefix('/')?,
    };
    Some(alias.prefix.clone() + inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_specifier_keeps_the_form_of_the_old_one() {
        let aliases = [Alias { prefix: "@/".into(), folder: "src".into() }];
        for (importer, old, target, found, new) in [
            (
                "b.mjs",
                "./componnets/x.mjs",
                "componnets/x.mjs",
                "components/x.mjs",
                "./components/x.mjs",
            ),
            ("a/b.js", "../lib/tabel", "lib/tabel", "lib/table", "../lib/table"),
            ("a/b.js", "./moved.js", "a/moved.js", "shared/moved.js", "../shared/moved.js"),
            ("app/p.tsx", "@/lib/databse", "src/lib/databse", "src/lib/database", "@/lib/database"),
        ] {
            assert_eq!(respell(importer, old, target, found, &aliases).as_deref(), Some(new));
        }
        assert_eq!(respell("a.js", "@/lib/x", "src/lib/x", "other/x", &aliases), None);
    }

    #[test]
    fn endings_are_known_by_their_dot() {
        assert!(
            has_ending("a/b.d.ts")
                && has_ending("a.mjs")
                && !has_ending("a/js")
                && !has_ending("a.rs")
        );
        assert_eq!(without_ending("a/index.d.ts"), ["a/index", "a"]);
    }
}
