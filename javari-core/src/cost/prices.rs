//! What a model's tokens cost.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorKind, Result},
    types::{Usage, Usd},
};

/// Prices of models, with the version of the table. The built-in ones are list prices of OpenAI
/// itself and may lag behind: a model of the same name at another service has no known price. A
/// host puts its own beside or over them.
///
/// ```
/// use javari_core::{cost::Prices, types::Usage};
/// let usage = Usage { input: 1_000_000, output: 100_000, ..Usage::default() };
/// let cost = Prices::builtin().cost("gpt-4o-mini", &usage).unwrap();
/// assert_eq!(cost.to_string(), "0.21");
/// assert_eq!(Prices::builtin().cost("a model nobody knows", &usage), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The table's version, a date.
    pub version: String,
    /// In what the prices are given: `USD per million tokens`.
    pub unit: String,
    /// The services whose list it is; every service's when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Prices by model id.
    pub models: BTreeMap<String, Price>,
    /// The host's own prices by model id, at whatever service; they go before `models`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<String, Price>,
}

/// The price of a model in US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Tokens read.
    pub input: Usd,
    /// Tokens written, reasoning included.
    pub output: Usd,
    /// Tokens read from the provider's cache; as `input` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<Usd>,
    /// Other prices for the whole call when it reads more than so many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<LongPrice>,
}

/// The prices of a long call, in US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongPrice {
    /// More tokens read than this make a call long.
    pub tokens: u64,
    /// Tokens read.
    pub input: Usd,
    /// Tokens written.
    pub output: Usd,
    /// Tokens read from the provider's cache; as `input` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<Usd>,
}

const BUILTIN: &str = include_str!("prices.json");
const PICOS_PER_TOKEN: i128 = 1_000_000;

impl Prices {
    /// The prices compiled into this library.
    pub fn builtin() -> Self {
        // A test reads the same text; were it ever broken, no price would be known.
        Self::from_json(BUILTIN).unwrap_or_else(|_| Self {
            version: String::new(),
            unit: String::new(),
            services: Vec::new(),
            models: BTreeMap::new(),
            own: BTreeMap::new(),
        })
    }

    /// A table of the same form as `cost/prices.json`.
    ///
    /// # Errors
    /// `CONFIGURATION` when the text is none.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            Error::new(ErrorKind::Configuration, "cost.prices", "the table of prices is none")
                .with("reason", &error)
                .with_source(error)
        })
    }

    /// The same prices with one more or another one, at whatever service.
    #[must_use]
    pub fn with(mut self, model: impl Into<String>, price: Price) -> Self {
        self.own.insert(model.into(), price);
        self
    }

    /// The price of a model. A dated id such as `gpt-4o-mini-2024-07-18` has the price of
    /// `gpt-4o-mini` unless it has its own.
    pub fn price(&self, model: &str) -> Option<&Price> {
        find(&self.own, model).or_else(|| find(&self.models, model))
    }

    /// The same at this service, such as `openai`; nothing when the table is another's.
    pub fn price_at(&self, service: &str, model: &str) -> Option<&Price> {
        if self.services.is_empty() || self.services.iter().any(|one| one == service) {
            return self.price(model);
        }
        find(&self.own, model)
    }

    /// What a call cost, exactly; nothing when the model's price is not known.
    pub fn cost(&self, model: &str, usage: &Usage) -> Option<Usd> {
        cost(self.price(model)?, usage)
    }

    /// The same at this service.
    pub fn cost_at(&self, service: &str, model: &str, usage: &Usage) -> Option<Usd> {
        cost(self.price_at(service, model)?, usage)
    }
}

fn find<'a>(prices: &'a BTreeMap<String, Price>, model: &str) -> Option<&'a Price> {
    prices.get(model).or_else(|| prices.get(undated(model)?))
}

fn cost(price: &Price, usage: &Usage) -> Option<Usd> {
    let (input, output, cached) = match price.above {
        Some(long) if usage.input > long.tokens => (long.input, long.output, long.cached),
        _ => (price.input, price.output, price.cached),
    };
    let read_from_cache = usage.cached.min(usage.input);
    let read = usage.input - read_from_cache;
    let picos = [(input, read), (cached.unwrap_or(input), read_from_cache), (output, usage.output)]
        .into_iter()
        .try_fold(0_i128, |sum, (price, tokens)| {
            sum.checked_add(price.picos().checked_mul(i128::from(tokens))?)
        })?;
    // Rounded up: a recorded cost is never less than the real one.
    Some(Usd::from_picos(
        picos.div_euclid(PICOS_PER_TOKEN) + i128::from(picos.rem_euclid(PICOS_PER_TOKEN) != 0),
    ))
}

/// The id without a date at its end, `-2024-07-18`.
fn undated(model: &str) -> Option<&str> {
    const DATE: usize = "-2024-07-18".len();
    let at = model.len().checked_sub(DATE)?;
    let (base, date) = (model.get(..at)?, model.get(at..)?);
    let is_date = date.bytes().enumerate().all(|(at, byte)| match at {
        0 | 5 | 8 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    is_date.then_some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_table_is_read_and_every_price_is_exact_to_the_token() {
        let prices = Prices::from_json(BUILTIN).unwrap();
        assert!(!prices.version.is_empty());
        for (model, price) in &prices.models {
            for amount in [price.input, price.output, price.cached.unwrap_or_default()] {
                assert_eq!(amount.picos() % PICOS_PER_TOKEN, 0, "{model}");
            }
        }
    }

    #[test]
    fn cached_tokens_long_calls_and_dated_ids_have_their_price() {
        let prices = Prices::builtin();
        let usage = Usage { input: 1_000, cached: 400, output: 10, ..Usage::default() };
        // 600 x 2 + 400 x 0.10 + 10 x 10 dollars a million.
        assert_eq!(prices.cost("gpt-6.1-sol", &usage).unwrap().to_string(), "0.00134");
        let long = Usage { input: 300_000, output: 10, ..Usage::default() };
        assert_eq!(prices.cost("gpt-6.1-sol", &long).unwrap().to_string(), "1.20015");
        assert_eq!(
            prices.cost("gpt-4o-mini-2024-07-18", &usage),
            prices.cost("gpt-4o-mini", &usage)
        );
        assert_eq!(prices.cost("extractive", &usage), Some(Usd::ZERO));
        assert_eq!(prices.cost("é-2024-07-18", &usage), None);
    }

    #[test]
    fn the_list_of_one_service_is_no_price_of_another_and_the_hosts_own_is_one_everywhere() {
        let usage = Usage { input: 1_000_000, ..Usage::default() };
        let prices = Prices::builtin();
        assert!(prices.cost_at("openai", "gpt-4o-mini", &usage).is_some());
        assert_eq!(prices.cost_at("compatible", "gpt-4o-mini", &usage), None);
        assert_eq!(prices.cost_at("local", "extractive", &usage), Some(Usd::ZERO));
        let price: Price = serde_json::from_str(r#"{ "input": "1", "output": "2" }"#).unwrap();
        let prices = prices.with("gpt-4o-mini", price);
        for service in ["openai", "compatible"] {
            let cost = prices.cost_at(service, "gpt-4o-mini", &usage).unwrap();
            assert_eq!(cost.to_string(), "1");
        }
    }
}
