//! Adopting a database of the seed: nothing is lost, nothing is guessed, and what the host built on the
//! old tables stands on the new ones.

mod killed;
mod refused;
mod taken_in;
mod world;
