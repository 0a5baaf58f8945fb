//! The only place that reads the time and makes ids.

use std::{
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};
use uuid::Uuid;

/// An instant in UTC, to the microsecond. RFC 3339 text in JSON and in SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970-01-01T00:00:00Z, kept within the years 0 to 9999 that RFC 3339
    /// can write.
    pub const fn from_micros(micros: i64) -> Self {
        const FIRST: i64 = -62_167_219_200_000_000;
        const LAST: i64 = 253_402_300_799_999_999;
        match micros {
            ..FIRST => Self(FIRST),
            FIRST..=LAST => Self(micros),
            _ => Self(LAST),
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This instant moved later by `duration`, saturating at the end of time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A fixed width keeps text order equal to time order.
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
        );
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .ok()
            .and_then(|instant| instant.format(format).ok())
            .ok_or(fmt::Error)?;
        f.write_str(&text)
    }
}

impl FromStr for Timestamp {
    type Err = time::error::Parse;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let nanos = OffsetDateTime::parse(text, &Rfc3339)?.unix_timestamp_nanos();
        Ok(Self::from_micros(i64::try_from(nanos.div_euclid(1_000)).unwrap_or(i64::MAX)))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// The source of time and of new ids.
pub trait Clock: Send + Sync + 'static {
    /// The current instant.
    fn now(&self) -> Timestamp;

    /// A new UUIDv7 (RFC 9562 §5.7) of the current instant. Of two that this process made one after
    /// the other the later sorts behind, also within a microsecond.
    fn new_id(&self) -> Uuid {
        let micros = u64::try_from(self.now().as_micros()).unwrap_or(0);
        let mut random = [0_u8; 10];
        // Uniqueness of an id is not a secret: without the system's random source the time and a
        // process-wide counter still tell two ids apart.
        if getrandom::fill(&mut random).is_err() {
            random = fallback_bytes();
        }
        // RFC 9562 §6.2: the fraction of the millisecond first (method 3), then a counter (method 1).
        let fraction = (micros % 1_000 * 4_096 / 1_000) as u16;
        let [a, b, c, d, ..] = &mut random;
        [*a, *b] = fraction.to_be_bytes();
        [*c, *d] = place_in(micros).to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(micros / 1_000, &random).into_uuid()
    }
}

/// How many ids this process made in that microsecond before, as far as 14 bits count.
fn place_in(micros: u64) -> u16 {
    static LAST: Mutex<(u64, u16)> = Mutex::new((0, 0));
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    *last = match *last {
        (at, count) if at == micros => (at, (count + 1).min(0x3fff)),
        _ => (micros, 0),
    };
    last.1
}

/// The computer's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let nanos = OffsetDateTime::now_utc().unix_timestamp_nanos();
        Timestamp::from_micros(i64::try_from(nanos.div_euclid(1_000)).unwrap_or(i64::MAX))
    }
}

fn fallback_bytes() -> [u8; 10] {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let process = (std::process::id() as u16).to_be_bytes();
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&process);
    bytes[2..].copy_from_slice(&count);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_fixed_width_and_round_trips() {
        let instant = Timestamp::from_micros(1_764_000_000_000_001);
        let text = instant.to_string();
        assert_eq!(text.len(), "2025-11-24T16:00:00.000001Z".len());
        assert_eq!(text.parse::<Timestamp>(), Ok(instant));
        assert_eq!(Timestamp::from_micros(0).to_string(), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn no_instant_is_too_far_to_be_written() {
        for micros in [i64::MIN, i64::MAX] {
            let instant = Timestamp::from_micros(micros);
            assert_eq!(instant.to_string().parse::<Timestamp>(), Ok(instant));
        }
        let late = Timestamp::from_micros(0).plus(Duration::MAX);
        assert!(late.to_string().starts_with("9999-12-31"));
    }

    #[test]
    fn ids_made_later_sort_later() {
        struct At(i64);
        impl Clock for At {
            fn now(&self) -> Timestamp {
                Timestamp::from_micros(self.0)
            }
        }
        assert!(At(1_700_000_000_000_000).new_id() < At(1_700_000_000_001_000).new_id());
        let made: Vec<Uuid> = (0..10_000).map(|_| SystemClock.new_id()).collect();
        assert!(made.is_sorted());
        assert!(
            made.iter()
                .all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122)
        );
        let unlike = |id: &Uuid| id.as_u128() as u64 & 0xffff_ffff_ffff;
        assert_ne!(unlike(&made[0]), unlike(&made[1]));
    }
}
