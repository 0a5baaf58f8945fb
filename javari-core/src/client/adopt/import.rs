//! Takes a database of the seed into this Javari, which is new, and leaves the old one as it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AdoptReport, AdoptRequest, AdoptState,
    run::{Tried, old_location, try_adopting},
};
use crate::{
    client::SystemOf,
    error::{Error, Result},
    storage::{
        BackupKey, BackupSummary, BackupTarget, Database, DatabaseConfig,
        adopt::{self as seed, SeedState},
        back_up_within,
    },
};

const OPERATION: &str = "system.import_seed";

/// Asks for a database of the seed to be taken into this one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSeedRequest {
    /// The file that the rows go through, in the form of a backup; it stays. Its folder exists.
    #[schemars(length(min = 1, max = 4096))]
    pub path: String,
    /// The old database and what is to be known for it. With `dry_run` nothing is written here;
    /// `reseal` and `drop_old` are for databases that are adopted in their place.
    pub source: AdoptRequest,
}

/// What was taken in, or would be.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ImportSeedReply {
    /// What became of the rows.
    pub report: AdoptReport,
    /// The backup that they went through; nothing after a dry run or a stop.
    pub backup: Option<BackupSummary>,
}

impl SystemOf<'_> {
    /// Takes the rows of a database of the seed into this one, which is new, whichever its engine.
    ///
    /// The old database is adopted in a transaction that is never committed, written from there
    /// into a backup, and this is restored: what stands here is what adopting would have made, and
    /// the old database is as before. Meanwhile nobody else works with its tables.
    ///
    /// # Errors
    /// Those of [`adopt`](Self::adopt), [`backup`](Self::backup) and [`restore`](Self::restore).
    pub async fn import_seed(&self, request: &ImportSeedRequest) -> Result<ImportSeedReply> {
        let source = &request.source;
        source.check(OPERATION)?;
        if source.reseal || source.drop_old {
            return Err(Error::invalid(OPERATION, "the old database stays as it is")
                .with_field("/source", "must ask for neither `reseal` nor `drop_old`"));
        }
        let Some(address) = &source.database else {
            return Err(Error::invalid(OPERATION, "no database is named")
                .with_field("/source/database", "must be the address of the seed's database"));
        };
        self.require_other_file(OPERATION, std::path::Path::new(&request.path))?;
        // Exposed to be taken apart; it goes to the driver alone.
        let location = old_location(OPERATION, address.expose())?;
        let old = Database::connect(location, DatabaseConfig::default()).await?;
        let read = self.read_seed(&old, request).await;
        old.close().await;
        let (report, backup) = read?;
        if let Some(backup) = &backup {
            self.restore(&backup.path).await?;
        }
        Ok(ImportSeedReply { report, backup })
    }

    /// Writes the old database as a backup of what it would become, and undoes that.
    async fn read_seed(
        &self,
        old: &Database,
        request: &ImportSeedRequest,
    ) -> Result<(AdoptReport, Option<BackupSummary>)> {
        let rooms = self.0.rooms();
        if seed::state(old).await? != SeedState::Seed {
            return Err(Error::invalid(
                OPERATION,
                "this is no database of the seed: copy one of Javari's with a backup",
            ));
        }
        let root = rooms.local.root_key().await?;
        let key = BackupKey::derive(&root)?;
        let Tried { mut transaction, mut report, .. } =
            try_adopting(old, rooms.clock.clone(), root, &request.source).await?;
        if report.state == AdoptState::Stopped || request.source.dry_run {
            return Ok((report, None));
        }
        let target = BackupTarget { path: request.path.clone().into(), overwrite: false };
        let now = rooms.clock.now();
        let backup = back_up_within(&mut transaction, &key, target, now).await?;
        drop(transaction);
        report.state = AdoptState::Adopted;
        // Of what the host made upon the old tables nothing stands here.
        report.dependents.iter_mut().for_each(|one| one.restored = false);
        Ok((report, Some(backup)))
    }
}
