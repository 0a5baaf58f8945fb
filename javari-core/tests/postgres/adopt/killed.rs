//! A process that is killed while it adopts a database.

use std::time::Duration;

use javari_core::{
    client::{AdoptRequest, AdoptState, Builder},
    testkit,
};

use super::{
    taken_in::require_every_value,
    world::{Schema, adopt, for_good, old_answers, opened, seeded, texts},
};
use crate::{
    child::{Running, part, random, tell},
    settings,
};

fn everything_at_once() -> AdoptRequest {
    AdoptRequest { reseal: true, ..for_good(AdoptRequest::default()) }
}

#[tokio::test]
async fn a_process_killed_at_any_moment_of_adopting_is_followed_by_one_that_finishes() {
    if let Some((_, address)) = part() {
        tell("begun");
        adopt(&address, &everything_at_once()).await;
        return tell("adopted");
    }
    let soak = testkit::rounds(1) > 1;
    let (users, kills) = if soak { (10_000, 50) } else { (40, 5) };
    let (mut address, mut server) = seeded(Schema::Ours, users).await;
    let mut before = old_answers(&mut server, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let test = "adopt::killed::a_process_killed_at_any_moment_of_adopting_is_followed_by_one_that_finishes";
    // How long it takes here, so that moments are spread over all of it.
    let start = std::time::Instant::now();
    adopt(&address, &AdoptRequest::default()).await;
    let mut whole = start.elapsed().as_micros() as u64 * 3 / 2;
    let (mut killed, mut started) = (0, 0);
    while killed < kills {
        let mut child = Running::start(test, folder.path(), &address);
        assert_eq!(child.next().as_deref(), Some("begun"));
        let moment = random(started) % whole;
        std::thread::sleep(Duration::from_micros(moment));
        let told_the_end = child.kill().contains(&"adopted".to_owned());
        started += 1;
        // Either all of it is there or nothing.
        let there = "SELECT ((to_regclass('javari_schema') IS NULL)
            = (to_regclass('javari_seed.users') IS NULL))::text || (SELECT count(*) FROM users)";
        assert_eq!(texts(&mut server, there).await, [format!("true{users}")]);
        killed += usize::from(!told_the_end);
        let all_there = "SELECT (to_regclass('javari_schema') IS NOT NULL)::text";
        if killed < kills && texts(&mut server, all_there).await == ["true"] {
            // Nothing is left here that a process could be killed in.
            if told_the_end {
                // It takes less long than was measured.
                whole = moment.max(1);
            }
            (address, server) = seeded(Schema::Ours, users).await;
            before = old_answers(&mut server, 1).await;
        }
    }
    // Where the last one was killed in the middle of a statement, the server first ends that.
    let mut patient = settings(&address);
    patient.busy_timeout_ms = 120_000;
    let report = Builder::new(patient).adopt(&everything_at_once()).await.unwrap();
    assert!(matches!(report.state, AdoptState::Adopted | AdoptState::AdoptedBefore), "{report:?}");
    assert_eq!(report.credentials.left_in_seed_format, Some(0));
    for table in &report.tables {
        assert_eq!(table.old_rows, table.new_rows, "{table:?}");
    }
    let javari = opened(&address).await;
    require_every_value(&javari, &mut server, users).await;
    let after = old_answers(&mut server, 1).await;
    // Sealed anew: these columns are others, and open to the same value.
    let same = before.iter().zip(&after).filter(|(one, other)| one == other).count();
    assert_eq!(same, before.len() - 1);
}
