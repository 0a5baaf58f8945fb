//! The function calls of one answer: told apart by place and by id, and unwrapped where the model
//! packed several into one.

use std::collections::VecDeque;

use serde_json::Value;

use super::{
    super::Answer,
    event::{arguments, text},
};
use crate::provider::ChatEvent;

type Events = VecDeque<ChatEvent>;

/// The calls so far.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Of the whole answer, to make ids from for calls that have none.
    pub(super) response_id: String,
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    /// Which item of the output it is.
    place: Option<u64>,
    item_id: String,
    call_id: String,
    state: State,
}

#[derive(Debug)]
enum State {
    /// It has begun, as this call of the answer.
    Told(usize),
    /// It may be several calls in one, which only the whole tells.
    Held { name: String, arguments: String },
    /// It was several.
    Unwrapped,
}

impl Calls {
    /// The service begins a call. Returns which of the calls it is.
    pub(super) fn begin(
        &mut self,
        place: Option<u64>,
        item: &Value,
        answer: &mut Answer,
        out: &mut Events,
    ) -> usize {
        if let Some(known) = self.known(place, item) {
            return known;
        }
        let (name, arguments) = (text(item, "name").to_owned(), arguments(item));
        let item_id = text(item, "id").to_owned();
        let call_id = match text(item, "call_id") {
            "" if item_id.is_empty() => format!("call_{}_{}", self.response_id, self.calls.len()),
            "" => item_id.clone(),
            call_id => call_id.to_owned(),
        };
        let state = if is_wrapper(&name) {
            State::Held { name, arguments }
        } else {
            State::Told(answer.begin_tool_call(call_id.clone(), name, arguments, out))
        };
        self.calls.push(Call { place, item_id, call_id, state });
        self.calls.len() - 1
    }

    /// More of the arguments of a call that has begun.
    pub(super) fn more(
        &mut self,
        place: Option<u64>,
        item_id: &str,
        delta: &str,
        answer: &mut Answer,
        out: &mut Events,
    ) {
        let Some(call) = self.find(place, item_id) else { return };
        match &mut call.state {
            State::Told(told) => {
                answer.more_of_tool_call(*told, String::new(), delta.to_owned(), out);
            }
            State::Held { arguments, .. } => arguments.push_str(delta),
            State::Unwrapped => {}
        }
    }

    /// The arguments of a call that has begun are these.
    pub(super) fn settle(
        &mut self,
        place: Option<u64>,
        item_id: &str,
        whole: &str,
        answer: &mut Answer,
        out: &mut Events,
    ) {
        if let Some(call) = self.find(place, item_id) {
            call.settle(whole, answer, out);
        }
    }

    /// A call is whole, whether it was begun or not.
    pub(super) fn complete(
        &mut self,
        place: Option<u64>,
        item: &Value,
        answer: &mut Answer,
        out: &mut Events,
    ) {
        let begun = self.begin(place, item, answer, out);
        if let Some(call) = self.calls.get_mut(begun) {
            call.settle(&arguments(item), answer, out);
        }
    }

    /// No more will come: what was held back is told as it is.
    pub(super) fn release(&mut self, answer: &mut Answer, out: &mut Events) {
        for call in &mut self.calls {
            if let State::Held { name, arguments } = &mut call.state {
                let (name, arguments) = (std::mem::take(name), std::mem::take(arguments));
                let told = answer.begin_tool_call(call.call_id.clone(), name, arguments, out);
                call.state = State::Told(told);
            }
        }
    }

    /// By the call's id, else by the item's, else by place.
    fn known(&self, place: Option<u64>, item: &Value) -> Option<usize> {
        let (call_id, id) = (text(item, "call_id"), text(item, "id"));
        self.calls.iter().position(|call| match (call_id, id) {
            ("", "") => place.is_some() && call.place == place,
            ("", id) => call.item_id == id,
            (call_id, _) => call.call_id == call_id,
        })
    }

    /// By place and id, else by place, else by id: some servers give every item the same place, others
    /// another id in each event.
    fn find(&mut self, place: Option<u64>, item_id: &str) -> Option<&mut Call> {
        let same_place = |call: &Call| place.is_some() && call.place == place;
        let same_id = |call: &Call| !item_id.is_empty() && call.item_id == item_id;
        let last = |fits: &dyn Fn(&Call) -> bool| self.calls.iter().rposition(fits);
        let found = last(&|call| same_place(call) && same_id(call))
            .or_else(|| last(&same_place))
            .or_else(|| last(&same_id))?;
        self.calls.get_mut(found)
    }
}

impl Call {
    fn settle(&mut self, whole: &str, answer: &mut Answer, out: &mut Events) {
        match &mut self.state {
            State::Told(told) => {
                let so_far = answer.tool_call(*told).map_or("", |call| call.arguments.as_str());
                // What was told stays told; only what is missing at its end is added.
                let rest = whole.strip_prefix(so_far).unwrap_or_default().to_owned();
                answer.more_of_tool_call(*told, String::new(), rest, out);
            }
            State::Held { name, arguments } => {
                if !whole.is_empty() {
                    whole.clone_into(arguments);
                }
                let Some(uses) = unwrapped(name, arguments) else { return };
                for (number, (name, arguments)) in uses.into_iter().enumerate() {
                    let id = single_id(&self.call_id, number);
                    answer.begin_tool_call(id, name, arguments, out);
                }
                self.state = State::Unwrapped;
            }
            State::Unwrapped => {}
        }
    }
}

/// The id of one of the calls that came in one.
pub(super) fn single_id(call_id: &str, number: usize) -> String {
    format!("{call_id}_{number}")
}

/// The names and arguments of the calls that came in one: some models of OpenAI write
/// `multi_tool_use.parallel`, a tool that nobody offered, around them.
pub(super) fn unwrapped(name: &str, arguments: &str) -> Option<Vec<(String, String)>> {
    if !is_wrapper(name) {
        return None;
    }
    let json: Value = serde_json::from_str(arguments).ok()?;
    let uses = json.get("tool_uses")?.as_array().filter(|uses| !uses.is_empty())?;
    uses.iter()
        .map(|single| {
            let name = single.get("recipient_name")?.as_str()?.strip_prefix("functions.")?;
            let parameters = single.get("parameters").filter(|json| json.is_object())?;
            Some((name.to_owned(), parameters.to_string()))
        })
        .collect()
}

fn is_wrapper(name: &str) -> bool {
    matches!(name, "parallel" | "multi_tool_use.parallel" | "multi_tool_use_parallel")
}
