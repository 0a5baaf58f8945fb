//! Imports, exports and resolution of JavaScript and TypeScript, as far as recipes need them.

use crate::{
    error::Result,
    healer::{
        files::{ProjectFiles, folder_of, join, normalise},
        text::{is_word, leading_word},
    },
};

/// What a module's file may end with when an import leaves it out, in the order of resolution.
pub(super) const EXTENSIONS: &[&str] =
    &["ts", "tsx", "d.ts", "js", "jsx", "mjs", "cjs", "mts", "cts", "json", "vue", "svelte", "css"];

/// A specifier in a source file.
pub(super) struct Import<'a> {
    /// Where it begins, in bytes, after the quote.
    pub(super) at: usize,
    /// As it is written.
    pub(super) specifier: &'a str,
}

/// The specifiers that a source file imports from.
pub(super) fn imports(source: &str) -> Vec<Import<'_>> {
    let mut found = Vec::new();
    let mut begin = 0;
    for line in source.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if !(trimmed.starts_with("//") || trimmed.starts_with('*')) {
            imports_of_line(line, begin, &mut found);
        }
        begin += line.len();
    }
    found
}

fn imports_of_line<'a>(line: &'a str, begin: usize, found: &mut Vec<Import<'a>>) {
    let mut from = 0;
    while let Some(open) = line.get(from..).and_then(|rest| rest.find(['"', '\'', '`'])) {
        let open = from + open;
        let Some(rest) = line.get(open..) else { return };
        let quote = rest.chars().next().unwrap_or('"');
        let Some(length) = rest.get(1..).and_then(|inside| inside.find(quote)) else { return };
        let specifier = rest.get(1..1 + length).unwrap_or_default();
        let before = line.get(..open).unwrap_or_default().trim_end();
        let before = before.strip_suffix('(').map_or(before, str::trim_end);
        let introduced = ["from", "import", "require", "require.resolve"].iter().any(|keyword| {
            before.strip_suffix(keyword).is_some_and(|rest| !rest.ends_with(is_word))
        });
        if introduced && !specifier.is_empty() {
            found.push(Import { at: begin + open + 1, specifier });
        }
        from = open + length + 2;
    }
}

/// The file that a resolved path means, with the endings that may be left out.
pub(super) fn file_of<'a>(files: &'a ProjectFiles, path: &str) -> Option<&'a str> {
    let direct = (files.contains(path)).then(|| path.to_owned());
    let guesses = EXTENSIONS.iter().flat_map(|extension| {
        [format!("{path}.{extension}"), join(path, &format!("index.{extension}"))]
    });
    let found = direct.into_iter().chain(guesses).find(|guess| files.contains(guess))?;
    files.locate(&found)
}

/// How the project writes paths from its top, such as `@/`, and where they lead.
pub(super) struct Alias {
    /// What the specifier begins with.
    pub(super) prefix: String,
    /// The folder it stands for, `""` for the top.
    pub(super) folder: String,
}

/// The aliases of `tsconfig.json` or `jsconfig.json` nearest to the importing file.
pub(super) async fn aliases(files: &ProjectFiles, importer: &str) -> Result<Vec<Alias>> {
    let mut folder = folder_of(importer);
    loop {
        for name in ["tsconfig.json", "jsconfig.json"] {
            if let Some(text) = files.read(&join(folder, name)).await? {
                return Ok(aliases_of(&text, folder));
            }
        }
        if folder.is_empty() {
            return Ok(Vec::new());
        }
        folder = folder_of(folder);
    }
}

fn aliases_of(text: &str, folder: &str) -> Vec<Alias> {
    let Ok(settings) = serde_json::from_str::<serde_json::Value>(&without_comments(text)) else {
        return Vec::new();
    };
    let options = &settings["compilerOptions"];
    let base = options["baseUrl"].as_str().unwrap_or(".");
    let Some(paths) = options["paths"].as_object() else { return Vec::new() };
    let alias = |(pattern, targets): (&String, &serde_json::Value)| {
        let prefix = pattern.strip_suffix('*')?;
        // Of several places the first is the one that is looked at first.
        let target = targets.as_array()?.first()?.as_str()?.strip_suffix('*')?;
        let folder = normalise(&join(folder, &format!("{base}/{target}")))?;
        Some(Alias { prefix: prefix.to_owned(), folder })
    };
    paths.iter().filter_map(alias).collect()
}

/// JSON without `//` and `/* */` comments and without commas before a closing bracket.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut in_string = false;
    while let Some(character) = characters.next() {
        match (in_string, character) {
            (true, '\\') => {
                out.push('\\');
                out.extend(characters.next());
            }
            (_, '"') => {
                in_string = !in_string;
                out.push('"');
            }
            (false, '/') if characters.peek() == Some(&'/') => {
                for next in characters.by_ref() {
                    if next == '\n' {
                        break;
                    }
                }
            }
            (false, '/') if characters.peek() == Some(&'*') => {
                let mut star = false;
                for next in characters.by_ref() {
                    if star && next == '/' {
                        break;
                    }
                    star = next == '*';
                }
            }
            (false, ']' | '}') => {
                let kept = out.trim_end().trim_end_matches(',').len();
                out.truncate(kept);
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

/// Where a specifier leads: a path from the top, whether or not there is a file.
pub(super) fn resolve(importer: &str, specifier: &str, aliases: &[Alias]) -> Option<String> {
    if specifier.starts_with('.') {
        return normalise(&join(folder_of(importer), specifier));
    }
    aliases.iter().find_map(|alias| {
        let rest = specifier.strip_prefix(&alias.prefix)?;
        normalise(&join(&alias.folder, rest))
    })
}

/// The names that a module exports, as far as its text says so.
pub(super) fn exports(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in source.match_indices("export") {
        let rest = source.get(at + 6..).unwrap_or_default();
        let before = source.get(..at).and_then(|before| before.chars().next_back());
        if before.is_some_and(is_word) || rest.starts_with(is_word) {
            continue;
        }
        let rest = rest.trim_start();
        if let Some((inside, _)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            for item in inside.split(',') {
                let name = item.rsplit(" as ").next().unwrap_or(item).trim();
                names.push(leading_word(name.trim_start_matches("type ")).to_owned());
            }
            continue;
        }
        let mut words = rest.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "default" => names.push("default".into()),
                "async" | "declare" | "abstract" => {}
                "function" | "function*" | "class" | "const" | "let" | "var" | "interface"
                | "type" | "enum" | "namespace" => {
                    let name = words.next().unwrap_or_default().trim_start_matches('*');
                    names.push(leading_word(name).to_owned());
                    break;
                }
                _ => break,
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_import_is_seen_and_nothing_else() {
        let source = "import a from './a';\nimport {\n  b,\n} from \"./b\"\nconst c = require('./c')\nawait import(`./d`)\nimport './e.css'\nexport * from './f'\n// import g from './g'\nconst text = 'not an import'\nconsole.log('from', './h')\n";
        let found: Vec<_> = imports(source).into_iter().map(|found| found.specifier).collect();
        assert_eq!(found, ["./a", "./b", "./c", "./d", "./e.css", "./f"]);
        for found in imports(source) {
            assert!(source[found.at..].starts_with(found.specifier));
        }
    }

    #[test]
    fn every_form_of_export_is_seen() {
        let source = "export const a = 1; export default function f() {}\nexport async function g() {}\nexport { h, i as j, type K };\nexport type L = 1\nexport class M {}\nconst exported = 2";
        assert_eq!(exports(source), ["K", "L", "M", "a", "default", "f", "g", "h", "j"]);
    }

    #[test]
    fn aliases_are_read_from_settings_with_comments() {
        let text = "{ // a\n \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \"@/*\": [\"./src/*\"], }, /* b */ } }";
        let found = aliases_of(text, "");
        assert_eq!((found[0].prefix.as_str(), found[0].folder.as_str()), ("@/", "src"));
        assert_eq!(resolve("app/page.tsx", "@/lib/db", &found), Some("src/lib/db".into()));
        assert_eq!(resolve("app/page.tsx", "@/../../etc", &found), None);
    }

    proptest! {
        #[test]
        fn any_source_is_read_without_a_panic(source in any::<String>(), parts in prop::collection::vec(prop::sample::select(vec![
            "import ", "from", "'", "\"", "`", "export ", "{", "}", "as", "(", "\n", "é", "/*", "//", ",", "default "]), 0..30)) {
            let source = parts.concat() + &source;
            let _ = (exports(&source), aliases_of(&source, ""));
            for found in imports(&source) {
                prop_assert!(source[found.at..].starts_with(found.specifier));
            }
        }
    }
}
