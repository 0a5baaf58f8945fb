//! Handles: numbers that stand for what was opened, each good until it is closed and never again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use javari_core::{
    Error, ErrorKind, Result,
    host::{EventStream, Host},
};

/// What a handle stands for. Cheap to clone.
#[derive(Clone)]
pub(super) enum Opened {
    Javari(Host),
    Stream(Arc<EventStream>),
}

/// A place in the table. Its generation grows with every owner, so that an old handle misses.
struct Slot {
    generation: u32,
    opened: Option<Opened>,
}

#[derive(Default)]
struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

static TABLE: Mutex<Table> = Mutex::new(Table { slots: Vec::new(), free: Vec::new() });

/// Keeps what was opened and names it: the generation above, the place below, never 0.
pub(super) fn insert(opened: Opened) -> Result<u64> {
    table().insert(opened)
}

/// The Javari that a handle stands for.
pub(super) fn javari(handle: u64) -> Result<Host> {
    match table().get(handle) {
        Some(Opened::Javari(host)) => Ok(host),
        _ => Err(closed()),
    }
}

/// The stream that a handle stands for.
pub(super) fn stream(handle: u64) -> Result<Arc<EventStream>> {
    match table().get(handle) {
        Some(Opened::Stream(stream)) => Ok(stream),
        _ => Err(closed()),
    }
}

/// Takes a Javari out; its handle is stale from now on.
pub(super) fn take_javari(handle: u64) -> Result<Host> {
    match table().take_if(handle, |opened| matches!(opened, Opened::Javari(_))) {
        Some(Opened::Javari(host)) => Ok(host),
        _ => Err(closed()),
    }
}

/// Takes a stream out; its handle is stale from now on.
pub(super) fn take_stream(handle: u64) -> Result<Arc<EventStream>> {
    match table().take_if(handle, |opened| matches!(opened, Opened::Stream(_))) {
        Some(Opened::Stream(stream)) => Ok(stream),
        _ => Err(closed()),
    }
}

impl Table {
    fn insert(&mut self, opened: Opened) -> Result<u64> {
        if let Some(index) = self.free.pop()
            && let Some(slot) = self.slots.get_mut(index as usize)
        {
            slot.opened = Some(opened);
            return Ok(name(index, slot.generation));
        }
        let index = u32::try_from(self.slots.len()).map_err(|_| {
            Error::new(ErrorKind::TooLarge, "host.open", "there are too many open handles")
        })?;
        self.slots.push(Slot { generation: 1, opened: Some(opened) });
        Ok(name(index, 1))
    }

    fn slot(&mut self, handle: u64) -> Option<&mut Slot> {
        let slot = self.slots.get_mut((handle & u64::from(u32::MAX)) as usize)?;
        (u64::from(slot.generation) == handle >> 32).then_some(slot)
    }

    fn get(&mut self, handle: u64) -> Option<Opened> {
        self.slot(handle)?.opened.clone()
    }

    fn take_if(&mut self, handle: u64, fits: impl Fn(&Opened) -> bool) -> Option<Opened> {
        let slot = self.slot(handle)?;
        if !slot.opened.as_ref().is_some_and(fits) {
            return None;
        }
        let opened = slot.opened.take();
        // A place whose generations are used up stays empty for good.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.free.push((handle & u64::from(u32::MAX)) as u32);
        }
        opened
    }
}

fn name(index: u32, generation: u32) -> u64 {
    u64::from(generation) << 32 | u64::from(index)
}

/// Nothing that may call the host back happens while this is held: values are moved out first.
fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> Error {
    Error::new(
        ErrorKind::Closed,
        "host.call",
        "this handle is closed, freed, of another kind or was never given out",
    )
}

#[cfg(test)]
mod tests {
    use javari_core::host::block_on;
    use serde_json::json;

    use super::*;

    fn opened() -> Opened {
        let settings = json!({ "database": ":memory:", "environment": false });
        Opened::Javari(block_on(Host::open(settings)).unwrap())
    }

    #[test]
    fn a_place_is_used_again_under_another_name_until_its_generations_are_used_up() {
        let (mut table, opened) = (Table::default(), opened());
        let first = table.insert(opened.clone()).unwrap();
        assert!(table.take_if(first, |_| true).is_some());
        assert!(table.take_if(first, |_| true).is_none());
        let second = table.insert(opened.clone()).unwrap();
        assert_eq!((table.slots.len(), first == second), (1, false));
        assert!(table.get(first).is_none() && table.get(second).is_some());
        table.slots[0].generation = u32::MAX;
        let last = name(0, u32::MAX);
        assert!(table.take_if(last, |_| true).is_some());
        let other = table.insert(opened).unwrap();
        assert_eq!(table.slots.len(), 2);
        assert!(table.get(last).is_none() && table.get(other).is_some());
    }

    #[test]
    fn a_handle_of_another_kind_or_of_no_place_is_not_taken() {
        let (mut table, opened) = (Table::default(), opened());
        let handle = table.insert(opened).unwrap();
        assert!(table.take_if(handle, |opened| matches!(opened, Opened::Stream(_))).is_none());
        for foreign in [0, 1, handle ^ 1, u64::MAX, handle << 1] {
            assert!(table.get(foreign).is_none(), "{foreign}");
        }
        assert!(table.get(handle).is_some());
    }
}
