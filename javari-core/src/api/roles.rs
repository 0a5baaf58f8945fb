//! What each role may do in a project of somebody else: the least role for each operation.
//!
//! A viewer reads everything but secrets. A developer reads secrets by `reveal`, writes documents,
//! spends money on models and runs monitors and repairs. An admin manages what the others use. The
//! owner's alone is what concerns the user as a whole: it is no member's, whatever the role.

use crate::accounts::Role;

/// The least role that may call the operation in a project of somebody else. One that is not listed
/// is the owner's.
pub(super) fn least_role(operation: &str) -> Role {
    match operation {
        "members.list" | "members.leave" => Role::Viewer,
        "projects.get" | "subprojects.list" | "subprojects.get" => Role::Viewer,
        "vault.get" | "vault.resolve" | "vault.list" | "vault.versions" | "vault.due"
        | "vault.snapshots" => Role::Viewer,
        "knowledge.search" | "knowledge.get" | "knowledge.list" | "knowledge.stats" => Role::Viewer,
        "monitor.list" | "monitor.get" | "monitor.observations" | "monitor.alerts" => Role::Viewer,
        "healer.get" | "healer.list" => Role::Viewer,
        "audit.list" | "cost.report" | "budgets.list" | "provider.models" | "route.explain" => {
            Role::Viewer
        }

        "vault.reveal" | "vault.accepted" | "vault.test" | "vault.snapshot" => Role::Developer,
        "vault.verify_webhook" | "vault.access_token" => Role::Developer,
        "provider.chat" | "provider.complete" => Role::Developer,
        "knowledge.ingest" | "knowledge.answer" | "knowledge.delete" => Role::Developer,
        "monitor.create" | "monitor.delete" | "monitor.check" | "monitor.acknowledge" => {
            Role::Developer
        }
        "healer.diagnose" | "healer.heal" | "healer.reject" => Role::Developer,
        "audit.record" => Role::Developer,

        "members.put" | "members.remove" => Role::Admin,
        "projects.update" | "subprojects.ensure" | "subprojects.update" => Role::Admin,
        "api_keys.create" | "api_keys.list" | "api_keys.revoke" => Role::Admin,
        "vault.put"
        | "vault.bind"
        | "vault.import"
        | "vault.rotate"
        | "vault.rollback"
        | "vault.revoke"
        | "vault.auto_rotate"
        | "vault.schedule"
        | "vault.delete"
        | "vault.restore_snapshot"
        | "vault.delete_snapshot" => Role::Admin,
        // It merges into the project's own branch.
        "healer.approve" => Role::Admin,

        _ => Role::Owner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Access, catalog};

    #[test]
    fn what_a_member_may_call_is_in_the_catalogue_and_not_the_hosts() {
        let members: Vec<_> =
            catalog().iter().filter(|operation| operation.least_role < Role::Owner).collect();
        assert!(members.len() > 40, "{}", members.len());
        assert!(members.iter().all(|operation| operation.access != Access::Host));
    }

    #[test]
    fn an_operation_that_nobody_listed_is_the_owners() {
        assert_eq!(least_role("vault.something_new"), Role::Owner);
    }
}
