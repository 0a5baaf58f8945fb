//! That a credential's value is gone from the memory of the process once nobody holds it.
//!
//! It has a program of its own: another test's values would be found too.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
};

use javari_core::{
    Javari,
    secret::Secret,
    vault::{PutCredential, RotateCredential},
};

/// A value that stands nowhere in the program: made of numbers, and looked for by numbers.
const LENGTH: usize = 48;

fn byte(seed: u8, place: usize) -> u8 {
    let mixed = (place as u32 + 1).wrapping_mul(2_654_435_761).wrapping_add(u32::from(seed) << 16);
    b'A' + u8::try_from((mixed >> 13) % 26).unwrap()
}

fn value(seed: u8) -> Secret {
    let mut text = String::with_capacity(LENGTH);
    text.extend((0..LENGTH).map(|place| char::from(byte(seed, place))));
    Secret::new(text)
}

/// Whether a half of the value stands in writable memory that belongs to no file. What is read goes
/// through this function's own stack, which is left out.
fn is_in_memory(seed: u8) -> bool {
    const HALF: usize = LENGTH / 2;
    let mut window = [0_u8; 1 << 16];
    let own = window.as_ptr() as u64;
    let memory = File::open("/proc/self/mem").unwrap();
    let mut found = false;
    for line in fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let mut words = line.split_ascii_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let name = words.nth(3).unwrap_or_default();
        let (from, to) = range.split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        let (mut at, to) = (number(from), number(to));
        let is_heap = rights.starts_with("rw") && (name.is_empty() || name == "[heap]");
        if !is_heap || (at..to).contains(&own) {
            continue;
        }
        while at < to {
            let length = usize::try_from(to - at).unwrap().min(window.len());
            // A page may go while it is looked at.
            let Ok(read) = memory.read_at(&mut window[..length], at) else { break };
            found |= [0, HALF].into_iter().any(|part| {
                window[..read].windows(HALF).any(|bytes| {
                    bytes.iter().enumerate().all(|(place, one)| *one == byte(seed, part + place))
                })
            });
            if read < length || at + length as u64 >= to {
                break;
            }
            // One that lies across two windows is found too.
            at += (length - LENGTH) as u64;
        }
    }
    window.fill(0);
    found
}

#[tokio::test]
async fn a_value_is_in_memory_while_somebody_holds_it_and_not_after() {
    let javari = Javari::open(":memory:").await.unwrap();
    let ann = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    let vault = ann.vault();
    vault.put(PutCredential::new("KEY", value(1))).await.unwrap();
    vault.rotate(RotateCredential::new("KEY", value(2))).await.unwrap();
    let first = is_in_memory(1);
    let revealed = vault.reveal("KEY").await.unwrap();
    // The looking itself works: it finds what is held.
    assert!(is_in_memory(2));
    drop(revealed);
    assert!(!first, "the value that was put is still in memory");
    assert!(!is_in_memory(2), "the value that was revealed is still in memory");
    for name in ["A", "B", "C"] {
        vault.put(PutCredential::new(name, value(3))).await.unwrap();
        drop(vault.reveal(name).await.unwrap());
        drop(vault.accepted(name).await.unwrap());
        vault.delete(name).await.unwrap();
    }
    assert!(!is_in_memory(3));
    javari.close().await;
    assert!((1..=3).all(|seed| !is_in_memory(seed)));
}
