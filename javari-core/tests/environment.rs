//! Opening as the environment says, in processes of their own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Command, Output},
};

use javari_core::host::{Host, block_on};
use serde_json::{Value as Json, json};

type Variables = BTreeMap<String, String>;

/// Every variable of the seed, well formed.
fn complete() -> Variables {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/environment.json");
    let case: Json = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut variables: Variables = serde_json::from_value(case["required"].clone()).unwrap();
    let optional: Variables = serde_json::from_value(case["optional"].clone()).unwrap();
    variables.extend(optional);
    variables
}

/// What this test's own program says when it opens with these variables and no other.
fn told(test: &str, variables: &Variables, folder: &Path) -> String {
    let said: Output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .envs(variables)
        .env(CHILD, "1")
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(said.status.success(), "{said:?}");
    String::from_utf8_lossy(&said.stdout).into_owned()
}

const CHILD: &str = "JAVARI_TEST_CHILD";

/// In the program that [`told`] starts: opens and says how it went.
fn is_child_and_told() -> bool {
    if env::var_os(CHILD).is_none() {
        return false;
    }
    match block_on(Host::from_env()) {
        Ok(host) => {
            let version = host.call("system.version".into(), Json::Null, json!({}), vec![]);
            println!("opened {}", block_on(version).unwrap()["notices"]);
        }
        Err(error) => {
            let fields: Vec<&str> =
                error.fields().iter().map(|fault| fault.path.as_str()).collect();
            println!("{} {} {error}", error.code(), fields.join(","));
        }
    }
    true
}

#[test]
fn with_every_variable_it_opens_the_database_that_is_named_or_javari_db() {
    if is_child_and_told() {
        return;
    }
    const NAME: &str = "with_every_variable_it_opens_the_database_that_is_named_or_javari_db";
    let folder = tempfile::tempdir().unwrap();
    let mut variables = complete();
    // No notice: the root key came from the environment.
    assert!(told(NAME, &variables, folder.path()).contains("opened []"));
    assert!(folder.path().join("javari.db").is_file());
    variables.insert("JAVARI_DATABASE".to_owned(), "other.db".to_owned());
    assert!(told(NAME, &variables, folder.path()).contains("opened []"));
    assert!(folder.path().join("other.db").is_file());
}

#[test]
fn missing_and_malformed_variables_are_named_at_once_and_nothing_is_written() {
    if is_child_and_told() {
        return;
    }
    const NAME: &str = "missing_and_malformed_variables_are_named_at_once_and_nothing_is_written";
    let folder = tempfile::tempdir().unwrap();
    let mut variables = complete();
    variables.remove("GITHUB_TOKEN");
    variables.remove("GOOGLE_API_KEY");
    variables.insert("VERCEL_TEAM_ID".to_owned(), " ".to_owned());
    variables.insert("CREDENTIAL_ENCRYPTION_KEY".to_owned(), "canary".to_owned());
    let words = told(NAME, &variables, folder.path());
    assert!(
        words.contains("CONFIGURATION VERCEL_TEAM_ID,GITHUB_TOKEN,CREDENTIAL_ENCRYPTION_KEY"),
        "{words}"
    );
    assert!(!words.contains("canary"), "{words}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
