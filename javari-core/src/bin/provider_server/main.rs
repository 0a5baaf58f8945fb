//! The loopback model service as a program, for tests of hosts in any language.
//!
//! It prints one line with its addresses, reads replies from its standard input, one JSON object a line
//! (`javari_core::testkit::ScriptedReply`), answers each with a line, and ends with its input. A test of
//! a host starts it, scripts it and points its providers there:
//!
//! ```text
//! $ cargo run --quiet --package javari-core --features testkit --bin provider_server
//! {"api":"http://127.0.0.1:43817/api","v1":"http://127.0.0.1:43817/v1","v1beta":"http://127.0.0.1:43817/v1beta"}
//! {"error": {"status": 529, "code": "overloaded_error", "message": "too much to do"}}
//! {"pushed":1}
//! ```

use std::io::{self, BufRead, Write};

use javari_core::testkit::{ProviderServer, ScriptedReply};
use serde_json::json;

fn main() -> io::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = runtime.block_on(ProviderServer::start()).map_err(io::Error::other)?;
    let mut out = io::stdout();
    let addresses = ["v1", "v1beta", "api"].map(|path| (path.to_owned(), server.base_url_at(path)));
    writeln!(out, "{}", json!(std::collections::BTreeMap::from(addresses)))?;
    out.flush()?;
    let mut pushed = 0;
    for line in io::stdin().lock().lines() {
        let scripted = serde_json::from_str::<ScriptedReply>(&line?);
        let told = match scripted.map(ScriptedReply::into_reply) {
            Ok(Some(reply)) => {
                server.push(reply);
                pushed += 1;
                json!({ "pushed": pushed })
            }
            Ok(None) => json!({ "error": "name exactly one of text, tool_call, error and raw" }),
            Err(fault) => json!({ "error": fault.to_string() }),
        };
        writeln!(out, "{told}")?;
        out.flush()?;
    }
    Ok(())
}
