//! When a row of observations becomes an alert and when it is over: a pure function.

use serde::{Deserialize, Serialize};

use super::{AlertKind, ObservationStatus};

/// How many results in a row it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thresholds {
    /// Failures in a row that open an alert.
    pub(crate) fail: u32,
    /// Successes in a row that resolve it.
    pub(crate) recover: u32,
}

/// What is remembered between two checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MonitorState {
    pub(crate) failures_in_a_row: u32,
    pub(crate) successes_in_a_row: u32,
    /// Checks in a row that could not tell.
    pub(crate) unknowns_in_a_row: u32,
    /// The last results, the newest in the lowest bit; 1 is a failure.
    recent: u32,
    /// How many of `recent` count.
    recent_count: u32,
    pub(crate) failing: bool,
    pub(crate) flapping: bool,
    pub(crate) blind: bool,
}

/// What one observation does to the alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transition {
    Opened(AlertKind),
    Resolved(AlertKind),
}

/// Flapping is the share of changes among the last results (the measure of Nagios): it begins at
/// 30 % and ends at 15 %, so that it does not flap itself.
const WINDOW: u32 = 21;
const FLAPPING_BEGINS_PERCENT: u32 = 30;
const FLAPPING_ENDS_PERCENT: u32 = 15;

impl MonitorState {
    /// The state after one more observation, and what changes for the alerts.
    ///
    /// Failures and successes are counted in a row. An observation that could not tell breaks no
    /// row and adds to none; as many of them as failures are allowed open an alert of their own.
    /// While the results flap one alert says so and no new failure alert opens.
    pub(crate) fn advance(
        self,
        status: ObservationStatus,
        thresholds: Thresholds,
    ) -> (Self, Vec<Transition>) {
        let mut next = self;
        let mut transitions = Vec::new();
        if status == ObservationStatus::Unknown {
            next.unknowns_in_a_row = next.unknowns_in_a_row.saturating_add(1);
            if !next.blind && next.unknowns_in_a_row >= thresholds.fail {
                next.blind = true;
                transitions.push(Transition::Opened(AlertKind::Blind));
            }
            return (next, transitions);
        }
        next.unknowns_in_a_row = 0;
        if next.blind {
            next.blind = false;
            transitions.push(Transition::Resolved(AlertKind::Blind));
        }
        let failed = status == ObservationStatus::Down;
        if failed {
            next.failures_in_a_row = next.failures_in_a_row.saturating_add(1);
            next.successes_in_a_row = 0;
        } else {
            next.successes_in_a_row = next.successes_in_a_row.saturating_add(1);
            next.failures_in_a_row = 0;
        }
        next.recent = ((next.recent << 1) | u32::from(failed)) & ((1 << WINDOW) - 1);
        next.recent_count = (next.recent_count + 1).min(WINDOW);
        let changes = next.change_percent();
        if !next.flapping && changes >= FLAPPING_BEGINS_PERCENT {
            next.flapping = true;
            transitions.push(Transition::Opened(AlertKind::Flapping));
        } else if next.flapping && changes <= FLAPPING_ENDS_PERCENT {
            next.flapping = false;
            transitions.push(Transition::Resolved(AlertKind::Flapping));
        }
        if next.failing && next.successes_in_a_row >= thresholds.recover {
            next.failing = false;
            transitions.push(Transition::Resolved(AlertKind::Failing));
        } else if !next.failing && !next.flapping && next.failures_in_a_row >= thresholds.fail {
            next.failing = true;
            transitions.push(Transition::Opened(AlertKind::Failing));
        }
        (next, transitions)
    }

    /// Changes between neighbours as a share of a full window: a short history cannot flap.
    fn change_percent(self) -> u32 {
        let pairs = self.recent_count.saturating_sub(1);
        let changes = (self.recent ^ (self.recent >> 1)) & ((1 << pairs) - 1);
        changes.count_ones() * 100 / (WINDOW - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use ObservationStatus::{Down, Unknown, Up};

    const USUAL: Thresholds = Thresholds { fail: 2, recover: 2 };

    fn play(statuses: &[ObservationStatus], thresholds: Thresholds) -> Vec<Vec<Transition>> {
        let mut state = MonitorState::default();
        statuses
            .iter()
            .map(|status| {
                let (next, transitions) = state.advance(*status, thresholds);
                state = next;
                transitions
            })
            .collect()
    }

    #[test]
    fn one_failure_is_no_alert_and_two_in_a_row_are_one_alert() {
        let opened = vec![Transition::Opened(AlertKind::Failing)];
        assert_eq!(
            play(&[Down, Up, Down, Down, Down], USUAL),
            [vec![], vec![], vec![], opened, vec![]]
        );
    }

    #[test]
    fn one_success_does_not_resolve_it_and_two_in_a_row_do() {
        let played = play(&[Down, Down, Up, Down, Up, Up], USUAL);
        assert_eq!(played.iter().flatten().count(), 2);
        assert_eq!(played[5], [Transition::Resolved(AlertKind::Failing)]);
    }

    #[test]
    fn a_check_that_could_not_tell_neither_breaks_nor_feeds_a_row() {
        let played = play(&[Down, Unknown, Down], USUAL);
        assert_eq!(played[2], [Transition::Opened(AlertKind::Failing)]);
    }

    #[test]
    fn checks_that_can_never_tell_open_an_alert_of_their_own() {
        let played = play(&[Unknown, Unknown, Unknown, Up], USUAL);
        assert_eq!(played[1], [Transition::Opened(AlertKind::Blind)]);
        assert_eq!(played[2], []);
        assert_eq!(played[3], [Transition::Resolved(AlertKind::Blind)]);
    }

    #[test]
    fn results_that_go_back_and_forth_are_one_alert_about_that() {
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.extend([Down, Up]);
        }
        let played: Vec<_> = play(&statuses, USUAL).concat();
        assert_eq!(played, [Transition::Opened(AlertKind::Flapping)]);
        statuses.extend([Up; 21]);
        let played: Vec<_> = play(&statuses, USUAL).concat();
        assert_eq!(played[1..], [Transition::Resolved(AlertKind::Flapping)]);
    }

    #[test]
    fn a_failure_that_lasts_after_flapping_is_told() {
        let mut statuses = Vec::new();
        for _ in 0..10 {
            statuses.extend([Down, Up]);
        }
        statuses.extend([Down; 30]);
        let played: Vec<_> = play(&statuses, USUAL).concat();
        assert_eq!(
            played,
            [
                Transition::Opened(AlertKind::Flapping),
                Transition::Resolved(AlertKind::Flapping),
                Transition::Opened(AlertKind::Failing)
            ]
        );
    }

    proptest! {
        #[test]
        fn alerts_open_and_resolve_in_turns_and_only_at_their_thresholds(
            results in prop::collection::vec(0_u8..3, 0..300), fail in 1_u32..6, recover in 1_u32..6,
        ) {
            let thresholds = Thresholds { fail, recover };
            let mut state = MonitorState::default();
            let mut open = std::collections::HashSet::new();
            for result in results {
                let status = match result { 0 => Up, 1 => Down, _ => Unknown };
                let (next, transitions) = state.advance(status, thresholds);
                for transition in transitions {
                    match transition {
                        Transition::Opened(kind) => {
                            prop_assert!(open.insert(kind), "opened twice");
                            if kind == AlertKind::Failing {
                                prop_assert!(next.failures_in_a_row >= fail && !next.flapping);
                            }
                        }
                        Transition::Resolved(kind) => {
                            prop_assert!(open.remove(&kind), "resolved without being open");
                            if kind == AlertKind::Failing {
                                prop_assert!(next.successes_in_a_row >= recover);
                            }
                        }
                    }
                }
                prop_assert_eq!(open.contains(&AlertKind::Failing), next.failing);
                prop_assert_eq!(open.contains(&AlertKind::Flapping), next.flapping);
                prop_assert_eq!(open.contains(&AlertKind::Blind), next.blind);
                prop_assert!(next.failures_in_a_row == 0 || next.successes_in_a_row == 0);
                state = next;
            }
        }
    }
}
