//! Mends and checks the mend.
