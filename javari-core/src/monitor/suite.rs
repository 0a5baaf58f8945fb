//! What every [`Monitor`] owes, ours and a host's: a list of named checks.

use std::{future::Future, pin::Pin};

use super::{CheckSpec, Monitor, ObservationStatus};

/// A check of the suite: an answer that says what is wrong.
pub type Check = for<'a> fn(
    &'a dyn Monitor,
    &'a Samples,
) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// What the suite needs of a monitor's world.
#[derive(Debug, Clone)]
pub struct Samples {
    /// A target that is as it should be.
    pub up: CheckSpec,
    /// A target that is not.
    pub down: CheckSpec,
    /// A target of a kind that this monitor does not know.
    pub foreign: CheckSpec,
}

/// Every check with its name.
pub const CHECKS: &[(&str, Check)] = &[
    ("a_good_target_is_up", |monitor, samples| {
        Box::pin(async move { sees(monitor, &samples.up, ObservationStatus::Up).await })
    }),
    ("a_bad_target_is_down_and_no_error", |monitor, samples| {
        Box::pin(async move { sees(monitor, &samples.down, ObservationStatus::Down).await })
    }),
    ("the_same_question_gets_the_same_answer", |monitor, samples| {
        Box::pin(async move {
            sees(monitor, &samples.up, ObservationStatus::Up).await?;
            sees(monitor, &samples.down, ObservationStatus::Down).await?;
            sees(monitor, &samples.up, ObservationStatus::Up).await
        })
    }),
    ("a_target_of_another_kind_is_never_up", |monitor, samples| {
        Box::pin(async move {
            match monitor.check(&samples.foreign).await {
                Err(_) => Ok(()),
                Ok(seen) if seen.status == ObservationStatus::Unknown => Ok(()),
                Ok(seen) => Err(format!("it said {:?}", seen.status)),
            }
        })
    }),
    ("what_it_accepts_is_its_own_kind", |monitor, samples| {
        Box::pin(async move {
            monitor.accept(&samples.up).map_err(|error| error.to_string())?;
            if samples.up.target.kind() == monitor.kind() {
                Ok(())
            } else {
                Err(format!("it answers for `{}`", monitor.kind()))
            }
        })
    }),
    ("two_checks_at_once_do_not_disturb_each_other", |monitor, samples| {
        Box::pin(async move {
            let (up, down) = futures::join!(
                sees(monitor, &samples.up, ObservationStatus::Up),
                sees(monitor, &samples.down, ObservationStatus::Down)
            );
            up.and(down)
        })
    }),
];

async fn sees(
    monitor: &dyn Monitor,
    spec: &CheckSpec,
    expected: ObservationStatus,
) -> Result<(), String> {
    let seen = monitor.check(spec).await.map_err(|error| error.to_string())?;
    if seen.summary.is_empty() {
        return Err("the summary is empty".into());
    }
    if seen.status == expected {
        Ok(())
    } else {
        Err(format!("it said {:?} ({}) instead of {expected:?}", seen.status, seen.summary))
    }
}

/// Runs every check over `monitor`; the answer names those that failed.
///
/// # Errors
/// The names of the checks that failed, each with what is wrong.
pub async fn run(monitor: &dyn Monitor, samples: &Samples) -> Result<(), String> {
    let mut faults = Vec::new();
    for (name, check) in CHECKS {
        if let Err(fault) = check(monitor, samples).await {
            faults.push(format!("{name}: {fault}"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}
