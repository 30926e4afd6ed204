//! What a shard does for its logs by itself, in the background: retention, and deleting records when it is told to.

mod records;
