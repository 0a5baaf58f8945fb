//! What readers see while credentials, data keys and the root key are rotated under them.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::*;
use crate::storage::Location;

/// How many rounds of every rotation.
const ROUNDS: u64 = 6;
const READERS: usize = 16;

/// A database that two processes can open: a server, or a file.
async fn shared(folder: &std::path::Path) -> Location {
    match scratch().await.as_str() {
        ":memory:" => Location::File(folder.join("a.db")),
        server => server.parse().unwrap(),
    }
}

async fn ground(database: &Database, audit: &Audit, clock: Arc<dyn Clock>) -> [ScopeKey; 2] {
    let accounts = Accounts::new(database.clone(), clock, audit.clone());
    let request = EnsureUser { email: "ann@x".into(), name: None };
    let user = ScopeKey::user(accounts.ensure_user(&request).await.unwrap().id);
    let request = EnsureProject { name: "site".into(), description: None, repository_url: None };
    let project = accounts.ensure_project(&user, &request).await.unwrap().id;
    [user, user.with_project(project)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_readers_see_no_failure_while_everything_rotates() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(shared(folder.path()).await, &SystemClock).await.unwrap();
    let clock = HandClock::new();
    let (audit, vault) =
        opened(&database, RootKey::from_bytes([7; 32]), clock.clone()).await.unwrap();
    let scopes = ground(&database, &audit, clock.clone()).await;
    let names: Vec<String> = (0..8).map(|number| format!("KEY_{number}")).collect();
    for scope in &scopes {
        for name in &names {
            let put = PutCredential::new(name.clone(), Secret::new(format!("{name}:0")));
            vault.put(scope, put).await.unwrap();
        }
    }
    let (ends, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> = (0..READERS)
        .map(|reader| {
            let (vault, names, ends, reads) =
                (vault.clone(), names.clone(), ends.clone(), reads.clone());
            tokio::spawn(async move {
                let mut newest: BTreeMap<(usize, String), u64> = BTreeMap::new();
                let mut turn = reader;
                while !ends.load(Ordering::Relaxed) {
                    turn += 1;
                    let (place, name) = (turn % 2, names[turn % names.len()].clone());
                    let scope = scopes[place];
                    // Uses inside, reveals, and the side that checks a secret.
                    let value = match reader % 4 {
                        0 => vault.reveal(&scope, &name).await.unwrap().value,
                        1 => {
                            let accepted = vault.accepted(&scope, &name).await.unwrap();
                            assert!((1..=3).contains(&accepted.values.len()));
                            accepted.values.into_iter().next().unwrap().value
                        }
                        _ => vault.secret(SecretRequest::new(scope, &name)).await.unwrap(),
                    };
                    let (of, number) = value.expose().split_once(':').unwrap();
                    assert_eq!(of, name);
                    // A value that was replaced never comes back.
                    let number: u64 = number.parse().unwrap();
                    let seen = newest.entry((place, name)).or_default();
                    assert!(number >= *seen, "{number} after {seen}");
                    *seen = number;
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let credentials = async {
        for round in 1..=ROUNDS {
            for scope in &scopes {
                for name in &names {
                    let value = Secret::new(format!("{name}:{round}"));
                    let turn = RotateCredential {
                        grace_seconds: 3_600,
                        ..RotateCredential::new(name.clone(), value)
                    };
                    vault.rotate(scope, turn).await.unwrap();
                    // One accepted beside it at most.
                    let before = u32::try_from(round).unwrap().checked_sub(1).filter(|it| *it > 0);
                    if let Some(version) = before {
                        let request = RevokeVersion { name: name.clone(), version };
                        vault.revoke(scope, &request).await.unwrap();
                    }
                }
            }
        }
    };
    let data_keys = async {
        let mut shredded = 0;
        for _ in 0..ROUNDS {
            for scope in &scopes {
                let request = RotateDataKey::default();
                shredded += vault.rotate_data_key(scope, &request).await.unwrap().shredded;
            }
        }
        shredded
    };
    let roots = async {
        for byte in 8..8 + ROUNDS {
            let next = RootKey::from_bytes([byte as u8; 32]);
            assert!(vault.rotate_root_key(&next, false, &[]).await.unwrap().rotated);
        }
    };
    let ((), shredded, ()) = futures::join!(credentials, data_keys, roots);
    ends.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.expect("a read failed");
    }
    assert!(shredded >= ROUNDS, "only {shredded} data keys were shredded");
    assert!(reads.load(Ordering::Relaxed) > 200, "only {reads:?} reads");
    // Grace is exact all the same.
    let user = scopes[0];
    let name = names[0].as_str();
    let versions = vault.accepted(&user, name).await.unwrap().values;
    assert_eq!(versions.len(), 2);
    let until = versions[1].grace_until.unwrap();
    let left = until.since(clock.now());
    clock.forward(left.saturating_sub(Duration::from_secs(1)));
    assert_eq!(vault.accepted(&user, name).await.unwrap().values.len(), 2);
    clock.forward(Duration::from_secs(1));
    assert_eq!(vault.accepted(&user, name).await.unwrap().values.len(), 1);
    for scope in [ScopeKey::HOST, user] {
        let verified = audit.verify(&scope).await.unwrap();
        assert!(verified.verified, "{verified:?}");
    }
    database.close().await;
}

#[tokio::test]
async fn a_time_of_grace_is_kept_to_the_microsecond_through_every_rotation() {
    let clock = HandClock::still();
    let house = house_at(clock.clone()).await;
    let user = house.ground.user;
    house.vault.put(&user, PutCredential::new("HOOK", Secret::new("old"))).await.unwrap();
    let turn =
        RotateCredential { grace_seconds: 60, ..RotateCredential::new("HOOK", Secret::new("new")) };
    house.vault.rotate(&user, turn).await.unwrap();
    house.vault.rotate_data_key(&user, &RotateDataKey::default()).await.unwrap();
    let next = RootKey::from_bytes([8; 32]);
    house.vault.rotate_root_key(&next, false, &[]).await.unwrap();
    house.vault.rotate_data_key(&user, &RotateDataKey::default()).await.unwrap();
    let accepted = async || house.vault.accepted(&user, "HOOK").await.unwrap().values.len();
    clock.forward(Duration::from_secs(60) - Duration::from_micros(1));
    assert_eq!(accepted().await, 2);
    clock.forward(Duration::from_micros(1));
    assert_eq!(accepted().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_processes_that_rotate_a_credential_at_once_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let location = shared(folder.path()).await;
    let mut processes = Vec::new();
    for _ in 0..2 {
        let database = Database::open(location.clone(), &SystemClock).await.unwrap();
        let root = RootKey::from_bytes([7; 32]);
        let (audit, vault) = opened(&database, root, Arc::new(SystemClock)).await.unwrap();
        processes.push((database, audit, vault));
    }
    let [user, _] = ground(&processes[0].0, &processes[0].1, Arc::new(SystemClock)).await;
    let put = PutCredential::new("KEY", Secret::new("0:0"));
    processes[0].2.put(&user, put).await.unwrap();
    for round in 1..=20_u32 {
        let turn = |process: usize| {
            let vault = processes[process].2.clone();
            let value = Secret::new(format!("{round}:{process}"));
            let request = RotateCredential {
                expected_version: Some(round),
                grace_seconds: 60,
                ..RotateCredential::new("KEY", value)
            };
            tokio::spawn(async move { vault.rotate(&user, request).await })
        };
        let turns = [turn(0), turn(1)];
        let mut won = Vec::new();
        for (process, turn) in turns.into_iter().enumerate() {
            match turn.await.unwrap() {
                Ok(_) => won.push(process),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}"),
            }
        }
        assert_eq!(won.len(), 1, "round {round}");
        for (.., vault) in &processes {
            let value = vault.reveal(&user, "KEY").await.unwrap().value;
            assert_eq!(value.expose(), format!("{round}:{}", won[0]));
        }
    }
    for (database, ..) in processes {
        database.close().await;
    }
}
