//! What a call cost, exactly: its tokens and searches by the price of its model.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};

use crate::{
    error::Result,
    models::{Factor, Models, Price, TokenKind},
    types::{ModelUsage, Usage, Usd},
};

/// Turns what calls used into dollars, by the prices of a catalogue of models and, before those, by
/// the host's own. Cheap to clone.
///
/// Nothing is rounded but the whole, up to the next pico-dollar. A cost of which a part is not known,
/// be it the model, the tier or a fee, is not known.
///
/// ```
/// use javari_core::{cost::Prices, types::Usage};
/// let usage = Usage { input: 1_000_000, output: 100_000, ..Usage::default() };
/// let cost = Prices::builtin().cost_at("openai", "gpt-4o-mini", &usage).unwrap();
/// assert_eq!(cost.to_string(), "0.21");
/// assert_eq!(Prices::builtin().cost_at("elsewhere", "gpt-4o-mini", &usage), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    /// The catalogue; the built-in one when absent, which is parsed only when a cost is asked for.
    models: Option<Arc<Models>>,
    own: Arc<BTreeMap<String, Price>>,
}

const TOKENS: i128 = 1_000_000;

impl Prices {
    /// The services' own lists as compiled into this library.
    pub fn builtin() -> Self {
        static NONE: LazyLock<Arc<BTreeMap<String, Price>>> = LazyLock::new(Arc::default);
        Self { models: None, own: NONE.clone() }
    }

    /// The prices of this catalogue.
    pub fn of(models: Models) -> Self {
        Self { models: Some(Arc::new(models)), ..Self::builtin() }
    }

    /// The prices of the catalogue in a file, in the form of Javari's own `models.json`.
    ///
    /// # Errors
    /// `CONFIGURATION` naming the file and the fault.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        Models::from_file(path).map(Self::of)
    }

    /// The same prices with the host's own for a model, at whatever service.
    #[must_use]
    pub fn with(mut self, model: impl Into<String>, price: Price) -> Self {
        Arc::make_mut(&mut self.own).insert(model.into(), price);
        self
    }

    /// The catalogue that the prices are of.
    pub fn models(&self) -> &Models {
        self.models.as_deref().unwrap_or_else(|| Models::builtin())
    }

    /// What a call to a model of this service cost; nothing when that is not known.
    ///
    /// A service that is asked to stay in a region has it behind its name, `openai@eu`: some charge
    /// more there.
    pub fn cost_at(&self, service: &str, model: &str, usage: &Usage) -> Option<Usd> {
        if let Some(price) = self.own.get(model) {
            return cost(price, None, usage);
        }
        let (service, region) = match service.split_once('@') {
            Some((service, region)) => (service, Some(region)),
            None => (service, None),
        };
        if self.models().is_free(service) {
            return Some(Usd::ZERO);
        }
        let price = self.models().find(service, model)?.price.as_ref()?;
        match region {
            None => cost(price, None, usage),
            Some(region) => cost(price, Some(*price.regions.get(region)?), usage),
        }
    }

    /// What a call cost whose parts several models answered: each part by its own model, and searches
    /// that no part counts by the model that answered at last. Without parts it is
    /// [`cost_at`](Self::cost_at).
    pub fn cost_by_model(
        &self,
        service: &str,
        model: &str,
        usage: &Usage,
        by_model: &[ModelUsage],
    ) -> Option<Usd> {
        if by_model.is_empty() {
            return self.cost_at(service, model, usage);
        }
        let counted =
            by_model.iter().fold(0, |sum: u64, part| sum.saturating_add(part.usage.searches));
        let rest = Usage {
            searches: usage.searches.saturating_sub(counted),
            tier: usage.tier,
            ..Usage::default()
        };
        let beyond = match rest.searches {
            0 => Usd::ZERO,
            _ => self.cost_at(service, model, &rest)?,
        };
        by_model.iter().try_fold(beyond, |sum, part| {
            let mut usage_of_part = part.usage.capped();
            if usage_of_part.tier == Default::default() {
                // A call is served at one tier, and services name it once.
                usage_of_part.tier = usage.tier;
            }
            Some(sum + self.cost_at(service, &part.model, &usage_of_part)?)
        })
    }
}

impl Default for Prices {
    fn default() -> Self {
        Self::builtin()
    }
}

fn cost(price: &Price, region: Option<Factor>, usage: &Usage) -> Option<Usd> {
    let tokens = tokens(price, region, usage)?;
    Some(tokens + searches(price, usage)? + request(price, usage)?)
}

fn tokens(price: &Price, region: Option<Factor>, usage: &Usage) -> Option<Usd> {
    let millionths = parts(usage).into_iter().filter(|(_, count)| *count > 0).try_fold(
        0_i128,
        |sum, (kind, count)| {
            let rate = price.rate(kind, usage.tier, usage.input)?;
            sum.checked_add(rate.picos().checked_mul(i128::from(count))?)
        },
    )?;
    let (amount, parts) = match region {
        Some(factor) => (millionths.checked_mul(factor.millionths())?, TOKENS * Factor::ONE),
        None => (millionths, TOKENS),
    };
    // Rounded up: a recorded cost is never less than the real one.
    Some(Usd::from_picos(amount.div_euclid(parts) + i128::from(amount.rem_euclid(parts) != 0)))
}

/// The tokens of a call by the rate they are charged at. What a service states beyond its own sum is
/// no token.
fn parts(usage: &Usage) -> [(TokenKind, u64); 5] {
    let cached = usage.cached.min(usage.input);
    let written = usage.cache_written.min(usage.input - cached);
    let long = usage.cache_written_long.min(written);
    [
        (TokenKind::Input, usage.input - cached - written),
        (TokenKind::Cached, cached),
        (TokenKind::Written, written - long),
        (TokenKind::WrittenLong, long),
        (TokenKind::Output, usage.output),
    ]
}

fn searches(price: &Price, usage: &Usage) -> Option<Usd> {
    match (price.search, price.searching_call) {
        _ if usage.searches == 0 => Some(Usd::ZERO),
        (None, None) => price.request.map(|_| Usd::ZERO),
        (each, once) => {
            Some(each.unwrap_or_default().times(usage.searches) + once.unwrap_or_default())
        }
    }
}

fn request(price: &Price, usage: &Usage) -> Option<Usd> {
    match &price.request {
        None => Some(Usd::ZERO),
        Some(fees) => Some(fees.of(usage.search_context?)),
    }
}
