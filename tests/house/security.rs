//! That what `docs/security.md` says is held by tests that are there, and that no fault of the seed is
//! left without an answer.

use std::collections::BTreeSet;

use crate::{files_in, root};

/// The faults that were found: four that changed the plan, and 74 others.
fn faults() -> Vec<String> {
    (1..=4).map(|number| format!("F{number}")).chain((1..=74).map(|it| it.to_string())).collect()
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/security.md")).unwrap()
}

/// The part of a page below a heading of the second level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, below) = page.split_once(&format!("## {heading}\n")).expect(heading);
    below.split_once("\n## ").map_or(below, |(section, _)| section)
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a name can only be a test's: five words or more, as no table, column or function has.
fn is_tests(name: &str) -> bool {
    name.split('_').count() >= 5
        && name.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
}

/// The functions of the workspace.
fn functions() -> BTreeSet<String> {
    let folders = ["javari-core/src", "javari-core/tests", "javari-ffi", "tests/house"];
    let files = folders.into_iter().flat_map(|folder| files_in(folder, ".rs"));
    let named = |line: &str| {
        let (_, name) = line.trim_start().split_once("fn ")?;
        Some(name.split(['(', '<']).next()?.to_owned())
    };
    files.flat_map(|file| file.text.lines().filter_map(named).collect::<Vec<_>>()).collect()
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let (page, functions) = (page(), functions());
    let named: Vec<&str> = quoted(&page).filter(|name| is_tests(name)).collect();
    assert!(named.len() > 100, "only {} tests are named", named.len());
    let missing: Vec<_> = named.iter().filter(|name| !functions.contains(**name)).collect();
    assert!(missing.is_empty(), "docs/security.md names tests that are not there: {missing:?}");
}

#[test]
fn every_promise_names_a_test() {
    let page = page();
    let promises: Vec<&str> = section(&page, "What is promised").split("\n- ").skip(1).collect();
    assert!(promises.len() > 15, "only {} promises were found", promises.len());
    for promise in promises {
        assert!(quoted(promise).any(is_tests), "this promise names no test: {promise}");
    }
}

#[test]
fn every_fault_of_the_seed_has_one_answer() {
    let page = page();
    let rows: Vec<Vec<&str>> = section(&page, "The seed's faults, each with its answer")
        .lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("| no.") && !line.contains("---")
        })
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let numbers: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(numbers, faults());
    for row in rows {
        let [number, what, answer] = row[..] else { panic!("{row:?} has not three cells") };
        assert!(!what.is_empty(), "{number} is not said");
        let has_reason = ["cannot occur", "not built yet", "not promised"];
        let is_answered =
            quoted(answer).any(is_tests) || has_reason.iter().any(|reason| answer.contains(reason));
        assert!(is_answered, "{number} has no answer: {answer}");
        // A test that bears a number is about that fault.
        for test in quoted(answer).filter(|name| name.starts_with("fault_")) {
            assert!(test.starts_with(&format!("fault_{number:0>2}_")), "{number} names {test}");
        }
    }
}

#[test]
fn every_test_that_bears_a_number_stands_in_the_list() {
    let page = page();
    let named: BTreeSet<&str> = quoted(&page).collect();
    let numbered = functions().into_iter().filter(|name| {
        name.strip_prefix("fault_")
            .is_some_and(|rest| rest.starts_with(|one: char| one.is_ascii_digit()))
    });
    let (mut missing, mut count) = (Vec::new(), 0);
    for test in numbered {
        count += 1;
        if !named.contains(test.as_str()) {
            missing.push(test);
        }
    }
    assert!(count > 10, "only {count} were found");
    assert_eq!(missing, Vec::<String>::new());
}

/// With one NULL among what is selected, `NOT IN` is never true.
#[test]
fn fault_08_no_statement_asks_not_in_of_a_select() {
    let files = ["rs", "sql"].map(|ending| files_in("javari-core", ending));
    let files: Vec<_> = files.into_iter().flatten().collect();
    assert!(files.iter().any(|file| file.path.ends_with(".sql")));
    // The seed's own schema, as it was: what is adopted.
    let is_ours = |path: &str| !path.ends_with("tests/postgres/adopt/schema.sql");
    for file in files.iter().filter(|file| is_ours(&file.path)) {
        let words: Vec<&str> = file.text.split_whitespace().collect();
        let text = words.join(" ").to_lowercase();
        for asked in ["not in (select", "not in ( select"] {
            assert!(
                !text.contains(asked),
                "{} asks `NOT IN` of a select: use `NOT EXISTS`",
                file.path
            );
        }
    }
}
