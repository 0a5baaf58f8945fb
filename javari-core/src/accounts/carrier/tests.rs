//! Every shape in which a request carries an identity, and those in which it carries none.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::error::ErrorKind;

const COOKIE: &str = "sb-abc-auth-token";
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";

/// What is found, or the reason why nothing is.
fn find(headers: &[(&str, &str)]) -> std::result::Result<Option<String>, String> {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    match find_token(headers, Some(COOKIE)) {
        Ok(found) => Ok(found.map(|found| found.token.expose().to_owned())),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unauthorized);
            assert!(!format!("{error:?}").contains("eyJ"), "{error:?}");
            Err(error.context()[0].1.clone())
        }
    }
}

fn in_cookie(text: &str) -> std::result::Result<Option<String>, String> {
    find(&[("cookie", text)])
}

fn found() -> std::result::Result<Option<String>, String> {
    Ok(Some(TOKEN.to_owned()))
}

fn refused(reason: &str) -> std::result::Result<Option<String>, String> {
    Err(reason.to_owned())
}

/// A session as auth-js writes it, with letters of every kind in it.
fn session(token: &str, expires_at: i64) -> String {
    json!({
        "access_token": token, "token_type": "bearer", "expires_in": 3600,
        "expires_at": expires_at, "refresh_token": "r;=\" ,x",
        "user": { "id": "u", "email": "ann@example.com", "user_metadata": { "name": "Zoë 漢字 😀" } },
    })
    .to_string()
}

fn base64(session: &str) -> String {
    format!("base64-{}", URL_SAFE_NO_PAD.encode(session))
}

/// As encodeURIComponent writes it.
fn percent(text: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');
    utf8_percent_encode(text, &KEPT).to_string()
}

/// Cuts a value into parts as @supabase/ssr does: by the length of its percent-encoding.
fn parts(value: &str, longest: usize) -> String {
    let mut parts = vec![String::new()];
    for letter in value.chars() {
        let last = parts.len() - 1;
        if percent(&parts[last]).len() + percent(&letter.to_string()).len() > longest {
            parts.push(String::new());
        }
        parts.last_mut().unwrap().push(letter);
    }
    let cookies =
        parts.iter().enumerate().map(|(n, part)| format!("{COOKIE}.{n}={}", percent(part)));
    cookies.collect::<Vec<_>>().join("; ")
}

#[test]
fn an_authorization_header_carries_a_token_in_one_way_alone() {
    for value in ["Bearer T.o-k_e~n+/=", "bearer T.o-k_e~n+/=", "BEARER   T.o-k_e~n+/=  "] {
        assert_eq!(
            find(&[("AUTHORIZATION", value)]),
            Ok(Some("T.o-k_e~n+/=".to_owned())),
            "{value}"
        );
    }
    for (value, reason) in [
        ("", "scheme"),
        ("Bearer", "scheme"),
        ("Bearer ", "scheme"),
        ("Basic YTpi", "scheme"),
        ("Token abc", "scheme"),
        ("eyJ", "scheme"),
        ("Bearer a b", "malformed"),
        ("Bearer a,b", "malformed"),
        ("Bearer \"eyJ\"", "malformed"),
        ("Bearer eyJ\u{0}", "malformed"),
        ("Bearer\teyJ", "scheme"),
        ("Bearer a\r\nx: y", "malformed"),
        ("Bearer ü", "malformed"),
    ] {
        assert_eq!(find(&[("authorization", value)]), refused(reason), "{value:?}");
    }
    let long = format!("Bearer {}", "a".repeat(MOST_BYTES + 100));
    assert_eq!(find(&[("authorization", &long)]), refused("too_large"));
    let twice = [("authorization", "Bearer a"), ("Authorization", "Bearer a")];
    assert_eq!(find(&twice), refused("ambiguous"));
    let invalid = [("authorization", [0xff, 0xfe].as_slice())];
    assert!(find_token(invalid, None).is_err());
    assert_eq!(find(&[("x-api-key", "a"), ("accept", "b")]), Ok(None));
}

#[test]
fn a_header_goes_before_a_cookie_even_when_it_is_of_no_use() {
    let cookie = format!("{COOKIE}={}", base64(&session(TOKEN, 1)));
    let both = [("cookie", cookie.as_str()), ("authorization", "Bearer other")];
    assert_eq!(find(&both), Ok(Some("other".to_owned())));
    let both = [("cookie", cookie.as_str()), ("authorization", "Basic other")];
    assert_eq!(find(&both), refused("scheme"));
}

#[test]
fn a_session_in_one_cookie_is_read_in_each_of_its_forms() {
    let session = session(TOKEN, 1);
    let helpers = json!([TOKEN, "refresh", null, null, null]).to_string();
    for value in
        [base64(&session), percent(&session), percent(&base64(&session)), percent(&helpers)]
    {
        for quoted in [value.clone(), format!("\"{value}\"")] {
            assert_eq!(in_cookie(&format!("{COOKIE}={quoted}")), found());
            assert_eq!(in_cookie(&format!("a=b; {COOKIE}={quoted}; c")), found());
            assert_eq!(in_cookie(&format!(" ; ;{COOKIE} = {quoted} ;")), found());
        }
    }
    // Raw JSON, as long as no letter of it ends a cookie.
    let raw = json!({ "access_token": TOKEN, "user": "Zoë" }).to_string();
    assert_eq!(in_cookie(&format!("{COOKIE}={raw}")), found());
    let other = format!("{COOKIE}-code-verifier=x; sb-other-auth-token={}", base64(&session));
    assert_eq!(in_cookie(&other), Ok(None));
    let value = base64(&session);
    let headers = [(COOKIE, value.as_str()), ("set-cookie", &format!("{COOKIE}={value}"))];
    assert_eq!(find(&headers), Ok(None));
    let carried = format!("{COOKIE}={value}");
    let found = find_token([("Cookie", carried.as_bytes())], Some(COOKIE)).unwrap().unwrap();
    assert_eq!(found.carrier, Carrier::Cookie);
    assert!(find_token([("Cookie", carried.as_bytes())], None).unwrap().is_none());
}

#[test]
fn a_session_in_parts_is_joined_by_number_wherever_they_stand() {
    for value in [base64(&session(TOKEN, 1)), session(TOKEN, 1)] {
        for longest in [60, 200, 3_180] {
            let cookies = parts(&value, longest);
            assert_eq!(in_cookie(&cookies), found(), "{cookies}");
            let backwards: Vec<&str> = cookies.rsplit("; ").collect();
            assert_eq!(in_cookie(&backwards.join("; ")), found());
            let headers: Vec<(&str, &str)> = backwards.iter().map(|one| ("cookie", *one)).collect();
            assert_eq!(find(&headers), found());
        }
    }
    let eleven = parts(&base64(&session(TOKEN, 1)), 60);
    assert!(eleven.contains(&format!("{COOKIE}.10=")) || eleven.matches("; ").count() < 10);
}

#[test]
fn a_part_that_is_missing_is_told_and_one_that_is_left_over_does_no_harm() {
    let cookies = parts(&base64(&session(TOKEN, 1)), 120);
    let all: Vec<&str> = cookies.split("; ").collect();
    assert!(all.len() > 2);
    for missing in 0..all.len() {
        let rest: Vec<&str> =
            all.iter().enumerate().filter(|(n, _)| *n != missing).map(|(_, one)| *one).collect();
        let is_last = missing == all.len() - 1;
        let expected = if is_last { "cookie" } else { "cookie_incomplete" };
        assert_eq!(in_cookie(&rest.join("; ")), refused(expected), "{missing}");
    }
    assert_eq!(in_cookie(&format!("{cookies}; {COOKIE}.15=stale")), found());
    assert_eq!(in_cookie(&format!("{cookies}; {COOKIE}.{}=", all.len())), found());
    // No part: 16 is one too many, and numbers have one spelling.
    for other in ["16", "00", "01", "-1", "+1", "1e0", "x", "", "99999999999999999999"] {
        assert_eq!(in_cookie(&format!("{cookies}; {COOKIE}.{other}=stale")), found(), "{other}");
    }
}

#[test]
fn of_a_whole_session_and_its_parts_the_one_that_ends_later_is_taken() {
    let (old, new) = ("old-token", "new-token");
    for (whole, joined, expected) in [
        (session(old, 100), session(new, 200), new),
        (session(new, 200), session(old, 100), new),
        (session(new, 100), session(old, 100), new),
        (json!([new]).to_string(), json!([old]).to_string(), new),
    ] {
        let cookies = format!("{COOKIE}={}; {}", base64(&whole), parts(&base64(&joined), 120));
        assert_eq!(in_cookie(&cookies), Ok(Some(expected.to_owned())));
    }
    // One that cannot be read is no reason not to read the other.
    let good = base64(&session(TOKEN, 1));
    assert_eq!(in_cookie(&format!("{COOKIE}=stale; {}", parts(&good, 120))), found());
    assert_eq!(in_cookie(&format!("{COOKIE}=; {}", parts(&good, 120))), found());
    assert_eq!(in_cookie(&format!("{COOKIE}={good}; {COOKIE}.0=stale")), found());
}

#[test]
fn a_cookie_with_two_values_is_refused_for_one_of_them_may_be_planted() {
    let (one, other) = (base64(&session(TOKEN, 1)), base64(&session("planted", 9)));
    for (first, second) in [(&one, &other), (&other, &one)] {
        let cookies = format!("{COOKIE}={first}; {COOKIE}={second}");
        assert_eq!(in_cookie(&cookies), refused("ambiguous"));
        let cookies = format!("{COOKIE}.0={first}; {COOKIE}.0={second}");
        assert_eq!(in_cookie(&cookies), refused("ambiguous"));
    }
    assert_eq!(in_cookie(&format!("{COOKIE}={one}; {COOKIE}={one}")), found());
}

#[test]
fn what_is_no_session_is_said_to_be_none() {
    let base = |text: &str| format!("base64-{}", URL_SAFE_NO_PAD.encode(text));
    let padded = base(r#"{"access_token":"abcd"}"#);
    for value in [
        "x".to_owned(),
        "base64-".to_owned(),
        "base64-%%%".to_owned(),
        "base64-!!!!".to_owned(),
        format!("{padded}="),
        format!("{padded} x"),
        base("null"),
        base("[]"),
        base("{}"),
        base(r#"{"access_token":null}"#),
        base(r#"{"access_token":""}"#),
        base(r#"{"access_token":["a"]}"#),
        base(r#"{"access_token":"a","access_token":"b"}"#),
        base(r#"{"access_token":"a"}{}"#),
        base(&"[".repeat(5_000)),
        TOKEN.to_owned(),
    ] {
        assert_eq!(in_cookie(&format!("{COOKIE}={value}")), refused("cookie"), "{value}");
    }
    assert_eq!(in_cookie(&format!("a={}", "b".repeat(64 * 1024))), refused("too_large"));
    assert_eq!(in_cookie(""), Ok(None));
    assert_eq!(in_cookie(&format!("{COOKIE}=")), Ok(None));
    assert_eq!(in_cookie(COOKIE), Ok(None));
}

proptest! {
    #[test]
    fn what_supabase_writes_is_read(
        token in "[A-Za-z0-9._-]{1,400}", name in ".{0,60}", longest in 40_usize..400, raw in any::<bool>()
    ) {
        let session = json!({ "access_token": token, "user": { "name": name } }).to_string();
        let value = if raw { session } else { base64(&session) };
        let cookies = parts(&value, longest);
        prop_assume!(cookies.matches("; ").count() < 16);
        prop_assert_eq!(in_cookie(&cookies), Ok(Some(token.clone())));
        prop_assert_eq!(in_cookie(&format!("{COOKIE}={}", percent(&value))), Ok(Some(token)));
    }

    #[test]
    fn no_bytes_are_too_strange(
        values in proptest::collection::vec(
            ("(?i)cookie|authorization|x", proptest::collection::vec(any::<u8>(), 0..120)), 0..6),
        cookie in "sb-[a-z]{0,3}-auth-token",
    ) {
        let headers = values.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        let _ = find_token(headers, Some(&cookie));
    }

    #[test]
    fn no_cookie_is_too_strange(text in "((sb-a(\\.[0-9]{1,2})?|b)(=(base64-)?[\\[\\]{}\":,a-zA-Z0-9%_-]{0,30})?; ?){0,8}") {
        let _ = find_token([("cookie", text.as_bytes())], Some("sb-a"));
    }
}
