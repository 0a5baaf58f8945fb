//! Words and lines of Python source.

/// The longest line.
const WIDTH: usize = 100;

/// `credential_type` as `CredentialType`.
pub(super) fn pascal(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + letters.as_str()
            })
        })
        .collect()
}

/// A name that Python takes as one: a word of the language gets an underscore.
pub(super) fn identifier(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { format!("{}_", name.replace(['-', '.'], "_")) }
}

/// Whether Python takes the name as it is.
pub(super) fn is_plain(name: &str) -> bool {
    const WORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class",
        "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
        "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return",
        "try", "while", "with", "yield",
    ];
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(is_word)
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !WORDS.contains(&name)
}

/// The first paragraph of a description, as one line fit for a docstring.
pub(super) fn sentence(description: &str) -> String {
    let paragraph = description.split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace("[`", "`").replace("`]", "`").replace('\\', "\\\\").replace('"', "'")
}

/// `text` in lines that fit, the first after `first` characters of indent and the rest after `rest`.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> String {
    let mut lines = String::new();
    let mut column = first;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > first.max(rest) && column + 1 + length > WIDTH {
            lines.push('\n');
            lines.push_str(&" ".repeat(rest));
            column = rest;
        } else if column > first.min(rest) && !lines.is_empty() {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

/// A docstring at `indent` with its line end; nothing for an empty text.
pub(super) fn docstring(text: &str, indent: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    let spaces = " ".repeat(indent);
    // Three quotes stand before the text and three after it.
    if indent + text.chars().count() + 6 <= WIDTH {
        return format!("{spaces}\"\"\"{text}\"\"\"\n");
    }
    format!("{spaces}\"\"\"{}\n{spaces}\"\"\"\n", wrap(text, indent + 3, indent))
}

/// A string of Python.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `start` and `items` in brackets, on one line where it fits and else one item a line.
pub(super) fn bracketed(start: &str, items: &[String], end: &str) -> String {
    let line = format!("{start}{}{end}", items.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    format!("{start}\n    {},\n{end}", items.join(",\n    "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_language_are_not_names() {
        assert_eq!(identifier("from"), "from_");
        assert_eq!(identifier("type"), "type");
        assert_eq!(pascal("github_token"), "GithubToken");
    }

    #[test]
    fn no_line_of_a_docstring_is_too_long() {
        let text = docstring(&"word ".repeat(80), 8);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(docstring("Short.", 4), "    \"\"\"Short.\"\"\"\n");
    }
}
