//! Which user the subject of a verified token is.

mod store;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use super::{User, refusal::Refusal, store as users, token::Claims};
use crate::{
    audit::{Audit, Entry},
    config::IdentitySettings,
    error::{Error, ErrorKind, Result},
    storage::{Database, Transaction},
    types::{Clock, IdentityId, ScopeKey, Timestamp, UserId},
};

/// Which user a subject is, in one database. Cheap to clone.
#[derive(Clone)]
pub(super) struct Identities {
    database: Database,
    clock: Arc<dyn Clock>,
    audit: Audit,
    policy: Policy,
}

/// What becomes of a subject that is not known yet; see [`IdentitySettings`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Policy {
    subject_is_user_id: bool,
    make_users: bool,
    join_by_email: bool,
}

/// An identity that is kept.
pub(super) struct Kept {
    pub(super) id: IdentityId,
    pub(super) user: UserId,
    pub(super) last_seen_at: Timestamp,
}

/// When a subject was seen last is written no more often than this.
const SEEN_AFTER: Duration = Duration::from_secs(60 * 60);
/// How often a subject that several bring at once is looked for again.
const TRIES: usize = 3;

impl Policy {
    pub(super) fn of(settings: &IdentitySettings) -> Self {
        Self {
            subject_is_user_id: settings.subject_is_user_id,
            make_users: settings.make_users,
            join_by_email: settings.join_by_email,
        }
    }
}

impl Identities {
    pub(super) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        audit: Audit,
        policy: Policy,
    ) -> Self {
        Self { database, clock, audit, policy }
    }

    /// The user that the claims' subject is: the one it was before, else as the settings say.
    ///
    /// # Errors
    /// `UNAUTHORIZED` with the reason when it is none.
    pub(super) async fn user_of(&self, claims: &Claims) -> Result<User> {
        for _ in 0..TRIES {
            if let Some(kept) = store::find(&self.database, claims).await? {
                self.note_seen(&kept).await;
                let user = users::user(&self.database, kept.user).await?;
                return user.ok_or_else(|| Refusal::UnknownSubject.into());
            }
            if let Err(refused) = self.admit(claims).await
                // Another may have brought the same subject in meanwhile.
                && store::find(&self.database, claims).await?.is_none()
            {
                return Err(refused);
            }
        }
        let message = "several sign this subject in at once: try again";
        Err(Error::new(ErrorKind::Conflict, "users.authenticate", message))
    }

    /// Makes the identity of an unknown subject, or refuses it. Who was overtaken looks again.
    async fn admit(&self, claims: &Claims) -> Result<()> {
        let own_id = self.policy.own_id(&claims.subject);
        if let Some(id) = own_id
            && users::user(&self.database, id).await?.is_some()
        {
            let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
            self.link(&mut transaction, claims, id, "linked a user to its identity").await?;
            return transaction.commit().await;
        }
        let Policy { make_users, join_by_email, .. } = self.policy;
        if !make_users && !join_by_email {
            return Err(Refusal::UnknownSubject.into());
        }
        let Some(email) = claims.email.as_deref().filter(|_| claims.email_verified) else {
            return Err(Refusal::EmailUnverified.into());
        };
        match users::user_by_email(&self.database, email).await? {
            Some(_) if !join_by_email => Err(Refusal::EmailTaken.into()),
            Some(user) => self.join(claims, user.id).await,
            None if !make_users => Err(Refusal::UnknownSubject.into()),
            None => self.make(claims, email, own_id).await,
        }
    }

    /// Joins the subject to the user of its verified address. An address can change hands, so a user
    /// whom another subject of this issuer joined before is left alone.
    async fn join(&self, claims: &Claims, user: UserId) -> Result<()> {
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        if store::has_another(&mut transaction, claims, user).await? {
            return Err(Refusal::EmailTaken.into());
        }
        self.link(&mut transaction, claims, user, "joined an identity by its address").await?;
        transaction.commit().await
    }

    async fn make(&self, claims: &Claims, email: &str, own_id: Option<UserId>) -> Result<()> {
        super::require_address(email).map_err(|_| Refusal::EmailUnverified)?;
        let id = own_id.unwrap_or_else(|| UserId(self.clock.new_id()));
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        let now = self.clock.now();
        if users::insert_user(&mut transaction, id, email, None, now).await? {
            self.link(&mut transaction, claims, id, "made a user").await?;
        }
        transaction.commit().await
    }

    async fn link(
        &self,
        transaction: &mut Transaction,
        claims: &Claims,
        user: UserId,
        what: &'static str,
    ) -> Result<()> {
        let id = IdentityId(self.clock.new_id());
        if store::insert(transaction, id, user, claims, self.clock.now()).await? {
            let entry = Entry::new("users.authenticate", what)
                .with("identity", id.to_string())
                .with("issuer", claims.issuer.clone());
            self.audit.append(transaction, &ScopeKey::user(user), entry).await?;
        }
        Ok(())
    }

    /// That it could not be written is no reason to refuse a token.
    async fn note_seen(&self, kept: &Kept) {
        let now = self.clock.now();
        if now.since(kept.last_seen_at) < SEEN_AFTER {
            return;
        }
        let earliest =
            Timestamp::from_micros(now.as_micros().saturating_sub(SEEN_AFTER.as_micros() as i64));
        if let Err(error) = store::note_seen(&self.database, kept, now, earliest).await {
            tracing::warn!(target: "javari", %error, "when an identity was seen was not written");
        }
    }
}

impl Policy {
    /// The id that a subject is, where subjects are ids. A UUID has one spelling (RFC 9562 §4).
    fn own_id(self, subject: &str) -> Option<UserId> {
        let id: UserId = subject.parse().ok().filter(|_| self.subject_is_user_id)?;
        (id.to_string() == subject).then_some(id)
    }
}
