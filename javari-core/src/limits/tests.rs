//! Units come back evenly, and nobody takes more than there are.

use proptest::prelude::*;

use super::*;
use crate::testkit::HandClock;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_times_units_may_be_taken_at_once_and_come_back_one_by_one() {
    let clock = HandClock::still();
    let limits = Limits::new(clock.clone());
    let rate = Rate::new(100, MINUTE);
    for _ in 0..100 {
        assert_eq!(limits.take(&"ann", rate, 1), Ok(()));
    }
    assert_eq!(limits.take(&"ann", rate, 1), Err(Duration::from_millis(600)));
    assert_eq!(limits.take(&"bob", rate, 1), Ok(()));
    clock.forward(Duration::from_millis(599));
    assert_eq!(limits.take(&"ann", rate, 1), Err(Duration::from_millis(1)));
    clock.forward(Duration::from_millis(1));
    assert_eq!(limits.take(&"ann", rate, 1), Ok(()));
    assert!(limits.take(&"ann", rate, 1).is_err());
    clock.forward(MINUTE * 5);
    for _ in 0..100 {
        assert_eq!(limits.take(&"ann", rate, 1), Ok(()));
    }
    assert!(limits.take(&"ann", rate, 1).is_err());
}

#[test]
fn more_than_a_time_has_is_taken_by_who_has_everything_and_waited_for_afterwards() {
    let clock = HandClock::still();
    let limits = Limits::new(clock.clone());
    let rate = Rate::new(1_000, MINUTE);
    assert_eq!(limits.take(&"ann", rate, 2_500), Ok(()));
    assert_eq!(limits.take(&"ann", rate, 2_500), Err(MINUTE * 5 / 2));
    assert_eq!(limits.take(&"ann", rate, 1), Err(Duration::from_micros(90_060_000)));
    // It used less: the rest is there at once.
    limits.settle(&"ann", rate, 2_500, 500);
    assert_eq!(limits.take(&"ann", rate, 500), Ok(()));
    assert!(limits.take(&"ann", rate, 1).is_err());
}

#[test]
fn names_that_have_everything_back_are_forgotten() {
    let clock = HandClock::still();
    let limits = Limits::new(clock.clone());
    let rate = Rate::new(10, MINUTE);
    for name in 0..CROWD {
        limits.take(&name, rate, 1).unwrap();
    }
    clock.forward(MINUTE);
    limits.take(&CROWD, rate, 1).unwrap();
    assert_eq!(limits.full_at.lock().unwrap().len(), 1);
}

proptest! {
    #[test]
    fn no_stretch_of_time_gives_more_than_its_own_units_and_a_times_worth(
        units in 1_u64..50,
        steps in prop::collection::vec((0_u64..2_000_000, 1_u64..4), 1..300),
    ) {
        let clock = HandClock::still();
        let limits = Limits::new(clock.clone());
        let rate = Rate::new(units, Duration::from_secs(1));
        let mut taken = Vec::new();
        let mut now = 0_u64;
        for (pause, wanted) in steps {
            clock.forward(Duration::from_micros(pause));
            now += pause;
            let wanted = wanted.min(units);
            match limits.take(&(), rate, wanted) {
                Ok(()) => taken.push((now, wanted)),
                Err(wait) => {
                    // Exactly then it is there, and not before.
                    prop_assert!(!wait.is_zero() && wait <= Duration::from_secs(1));
                    clock.forward(wait - Duration::from_micros(1));
                    prop_assert!(limits.take(&(), rate, wanted).is_err());
                    clock.forward(Duration::from_micros(1));
                    prop_assert!(limits.take(&(), rate, wanted).is_ok());
                    now += wait.as_micros() as u64;
                    taken.push((now, wanted));
                }
            }
        }
        for (first, (start, _)) in taken.iter().enumerate() {
            let mut sum = 0;
            for (at, count) in &taken[first..] {
                sum += count;
                // What came back meanwhile, rounded up, and what was there at the start.
                let most = units + ((at - start) * units).div_ceil(1_000_000);
                prop_assert!(sum <= most, "{sum} of {most}");
            }
        }
    }
}
