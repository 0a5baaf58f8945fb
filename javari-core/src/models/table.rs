//! The file of models: its form, and the checks without which nothing of it is taken.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, de};

use super::{Ability, Model, ModelKind, Models, Price, Rates, TokenKind};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{ServiceTier, Timestamp, Usd},
};

const UNIT: &str = "USD per million tokens";

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    version: String,
    unit: String,
    #[serde(default)]
    free: Vec<String>,
    services: Vec<ServiceModels>,
}

/// What one service offers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceModels {
    service: String,
    #[serde(deserialize_with = "day")]
    checked: Timestamp,
    models: Vec<Line>,
}

/// One model.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    kind: ModelKind,
    context_tokens: Option<u64>,
    output_tokens: Option<u64>,
    dimensions: Option<u32>,
    #[serde(default)]
    can: BTreeSet<Ability>,
    #[serde(default)]
    cache_minutes: Vec<u32>,
    #[serde(default, deserialize_with = "optional_day")]
    retired_on: Option<Timestamp>,
    replaced_by: Option<String>,
    price: Option<Price>,
}

pub(super) fn read(text: &str) -> Result<Models> {
    let table: Table = serde_json::from_str(text).map_err(|error| {
        let message = "the table of models is not in the form of `models.json`";
        fault(message).with("reason", &error).with_source(error)
    })?;
    if table.unit != UNIT {
        let message = "the unit of the prices is another one than `USD per million tokens`";
        return Err(fault(message).with("unit", &table.unit));
    }
    let mut models = Models { version: table.version, free: table.free, ..Models::default() };
    for ServiceModels { service, checked, models: lines } in table.services {
        for line in lines {
            add(&mut models, line.into_model(&service, checked))?;
        }
    }
    for model in &models.models {
        check_successors(&models, model).map_err(|why| at(model, why))?;
    }
    Ok(models)
}

impl Line {
    fn into_model(self, service: &str, checked: Timestamp) -> Model {
        Model {
            service: service.to_owned(),
            id: self.id,
            names: self.names,
            kind: self.kind,
            context_tokens: self.context_tokens,
            output_tokens: self.output_tokens,
            dimensions: self.dimensions,
            abilities: self.can,
            cache_minutes: self.cache_minutes,
            retired_on: self.retired_on,
            replaced_by: self.replaced_by,
            checked,
            price: self.price,
        }
    }
}

fn add(models: &mut Models, model: Model) -> Result<()> {
    if let Some(price) = &model.price {
        check_price(price).map_err(|why| at(&model, why))?;
    }
    let place = models.models.len();
    let names = models.names.entry(model.service.clone()).or_default();
    for name in std::iter::once(&model.id).chain(&model.names) {
        if name.is_empty() || names.insert(name.clone(), place).is_some() {
            return Err(at(&model, "a name is empty or taken by another model").with("name", name));
        }
    }
    models.models.push(model);
    Ok(())
}

fn check_price(price: &Price) -> std::result::Result<(), &'static str> {
    let long = price.above.as_ref().map(|above| &above.rates);
    if [Some(&price.rates), long].into_iter().flatten().any(lacks_a_side) {
        return Err("a price needs the rates `input` and `output`");
    }
    let tiers = price.tiers.values().flat_map(|tier| [&tier.rates, &tier.long_rates]);
    let rates = [Some(&price.rates), long].into_iter().flatten().chain(tiers);
    let stated = rates.flat_map(|rates| TokenKind::ALL.map(|kind| rates.get(kind))).flatten();
    let request = price.request.map(|fees| [fees.low, fees.medium, fees.high]);
    let fees = [price.search, price.searching_call].into_iter().flatten();
    if stated.chain(fees).chain(request.into_iter().flatten()).any(|amount| amount < Usd::ZERO) {
        return Err("an amount is below nothing");
    }
    if price.tiers.keys().any(|tier| !is_priced(*tier)) {
        return Err("a tier that is the list itself or has no list price cannot have one");
    }
    for tier in price.tiers.values() {
        for list in [Some(&price.rates), long].into_iter().flatten() {
            let amounts = TokenKind::ALL.into_iter().filter_map(|kind| list.get(kind));
            for amount in amounts {
                if tier.factor.is_some_and(|factor| factor.times(amount).is_none()) {
                    return Err("a factor makes a rate that is not exact to 12 digits");
                }
            }
        }
    }
    Ok(())
}

fn lacks_a_side(rates: &Rates) -> bool {
    rates.input.is_none() || rates.output.is_none()
}

fn is_priced(tier: ServiceTier) -> bool {
    !matches!(tier, ServiceTier::Standard | ServiceTier::Reserved | ServiceTier::Unknown)
}

/// Every successor is a model of the same service, and none leads back.
fn check_successors(models: &Models, model: &Model) -> std::result::Result<(), &'static str> {
    let mut next = model;
    for _ in 0..=models.models.len() {
        let Some(id) = &next.replaced_by else { return Ok(()) };
        next =
            models.find(&model.service, id).ok_or("it is replaced by a model that is not there")?;
    }
    Err("it is replaced by models that lead back to itself")
}

/// Midnight of a day such as `2026-11-22`.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    format!("{text}T00:00:00Z").parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        de::Error::custom(format!("`{shown}` is no day such as 2026-11-22"))
    })
}

fn optional_day<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Timestamp>, D::Error> {
    day(deserializer).map(Some)
}

fn at(model: &Model, why: &'static str) -> Error {
    fault("a model of the table does not fit")
        .with("model", format_args!("{}/{}", model.service, model.id))
        .with("reason", why)
}

fn fault(message: &'static str) -> Error {
    Error::new(ErrorKind::Configuration, "models.read", message)
}
