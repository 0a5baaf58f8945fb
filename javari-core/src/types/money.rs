//! Exact money: whole pico-dollars, never a float.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Sub},
    str::FromStr,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An amount of US dollars in whole pico-dollars (1e-12 USD); a decimal string in JSON.
///
/// Every published token price is a whole number of pico-dollars, so a cost is exact.
///
/// ```
/// use javari_core::types::Usd;
/// let price: Usd = "0.00000015".parse().unwrap();
/// assert_eq!(price.times(1_000_000).to_string(), "0.15");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Usd(i128);

const PICOS_PER_DOLLAR: i128 = 1_000_000_000_000;
const FRACTION_DIGITS: usize = 12;

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From whole pico-dollars.
    pub const fn from_picos(picos: i128) -> Self {
        Self(picos)
    }

    /// The amount in whole pico-dollars.
    pub const fn picos(self) -> i128 {
        self.0
    }

    /// This amount `count` times, saturating.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(i128::from(count)))
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let picos = self.0.unsigned_abs();
        let dollars = picos / PICOS_PER_DOLLAR.unsigned_abs();
        let fraction = format!("{:012}", picos % PICOS_PER_DOLLAR.unsigned_abs());
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{dollars}"),
            digits => write!(f, "{sign}{dollars}.{digits}"),
        }
    }
}

/// The text is not a decimal amount of at most twelve fraction digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount of dollars with at most 12 digits after the point")]
pub struct ParseUsdError(String);

impl FromStr for Usd {
    type Err = ParseUsdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || ParseUsdError(text.chars().take(40).collect());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty()
            || !all_digits(whole)
            || !all_digits(fraction)
            || fraction.len() > FRACTION_DIGITS
        {
            return Err(fault());
        }
        let dollars: i128 =
            if whole.is_empty() { 0 } else { whole.parse().map_err(|_| fault())? };
        let picos: i128 = format!("{fraction:0<12}").parse().map_err(|_| fault())?;
        let amount = dollars
            .checked_mul(PICOS_PER_DOLLAR)
            .and_then(|amount| amount.checked_add(picos))
            .ok_or_else(fault)?;
        Ok(Self(if negative { -amount } else { amount }))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Usd {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Usd".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^-?\d*(\.\d{1,12})?$",
            "description": "US dollars as a decimal string, exact to 1e-12."
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_round_trips_for_every_amount(picos in -1_000_000_000_000_000_000_i128..1_000_000_000_000_000_000) {
            let amount = Usd::from_picos(picos);
            prop_assert_eq!(amount.to_string().parse::<Usd>(), Ok(amount));
        }
    }

    #[test]
    fn text_that_is_no_amount_is_refused() {
        for text in ["", "-", ".", "1e3", "0.0000000000001", "1.2.3", "+1", " 1", "١"] {
            assert!(text.parse::<Usd>().is_err(), "{text:?} was taken");
        }
    }
}
