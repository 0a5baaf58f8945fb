//! One who changes data keys and the root key without end, and what has to be true after they were
//! killed. The same over every engine.

use std::{fs, path::Path};

use javari_core::{
    Javari, Scope,
    client::CheckStatus,
    secret::Secret,
    vault::{PutCredential, RotateDataKey, RotateRootKey},
};

use super::child::tell;

/// Puts a credential, changes the data key and then the root key in `key_file`, telling of each value
/// that is acknowledged, until it is killed.
pub(crate) async fn rekey_for_ever(javari: &Javari, scope: &Scope, key_file: &Path) {
    let own = std::process::id();
    for pass in 0_u64.. {
        let name = format!("value_{own}_{pass}");
        let put = PutCredential::new(&name, Secret::new(format!("value of {name}")));
        scope.vault().put(put).await.unwrap();
        tell(&name);
        scope.vault().rotate_data_key(&RotateDataKey::default()).await.unwrap();
        tell("a data key");
        // What is kept there for old backups has to be taken away before the next change.
        let _ = fs::remove_file(key_file.with_added_extension("old"));
        javari.rotate_root_key(&RotateRootKey::default()).await.unwrap();
        tell("a root key");
    }
}

/// That each value that was told opens, that what was cut off can be gone on with, and that no data
/// key is left over.
pub(crate) async fn require_values(
    javari: &Javari,
    scope: &Scope,
    key_file: &Path,
    told: &[String],
) {
    let _ = fs::remove_file(key_file.with_added_extension("old"));
    require_open(scope, told).await;
    let done = scope.vault().rotate_data_key(&RotateDataKey::default()).await;
    if told.iter().any(|what| what.starts_with("value_")) {
        let done = done.unwrap();
        assert_eq!((done.damaged, done.more, done.shredded), (0, false, 1), "{done:?}");
    }
    let done = javari.rotate_root_key(&RotateRootKey::default()).await.unwrap();
    assert!(done.rotated && done.data_keys <= 1, "{done:?}");
    require_open(scope, told).await;
    let verification = scope.audit().verify().await.unwrap();
    assert!(verification.verified, "{verification:?}");
    // The host's own trail tells of every change of the root key.
    let checks = javari.system().doctor().await.checks;
    let trail = checks.iter().find(|check| check.id == "audit_chain").unwrap();
    assert_eq!(trail.status, CheckStatus::Ok, "{trail:?}");
}

async fn require_open(scope: &Scope, told: &[String]) {
    for name in told.iter().filter(|what| what.starts_with("value_")) {
        let revealed = scope.vault().reveal(name).await.unwrap();
        assert_eq!(revealed.value.expose(), format!("value of {name}"));
    }
}
