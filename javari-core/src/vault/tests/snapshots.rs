//! What only the local vault can be asked about snapshots: alterations, expiry, the rows.

use uuid::Uuid;

use super::*;
use crate::types::SnapshotId;

const TALK: Uuid = Uuid::from_u128(7);

/// A house whose user has two credentials, a snapshot of them and newer values.
async fn snapshotted(clock: Arc<HandClock>) -> (House, SnapshotId) {
    let house = house_at(clock).await;
    let user = house.ground.user;
    for name in ["A", "B"] {
        house.vault.put(&user, PutCredential::new(name, Secret::new("canary-1"))).await.unwrap();
    }
    let request = MakeSnapshot { with_values: true, ..MakeSnapshot::new(TALK) };
    let id = house.vault.snapshot(&user, &request).await.unwrap().id;
    for name in ["A", "B"] {
        let turn = RotateCredential::new(name, Secret::new("canary-2"));
        house.vault.rotate(&user, turn).await.unwrap();
    }
    (house, id)
}

fn request(id: SnapshotId) -> RestoreSnapshot {
    RestoreSnapshot { allow_revoked: true, ..RestoreSnapshot::new(id, TALK) }
}

#[tokio::test]
async fn who_writes_to_the_database_cannot_alter_a_snapshot() {
    for statement in [
        "UPDATE javari_credential_snapshots SET expires_at = '2999-01-01T00:00:00.000000Z'",
        "UPDATE javari_credential_snapshots SET created_at = '2020-01-01T00:00:00.000000Z'",
        "UPDATE javari_credential_snapshots SET credentials_snapshot = '[]'",
        "UPDATE javari_credential_snapshots SET credentials_snapshot = '{}'",
        "UPDATE javari_credential_snapshots SET authentication = 'x'",
        "UPDATE javari_credential_snapshots
         SET conversation_id = '00000000-0000-0000-0000-000000000007'
             , project_id = (SELECT id FROM projects)",
    ] {
        let (house, id) = snapshotted(HandClock::new()).await;
        change(&house.database, statement).await;
        let scope = match statement.contains("project_id") {
            true => house.ground.project,
            false => house.ground.user,
        };
        let error = house.vault.restore_snapshot(&scope, &request(id)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotUnseal, "{statement}");
        let error = house.vault.snapshots(&scope, &ListSnapshots::default()).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::CannotUnseal, "{statement}");
    }
}

#[tokio::test]
async fn a_snapshot_ends_by_the_clock_and_is_cleared_away_with_the_next_one() {
    let clock = HandClock::still();
    let (house, id) = snapshotted(clock.clone()).await;
    let user = house.ground.user;
    clock.forward(Duration::from_secs(30 * 86_400) - Duration::from_micros(1));
    assert_eq!(
        house.vault.snapshots(&user, &ListSnapshots::default()).await.unwrap().items.len(),
        1
    );
    clock.forward(Duration::from_micros(1));
    assert_eq!(
        house.vault.snapshots(&user, &ListSnapshots::default()).await.unwrap().items.len(),
        0
    );
    let error = house.vault.restore_snapshot(&user, &request(id)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    house.vault.snapshot(&user, &MakeSnapshot::new(TALK)).await.unwrap();
    let rows = "SELECT count(*) AS count FROM javari_credential_snapshots";
    let row = house.database.query_one(&user, rows, values![]).await.unwrap().unwrap();
    assert_eq!(row.get::<i64>("count").unwrap(), 1);
}

#[tokio::test]
async fn a_snapshot_holds_no_value_in_clear_and_going_back_is_one_story_in_the_audit_trail() {
    let (house, id) = snapshotted(HandClock::new()).await;
    let user = house.ground.user;
    let text = "SELECT credentials_snapshot AS text FROM javari_credential_snapshots";
    let row = house.database.query_one(&user, text, values![]).await.unwrap().unwrap();
    assert!(!row.get::<String>("text").unwrap().contains("canary"));
    house.vault.restore_snapshot(&user, &request(id)).await.unwrap();
    let entries = house.audit.list(&user, &PageRequest::default()).await.unwrap().items;
    let told: Vec<&str> = entries.iter().take(3).map(|entry| entry.action.as_str()).collect();
    assert_eq!(told, ["vault.restore_snapshot"; 3]);
    assert_eq!(entries[0].details["restored"], 2);
    assert!(!format!("{entries:?}").contains("canary"));
    assert!(house.audit.verify(&user).await.unwrap().verified);
}

#[tokio::test]
async fn going_back_is_done_for_all_or_for_none() {
    let (house, id) = snapshotted(HandClock::new()).await;
    let user = house.ground.user;
    let mut transaction = house.database.begin_as_owner().await.unwrap();
    // The second of the two cannot be written.
    let statement = transaction.dialect().choose(
        "CREATE TRIGGER no_b BEFORE UPDATE ON javari_credentials
         WHEN OLD.name = 'B' AND NEW.current_version > OLD.current_version
         BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER no_b BEFORE UPDATE ON javari_credentials FOR EACH ROW
         WHEN (OLD.name = 'B' AND NEW.current_version > OLD.current_version)
         EXECUTE FUNCTION javari_refuse_change()",
    );
    transaction.execute(statement, values![]).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(house.vault.restore_snapshot(&user, &request(id)).await.is_err());
    for name in ["A", "B"] {
        assert_eq!(house.vault.get(&user, name).await.unwrap().version, 2);
    }
}
