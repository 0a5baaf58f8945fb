//! Asks one model service and, when it cannot answer, another one; says why, and what it cost.
//!
//! `cargo run --example fallback -- "Why is the sky blue?"`, with `OPENAI_API_KEY` and
//! `ANTHROPIC_API_KEY` set, or with the settings of a JSON file: `--settings providers.json`.

#![allow(clippy::print_stdout)]

use std::{
    env, fs,
    io::{self, Write},
};

use futures::StreamExt;
use javari_core::{
    Error, Javari, Result,
    config::Settings,
    provider::{ChatEvent, ChatRequest},
};

#[tokio::main]
async fn main() -> Result<()> {
    let mut words: Vec<String> = env::args().skip(1).collect();
    let mut settings = Settings::for_database(":memory:");
    if words.first().is_some_and(|word| word == "--settings") && words.len() > 1 {
        settings = read(&words[1])?;
        words.drain(..2);
    }
    let question = words.first().map_or("Why is the sky blue?", String::as_str);

    let javari = Javari::with_settings(settings).await?;
    let scope = javari.scope(javari.ensure_user("you@example.com").await?.id);
    let request = ChatRequest::ask(question);
    println!("{}\n", scope.route(&request).sentence);

    let mut answer = scope.chat(request).await?;
    while let Some(event) = answer.next().await {
        match event? {
            ChatEvent::Text { delta } => {
                print!("{delta}");
                let _ = io::stdout().flush();
            }
            ChatEvent::Warning(warning) => println!("note: {}", warning.message),
            ChatEvent::Finished { model, cost, failed_attempts, .. } => {
                println!();
                for failed in failed_attempts {
                    println!(
                        "{} did not answer: {} ({})",
                        failed.target, failed.message, failed.code
                    );
                }
                let cost = cost.map_or("unknown".to_owned(), |cost| format!("{cost} USD"));
                println!("{model} answered, cost {cost}");
            }
            _ => {}
        }
    }
    javari.close().await;
    Ok(())
}

fn read(path: &str) -> Result<Settings> {
    let fault = |why: String| Error::invalid("settings.read", why).with("file", path);
    let text = fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| fault(error.to_string()))
}
