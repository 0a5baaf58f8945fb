//! An arrow goes to a lower floor only: never up, never sideways.

use crate::{SourceFile, behind_tests, files_in, library_sources, without_tests};

/// The floors of DESIGN, lowest first.
const FLOORS: &[&[&str]] = &[
    &["error"],
    &["types"],
    &["secret"],
    &["config", "telemetry", "models"],
    &["http", "storage"],
    &["cache", "limits"],
    &["audit"],
    &["vault", "tasks"],
    &[
        "accounts",
        "cost",
        "compliance",
        "conversations",
        "learning",
        "provider",
        "crawl",
        "platforms",
    ],
    &["router"],
    &["knowledge", "monitor"],
    &["chat", "agents", "healer"],
    &["client"],
    &["api"],
    &["host"],
];

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

/// The room a file belongs to: `vault` of `javari-core/src/vault/store.rs`.
fn room_of(path: &str) -> Option<&str> {
    path.strip_prefix("javari-core/src/")?.split_once('/').map(|(room, _)| room)
}

/// Every room that the code names by a `crate::` path, with the line.
fn named_rooms(code: &str) -> Vec<(String, usize)> {
    let mut named = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let line = code[..start].matches('\n').count() + 1;
        let line_start = code[..start].rfind('\n').map_or(0, |at| at + 1);
        if code[line_start..start].trim_start().starts_with("//") {
            continue;
        }
        let rest = &code[start + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            named.extend(first_words_of_group(group).into_iter().map(|word| (word, line)));
        } else {
            named.push((first_word(rest), line));
        }
    }
    named
}

/// The first word of each item of a `use` group, at its outermost depth.
fn first_words_of_group(group: &str) -> Vec<String> {
    let (mut words, mut depth, mut item) = (Vec::new(), 0, String::new());
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => words.push(first_word(std::mem::take(&mut item).trim())),
            _ if depth == 0 => item.push(letter),
            _ => {}
        }
    }
    words.push(first_word(item.trim()));
    words
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

fn arrows_that_do_not_go_down(file: &SourceFile) -> Vec<String> {
    let Some(room) = room_of(&file.path) else { return Vec::new() };
    let Some(floor) = floor_of(room) else { return Vec::new() };
    named_rooms(without_tests(&file.text))
        .into_iter()
        .filter(|(target, _)| target != room)
        .filter(|(target, _)| floor_of(target).is_some_and(|other| other >= floor))
        .map(|(target, line)| format!("{}:{line}: {room} names {target}", file.path))
        .collect()
}

#[test]
fn every_arrow_goes_to_a_lower_floor() {
    let files = library_sources();
    assert!(files.len() > 40, "only {} files were found", files.len());
    let faults: Vec<String> = files.iter().flat_map(arrows_that_do_not_go_down).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_stands_behind_the_tests_of_a_file_where_no_rule_would_see_it() {
    for file in library_sources() {
        let behind = behind_tests(&file.text);
        assert!(behind.is_empty(), "{}: behind its tests stands\n{behind}", file.path);
    }
    let hidden = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nuse crate::client::C;\n";
    assert_eq!(behind_tests(hidden), "use crate::client::C;");
}

#[test]
fn every_room_has_a_floor() {
    for file in files_in("javari-core/src", ".rs") {
        let Some(room) = room_of(&file.path) else { continue };
        let known = floor_of(room).is_some() || ["testkit", "bin"].contains(&room);
        assert!(known, "{}: the room `{room}` stands on no floor", file.path);
    }
}

#[test]
fn the_test_itself_finds_an_arrow_that_goes_up_or_sideways() {
    let file = |text: &str| SourceFile {
        path: "javari-core/src/storage/store.rs".to_owned(),
        text: text.to_owned(),
    };
    for text in [
        "use crate::vault::Vault;",
        "use crate::{error::Result, http::{Http, Trust}, types::UserId};",
        "fn a() { crate::client::x() }",
    ] {
        assert_eq!(arrows_that_do_not_go_down(&file(text)).len(), 1, "{text}");
    }
    assert!(
        arrows_that_do_not_go_down(&file("use crate::{error::Result, types::UserId};")).is_empty()
    );
}
