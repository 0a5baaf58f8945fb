//! What a call to a model used: tokens, searches, and the tier that served it.

use std::ops::AddAssign;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one call used. `input` counts tokens read from and written to the provider's cache, `output`
/// counts reasoning tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Usage {
    /// All tokens read, cached ones included.
    pub input: u64,
    /// All tokens written, reasoning included.
    pub output: u64,
    /// The part of `input` served from the provider's cache.
    pub cached: u64,
    /// The part of `input` that the provider put into its cache.
    #[serde(skip_serializing_if = "is_nothing")]
    pub cache_written: u64,
    /// The part of `cache_written` kept for the longer of the provider's two lives: an hour at
    /// Anthropic, twelve at OpenAI.
    #[serde(skip_serializing_if = "is_nothing")]
    pub cache_written_long: u64,
    /// The part of `output` spent on reasoning.
    pub reasoning: u64,
    /// Searches of the web that the provider made for the answer and charges for.
    #[serde(skip_serializing_if = "is_nothing")]
    pub searches: u64,
    /// How much of what its searches found the call read, where the provider tells: some charge by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_context: Option<SearchContext>,
    /// The tier that served the call, which sets its price.
    #[serde(skip_serializing_if = "ServiceTier::is_standard")]
    pub tier: ServiceTier,
    /// Whether the numbers are our estimate because the provider sent none.
    pub estimated: bool,
}

/// At what priority and price a provider serves a call.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServiceTier {
    /// The usual one, at the list price.
    #[default]
    Standard,
    /// Slower and cheaper.
    Flex,
    /// Within a day, cheaper.
    Batch,
    /// Served first, dearer.
    Priority,
    /// A faster machine, dearer.
    Fast,
    /// The fastest machine, dearer still.
    Ultrafast,
    /// Capacity that was bought beforehand: the call itself has no list price.
    Reserved,
    /// A tier that this version does not know, so that its price is not known either.
    Unknown,
}

/// How much a call reads of what its searches find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchContext {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

/// What one of several models used in one call: a provider may hand a call on to another model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelUsage {
    /// The model, as the provider names it.
    pub model: String,
    /// What it used.
    pub usage: Usage,
}

impl ServiceTier {
    /// The tier by a provider's word for it.
    pub fn named(word: &str) -> Self {
        match word {
            "" | "standard" | "default" | "auto" | "standard_only" | "on_demand" => Self::Standard,
            "flex" => Self::Flex,
            "batch" => Self::Batch,
            "priority" => Self::Priority,
            "fast" => Self::Fast,
            "ultrafast" => Self::Ultrafast,
            "scale" | "reserved" | "provisioned" => Self::Reserved,
            _ => Self::Unknown,
        }
    }

    fn is_standard(&self) -> bool {
        *self == Self::Standard
    }
}

impl SearchContext {
    /// The size by a provider's word for it.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "low" => Some(Self::Low),
            "medium" => Some(Self::Medium),
            "high" => Some(Self::High),
            _ => None,
        }
    }
}

fn is_nothing(count: &u64) -> bool {
    *count == 0
}

impl Usage {
    /// No call has more tokens of a kind; what a service states beyond is no count.
    pub const MAX_TOKENS: u64 = 1 << 40;

    /// The same with every count at most [`MAX_TOKENS`](Self::MAX_TOKENS): a service may state
    /// anything.
    #[must_use]
    pub fn capped(self) -> Self {
        let capped = |tokens: u64| tokens.min(Self::MAX_TOKENS);
        Self {
            input: capped(self.input),
            output: capped(self.output),
            cached: capped(self.cached),
            cache_written: capped(self.cache_written),
            cache_written_long: capped(self.cache_written_long),
            reasoning: capped(self.reasoning),
            searches: capped(self.searches),
            ..self
        }
    }

    /// An estimate from the bytes of texts: four to a token, as OpenAI advises for English.
    pub fn estimate(read: usize, written: usize) -> Self {
        Self {
            input: read.div_ceil(4) as u64,
            output: written.div_ceil(4) as u64,
            estimated: true,
            ..Self::default()
        }
    }
}

/// Saturating; the sum is an estimate when one of the two is, and of an unknown tier when the two
/// were served at different ones.
impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        if *self == Self::default() {
            *self = other;
            return;
        }
        if other.tier != self.tier && other != Self::default() {
            self.tier = ServiceTier::Unknown;
        }
        if other.search_context != self.search_context && other != Self::default() {
            self.search_context = None;
        }
        for (sum, more) in [
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.cached, other.cached),
            (&mut self.cache_written, other.cache_written),
            (&mut self.cache_written_long, other.cache_written_long),
            (&mut self.reasoning, other.reasoning),
            (&mut self.searches, other.searches),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.estimated = self.estimated || other.estimated;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_usage_stays_short_in_json_and_a_full_one_round_trips() {
        let plain = Usage { input: 1, output: 2, ..Usage::default() };
        let json = serde_json::json!({ "input": 1, "output": 2, "cached": 0, "reasoning": 0,
            "estimated": false });
        assert_eq!(serde_json::to_value(plain).unwrap(), json);
        let full = Usage {
            cache_written: 5,
            cache_written_long: 3,
            searches: 1,
            search_context: Some(SearchContext::High),
            tier: ServiceTier::Flex,
            ..plain
        };
        let json = serde_json::to_value(full).unwrap();
        assert_eq!(serde_json::from_value::<Usage>(json).unwrap(), full);
    }

    #[test]
    fn a_sum_over_two_tiers_has_no_tier_that_a_price_is_known_for() {
        let mut sum = Usage::default();
        sum += Usage { input: 1, tier: ServiceTier::Flex, ..Usage::default() };
        sum += Usage { input: u64::MAX, tier: ServiceTier::Flex, ..Usage::default() };
        assert_eq!((sum.input, sum.tier), (u64::MAX, ServiceTier::Flex));
        sum += Usage { output: 1, ..Usage::default() };
        assert_eq!(sum.tier, ServiceTier::Unknown);
        assert_eq!(ServiceTier::named("a word of tomorrow"), ServiceTier::Unknown);
    }
}
