//! Real words of real tools, and anything else.

use proptest::prelude::*;

use super::*;

fn only(log: &str) -> Finding {
    let findings = parse(&clean_log(log));
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.into_iter().next().unwrap()
}

#[test]
fn rustc_names_a_missing_module_name_crate_and_file() {
    let log = "error[E0432]: unresolved import `crate::confg`
 --> src/main.rs:2:12
  |
2 | use crate::confg::load;
  |            ^^^^^ could not find `confg` in the crate root

error[E0432]: unresolved import `helper_lib`
 --> src/main.rs:4:5

error[E0433]: cannot find module or crate `tinylib` in this scope
 --> src/main.rs:5:20

error[E0463]: can't find crate for `foo`
 --> m.rs:1:12

error[E0583]: file not found for module `confg`
 --> m.rs:1:1

error[E0433]: failed to resolve: could not find `x` in `y`
 --> m.rs:1:1
";
    let found: Vec<_> = parse(log)
        .into_iter()
        .map(|finding| {
            (finding.kind, finding.subject, finding.file.unwrap(), finding.line.unwrap())
        })
        .collect();
    let main = || "src/main.rs".to_owned();
    assert_eq!(
        found,
        [
            (FindingKind::RustPath, "crate::confg".into(), main(), 2),
            (FindingKind::RustCrate, "helper_lib".into(), main(), 4),
            (FindingKind::RustCrate, "tinylib".into(), main(), 5),
            (FindingKind::RustCrate, "foo".into(), "m.rs".into(), 1),
            (FindingKind::RustModuleFile, "confg".into(), "m.rs".into(), 1),
        ]
    );
}

#[test]
fn cargo_names_a_missing_package_in_both_its_forms() {
    for log in [
        "error: no matching package found\nsearched package name: `hepler_lib`\nperhaps you meant:      helper_lib\nlocation searched: /a\nrequired by package `app v0.1.0 (/a)`\n",
        "error: no matching package named `hepler_lib` found\nlocation searched: crates.io index\nrequired by package `app v0.1.0 (/a)`\n",
    ] {
        let finding = only(log);
        assert_eq!(finding.kind, FindingKind::CargoPackage);
        assert_eq!(
            (finding.subject.as_str(), finding.name.as_deref()),
            ("hepler_lib", Some("app"))
        );
    }
}

#[test]
fn node_names_a_missing_module_package_and_export() {
    let finding = only(
        "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/p/componnets/button.mjs' imported from /p/b.mjs\n    at x",
    );
    assert_eq!(finding.file.as_deref(), Some("/p/b.mjs"));
    assert_eq!(finding.error_type(), "code.module_not_found");
    let finding =
        only("Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'tinylib' imported from /p/c.mjs");
    assert_eq!((finding.error_type(), finding.subject.as_str()), ("dep.missing", "tinylib"));
    let finding = only("Error: Cannot find module './lib/x'\nRequire stack:\n- /p/d.js\n    at x");
    assert_eq!(finding.file.as_deref(), Some("/p/d.js"));
    assert_eq!(finding.evidence.iter().map(|proof| proof.line).collect::<Vec<_>>(), [1, 3]);
    let finding = only(
        "file:///p/e.mjs:1\nimport {buton} from './b.mjs'\n        ^^^^^\nSyntaxError: The requested module './b.mjs' does not provide an export named 'buton'",
    );
    assert_eq!(finding.kind, FindingKind::ScriptExport);
    assert_eq!(finding.name.as_deref(), Some("buton"));
    assert_eq!((finding.file.as_deref(), finding.line), (Some("file:///p/e.mjs"), Some(1)));
}

#[test]
fn bundlers_and_the_typescript_compiler_name_the_file_in_their_ways() {
    for (log, file, line) in [
        ("./app/page.tsx\nModule not found: Can't resolve './x'\n", "./app/page.tsx", None),
        ("./app/page.tsx:3:1\nModule not found: Can't resolve './x'\n", "./app/page.tsx", Some(3)),
        (
            "ERROR in ./src/index.js 1:0-30\nModule not found: Error: Can't resolve './x' in '/p/src'",
            "./src/index.js",
            None,
        ),
        (
            "src/a.ts(3,20): error TS2307: Cannot find module './x' or its corresponding type declarations.",
            "src/a.ts",
            Some(3),
        ),
        (
            "src/a.ts:3:20 - error TS2307: Cannot find module './x' or its corresponding type declarations.",
            "src/a.ts",
            Some(3),
        ),
        (
            "./app/page.tsx:2:40\nType error: Cannot find module './x' or its corresponding type declarations.",
            "./app/page.tsx",
            Some(2),
        ),
    ] {
        let finding = only(log);
        assert_eq!((finding.kind, finding.subject.as_str()), (FindingKind::ScriptModule, "./x"));
        assert_eq!((finding.file.as_deref(), finding.line), (Some(file), line), "{log}");
    }
    let finding = only(
        "src/a.ts(1,9): error TS2724: '\"./b\"' has no exported member named 'buton'. Did you mean 'button'?",
    );
    assert_eq!((finding.subject.as_str(), finding.name.as_deref()), ("./b", Some("buton")));
}

#[test]
fn python_names_a_missing_module_and_name_with_the_frame() {
    let finding = only(
        "Traceback (most recent call last):\n  File \"/p/main.py\", line 7, in <module>\n    import helpres\n  File \"<frozen importlib._bootstrap>\", line 1, in x\nModuleNotFoundError: No module named 'helpres'\n",
    );
    assert_eq!((finding.file.as_deref(), finding.line), (Some("/p/main.py"), Some(7)));
    let finding = only(
        "  File \"/p/q.py\", line 1, in <module>\n    from pk import alhpa\nImportError: cannot import name 'alhpa' from 'pk' (/p/pk/__init__.py)",
    );
    assert_eq!((finding.subject.as_str(), finding.name.as_deref()), ("pk", Some("alhpa")));
    let circle = "ImportError: cannot import name 'a' from partially initialized module 'b' (most likely due to a circular import) (/p/b.py)";
    assert_eq!(parse(circle), []);
}

#[test]
fn npm_names_a_missing_package_and_version() {
    let finding = only(
        "npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://registry.example/left-padd - Not found\nnpm ERR! 404 \nnpm ERR! 404  'left-padd@^1.0.0' is not in this registry.\n",
    );
    assert_eq!((finding.kind, finding.subject.as_str()), (FindingKind::NpmPackage, "left-padd"));
    let finding = only("npm error notarget No matching version found for @acme/left-pad@99.0.0.\n");
    assert_eq!(
        (finding.kind, finding.subject.as_str()),
        (FindingKind::NpmVersion, "@acme/left-pad")
    );
    assert_eq!(finding.name.as_deref(), Some("99.0.0"));
}

#[test]
fn recorded_logs_are_read_as_their_labels_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/build-logs");
    let labels: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(format!("{folder}/labels.json")).unwrap())
            .unwrap();
    let mut read = 0;
    for (name, label) in labels.as_object().unwrap() {
        let log = std::fs::read_to_string(format!("{folder}/{name}.log")).unwrap();
        let found = parse(&clean_log(&log)).first().map(Finding::error_type);
        // Of all classes these two are within what a recipe may mend; the others stay unknown.
        let expected = label["error_type"]
            .as_str()
            .filter(|class| ["code.module_not_found", "dep.version_not_found"].contains(class));
        assert_eq!(found, expected, "{name}");
        read += 1;
    }
    assert_eq!(read, 11);
}

#[test]
fn a_log_of_any_size_is_capped_and_keeps_its_end() {
    let log = "x".repeat(100) + "\n";
    let log = log.repeat(60_000) + &"y".repeat(10_000) + "\nError: Cannot find module './z'\n";
    let clean = clean_log(&log);
    assert!(clean.len() <= LOG_LIMIT + 100);
    assert!(clean.lines().count() <= LINES_LIMIT + 2);
    assert!(clean.lines().all(|line| line.len() <= LINE_LIMIT));
    assert_eq!(only(&log).subject, "./z");
}

proptest! {
    #[test]
    fn any_log_is_read_without_a_panic_and_every_finding_quotes_it(
        parts in prop::collection::vec(prop::sample::select(vec![
            "error[E0432]: unresolved import `", "`", " --> ", "a.rs:1:2", "\n", "'", "npm error 404 ",
            "Cannot find module '", "Module not found: Can't resolve '", "./x", "Require stack:\n- ",
            "ModuleNotFoundError: No module named '", "  File \"", "\", line ", "9999999999999", "@", "é",
            "npm error notarget No matching version found for ", "file:///a:1", "(1,", "): error TS2307: ",
            "has no exported member", "'\"", "\"'", "\u{1b}[", "' is not in", "\r", " imported from ",
        ]), 0..40),
        noise in any::<String>(),
    ) {
        let log = clean_log(&(parts.concat() + &noise));
        let lines: Vec<_> = log.lines().collect();
        for finding in parse(&log) {
            prop_assert!(!finding.evidence.is_empty());
            for proof in finding.evidence {
                prop_assert_eq!(lines[proof.line as usize - 1], proof.text);
            }
        }
    }
}
