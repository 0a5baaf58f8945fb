//! Writes requests in the wire of OpenAI's responses.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    super::{
        openai::{is_reasoning_model, named_schema, response_format, tier_word, tool_choice},
        replay,
    },
    Dialect, OpenAiResponses,
    input::{Input, Written, write_messages},
};
use crate::provider::{ChatRequest, Effort, ToolChoice, ToolSpec, Warning};

/// OpenAI refuses a lower limit.
const FEWEST_TOKENS: u64 = 16;

/// The body of `POST /responses`, and what of the request it cannot say.
pub(super) fn encode_response<'a>(
    request: &'a ChatRequest,
    model: &'a str,
    stream: bool,
    wire: &OpenAiResponses,
) -> (Body<'a>, Vec<Warning>) {
    let OpenAiResponses { provider, dialect } = wire;
    let own = *dialect == Dialect::OpenAi;
    let agent = *dialect == Dialect::Perplexity;
    let reasoning = is_reasoning_model(model);
    let sampling = !reasoning && !agent;
    let Written { instructions, input, dropped } = write_messages(request, model, *dialect);
    let schema = request.response_schema.as_ref();
    let body =
        Body {
            model,
            instructions,
            input,
            stream,
            store: own.then_some(false),
            // Other models of OpenAI refuse the question.
            include: if own && reasoning { &["reasoning.encrypted_content"] } else { &[] },
            max_output_tokens: request.max_tokens.map(|most| most.max(fewest_tokens(own))),
            temperature: request.temperature.filter(|_| sampling),
            top_p: request.top_p.filter(|_| sampling),
            reasoning: request.effort.map(|effort| reasoning_of(effort, agent)),
            text: schema.filter(|_| !agent).map(|schema| json!({ "format": text_format(schema) })),
            response_format: schema.filter(|_| agent).map(response_format),
            tools: tools(request, model, wire),
            tool_choice: request.tool_choice.as_ref().filter(|_| !agent).map(|choice| {
                tool_choice(choice, |name| json!({ "type": "function", "name": name }))
            }),
            service_tier: request.tier.and_then(tier_word).filter(|_| !agent),
            prompt_cache_key: request.conversation.as_deref().filter(|_| own),
        };
    let mut warnings = unsaid(request, reasoning, *dialect, provider);
    if dropped {
        warnings.push(replay::dropped());
    }
    (body, warnings)
}

/// What of the request this wire has no word for.
fn unsaid(
    request: &ChatRequest,
    reasoning: bool,
    dialect: Dialect,
    provider: &str,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut left_out = |code: &str, why: String| warnings.push(Warning::new(code, why));
    let agent = dialect == Dialect::Perplexity;
    if (reasoning || agent) && (request.temperature.is_some() || request.top_p.is_some()) {
        let who = if agent { provider } else { "this reasoning model" };
        let why = format!("{who} takes no `temperature` and no `top_p`; they are left out");
        left_out("sampling", why);
    }
    if !request.stop.is_empty() {
        left_out("stop", format!("{provider} takes no `stop` over this wire; it is left out"));
    }
    if request.seed.is_some() {
        left_out("seed", format!("{provider} takes no `seed` over this wire; it is left out"));
    }
    if agent && matches!(request.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_))) {
        left_out("tool_choice", format!("{provider} lets the model choose whether to call a tool"));
    }
    if agent && request.tier.is_some() {
        left_out("tier", format!("{provider} has no tiers; `tier` is left out"));
    }
    let fewest = fewest_tokens(dialect == Dialect::OpenAi);
    if request.max_tokens.is_some_and(|most| most < fewest) {
        left_out(
            "max_tokens",
            format!("{provider} takes no `max_tokens` below {fewest}, which is asked for"),
        );
    }
    warnings
}

fn fewest_tokens(own: bool) -> u64 {
    if own { FEWEST_TOKENS } else { 1 }
}

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    input: Vec<Input<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<bool>,
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    include: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
}

#[derive(Serialize)]
struct Reasoning {
    effort: Effort,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'static str>,
}

/// Perplexity knows fewer efforts and takes the nearest, and shows its thoughts unasked.
fn reasoning_of(effort: Effort, agent: bool) -> Reasoning {
    let effort = match effort {
        Effort::None if agent => Effort::Minimal,
        Effort::Max if agent => Effort::Xhigh,
        effort => effort,
    };
    let shown = !agent && effort != Effort::None;
    Reasoning { effort, summary: shown.then_some("auto") }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool<'a> {
    Function {
        name: &'a str,
        description: &'a str,
        parameters: &'a Value,
        strict: bool,
    },
    /// Perplexity's own.
    WebSearch {},
}

fn tools<'a>(request: &'a ChatRequest, model: &str, wire: &OpenAiResponses) -> Vec<Tool<'a>> {
    let agent = wire.dialect == Dialect::Perplexity;
    let none = request.tool_choice == Some(ToolChoice::None);
    // Perplexity knows no `tool_choice`: what may not be called is not shown.
    if agent && none {
        return Vec::new();
    }
    let stated = request
        .options
        .get(&wire.provider)
        .is_some_and(|options| options.contains_key("tools") || options.contains_key("preset"));
    // Over this API even Sonar searches only where it is told that it may.
    let search = agent && model.starts_with("perplexity/sonar") && !stated;
    let functions = request.tools.iter().map(function);
    search.then_some(Tool::WebSearch {}).into_iter().chain(functions).collect()
}

fn function(ToolSpec { name, description, parameters }: &ToolSpec) -> Tool<'_> {
    // Left out, `strict` would close the schema and make every property required.
    Tool::Function { name, description, parameters, strict: false }
}

fn text_format(schema: &Value) -> Value {
    let mut format = named_schema(schema);
    if let Some(fields) = format.as_object_mut() {
        fields.insert("type".to_owned(), json!("json_schema"));
    }
    format
}
