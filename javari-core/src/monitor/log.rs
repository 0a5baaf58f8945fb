//! Makes an output of a program safe to keep and to show: no control codes, no secrets.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::secret::Secret;

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// The text without terminal control sequences (ECMA-48) and other control characters.
///
/// A lone carriage return is a line that was written over, so what came before it goes.
pub(crate) fn strip_controls(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut line_start = 0;
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => match characters.next() {
                // CSI: parameters and intermediates up to a final byte.
                Some('[') => {
                    for next in characters.by_ref() {
                        if ('\u{40}'..='\u{7e}').contains(&next) || next == '\n' {
                            break;
                        }
                    }
                }
                // OSC and other strings end with BEL or ESC \.
                Some(']' | 'P' | '_' | '^' | 'X') => {
                    let mut escaped = false;
                    for next in characters.by_ref() {
                        if next == '\u{7}' || next == '\n' || (escaped && next == '\\') {
                            break;
                        }
                        escaped = next == '\u{1b}';
                    }
                }
                _ => {}
            },
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => plain.truncate(line_start),
            '\n' => {
                plain.push('\n');
                line_start = plain.len();
            }
            '\t' => plain.push('\t'),
            other if other.is_control() => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The stripped text without the given values, as they are and as stripping leaves them.
pub(crate) fn redact_values(text: &str, values: &[Secret]) -> String {
    let mut redacted = text.to_owned();
    // Exposed to look for it only.
    for value in values.iter().map(Secret::expose) {
        let stripped = Zeroizing::new(strip_controls(value));
        for form in [value, stripped.as_str()] {
            // A value of a few characters would blank out ordinary words.
            if form.len() >= 6 {
                redacted = redacted.replace(form, REDACTED);
            }
        }
    }
    redacted
}

/// The text without what looks like a secret: known token forms, `password=…`, `user:pass@` in an
/// address, `Bearer …` and private keys.
pub(crate) fn redact(text: &str) -> String {
    let mut in_key = false;
    let mut redacted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let begins = line.contains("-----BEGIN ") && line.contains("PRIVATE KEY");
        let ends = line.contains("-----END ");
        if begins || in_key {
            if begins {
                redacted.push_str(REDACTED);
                redacted.push('\n');
            }
            in_key = !ends;
            continue;
        }
        redacted.push_str(&redact_line(line));
    }
    redacted
}

/// The beginnings of tokens and how many characters at least follow.
const TOKEN_FORMS: &[(&str, usize)] = &[
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("npm_", 30),
    ("pypi-", 30),
    ("sk-", 16),
    ("sk_live_", 10),
    ("rk_live_", 10),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xapp-", 10),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("hf_", 20),
    ("eyJ", 30),
];

/// Names after which a value is a secret.
const SECRET_NAMES: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "private_key",
    "authorization",
    "credential",
];

fn redact_line(line: &str) -> Cow<'_, str> {
    let mut current = Cow::Borrowed(line);
    for (prefix, minimum) in TOKEN_FORMS {
        if current.contains(prefix) {
            current = Cow::Owned(redact_form(&current, prefix, *minimum));
        }
    }
    if current.contains("://") && current.contains('@') {
        current = Cow::Owned(redact_user_info(&current));
    }
    let lower = current.to_ascii_lowercase();
    if lower.contains("bearer ") || SECRET_NAMES.iter().any(|name| lower.contains(name)) {
        current = Cow::Owned(redact_assignments(&current));
    }
    current
}

fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | '/' | '=')
}

fn redact_form(line: &str, prefix: &str, minimum: usize) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(prefix) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let stands_alone = !before.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let length = found.find(|c| !is_token_character(c)).unwrap_or(found.len());
        if stands_alone && length >= prefix.len() + minimum {
            out.push_str(REDACTED);
            rest = found.get(length..).unwrap_or_default();
        } else {
            out.push_str(prefix);
            rest = found.get(prefix.len()..).unwrap_or_default();
        }
    }
    out + rest
}

fn redact_user_info(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, found) = rest.split_at(at + 3);
        out.push_str(before);
        let end = found
            .find(|c: char| {
                c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | ')')
            })
            .unwrap_or(found.len());
        let (authority, after) = found.split_at(end);
        match authority.rfind('@') {
            Some(at) => {
                out.push_str(REDACTED);
                out.push_str(authority.get(at..).unwrap_or_default());
            }
            None => out.push_str(authority),
        }
        rest = after;
    }
    out + rest
}

/// `NAME=value`, `"name": "value"` and `Bearer value`, where the name says that it is a secret.
fn redact_assignments(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    loop {
        let next = rest.find(['=', ':', ' ']);
        let Some(at) = next else { return out + rest };
        let (name, after) = rest.split_at(at);
        let separator = after.chars().next().unwrap_or(' ');
        let word = name.rsplit(|c: char| c.is_whitespace() || c == ',').next().unwrap_or(name);
        let lower = word.trim_matches(['"', '\'', '`', '{', '(', '[', '-']).to_ascii_lowercase();
        // `crate::token::Reader` is a path, not a value.
        let is_path = separator == ':' && after.starts_with("::");
        let names_secret = separator != ' '
            && !is_path
            && lower.len() <= 60
            && SECRET_NAMES.iter().any(|known| lower.ends_with(known) || lower.starts_with(known));
        let is_bearer = separator == ' ' && (lower == "bearer" || lower == "basic");
        out.push_str(name);
        out.push(separator);
        rest = after.get(separator.len_utf8()..).unwrap_or_default();
        if !names_secret && !is_bearer {
            continue;
        }
        let gap = rest.len() - rest.trim_start_matches([' ', '"', '\'', '=', '`']).len();
        let (quotes, value) = rest.split_at(gap);
        let end = value
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '}'))
            .unwrap_or(value.len());
        let scheme = value.get(..end).unwrap_or_default().to_ascii_lowercase();
        // `Authorization: Bearer x`: the scheme is no secret, the word after it is.
        if end < 4 || scheme == "bearer" || scheme == "basic" || value.starts_with(REDACTED) {
            continue;
        }
        out.push_str(quotes);
        out.push_str(REDACTED);
        rest = value.get(end..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colours_links_and_overwritten_progress_are_taken_out() {
        assert_eq!(strip_controls("\u{1b}[31;1mred\u{1b}[0m\n"), "red\n");
        assert_eq!(strip_controls("\u{1b}]8;;http://a\u{7}link\u{1b}]8;;\u{1b}\\ x"), "link x");
        assert_eq!(strip_controls("a\n10%\r50%\rdone\r\nb"), "a\ndone\nb");
    }

    #[test]
    fn secrets_in_their_usual_forms_are_taken_out() {
        for line in [
            "token ghp_planted0000000000000000000000000000 used",
            "OPENAI_API_KEY=planted-000-value",
            "Authorization: Bearer planted.000.value",
            "fetching https://user:planted000@example.com/x.git",
            r#"{"password": "planted000", "port": 1}"#,
            "//registry.example.com/:_authToken=planted000",
            "-----BEGIN RSA PRIVATE KEY-----\nplanted000\n-----END RSA PRIVATE KEY-----\n",
        ] {
            let shown = redact(line);
            assert!(!shown.contains("planted"), "{shown}");
            assert!(shown.contains(REDACTED), "{shown}");
        }
    }

    #[test]
    fn the_lines_that_a_diagnosis_needs_stay_as_they_are() {
        for line in [
            "Error: Cannot find module './tokens'",
            "ModuleNotFoundError: No module named 'secret_box'",
            "error[E0432]: unresolved import `crate::token::Reader`",
            "Module not found: Can't resolve '@/lib/password-field'",
            "    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)",
        ] {
            assert_eq!(redact(line), line);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_without_a_panic_and_no_control_character_is_left(text in any::<String>()) {
            let plain = redact(&strip_controls(&text));
            prop_assert!(plain.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
        }

        #[test]
        fn a_planted_token_never_survives_wherever_it_stands(before in "[ -~]{0,30}", after in "[ -~]{0,30}") {
            let text = format!("{before} ghp_abcdefghij0123456789ABCDEFGHIJ012345 {after}");
            prop_assert!(!redact(&text).contains("abcdefghij0123456789"));
        }
    }
}
