//! A broken project is mended on a branch, and a person is asked before it is merged.
//!
//! `--yes` approves without asking; `--autonomy manual` (or `approve_critical`, `full_auto`) sets
//! how much may be done without a person.

#![allow(clippy::print_stdout)] // This program talks to a person.

use std::{error::Error, io::Write, path::Path, process::Command, sync::Arc};

use futures::StreamExt;
use javari_core::{
    audit::Audit,
    healer::{ApproveRequest, BuildHealer, HealEvent, HealRequest, Healing, HealingConfig, Risk},
    monitor::{BuildEnvironment, BuildTarget, Builder, ProjectRoots},
    secret::RootKey,
    storage::{Database, Location, Value},
    types::{Autonomy, Clock, ScopeKey, SystemClock, UserId},
};

type Done = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> Done {
    let (autonomy, yes) = arguments()?;
    let world = tempfile::tempdir()?;
    let project = world.path().join("shop");
    std::fs::create_dir(&project)?;
    std::fs::create_dir(world.path().join("workspaces"))?;
    make_project(&project)?;

    let (healing, scope) = open(world.path()).await?;
    let build = BuildTarget::new(project.display().to_string(), ["node", "build.mjs"]);
    let mut request = HealRequest::new(build);
    request.autonomy = autonomy;
    println!("A project whose build fails, at level {}:\n", autonomy.name());

    let mut events = healing.heal(&scope, request).await?;
    let mut waiting = None;
    while let Some(event) = events.next().await {
        let event = event?;
        tell(&event);
        if let HealEvent::NeedsApproval { id, plan_hash, head_commit, .. } = event {
            waiting = Some(ApproveRequest { id, plan_hash, head_commit });
        }
    }
    if let Some(approval) = waiting {
        if yes || ask("Merge it into main?")? {
            let merged = healing.approve(&scope, &approval).await?;
            println!("merged       as {}", merged.merge_commit.unwrap_or_default());
        } else {
            healing.reject(&scope, approval.id).await?;
            println!("rejected     and the branch is gone");
        }
    }
    println!("\nThe project now:");
    print!("{}", git(&project, &["log", "--graph", "--oneline", "--all"])?);
    print!("{}", git(&project, &["status", "--short", "--branch"])?);
    let green = Command::new("node").arg("build.mjs").current_dir(&project).output()?;
    println!("Its build is {}.", if green.status.success() { "green" } else { "red" });
    Ok(())
}

/// What a host does once: a database, a trail, a builder with few rights, and the healer.
async fn open(world: &Path) -> Result<(Healing, ScopeKey), Box<dyn Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let database = Database::open(Location::Memory, clock.as_ref()).await?;
    let user = UserId(clock.new_id());
    let mut transaction = database.begin(&ScopeKey::HOST).await?;
    transaction
        .execute(
            "INSERT INTO users (id, email, created_at, updated_at, last_active_at)
             VALUES ($1, 'you@example.com', $2, $2, $2)",
            vec![Value::from(user), Value::from(clock.now())],
        )
        .await?;
    transaction.commit().await?;
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32]))?;
    let environment = BuildEnvironment::allowed(std::env::vars());
    let builder = Builder::new(environment, ProjectRoots::none().with(world), clock.clone());
    let healer = Arc::new(BuildHealer::new(builder.clone()));
    let config = HealingConfig::new(world.join("workspaces"));
    let healing = Healing::new(database, audit, clock, builder, healer, config);
    Ok((healing, ScopeKey::user(user)))
}

fn tell(event: &HealEvent) {
    match event {
        HealEvent::Detected { base_branch, .. } => println!("detected     on {base_branch}"),
        HealEvent::Reproduced { exit_code } => println!("reproduced   exit code {exit_code:?}"),
        HealEvent::Diagnosed { diagnosis } => {
            println!("diagnosed    {}: {}", diagnosis.error_type, diagnosis.summary);
            for proof in diagnosis.findings.iter().flat_map(|finding| &finding.evidence) {
                println!("             log line {}: {}", proof.line, proof.text.trim());
            }
        }
        HealEvent::Planned { plan, .. } => {
            println!("planned      {} (because {})", plan.summary, plan.reasons.join("; "));
        }
        HealEvent::Ruled { ruling } if ruling.risk > Risk::R0 => {
            let reasons = ruling.reasons.join("; ");
            println!("guard        {:?}: {:?}, {reasons}", ruling.risk, ruling.decision);
        }
        HealEvent::Applied { branch, diff, .. } => println!("applied      on {branch}\n{diff}"),
        HealEvent::Verified { green, reason, .. } => {
            println!("verified     {}: {reason}", if *green { "green" } else { "red" });
        }
        HealEvent::Kept { branch, .. } => println!("kept         {branch}"),
        HealEvent::NeedsApproval { reasons, .. } => println!("waits        {}", reasons.join("; ")),
        HealEvent::Merged { commit } => println!("merged       as {commit}"),
        HealEvent::Reverted { reason } => println!("reverted     {reason}"),
        HealEvent::Stopped { reasons, .. } => println!("stopped      {}", reasons.join("; ")),
        _ => {}
    }
}

/// A git project with one misspelt import.
fn make_project(folder: &Path) -> Done {
    std::fs::create_dir(folder.join("components"))?;
    std::fs::write(
        folder.join("build.mjs"),
        "import { button } from './componnets/button.mjs';\nconsole.log('built', button);\n",
    )?;
    std::fs::write(folder.join("components/button.mjs"), "export const button = 'a button';\n")?;
    git(folder, &["init", "--quiet", "--initial-branch", "main"])?;
    git(folder, &["add", "."])?;
    git(folder, &["commit", "--quiet", "--message", "A shop with a broken build"])?;
    Ok(())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"];
    let done = Command::new("git").args(identity).args(arguments).current_dir(folder).output()?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
    }
    Ok(String::from_utf8(done.stdout)?)
}

fn ask(question: &str) -> Result<bool, Box<dyn Error>> {
    print!("\n{question} [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn arguments() -> Result<(Autonomy, bool), Box<dyn Error>> {
    let (mut autonomy, mut yes) = (Autonomy::default(), false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--yes" => yes = true,
            "--autonomy" => {
                let name = arguments.next().unwrap_or_default();
                autonomy = Autonomy::from_name(&name)
                    .ok_or("--autonomy takes manual, approve_critical or full_auto")?;
            }
            other => return Err(format!("unknown argument `{other}`").into()),
        }
    }
    Ok((autonomy, yes))
}
