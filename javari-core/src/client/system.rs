//! The care of the whole database: the host's own, and no user's.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DoctorReport, Javari, doctor};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    storage::{
        BackupFile, BackupKey, BackupReport, BackupSummary, BackupTarget, Health, VacuumReply,
        back_up,
    },
    types::ScopeKey,
    vault::SealedWithRoot,
};

/// Asks for a backup in a file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupRequest {
    /// The file to write, on the host's disk; its folder exists.
    #[schemars(length(min = 1, max = 4096))]
    pub path: String,
    /// Whether a file of that name is replaced.
    #[serde(default)]
    pub overwrite: bool,
}

impl BackupRequest {
    /// A backup in a new file.
    pub fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), overwrite: false }
    }
}

/// A backup on the host's disk.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupFileRequest {
    /// The file.
    #[schemars(length(min = 1, max = 4096))]
    pub path: String,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupReply {
    /// What it holds.
    pub backup: BackupSummary,
    /// Whether the host's audit trail says so. False where the database itself takes no more
    /// writes, such as on a full disk: the backup is good all the same.
    pub recorded: bool,
}

/// The care of one Javari's database.
pub struct SystemOf<'a>(pub(super) &'a Javari);

impl SystemOf<'_> {
    /// Writes everything into one file while others go on reading and writing: one state of the
    /// database, which restores into either engine. Its format: [`crate::storage::back_up`].
    ///
    /// In memory there is one connection, so others wait meanwhile. What is kept in memory for a
    /// while, such as counts of uses, is written first.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> javari_core::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("javari-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let file = folder.join("a.backup").display().to_string();
    /// use javari_core::{Javari, client::BackupRequest};
    /// let javari = Javari::open(":memory:").await?;
    /// let made = javari.system().backup(&BackupRequest::to(&file)).await?;
    /// assert!(javari.system().verify_backup(&file).await?.whole);
    /// assert_eq!(made.backup.header.engine, "sqlite");
    /// # javari.close().await;
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `ALREADY_EXISTS`, `NOT_FOUND` without the folder, `FORBIDDEN` for the database's or the
    /// key's own file, `STORAGE_FULL` when the disk of the file is full, `SCHEMA_TOO_NEW`.
    pub async fn backup(&self, request: &BackupRequest) -> Result<BackupReply> {
        let rooms = self.0.rooms();
        self.require_other_file("system.backup", Path::new(&request.path))?;
        self.0.flush().await;
        let target =
            BackupTarget { path: request.path.clone().into(), overwrite: request.overwrite };
        let now = rooms.clock.now();
        let key = BackupKey::derive(&rooms.local.root_key().await?)?;
        let backup = back_up(&rooms.database, &key, target, now).await?;
        let entry = Entry::new("system.backup", "wrote the whole database into a backup")
            .with("rows", backup.rows)
            .with("bytes", backup.bytes)
            .with("seal", backup.seal.as_str());
        let recorded = match rooms.audit.record(&ScopeKey::HOST, entry).await {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(target: "javari", %error, "a backup was not written into the audit trail");
                false
            }
        };
        Ok(BackupReply { backup, recorded })
    }

    /// Puts a backup into this database, which is new: it holds no user and never did. All of it
    /// or nothing; the file is checked before anything is written and again before it counts.
    ///
    /// The database takes on the vault of the backup, and this Javari with it. Another process
    /// that has the same new database open says `CONFLICT` at its next credential and has to open
    /// it again.
    ///
    /// # Errors
    /// `NOT_FOUND`; `STORAGE_CORRUPT` when the file is cut, altered or no backup; `WRONG_KEY` when
    /// it was made under another root key; `SCHEMA_TOO_NEW`; `CONFLICT` when the database is in
    /// use. Nothing was written then.
    pub async fn restore(&self, path: &str) -> Result<BackupSummary> {
        let rooms = self.0.rooms();
        let key = BackupKey::derive(&rooms.local.root_key().await?)?;
        let file = BackupFile::open(path, &key).await?;
        let (mut transaction, backup) = file.restore(&rooms.database).await?;
        let entry = Entry::new("system.restore", "put a backup into the empty database")
            .with("rows", backup.rows)
            .with("made_at", backup.header.created_at.to_string())
            .with("engine", backup.header.engine.as_str())
            .with("seal", backup.seal.as_str());
        // The trail of the backup goes on with the key that its entries have.
        let kept = rooms.local.kept_within(&mut transaction).await?;
        let before = kept.audit.clone().map(|key| rooms.audit.take_entry_key(key));
        let done = match rooms.audit.append(&mut transaction, &ScopeKey::HOST, entry).await {
            Ok(_) => transaction.commit().await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            before.map(|key| rooms.audit.take_entry_key(key));
            return Err(error);
        }
        rooms.api_keys.keep(&kept);
        rooms.local.reload().await?;
        Ok(backup)
    }

    /// Says whether a file is a whole backup that opens with this Javari's root key. The database
    /// is not asked. A file that is not whole is an answer.
    ///
    /// # Errors
    /// `NOT_FOUND` and other faults of the disk.
    pub async fn verify_backup(&self, path: &str) -> Result<BackupReport> {
        BackupFile::verify(path, &BackupKey::derive(&self.0.rooms().roots.current())?).await
    }

    /// Asks the database how it is: engine and version, size, connections, whether it takes
    /// writes, and PostgreSQL's slowest statements.
    ///
    /// # Errors
    /// Those of the database when it does not answer at all.
    pub async fn health(&self) -> Result<Health> {
        self.0.rooms().database.health().await
    }

    /// Looks at everything that can go wrong unseen: keys, rights, schema, damage, disk, audit trail,
    /// clock. Reads much: call it now and then, not at each request.
    pub async fn doctor(&self) -> DoctorReport {
        doctor::examine(self.0).await
    }

    /// Gives back what deleted rows took, and the words of deleted documents with it.
    ///
    /// # Errors
    /// `STORAGE_BUSY`, `STORAGE_FULL`: a SQLite file needs as much free disk as it has bytes.
    pub async fn vacuum(&self) -> Result<VacuumReply> {
        let rooms = self.0.rooms();
        let freed = rooms.database.vacuum().await?;
        let entry = Entry::new("system.vacuum", "gave back what deleted rows took")
            .with("bytes_before", freed.bytes_before)
            .with("bytes_after", freed.bytes_after);
        rooms.audit.record(&ScopeKey::HOST, entry).await?;
        Ok(freed)
    }

    /// Refuses to write where the database or its key lies.
    pub(super) fn require_other_file(&self, operation: &'static str, path: &Path) -> Result<()> {
        let place = |path: &Path| -> Option<PathBuf> {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            Some(folder.unwrap_or(Path::new(".")).canonicalize().ok()?.join(path.file_name()?))
        };
        let target = place(path);
        let is_own = |own: &PathBuf| target.is_some() && place(own) == target;
        if self.0.rooms().own_files.all().any(is_own) {
            return Err(Error::new(
                ErrorKind::Forbidden,
                operation,
                "that is a file of the database itself or of its key: choose another name",
            )
            .with_field("/path", "must not be the database's or the key's"));
        }
        Ok(())
    }
}
