//! Instructions in user space of one call and of one chunk, counted by valgrind's callgrind: the
//! difference of a longer and a shorter run, so that starting up is left out.

use std::{env, process::Command};

use crate::server::CHUNKS;

pub(crate) fn table(base: &str, names: &[&str]) {
    println!("instructions of the client's process in user space");
    println!("{:28} {:>9} {:>9} {:>8} {:>8}", "", "a call", "more", "a chunk", "more");
    let mut floor = None;
    for name in names {
        let call = (collected(base, name, "call", 220) - collected(base, name, "call", 20)) / 200.0;
        let streams = collected(base, name, "stream", 5) - collected(base, name, "stream", 1);
        let chunk = streams / 4.0 / CHUNKS as f64;
        let (floor_call, floor_chunk) = *floor.get_or_insert((call, chunk));
        let (more_call, more_chunk) = (call - floor_call, chunk - floor_chunk);
        println!("{name:28} {call:9.0} {more_call:9.0} {chunk:8.0} {more_chunk:8.0}");
    }
}

fn collected(base: &str, name: &str, what: &str, count: u32) -> f64 {
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .args(["--only", base, name, what, &count.to_string()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{told}");
    let line = told.lines().find_map(|line| line.split_once("Collected : ")).unwrap();
    line.1.trim().parse().unwrap()
}
