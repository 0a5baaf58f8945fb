//! Writes a request, straight from the borrowed request into bytes.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    model::{self, Off},
    turn::{Conversation, Part, Turn},
};
use crate::{
    provider::{ChatRequest, Effort, ToolChoice, ToolSpec, Warning},
    types::ServiceTier,
};

/// Lets thinking that no longer fits what was said before it be left out instead of refused.
const BINDING_BETA: &str = "thinking-binding-controls-2026-08-01";
/// Some models take a speed only with this word.
const SPEED_BETA: &str = "fast-mode-2026-02-01";

/// A request as it is written, and what goes with it.
pub(super) struct Written<'a> {
    pub(super) body: Body<'a>,
    pub(super) betas: Vec<&'static str>,
    pub(super) warnings: Vec<Warning>,
}

/// The body of `POST /messages`, and what of the request it cannot say.
///
/// The wire demands `max_tokens`. A request that names none gets all that the model writes: 128,000
/// since Claude 4.6, 64,000 for 4.5, 32,000 for 4, and 4,096 for a model that is not known; thinking
/// counts as well, and a smaller limit would cut answers off in the middle.
pub(super) fn encode_messages<'a>(
    request: &'a ChatRequest,
    model: &'a str,
    stream: bool,
    takes_sampling: bool,
) -> Written<'a> {
    let max_tokens = request.max_tokens.unwrap_or_else(|| model::most_tokens(model));
    let mut betas = Vec::new();
    let mut warnings = Vec::new();
    let (mut thinking, effort) = thinking(request.effort, model, max_tokens, &mut warnings);
    let thinks = !matches!(kind(thinking.as_ref()), Some("disabled"));
    let conversation = Conversation::of(request, model, thinks);
    if conversation.replays_thinking && model::thinking(model).bound {
        // Passages and instructions change from turn to turn, so an earlier turn's thinking may no
        // longer stand after what it stood after.
        let told = thinking.get_or_insert_with(|| json!({ "type": "adaptive" }));
        if kind(Some(told)) == Some("adaptive") {
            told["block_binding"] = json!({ "prefix_mismatch_behavior": "drop_block" });
            betas.push(BINDING_BETA);
        }
    }
    let samples = request.temperature.is_some() || request.top_p.is_some();
    let takes_sampling = takes_sampling && kind(thinking.as_ref()) != Some("enabled");
    if samples && !takes_sampling {
        let why = "this version of the API, or a model that thinks, takes no `temperature` and no \
                   `top_p`; they are left out";
        warnings.push(Warning::new("sampling", why));
    }
    if request.seed.is_some() {
        warnings.push(Warning::new("seed", "Anthropic takes no `seed`; it is left out"));
    }
    let (service_tier, speed) =
        request.tier.map_or((None, None), |tier| served(tier, &mut warnings));
    betas.extend(speed.map(|_| SPEED_BETA));
    warnings.extend(conversation.warnings);
    let body = Body {
        model,
        max_tokens,
        system: conversation.system,
        messages: conversation.turns,
        stream,
        temperature: request.temperature.filter(|_| takes_sampling),
        top_p: request.top_p.filter(|_| takes_sampling),
        stop_sequences: &request.stop,
        tools: request.tools.iter().map(WireTool::from).collect(),
        tool_choice: request.tool_choice.as_ref().map(tool_choice),
        thinking,
        output_config: output_config(request, effort),
        service_tier,
        speed,
        // Every turn of a conversation reads what the one before it wrote.
        cache_control: request.conversation.as_ref().map(|_| json!({ "type": "ephemeral" })),
    };
    Written { body, betas, warnings }
}

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    max_tokens: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Part<'a>>,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "is_false")]
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Value>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

#[derive(Serialize)]
struct WireTool<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    input_schema: Schema<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Schema<'a> {
    Stated(&'a Value),
    Completed(Map<String, Value>),
}

impl<'a> From<&'a ToolSpec> for WireTool<'a> {
    fn from(tool: &'a ToolSpec) -> Self {
        // The service wants the schema of an object even where there is nothing to say.
        let input_schema = match &tool.parameters {
            Value::Object(stated) if !stated.contains_key("type") => {
                let mut completed = stated.clone();
                completed.insert("type".to_owned(), json!("object"));
                Schema::Completed(completed)
            }
            Value::Null => {
                Schema::Completed(Map::from_iter([("type".to_owned(), json!("object"))]))
            }
            stated => Schema::Stated(stated),
        };
        Self { name: &tool.name, description: &tool.description, input_schema }
    }
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!({ "type": "auto" }),
        ToolChoice::None => json!({ "type": "none" }),
        ToolChoice::Required => json!({ "type": "any" }),
        ToolChoice::Tool(name) => json!({ "type": "tool", "name": name }),
    }
}

/// How to think, and with what effort.
fn thinking(
    effort: Option<Effort>,
    model: &str,
    max_tokens: u64,
    warnings: &mut Vec<Warning>,
) -> (Option<Value>, Option<&'static str>) {
    let Some(effort) = effort else { return (None, None) };
    let model = model::thinking(model);
    match (effort, model.off) {
        (Effort::None, Off::Disabled) => return (Some(json!({ "type": "disabled" })), None),
        (Effort::None, Off::BetweenTools) => {
            return (Some(json!({ "type": "between_tools" })), None);
        }
        (Effort::None, Off::Never) => {
            let why = "this model cannot be stopped from thinking; it thinks as little as it can";
            warnings.push(Warning::new("effort", why));
        }
        _ => {}
    }
    if !model.by_budget {
        return (Some(json!({ "type": "adaptive" })), Some(model::effort_word(effort)));
    }
    let Some(budget) = model::budget(effort, max_tokens) else {
        let why = "`max_tokens` leaves this model no room to think; the effort is left out";
        warnings.push(Warning::new("effort", why));
        return (None, None);
    };
    (Some(json!({ "type": "enabled", "budget_tokens": budget })), None)
}

fn kind(thinking: Option<&Value>) -> Option<&str> {
    thinking?.get("type")?.as_str()
}

fn output_config(request: &ChatRequest, effort: Option<&str>) -> Option<Value> {
    let mut config = Map::new();
    if let Some(effort) = effort {
        config.insert("effort".to_owned(), json!(effort));
    }
    if let Some(schema) = &request.response_schema {
        let format = json!({ "type": "json_schema", "schema": schema });
        config.insert("format".to_owned(), format);
    }
    (!config.is_empty()).then_some(Value::Object(config))
}

/// The service's words for a tier: at what capacity, and at what speed.
fn served(
    tier: ServiceTier,
    warnings: &mut Vec<Warning>,
) -> (Option<&'static str>, Option<&'static str>) {
    match tier {
        ServiceTier::Standard => (Some("standard_only"), None),
        ServiceTier::Priority => (Some("auto"), None),
        ServiceTier::Fast => (None, Some("fast")),
        _ => {
            let why = "Anthropic serves no such tier on this call; it is left out";
            warnings.push(Warning::new("tier", why));
            (None, None)
        }
    }
}
