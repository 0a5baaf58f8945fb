//! What a model costs: rates for a million tokens, and the rules that change them.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::types::{SearchContext, ServiceTier, Usd};

/// What a model costs. The rates are a list; a long call, a tier and a region change them by a rule
/// each, so that no combination needs a number of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Price {
    /// What tokens cost.
    pub rates: Rates,
    /// What they cost in a call that reads more than so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<LongPrice>,
    /// How other tiers than the standard one change that. A tier that is not here has no known price.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tiers: BTreeMap<ServiceTier, TierPrice>,
    /// How often the price of tokens is paid where the service is asked to stay in a region.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub regions: BTreeMap<String, Factor>,
    /// For each search of the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Usd>,
    /// Once for a call that searches, however often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searching_call: Option<Usd>,
    /// For each call, by how much it reads of what it finds; its searches are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestFees>,
}

/// US dollars for a million tokens of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Tokens read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Usd>,
    /// Tokens written, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Usd>,
    /// Tokens read from the service's cache. Where a list has none, they are charged as `input`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached: Option<Usd>,
    /// Tokens put into the service's cache. Where a list has none, they are charged as `input`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Usd>,
    /// Tokens put there for the longer of two lives. Where a list has `written` alone, their price
    /// is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written_long: Option<Usd>,
}

/// The rates of a long call: all its tokens are charged at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongPrice {
    /// More tokens read than this make a call long.
    pub tokens: u64,
    /// What tokens cost then.
    pub rates: Rates,
}

/// How a tier changes the rates: a rate of its own where it has one, a multiple of the list otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TierPrice {
    /// How often the list's rate is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<Factor>,
    /// Rates of its own.
    pub rates: Rates,
    /// Rates of its own in a long call.
    pub long_rates: Rates,
    /// The most tokens read for which its price is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u64>,
}

/// US dollars for a call, by how much it reads of what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFees {
    /// Little.
    pub low: Usd,
    /// Some.
    pub medium: Usd,
    /// Much.
    pub high: Usd,
}

/// A kind of token with a rate of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Read, neither from the cache nor into it.
    Input,
    /// Written by the model.
    Output,
    /// Read from the cache.
    Cached,
    /// Put into the cache.
    Written,
    /// Put into the cache for the longer life.
    WrittenLong,
}

/// How often a price is paid, exact to a millionth; a decimal string in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Factor(u32);

impl Price {
    /// A price of so many dollars for a million tokens read and written.
    pub fn new(input: Usd, output: Usd) -> Self {
        let rates = Rates { input: Some(input), output: Some(output), ..Rates::default() };
        Self { rates, ..Self::default() }
    }

    /// What a million tokens of this kind cost at this tier in a call that reads `read` tokens;
    /// nothing when that is not known.
    pub fn rate(&self, kind: TokenKind, tier: ServiceTier, read: u64) -> Option<Usd> {
        let kind = self.charged_as(kind);
        let long = self.above.as_ref().filter(|above| read > above.tokens);
        let listed = long.map_or(&self.rates, |above| &above.rates).get(kind);
        if tier == ServiceTier::Standard {
            return listed;
        }
        let tier = self.tiers.get(&tier)?;
        if tier.up_to.is_some_and(|most| read > most) {
            return None;
        }
        let own = if long.is_some() { &tier.long_rates } else { &tier.rates };
        own.get(kind).or_else(|| tier.factor?.times(listed?))
    }

    /// The kind by whose rate this one is charged.
    fn charged_as(&self, kind: TokenKind) -> TokenKind {
        let has = |kind| self.rates.get(kind).is_some();
        match kind {
            TokenKind::Cached if !has(TokenKind::Cached) => TokenKind::Input,
            TokenKind::Written | TokenKind::WrittenLong if !has(TokenKind::Written) => {
                TokenKind::Input
            }
            kind => kind,
        }
    }
}

impl Rates {
    /// The rate of a kind, where it is stated.
    pub fn get(&self, kind: TokenKind) -> Option<Usd> {
        match kind {
            TokenKind::Input => self.input,
            TokenKind::Output => self.output,
            TokenKind::Cached => self.cached,
            TokenKind::Written => self.written,
            TokenKind::WrittenLong => self.written_long,
        }
    }
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Input, Self::Output, Self::Cached, Self::Written, Self::WrittenLong];
}

impl RequestFees {
    /// The fee of a call that reads so much.
    pub fn of(&self, context: SearchContext) -> Usd {
        match context {
            SearchContext::Low => self.low,
            SearchContext::Medium => self.medium,
            SearchContext::High => self.high,
        }
    }
}

impl Factor {
    /// Millionths in one.
    pub const ONE: i128 = 1_000_000;

    /// The factor in millionths.
    pub const fn millionths(self) -> i128 {
        self.0 as i128
    }

    /// The price so many times; nothing when that is no whole number of pico-dollars.
    pub fn times(self, price: Usd) -> Option<Usd> {
        let picos = price.picos().checked_mul(self.millionths())?;
        (picos % Self::ONE == 0).then(|| Usd::from_picos(picos / Self::ONE))
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A factor is written as an amount is.
        Usd::from_picos(self.millionths() * Self::ONE).fmt(f)
    }
}

impl Serialize for Factor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is no decimal factor above 0 of at most six fraction digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no factor above 0 with at most 6 digits after the point")]
pub struct ParseFactorError(String);

impl FromStr for Factor {
    type Err = ParseFactorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let picos = text.parse().map_or(0, Usd::picos);
        u32::try_from(picos / Self::ONE)
            .ok()
            .filter(|millionths| *millionths > 0 && picos % Self::ONE == 0)
            .map(Self)
            .ok_or_else(|| ParseFactorError(text.chars().take(40).collect()))
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
