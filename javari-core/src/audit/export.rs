//! Writes the entries of a scope into a file from which their chain can be checked without a database.

use std::{
    io,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{
    Audit, Entry,
    store::{self, EntryRecord},
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::PendingFile,
    storage::disk_fault,
    types::{ProjectId, ScopeKey, Timestamp},
};

const OPERATION: &str = "audit.export";
/// So many bytes go to the thread that writes at once.
const PIECE_BYTES: usize = 64 * 1024;
/// So many pieces may wait for it.
const PIECES: usize = 4;

/// Asks for the entries of a scope as JSON Lines in a new file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportTrail {
    /// The file to write, on the host's disk: it is not there yet, and its folder is.
    #[schemars(length(min = 1, max = 4096))]
    pub path: String,
    /// Only entries that are not from before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only entries from before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl ExportTrail {
    /// All entries, into a new file.
    pub fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), since: None, until: None }
    }
}

/// Entries that were written into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrailExport {
    /// The file.
    pub path: String,
    /// How many entries are in it, one a line.
    pub entries: u64,
    /// Its bytes.
    pub bytes: u64,
    /// The place in the chain of the first one.
    pub first_seq: Option<u64>,
    /// The place in the chain of the last one.
    pub last_seq: Option<u64>,
    /// Whether the whole chain is there, unaltered and in order, also what was not asked for.
    pub verified: bool,
    /// The first place of the chain that does not verify.
    pub broken_at: Option<u64>,
    /// What is wrong there.
    pub reason: Option<String>,
}

impl Audit {
    /// Writes the scope's entries into a new file, oldest first and one a line, and checks the whole
    /// chain on the way. A line has every field that the entry's hash is over, as the text that is
    /// hashed, with the hash and the one before it.
    ///
    /// The file is readable by its owner alone and comes to be there whole; that it was made is an
    /// entry behind those in it. The entries are of one state of the database and never in memory
    /// together. A chain that is broken is written as well, and the answer says where.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a path that names no file, `ALREADY_EXISTS`, `NOT_FOUND` without the folder,
    /// `STORAGE_FULL` when its disk is full; those of the database.
    pub async fn export(&self, scope: &ScopeKey, request: &ExportTrail) -> Result<TrailExport> {
        let (sender, receiver) = mpsc::channel(PIECES);
        let target = PathBuf::from(&request.path);
        let writing = tokio::task::spawn_blocking(move || write(&target, receiver));
        let mut lines = Lines::new(sender, scope.project, request);
        let read = async {
            let found = store::export(&self.database, &self.keys, scope, &mut lines).await?;
            lines.end().await.map(|written| (found, written))
        };
        let read = read.await;
        let file = writing.await.unwrap_or_else(|stopped| {
            let message = "the writing stopped before it ended";
            Err(Error::new(ErrorKind::Unexpected, OPERATION, message).with_source(stopped))
        });
        let ((found, written), (file, bytes)) = match (read, file) {
            (Ok(read), Ok(file)) => (read, file),
            // When the file cannot be written the reading only says that nobody listens.
            (Err(reading), Err(writing)) if reading.kind() == ErrorKind::Cancelled => {
                return Err(writing);
            }
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        let entry = Entry::new(OPERATION, "wrote entries of the trail into a file")
            .with("entries", written.entries)
            .with("first_seq", written.first_seq)
            .with("last_seq", written.last_seq)
            .with("verified", found.verified);
        self.record(scope, entry).await?;
        file.publish(false).map_err(fault)?;
        Ok(TrailExport {
            path: request.path.clone(),
            entries: written.entries,
            bytes,
            first_seq: written.first_seq,
            last_seq: written.last_seq,
            verified: found.verified,
            broken_at: found.broken_at,
            reason: found.reason,
        })
    }
}

/// Makes the entries that are asked for into lines, and hands them to the thread that writes.
pub(super) struct Lines {
    to: mpsc::Sender<Piece>,
    project: Option<String>,
    since: Option<String>,
    until: Option<String>,
    piece: Vec<u8>,
    written: Written,
}

/// What the thread that writes is told: bytes, or that nothing follows. Without the last the file is
/// removed.
type Piece = Option<Vec<u8>>;

#[derive(Clone, Copy, Default)]
struct Written {
    entries: u64,
    first_seq: Option<u64>,
    last_seq: Option<u64>,
}

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    entry: &'a EntryRecord,
    hash: &'a str,
}

impl Lines {
    fn new(to: mpsc::Sender<Piece>, project: Option<ProjectId>, request: &ExportTrail) -> Self {
        let text = |instant: Option<Timestamp>| instant.map(|instant| instant.to_string());
        Self {
            to,
            project: project.map(|project| project.to_string()),
            since: text(request.since),
            until: text(request.until),
            piece: Vec::with_capacity(PIECE_BYTES),
            written: Written::default(),
        }
    }

    /// Writes the next entry of the chain where it is asked for.
    pub(super) async fn take(&mut self, entry: &EntryRecord, hash: &str) -> Result<()> {
        if !self.wants(entry) {
            return Ok(());
        }
        serde_json::to_writer(&mut self.piece, &Line { entry, hash }).map_err(|error| {
            Error::new(ErrorKind::Unexpected, OPERATION, "an entry cannot be written as JSON")
                .with_source(error)
        })?;
        self.piece.push(b'\n');
        self.written.entries += 1;
        self.written.first_seq.get_or_insert(entry.seq);
        self.written.last_seq = Some(entry.seq);
        match self.piece.len() >= PIECE_BYTES {
            true => self.send().await,
            false => Ok(()),
        }
    }

    fn wants(&self, entry: &EntryRecord) -> bool {
        // Instants are texts of one width, so that their order is that of time.
        (self.project.is_none() || self.project == entry.project)
            && self.since.as_ref().is_none_or(|since| entry.at >= *since)
            && self.until.as_ref().is_none_or(|until| entry.at < *until)
    }

    async fn end(mut self) -> Result<Written> {
        self.send().await?;
        self.to.send(None).await.map_err(left)?;
        Ok(self.written)
    }

    async fn send(&mut self) -> Result<()> {
        let full = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        self.to.send(Some(full)).await.map_err(left)
    }
}

fn left<T>(_: T) -> Error {
    Error::new(ErrorKind::Cancelled, OPERATION, "the file is not written any more")
}

/// Writes what comes into a file beside `target`, which is not given its name yet; tells its bytes.
fn write(target: &Path, mut pieces: mpsc::Receiver<Piece>) -> Result<(PendingFile, u64)> {
    if target.symlink_metadata().is_ok() {
        return Err(fault(io::ErrorKind::AlreadyExists.into()));
    }
    let (pending, file) = PendingFile::create(target).map_err(fault)?.ok_or_else(|| {
        Error::invalid(OPERATION, "the export needs the name of a file")
            .with_field("/path", "must name a file")
    })?;
    let (mut file, mut bytes) = (BufWriter::new(file), 0);
    loop {
        match pieces.blocking_recv() {
            Some(Some(piece)) => {
                file.write_all(&piece).map_err(fault)?;
                bytes += piece.len() as u64;
            }
            Some(None) => break,
            None => {
                let message = "the export was left before it was whole; no file was made";
                return Err(Error::new(ErrorKind::Cancelled, OPERATION, message));
            }
        }
    }
    let file = file.into_inner().map_err(|error| fault(error.into_error()))?;
    file.sync_all().map_err(fault)?;
    Ok((pending, bytes))
}

fn fault(error: io::Error) -> Error {
    disk_fault(OPERATION, error)
}
