//! The one way by which a chain of the trail is removed: for a user who is erased with it.
//!
//! The trail is append-only by a trigger, which stands for everybody who writes to the database. It
//! is lifted here in the transaction that erases the user and stands again before that ends; on
//! PostgreSQL only the role that owns the table can do so. What is left is an entry in the host's
//! chain with how long the removed one was and how it ended.

use super::{
    Audit,
    store::{HEAD, lock_chain},
};
use crate::{
    error::Result,
    storage::{Transaction, hold_root_key, values},
    types::UserId,
};

/// The end of a chain that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedChain {
    /// How many entries it had.
    pub entries: u64,
    /// The hash of the last one.
    pub last_hash: Option<String>,
}

/// Names an erased user; no two kinds of hash have the same bytes.
const SUBJECT: &str = "javari.audit.erased.v1";

/// The statement of migrations/sqlite/0002_audit.sql; a test compares the two.
const SQLITE_GUARD: &str = "CREATE TRIGGER work_log_no_delete BEFORE DELETE ON javari_work_log
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END";

impl Audit {
    /// Removes the chain of a user in the transaction that erases the user.
    ///
    /// # Errors
    /// `FORBIDDEN` when the database's role does not own the table; those of the database.
    pub(crate) async fn remove_chain(
        &self,
        transaction: &mut Transaction,
        user: UserId,
    ) -> Result<RemovedChain> {
        let chain = user.to_string();
        let head = transaction.query_one(HEAD, values![&chain]).await?;
        let last_hash = head.map(|row| row.get("hash")).transpose()?;
        let (lift, restore) = transaction.dialect().choose(
            ("DROP TRIGGER work_log_no_delete", SQLITE_GUARD),
            (
                "ALTER TABLE javari_work_log DISABLE TRIGGER work_log_no_change",
                "ALTER TABLE javari_work_log ENABLE TRIGGER work_log_no_change",
            ),
        );
        // As every entry takes them, and before the table is held: who holds one of the two chains still
        // writes its entry.
        hold_root_key(transaction).await?;
        for chain in ["host", &chain] {
            lock_chain(transaction, chain).await?;
        }
        transaction.execute(lift, values![]).await?;
        let entries = "DELETE FROM javari_work_log WHERE chain = $1";
        let entries = transaction.execute(entries, values![&chain]).await?;
        transaction.execute(restore, values![]).await?;
        let head = "DELETE FROM javari_work_log_heads WHERE chain = $1";
        transaction.execute(head, values![&chain]).await?;
        Ok(RemovedChain { entries, last_hash })
    }

    /// What stands for an erased user in the host's chain: a keyed hash of the id.
    ///
    /// # Errors
    /// `UNEXPECTED` when it cannot be made.
    pub fn subject(&self, user: UserId) -> Result<String> {
        self.keys.entries().hash(&[SUBJECT, &user.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_that_is_put_back_is_the_one_that_the_migration_made() {
        let migration = include_str!("../../migrations/sqlite/0002_audit.sql");
        assert!(migration.contains(&format!("{SQLITE_GUARD};")));
    }
}
