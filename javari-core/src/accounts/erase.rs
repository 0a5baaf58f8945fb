//! Erases a user: every row, every key, and the trail of what they did, leaving a proof that says
//! neither who it was nor what they did.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{Accounts, missing, store};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    storage::count_owned,
    types::{ScopeKey, UserId},
};

const OPERATION: &str = "users.erase";

/// Asks to erase a user for good.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseUser {
    /// Whom.
    pub user: UserId,
    /// Their e-mail address, so that nobody is erased by a mistaken id.
    #[schemars(length(min = 3, max = 254))]
    pub email: String,
}

/// What was erased. The host's audit trail says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Erasure {
    /// How many rows each table lost.
    pub rows: BTreeMap<String, u64>,
    /// What stands for the user in the host's audit trail: a keyed hash of the id, which proves to
    /// one who holds the root key and knows the id that it was this one, and tells others nothing.
    pub subject: String,
    /// How many entries the user's own audit trail had.
    pub trail_entries: u64,
    /// The hash of its last entry.
    pub trail_last_hash: Option<String>,
}

impl Accounts {
    /// Erases a user with everything that is theirs, in one transaction: no row is left in any
    /// table, and with the data keys everything sealed with them is shredded, in the copies too
    /// that do not hold the keys.
    ///
    /// What is not reached: backups made before, and, until `system.vacuum`, what the engine has
    /// not overwritten yet in its file.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_INPUT` when the address is not this user's; `FORBIDDEN` when the
    /// database's role does not own the tables; `STORAGE_BUSY`. Nothing was erased then.
    pub async fn erase(&self, request: &EraseUser) -> Result<Erasure> {
        let user = request.user;
        let mut transaction = self.database.begin_as_owner_for_host().await?;
        let email = store::email_to_erase(&mut transaction, user).await?;
        let email = email.ok_or_else(|| missing(OPERATION, "user"))?;
        if email.to_lowercase() != request.email.trim().to_lowercase() {
            return Err(Error::invalid(OPERATION, "that is not the address of this user")
                .with_field("/email", "must be the user's"));
        }
        let rows = count_owned(&mut transaction, user).await?;
        let trail = self.audit.remove_chain(&mut transaction, user).await?;
        store::delete_user(&mut transaction, user).await?;
        if let Some((table, left)) = count_owned(&mut transaction, user).await?.first() {
            return Err(Error::new(
                ErrorKind::Unexpected,
                OPERATION,
                "a table keeps rows of a user who is gone; nothing was erased: please report it",
            )
            .with("table", table)
            .with("rows", left));
        }
        let subject = self.audit.subject(user)?;
        let counts: Map<String, Json> =
            rows.iter().map(|(table, count)| ((*table).to_owned(), (*count).into())).collect();
        let entry = Entry::new(OPERATION, "erased a user with everything that was theirs")
            .with("subject", subject.as_str())
            .with("rows", counts)
            .with("trail_entries", trail.entries)
            .with("trail_last_hash", trail.last_hash.clone());
        self.audit.append(&mut transaction, &ScopeKey::HOST, entry).await?;
        transaction.commit().await?;
        self.remembered.forget();
        let rows = rows.into_iter().map(|(table, count)| (table.to_owned(), count)).collect();
        Ok(Erasure {
            rows,
            subject,
            trail_entries: trail.entries,
            trail_last_hash: trail.last_hash,
        })
    }
}
