//! To which hosts a credential may be sent, and who cannot change that.

use super::*;
use crate::{secret::Origin, vault::VaultSecrets};

const STATUS: &str = "https://status.example.com";

async fn asked(
    source: &dyn SecretSource,
    scope: ScopeKey,
    origin: &str,
) -> std::result::Result<String, ErrorKind> {
    let request = SecretRequest::new(scope, "TOKEN").for_origin(Origin::parse(origin).unwrap());
    // Exposed to be compared.
    source.secret(request).await.map(|it| it.expose().to_owned()).map_err(|error| error.kind())
}

fn token(value: &str) -> PutCredential {
    PutCredential::new("TOKEN", Secret::new(value))
}

#[tokio::test]
async fn a_credential_goes_to_the_hosts_that_it_is_bound_to_and_to_no_other() {
    let House { vault, ground, .. } = house().await;
    let user = ground.user;
    vault.put(&user, token("t-1")).await.unwrap();
    assert_eq!(asked(&vault, user, STATUS).await, Err(ErrorKind::Forbidden));
    let request = BindCredential::new("TOKEN", ["Status.Example.com:443", "localhost:8443"]);
    let bound = vault.bind(&user, &request).await.unwrap();
    assert_eq!(bound.hosts, ["https://localhost:8443", STATUS]);
    assert_eq!(bound.version, 1);
    assert_eq!(vault.get(&user, "TOKEN").await.unwrap().hosts, bound.hosts);
    for scope in [user, ground.project, ground.subproject] {
        assert_eq!(asked(&vault, scope, STATUS).await.unwrap(), "t-1");
    }
    for other in [
        "http://status.example.com",
        "status.example.com:8443",
        "example.com",
        "evil.status.example.com",
        "status.example.com.evil.example",
        "localhost",
    ] {
        assert_eq!(asked(&vault, user, other).await, Err(ErrorKind::Forbidden), "{other}");
    }
    assert_eq!(asked(&vault, ground.stranger, STATUS).await, Err(ErrorKind::NotFound));
    // Javari's own use names no origin: it is the host's configuration that chose it.
    assert!(vault.secret(SecretRequest::new(user, "TOKEN")).await.is_ok());
    let none: [&str; 0] = [];
    vault.bind(&user, &BindCredential::new("TOKEN", none)).await.unwrap();
    assert_eq!(asked(&vault, user, STATUS).await, Err(ErrorKind::Forbidden));
}

#[tokio::test]
async fn the_hosts_stay_through_everything_but_another_put() {
    let House { vault, ground, .. } = house().await;
    let user = ground.user;
    vault.put(&user, token("t-1").with_host("status.example.com")).await.unwrap();
    let turn = |value: &str| RotateCredential {
        grace_seconds: 3_600,
        ..RotateCredential::new("TOKEN", Secret::new(value))
    };
    vault.rotate(&user, turn("t-2")).await.unwrap();
    assert_eq!(asked(&vault, user, STATUS).await.unwrap(), "t-2");
    // Binding leaves the value before it in its time of grace.
    vault.bind(&user, &BindCredential::new("TOKEN", [STATUS, "b.example"])).await.unwrap();
    assert_eq!(vault.accepted(&user, "TOKEN").await.unwrap().values.len(), 2);
    let back = RollbackCredential {
        name: "TOKEN".into(),
        version: 1,
        grace_seconds: 0,
        allow_revoked: true,
        expected_version: None,
    };
    vault.rollback(&user, back).await.unwrap();
    assert_eq!(asked(&vault, user, "b.example").await.unwrap(), "t-1");
    vault.rotate_data_key(&user, &RotateDataKey::default()).await.unwrap();
    assert_eq!(asked(&vault, user, "b.example").await.unwrap(), "t-1");
    let kept = vault.snapshotting().unwrap();
    let snapshot = kept.snapshot(&user, &MakeSnapshot::new(uuid::Uuid::nil())).await.unwrap();
    vault.rotate(&user, turn("t-3")).await.unwrap();
    let restore = RestoreSnapshot::new(snapshot.id, uuid::Uuid::nil());
    kept.restore_snapshot(&user, &restore).await.unwrap();
    assert_eq!(asked(&vault, user, "b.example").await.unwrap(), "t-1");
    vault.put(&user, token("t-4")).await.unwrap();
    assert_eq!(asked(&vault, user, STATUS).await, Err(ErrorKind::Forbidden));
}

#[tokio::test]
async fn who_writes_to_the_database_cannot_let_a_credential_go_elsewhere() {
    let House { vault, database, ground, .. } = house().await;
    let user = ground.user;
    vault.put(&user, token("t-1").with_host("status.example.com")).await.unwrap();
    change(&database, "UPDATE javari_credentials SET hosts = 'https://evil.example'").await;
    assert_eq!(asked(&vault, user, "evil.example").await, Err(ErrorKind::CannotUnseal));
    // Hosts of another version are those that a library wrote which knows none, and count for nothing.
    change(&database, "UPDATE javari_credentials SET hosts_version = 7").await;
    assert_eq!(vault.get(&user, "TOKEN").await.unwrap().hosts, [""; 0]);
    assert_eq!(asked(&vault, user, "evil.example").await, Err(ErrorKind::Forbidden));
}

#[tokio::test]
async fn a_library_that_knows_no_hosts_writes_another_version_and_everybody_reads_it() {
    let House { vault, database, ground, .. } = house().await;
    let user = ground.user;
    vault.put(&user, token("t-1").with_host("status.example.com")).await.unwrap();
    vault.put(&user, token("t-2")).await.unwrap();
    // What its statement, which names neither column, leaves beside its new version.
    change(
        &database,
        "UPDATE javari_credentials SET hosts = 'https://status.example.com', hosts_version = 1",
    )
    .await;
    assert_eq!(asked(&vault, user, STATUS).await, Err(ErrorKind::Forbidden));
    assert_eq!(vault.reveal(&user, "TOKEN").await.unwrap().value.expose(), "t-2");
    vault.bind(&user, &BindCredential::new("TOKEN", [STATUS])).await.unwrap();
    assert_eq!(asked(&vault, user, STATUS).await.unwrap(), "t-2");
}

#[tokio::test]
async fn what_is_no_host_and_what_changed_meanwhile_is_refused_and_nothing_is_bound() {
    let House { vault, ground, .. } = house().await;
    let user = ground.user;
    vault.put(&user, token("t-1")).await.unwrap();
    let wrong = BindCredential::new("TOKEN", ["a.example", "*.example", "b.example/path"]);
    let error = vault.bind(&user, &wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let fields: Vec<_> = error.fields().iter().map(|field| field.path.as_str()).collect();
    assert_eq!(fields, ["/hosts/1", "/hosts/2"]);
    let error = vault.put(&user, token("t-2").with_host("a b")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let many = (0..17).map(|number| format!("h{number}.example"));
    let error = vault.bind(&user, &BindCredential::new("TOKEN", many)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let expected =
        BindCredential { expected_version: Some(2), ..BindCredential::new("TOKEN", [STATUS]) };
    let error = vault.bind(&user, &expected).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let missing = BindCredential::new("NOBODY", [STATUS]);
    assert_eq!(vault.bind(&user, &missing).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(
        vault
            .bind(&ground.stranger, &BindCredential::new("TOKEN", [STATUS]))
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::NotFound
    );
    let there = vault.get(&user, "TOKEN").await.unwrap();
    assert_eq!((there.version, there.hosts.len()), (1, 0));
}

#[tokio::test]
async fn a_vault_of_the_host_is_asked_where_its_credential_may_go_before_it_reveals_it() {
    let House { vault, audit, ground, .. } = house().await;
    let user = ground.user;
    vault.put(&user, token("t-1").with_host("status.example.com")).await.unwrap();
    let secrets = VaultSecrets::new(Arc::new(vault));
    let reveals = async || {
        let entries = audit.list(&user, &PageRequest::default()).await.unwrap().items;
        entries.iter().filter(|entry| entry.action == "vault.reveal").count()
    };
    assert_eq!(asked(&secrets, user, "evil.example").await, Err(ErrorKind::Forbidden));
    assert_eq!(reveals().await, 0);
    assert_eq!(asked(&secrets, user, STATUS).await.unwrap(), "t-1");
    assert_eq!(reveals().await, 1);
}
