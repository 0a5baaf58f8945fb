//! The periods that budgets count by, in UTC.

use std::{fmt, str::FromStr, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime, Time};

use crate::types::Timestamp;

/// The time over which a budget counts, in UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BudgetPeriod {
    /// From midnight to midnight.
    Day,
    /// From Monday on (ISO 8601).
    Week,
    /// From the first of the month on.
    Month,
    /// For ever.
    Total,
}

impl BudgetPeriod {
    /// When the period began that `now` falls in.
    pub fn start(self, now: Timestamp) -> Timestamp {
        let Some(today) = date(now) else { return Timestamp::default() };
        let first = match self {
            Self::Day => Some(today),
            Self::Week => {
                let days = today.weekday().number_days_from_monday();
                today.checked_sub(time::Duration::days(i64::from(days)))
            }
            Self::Month => today.replace_day(1).ok(),
            Self::Total => None,
        };
        first.map_or_else(Timestamp::default, midnight)
    }

    /// When the next one begins; nothing where there is none.
    pub fn end(self, now: Timestamp) -> Option<Timestamp> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let start = self.start(now);
        match self {
            Self::Day => Some(start.plus(DAY)),
            Self::Week => Some(start.plus(DAY * 7)),
            Self::Month => {
                let first = date(start)?;
                let next = match first.month() {
                    Month::December => {
                        Date::from_calendar_date(first.year() + 1, Month::January, 1)
                    }
                    month => Date::from_calendar_date(first.year(), month.next(), 1),
                };
                next.ok().map(midnight)
            }
            Self::Total => None,
        }
    }

    /// Its name, as in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Total => "total",
        }
    }
}

impl fmt::Display for BudgetPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is not the name of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a period of a budget")]
pub struct UnknownPeriod;

impl FromStr for BudgetPeriod {
    type Err = UnknownPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Day, Self::Week, Self::Month, Self::Total]
            .into_iter()
            .find(|period| period.name() == text)
            .ok_or(UnknownPeriod)
    }
}

fn date(at: Timestamp) -> Option<Date> {
    let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.as_micros()) * 1_000);
    instant.ok().map(OffsetDateTime::date)
}

fn midnight(date: Date) -> Timestamp {
    let seconds = date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp();
    Timestamp::from_micros(seconds.saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn periods_begin_at_midnight_on_mondays_and_on_the_first() {
        for (period, now, start, end) in [
            (BudgetPeriod::Day, "2026-11-24T03:37:28Z", "2026-11-24", Some("2026-11-25")),
            (BudgetPeriod::Week, "2026-11-24T03:37:28Z", "2026-11-23", Some("2026-11-30")),
            (BudgetPeriod::Week, "2026-11-23T00:00:00Z", "2026-11-23", Some("2026-11-30")),
            (BudgetPeriod::Week, "2027-01-03T23:59:59.999999Z", "2026-12-28", Some("2027-01-04")),
            (BudgetPeriod::Month, "2024-02-29T12:00:00Z", "2024-02-01", Some("2024-03-01")),
            (BudgetPeriod::Month, "2026-12-31T23:59:59Z", "2026-12-01", Some("2027-01-01")),
            (BudgetPeriod::Total, "2026-12-31T23:59:59Z", "1970-01-01", None),
        ] {
            let midnight = |day: &str| at(&format!("{day}T00:00:00Z"));
            assert_eq!(period.start(at(now)), midnight(start), "{period} {now}");
            assert_eq!(period.end(at(now)), end.map(midnight), "{period} {now}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_falls_in_one_period_and_the_next_begins_where_it_ends(
            micros in -60_000_000_000_000_000_i64..250_000_000_000_000_000,
        ) {
            let now = Timestamp::from_micros(micros);
            for period in [BudgetPeriod::Day, BudgetPeriod::Week, BudgetPeriod::Month] {
                let (start, end) = (period.start(now), period.end(now).unwrap());
                prop_assert!(start <= now && now < end);
                prop_assert_eq!(period.start(end), end);
                let last = Timestamp::from_micros(end.as_micros() - 1);
                prop_assert_eq!(period.start(last), start);
            }
        }
    }
}
