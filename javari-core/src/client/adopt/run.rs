//! The steps of an adoption in their order.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::{AdoptReport, AdoptRequest, AdoptState};
use crate::{
    audit::{Audit, Entry},
    client::{Javari, SystemOf},
    error::{Error, ErrorKind, Result},
    knowledge, monitor,
    secret::{RootKey, RootKeys},
    storage::{
        Database, DatabaseConfig, Location, SeedStop, Transaction,
        adopt::{self as seed, SeedState},
    },
    types::{Clock, ScopeKey},
    vault::{CredentialType, KeptKeys, LocalVault},
};

const OPERATION: &str = "system.adopt";
/// So many webhooks are read at a time.
const BATCH: u32 = 500;

/// Where a database of the seed can lie.
///
/// # Errors
/// `UNSUPPORTED` for any but PostgreSQL; those of an address that cannot be read.
pub(in crate::client) fn old_location(operation: &'static str, text: &str) -> Result<Location> {
    match text.parse()? {
        location @ Location::Postgres(_) => Ok(location),
        Location::File(_) | Location::Memory => Err(Error::new(
            ErrorKind::Unsupported,
            operation,
            "the seed's databases are PostgreSQL's: give the address of one, `postgres://…`",
        )),
    }
}

/// Adopts the database at `location`, which is one of PostgreSQL's.
pub(in crate::client) async fn adopt(
    location: Location,
    config: DatabaseConfig,
    clock: Arc<dyn Clock>,
    root: RootKey,
    request: &AdoptRequest,
) -> Result<AdoptReport> {
    request.check(OPERATION)?;
    let database = Database::connect(location, config).await?;
    let adopted = adopt_in(&database, clock, root, request).await;
    database.close().await;
    adopted
}

async fn adopt_in(
    database: &Database,
    clock: Arc<dyn Clock>,
    root: RootKey,
    request: &AdoptRequest,
) -> Result<AdoptReport> {
    let mut report = match seed::state(database).await? {
        SeedState::Seed => {
            let tried = try_adopting(database, clock.clone(), root.clone(), request).await?;
            let Tried { transaction, audit, mut report } = tried;
            if report.state == AdoptState::Stopped || request.dry_run {
                // Dropped, and so undone.
                return Ok(report);
            }
            report.state = AdoptState::Adopted;
            keep(transaction, &audit, &report).await?;
            report
        }
        SeedState::Adopted => {
            LocalVault::check_key(database, &root).await?;
            adopted_before(database).await?
        }
        SeedState::Other if database.has_table("javari_schema").await? => {
            LocalVault::check_key(database, &root).await?;
            AdoptReport::new(AdoptState::NothingToDo)
        }
        SeedState::Other => {
            return Err(Error::invalid(
                OPERATION,
                "this is no database of the seed: it has no tables `users` and `javari_credentials`",
            ));
        }
    };
    if request.dry_run {
        return Ok(report);
    }
    database.migrate(clock.as_ref()).await?;
    // It may have been adopted long ago, and its root key rotated since.
    let roots = RootKeys::new(root)?;
    let kept = KeptKeys::of(database, &roots).await?;
    let audit =
        Audit::with_keys(database.clone(), clock.clone(), roots.clone(), kept.audit.clone())?;
    if request.reseal {
        let vault =
            LocalVault::open_with(database.clone(), clock, audit.clone(), roots, &kept).await?;
        let (resealed, left) = vault.reseal_adopted().await?;
        report.credentials.resealed = resealed;
        report.credentials.left_in_seed_format = Some(left);
    }
    if request.drop_old && seed::state(database).await? == SeedState::Adopted {
        drop_old(database, &audit).await?;
        (report.old_bytes, report.old_dropped) = (0, true);
    }
    Ok(report)
}

/// An adoption that is not committed yet.
pub(super) struct Tried {
    pub(super) transaction: Transaction,
    pub(super) audit: Audit,
    pub(super) report: AdoptReport,
}

/// Does everything in one transaction, which the caller ends one way or the other.
pub(super) async fn try_adopting(
    database: &Database,
    clock: Arc<dyn Clock>,
    root: RootKey,
    request: &AdoptRequest,
) -> Result<Tried> {
    let audit = Audit::new(database.clone(), clock.clone(), &root)?;
    let asked = json!({
        "emails": request.emails,
        "ownerless_owner": request.ownerless_owner,
        "leave_behind": request.leave_behind,
    });
    let mut transaction = seed::begin(database, clock.as_ref(), asked).await?;
    let mut report = AdoptReport::new(AdoptState::DryRun);
    if seed::stops(&mut transaction).await?.is_empty() {
        fill(&mut transaction, database, (clock, &audit, root), request, &mut report).await?;
        seed::finish(&mut transaction).await?;
    }
    report.stops.extend(seed::stops(&mut transaction).await?);
    report.tables = seed::tables(&mut transaction).await?;
    report.changes = seed::changes(&mut transaction).await?;
    report.dependents = seed::dependents(&mut transaction).await?;
    report.old_bytes = seed::old_bytes(&mut transaction).await?;
    if !report.stops.is_empty() {
        report.state = AdoptState::Stopped;
    }
    Ok(Tried { transaction, audit, report })
}

/// What takes the root key.
async fn fill(
    transaction: &mut Transaction,
    database: &Database,
    (clock, audit, root): (Arc<dyn Clock>, &Audit, RootKey),
    request: &AdoptRequest,
    report: &mut AdoptReport,
) -> Result<()> {
    let key = root.derive(b"javari/seed-hash/v1")?;
    seed::key_hashes(transaction, |hash| keyed(key.as_ref(), hash)).await?;
    report.log_entries = audit.adopt(transaction).await?;
    let vault = LocalVault::adopt(transaction, database, clock, audit.clone(), root).await?;
    let tried = vault.try_seed_values(transaction).await?;
    if tried.opened == 0 && tried.unopened > 0 && !request.leave_behind {
        report.stops.push(SeedStop {
            kind: "wrong_key".to_owned(),
            name: "javari_credentials".to_owned(),
            reason: "the root key opens none of the credentials: give the key that the seed sealed with (its CREDENTIAL_ENCRYPTION_KEY), or set `leave_behind`"
                .to_owned(),
            rows: Some(tried.unopened),
        });
    }
    report.credentials.opened = tried.opened;
    report.credentials.unopened = tried.unopened;
    report.credentials.unopened_ids = tried.unopened_ids;
    report.credentials.webhooks = take_in_webhooks(transaction, &vault).await?;
    let vectors = knowledge::adopt_vectors(transaction, &request.embedding_model).await?;
    (report.vectors_kept, report.vectors_missing) = (vectors.kept, vectors.without);
    Ok(())
}

/// Puts every webhook into the vault of its monitor's user and project.
async fn take_in_webhooks(transaction: &mut Transaction, vault: &LocalVault) -> Result<u64> {
    let (mut taken, mut after) = (0, monitor::FIRST);
    loop {
        let webhooks = monitor::seed_webhooks(transaction, after, BATCH).await?;
        let count = webhooks.len();
        for webhook in webhooks {
            after = webhook.monitor;
            let kind = ("SLACK_WEBHOOK", CredentialType::WebhookSecret);
            let name = vault
                .take_in_secret(transaction, OPERATION, &webhook.scope, kind, webhook.address)
                .await?;
            monitor::name_webhook(transaction, webhook.monitor, &name).await?;
            taken += 1;
        }
        if count < BATCH as usize {
            return Ok(taken);
        }
    }
}

/// The report, the entry in the audit trail and the adoption stand together or not at all.
async fn keep(mut transaction: Transaction, audit: &Audit, report: &AdoptReport) -> Result<()> {
    let text = serde_json::to_string(report).map_err(|fault| {
        Error::new(ErrorKind::Unexpected, OPERATION, "the report cannot be written")
            .with_source(fault)
    })?;
    seed::keep_report(&mut transaction, &text).await?;
    let rows: u64 = report.tables.iter().map(|table| table.new_rows).sum();
    let left: u64 = report.tables.iter().map(|table| table.left_rows).sum();
    let entry = Entry::new(OPERATION, "made a database of the seed one of Javari")
        .with("rows", rows)
        .with("left_rows", left)
        .with("log_entries", report.log_entries)
        .with("credentials", report.credentials.opened + report.credentials.unopened)
        .with("webhooks", report.credentials.webhooks);
    audit.append(&mut transaction, &ScopeKey::HOST, entry).await?;
    transaction.commit().await
}

async fn adopted_before(database: &Database) -> Result<AdoptReport> {
    let (text, _) = seed::kept_report(database).await?;
    let kept = text.and_then(|text| serde_json::from_str::<AdoptReport>(&text).ok());
    let mut report = kept.unwrap_or_else(|| AdoptReport::new(AdoptState::AdoptedBefore));
    report.state = AdoptState::AdoptedBefore;
    Ok(report)
}

async fn drop_old(database: &Database, audit: &Audit) -> Result<()> {
    let mut transaction = database.begin_as_owner_for_host().await?;
    seed::drop_old(&mut transaction).await?;
    let entry = Entry::new(OPERATION, "removed the seed's old tables for good");
    audit.append(&mut transaction, &ScopeKey::HOST, entry).await?;
    transaction.commit().await
}

/// HMAC-SHA-256 in lower-case hexadecimal.
fn keyed(key: &[u8], hash: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|_| Error::new(ErrorKind::Unexpected, OPERATION, "a key has a wrong length"))?;
    mac.update(hash.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

impl SystemOf<'_> {
    /// Makes another database, which holds the seed's tables, one of Javari under this one's root
    /// key, or says what that would do. This Javari's own database is not touched: it may be
    /// `:memory:`.
    ///
    /// # Errors
    /// Those of [`Builder::adopt`](crate::client::Builder::adopt); `INVALID_INPUT` without an
    /// address.
    pub async fn adopt(&self, request: &AdoptRequest) -> Result<AdoptReport> {
        let javari: &Javari = self.0;
        let Some(address) = &request.database else {
            return Err(Error::invalid(OPERATION, "no database is named")
                .with_field("/database", "must be the address of the seed's database"));
        };
        // Exposed to be taken apart; it goes to the driver alone.
        let location = old_location(OPERATION, address.expose())?;
        let rooms = javari.rooms();
        let root = rooms.local.root_key().await?;
        adopt(location, DatabaseConfig::default(), rooms.clock.clone(), root, request).await
    }
}
