//! A misspelt or moved module, or a misspelt name, of a Python project.

use super::{Answer, FileChange, Remedy, requirements, the_one};
use crate::{
    error::Result,
    healer::{
        Finding,
        files::{ProjectFiles, folder_of},
        near::{Nearest, nearest},
        text::{is_word, leading_word, line_at, places_of, replace_at},
    },
};

pub(super) async fn missing_module(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let (importer, source) = match importer(files, finding).await? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let missing = &finding.subject;
    let modules = modules(files, &importer);
    if modules.iter().any(|module| module == missing) {
        return Ok(Err(format!("`{missing}` is a module of the project; the fault is another")));
    }
    // A distribution that the project names exactly is meant more than a module that is near.
    let declared = if missing.contains('.') {
        Err(format!("no module of the project is clearly meant by `{missing}`"))
    } else {
        requirements::declare(files, missing).await?
    };
    let refused = match declared {
        Ok(remedy) => return Ok(Ok(remedy)),
        Err(reason) => reason,
    };
    // Parts are compared each by itself, as those of a path.
    let (wanted, paths) = (missing.replace('.', "/"), slashed(&modules));
    let near = nearest(&wanted, paths.iter().map(String::as_str));
    let (found, reason) = match near {
        Nearest::None => match moved(&wanted, &paths) {
            Some(path) => {
                (path, format!("the only module of that name is `{}`", path.replace('/', ".")))
            }
            None => return Ok(Err(refused)),
        },
        near => match the_one(near, "the module", &wanted) {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        },
    };
    let found = found.replace('/', ".");
    let package = package_of(&importer);
    let number = finding.line.unwrap_or_default();
    let after = line_at(&source, number)
        .and_then(|(begin, line)| respell(&source, begin, line, &package, missing, &found));
    let Some(after) = after else {
        return Ok(Err(format!(
            "the import of `{missing}` in `{importer}` has a form not known here"
        )));
    };
    Ok(Ok(Remedy {
        recipe: "module_path",
        summary: format!("import `{found}` instead of `{missing}` in `{importer}`"),
        changes: vec![FileChange { path: importer, before: source, after }],
        adds_dependency: false,
        reasons: vec![reason],
    }))
}

pub(super) async fn missing_name(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let wanted = finding.name.as_deref().unwrap_or_default();
    let (importer, source) = match importer(files, finding).await? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let Some(file) = file_of(files, &importer, &finding.subject) else {
        return Ok(Err(format!("`{}` is not a module of the project", finding.subject)));
    };
    let Some(text) = files.read(&file).await? else {
        return Ok(Err(format!("`{file}` cannot be read as text")));
    };
    let names = definitions(&text);
    let near = nearest(wanted, names.iter().map(String::as_str));
    let (name, reason) = match the_one(near, "the name", wanted) {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let place = line_at(&source, finding.line.unwrap_or_default());
    let after = place.and_then(|(begin, _)| rename(&source, begin, wanted, name));
    let Some(after) = after else {
        return Ok(Err(format!(
            "the import of `{wanted}` in `{importer}` has a form not known here"
        )));
    };
    Ok(Ok(Remedy {
        recipe: "export_name",
        summary: format!("import `{name}` instead of `{wanted}` in `{importer}`"),
        changes: vec![FileChange { path: importer, before: source, after }],
        adds_dependency: false,
        reasons: vec![format!("{reason} in `{file}`")],
    }))
}

async fn importer(
    files: &ProjectFiles,
    finding: &Finding,
) -> Result<std::result::Result<(String, String), String>> {
    let Some(path) = finding.file.as_deref().and_then(|stated| files.locate(stated)) else {
        return Ok(Err("the log names no file of the project that imports it".into()));
    };
    Ok(match files.read(path).await? {
        Some(source) => Ok((path.to_owned(), source)),
        None => Err(format!("`{path}` cannot be read as text")),
    })
}

/// The folders that modules are looked for in: the top, `src` and the importer's own.
fn roots(importer: &str) -> [String; 3] {
    let folder = folder_of(importer);
    let own = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    [String::new(), "src/".into(), own]
}

/// The dotted names of the project's modules and packages, as the importer could write them.
fn modules(files: &ProjectFiles, importer: &str) -> Vec<String> {
    let mut names = Vec::new();
    for root in roots(importer) {
        for path in files.paths().filter(|path| *path != importer) {
            let Some(stem) = path.strip_prefix(&root).and_then(|path| path.strip_suffix(".py"))
            else {
                continue;
            };
            let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
            let parts: Vec<_> = stem.split('/').collect();
            if !parts.iter().all(|part| !part.is_empty() && part.chars().all(is_word)) {
                continue;
            }
            // Every folder above a module is a package, with or without `__init__.py`.
            names.extend((1..=parts.len()).filter_map(|count| Some(parts.get(..count)?.join("."))));
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn slashed(modules: &[String]) -> Vec<String> {
    modules.iter().map(|module| module.replace('.', "/")).collect()
}

/// The only module of the same last name in another place.
fn moved<'a>(wanted: &str, paths: &'a [String]) -> Option<&'a str> {
    let name = wanted.rsplit('/').next()?;
    if name.len() < 4 || matches!(name, "main" | "utils" | "types" | "test" | "tests" | "config") {
        return None;
    }
    // A bare name may be a distribution; a moved one is told by its package.
    if !wanted.contains('/') {
        return None;
    }
    let mut found = paths.iter().filter(|path| path.rsplit('/').next() == Some(name));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The dotted package that the file belongs to.
fn package_of(importer: &str) -> String {
    let folder = folder_of(importer);
    folder.strip_prefix("src/").unwrap_or(folder).replace('/', ".")
}

/// The source with the module of the import on this line respelt, and nothing else.
fn respell(
    source: &str,
    begin: usize,
    line: &str,
    package: &str,
    missing: &str,
    found: &str,
) -> Option<String> {
    let indent = line.len() - line.trim_start().len();
    let statement = line.get(indent..)?;
    if let Some(rest) = statement.strip_prefix("from ") {
        let at = indent + 5 + (rest.len() - rest.trim_start().len());
        let rest = rest.trim_start();
        let stated = rest.get(..rest.find(char::is_whitespace)?)?;
        let dots = stated.chars().take_while(|c| *c == '.').count();
        let absolute = if dots == 0 { stated.to_owned() } else { absolute(package, stated, dots)? };
        let tail = absolute.strip_prefix(missing)?;
        if !(tail.is_empty() || tail.starts_with('.')) {
            return None;
        }
        let mut new = format!("{found}{tail}");
        if dots > 0 {
            // It stays relative where the new module lies beside the old one.
            let base = absolute_base(package, dots)?;
            let inside = if base.is_empty() {
                Some(new.as_str())
            } else {
                new.strip_prefix(&base).and_then(|rest| rest.strip_prefix('.'))
            };
            if let Some(inside) = inside {
                new = ".".repeat(dots) + inside;
            }
        }
        return replace_at(source, begin + at, stated, &new);
    }
    let rest = statement.strip_prefix("import ")?;
    let places = places_of(rest, missing);
    let [place] = places[..] else { return None };
    let at = indent + 7 + place;
    let after = rest.get(place + missing.len()..)?;
    let begins = rest.get(..place)?.trim_end();
    if !(begins.is_empty() || begins.ends_with(',')) {
        return None;
    }
    let has_alias = after.trim_start().starts_with("as ");
    let ends = after.trim_start();
    if !(ends.is_empty() || ends.starts_with([',', '#', '\r']) || has_alias) {
        return None;
    }
    // What the rest of the file calls it, it goes on calling it.
    let used = places_of(source, missing).len() > 1;
    let new = match (used && !has_alias, missing.contains('.')) {
        (false, _) => found.to_owned(),
        (true, false) => format!("{found} as {missing}"),
        (true, true) => return None,
    };
    replace_at(source, begin + at, missing, &new)
}

/// The package that a relative import with this many dots begins from.
fn absolute_base(package: &str, dots: usize) -> Option<String> {
    let parts: Vec<_> = package.split('.').filter(|part| !part.is_empty()).collect();
    let kept = parts.len().checked_sub(dots - 1)?;
    Some(parts.get(..kept)?.join("."))
}

fn absolute(package: &str, stated: &str, dots: usize) -> Option<String> {
    let (base, rest) = (absolute_base(package, dots)?, stated.get(dots..)?);
    Some(if base.is_empty() { rest.to_owned() } else { format!("{base}.{rest}") })
}

fn file_of(files: &ProjectFiles, importer: &str, module: &str) -> Option<String> {
    let path = module.replace('.', "/");
    roots(importer)
        .iter()
        .flat_map(|root| [format!("{root}{path}.py"), format!("{root}{path}/__init__.py")])
        .find(|file| files.contains(file))
}

/// The names that a module defines at its outermost level.
fn definitions(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in source.lines().filter(|line| line.starts_with(is_word)) {
        let word = |rest: &str| leading_word(rest.trim_start()).to_owned();
        let rest = line.strip_prefix("async ").unwrap_or(line);
        if let Some(rest) = rest.strip_prefix("def ").or_else(|| rest.strip_prefix("class ")) {
            names.push(word(rest));
        } else if let Some((_, list)) =
            line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "))
        {
            names.extend(
                list.split(',').map(|item| word(item.rsplit(" as ").next().unwrap_or(item))),
            );
        } else {
            let name = leading_word(line);
            let after = line.get(name.len()..).unwrap_or_default().trim_start();
            let assigns =
                after.starts_with(':') || (after.starts_with('=') && !after.starts_with("=="));
            if assigns && !matches!(name, "else" | "try" | "finally") {
                names.push(name.to_owned());
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    names
}

/// The source with `old` in the import that begins at `begin` renamed.
fn rename(source: &str, begin: usize, old: &str, new: &str) -> Option<String> {
    let rest = source.get(begin..)?;
    let line_end = rest.find('\n').unwrap_or(rest.len());
    let first = rest.get(..line_end)?;
    let end = if first.contains('(') { rest.find(')')? } else { line_end };
    let import = rest.find(" import ").filter(|at| *at < end)? + 8;
    let inside = rest.get(import..end)?;
    let places = places_of(inside, old);
    let [place] = places[..] else { return None };
    let at = begin + import + place;
    let renamed_already = source.get(at + old.len()..)?.trim_start().starts_with("as ");
    let used = places_of(source, old).len() > 1;
    let text = if used && !renamed_already { format!("{new} as {old}") } else { new.to_owned() };
    replace_at(source, at, old, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respelt(source: &str, package: &str, missing: &str, found: &str) -> Option<String> {
        respell(source, 0, source.lines().next().unwrap(), package, missing, found)
    }

    #[test]
    fn each_form_of_import_is_respelt_in_its_own_way() {
        for (source, package, missing, found, after) in [
            ("from helpres import x\n", "", "helpres", "helpers", "from helpers import x\n"),
            ("from helpres.a import x\n", "", "helpres", "helpers", "from helpers.a import x\n"),
            (
                "from .helpres import x\n",
                "app",
                "app.helpres",
                "app.helpers",
                "from .helpers import x\n",
            ),
            (
                "from ..a.txet import x\n",
                "app.b",
                "app.a.txet",
                "app.a.text",
                "from ..a.text import x\n",
            ),
            (
                "import helpres\nhelpres.f()\n",
                "",
                "helpres",
                "helpers",
                "import helpers as helpres\nhelpres.f()\n",
            ),
            (
                "import helpres\nhelpers.f()\n",
                "",
                "helpres",
                "helpers",
                "import helpers\nhelpers.f()\n",
            ),
            ("import os, helpres as h\n", "", "helpres", "helpers", "import os, helpers as h\n"),
        ] {
            assert_eq!(respelt(source, package, missing, found).as_deref(), Some(after));
        }
        assert_eq!(respelt("import a.txet\na.txet.f()\n", "", "a.txet", "a.text"), None);
        assert_eq!(respelt("x = helpres\n", "", "helpres", "helpers"), None);
        assert_eq!(respelt("from .....helpres import x\n", "a", "helpres", "helpers"), None);
    }

    #[test]
    fn definitions_are_those_of_the_outermost_level() {
        let source = "from a import b as c, d\nX: int = 1\ndef f():\n    y = 2\nasync def g(): pass\nclass H: pass\nz = 3\nif X == 1:\n    q = 1\n";
        assert_eq!(definitions(source), ["H", "X", "c", "d", "f", "g", "z"]);
    }

    #[test]
    fn a_name_is_changed_in_its_import_only() {
        assert_eq!(
            rename("from m import (\n    a,\n    alhpa,\n)\nalhpa()\n", 0, "alhpa", "alpha")
                .unwrap(),
            "from m import (\n    a,\n    alpha as alhpa,\n)\nalhpa()\n"
        );
        assert_eq!(
            rename("from m import alhpa", 0, "alhpa", "alpha").unwrap(),
            "from m import alpha"
        );
        assert_eq!(rename("alhpa = 1", 0, "alhpa", "alpha"), None);
    }
}
