//! What a service says that a call cost, read from its digits: exact to the pico-dollar, no float.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::lenient::Text;
use crate::types::Usd;

/// A cost in US dollars: a number (OpenRouter), or an object whose `total_cost` is one
/// (Perplexity). Anything else is none.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::provider::wire) struct Cost(pub(super) Option<Usd>);

impl<'de> Deserialize<'de> for Cost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|told| Self(read(told.get())))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Bill<'a> {
    #[serde(borrow)]
    total_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    total: Option<&'a RawValue>,
    #[serde(borrow)]
    currency: Text<'a>,
}

fn read(json: &str) -> Option<Usd> {
    if !json.starts_with('{') {
        return dollars(json.trim_matches('"'));
    }
    let bill: Bill<'_> = serde_json::from_str(json).ok()?;
    let in_dollars = bill.currency.is_empty() || bill.currency.0.eq_ignore_ascii_case("usd");
    let total = bill.total_cost.or(bill.total).filter(|_| in_dollars)?;
    dollars(total.get().trim_matches('"'))
}

/// A decimal number, with or without an exponent. What is below a pico-dollar is rounded.
fn dollars(number: &str) -> Option<Usd> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (number, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let written = format!("{whole}{fraction}");
    if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Zero is zero at whatever exponent.
    let digits = written.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Usd::ZERO);
    }
    // In pico-dollars the number is its digits times ten to this power.
    let power = exponent.checked_add(12)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let places = usize::try_from(power.unsigned_abs()).ok()?;
    if power >= 0 {
        let factor = 10_i128.checked_pow(power.unsigned_abs())?;
        return digits.parse::<i128>().ok()?.checked_mul(factor).map(Usd::from_picos);
    }
    let Some(kept) = digits.len().checked_sub(places) else { return Some(Usd::ZERO) };
    let (picos, rest) = digits.split_at(kept);
    let picos = if picos.is_empty() { 0 } else { picos.parse::<i128>().ok()? };
    let up = i128::from(rest.bytes().next().is_some_and(|digit| digit >= b'5'));
    picos.checked_add(up).map(Usd::from_picos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(json: &str) -> Option<String> {
        serde_json::from_str::<Cost>(json).unwrap().0.map(|cost| cost.to_string())
    }

    #[test]
    fn a_cost_is_its_digits_to_the_pico_dollar() {
        for (json, exact) in [
            ("0.00512", "0.00512"),
            ("3e-05", "0.00003"),
            ("1.25E-7", "0.000000125"),
            ("0.000000000001", "0.000000000001"),
            ("12.345678901234", "12.345678901234"),
            // Sums of floats carry noise far below what is charged.
            ("0.005120000000000001", "0.00512"),
            ("0.30000000000000004", "0.3"),
            ("0.0000000000015", "0.000000000002"),
            ("4e-13", "0"),
            ("6e-13", "0.000000000001"),
            ("5e-13", "0.000000000001"),
            ("1e-300", "0"),
            ("0e999", "0"),
            ("7", "7"),
            ("1e3", "1000"),
            ("\"0.01\"", "0.01"),
            ("{\"total_cost\":0.00504,\"request_cost\":0.005}", "0.00504"),
            ("{\"currency\":\"USD\",\"total\":1.5e-3}", "0.0015"),
        ] {
            assert_eq!(cost(json).as_deref(), Some(exact), "{json}");
        }
    }

    #[test]
    fn what_is_no_amount_of_dollars_is_no_cost() {
        for json in [
            "null",
            "true",
            "-0.5",
            "1e999",
            "1e99999999999",
            "\"dear\"",
            "\"\"",
            "[1]",
            "{}",
            "{\"total_cost\":null}",
            "{\"total_cost\":1,\"currency\":\"EUR\"}",
        ] {
            assert_eq!(cost(json), None, "{json}");
        }
    }
}
