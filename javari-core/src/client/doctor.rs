//! Looks at everything that can go wrong unseen and says what to do about it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Javari, Rooms};
use crate::{
    error::Result,
    secret::KeyOrigin,
    storage::{Location, Road, SCHEMA_VERSION},
    types::{ScopeKey, Timestamp},
};

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DoctorReport {
    /// The worst of all checks; one that is not applicable is no fault.
    pub status: CheckStatus,
    /// Each check.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its name for a program, such as `root_key`.
    pub id: String,
    /// Its name for a person.
    pub title: String,
    /// How it stands.
    pub status: CheckStatus,
    /// What was found. Never a secret.
    pub detail: String,
    /// What a person does now; nothing where nothing is to be done.
    pub what_to_do: Option<String>,
}

/// How a check stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// There is no such thing here.
    NotApplicable,
    /// It is as it should be.
    Ok,
    /// It will be a fault, or may be one.
    Warning,
    /// It is a fault.
    Failed,
}

/// How a check stands, in which words, and what to do.
struct Finding(CheckStatus, String, Option<&'static str>);

impl Finding {
    fn ok(detail: impl Into<String>) -> Self {
        Self(CheckStatus::Ok, detail.into(), None)
    }

    fn absent(detail: impl Into<String>) -> Self {
        Self(CheckStatus::NotApplicable, detail.into(), None)
    }

    fn warning(detail: impl Into<String>, what_to_do: &'static str) -> Self {
        Self(CheckStatus::Warning, detail.into(), Some(what_to_do))
    }

    fn failed(detail: impl Into<String>, what_to_do: &'static str) -> Self {
        Self(CheckStatus::Failed, detail.into(), Some(what_to_do))
    }
}

const DAY: Duration = Duration::from_secs(86_400);
/// A data key of this age has sealed enough.
const OLD_KEY: Duration = DAY.saturating_mul(365);
const SOON: Duration = DAY.saturating_mul(30);
/// Clocks that differ by more disagree about what has expired.
const CLOCK_DISTANCE: Duration = Duration::from_secs(60);
const LITTLE_DISK: u64 = 100 * 1024 * 1024;
/// 2025-01-01T00:00:00Z: a clock before it was never set.
const LONG_AGO: Timestamp = Timestamp::from_micros(1_735_689_600_000_000);
const MEBIBYTE: u64 = 1024 * 1024;

/// Looks at everything. A check that cannot be made is one that failed.
pub(super) async fn examine(javari: &Javari) -> DoctorReport {
    let rooms = javari.rooms();
    let now = rooms.clock.now();
    let mut checks = Vec::new();
    let mut add = |id: &str, title: &str, found: Result<Finding>| {
        let Finding(status, detail, what_to_do) = found.unwrap_or_else(|error| {
            Finding::failed(
                // The driver's words never hold a bound value.
                format!("it could not be looked at: {error}"),
                "see what the database says, or ask its administrator",
            )
        });
        checks.push(Check {
            id: id.to_owned(),
            title: title.to_owned(),
            status,
            detail,
            what_to_do: what_to_do.map(str::to_owned),
        });
    };
    add("root_key", "Where the root key comes from", Ok(root_key(rooms.roots.current().origin())));
    add("private_files", "Files that only their owner reads", Ok(private_files(rooms)));
    add("data_keys", "Age of the data keys", data_keys(rooms, now).await);
    add("row_security", "Row-level security", row_security(rooms).await);
    add("transport", "The road to the database", Ok(transport(rooms)));
    add("extensions", "Extensions of the database", extensions(rooms).await);
    add("schema", "Version of the schema", schema(rooms).await);
    add("integrity", "Pages, indexes and references", integrity(rooms).await);
    add("free_disk", "Free disk", free_disk(rooms).await);
    add("audit_chain", "The host's audit trail", audit_chain(rooms).await);
    add("credentials", "Credentials that end", credentials(rooms, now).await);
    add("clock", "The clock", clock(rooms, now).await);
    let status = checks.iter().map(|check| check.status).max().unwrap_or(CheckStatus::Ok);
    DoctorReport { status, checks }
}

fn root_key(origin: &KeyOrigin) -> Finding {
    match origin {
        KeyOrigin::Configured => Finding::ok("the host gave it"),
        KeyOrigin::File(path) => Finding::ok(format!("it is read from {path}")),
        KeyOrigin::NewFile(path) => Finding::warning(
            format!("it was made at this opening and written to {path}"),
            "keep a copy in another place: without it no credential opens",
        ),
        KeyOrigin::Ephemeral => Finding::warning(
            "it was made for this process and is gone with it",
            "give a root key before you keep anything that has to last",
        ),
    }
}

#[cfg(unix)]
fn private_files(rooms: &Rooms) -> Finding {
    use std::{os::unix::fs::PermissionsExt, path::PathBuf};
    let open = |files: &[PathBuf]| -> Option<String> {
        let open = files.iter().filter(|path| {
            path.metadata().is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
        });
        let names: Vec<String> = open.map(|path| path.display().to_string()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    if let Some(names) = open(&rooms.own_files.key) {
        return Finding::failed(
            format!("others on this machine can open the key: {names}"),
            "run chmod 600 on it; if somebody may have read it, see docs/disaster-recovery.md",
        );
    }
    if let Some(names) = open(&rooms.own_files.database) {
        return Finding::warning(
            format!("others on this machine can open {names}"),
            "run chmod 600 on them, or chmod 700 on their folder: documents stand there readable",
        );
    }
    match rooms.own_files.all().next() {
        None => Finding::absent("neither the database nor the key is a file here"),
        Some(_) => Finding::ok("nobody else can open the files of the database and the key"),
    }
}

#[cfg(not(unix))]
fn private_files(_: &Rooms) -> Finding {
    Finding::absent("this system says otherwise who may read a file")
}

async fn data_keys(rooms: &Rooms, now: Timestamp) -> Result<Finding> {
    let ageing = rooms.local.ageing(now, OLD_KEY, SOON).await?;
    Ok(match ageing.old_keys {
        0 => Finding::ok("no data key is older than a year"),
        old => Finding::warning(
            format!("{old} data keys are older than a year"),
            "call `vault.rotate_data_key` at each level of these users",
        ),
    })
}

async fn credentials(rooms: &Rooms, now: Timestamp) -> Result<Finding> {
    let ageing = rooms.local.ageing(now, OLD_KEY, SOON).await?;
    let detail =
        format!("{} end within 30 days and {} have ended", ageing.ending_soon, ageing.ended);
    Ok(match (ageing.ending_soon, ageing.ended) {
        (0, 0) => Finding::ok("no credential ends within 30 days"),
        _ => Finding::warning(detail, "list the credentials of each scope and rotate these"),
    })
}

async fn row_security(rooms: &Rooms) -> Result<Finding> {
    let Some(found) = rooms.database.row_security().await? else {
        return Ok(Finding::absent("SQLite has none; every statement names its scope"));
    };
    if found.bypasses {
        return Ok(Finding::failed(
            format!("statements run as {}, which row-level security does not hold", found.role),
            "connect as a role with NOSUPERUSER and NOBYPASSRLS that owns the tables",
        ));
    }
    if !found.unguarded.is_empty() {
        return Ok(Finding::failed(
            format!("not enabled and forced on {}", found.unguarded.join(", ")),
            "run ALTER TABLE … ENABLE ROW LEVEL SECURITY and … FORCE ROW LEVEL SECURITY on each",
        ));
    }
    Ok(Finding::ok(format!("enabled and forced on every table, and {} obeys it", found.role)))
}

fn transport(rooms: &Rooms) -> Finding {
    let Location::Postgres(server) = rooms.database.location() else {
        return Finding::absent("the database is in this process");
    };
    const VERIFY: &str =
        "end the address with sslmode=verify-full&sslrootcert=FILE, the authority of the server";
    match server.road() {
        Road::Local => Finding::absent("the server is on this computer"),
        Road::Verified => Finding::ok("TLS, and the server's certificate is checked"),
        Road::Unverified => {
            Finding::warning("TLS, but whoever stands in between can pass for the server", VERIFY)
        }
        Road::Open => {
            Finding::failed("it may be in clear, for everyone on the way to read", VERIFY)
        }
    }
}

async fn extensions(rooms: &Rooms) -> Result<Finding> {
    let Some(found) = rooms.database.extensions().await? else {
        return Ok(Finding::absent("SQLite's are built in"));
    };
    let list: Vec<String> =
        found.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let numbers = |text: &str| -> Vec<u32> {
        text.split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    let old =
        found.iter().find(|(name, version)| name == "vector" && numbers(version) < vec![0, 8, 4]);
    Ok(match old {
        Some((_, version)) => Finding::warning(
            format!("vector is {version}; before 0.8.4 its indexes have faults"),
            "update the server's pgvector and run ALTER EXTENSION vector UPDATE",
        ),
        None => Finding::ok(format!("Javari needs none; there are: {}", list.join(", "))),
    })
}

async fn schema(rooms: &Rooms) -> Result<Finding> {
    let schema = rooms.database.schema().await?;
    Ok(match schema.cmp(&SCHEMA_VERSION) {
        std::cmp::Ordering::Equal => Finding::ok(format!("{schema}, as this library writes it")),
        std::cmp::Ordering::Greater => Finding::warning(
            format!("the database has {schema} and this library {SCHEMA_VERSION}"),
            "update this process; until then it makes no backups",
        ),
        std::cmp::Ordering::Less => Finding::failed(
            format!("the database has {schema} and this library {SCHEMA_VERSION}"),
            "close and open again, which migrates it",
        ),
    })
}

async fn integrity(rooms: &Rooms) -> Result<Finding> {
    let faults = rooms.database.integrity().await?;
    if faults.is_empty() {
        return Ok(Finding::ok("nothing is wrong"));
    }
    Ok(Finding::failed(
        faults.join("; ").chars().take(1_000).collect::<String>(),
        "copy the database aside and restore a backup into a new one: docs/disaster-recovery.md",
    ))
}

async fn free_disk(rooms: &Rooms) -> Result<Finding> {
    let Some(free) = rooms.database.free_bytes() else {
        return Ok(Finding::absent("the database is not a file on a disk of this system"));
    };
    let needed = rooms.database.bytes().await?;
    let detail =
        format!("{} MiB are free and the database has {} MiB", free / MEBIBYTE, needed / MEBIBYTE);
    Ok(match free {
        _ if free < LITTLE_DISK => Finding::failed(detail, "make room before writes are refused"),
        _ if free < needed => Finding::warning(
            detail,
            "make room: system.vacuum needs as much again as the database has",
        ),
        _ => Finding::ok(detail),
    })
}

async fn audit_chain(rooms: &Rooms) -> Result<Finding> {
    let found = rooms.audit.verify(&ScopeKey::HOST).await?;
    Ok(match found.verified {
        true => Finding::ok(format!("{} entries, whole and unaltered", found.entries)),
        false => Finding::failed(
            format!(
                "broken at entry {}: {}",
                found.broken_at.unwrap_or_default(),
                found.reason.unwrap_or_default()
            ),
            "find out who writes to the database, and compare with a backup from before",
        ),
    })
}

async fn clock(rooms: &Rooms, now: Timestamp) -> Result<Finding> {
    if now < LONG_AGO {
        return Ok(Finding::failed(format!("it says {now}"), "set this computer's clock"));
    }
    if let Some(last) = rooms.audit.newest().await?
        && last.since(now) > CLOCK_DISTANCE
    {
        return Ok(Finding::failed(
            format!("it says {now}, and an entry of the audit trail is from {last}"),
            "set the clocks of all computers that write to this database",
        ));
    }
    Ok(match rooms.database.clock_distance(now).await? {
        Some(distance) if distance > CLOCK_DISTANCE => Finding::warning(
            format!("it is {} seconds from the database server's", distance.as_secs()),
            "synchronise both clocks (NTP)",
        ),
        _ => Finding::ok(format!("it says {now}")),
    })
}
