//! Seeded scenarios of faults against a model of what the router should do, written apart from it and
//! sharing none of its code. Time is virtual.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::*;
use crate::{error::Retry, provider::ChatEvent, types::FinishReason};

/// Numbers that hang on the seed alone (splitmix64), in the scenario and in the model.
#[derive(Clone)]
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

/// What a target does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    Answers,
    /// Fails with this kind, asking to wait so many seconds.
    Fails(ErrorKind, Option<u64>),
    /// Says something and breaks off.
    BreaksOff,
}

#[derive(Debug)]
struct Scenario {
    seed: u64,
    /// For each target the number of its keys.
    keys: Vec<usize>,
    retries: u32,
    least_calls: u32,
    calls: Vec<Call>,
    /// For each target what it does, asked once after the other; then it answers.
    deeds: Vec<Vec<Deed>>,
}

#[derive(Debug)]
struct Call {
    /// Seconds since the call before.
    after: u64,
    timeout: Option<u64>,
    restart: bool,
}

/// What a caller sees of a call.
#[derive(Debug, PartialEq)]
struct Seen {
    /// Target, key and code of each attempt that failed before the answer.
    failed: Vec<(usize, String)>,
    /// Who answered, or the code of the error.
    outcome: std::result::Result<usize, String>,
    micros: u128,
}

fn scenario(seed: u64) -> Scenario {
    const KINDS: [ErrorKind; 11] = [
        ErrorKind::RateLimited,
        ErrorKind::RateLimited,
        ErrorKind::ProviderOverloaded,
        ErrorKind::ProviderFailed,
        ErrorKind::ProviderFailed,
        ErrorKind::Network,
        ErrorKind::Timeout,
        ErrorKind::CredentialRefused,
        ErrorKind::QuotaExhausted,
        ErrorKind::ModelNotFound,
        ErrorKind::ProviderRefused,
    ];
    let mut numbers = Numbers(seed);
    let keys: Vec<usize> =
        (0..1 + numbers.below(3)).map(|_| 1 + numbers.below(3) as usize).collect();
    let faulty = 20 + numbers.below(80);
    let deeds = keys
        .iter()
        .map(|_| {
            let deed = |_| match numbers.below(100) {
                roll if roll >= faulty => Deed::Answers,
                roll if roll % 10 == 0 => Deed::BreaksOff,
                _ => {
                    let kind = KINDS[numbers.below(KINDS.len() as u64) as usize];
                    let waits = [None, None, Some(1), Some(2), Some(3), Some(30), Some(90)];
                    let asks = matches!(
                        kind,
                        ErrorKind::RateLimited
                            | ErrorKind::ProviderOverloaded
                            | ErrorKind::ProviderFailed
                    );
                    let wait = waits[numbers.below(waits.len() as u64) as usize];
                    Deed::Fails(kind, wait.filter(|_| asks))
                }
            };
            (0..40).map(deed).collect()
        })
        .collect();
    let calls = (0..12)
        .map(|_| Call {
            after: [0, 0, 1, 5, 29, 30, 61][numbers.below(7) as usize],
            timeout: [None, None, Some(4), Some(20)][numbers.below(4) as usize],
            restart: numbers.below(3) == 0,
        })
        .collect();
    let retries = numbers.below(4) as u32;
    let least_calls = [2, 5, 20][numbers.below(3) as usize];
    Scenario { seed, keys, retries, least_calls, calls, deeds }
}

/// What should happen, told plainly: one loop over the targets, one over the attempts.
struct Model<'a> {
    scenario: &'a Scenario,
    now: u128,
    asked: Vec<usize>,
    turns: usize,
    jitter: Numbers,
    /// Tenths of a retry that are left.
    tenths: u32,
    resting: HashMap<(usize, usize), (u128, ErrorKind)>,
    /// Why the first target that was passed over in this call rests.
    passed_over: Option<ErrorKind>,
    circuits: Vec<Circuit>,
    met: Met,
}

/// What the scenarios brought about, so that none is tested in vain.
#[derive(Debug, Default)]
struct Met {
    answers: u32,
    waits: u32,
    other_keys: u32,
    opened: u32,
    probes: u32,
    restarts: u32,
    too_late: u32,
    over_share: u32,
}

#[derive(Default)]
struct Circuit {
    /// When, and whether it failed.
    past: Vec<(u128, bool)>,
    open_until: Option<u128>,
}

const SECOND: u128 = 1_000_000;

impl Model<'_> {
    fn call(&mut self, call: &Call) -> Seen {
        self.now += u128::from(call.after) * SECOND;
        let began = self.now;
        let deadline = call.timeout.map(|seconds| began + u128::from(seconds) * SECOND);
        self.tenths = (self.tenths + 1).min(1_001);
        let mut failed = Vec::new();
        self.passed_over = None;
        let mut last = None;
        let count = self.scenario.keys.len();
        let mut target = 0;
        let mut tries = 0;
        while target < count {
            let Some((key, probe)) = self.may_ask(target, count == 1) else {
                (target, tries) = (target + 1, 0);
                continue;
            };
            let deed = self.scenario.deeds[target].get(self.asked[target]).copied();
            self.asked[target] += 1;
            let (kind, wait) = match deed.unwrap_or(Deed::Answers) {
                Deed::Answers => {
                    self.met.answers += 1;
                    self.note(target, probe, Some(false));
                    return self.seen(began, failed, Ok(target));
                }
                Deed::BreaksOff => {
                    // It spoke, so that it is no probe any more.
                    if probe {
                        self.note(target, true, Some(false));
                    }
                    self.note(target, false, Some(true));
                    if !call.restart {
                        return self.seen(began, failed, Err("NETWORK".to_owned()));
                    }
                    self.met.restarts += 1;
                    (ErrorKind::Network, None)
                }
                Deed::Fails(kind, wait) => {
                    let faults = [
                        ErrorKind::ProviderOverloaded,
                        ErrorKind::ProviderFailed,
                        ErrorKind::Network,
                        ErrorKind::Timeout,
                    ];
                    let answers_all_the_same = [
                        ErrorKind::RateLimited,
                        ErrorKind::CredentialRefused,
                        ErrorKind::QuotaExhausted,
                    ];
                    // A time that the caller set and that ran out is nobody's fault.
                    let own_limit = kind == ErrorKind::Timeout && call.timeout.is_some();
                    let verdict = if own_limit {
                        None
                    } else if faults.contains(&kind) {
                        Some(true)
                    } else {
                        answers_all_the_same.contains(&kind).then_some(false)
                    };
                    self.note(target, probe, verdict);
                    if kind == ErrorKind::ProviderRefused {
                        return self.seen(began, failed, Err(kind.code().to_owned()));
                    }
                    (kind, wait)
                }
            };
            failed.push((target, kind.code().to_owned()));
            last = Some(kind);
            let rest = match kind {
                ErrorKind::RateLimited => Some(wait.unwrap_or(1)),
                ErrorKind::CredentialRefused => Some(300),
                ErrorKind::QuotaExhausted => Some(600),
                _ => None,
            };
            if let Some(rest) = rest {
                let until = self.now + u128::from(rest) * SECOND;
                self.resting.insert((target, key), (until, kind));
                let keys = self.scenario.keys[target];
                if keys > 1 && (0..keys).any(|key| !self.rests(target, key)) {
                    self.met.other_keys += 1;
                    continue;
                }
            }
            match self.wait(kind, wait, tries, deadline, count - target) {
                Some(wait) => {
                    self.met.waits += 1;
                    self.now += wait;
                    tries += 1;
                }
                None => (target, tries) = (target + 1, 0),
            }
        }
        let code = last.or(self.passed_over).unwrap_or(ErrorKind::ProviderOverloaded).code();
        self.seen(began, failed, Err(code.to_owned()))
    }

    fn seen(
        &self,
        began: u128,
        failed: Vec<(usize, String)>,
        outcome: std::result::Result<usize, String>,
    ) -> Seen {
        Seen { failed, outcome, micros: self.now - began }
    }

    fn rests(&self, target: usize, key: usize) -> bool {
        self.resting.get(&(target, key)).is_some_and(|(until, _)| *until > self.now)
    }

    /// The key to ask with, and whether it is a probe.
    fn may_ask(&mut self, target: usize, is_only: bool) -> Option<(usize, bool)> {
        let (keys, turn) = (self.scenario.keys[target], self.turns);
        self.turns += 1;
        let in_turn = (0..keys).map(|step| (turn + step) % keys);
        let Some(key) = in_turn.clone().find(|key| !self.rests(target, *key)) else {
            // In the order of the turns, the first of those that rest shortest.
            let rests = in_turn.map(|key| self.resting[&(target, key)]);
            let (_, kind) = rests.min_by_key(|(until, _)| *until).unwrap();
            self.passed_over.get_or_insert(kind);
            return None;
        };
        match self.circuits[target].open_until {
            None => Some((key, false)),
            Some(until) if self.now >= until => Some((key, true)),
            Some(_) => is_only.then_some((key, false)),
        }
    }

    fn note(&mut self, target: usize, probe: bool, failed: Option<bool>) {
        let (now, least) = (self.now, self.scenario.least_calls as usize);
        let circuit = &mut self.circuits[target];
        let Some(failed) = failed else {
            // A probe that says nothing leaves the way open for the next one.
            if probe {
                circuit.open_until = Some(now);
            }
            return;
        };
        if probe {
            self.met.probes += 1;
            circuit.open_until = failed.then_some(now + 30 * SECOND);
            circuit.past.clear();
            return;
        }
        circuit.past.push((now, failed));
        // The window moves in steps of six seconds.
        let step = |time: u128| time / (6 * SECOND);
        circuit.past.retain(|(time, _)| step(now) - step(*time) < 10);
        let failures = circuit.past.iter().filter(|(_, failed)| *failed).count();
        let bad = circuit.past.len() >= least && failures * 2 >= circuit.past.len();
        if failed && bad && circuit.open_until.is_none() {
            self.met.opened += 1;
            circuit.open_until = Some(now + 30 * SECOND);
        }
    }

    fn wait(
        &mut self,
        kind: ErrorKind,
        asked: Option<u64>,
        tries: u32,
        deadline: Option<u128>,
        left: usize,
    ) -> Option<u128> {
        let again = [
            ErrorKind::RateLimited,
            ErrorKind::ProviderOverloaded,
            ErrorKind::ProviderFailed,
            ErrorKind::Network,
            ErrorKind::Timeout,
        ];
        let asked = asked.or((kind == ErrorKind::RateLimited).then_some(1));
        let longest = if left > 1 { 2 } else { 60 };
        if !again.contains(&kind)
            || (kind == ErrorKind::Timeout && left > 1)
            || tries >= self.scenario.retries
            || asked.is_some_and(|asked| asked > longest)
        {
            return None;
        }
        let most = [500_u64, 1_000, 2_000, 4_000][tries as usize];
        let own = (most as f64 * self.jitter.share()) as u128 * (SECOND / 1_000);
        let wait = own.max(u128::from(asked.unwrap_or(0)) * SECOND);
        if deadline.is_some_and(|deadline| self.now + wait >= deadline) {
            self.met.too_late += 1;
            return None;
        }
        if self.tenths < 10 {
            self.met.over_share += 1;
            return None;
        }
        self.tenths -= 10;
        Some(wait)
    }
}

fn targets(scenario: &Scenario) -> Vec<Arc<ScriptedProvider>> {
    let names = ["one", "two", "three"];
    let of = |(target, keys): (usize, &usize)| {
        let keys = ["k0", "k1", "k2"].get(..*keys).unwrap();
        let keys = if keys.len() == 1 { &[] } else { keys };
        let provider = ScriptedProvider::new(names[target]).with_keys(keys);
        for deed in &scenario.deeds[target] {
            match deed {
                Deed::Answers => provider.push_text(&["answer"]),
                Deed::Fails(kind, wait) => {
                    let error = Error::new(*kind, "provider.chat", "failed");
                    provider.push_error(match wait {
                        Some(seconds) => error
                            .with_retry(Retry::After(Duration::from_secs(*seconds)))
                            .with(crate::provider::SERVER_WAIT, seconds * 1_000),
                        None => error,
                    });
                }
                Deed::BreaksOff => {
                    let text = ChatEvent::Text { delta: "half".to_owned() };
                    let error = Error::new(ErrorKind::Network, "provider.chat", "broke");
                    provider.push_events(vec![Ok(text), Err(error.with_retry(Retry::Never))]);
                }
            }
        }
        Arc::new(provider)
    };
    scenario.keys.iter().enumerate().map(of).collect()
}

fn router(scenario: &Scenario, providers: &[Arc<ScriptedProvider>]) -> Router {
    let mut config = RouterConfig::default();
    let models = providers.iter().map(|provider| format!("{}/m", provider.name())).collect();
    config.routes.insert("chat".to_owned(), models);
    config.retry.retries = scenario.retries;
    config.breaker.least_calls = scenario.least_calls;
    let jitter = Jitter::seeded(scenario.seed);
    let router = Router::tied(providers[0].clone(), config, Facts::default(), jitter);
    for provider in providers.iter().skip(1) {
        router.add(provider.name(), provider.clone()).unwrap();
    }
    router
}

async fn play(router: &Router, call: &Call) -> Seen {
    tokio::time::sleep(Duration::from_secs(call.after)).await;
    let began = Instant::now();
    let request = ChatRequest {
        timeout_ms: call.timeout.map(|seconds| seconds * 1_000),
        restart: call.restart,
        ..ChatRequest::ask("x")
    };
    let place = |target: &str| {
        let name = target.split('/').next().unwrap();
        ["one", "two", "three"].iter().position(|known| *known == name).unwrap()
    };
    let reply = router.complete(request).await;
    let micros = began.elapsed().as_micros();
    match reply {
        Ok(reply) => {
            assert_eq!((reply.text.as_str(), &reply.finish), ("answer", &FinishReason::Stop));
            let failed = reply.failed_attempts.iter();
            let failed = failed.map(|failed| (place(&failed.target), failed.code.clone()));
            Seen { failed: failed.collect(), outcome: Ok(place(&reply.provider)), micros }
        }
        Err(error) => Seen { failed: Vec::new(), outcome: Err(error.code().to_owned()), micros },
    }
}

#[test]
fn ten_thousand_scenarios_go_as_the_model_says() {
    let play_all = |scenario: Scenario, met: Met| {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(async move {
                let providers = targets(&scenario);
                let router = router(&scenario, &providers);
                let mut model = Model {
                    scenario: &scenario,
                    now: 0,
                    asked: vec![0; scenario.keys.len()],
                    turns: 0,
                    jitter: Numbers(scenario.seed),
                    tenths: 100,
                    resting: HashMap::new(),
                    passed_over: None,
                    circuits: scenario.keys.iter().map(|_| Circuit::default()).collect(),
                    met,
                };
                for (number, call) in scenario.calls.iter().enumerate() {
                    let mut expected = model.call(call);
                    let seen = play(&router, call).await;
                    if seen.outcome.is_err() {
                        // An error does not list its attempts as data; the requests below do.
                        expected.failed.clear();
                    }
                    assert_eq!(seen, expected, "call {number} of {scenario:#?}");
                    let asked: Vec<usize> =
                        providers.iter().map(|provider| provider.requests().len()).collect();
                    assert_eq!(asked, model.asked, "call {number} of {scenario:#?}");
                }
                model.met
            })
    };
    let met = (0..10_000).fold(Met::default(), |met, seed| play_all(scenario(seed), met));
    let Met { answers, waits, other_keys, opened, probes, restarts, too_late, over_share } = met;
    for count in [answers, waits, other_keys, opened, probes, restarts, too_late, over_share] {
        assert!(count > 300, "{met:?}");
    }
}
