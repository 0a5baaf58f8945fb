//! The Rust of the project's README, without these two lines.
#![allow(clippy::print_stdout)]

use futures::TryStreamExt;
use javari_core::{
    Javari, Result,
    knowledge::{AnswerEvent, AnswerRequest, IngestRequest},
};

#[tokio::main]
async fn main() -> Result<()> {
    let javari = Javari::open("javari.db").await?;
    let user = javari.ensure_user("you@example.com").await?;
    let project = javari.scope(user.id).ensure_project("quickstart").await?;
    let scope = javari.scope(user.id).project(project.id);

    let mut ingest = scope.knowledge().ingest(IngestRequest::folder("docs"), vec![]);
    while ingest.try_next().await?.is_some() {}

    let mut answer = scope.knowledge().answer(AnswerRequest::new("How is a credential sealed?"));
    while let Some(event) = answer.try_next().await? {
        if let AnswerEvent::Text { delta } = event {
            print!("{delta}");
        }
    }
    javari.close().await;
    Ok(())
}
