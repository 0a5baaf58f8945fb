//! What an HTTP answer says of the credential that came with the request.

use std::time::Duration;

use serde_json::Value as Json;
use time::{PrimitiveDateTime, macros::format_description};

use super::{ProbeAnswer, ProbeOutcome, Service};
use crate::{
    http::HttpReply,
    secret::Secret,
    types::{Clock, Timestamp},
};

/// So much of a body is looked at.
const EXCERPT: usize = 64 * 1024;

/// The answer in a reply; its body is read, where it can say something, and forgotten.
pub(super) async fn judge(
    service: Service,
    reply: HttpReply,
    clock: &dyn Clock,
    credential: &Secret,
) -> ProbeAnswer {
    let status = reply.status();
    let mut answer = ProbeAnswer::new(by_status(status));
    answer.retry_after = reply.retry_after();
    if let Some(scopes) = reply.header("x-oauth-scopes") {
        answer.scopes = scopes
            .split(',')
            .filter_map(|scope| shown(scope.trim(), credential))
            .take(100)
            .collect();
    }
    answer.expires_at =
        reply.header("github-authentication-token-expiration").and_then(github_time);
    let limited = status == 403 && reply.header("x-ratelimit-remaining") == Some("0");
    let reset = reply.header("x-ratelimit-reset").and_then(|text| text.parse::<i64>().ok());
    let account = reply.header("openai-organization").and_then(|text| shown(text, credential));
    let body = match needs_body(service, status) {
        true => Some(reply.into_body().excerpt(EXCERPT).await),
        false => None,
    };
    let text = body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let json: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
    answer.outcome = by_service(service, status, &text, &json).unwrap_or(answer.outcome);
    if limited && service == Service::Github {
        answer.outcome = ProbeOutcome::RateLimited;
    }
    if answer.outcome == ProbeOutcome::RateLimited && answer.retry_after.is_none() {
        // Seconds since 1970, as GitHub and Vercel send them.
        let wait =
            |at: i64| Timestamp::from_micros(at.saturating_mul(1_000_000)).since(clock.now());
        answer.retry_after = reset.map(wait).map(|wait| wait.min(Duration::from_secs(86_400)));
    }
    answer.account = account.or_else(|| account_of(service, &json, credential));
    if answer.outcome == ProbeOutcome::Unreachable {
        answer.detail = Some(match status {
            300..400 => {
                "the service redirects elsewhere, where a credential is not sent".to_owned()
            }
            _ => format!("the service answered with status {status}"),
        });
    }
    answer
}

/// What the status says where the service means by it what everybody does (RFC 9110, RFC 6585).
fn by_status(status: u16) -> ProbeOutcome {
    match status {
        200..300 => ProbeOutcome::Valid,
        401 => ProbeOutcome::Invalid,
        403 => ProbeOutcome::InsufficientScope,
        429 => ProbeOutcome::RateLimited,
        _ => ProbeOutcome::Unreachable,
    }
}

/// Whether the body can say more than the status. A list of what belongs to the account cannot,
/// and is not read.
fn needs_body(service: Service, status: u16) -> bool {
    match service {
        Service::Github | Service::Vercel | Service::Stripe => true,
        Service::Perplexity | Service::Http | Service::Postgres => false,
        _ => status >= 400,
    }
}

/// What the service means differently.
fn by_service(service: Service, status: u16, text: &str, json: &Json) -> Option<ProbeOutcome> {
    let is =
        |pointer: &str, value: &str| json.pointer(pointer).and_then(Json::as_str) == Some(value);
    let says = |pointer: &str, words: &str| {
        let message = json.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
        message.to_ascii_lowercase().contains(words)
    };
    match (service, status) {
        // GitHub's second limit has no header of its own.
        (Service::Github, 403) if says("/message", "rate limit") => Some(ProbeOutcome::RateLimited),
        (Service::Vercel, 401 | 403)
            if json.pointer("/error/invalidToken").and_then(Json::as_bool) == Some(true) =>
        {
            Some(ProbeOutcome::Invalid)
        }
        // A key without a right for this question works for others.
        (Service::Openai, 401) if says("/error/message", "missing scopes") => {
            Some(ProbeOutcome::InsufficientScope)
        }
        (Service::Google, 400) if says("/error/message", "api key expired") => {
            Some(ProbeOutcome::Expired)
        }
        (Service::Google, 400) if names_reason(json, "API_KEY_INVALID") => {
            Some(ProbeOutcome::Invalid)
        }
        (Service::Stripe, 401) if is("/error/code", "api_key_expired") => {
            Some(ProbeOutcome::Expired)
        }
        (Service::SlackWebhook, _) => Some(slack(status, text)),
        _ => None,
    }
}

fn names_reason(json: &Json, reason: &str) -> bool {
    let details = json.pointer("/error/details").and_then(Json::as_array);
    details.into_iter().flatten().any(|detail| detail["reason"] == reason)
}

/// A webhook that works says what is wrong with a message that is none; nothing was posted.
fn slack(status: u16, text: &str) -> ProbeOutcome {
    match (status, text.trim()) {
        (400, "no_text" | "invalid_payload" | "missing_text_or_fallback_or_attachments") => {
            ProbeOutcome::Valid
        }
        (_, "no_service" | "no_team" | "no_active_hooks" | "invalid_token") => {
            ProbeOutcome::Invalid
        }
        (404 | 410, _) => ProbeOutcome::Invalid,
        (403, _) => ProbeOutcome::InsufficientScope,
        (429, _) => ProbeOutcome::RateLimited,
        _ => ProbeOutcome::Unreachable,
    }
}

fn account_of(service: Service, json: &Json, credential: &Secret) -> Option<String> {
    let pointer = match service {
        Service::Github => "/login",
        Service::Vercel => "/user/username",
        Service::Stripe => "/id",
        _ => return None,
    };
    shown(json.pointer(pointer)?.as_str()?, credential)
}

/// A name out of a reply, where it is one: it could hold the credential itself.
fn shown(text: &str, credential: &Secret) -> Option<String> {
    let plain = |letter: char| letter.is_alphanumeric() || "-_.:@/ ".contains(letter);
    // Exposed to see that the service does not repeat it.
    let repeats = text.contains(credential.expose()) || credential.expose().contains(text);
    (!repeats && (1..=100).contains(&text.len()) && text.chars().all(plain))
        .then(|| text.to_owned())
}

/// `2026-12-31 23:59:59 UTC`.
fn github_time(text: &str) -> Option<Timestamp> {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    let instant = PrimitiveDateTime::parse(text, format).ok()?.assume_utc();
    Some(Timestamp::from_micros(instant.unix_timestamp().saturating_mul(1_000_000)))
}
