//! The table of the guard, row by row.

use Autonomy::{ApproveCritical, FullAuto, Manual};
use Decision::{Allow, Ask, Never};
use Risk::{R0, R1, R2, R3, R4, R5};
use proptest::prelude::*;

use super::*;

const LEVELS: [Autonomy; 3] = [Manual, ApproveCritical, FullAuto];
const RISKS: [Risk; 6] = [R0, R1, R2, R3, R4, R5];

struct Case {
    counters: Counters,
    change: Option<Change>,
    limits: Limits,
    own_commit: bool,
    approved: bool,
}

impl Case {
    fn plain() -> Self {
        Self {
            counters: Counters::default(),
            change: None,
            limits: Limits::default(),
            own_commit: false,
            approved: false,
        }
    }

    fn changing(change: Change) -> Self {
        Self { change: Some(change), ..Self::plain() }
    }

    fn rule(&self, risk: Risk, autonomy: Autonomy) -> Ruling {
        rule(&Question {
            risk,
            autonomy,
            limits: &self.limits,
            counters: &self.counters,
            change: self.change.as_ref(),
            own_commit: self.own_commit,
            approved: self.approved,
        })
    }

    fn decisions(&self, risk: Risk) -> [Decision; 3] {
        LEVELS.map(|level| self.rule(risk, level).decision)
    }
}

fn path(path: &str) -> Change {
    Change { paths: vec![path.into()], lines: 2, ..Change::default() }
}

#[test]
fn the_table_of_levels_and_risks_is_this_one() {
    let case = Case::plain();
    for (risk, expected) in [
        (R0, [Allow, Allow, Allow]),
        (R1, [Ask, Allow, Allow]),
        (R2, [Ask, Allow, Allow]),
        (R3, [Ask, Ask, Allow]),
        (R4, [Ask, Ask, Ask]),
        (R5, [Never, Never, Never]),
    ] {
        assert_eq!(case.decisions(risk), expected, "{risk:?}");
    }
}

#[test]
fn an_approval_turns_ask_into_allow_and_never_stays_never() {
    let case = Case { approved: true, ..Case::plain() };
    for risk in [R0, R1, R2, R3, R4] {
        assert_eq!(case.decisions(risk), [Allow; 3], "{risk:?}");
    }
    assert_eq!(case.decisions(R5), [Never; 3]);
}

#[test]
fn production_is_reached_by_itself_only_where_the_host_lets_the_highest_level() {
    let mut case = Case::plain();
    case.limits.allow_production = true;
    assert_eq!(case.decisions(R4), [Ask, Ask, Allow]);
}

#[test]
fn a_new_dependency_is_merged_only_with_a_person() {
    let change = Change { adds_dependency: true, ..path("package.json") };
    assert_eq!(Case::changing(change.clone()).decisions(R2), [Ask, Allow, Allow]);
    assert_eq!(Case::changing(change).decisions(R3), [Ask, Ask, Ask]);
}

#[test]
fn a_change_up_to_the_limits_passes_and_one_more_never_does() {
    let files = |count: usize| Change {
        paths: (0..count).map(|number| format!("src/{number}.js")).collect(),
        lines: 1,
        ..Change::default()
    };
    assert_eq!(Case::changing(files(5)).decisions(R2), [Ask, Allow, Allow]);
    assert_eq!(Case::changing(files(6)).decisions(R2), [Never; 3]);
    let lines = |lines| Change { lines, ..path("a.js") };
    assert_eq!(Case::changing(lines(80)).decisions(R3), [Ask, Ask, Allow]);
    assert_eq!(Case::changing(lines(81)).decisions(R3), [Never; 3]);
}

#[test]
fn what_is_protected_is_never_changed_by_itself() {
    for protected in [
        ".github/workflows/ci.yml",
        "app/.env.local",
        "db/migrations/1.sql",
        "src/auth/login.ts",
        "src/billing.py",
        "keys/server.pem",
        ".git/config",
        ".git/hooks/post-checkout",
        "packages/a/.npmrc",
        "../outside.js",
        "a/../../b.js",
        "/etc/passwd",
        "a\\b.js",
        "",
    ] {
        assert_eq!(Case::changing(path(protected)).decisions(R2), [Never; 3], "{protected}");
    }
    for open in ["src/author.ts", "src/environment.ts", "package.json", "src/vaulted.rs"] {
        assert_eq!(Case::changing(path(open)).decisions(R2), [Ask, Allow, Allow], "{open}");
    }
}

#[test]
fn checks_are_not_switched_off_and_no_secret_is_written() {
    for line in [
        "// @ts-ignore",
        "it.skip('x', f)",
        "import x  # type: ignore",
        "#[allow(unused)]",
        "const t = 'ghp_planted0000000000000000000000000000';",
    ] {
        let change = Change { added: vec![line.into()], ..path("a.ts") };
        let ruling = Case::changing(change).rule(R2, FullAuto);
        assert_eq!(ruling.decision, Never, "{line}");
        assert!(!ruling.reasons.join(" ").contains("planted"));
    }
    let change = Change { unusual: vec!["a.bin".into()], ..path("a.ts") };
    assert_eq!(Case::changing(change).decisions(R2), [Never; 3]);
}

#[test]
fn what_was_tried_too_often_is_left_alone() {
    let minutes = |count: u64| Some(Duration::from_secs(count * 60));
    let plain = Counters::default();
    for (counters, expected) in [
        (Counters { attempts_at_fault: 1, ..plain.clone() }, Allow),
        (Counters { attempts_at_fault: 2, ..plain.clone() }, Never),
        (Counters { repairs_in_folder: 2, ..plain.clone() }, Allow),
        (Counters { repairs_in_folder: 3, ..plain.clone() }, Never),
        (Counters { repairs_of_user: 9, ..plain.clone() }, Allow),
        (Counters { repairs_of_user: 10, ..plain.clone() }, Never),
        (Counters { failures_in_a_row: 2, ..plain.clone() }, Allow),
        (Counters { failures_in_a_row: 3, ..plain.clone() }, Never),
        (Counters { waiting: 1, ..plain.clone() }, Never),
        (Counters { failures_at_fault: 1, since_failure: minutes(14), ..plain.clone() }, Never),
        (Counters { failures_at_fault: 1, since_failure: minutes(15), ..plain.clone() }, Allow),
        (Counters { failures_at_fault: 2, since_failure: minutes(29), ..plain.clone() }, Never),
        (Counters { failures_at_fault: 2, since_failure: minutes(30), ..plain }, Allow),
    ] {
        let case = Case { counters: counters.clone(), ..Case::plain() };
        assert_eq!(case.rule(R2, ApproveCritical).decision, expected, "{counters:?}");
        // Looking stays free, and what is merged was counted when it was made.
        assert_eq!(case.rule(R0, Manual).decision, Allow);
        assert_eq!(case.rule(R3, FullAuto).decision, Allow);
    }
}

#[test]
fn a_commit_of_our_own_is_not_mended_again() {
    let case = Case { own_commit: true, ..Case::plain() };
    assert_eq!(case.decisions(R1), [Never; 3]);
    assert_eq!(case.decisions(R2), [Never; 3]);
    assert_eq!(case.decisions(R0), [Allow; 3]);
}

proptest! {
    #[test]
    fn more_autonomy_never_forbids_and_more_risk_never_frees(
        attempts in 0_u32..4, lines in 0_usize..200, adds_dependency: bool, own_commit: bool,
        approved: bool, file in "[a-z./]{0,12}",
    ) {
        let case = Case {
            counters: Counters { attempts_at_fault: attempts, ..Counters::default() },
            change: Some(Change { paths: vec![file], lines, adds_dependency, ..Change::default() }),
            own_commit,
            approved,
            ..Case::plain()
        };
        let rank = |decision| match decision { Allow => 0, Ask => 1, Never => 2 };
        for risk in RISKS {
            let ranks = case.decisions(risk).map(rank);
            prop_assert!(ranks.is_sorted_by(|low, high| low >= high), "{:?} {:?}", risk, ranks);
            for level in LEVELS {
                prop_assert!(!case.rule(risk, level).reasons.is_empty());
            }
        }
        prop_assert_eq!(case.decisions(R5), [Never; 3]);
    }
}

#[test]
fn a_manifest_asks_a_person_whatever_the_healer_says_of_it() {
    for name in ["package.json", "crates/a/Cargo.toml", "requirements-dev.txt", "yarn.lock"] {
        let case = Case::changing(path(name));
        assert_eq!(case.decisions(R2), [Ask, Allow, Allow], "{name}");
        assert_eq!(case.decisions(R3), [Ask, Ask, Ask], "{name}");
    }
    assert_eq!(Case::changing(path("src/main.rs")).decisions(R3), [Ask, Ask, Allow]);
}
