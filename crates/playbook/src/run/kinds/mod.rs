//! What each kind of step does when it is reached, and when something comes back to it.

mod act;
mod branch;
mod call;
mod caught;
mod each;
mod outcome;
mod people;
mod repeat;
mod time;
mod value;
