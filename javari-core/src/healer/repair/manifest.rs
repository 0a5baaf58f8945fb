//! Changes to manifests that keep every other character as its author wrote it.

/// Where a member of a JSON object stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) key: String,
    /// The key without its quotes, in bytes.
    pub(super) key_at: std::ops::Range<usize>,
    /// The whole value.
    pub(super) value_at: std::ops::Range<usize>,
}

/// The members of the object at the byte `open`, which is its `{`, and where its `}` is.
///
/// Nothing when the text is not JSON there. Keys with escapes are read as they are written.
pub(super) fn members(text: &str, open: usize) -> Option<(Vec<Member>, usize)> {
    let bytes = text.as_bytes();
    let skip = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        at
    };
    if bytes.get(open) != Some(&b'{') {
        return None;
    }
    let mut found = Vec::new();
    let mut at = skip(open + 1);
    if bytes.get(at) == Some(&b'}') {
        return Some((found, at));
    }
    loop {
        let end = string_end(bytes, at)?;
        let key_at = at + 1..end - 1;
        at = skip(end);
        if bytes.get(at) != Some(&b':') {
            return None;
        }
        let begin = skip(at + 1);
        let end = value_end(bytes, begin)?;
        let key = text.get(key_at.clone())?.to_owned();
        found.push(Member { key, key_at, value_at: begin..end });
        at = skip(end);
        match bytes.get(at)? {
            b',' => at = skip(at + 1),
            b'}' => return Some((found, at)),
            _ => return None,
        }
    }
}

fn string_end(bytes: &[u8], begin: usize) -> Option<usize> {
    if bytes.get(begin) != Some(&b'"') {
        return None;
    }
    let mut at = begin + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn value_end(bytes: &[u8], begin: usize) -> Option<usize> {
    let (mut at, mut depth) = (begin, 0_u32);
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth == 0 => break,
            b'}' | b']' => {
                depth -= 1;
                at += 1;
            }
            b',' if depth == 0 => break,
            byte if byte.is_ascii_whitespace() && depth == 0 => break,
            _ => at += 1,
        }
        if depth == 0 && matches!(bytes.get(at - 1), Some(b'"' | b'}' | b']')) {
            break;
        }
    }
    (at > begin).then_some(at)
}

/// The text of `package.json` with `"name": "spec"` added to its dependencies.
pub(super) fn add_npm_dependency(text: &str, name: &str, spec: &str) -> Option<String> {
    let open = text.find('{')?;
    let (root, root_end) = members(text, open)?;
    let entry = format!("{}: {}", quote(name), quote(spec));
    let insert =
        |at: usize, words: &str| Some(format!("{}{words}{}", text.get(..at)?, text.get(at..)?));
    let Some(section) = root.iter().find(|member| member.key == "dependencies") else {
        let indent = indent_of(text, root.first().map_or(open + 1, |first| first.key_at.start - 1));
        let inner = indent.repeat(2);
        let last = root.last()?;
        let line = if indent.is_empty() { " " } else { "\n" };
        let words =
            format!(",{line}{indent}\"dependencies\": {{{line}{inner}{entry}{line}{indent}}}");
        let _ = root_end;
        return insert(last.value_at.end, &words);
    };
    let (entries, end) = members(text, section.value_at.start)?;
    if entries.iter().any(|known| known.key == name) {
        return None;
    }
    match entries.last() {
        Some(last) => {
            let begin = last.key_at.start - 1;
            let indent = indent_of(text, begin);
            let line = if indent.is_empty() { " ".to_owned() } else { format!("\n{indent}") };
            insert(last.value_at.end, &format!(",{line}{entry}"))
        }
        None => {
            let indent = indent_of(text, section.key_at.start - 1);
            let line = if indent.is_empty() { " " } else { "\n" };
            let words = format!("{line}{}{entry}{line}{indent}", indent.repeat(2));
            Some(format!("{}{words}{}", text.get(..section.value_at.start + 1)?, text.get(end..)?))
        }
    }
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The white space between the beginning of the line and `at`, when nothing else stands there.
fn indent_of(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let first = !before.contains('\n');
    if first || !line.trim().is_empty() { String::new() } else { line.to_owned() }
}

/// A `key = value` line of a TOML file, with the section it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TomlLine<'a> {
    /// `dependencies`, `target.'cfg(unix)'.dependencies`, `dependencies.serde`.
    pub(super) section: &'a str,
    /// The key without quotes.
    pub(super) key: &'a str,
    /// What stands after `=`, without white space around it.
    pub(super) value: &'a str,
    /// Where the line begins, in bytes.
    pub(super) at: usize,
}

/// The lines `key = value` of a TOML text; values over several lines show their first line.
pub(super) fn toml_lines(text: &str) -> Vec<TomlLine<'_>> {
    let mut found = Vec::new();
    let (mut section, mut at) = ("", 0);
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if let Some(header) = trimmed.strip_prefix('[') {
            section = header.split(']').next().unwrap_or_default().trim_matches(['[', ' ']);
        } else if let Some((key, value)) = trimmed.split_once('=')
            && !trimmed.starts_with('#')
        {
            let key = key.trim().trim_matches(['"', '\'']);
            found.push(TomlLine { section, key, value: value.trim(), at });
        }
        at += line.len();
    }
    found
}

/// The text of `Cargo.toml` with `line` added to `[dependencies]`.
pub(super) fn add_cargo_dependency(text: &str, line: &str) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let header = lines.iter().position(|line| line.trim() == "[dependencies]");
    let Some(header) = header else {
        let gap = if text.ends_with("\n\n") || text.is_empty() {
            ""
        } else if text.ends_with('\n') {
            "\n"
        } else {
            "\n\n"
        };
        return format!("{text}{gap}[dependencies]\n{line}\n");
    };
    let end = lines
        .iter()
        .enumerate()
        .skip(header + 1)
        .find(|(_, line)| line.trim_start().starts_with('['))
        .map_or(lines.len(), |(number, _)| number);
    let last = (header..end)
        .rev()
        .find(|number| lines.get(*number).is_some_and(|line| !line.trim().is_empty()))
        .unwrap_or(header);
    lines.insert(last + 1, line);
    let text = lines.join("\n");
    if text.ends_with('\n') { text } else { text + "\n" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_dependency_is_added_in_the_manner_of_the_file() {
        for (before, after) in [
            (
                "{\n  \"name\": \"a\",\n  \"dependencies\": {\n    \"x\": \"1\"\n  }\n}\n",
                "{\n  \"name\": \"a\",\n  \"dependencies\": {\n    \"x\": \"1\",\n    \"left\": \"^2\"\n  }\n}\n",
            ),
            (
                "{\n\t\"name\": \"a\"\n}\n",
                "{\n\t\"name\": \"a\",\n\t\"dependencies\": {\n\t\t\"left\": \"^2\"\n\t}\n}\n",
            ),
            (
                "{\n  \"dependencies\": {}\n}",
                "{\n  \"dependencies\": {\n    \"left\": \"^2\"\n  }\n}",
            ),
            (
                "{\"name\":\"a\",\"dependencies\":{\"x\":\"1\"}}",
                "{\"name\":\"a\",\"dependencies\":{\"x\":\"1\", \"left\": \"^2\"}}",
            ),
        ] {
            assert_eq!(add_npm_dependency(before, "left", "^2").as_deref(), Some(after));
        }
        assert_eq!(add_npm_dependency("{\"dependencies\":{\"left\":\"1\"}}", "left", "2"), None);
        assert_eq!(add_npm_dependency("no json", "left", "2"), None);
    }

    #[test]
    fn a_cargo_dependency_stands_after_the_last_one() {
        let before = "[package]\nname = \"a\"\n\n[dependencies]\nx = \"1\"\n\n[profile.dev]\n";
        let after =
            "[package]\nname = \"a\"\n\n[dependencies]\nx = \"1\"\ny = \"2\"\n\n[profile.dev]\n";
        assert_eq!(add_cargo_dependency(before, "y = \"2\""), after);
        let after = "[package]\nname = \"a\"\n\n[dependencies]\ny = \"2\"\n";
        assert_eq!(add_cargo_dependency("[package]\nname = \"a\"\n", "y = \"2\""), after);
        let found = toml_lines(before);
        assert_eq!(
            (found[1].section, found[1].key, found[1].value),
            ("dependencies", "x", "\"1\"")
        );
    }

    proptest! {
        #[test]
        fn an_added_dependency_is_there_and_nothing_else_changed(
            names in prop::collection::btree_map("[a-z]{1,6}", "[0-9]{1,3}", 0..5),
            has_section: bool, pretty: bool, name in "[A-Z]{1,5}", spec in "[ -~]{0,8}",
        ) {
            let mut package = serde_json::json!({"name": "a", "scripts": {"build": "x \"{,}\""}});
            if has_section {
                package["dependencies"] = serde_json::json!(names);
            }
            let text = if pretty { serde_json::to_string_pretty(&package) } else { serde_json::to_string(&package) }.unwrap();
            let after = add_npm_dependency(&text, &name, &spec).unwrap();
            let after: serde_json::Value = serde_json::from_str(&after).unwrap();
            package["dependencies"][&name] = spec.into();
            prop_assert_eq!(after, package);
        }

        #[test]
        fn any_text_is_taken_without_a_panic(text in any::<String>(), parts in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", "\"", "\\", ":", ",", "dependencies", "\n", " ", "é", "="]), 0..30)) {
            let text = parts.concat() + &text;
            let _ = add_npm_dependency(&text, "a", "b");
            let _ = members(&text, 0);
            let _ = toml_lines(&text);
            let _ = add_cargo_dependency(&text, "a = 1");
        }
    }
}
