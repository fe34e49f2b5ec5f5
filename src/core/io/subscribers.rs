//! The connections of one server on one thread, which its broadcasts go to.

use crate::core::connection::Connection;
use std::rc::Rc;

/// Connections, oldest first. A clone is the list as it was: it costs one count, where a count for
/// each connection would fetch every one of them into the processor's cache once more.
#[derive(Clone, Default)]
pub(crate) struct Subscribers(Rc<Vec<Rc<Connection>>>);

impl Subscribers {
    pub(crate) fn add(&mut self, connection: Rc<Connection>) {
        if let Err(place) = self.place_of(connection.peer().id()) {
            Rc::make_mut(&mut self.0).insert(place, connection);
        }
    }

    /// Removes a connection, if it is there.
    pub(crate) fn remove(&mut self, id: u32) {
        if let Ok(place) = self.place_of(id) {
            Rc::make_mut(&mut self.0).remove(place);
        }
    }

    /// Numbers are given in the order of arrival.
    fn place_of(&self, id: u32) -> Result<usize, usize> {
        self.0.binary_search_by_key(&id, |connection| connection.peer().id())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Rc<Connection>> {
        self.0.iter()
    }
}
