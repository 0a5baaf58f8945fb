//! A misspelt module, name or crate of a Rust project.

use super::{Answer, FileChange, Remedy, cargo, the_one};
use crate::{
    error::Result,
    healer::{
        Finding,
        files::{ProjectFiles, folder_of, join},
        near::{Nearest, nearest},
        text::{leading_word, line_at, places_of, replace_at},
    },
};

/// A file that the log points at, read.
struct Place {
    path: String,
    source: String,
    /// Where its line begins, in bytes.
    begin: usize,
    line: String,
}

/// `use crate::confg::load`: the last segment of the stated path is not in the module before it.
pub(super) async fn missing_path(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let place = match place_of(files, finding).await? {
        Ok(place) => place,
        Err(reason) => return Ok(Err(reason)),
    };
    let segments: Vec<_> = finding.subject.split("::").collect();
    let Some((wanted, parents)) = segments.split_last() else {
        return Ok(Err("the log names no path".into()));
    };
    let Some(module) = module_file(files, &place.path, parents) else {
        let parent = parents.join("::");
        return Ok(Err(format!("`{parent}` is no module with a file of its own in the project")));
    };
    let Some(text) = files.read(&module).await? else {
        return Ok(Err(format!("`{module}` cannot be read as text")));
    };
    let items = items(&text);
    match the_one(nearest(wanted, items.iter().map(String::as_str)), "the item", wanted) {
        Ok((name, reason)) => {
            Ok(respell(place, wanted, name, "module_path", format!("{reason} in `{module}`")))
        }
        Err(reason) => Ok(Err(reason)),
    }
}

/// `mod confg;` where no file is called so.
pub(super) async fn missing_file(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let place = match place_of(files, finding).await? {
        Ok(place) => place,
        Err(reason) => return Ok(Err(reason)),
    };
    let wanted = &finding.subject;
    if places_of(&place.source, wanted).len() > 1 {
        return Ok(Err(format!("`{}` goes on to use the name `{wanted}`", place.path)));
    }
    let folder = own_folder(&place.path);
    let declared = items(&place.source);
    let names: Vec<_> =
        children(files, &folder).into_iter().filter(|name| !declared.contains(name)).collect();
    match the_one(nearest(wanted, names.iter().map(String::as_str)), "the module file", wanted) {
        Ok((name, reason)) => Ok(respell(place, wanted, name, "module_path", reason)),
        Err(reason) => Ok(Err(reason)),
    }
}

/// `use helper_lib::x` or `tinylib::f()`: a crate, or a module of the same file.
pub(super) async fn missing_crate(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let place = match place_of(files, finding).await? {
        Ok(place) => place,
        Err(reason) => return Ok(Err(reason)),
    };
    let wanted = &finding.subject;
    let refused = match cargo::declare(files, &place.path, wanted).await? {
        Ok(remedy) => return Ok(Ok(remedy)),
        Err(reason) => reason,
    };
    let mut names = items(&place.source);
    names.extend(cargo::declared(files, &place.path).await?);
    match nearest(wanted, names.iter().map(String::as_str)) {
        Nearest::None => Ok(Err(refused)),
        near => match the_one(near, "the module or crate", wanted) {
            Ok((name, reason)) => Ok(respell(place, wanted, name, "module_path", reason)),
            Err(reason) => Ok(Err(reason)),
        },
    }
}

async fn place_of(
    files: &ProjectFiles,
    finding: &Finding,
) -> Result<std::result::Result<Place, String>> {
    let Some(path) = finding.file.as_deref().and_then(|stated| files.locate(stated)) else {
        return Ok(Err("the log names no file of the project".into()));
    };
    let Some(source) = files.read(path).await? else {
        return Ok(Err(format!("`{path}` cannot be read as text")));
    };
    let Some((begin, line)) = line_at(&source, finding.line.unwrap_or_default()) else {
        return Ok(Err(format!("`{path}` has no such line as the log names")));
    };
    let line = line.to_owned();
    Ok(Ok(Place { path: path.to_owned(), source, begin, line }))
}

/// The one place of `old` on the line becomes `new`; where the rest of the file uses the name that
/// a `use` brings in, it goes on under that name.
fn respell(place: Place, old: &str, new: &str, recipe: &'static str, reason: String) -> Answer {
    let unknown = || format!("the use of `{old}` in `{}` has a form not known here", place.path);
    let places = places_of(&place.line, old);
    let [at] = places[..] else { return Err(unknown()) };
    let rest = place.line.get(at + old.len()..).unwrap_or_default().trim_start();
    let is_use = place.line.trim_start().trim_start_matches("pub ").starts_with("use ");
    let is_leaf = !rest.starts_with("::") && !rest.starts_with("as ");
    let used = places_of(&place.source, old).len() > 1;
    let text = if is_use && is_leaf && used { format!("{new} as {old}") } else { new.to_owned() };
    let after = replace_at(&place.source, place.begin + at, old, &text).ok_or_else(unknown)?;
    Ok(Remedy {
        recipe,
        summary: format!("write `{new}` instead of `{old}` in `{}`", place.path),
        changes: vec![FileChange { path: place.path, before: place.source, after }],
        adds_dependency: false,
        reasons: vec![reason],
    })
}

/// Whether a file's modules lie beside it.
fn is_root(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some("main.rs" | "lib.rs" | "mod.rs" | "build.rs"))
}

/// The folder in which the modules of a file lie.
fn own_folder(path: &str) -> String {
    if is_root(path) || !folder_of(path).contains("src") {
        return folder_of(path).to_owned();
    }
    path.strip_suffix(".rs").unwrap_or(path).to_owned()
}

/// The modules that have a file in `folder`.
fn children(files: &ProjectFiles, folder: &str) -> Vec<String> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut names: Vec<_> = files
        .paths()
        .filter_map(|path| path.strip_prefix(&prefix)?.strip_suffix(".rs"))
        .map(|stem| stem.strip_suffix("/mod").unwrap_or(stem))
        .filter(|stem| !stem.contains('/') && !matches!(*stem, "main" | "lib" | "mod" | "build"))
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The file of the module that `parents` names, seen from `importer`.
fn module_file(files: &ProjectFiles, importer: &str, parents: &[&str]) -> Option<String> {
    let mut file = importer.to_owned();
    for (number, segment) in parents.iter().enumerate() {
        file = match *segment {
            "crate" if number == 0 => crate_root(files, importer)?,
            "self" if number == 0 => file,
            "super" => parent_file(files, &file)?,
            name => {
                let folder = own_folder(&file);
                [format!("{name}.rs"), format!("{name}/mod.rs")]
                    .iter()
                    .map(|end| join(&folder, end))
                    .find(|path| files.contains(path))?
            }
        };
    }
    Some(file)
}

fn crate_root(files: &ProjectFiles, importer: &str) -> Option<String> {
    let mut folder = folder_of(importer);
    if matches!(importer.rsplit('/').next(), Some("main.rs" | "lib.rs")) {
        return Some(importer.to_owned());
    }
    loop {
        for name in ["lib.rs", "main.rs"] {
            let path = join(folder, name);
            if files.contains(&path) {
                return Some(path);
            }
        }
        if folder.is_empty() {
            // A file that is compiled by itself is its own root.
            return Some(importer.to_owned());
        }
        folder = folder_of(folder);
    }
}

fn parent_file(files: &ProjectFiles, file: &str) -> Option<String> {
    let folder = folder_of(file);
    let above = if file.ends_with("/mod.rs") { folder_of(folder) } else { folder };
    let named = if file.ends_with("/mod.rs") { String::new() } else { format!("{folder}.rs") };
    let guesses = ["mod.rs", "lib.rs", "main.rs"].map(|name| join(above, name));
    guesses.into_iter().chain([named]).find(|path| path != file && files.contains(path))
}

/// The names that a file defines or brings in at its outermost level.
fn items(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_i32;
    for line in source.lines() {
        let code = line.split("//").next().unwrap_or_default();
        if depth == 0 {
            item(code.trim(), &mut names);
        }
        for character in code.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn item(line: &str, names: &mut Vec<String>) {
    let mut rest = line;
    if let Some(after) = rest.strip_prefix("pub") {
        let after = after.trim_start();
        rest = match after.strip_prefix('(').and_then(|inside| inside.split_once(')')) {
            Some((_, after)) => after.trim_start(),
            None => after,
        };
    }
    for keyword in ["async ", "unsafe ", "default "] {
        rest = rest.strip_prefix(keyword).unwrap_or(rest);
    }
    if let Some(tree) = rest.strip_prefix("use ") {
        // Only what is brought in under one plain name.
        let leaf = tree.trim_end_matches(';').rsplit("::").next().unwrap_or_default();
        let name = leaf.rsplit(" as ").next().unwrap_or(leaf).trim();
        if !name.is_empty() && leading_word(name) == name {
            names.push(name.to_owned());
        }
        return;
    }
    let keywords = [
        "mod ",
        "fn ",
        "const fn ",
        "struct ",
        "enum ",
        "trait ",
        "type ",
        "const ",
        "static ",
        "union ",
        "macro_rules! ",
    ];
    if let Some(after) = keywords.iter().find_map(|keyword| rest.strip_prefix(keyword)) {
        let name = leading_word(after.trim_start());
        if !name.is_empty() && name != "_" {
            names.push(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(source: &str) -> Place {
        Place {
            path: "src/main.rs".into(),
            source: source.into(),
            begin: 0,
            line: source.lines().next().unwrap().into(),
        }
    }

    fn respelt(source: &str, old: &str, new: &str) -> Option<String> {
        let answer = respell(place(source), old, new, "r", String::new());
        answer.ok().map(|remedy| remedy.changes[0].after.clone())
    }

    #[test]
    fn a_use_is_respelt_and_uses_of_the_old_name_go_on() {
        for (source, old, new, after) in [
            ("use crate::confg::load;\n", "confg", "config", "use crate::config::load;\n"),
            (
                "use crate::config::lod;\nlod();\n",
                "lod",
                "load",
                "use crate::config::load as lod;\nlod();\n",
            ),
            (
                "use crate::config::lod;\nload();\n",
                "lod",
                "load",
                "use crate::config::load;\nload();\n",
            ),
            (
                "use crate::config::{lod, save};\n",
                "lod",
                "load",
                "use crate::config::{load, save};\n",
            ),
            ("    confg::load();\n", "confg", "config", "    config::load();\n"),
        ] {
            assert_eq!(respelt(source, old, new).as_deref(), Some(after));
        }
        assert_eq!(respelt("use a::lod; use b::lod;\n", "lod", "load"), None);
    }

    #[test]
    fn items_are_those_of_the_outermost_level() {
        let source = "pub mod a;\npub(crate) async fn b() {\n  fn inner() {}\n}\nuse x::c as d;\nuse y::{e, f};\nconst G: u8 = 1; // const H\nmacro_rules! i { () => {} }\npub const fn j() {}\n";
        assert_eq!(items(source), ["G", "a", "b", "d", "i", "j"]);
    }

    proptest! {
        #[test]
        fn any_source_is_read_without_a_panic(source in any::<String>()) {
            let _ = items(&source);
        }
    }
}
