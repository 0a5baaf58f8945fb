//! A call with an empty body by its name, as every door makes it: what the doors are compared with.
//!
//! `javari-core/benches/doors` runs it beside the same call through each door.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::time::Instant;

use javari_core::{Javari, api, types::ScopeKey};
use serde_json::json;
use tokio::runtime::Runtime;

const CALLS: u32 = 20_000;
const ROUNDS: usize = 15;

fn main() {
    let runtime = Runtime::new().unwrap();
    let javari = runtime.block_on(Javari::open(":memory:")).unwrap();
    let call = || api::call(&javari, "system.version", ScopeKey::HOST, json!({}), Vec::new());
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..CALLS {
                runtime.block_on(call()).unwrap();
            }
            started.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    println!("{:.2}", rounds[ROUNDS / 2]);
}
