//! Names for the texts of documents on a disk. A document's path came from anywhere: it never leads
//! out of the folder, means no device, and takes no other document's place.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    path::Path,
};

use serde_json::{Map, Value as Json};

use super::export::{create, make_folder};

/// What was given out so far.
#[derive(Default)]
pub(super) struct DocumentFiles {
    /// Lower case: some disks tell `A` and `a` apart and some do not.
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    /// The folder of each project.
    projects: BTreeMap<String, String>,
}

/// So many folders deep, at most.
const DEEPEST: usize = 8;
/// So many bytes a name, at most.
const LONGEST: usize = 80;

impl DocumentFiles {
    /// Takes the text out of the row and writes it; tells the file's name in the folder.
    pub(super) fn write(
        &mut self,
        folder: &Path,
        row: &mut Map<String, Json>,
    ) -> io::Result<String> {
        let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let (path, id, media) = (text("source_key"), text("id"), text("media_type"));
        let level = match row.get("project_id").and_then(Json::as_str) {
            None => "own".to_owned(),
            Some(project) => {
                let count = self.projects.len() + 1;
                let made = || format!("project-{count}");
                self.projects.entry(project.to_owned()).or_insert_with(made).clone()
            }
        };
        let mut parts = vec!["documents".to_owned(), level];
        parts.extend(self.name(&parts, &path, &id, media.starts_with("text/")));
        let mut at = folder.to_owned();
        for part in parts.iter().take(parts.len() - 1) {
            at.push(part);
            make_folder(&at)?;
        }
        let mut file = create(&folder.join(parts.join("/")))?;
        let content = row.remove("text");
        file.write_all(content.as_ref().and_then(Json::as_str).unwrap_or_default().as_bytes())?;
        file.flush()?;
        Ok(parts.join("/"))
    }

    /// A name that is free, and whose folders are no files.
    fn name(&mut self, above: &[String], path: &str, id: &str, is_text: bool) -> Vec<String> {
        let mut parts = safe_parts(path);
        if let Some(last) = parts.last_mut().filter(|_| !is_text) {
            // The text that was read from it is no longer what its name says.
            last.push_str(".txt");
        }
        let folded = |parts: &[String]| [above, parts].concat().join("/").to_lowercase();
        let is_free = |parts: &[String]| {
            let whole = folded(parts);
            !parts.is_empty()
                && !self.files.contains(&whole)
                && !self.folders.contains(&whole)
                && (1..parts.len()).all(|deep| !self.files.contains(&folded(&parts[..deep])))
        };
        if !is_free(&parts) {
            parts = vec![format!("document-{id}.txt")];
        }
        self.files.insert(folded(&parts));
        for deep in 1..parts.len() {
            self.folders.insert(folded(&parts[..deep]));
        }
        parts
    }
}

/// The parts of a path that can be names on every system.
fn safe_parts(path: &str) -> Vec<String> {
    let parts: Vec<String> = path.split(['/', '\\']).filter_map(safe_name).collect();
    // What is deepest names the document.
    parts[parts.len().saturating_sub(DEEPEST)..].to_vec()
}

fn safe_name(part: &str) -> Option<String> {
    let is_plain =
        |c: char| !c.is_control() && !matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let mut name: String = part.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let kept = (0..=LONGEST.min(name.len())).rev().find(|at| name.is_char_boundary(*at));
    name.truncate(kept.unwrap_or(0));
    // Leading dots hide a file, and Windows drops trailing dots and spaces.
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() {
        return None;
    }
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.ends_with(|c: char| c.is_ascii_digit()));
    Some(if is_device { format!("_{name}") } else { name.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_path_leads_out_of_the_folder(path in r"[./\\a-c:\x00 ~]{0,40}|.*") {
            let parts = safe_parts(&path);
            prop_assert!(parts.len() <= DEEPEST);
            for part in &parts {
                let mut components = Path::new(part).components();
                prop_assert!(matches!(components.next(), Some(Component::Normal(_))));
                prop_assert!(components.next().is_none());
                prop_assert!(part.len() <= LONGEST + 1 && !part.contains(['/', '\\', '\0', ':']));
            }
        }

        #[test]
        fn no_two_documents_get_one_name_and_no_file_is_anothers_folder(
            paths in prop::collection::vec("[aA/.]{0,6}", 1..20),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut files = DocumentFiles::default();
            for (number, path) in paths.iter().enumerate() {
                let mut row = Map::new();
                for (name, value) in [("source_key", path.clone()), ("id", number.to_string()),
                    ("media_type", "text/plain".to_owned()), ("text", number.to_string())]
                {
                    row.insert(name.to_owned(), value.into());
                }
                // A file that is there is never written over, so a name given twice would fail.
                let name = files.write(folder.path(), &mut row).unwrap();
                let read = std::fs::read_to_string(folder.path().join(name)).unwrap();
                prop_assert_eq!(read, number.to_string());
            }
        }
    }

    #[test]
    fn a_path_keeps_its_words_and_loses_what_is_dangerous() {
        for (path, expected) in [
            ("guide/refunds.md", "guide/refunds.md"),
            ("../../etc/passwd", "etc/passwd"),
            ("/abs/olute", "abs/olute"),
            ("C:\\Windows\\con.txt", "C_/Windows/_con.txt"),
            ("a/./b/../c", "a/b/c"),
            ("…/é漢😀.md", "…/é漢😀.md"),
            (".hidden", "hidden"),
            ("..", ""),
        ] {
            assert_eq!(safe_parts(path).join("/"), expected);
        }
    }
}
