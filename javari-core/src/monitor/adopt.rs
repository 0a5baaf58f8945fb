//! The webhooks that the seed kept in clear in its monitors.

use uuid::Uuid;

use crate::{
    error::Result,
    secret::Secret,
    storage::{Transaction, values},
    types::{MonitorId, ScopeKey},
};

/// The address that a monitor of the seed tells of alerts; who has it can write there.
pub(crate) struct SeedWebhook {
    pub(crate) monitor: MonitorId,
    pub(crate) scope: ScopeKey,
    pub(crate) address: Secret,
}

/// Some of them, by monitor, behind `after`.
pub(crate) async fn seed_webhooks(
    transaction: &mut Transaction,
    after: MonitorId,
    limit: u32,
) -> Result<Vec<SeedWebhook>> {
    let rows = transaction
        .query(
            "SELECT m.id, m.user_id, m.project_id, o.slack_webhook
             FROM javari_seed.javari_health_monitors o JOIN javari_health_monitors m ON m.id = o.id
             WHERE o.slack_webhook <> '' AND m.id > $1 ORDER BY m.id LIMIT $2",
            values![after, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SeedWebhook {
                monitor: row.get("id")?,
                scope: ScopeKey {
                    user: row.get("user_id")?,
                    project: row.get("project_id")?,
                    subproject: None,
                    member: None,
                },
                address: Secret::new(row.get::<String>("slack_webhook")?),
            })
        })
        .collect()
}

/// Lets the monitor name the credential that holds its webhook.
pub(crate) async fn name_webhook(
    transaction: &mut Transaction,
    monitor: MonitorId,
    credential: &str,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_health_monitors SET slack_webhook = $2 WHERE id = $1",
            values![monitor, format!("{{{{cred:{credential}}}}}")],
        )
        .await
        .map(drop)
}

/// The id before every monitor's.
pub(crate) const FIRST: MonitorId = MonitorId(Uuid::nil());
