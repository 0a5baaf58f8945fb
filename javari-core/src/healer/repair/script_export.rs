//! A misspelt name in an import of JavaScript or TypeScript.

use super::{Answer, FileChange, Remedy, script, the_one};
use crate::{
    error::Result,
    healer::{
        Finding,
        files::ProjectFiles,
        near::nearest,
        text::{places_of, replace_at},
    },
};

pub(super) async fn mend(files: &ProjectFiles, finding: &Finding) -> Result<Answer> {
    let wanted = finding.name.as_deref().unwrap_or_default();
    let Some(importer) = finding.file.as_deref().and_then(|stated| files.locate(stated)) else {
        return Ok(Err("the log names no file of the project that imports it".into()));
    };
    let Some(source) = files.read(importer).await? else {
        return Ok(Err(format!("`{importer}` cannot be read as text")));
    };
    let aliases = script::aliases(files, importer).await?;
    let module = script::resolve(importer, &finding.subject, &aliases)
        .and_then(|target| script::file_of(files, &target));
    let Some(module) = module else {
        return Ok(Err(format!("`{}` is not a file of the project", finding.subject)));
    };
    let Some(text) = files.read(module).await? else {
        return Ok(Err(format!("`{module}` cannot be read as text")));
    };
    let exports = script::exports(&text);
    let near =
        nearest(wanted, exports.iter().map(String::as_str).filter(|name| *name != "default"));
    let (name, reason) = match the_one(near, "the export", wanted) {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let Some(after) = rename(&source, &finding.subject, wanted, name) else {
        return Ok(Err(format!(
            "the import of `{wanted}` in `{importer}` has a form not known here"
        )));
    };
    Ok(Ok(Remedy {
        recipe: "export_name",
        summary: format!("import `{name}` instead of `{wanted}` in `{importer}`"),
        changes: vec![FileChange { path: importer.to_owned(), before: source, after }],
        adds_dependency: false,
        reasons: vec![format!("{reason} in `{module}`")],
    }))
}

/// The source with `old` in the braces of the one import from `specifier` replaced by `new`; where
/// the rest of the file uses the old name it goes on under that name.
fn rename(source: &str, specifier: &str, old: &str, new: &str) -> Option<String> {
    let imports = script::imports(source);
    let candidates: Vec<_> = imports
        .iter()
        .filter(|import| import.specifier == specifier)
        .filter_map(|import| {
            let before = source.get(..import.at)?;
            let open = before.rfind('{')?;
            let close = before.rfind('}').filter(|close| *close > open)?;
            let inside = source.get(open..close)?;
            let places = places_of(inside, old);
            (places.len() == 1).then(|| (open + places.first().copied().unwrap_or_default(), close))
        })
        .collect();
    let [(at, close)] = candidates[..] else { return None };
    let rest = source.get(at + old.len()..close)?.trim_start();
    let renamed_already = rest.starts_with("as ");
    let used = places_of(source, old).len() > 1;
    let text = if used && !renamed_already { format!("{new} as {old}") } else { new.to_owned() };
    replace_at(source, at, old, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_name_changes_and_uses_of_the_old_one_go_on() {
        let source = "import { a, buton } from './b';\nimport { buton as c } from './other';\n";
        assert!(
            rename(source, "./b", "buton", "button").unwrap().contains("{ a, button as buton }")
        );
        let source = "import {\n  buton,\n} from './b';\nbutton();\n";
        assert_eq!(
            rename(source, "./b", "buton", "button").unwrap(),
            "import {\n  button,\n} from './b';\nbutton();\n"
        );
        let source = "import { buton as x } from './b';\nbuton;\n";
        assert!(rename(source, "./b", "buton", "button").unwrap().contains("{ button as x }"));
        assert_eq!(rename("import buton from './b'", "./b", "buton", "button"), None);
    }
}
