//! The vault with 100,000 credentials in a SQLite file, through the public interface; re-wrapping 10,000
//! data keys; sealing 100,000 rows of the seed anew.
//!
//! Run it with `cargo bench -p javari-core --bench vault`. `JAVARI_BENCH_CREDENTIALS=1000` makes a small
//! one; with `JAVARI_BENCH_POSTGRES` the address of an empty database, the same there. Peers: `node javari-core/benches/vault_peer.mjs`, `python javari-core/benches/vault_peer.py`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes256,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use criterion::Criterion;
use javari_core::{
    Javari, Scope,
    audit::Audit,
    client::Builder,
    config::Settings,
    secret::{Secret, SecretRequest, SecretSource},
    storage::{Database, Location},
    types::SystemClock,
    vault::{ImportCredentials, LocalVault, PutCredential, Reseal, RotateRootKey},
};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

const ROOT: [u8; 32] = [7; 32];
/// So many credentials a user, as an import takes them.
const PER_USER: usize = 500;
const LOOKUPS: usize = 20_000;
const REVEALS: usize = 2_000;
const RESOLVES: usize = 200;

fn main() {
    // On one core: what is measured is what one core does.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let all = std::env::var("JAVARI_BENCH_CREDENTIALS").ok().and_then(|it| it.parse().ok());
    let all: usize = all.unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db").display().to_string();
    runtime.block_on(reads(&path, all));
    open_alone();
    let path = folder.path().join("keys.db").display().to_string();
    runtime.block_on(root_rotation(&path, (all / 10).max(1)));
    let path = folder.path().join("seed.db").display().to_string();
    runtime.block_on(seed(&path, all));
    if let Ok(server) = std::env::var("JAVARI_BENCH_POSTGRES") {
        println!("PostgreSQL:");
        runtime.block_on(reads(&server, all));
        runtime.block_on(root_rotation(&server, (all / 10).max(1)));
    }
}

async fn opened(path: &str) -> Javari {
    let mut settings = Settings::for_database(path);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    Builder::new(settings).open().await.unwrap()
}

async fn reads(path: &str, all: usize) {
    let javari = opened(path).await;
    let mut scopes = Vec::new();
    for number in 0..all.div_ceil(PER_USER) {
        let user = javari.ensure_user(&format!("user{number}@example.com")).await.unwrap();
        let scope = javari.scope(user.id);
        let lines: Vec<String> =
            (0..PER_USER).map(|it| format!("KEY_{it}=sk-live-{number:06}-{it:06}")).collect();
        let import = ImportCredentials::env(Secret::new(lines.join("\n")));
        let report = scope.vault().import(import).await.unwrap();
        assert_eq!(report.credentials.len(), PER_USER);
        scopes.push(scope);
    }
    println!("{} credentials of {} users", scopes.len() * PER_USER, scopes.len());

    let vault = local(path).await;
    let mut times = Vec::with_capacity(LOOKUPS);
    let begun = Instant::now();
    for turn in 0..LOOKUPS {
        let request = somebodys(&scopes, turn);
        let start = Instant::now();
        black_box(vault.secret(request).await.unwrap());
        times.push(start.elapsed());
    }
    let rate = LOOKUPS as f64 / begun.elapsed().as_secs_f64();
    println!("a secret for use inside: {}, {rate:.0} a second on one core", spread(times));

    let mut times = Vec::with_capacity(REVEALS);
    for turn in 0..REVEALS {
        let scope = &scopes[turn * 7_919 % scopes.len()];
        let name = format!("KEY_{}", turn * 104_729 % PER_USER);
        let start = Instant::now();
        black_box(scope.vault().reveal(&name).await.unwrap());
        times.push(start.elapsed());
    }
    println!("an audited reveal: {}", spread(times));

    // Inherited from the user in a subproject.
    let project = scopes[0].ensure_project("site").await.unwrap();
    let project = scopes[0].project(project.id);
    let part = project.subproject(project.ensure_subproject("web").await.unwrap().id);
    let mut times = Vec::with_capacity(RESOLVES);
    for _ in 0..RESOLVES {
        let start = Instant::now();
        for number in 0..50 {
            black_box(part.vault().resolve(&format!("KEY_{number}")).await.unwrap());
        }
        times.push(start.elapsed());
    }
    println!("50 inherited credentials resolved: {}", spread(times));
    javari.close().await;
}

/// The vault itself, which rooms inside Javari get their secrets from.
async fn local(path: &str) -> LocalVault {
    let clock = Arc::new(SystemClock);
    let location: Location = path.parse().unwrap();
    let database = Database::open(location, clock.as_ref()).await.unwrap();
    let root = javari_core::secret::RootKey::from_bytes(ROOT);
    let audit = Audit::new(database.clone(), clock.clone(), &root).unwrap();
    LocalVault::open(database, clock, audit, root).await.unwrap()
}

fn somebodys(scopes: &[Scope], turn: usize) -> SecretRequest {
    let scope = &scopes[turn * 7_919 % scopes.len()];
    SecretRequest::new(*scope.key(), format!("KEY_{}", turn * 104_729 % PER_USER))
}

/// Opening a value of suite 2, as `docs/vault-format.md` describes it, without the database.
fn open_alone() {
    use hkdf::Hkdf;
    use sha2::{Digest, Sha256};
    let fields: Vec<String> = (0..11).map(|it| format!("field{it}={}", "x".repeat(30))).collect();
    let mut aad = vec![0; 4];
    fields.iter().for_each(|field| aad.extend(field.as_bytes()));
    let (key, salt, nonce) = ([7_u8; 32], [8_u8; 32], [9_u8; 12]);
    let derive = |aad: &[u8]| {
        let mut derived = [0; 64];
        Hkdf::<Sha256>::new(Some(&salt), &key)
            .expand_multi_info(&[b"javari.vault.v2/record\0", &Sha256::digest(aad)], &mut derived)
            .unwrap();
        derived
    };
    let payload = |msg| aes_gcm::aead::Payload { msg, aad: &aad };
    let cipher = |derived: &[u8; 64]| aes_gcm::Aes256Gcm::new_from_slice(&derived[..32]).unwrap();
    let sealed = cipher(&derive(&aad)).encrypt(&nonce.into(), payload(&[b'x'; 68][..])).unwrap();
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    criterion.bench_function("suite 2: derive, compare and decrypt 68 bytes", |bencher| {
        bencher.iter(|| {
            let derived = derive(black_box(&aad));
            cipher(&derived).decrypt(&nonce.into(), payload(sealed.as_slice())).unwrap()
        });
    });
}

async fn root_rotation(path: &str, keys: usize) {
    let javari = opened(path).await;
    for number in 0..keys {
        let user = javari.ensure_user(&format!("user{number}@example.com")).await.unwrap();
        let put = PutCredential::new("KEY", Secret::new("sk-live-1234567890"));
        javari.scope(user.id).vault().put(put).await.unwrap();
    }
    let mut times = Vec::new();
    for next in ["08", "09", "0a"] {
        let key = Some(Secret::new(next.repeat(32)));
        let start = Instant::now();
        let request = RotateRootKey { key, ..RotateRootKey::default() };
        let done = javari.rotate_root_key(&request).await.unwrap();
        times.push(start.elapsed());
        assert!(done.data_keys >= keys as u64);
    }
    println!("root key over {keys} data keys and as many users: {}", spread(times));
    javari.close().await;
}

/// A database of the seed, as it is before Javari sealed anything in it.
async fn seed(path: &str, all: usize) {
    let javari = opened(path).await;
    let user = javari.ensure_user("ann@example.com").await.unwrap().id;
    javari.close().await;
    let cipher = AesGcm::<Aes256, U16>::new(&ROOT.into());
    let mut connection = SqliteConnection::connect(&format!("sqlite:{path}")).await.unwrap();
    let run = async |connection: &mut SqliteConnection, statement: String| {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.unwrap();
    };
    run(&mut connection, "BEGIN".into()).await;
    for number in 0..all {
        let mut iv = [0; 16];
        iv[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let mut sealed = cipher.encrypt(&iv.into(), b"sk-live-1234567890".as_slice()).unwrap();
        let tag = STANDARD.encode(sealed.split_off(sealed.len() - 16));
        let (value, iv) = (STANDARD.encode(sealed), STANDARD.encode(iv));
        let id = uuid::Uuid::from_u128(number as u128 + 1);
        let now = "2026-01-01T00:00:00.000000Z";
        run(
            &mut connection,
            format!(
                "INSERT INTO javari_credentials (id, user_id, name, encrypted_value, encryption_iv,
                     encryption_tag, enc_suite, current_version, credential_type, is_inherited,
                     allow_override, created_at, updated_at)
                 VALUES ('{id}', '{user}', 'SEED_{number}', '{value}', '{iv}', '{tag}', 1, 1,
                     'api_key', 1, 1, '{now}', '{now}')"
            ),
        )
        .await;
    }
    run(&mut connection, "DELETE FROM javari_key_registry; COMMIT".into()).await;
    connection.close().await.unwrap();
    let javari = opened(path).await;
    let start = Instant::now();
    let done = javari.reseal(&Reseal { raise_minimum: false, ..Reseal::default() }).await.unwrap();
    println!(
        "{} values of the seed sealed anew in {:.1} s ({} damaged, more: {})",
        done.resealed,
        start.elapsed().as_secs_f64(),
        done.damaged,
        done.more
    );
    javari.close().await;
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    format!("p50 {:?}, p99 {:?}", at(50), at(99))
}
