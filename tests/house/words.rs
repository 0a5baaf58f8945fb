//! What no committed file may hold.

use crate::{files_in, library_sources};

/// Spelt in two halves so that this file does not hold them.
fn forbidden() -> Vec<String> {
    [
        ("/wo", "rk/"),
        ("index.cra", "tes.io"),
        ("registry.np", "mjs.org"),
        ("files.pytho", "nhosted.org"),
        ("pypi", ".org/"),
    ]
    .iter()
    .map(|(one, other)| format!("{one}{other}"))
    .collect()
}

#[test]
fn no_file_names_a_path_of_a_machine_or_a_registry_host() {
    let forbidden = forbidden();
    for file in files_in("", "") {
        for word in &forbidden {
            assert!(!file.text.contains(word.as_str()), "{} holds {word}", file.path);
        }
    }
}

#[test]
fn no_source_of_the_library_can_panic_or_print_on_purpose() {
    // clippy denies these too; this test also sees a file that switched the lint off.
    for file in library_sources() {
        let code = crate::without_tests(&file.text);
        for (number, line) in code.lines().enumerate() {
            let line = line.trim_start();
            if line.starts_with("//") {
                continue;
            }
            for word in [
                ".unwrap()",
                ".expect(",
                "panic!(",
                "todo!(",
                "unimplemented!(",
                "println!(",
                "dbg!(",
            ] {
                assert!(!line.contains(word), "{}:{}: {word}", file.path, number + 1);
            }
        }
    }
}
