//! A missing or misspelt dependency of a Cargo package.

use super::{
    Answer, FileChange, Remedy,
    manifest::{TomlLine, add_cargo_dependency, toml_lines},
    the_one,
};
use crate::{
    error::Result,
    healer::{
        Finding,
        files::{ProjectFiles, folder_of, join, relative_to},
        near::nearest,
        text::{leading_word, places_of, replace_at},
    },
};

const MANIFESTS_LIMIT: usize = 200;

/// Declares the crate that `importer` uses as `name`, when the project itself names it.
pub(super) async fn declare(files: &ProjectFiles, importer: &str, name: &str) -> Result<Answer> {
    let Some((path, text)) = manifest_of(files, importer).await? else {
        return Ok(Err("the project has no Cargo.toml for this file".into()));
    };
    if dependencies(&text).any(|line| same(line.key, name)) {
        return Ok(Err(format!("`{path}` declares `{name}` already")));
    }
    let Some((line, reason)) = proof_of(files, &path, name).await? else {
        return Ok(Err(format!(
            "nothing in the project names the crate `{name}`; a crate is never added on the word \
             of a log alone"
        )));
    };
    let after = add_cargo_dependency(&text, &line);
    Ok(Ok(Remedy {
        recipe: "declare_dependency",
        summary: format!("declare `{name}` in `{path}`"),
        changes: vec![FileChange { path, before: text, after }],
        adds_dependency: true,
        reasons: vec![reason],
    }))
}

/// The names under which the package of `importer` may use its dependencies.
pub(super) async fn declared(files: &ProjectFiles, importer: &str) -> Result<Vec<String>> {
    let Some((_, text)) = manifest_of(files, importer).await? else { return Ok(Vec::new()) };
    Ok(dependencies(&text)
        .map(|line| leading_word(&line.key.replace('-', "_")).to_owned())
        .collect())
}

/// A manifest asks for a package that does not exist: the name there is misspelt.
pub(super) async fn unknown_package(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let wrong = &finding.subject;
    let mut found = Vec::new();
    let mut names = Vec::new();
    for path in manifests(files) {
        let Some(text) = files.read(&path).await? else { continue };
        let package = package_name(&text).map(str::to_owned);
        let asks = dependencies(&text).any(|line| line.key == wrong);
        let required = finding.name.is_none() || finding.name == package;
        names.extend(package);
        if asks && required {
            found.push((path, text));
        }
    }
    if let Some(lock) = files.read("Cargo.lock").await? {
        names.extend(locked(&lock).map(|(name, _)| name.to_owned()));
    }
    names.retain(|name| name != wrong);
    let Some((path, text)) = found.pop().filter(|_| found.is_empty()) else {
        return Ok(Err(format!("not exactly one Cargo.toml of the project asks for `{wrong}`")));
    };
    let near = nearest(wrong, names.iter().map(String::as_str));
    let (name, reason) = match the_one(near, "the package", wrong) {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let at = dependencies(&text).find(|line| line.key == wrong).map(|line| line.at);
    let renamed = at.and_then(|at| {
        let line = text.get(at..)?.split('\n').next()?;
        let place = at + line.find(wrong.as_str())?;
        replace_at(&text, place, wrong, name)
    });
    let Some(after) = renamed else {
        return Ok(Err(format!("`{path}` has a form not known here")));
    };
    if used_in_sources(files, folder_of(&path), wrong).await? {
        return Ok(Err(format!("the sources use `{wrong}` under that name")));
    }
    Ok(Ok(Remedy {
        recipe: "declare_dependency",
        summary: format!("declare `{name}` instead of `{wrong}` in `{path}`"),
        changes: vec![FileChange { path, before: text, after }],
        adds_dependency: true,
        reasons: vec![reason],
    }))
}

/// Whether two names are one to Cargo and rustc.
fn same(one: &str, other: &str) -> bool {
    one.replace('-', "_") == other.replace('-', "_")
}

fn manifests(files: &ProjectFiles) -> Vec<String> {
    let named = |path: &&str| path.rsplit('/').next() == Some("Cargo.toml");
    files.paths().filter(named).take(MANIFESTS_LIMIT).map(str::to_owned).collect()
}

async fn manifest_of(files: &ProjectFiles, importer: &str) -> Result<Option<(String, String)>> {
    let mut folder = folder_of(importer);
    loop {
        let path = join(folder, "Cargo.toml");
        if let Some(text) = files.read(&path).await?
            && package_name(&text).is_some()
        {
            return Ok(Some((path, text)));
        }
        if folder.is_empty() {
            return Ok(None);
        }
        folder = folder_of(folder);
    }
}

fn package_name(text: &str) -> Option<&str> {
    toml_lines(text)
        .into_iter()
        .find(|line| line.section == "package" && line.key == "name")
        .map(|line| line.value.trim_matches(['"', '\'']))
}

/// The lines that declare dependencies in `[dependencies]`.
fn dependencies(text: &str) -> impl Iterator<Item = TomlLine<'_>> {
    toml_lines(text).into_iter().filter(|line| line.section == "dependencies").map(|mut line| {
        // `serde.workspace = true` declares `serde`.
        line.key = line.key.split('.').next().unwrap_or(line.key);
        line
    })
}

fn locked(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = toml_lines(lock);
    let values: Vec<_> = lines
        .iter()
        .filter(|line| line.section == "package" && matches!(line.key, "name" | "version"))
        .map(|line| line.value.trim_matches('"'))
        .collect();
    let pairs: Vec<_> =
        values.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
    pairs.into_iter()
}

/// The line that declares the crate, and what in the project speaks for it.
async fn proof_of(
    files: &ProjectFiles,
    manifest: &str,
    name: &str,
) -> Result<Option<(String, String)>> {
    let mut elsewhere = None;
    for path in manifests(files) {
        let Some(text) = files.read(&path).await? else { continue };
        for line in toml_lines(&text).iter().filter(|line| line.section == "workspace.dependencies")
        {
            if same(line.key, name) {
                let key = line.key;
                return Ok(Some((
                    format!("{key} = {{ workspace = true }}"),
                    format!("the workspace of `{path}` declares it"),
                )));
            }
        }
        if path == manifest {
            continue;
        }
        if let Some(package) = package_name(&text).filter(|package| same(package, name)) {
            let place = folder_of(&path);
            let way = relative_to(folder_of(manifest), place);
            let way = way.strip_prefix("./").unwrap_or(&way);
            return Ok(Some((
                format!("{package} = {{ path = \"{way}\" }}"),
                format!("the folder `{place}` is this package"),
            )));
        }
        let other = dependencies(&text).find(|line| same(line.key, name));
        // A path is right only from where it stands.
        if let Some(line) = other.filter(|line| line.value.starts_with('"')) {
            elsewhere = elsewhere.or_else(|| {
                Some((format!("{} = {}", line.key, line.value), format!("`{path}` declares it")))
            });
        }
    }
    if elsewhere.is_some() {
        return Ok(elsewhere);
    }
    let Some(lock) = files.read("Cargo.lock").await? else { return Ok(None) };
    let found: Vec<_> = locked(&lock).filter(|(package, _)| same(package, name)).collect();
    let [(package, version)] = found[..] else { return Ok(None) };
    Ok(Some((format!("{package} = \"{version}\""), "`Cargo.lock` names it".into())))
}

async fn used_in_sources(files: &ProjectFiles, folder: &str, name: &str) -> Result<bool> {
    let word = name.replace('-', "_");
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let sources: Vec<_> = files
        .paths()
        .filter(|path| path.starts_with(&prefix) && path.ends_with(".rs"))
        .take(500)
        .map(str::to_owned)
        .collect();
    for path in sources {
        if files.read(&path).await?.is_some_and(|text| !places_of(&text, &word).is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_dash_and_an_underscore_are_one() {
        assert!(same("helper-lib", "helper_lib") && !same("helper", "helper_lib"));
    }

    #[test]
    fn the_packages_of_a_lock_file_are_read_in_pairs() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\nchecksum = \"x\"\n";
        assert_eq!(locked(lock).collect::<Vec<_>>(), [("a", "1.0.0"), ("b", "2.0.0")]);
    }
}
