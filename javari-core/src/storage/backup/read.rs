//! Reads a backup: first whether it is whole and ours, then its rows, a few at a time.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Take},
    path::PathBuf,
};

use flate2::bufread::GzDecoder;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use tokio::sync::mpsc;

use super::{
    BackupHeader, BackupKey, BackupReport, BackupSummary,
    file::fault,
    format::{
        Line, MAGIC, MOST_HEADER_BYTES, MOST_LINE_BYTES, Record, SEAL_BYTES, Sealing, damaged,
    },
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{SCHEMA_VERSION, tables::Table},
};

const OPERATION: &str = "system.restore";
const READ_BYTES: usize = 256 * 1024;
/// So many rows are put back by one statement, or fewer where they are large.
const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// So many batches may wait.
const BATCHES: usize = 2;

/// A backup whose seal was found right: whole, unaltered and made under this root key.
pub struct BackupFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    key: BackupKey,
    header: BackupHeader,
    seal: String,
}

/// Some rows of one table, in the order of the file.
pub(super) struct Batch {
    pub(super) table: &'static Table,
    pub(super) rows: Vec<Record>,
}

/// What reading the rows yields.
pub(super) enum Part {
    Rows(Batch),
    /// The seal was right again; so many rows each table has.
    End(BTreeMap<String, u64>),
}

impl BackupFile {
    /// Opens the backup at `path` and checks its seal over every byte, before anything of it is
    /// believed or unpacked.
    ///
    /// # Errors
    /// `NOT_FOUND`; `STORAGE_CORRUPT` when it is cut, altered or no backup; `WRONG_KEY` when it was
    /// made under another root key; `SCHEMA_TOO_NEW` when a newer library made it.
    pub async fn open(path: impl Into<PathBuf>, key: &BackupKey) -> Result<Self> {
        let (path, key) = (path.into(), key.clone());
        blocking(move || Self::open_now(path, key)).await
    }

    /// Says whether the file at `path` is a whole backup of ours, without a database. A file that
    /// is not is an answer.
    ///
    /// # Errors
    /// `NOT_FOUND` and other faults of the disk.
    pub async fn verify(path: impl Into<PathBuf>, key: &BackupKey) -> Result<BackupReport> {
        let counted = match Self::open(path, key).await {
            Ok(file) => file.count().await,
            Err(error) => Err(error),
        };
        let refused = |error: &Error| BackupReport {
            whole: false,
            code: Some(error.code().to_owned()),
            reason: Some(error.message().to_owned()),
            backup: None,
        };
        match counted {
            Ok(backup) => {
                Ok(BackupReport { whole: true, code: None, reason: None, backup: Some(backup) })
            }
            Err(error) => match error.kind() {
                ErrorKind::StorageCorrupt
                | ErrorKind::WrongKey
                | ErrorKind::SchemaTooNew
                | ErrorKind::Unsupported => Ok(refused(&error)),
                _ => Err(error),
            },
        }
    }

    /// What it says of itself.
    pub fn header(&self) -> &BackupHeader {
        &self.header
    }

    /// Reads every row and says how many there are.
    async fn count(self) -> Result<BackupSummary> {
        let mut reading = self.read();
        let mut found = BTreeMap::<String, u64>::new();
        loop {
            match reading.next().await? {
                Part::Rows(batch) => {
                    *found.entry(batch.table.name.to_owned()).or_default() +=
                        batch.rows.len() as u64;
                }
                Part::End(stated) => {
                    require_counts(&found, &stated)?;
                    return Ok(reading.summary(stated));
                }
            }
        }
    }

    /// Begins to read the rows.
    pub(super) fn read(self) -> Reading {
        let (sender, batches) = mpsc::channel(BATCHES);
        let summary = BackupSummary {
            path: self.path.display().to_string(),
            bytes: self.bytes,
            rows: 0,
            tables: BTreeMap::new(),
            header: self.header.clone(),
            seal: self.seal.clone(),
        };
        // It ends by itself once nobody listens.
        tokio::task::spawn_blocking(move || {
            if let Err(error) = self.send_rows(&sender) {
                let _ = sender.blocking_send(Err(error));
            }
        });
        Reading { batches, summary }
    }

    fn open_now(path: PathBuf, key: BackupKey) -> Result<Self> {
        let metadata = std::fs::metadata(&path).map_err(fault)?;
        if !metadata.is_file() {
            return Err(damaged("this is no file"));
        }
        let mut file = File::open(&path).map_err(fault)?;
        let bytes = file.metadata().map_err(fault)?.len();
        let body = bytes.checked_sub(SEAL_BYTES as u64).ok_or_else(cut)?;
        let mut reading = sealed_part(&file, body, key.mac()?);
        let mut magic = vec![0; MAGIC.len()];
        match reading.read_exact(&mut magic) {
            Ok(()) if magic == MAGIC => {}
            Ok(()) => return Err(foreign()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(cut()),
            Err(error) => return Err(fault(error)),
        }
        let header = header_line(&mut reading).map_err(fault)?;
        io::copy(&mut reading, &mut io::sink()).map_err(fault)?;
        let (mac, seal) = stated_seal(reading).map_err(fault)?;
        let header: Option<BackupHeader> =
            header.and_then(|header| serde_json::from_slice(&header).ok());
        if mac.verify_slice(&seal).is_err() {
            return Err(match header {
                Some(header) if names_another_key(&header, &key) => Error::new(
                    ErrorKind::WrongKey,
                    OPERATION,
                    "this backup was made under another root key; nothing was read or written: give the key it names",
                )
                .with("needs_key", &header.root_key_id)
                .with("given_key", &key.root_key_id),
                _ => damaged("the backup was cut or altered: use another copy of it"),
            });
        }
        let header = header.ok_or_else(foreign)?;
        if header.schema > SCHEMA_VERSION {
            return Err(Error::new(
                ErrorKind::SchemaTooNew,
                OPERATION,
                "a newer version of Javari made this backup; nothing was read or written",
            )
            .with("backup_schema", header.schema)
            .with("library_schema", SCHEMA_VERSION));
        }
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        Ok(Self { path, file, bytes, key, header, seal: hex::encode(seal) })
    }

    /// Unpacks the rows. The seal is checked a second time: what was checked is what was read.
    fn send_rows(self, to: &mpsc::Sender<Result<Part>>) -> Result<()> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput => damaged("the rows of the backup cannot be unpacked"),
            _ => fault(error),
        };
        let body = self.bytes.saturating_sub(SEAL_BYTES as u64);
        let mut reading = sealed_part(&self.file, body, self.key.mac()?);
        io::copy(&mut (&mut reading).take(MAGIC.len() as u64), &mut io::sink()).map_err(failed)?;
        header_line(&mut reading).map_err(failed)?;
        let mut lines = BufReader::with_capacity(READ_BYTES, GzDecoder::new(&mut reading));
        let counts = send_lines(&mut lines, to, failed)?;
        drop(lines);
        io::copy(&mut reading, &mut io::sink()).map_err(failed)?;
        let (mac, seal) = stated_seal(reading).map_err(failed)?;
        match (counts, mac.verify_slice(&seal)) {
            (None, _) => Ok(()),
            (Some(counts), Ok(())) => {
                let _ = to.blocking_send(Ok(Part::End(counts)));
                Ok(())
            }
            (_, Err(_)) => Err(damaged("the backup was altered while it was read")),
        }
    }
}

/// The rows of a backup as they are unpacked.
pub(super) struct Reading {
    batches: mpsc::Receiver<Result<Part>>,
    summary: BackupSummary,
}

impl Reading {
    pub(super) async fn next(&mut self) -> Result<Part> {
        self.batches.recv().await.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Unexpected, OPERATION, "the reading stopped before its end"))
        })
    }

    pub(super) fn summary(self, tables: BTreeMap<String, u64>) -> BackupSummary {
        BackupSummary { rows: tables.values().sum(), tables, ..self.summary }
    }
}

/// Whether as many rows were there as the end of the file states.
pub(super) fn require_counts(
    found: &BTreeMap<String, u64>,
    stated: &BTreeMap<String, u64>,
) -> Result<()> {
    let names = found.keys().chain(stated.keys());
    let count = |counts: &BTreeMap<String, u64>, name| counts.get(name).copied().unwrap_or(0);
    match names.into_iter().find(|name| count(found, *name) != count(stated, *name)) {
        None => Ok(()),
        Some(name) => Err(damaged("the backup has not as many rows as it says")
            .with("table", name)
            .with("rows", count(found, name))
            .with("stated", count(stated, name))),
    }
}

/// Sends the rows in batches; tells the counts at the end, or nothing when nobody listens.
fn send_lines(
    lines: &mut impl BufRead,
    to: &mpsc::Sender<Result<Part>>,
    failed: impl Fn(io::Error) -> Error,
) -> Result<Option<BTreeMap<String, u64>>> {
    let mut batch: Option<Batch> = None;
    let (mut line, mut waiting) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = (&mut *lines).take(MOST_LINE_BYTES).read_until(b'\n', &mut line);
        read.map_err(&failed)?;
        if line.pop() != Some(b'\n') {
            return Err(damaged("the backup ends in the middle of its rows"));
        }
        let ended = match Line::parse(&line) {
            Some(Line::Row(row)) => {
                let Some(batch) = &mut batch else {
                    return Err(damaged("the backup has a row of no table"));
                };
                require_known(batch.table, &row)?;
                batch.rows.push(row);
                waiting += line.len();
                if batch.rows.len() < BATCH_ROWS && waiting < BATCH_BYTES {
                    continue;
                }
                let next = Batch { table: batch.table, rows: Vec::new() };
                std::mem::replace(batch, next)
            }
            Some(Line::Table(name)) => {
                let table = Table::named(&name).ok_or_else(|| unknown(&name, ""))?;
                match batch.replace(Batch { table, rows: Vec::new() }) {
                    Some(ended) => ended,
                    None => continue,
                }
            }
            Some(Line::End(counts)) => {
                if let Some(ended) = batch.take()
                    && !ended.rows.is_empty()
                    && to.blocking_send(Ok(Part::Rows(ended))).is_err()
                {
                    return Ok(None);
                }
                return Ok(Some(counts));
            }
            None => return Err(damaged("a line of the backup cannot be read")),
        };
        waiting = 0;
        if !ended.rows.is_empty() && to.blocking_send(Ok(Part::Rows(ended))).is_err() {
            return Ok(None);
        }
    }
}

fn require_known(table: &'static Table, row: &Record) -> Result<()> {
    match row.keys().find(|name| table.column(name).is_none()) {
        None => Ok(()),
        Some(name) => Err(unknown(table.name, name)),
    }
}

fn unknown(table: &str, column: &str) -> Error {
    let message = "the backup has a table or column that this library does not know; \
                   restore it with the version that made it and migrate then";
    let error = Error::new(ErrorKind::Unsupported, OPERATION, message).with("table", table);
    if column.is_empty() { error } else { error.with("column", column) }
}

type Sealed<'a> = Sealing<Take<BufReader<&'a File>>>;

fn sealed_part(file: &File, bytes: u64, mac: Hmac<Sha256>) -> BufReader<Sealed<'_>> {
    let file = BufReader::with_capacity(READ_BYTES, file).take(bytes);
    BufReader::with_capacity(READ_BYTES, Sealing::new(file, mac))
}

/// The line behind the first; nothing when it is longer than a header is.
fn header_line(reading: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    reading.take(MOST_HEADER_BYTES).read_until(b'\n', &mut line)?;
    Ok((line.pop() == Some(b'\n')).then_some(line))
}

/// The hash of what was read to its end, and the seal that stands behind it.
fn stated_seal(reading: BufReader<Sealed<'_>>) -> io::Result<(Hmac<Sha256>, [u8; SEAL_BYTES])> {
    let (part, mac, _) = reading.into_inner().finish();
    let mut seal = [0; SEAL_BYTES];
    part.into_inner().read_exact(&mut seal)?;
    Ok((mac, seal))
}

/// Whether a header that nothing proves says so, in the form in which one would.
fn names_another_key(header: &BackupHeader, key: &BackupKey) -> bool {
    let named = &header.root_key_id;
    *named != key.root_key_id
        && named.len() == key.root_key_id.len()
        && named.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn cut() -> Error {
    damaged("the file is shorter than any backup: it was cut off or is none")
}

fn foreign() -> Error {
    damaged(
        "this is no backup of Javari, or was altered, or has a form that came after this library",
    )
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|stopped| {
        Err(Error::new(ErrorKind::Unexpected, OPERATION, "the reading stopped before its end")
            .with_source(stopped))
    })
}
