//! Who may act in which scope, looked up a moment ago.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    accounts::Role,
    types::{ScopeKey, Timestamp},
};

/// How long a role is believed without being looked up again: what another process changed is seen
/// after this.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(5);
/// So many scopes are remembered.
const MOST: usize = 10_000;

/// The roles of owners and members, by scope.
#[derive(Default)]
pub(in crate::accounts) struct Remembered(Mutex<Roles>);

#[derive(Default)]
struct Roles {
    found: HashMap<ScopeKey, (Role, Timestamp)>,
    /// How often roles were changed, and what they are in deleted, here.
    generation: u64,
}

impl Remembered {
    /// The role, where it was looked up a moment before `now`.
    pub(in crate::accounts) fn role(&self, scope: &ScopeKey, now: Timestamp) -> Option<Role> {
        let roles = self.roles();
        let (role, at) = roles.found.get(scope)?;
        // A clock that was put back proves nothing.
        (*at <= now && now.since(*at) < REMEMBERED_FOR).then_some(*role)
    }

    /// To be asked before a role is looked up, and told when it is kept.
    pub(in crate::accounts) fn generation(&self) -> u64 {
        self.roles().generation
    }

    /// Keeps a role unless one was changed, or something deleted, since it was looked up.
    pub(in crate::accounts) fn keep(
        &self,
        scope: ScopeKey,
        role: Role,
        now: Timestamp,
        generation: u64,
    ) {
        let mut roles = self.roles();
        if roles.generation != generation {
            return;
        }
        if roles.found.len() >= MOST {
            roles.found.clear();
        }
        roles.found.insert(scope, (role, now));
    }

    /// Forgets them all: some role was changed, or what it is in deleted.
    pub(in crate::accounts) fn forget(&self) {
        let mut roles = self.roles();
        roles.generation = roles.generation.wrapping_add(1);
        roles.found.clear();
    }

    fn roles(&self) -> MutexGuard<'_, Roles> {
        // A panic while the map was held cannot leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::types::{ProjectId, UserId};

    fn scope() -> ScopeKey {
        let id = Uuid::from_u128;
        ScopeKey::user(UserId(id(1))).with_project(ProjectId(id(2))).acted_by(UserId(id(3)))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_role_is_believed_for_five_seconds_and_not_by_a_clock_that_was_put_back() {
        let remembered = Remembered::default();
        remembered.keep(scope(), Role::Admin, at(100), remembered.generation());
        assert_eq!(remembered.role(&scope(), at(104)), Some(Role::Admin));
        for later in [105, 1_000, 99] {
            assert_eq!(remembered.role(&scope(), at(later)), None, "{later}");
        }
    }

    #[test]
    fn a_role_that_was_looked_up_before_a_change_is_not_kept_behind_it() {
        let remembered = Remembered::default();
        let generation = remembered.generation();
        remembered.forget();
        remembered.keep(scope(), Role::Admin, at(100), generation);
        assert_eq!(remembered.role(&scope(), at(100)), None);
    }
}
