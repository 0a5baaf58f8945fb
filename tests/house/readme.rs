//! Code that a page shows is an example's code, which a suite runs: `quickstart` that of the README,
//! `vault_format` that of the page about the sealed format.

use std::{collections::BTreeMap, fs};

use crate::root;

struct Shown {
    page: &'static str,
    examples: &'static str,
    /// The language of a fence and the file it shows.
    programs: &'static [(&'static str, &'static str)],
}

const SHOWN: [Shown; 2] = [
    Shown {
        page: "README.md",
        examples: "examples/readme",
        programs: &[
            ("rust", "readme.rs"),
            ("python", "readme.py"),
            ("ts", "readme.mts"),
            ("cpp", "readme.cpp"),
        ],
    },
    Shown {
        page: "docs/vault-format.md",
        examples: "examples/vault_format",
        programs: &[("rust", "read.rs"), ("python", "read.py"), ("js", "read.mjs")],
    },
];

/// Fences that hold no program.
const NO_PROGRAM: [&str; 8] = ["", "sh", "console", "toml", "json", "sql", "text", "mermaid"];

/// The code of a page's fences by their language.
fn fences(page: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut fences: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut parts = page.split("```").skip(1);
    while let (Some(inside), Some(_)) = (parts.next(), parts.next()) {
        let (language, code) = inside.split_once('\n').unwrap();
        fences.entry(language).or_default().push(code);
    }
    fences
}

#[test]
fn the_code_of_a_page_is_the_examples_code() {
    for Shown { page, examples, programs } in SHOWN {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let mut shown = fences(&text);
        shown.retain(|language, _| !NO_PROGRAM.contains(language));
        for (language, name) in programs {
            let file = fs::read_to_string(root().join(examples).join(name)).unwrap();
            let (_, program) = file.split_once("\n\n").unwrap();
            let blocks = shown.remove(language).unwrap_or_default();
            assert_eq!(blocks, [program], "{page}'s {language} is not {examples}/{name}");
        }
        assert!(shown.is_empty(), "{page} has code that no example runs: {:?}", shown.keys());
    }
}

#[test]
fn no_other_page_has_code_that_nothing_runs() {
    for page in crate::files_in("docs", ".md") {
        if SHOWN.iter().any(|shown| shown.page == page.path) {
            continue;
        }
        for language in fences(&page.text).into_keys() {
            assert!(
                NO_PROGRAM.contains(&language),
                "{} has {language} that nothing runs: show it in examples/readme or a doctest",
                page.path
            );
        }
    }
}
