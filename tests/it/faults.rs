//! Promise 11: whatever goes wrong and wherever, nothing is wrongly removed or made twice; and when it stops, two cycles
//! later everything is as it should be.

mod every_kind;
mod told;
