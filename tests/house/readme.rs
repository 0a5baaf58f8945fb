//! README's code is the examples' code, which `tests/run quickstart` runs.

use std::{collections::BTreeMap, fs};

use crate::root;

const PROGRAMS: [(&str, &str); 4] =
    [("rust", "readme.rs"), ("python", "readme.py"), ("ts", "readme.mts"), ("cpp", "readme.cpp")];

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
fn the_readmes_code_is_the_examples_code() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    let mut shown = fences(&page);
    shown.remove("sh");
    for (language, name) in PROGRAMS {
        let file = fs::read_to_string(root().join("examples/readme").join(name)).unwrap();
        let (_, program) = file.split_once("\n\n").unwrap();
        let blocks = shown.remove(language).unwrap_or_default();
        assert_eq!(blocks, [program], "README's {language} is not examples/readme/{name}");
    }
    assert!(shown.is_empty(), "README has code that no example runs: {:?}", shown.keys());
}

#[test]
fn the_guide_has_no_code_that_nothing_runs() {
    for page in crate::files_in("docs", ".md") {
        for language in fences(&page.text).into_keys() {
            assert!(
                ["", "sh", "console", "toml", "json", "sql", "text", "mermaid"].contains(&language),
                "{} has {language} that nothing runs: show it in examples/readme or a doctest",
                page.path
            );
        }
    }
}
