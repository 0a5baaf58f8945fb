//! One who rotates credentials without end, and what has to be true after they were killed. The same
//! over every engine.

use javari_core::{
    Scope,
    secret::Secret,
    types::PageRequest,
    vault::{ListVersions, PutCredential, RotateCredential, VersionState},
};

use super::child::tell;

const NAMES: [&str; 3] = ["A", "B", "C"];

fn value(name: &str, version: u32) -> String {
    format!("value {version} of {name}")
}

/// Rotates, telling of each version that is acknowledged, until it is killed.
pub(crate) async fn rotate_for_ever(scope: &Scope) {
    let mut versions = [0; NAMES.len()];
    for (name, version) in NAMES.iter().zip(&mut versions) {
        *version = match scope.vault().get(name).await {
            Ok(view) => view.version,
            Err(_) => {
                let put = PutCredential::new(*name, Secret::new(value(name, 1)));
                scope.vault().put(put).await.unwrap().version
            }
        };
        tell(&format!("{name} {version}"));
    }
    loop {
        for (name, version) in NAMES.iter().zip(&mut versions) {
            let next = Secret::new(value(name, *version + 1));
            let mut rotation = RotateCredential::new(*name, next);
            rotation.grace_seconds = 3_600;
            rotation.expected_version = Some(*version);
            *version = scope.vault().rotate(rotation).await.unwrap().credential.version;
            tell(&format!("{name} {version}"));
        }
    }
}

/// That each version that was told is there, that at most one more is, and that every one is whole.
pub(crate) async fn require_versions(scope: &Scope, told: &[String]) {
    for name in NAMES {
        let of_this = told.iter().filter_map(|what| what.split_once(' ')).filter(|it| it.0 == name);
        let newest: u32 = of_this.map(|(_, version)| version.parse().unwrap()).max().unwrap_or(0);
        let Ok(view) = scope.vault().get(name).await else {
            assert_eq!(newest, 0, "{name} is gone");
            continue;
        };
        assert!(
            (newest..=newest + 1).contains(&view.version),
            "{name}: {newest} was told, {view:?}"
        );
        let accepted = scope.vault().accepted(name).await.unwrap().values;
        // The active one and the newest hundred in their time of grace.
        assert_eq!(accepted.len(), view.version.min(101) as usize);
        for one in accepted {
            assert_eq!(one.value.expose(), value(name, one.version));
        }
        let page = PageRequest { limit: PageRequest::MAXIMUM, ..PageRequest::default() };
        let request = ListVersions { name: name.to_owned(), page };
        let versions = scope.vault().versions(&request).await.unwrap().items;
        let active = versions.iter().filter(|one| one.state == VersionState::Active);
        assert_eq!(active.map(|one| one.version).collect::<Vec<_>>(), [view.version]);
    }
    let verification = scope.audit().verify().await.unwrap();
    assert!(verification.verified, "{verification:?}");
}
