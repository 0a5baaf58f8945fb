//! What only the local vault can be asked about rotation by itself: handlers that fail at each
//! step, schedules by the clock, several who work at once.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use super::{
    probe::{Wire, http},
    *,
};

/// A service that gives out values and ends them, as far as it is let.
#[derive(Default)]
struct Giver {
    made: AtomicUsize,
    ended: Mutex<Vec<String>>,
    fails: Mutex<&'static str>,
}

impl Giver {
    fn ended(&self) -> Vec<String> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fail_to(&self, step: &'static str) {
        *self.fails.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    fn fails(&self, step: &str) -> Result<()> {
        match *self.fails.lock().unwrap_or_else(PoisonError::into_inner) == step {
            true => Err(Error::new(ErrorKind::Network, "giver.step", "the service is away")),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl RotationHandler for Giver {
    async fn make(&self, current: &Secret) -> Result<Secret> {
        self.fails("make")?;
        assert!(current.expose().starts_with("given"));
        let number = self.made.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Secret::new(format!("given-{number}-canary")))
    }

    async fn verify(&self, _: &Secret) -> Result<ProbeOutcome> {
        self.fails("verify")?;
        Ok(if self.fails("work").is_err() { ProbeOutcome::Invalid } else { ProbeOutcome::Valid })
    }

    async fn revoke_old(&self, old: &Secret) -> Result<()> {
        self.fails("revoke")?;
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push(old.expose().to_owned());
        Ok(())
    }
}

/// A house with a credential that `giver` gives out.
async fn given(clock: Arc<HandClock>) -> (House, LocalVault, Arc<Giver>) {
    let house = house_at(clock).await;
    let giver = Arc::new(Giver::default());
    let handlers = RotationHandlers::default().with("giver", giver.clone());
    let vault = house.vault.clone().with_rotation_handlers(handlers);
    vault
        .put(&house.ground.project, PutCredential::new("KEY", Secret::new("given")))
        .await
        .unwrap();
    (house, vault, giver)
}

fn by_giver(grace_seconds: u64) -> AutoRotate {
    AutoRotate { handler: Some("giver".into()), grace_seconds, ..AutoRotate::new("KEY") }
}

fn plan(grace_seconds: u64) -> ScheduleRotation {
    let handler = Some("giver".into());
    ScheduleRotation { handler, grace_seconds, ..ScheduleRotation::every("KEY", 30) }
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn an_old_value_is_revoked_at_its_service_when_its_grace_is_over_and_not_before() {
    let clock = HandClock::still();
    let (house, vault, giver) = given(clock.clone()).await;
    let scope = house.ground.project;
    let turned = vault.auto_rotate(&scope, by_giver(60)).await.unwrap();
    assert!(turned.revocation_pending);
    let due = RotateDue::default();
    clock.forward(Duration::from_secs(60) - Duration::from_micros(1));
    assert_eq!(vault.rotate_due(&due).await.unwrap().revoked, 0);
    clock.forward(Duration::from_micros(1));
    giver.fail_to("revoke");
    let failed = vault.rotate_due(&due).await.unwrap();
    assert_eq!((failed.revoked, failed.failed[0].code.as_str()), (0, "NETWORK"));
    giver.fail_to("");
    // It is left alone for an hour.
    assert_eq!(vault.rotate_due(&due).await.unwrap().revoked, 0);
    clock.forward(Duration::from_secs(3_600));
    assert_eq!(vault.rotate_due(&due).await.unwrap().revoked, 1);
    assert_eq!(giver.ended(), ["given"]);
    assert_eq!(vault.rotate_due(&due).await.unwrap().revoked, 0);
    assert_eq!(vault.reveal(&scope, "KEY").await.unwrap().value.expose(), "given-1-canary");
    let entries = house.audit.list(&scope, &PageRequest::default()).await.unwrap().items;
    assert!(entries.iter().any(|entry| entry.action == "vault.revoke_at_service"));
    assert!(!format!("{entries:?}").contains("canary"));
    assert!(house.audit.verify(&scope).await.unwrap().verified);
}

#[tokio::test]
async fn without_a_grace_the_old_value_is_revoked_at_once_or_later_where_that_fails() {
    let clock = HandClock::new();
    let (house, vault, giver) = given(clock.clone()).await;
    let scope = house.ground.project;
    let turned = vault.auto_rotate(&scope, by_giver(0)).await.unwrap();
    assert_eq!((turned.revocation_pending, giver.ended()), (false, vec!["given".to_owned()]));
    giver.fail_to("revoke");
    assert!(vault.auto_rotate(&scope, by_giver(0)).await.unwrap().revocation_pending);
    giver.fail_to("");
    assert_eq!(vault.rotate_due(&RotateDue::default()).await.unwrap().revoked, 1);
    assert_eq!(giver.ended(), ["given", "given-1-canary"]);
}

#[tokio::test]
async fn a_value_that_does_not_work_or_cannot_be_stored_is_revoked_and_the_old_one_stays() {
    let (house, vault, giver) = given(HandClock::new()).await;
    let scope = house.ground.project;
    for (step, kind, ended) in [
        ("make", ErrorKind::Network, 0),
        ("verify", ErrorKind::Network, 1),
        ("work", ErrorKind::ProviderRefused, 2),
    ] {
        giver.fail_to(step);
        let error = vault.auto_rotate(&scope, by_giver(60)).await.unwrap_err();
        assert_eq!((error.kind(), giver.ended().len()), (kind, ended), "{step}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
    giver.fail_to("");
    let mut transaction = house.database.begin_as_owner().await.unwrap();
    let statement = transaction.dialect().choose(
        "CREATE TRIGGER no_entries BEFORE INSERT ON javari_work_log
         BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER no_entries BEFORE INSERT ON javari_work_log
         FOR EACH ROW EXECUTE FUNCTION javari_refuse_change()",
    );
    transaction.execute(statement, values![]).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(vault.auto_rotate(&scope, by_giver(60)).await.is_err());
    assert_eq!(giver.ended(), ["given-1-canary", "given-2-canary", "given-3-canary"]);
    assert_eq!(vault.get(&scope, "KEY").await.unwrap().version, 1);
}

#[tokio::test]
async fn who_leaves_in_the_middle_leaves_no_value_that_nobody_knows_of() {
    let (house, vault, giver) = given(HandClock::new()).await;
    let scope = house.ground.project;
    let mut work = Box::pin(vault.auto_rotate(&scope, by_giver(60)));
    // Until the service has given a value out.
    while giver.made.load(Ordering::SeqCst) == 0 {
        assert!(futures::poll!(&mut work).is_pending());
        tokio::task::yield_now().await;
    }
    drop(work);
    house.audit.settled().await;
    assert_eq!(vault.reveal(&scope, "KEY").await.unwrap().value.expose(), "given-1-canary");
}

#[tokio::test]
async fn a_schedule_is_carried_out_when_its_time_has_come_and_only_once_by_many() {
    let clock = HandClock::still();
    let (house, vault, giver) = given(clock.clone()).await;
    let scope = house.ground.project;
    let next = vault.schedule(&scope, &plan(60)).await.unwrap().next_rotation_at.unwrap();
    clock.forward(30 * DAY - Duration::from_micros(1));
    assert_eq!(vault.rotate_due(&RotateDue::default()).await.unwrap().rotated, 0);
    clock.forward(Duration::from_micros(1));
    assert_eq!(clock.now(), next);
    let request = RotateDue::default();
    let many = futures::future::join_all((0..6).map(|_| vault.rotate_due(&request))).await;
    let rotated: u32 = many.iter().map(|done| done.as_ref().unwrap().rotated).sum();
    assert_eq!((rotated, giver.made.load(Ordering::SeqCst)), (1, 1));
    let view = vault.get(&scope, "KEY").await.unwrap();
    assert_eq!((view.version, view.next_rotation_at), (2, Some(next.plus(30 * DAY))));
    clock.forward(Duration::from_secs(60));
    assert_eq!(vault.rotate_due(&request).await.unwrap().revoked, 1);
    assert_eq!(giver.ended(), ["given"]);
}

#[tokio::test]
async fn what_fails_is_told_tried_again_after_an_hour_and_holds_up_nothing_else() {
    let clock = HandClock::still();
    let (house, vault, giver) = given(clock.clone()).await;
    let scope = house.ground.project;
    vault.put(&scope, PutCredential::new("BY_HAND", Secret::new("x"))).await.unwrap();
    let by_hand = ScheduleRotation::every("BY_HAND", 29);
    vault.schedule(&scope, &by_hand).await.unwrap();
    vault.schedule(&scope, &plan(0)).await.unwrap();
    clock.forward(31 * DAY);
    // One at a time: the one that cannot be done comes first.
    let one = RotateDue { budget: 1, ..RotateDue::default() };
    let done = vault.rotate_due(&one).await.unwrap();
    assert_eq!((done.rotated, done.more, done.failed[0].code.as_str()), (0, true, "UNSUPPORTED"));
    let done = vault.rotate_due(&one).await.unwrap();
    assert_eq!((done.rotated, done.failed.len(), giver.ended().len()), (1, 0, 1));
    assert_eq!(vault.rotate_due(&one).await.unwrap().failed.len(), 0);
    clock.forward(Duration::from_secs(3_600));
    assert_eq!(vault.rotate_due(&one).await.unwrap().failed.len(), 1);
    let due = vault.due(&scope, &DueRequest { within_days: 0, limit: 100 }).await.unwrap();
    let names: Vec<&str> = due.credentials.iter().map(|one| one.credential.name.as_str()).collect();
    assert_eq!(names, ["BY_HAND"]);
}

#[tokio::test]
async fn the_root_key_is_due_after_a_year() {
    let clock = HandClock::still();
    let house = house_at(clock.clone()).await;
    let user = house.ground.user;
    let due = async || house.vault.due(&user, &DueRequest::default()).await.unwrap().root_key;
    let young = due().await;
    assert_eq!((young.is_due, young.key_id.len()), (false, 32));
    clock.forward(335 * DAY);
    assert!(due().await.is_due);
}

#[tokio::test]
async fn a_token_of_vercel_is_made_tried_and_the_old_one_ended_over_its_api() {
    let house = house().await;
    let user = house.ground.user;
    let put = || PutCredential {
        credential_type: CredentialType::VercelToken,
        ..PutCredential::new("VERCEL", Secret::new("old-canary"))
    };
    house.vault.put(&user, put()).await.unwrap();
    let vault = |wire: &Wire| {
        let addresses = [("vercel".to_owned(), wire.address.clone())].into_iter().collect();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let probes = Probes::new(&http(&[]), &clock, &addresses).unwrap();
        let handlers =
            RotationHandlers::default().with_services(&http(&[]), &clock, &probes, &addresses);
        house.vault.clone().with_rotation_handlers(handlers.unwrap())
    };
    let body = r#"{"token":{"id":"1"},"bearerToken":"new-canary","user":{"username":"ann"}}"#;
    let wire = Wire::answering("200 OK", body).await;
    let turned = vault(&wire).auto_rotate(&user, AutoRotate::new("VERCEL")).await.unwrap();
    assert_eq!((turned.handler.as_str(), turned.revocation_pending), ("vercel", false));
    assert_eq!(house.vault.reveal(&user, "VERCEL").await.unwrap().value.expose(), "new-canary");
    let asked = wire.asked();
    for (place, line, token) in [
        (0, "POST /v3/user/tokens HTTP/1.1", "old-canary"),
        (1, "GET /v2/user HTTP/1.1", "new-canary"),
        (2, "DELETE /v3/user/tokens/current HTTP/1.1", "old-canary"),
    ] {
        assert!(asked[place].starts_with(line), "{}", asked[place]);
        assert!(asked[place].contains(&format!("Bearer {token}")), "{}", asked[place]);
    }
    for (head, kind) in [
        ("403 Forbidden", ErrorKind::ProviderRefused),
        ("429 Too Many\r\nretry-after: 3", ErrorKind::RateLimited),
        ("500 Oops", ErrorKind::ProviderFailed),
        ("200 OK", ErrorKind::Unreadable),
    ] {
        let wire = Wire::answering(head, r#"{"error":"new-canary"}"#).await;
        let error = vault(&wire).auto_rotate(&user, AutoRotate::new("VERCEL")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{head}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        assert_eq!(wire.asked().len(), 1, "{head}");
    }
}
