//! Which operations a caller may call.

use crate::error::{Error, ErrorKind, Result};

/// The most patterns of one grant.
const MOST_PATTERNS: usize = 64;
/// Rooms that no grant of a key covers: a key that makes keys could never be revoked.
const NEVER_BY_KEY: &str = "api_keys";
/// Nor does a key let anybody in or out: who was let in by one would stay behind it. What a key that was
/// taken away from its owner could delete as a whole would not come back.
const NEVER_BY_KEY_EITHER: [&str; 5] =
    ["members.put", "members.remove", "members.leave", "projects.delete", "subprojects.delete"];

/// Which operations a caller may call, as patterns of names: `knowledge.search`, `vault.*`, `*`.
///
/// ```
/// use javari_core::accounts::Grant;
/// let known = ["vault.get", "vault.put", "knowledge.search"];
/// let grant = Grant::of(&["vault.*".to_owned()], &known).unwrap();
/// assert!(grant.permits("vault.put") && !grant.permits("knowledge.search"));
/// assert!(Grant::of(&["vualt.*".to_owned()], &known).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Every layer must permit it.
    layers: Vec<Vec<String>>,
    by_key: bool,
}

impl Grant {
    /// Every operation that a user may call.
    pub fn everything() -> Self {
        Self { layers: Vec::new(), by_key: false }
    }

    /// What these patterns permit. Each must be `*`, `room.*` or `room.verb` and fit at least one of
    /// the `known` operations.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming every pattern that does not fit.
    pub fn of(patterns: &[String], known: &[&str]) -> Result<Self> {
        let error = Error::invalid("api_keys.create", "some operations cannot be granted");
        if patterns.is_empty() || patterns.len() > MOST_PATTERNS {
            return Err(error.with_field("/operations", "must have 1 to 64 patterns"));
        }
        let faults: Vec<String> = patterns
            .iter()
            .enumerate()
            .filter(|(_, pattern)| !known.iter().any(|name| permits(pattern, name)))
            .map(|(place, _)| format!("/operations/{place}"))
            .collect();
        if faults.is_empty() {
            return Ok(Self { layers: vec![patterns.to_vec()], by_key: false });
        }
        Err(faults.into_iter().fold(error, |error, path| {
            error.with_field(path, "must be `*`, or `room.*` or `room.verb` of an operation")
        }))
    }

    /// The grant of a stored key, which was checked when it was made.
    pub(super) fn of_key(patterns: Vec<String>) -> Self {
        Self { layers: vec![patterns], by_key: true }
    }

    /// What both permit.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.layers.extend(other.layers.iter().cloned());
        self.by_key |= other.by_key;
        self
    }

    /// Whether an operation of that name may be called.
    pub fn permits(&self, operation: &str) -> bool {
        let is_never = self.by_key
            && (is_in_room(operation, NEVER_BY_KEY) || NEVER_BY_KEY_EITHER.contains(&operation));
        !is_never
            && self
                .layers
                .iter()
                .all(|patterns| patterns.iter().any(|pattern| permits(pattern, operation)))
    }

    /// Refuses an operation that is not permitted.
    ///
    /// # Errors
    /// `FORBIDDEN` naming the operation.
    pub fn require(&self, operation: &'static str) -> Result<()> {
        if self.permits(operation) {
            return Ok(());
        }
        let message = "the caller's key or token does not cover this operation";
        Err(Error::new(ErrorKind::Forbidden, operation, message))
    }
}

fn permits(pattern: &str, operation: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(room) => room.strip_suffix('.').is_some_and(|room| is_in_room(operation, room)),
        None => pattern == operation,
    }
}

fn is_in_room(operation: &str, room: &str) -> bool {
    operation.split_once('.').is_some_and(|(own, _)| own == room)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["vault.get", "vault.put", "knowledge.search", "api_keys.create"];

    fn grant(patterns: &[&str]) -> Result<Grant> {
        let patterns: Vec<String> = patterns.iter().map(|one| (*one).to_owned()).collect();
        Grant::of(&patterns, KNOWN)
    }

    #[test]
    fn a_pattern_permits_its_operation_its_room_or_everything() {
        for (pattern, permitted) in [
            ("vault.get", &["vault.get"][..]),
            ("vault.*", &["vault.get", "vault.put"]),
            ("*", KNOWN),
        ] {
            let grant = grant(&[pattern]).unwrap();
            let found: Vec<&&str> = KNOWN.iter().filter(|name| grant.permits(name)).collect();
            assert_eq!(found, permitted.iter().collect::<Vec<_>>(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_fits_no_operation_is_named() {
        for pattern in [
            "", "vualt.*", "vault", "vault.", "vault*", "v*", "*.get", "**", ".*", "Vault.*",
            "vault.g*",
        ] {
            let error = grant(&["vault.get", pattern]).unwrap_err();
            assert_eq!(error.fields()[0].path, "/operations/1", "{pattern}");
        }
        assert_eq!(grant(&[]).unwrap_err().fields()[0].path, "/operations");
        assert!(grant(&["*"; 65]).is_err());
    }

    #[test]
    fn a_key_makes_no_keys_and_no_members_and_ends_no_project_whatever_it_was_granted() {
        for pattern in
            ["*", "api_keys.*", "api_keys.create", "members.*", "members.put", "projects.*"]
        {
            let key = Grant::of_key(vec![pattern.to_owned()]);
            for operation in ["api_keys.create", "members.put", "members.remove", "members.leave"] {
                assert!(!key.permits(operation), "{pattern} permits {operation}");
            }
            for operation in ["projects.delete", "subprojects.delete"] {
                assert!(!key.permits(operation), "{pattern} permits {operation}");
            }
        }
        assert!(Grant::of_key(vec!["projects.*".to_owned()]).permits("projects.update"));
        assert!(Grant::of_key(vec!["members.*".to_owned()]).permits("members.list"));
        assert!(Grant::everything().permits("api_keys.create"));
        assert!(
            !Grant::of_key(vec!["*".to_owned()]).and(&Grant::everything()).permits("api_keys.list")
        );
    }

    #[test]
    fn two_grants_permit_what_both_do() {
        let both = grant(&["vault.*"]).unwrap();
        let both = both.and(&grant(&["vault.get", "knowledge.*"]).unwrap());
        assert!(both.permits("vault.get") && !both.permits("vault.put"));
        assert!(!both.permits("knowledge.search"));
        let error = both.require("vault.put").unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Forbidden, "vault.put"));
    }
}
