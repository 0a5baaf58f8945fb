//! Writes one state of a database into a file while others go on reading and writing.

use std::{
    collections::BTreeMap,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use futures::TryStreamExt;
use hmac::Mac;
use tokio::sync::mpsc;

use super::{
    BackupHeader, BackupKey, BackupSummary,
    file::{create, fault},
    format::{Line, MAGIC, SEAL_BYTES, Sealing, record},
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Row, SCHEMA_VERSION, Transaction, migrate, tables::TABLES, values},
    types::{ScopeKey, Timestamp},
};

const OPERATION: &str = "system.backup";
/// So many bytes go to the thread that writes at once.
const PIECE_BYTES: usize = 256 * 1024;
/// So many pieces may wait for it.
const PIECES: usize = 4;

/// Where a backup goes.
#[derive(Debug, Clone)]
pub struct BackupTarget {
    /// The file.
    pub path: PathBuf,
    /// Whether a file of that name is replaced.
    pub overwrite: bool,
}

/// What the thread that writes is told.
pub(super) enum Piece {
    Bytes(Vec<u8>),
    /// Nothing follows: give the file its name. Without it the file is removed.
    End,
}

/// Writes one state of `database` into a file. Only a few rows are in memory at a time.
///
/// The file is made beside its target, synchronised and then given its name: who finds one under
/// that name finds it whole. A caller who leaves meanwhile leaves nothing behind; one who leaves at the
/// last moment may leave the whole file.
///
/// # Errors
/// `ALREADY_EXISTS`, `NOT_FOUND` without the folder, `STORAGE_FULL` when the disk of the file is
/// full, `SCHEMA_TOO_NEW` when the database has tables this library does not know, `CONFLICT` when
/// its root key was changed since it was opened.
pub async fn back_up(
    database: &Database,
    key: &BackupKey,
    target: BackupTarget,
    now: Timestamp,
) -> Result<BackupSummary> {
    let mut snapshot = database.begin_snapshot(&ScopeKey::HOST).await?;
    back_up_within(&mut snapshot, key, target, now).await
}

/// The same of what a transaction sees that somebody else ends.
pub(crate) async fn back_up_within(
    snapshot: &mut Transaction,
    key: &BackupKey,
    target: BackupTarget,
    now: Timestamp,
) -> Result<BackupSummary> {
    if !target.overwrite && target.path.symlink_metadata().is_ok() {
        return Err(fault(std::io::ErrorKind::AlreadyExists.into()));
    }
    let header = header(snapshot, key, now).await?;
    let (sender, receiver) = mpsc::channel(PIECES);
    let writing = tokio::task::spawn_blocking({
        let (target, key, header) = (target.clone(), key.clone(), header.clone());
        move || write(&target, &key, &header, receiver)
    });
    let read = read(snapshot, sender).await;
    let written = writing.await.unwrap_or_else(|stopped| {
        Err(Error::new(ErrorKind::Unexpected, OPERATION, "the writing stopped before it ended")
            .with_source(stopped))
    });
    match (read, written) {
        (Ok(tables), Ok(written)) => Ok(summary(&target.path, written, tables, header)),
        // When the file could not be written the reading only says that nobody listens.
        (Err(reading), Err(writing)) if reading.kind() == ErrorKind::Cancelled => Err(writing),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn summary(
    path: &Path,
    (bytes, seal): (u64, String),
    tables: BTreeMap<String, u64>,
    header: BackupHeader,
) -> BackupSummary {
    let rows = tables.values().sum();
    BackupSummary { path: path.display().to_string(), bytes, rows, tables, header, seal }
}

/// What the file will say of itself, as the snapshot has it.
async fn header(
    snapshot: &mut Transaction,
    key: &BackupKey,
    now: Timestamp,
) -> Result<BackupHeader> {
    let schema = migrate::highest(snapshot).await?.unwrap_or(0);
    if schema > SCHEMA_VERSION {
        return Err(Error::new(
            ErrorKind::SchemaTooNew,
            OPERATION,
            "a newer library has added tables or columns that this one would leave out: back up with that one",
        )
        .with("database_schema", schema)
        .with("library_schema", SCHEMA_VERSION));
    }
    let registry = "SELECT vault_id, root_key_id FROM javari_key_registry";
    let row = snapshot.query_one(registry, values![]).await?;
    let row = row.ok_or_else(|| {
        Error::new(ErrorKind::Storage, OPERATION, "the database says nowhere which vault it is")
    })?;
    let header = BackupHeader {
        engine: snapshot.dialect().choose("sqlite", "postgres").to_owned(),
        schema: SCHEMA_VERSION,
        vault_id: row.get("vault_id")?,
        root_key_id: row.get("root_key_id")?,
        created_at: now,
        library: env!("CARGO_PKG_VERSION").to_owned(),
    };
    if header.root_key_id != key.root_key_id {
        return Err(Error::new(
            ErrorKind::Conflict,
            OPERATION,
            "the root key was changed since this database was opened: close it, open it with the new key and back up",
        )
        .with("needs_key", &header.root_key_id)
        .with("given_key", &key.root_key_id));
    }
    Ok(header)
}

/// Hands every row to the thread that writes; tells how many each table has.
async fn read(
    snapshot: &mut Transaction,
    to: mpsc::Sender<Piece>,
) -> Result<BTreeMap<String, u64>> {
    let (mut piece, mut counts) = (Vec::with_capacity(PIECE_BYTES), BTreeMap::new());
    let dialect = snapshot.dialect();
    for table in TABLES {
        Line::Table(table.name.to_owned()).write(&mut piece);
        let mut count = 0_u64;
        let mut rows = snapshot.rows(table.select(dialect), values![])?;
        while let Some(row) = rows.try_next().await? {
            let row: Row = row;
            Line::Row(record(table, &row)?).write(&mut piece);
            count += 1;
            if piece.len() >= PIECE_BYTES {
                let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE_BYTES));
                send(&to, Piece::Bytes(full)).await?;
            }
        }
        counts.insert(table.name.to_owned(), count);
    }
    Line::End(counts.clone()).write(&mut piece);
    send(&to, Piece::Bytes(piece)).await?;
    send(&to, Piece::End).await?;
    Ok(counts)
}

async fn send(to: &mpsc::Sender<Piece>, piece: Piece) -> Result<()> {
    to.send(piece).await.map_err(|_| {
        Error::new(ErrorKind::Cancelled, OPERATION, "the file is not written any more")
    })
}

/// Writes what comes into the file; tells its bytes and its seal.
pub(super) fn write(
    target: &BackupTarget,
    key: &BackupKey,
    header: &BackupHeader,
    mut pieces: mpsc::Receiver<Piece>,
) -> Result<(u64, String)> {
    let (pending, file) = create(&target.path)?;
    let mut sealing = Sealing::new(BufWriter::with_capacity(PIECE_BYTES, file), key.mac()?);
    let header = serde_json::to_string(header).map_err(|error| fault(error.into()))?;
    sealing.write_all(MAGIC).map_err(fault)?;
    sealing.write_all(header.as_bytes()).map_err(fault)?;
    sealing.write_all(b"\n").map_err(fault)?;
    let mut packing = GzEncoder::new(sealing, Compression::fast());
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) => packing.write_all(&bytes).map_err(fault)?,
            Some(Piece::End) => break,
            None => {
                let message = "the backup was left before it was whole; no file was made";
                return Err(Error::new(ErrorKind::Cancelled, OPERATION, message));
            }
        }
    }
    let (mut file, mac, bytes) = packing.finish().map_err(fault)?.finish();
    let seal = mac.finalize().into_bytes();
    file.write_all(&seal).map_err(fault)?;
    let file = file.into_inner().map_err(|error| fault(error.into_error()))?;
    file.sync_all().map_err(fault)?;
    drop(file);
    pending.publish(target.overwrite).map_err(fault)?;
    Ok((bytes + SEAL_BYTES as u64, hex::encode(seal)))
}
