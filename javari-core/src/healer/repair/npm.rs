//! A missing or misspelt package of a JavaScript project.
//!
//! A package is declared only when the project itself names it: in a lock file, in another
//! manifest, in a folder of its own or among what is installed.

use serde_json::Value as Json;

use super::{
    Answer, FileChange, Remedy,
    manifest::{add_npm_dependency, members},
    script, the_one,
};
use crate::{
    error::Result,
    healer::{
        Finding,
        files::{ProjectFiles, folder_of, join, relative_to},
        near::{Nearest, nearest},
        text::replace_at,
    },
};

const SECTIONS: [&str; 4] =
    ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
const MANIFESTS_LIMIT: usize = 200;
const SOURCES_LIMIT: usize = 300;

pub(super) async fn missing_package(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let package = package_of(&finding.subject);
    if package.starts_with("node:") {
        return Ok(Err(format!("`{package}` is not a module of this version of Node")));
    }
    let Some(importer) = finding.file.as_deref().and_then(|stated| files.locate(stated)) else {
        return Ok(Err("the log names no file of the project that imports it".into()));
    };
    if let Some(answer) = as_alias(files, importer, finding).await? {
        return Ok(answer);
    }
    let Some(manifest) = Manifest::nearest(files, importer).await? else {
        return Ok(Err("the project has no package.json".into()));
    };
    if manifest.spec(&package).is_some() {
        return Ok(Err(format!(
            "`{package}` is declared; it is not installed where the build runs"
        )));
    }
    let Some(proof) = proof_of(files, &manifest, &package).await? else {
        return misspelt_import(files, importer, &package, &manifest).await;
    };
    // A declared name that nothing proves and that is a slip away is the one that was meant.
    let unproven = manifest.unproven_near(files, &package).await?;
    let (after, summary) = match unproven {
        Some(wrong) => (
            manifest.rename(&wrong, &package, &proof.spec),
            format!("declare `{package}` instead of `{wrong}` in `{}`", manifest.path),
        ),
        None => (
            add_npm_dependency(&manifest.text, &package, &proof.spec),
            format!("declare `{package}` in `{}`", manifest.path),
        ),
    };
    Ok(manifest.remedy(after, summary, proof.reason, true))
}

pub(super) async fn unknown_package(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let wrong = &finding.subject;
    let Some(manifest) = Manifest::declaring(files, wrong).await? else {
        return Ok(Err(format!("no package.json of the project declares `{wrong}`")));
    };
    let mut names = proven_names(files).await?;
    names.extend(imported_packages(files).await?);
    names.retain(|name| name != wrong && manifest.spec(name).is_none());
    let near = nearest(wrong, names.iter().map(String::as_str));
    let (package, reason) = match the_one(near, "the package", wrong) {
        Ok((package, reason)) => (package.to_owned(), reason),
        Err(reason) => return Ok(Err(reason)),
    };
    let spec = match proof_of(files, &manifest, &package).await? {
        Some(proof) => proof.spec,
        None => manifest.spec(wrong).unwrap_or_default().to_owned(),
    };
    let summary = format!("declare `{package}` instead of `{wrong}` in `{}`", manifest.path);
    Ok(manifest.remedy(manifest.rename(wrong, &package, &spec), summary, reason, true))
}

pub(super) async fn unknown_version(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let (package, version) = (&finding.subject, finding.name.as_deref().unwrap_or_default());
    let Some(manifest) = Manifest::declaring(files, package).await? else {
        return Ok(Err(format!("no package.json of the project declares `{package}`")));
    };
    let declared = manifest.spec(package).unwrap_or_default();
    if !declared.contains(version) {
        return Ok(Err(format!("`{}` does not ask for {package}@{version}", manifest.path)));
    }
    match proof_of(files, &manifest, package).await? {
        Some(proof) if !proof.spec.contains(version) => {
            let summary = format!("ask for `{package}` {} in `{}`", proof.spec, manifest.path);
            let after = manifest.rename(package, package, &proof.spec);
            Ok(manifest.remedy(after, summary, proof.reason, false))
        }
        _ => Ok(Err(format!("nothing in the project names another version of `{package}`"))),
    }
}

/// `lodash/fp` belongs to `lodash`, `@a/b/c` to `@a/b`.
fn package_of(specifier: &str) -> String {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    specifier.split('/').take(parts).collect::<Vec<_>>().join("/")
}

/// A bare specifier that an alias of the project leads to a file is no package.
async fn as_alias(
    files: &ProjectFiles,
    importer: &str,
    finding: &Finding,
) -> Result<Option<Answer>> {
    let aliases = script::aliases(files, importer).await?;
    if aliases
        .iter()
        .any(|alias| !alias.prefix.is_empty() && finding.subject.starts_with(&alias.prefix))
    {
        return super::script_module::mend(files, finding).await.map(Some);
    }
    Ok(None)
}

/// The import itself is misspelt: a declared package is a slip away.
async fn misspelt_import(
    files: &ProjectFiles,
    importer: &str,
    wrong: &str,
    manifest: &Manifest,
) -> Result<Answer> {
    let declared: Vec<_> = manifest.declared().collect();
    let near = nearest(wrong, declared.iter().map(|(name, _)| *name));
    let (package, reason) = match near {
        Nearest::None => {
            return Ok(Err(format!(
                "nothing in the project names the package `{wrong}`; a package is never added on \
                 the word of a log alone"
            )));
        }
        near => match the_one(near, "the declared package", wrong) {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        },
    };
    let Some(source) = files.read(importer).await? else {
        return Ok(Err(format!("`{importer}` cannot be read as text")));
    };
    let mut after = source.clone();
    for import in script::imports(&source).iter().rev() {
        if package_of(import.specifier) == wrong {
            after.replace_range(import.at..import.at + wrong.len(), package);
        }
    }
    if after == source {
        return Ok(Err(format!("`{importer}` holds no import of `{wrong}`")));
    }
    Ok(Ok(Remedy {
        recipe: "package_name",
        summary: format!("import `{package}` instead of `{wrong}` in `{importer}`"),
        changes: vec![FileChange { path: importer.to_owned(), before: source, after }],
        adds_dependency: false,
        reasons: vec![reason],
    }))
}

/// A `package.json` of the project.
struct Manifest {
    path: String,
    text: String,
    json: Json,
}

impl Manifest {
    async fn read(files: &ProjectFiles, path: &str) -> Result<Option<Self>> {
        let Some(text) = files.read(path).await? else { return Ok(None) };
        let json = serde_json::from_str(&text).ok();
        Ok(json.map(|json| Self { path: path.to_owned(), text, json }))
    }

    async fn nearest(files: &ProjectFiles, importer: &str) -> Result<Option<Self>> {
        let mut folder = folder_of(importer);
        loop {
            if let Some(found) = Self::read(files, &join(folder, "package.json")).await? {
                return Ok(Some(found));
            }
            if folder.is_empty() {
                return Ok(None);
            }
            folder = folder_of(folder);
        }
    }

    /// The only manifest that declares the package; nothing when several do.
    async fn declaring(files: &ProjectFiles, package: &str) -> Result<Option<Self>> {
        let mut found = None;
        for path in manifests(files) {
            let Some(manifest) = Self::read(files, &path).await? else { continue };
            if manifest.spec(package).is_some() {
                if found.is_some() {
                    return Ok(None);
                }
                found = Some(manifest);
            }
        }
        Ok(found)
    }

    fn declared(&self) -> impl Iterator<Item = (&str, &str)> {
        SECTIONS.iter().filter_map(|section| self.json[*section].as_object()).flat_map(|entries| {
            entries.iter().filter_map(|(name, spec)| Some((name.as_str(), spec.as_str()?)))
        })
    }

    fn spec(&self, package: &str) -> Option<&str> {
        self.declared().find(|(name, _)| *name == package).map(|(_, spec)| spec)
    }

    async fn unproven_near(&self, files: &ProjectFiles, package: &str) -> Result<Option<String>> {
        let declared: Vec<_> = self.declared().map(|(name, _)| name).collect();
        let Nearest::One(name, _) = nearest(package, declared) else { return Ok(None) };
        let proven = proof_of(files, self, name).await?.is_some()
            || imported_packages(files).await?.iter().any(|used| used == name);
        Ok((!proven).then(|| name.to_owned()))
    }

    /// The text with the entry `old` under the name `new` and asking for `spec`.
    fn rename(&self, old: &str, new: &str, spec: &str) -> Option<String> {
        let (root, _) = members(&self.text, self.text.find('{')?)?;
        let sections = root.iter().filter(|member| SECTIONS.contains(&member.key.as_str()));
        for section in sections {
            let Some((entries, _)) = members(&self.text, section.value_at.start) else { continue };
            let Some(entry) = entries.into_iter().find(|entry| entry.key == old) else { continue };
            let written = self.text.get(entry.value_at.clone())?;
            // A path that the author wrote stays.
            let kept = written.starts_with("\"file:") || written.starts_with("\"link:");
            let value =
                if kept && old != new { written.to_owned() } else { Json::from(spec).to_string() };
            let text = replace_at(&self.text, entry.value_at.start, written, &value)?;
            return replace_at(&text, entry.key_at.start, old, new);
        }
        None
    }

    fn remedy(
        &self,
        after: Option<String>,
        summary: String,
        reason: String,
        adds_dependency: bool,
    ) -> Answer {
        let after = after.ok_or_else(|| format!("`{}` has a form not known here", self.path))?;
        Ok(Remedy {
            recipe: "declare_dependency",
            summary,
            changes: vec![FileChange { path: self.path.clone(), before: self.text.clone(), after }],
            adds_dependency,
            reasons: vec![reason],
        })
    }
}

fn manifests(files: &ProjectFiles) -> Vec<String> {
    files
        .paths()
        .filter(|path| path.rsplit('/').next() == Some("package.json"))
        .filter(|path| !path.split('/').any(|part| part == "node_modules"))
        .take(MANIFESTS_LIMIT)
        .map(str::to_owned)
        .collect()
}

/// What in the project names a package, and what to ask for.
struct Proof {
    spec: String,
    reason: String,
}

async fn proof_of(
    files: &ProjectFiles,
    manifest: &Manifest,
    package: &str,
) -> Result<Option<Proof>> {
    let folder = folder_of(&manifest.path);
    // A folder of the project that is this package.
    for path in manifests(files) {
        let Some(other) = Manifest::read(files, &path).await? else { continue };
        if other.path == manifest.path || other.json["name"].as_str() != Some(package) {
            continue;
        }
        let place = folder_of(&other.path);
        let spec = if manifest.json["workspaces"].is_null() {
            format!("file:{}", relative_to(folder, place).trim_start_matches("./"))
        } else {
            "*".into()
        };
        return Ok(Some(Proof { spec, reason: format!("the folder `{place}` is this package") }));
    }
    for lock_folder in [folder, ""] {
        let path = join(lock_folder, "package-lock.json");
        let Some(text) = files.read(&path).await? else { continue };
        let Ok(lock) = serde_json::from_str::<Json>(&text) else { continue };
        let own = &lock["packages"][folder];
        let spec = SECTIONS.iter().find_map(|section| own[*section][package].as_str());
        let locked = || {
            let entry = &lock["packages"][format!("node_modules/{package}")];
            let version =
                entry["version"].as_str().or(lock["dependencies"][package]["version"].as_str());
            version.filter(|version| is_version(version)).map(|version| format!("^{version}"))
        };
        if let Some(spec) = spec.map(str::to_owned).or_else(locked) {
            return Ok(Some(Proof { spec, reason: format!("`{path}` names it") }));
        }
    }
    for path in manifests(files) {
        let Some(other) = Manifest::read(files, &path).await? else { continue };
        if other.path == manifest.path {
            continue;
        }
        if let Some(spec) = other.spec(package).filter(|spec| !spec.contains(':')) {
            let reason = format!("`{path}` declares it");
            return Ok(Some(Proof { spec: spec.to_owned(), reason }));
        }
    }
    let path = join(folder, &format!("node_modules/{package}/package.json"));
    let text = match files.read(&path).await? {
        Some(text) => Some(text),
        None => files.read_installed(&path).await,
    };
    let installed = text.and_then(|text| serde_json::from_str::<Json>(&text).ok());
    Ok(installed.and_then(|json| {
        let version = json["version"].as_str().filter(|version| is_version(version))?;
        (json["name"].as_str() == Some(package)).then(|| Proof {
            spec: format!("^{version}"),
            reason: format!("`{path}` is installed"),
        })
    }))
}

fn is_version(text: &str) -> bool {
    text.len() <= 60
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
}

/// Every package that the project itself names.
async fn proven_names(files: &ProjectFiles) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for path in manifests(files) {
        let Some(manifest) = Manifest::read(files, &path).await? else { continue };
        names.extend(manifest.json["name"].as_str().map(str::to_owned));
    }
    if let Some(text) = files.read("package-lock.json").await?
        && let Ok(lock) = serde_json::from_str::<Json>(&text)
        && let Some(packages) = lock["packages"].as_object()
    {
        let locked = packages.keys().filter_map(|key| key.strip_prefix("node_modules/"));
        names.extend(locked.filter(|name| !name.contains("node_modules/")).map(str::to_owned));
    }
    for name in files.list_installed("node_modules").await {
        if name.starts_with('@') {
            let inner = files.list_installed(&format!("node_modules/{name}")).await;
            names.extend(inner.into_iter().map(|inner| format!("{name}/{inner}")));
        } else if !name.starts_with('.') {
            names.push(name);
        }
    }
    Ok(names)
}

/// The packages that the project's sources import.
async fn imported_packages(files: &ProjectFiles) -> Result<Vec<String>> {
    let sources: Vec<_> = files
        .paths()
        .filter(|path| !path.split('/').any(|part| matches!(part, "node_modules" | "vendor")))
        .filter(|path| {
            let ending = path.rsplit('.').next().unwrap_or_default();
            ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts"].contains(&ending)
        })
        .take(SOURCES_LIMIT)
        .map(str::to_owned)
        .collect();
    let mut names = Vec::new();
    for path in sources {
        let Some(source) = files.read(&path).await? else { continue };
        let bare = script::imports(&source)
            .into_iter()
            .filter(|import| {
                super::is_bare(import.specifier) && !import.specifier.starts_with("node:")
            })
            .map(|import| package_of(import.specifier));
        names.extend(bare);
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_what_stands_before_its_inner_path() {
        for (specifier, package) in
            [("lodash/fp", "lodash"), ("@a/b/c", "@a/b"), ("react", "react"), ("@a", "@a")]
        {
            assert_eq!(package_of(specifier), package);
        }
    }

    #[test]
    fn a_version_from_a_file_is_a_version_or_nothing() {
        assert!(is_version("1.2.3-beta.1+x"));
        for text in ["", "latest", "1.0.0 || git+https://x", "1\"}", "^1"] {
            assert!(!is_version(text), "{text}");
        }
    }

    #[test]
    fn an_entry_is_renamed_where_it_stands() {
        let text = "{\n  \"dependencies\": {\n    \"tinylb\": \"file:vendor/tinylib\",\n    \"x\": \"1\"\n  }\n}\n";
        let manifest = Manifest {
            path: "package.json".into(),
            text: text.into(),
            json: serde_json::from_str(text).unwrap(),
        };
        let renamed = manifest.rename("tinylb", "tinylib", "^9").unwrap();
        assert_eq!(renamed, text.replace("tinylb\"", "tinylib\""));
        assert_eq!(manifest.rename("x", "x", "^2").unwrap(), text.replace("\"1\"", "\"^2\""));
        assert_eq!(manifest.rename("none", "x", "1"), None);
    }
}
