//! Operations and completions as the numbers that the trace records.

use std::io;
use std::path::Path;

use super::faults::FileOperation;
use super::trace::hash_bytes;
use super::world::State;
use crate::operation::Durability;
use crate::{Completion, Operation};

/// Name and describing numbers of an operation.
pub(crate) fn operation(operation: &Operation) -> (&'static str, [u64; 3]) {
    match operation {
        Operation::Open { path, .. } => ("open", [path_hash(path), 0, 0]),
        Operation::Read { file, offset, length, .. } => {
            ("read", [file.simulated_id(), *offset, *length as u64])
        }
        Operation::Write { file, parts, offset, .. } => {
            let length: usize = parts.iter().map(bytes::Bytes::len).sum();
            ("write", [file.simulated_id(), *offset, length as u64])
        }
        Operation::Sync { file, .. } => ("sync", [file.simulated_id(), 0, 0]),
        Operation::Allocate { file, offset, length, .. } => {
            ("allocate", [file.simulated_id(), *offset, *length])
        }
        Operation::Truncate { file, length } => ("truncate", [file.simulated_id(), *length, 0]),
        Operation::Length { file } => ("length", [file.simulated_id(), 0, 0]),
        Operation::DontNeed { file, offset, length } => {
            ("dont-need", [file.simulated_id(), *offset, *length])
        }
        Operation::Rename { from, to } => ("rename", [path_hash(from), path_hash(to), 0]),
        Operation::RemoveFile { path } => ("remove-file", [path_hash(path), 0, 0]),
        Operation::CreateDirectory { path } => ("create-directory", [path_hash(path), 0, 0]),
        Operation::RemoveDirectory { path } => ("remove-directory", [path_hash(path), 0, 0]),
        Operation::ReadDirectory { path } => ("read-directory", [path_hash(path), 0, 0]),
        Operation::SyncDirectory { path } => ("sync-directory", [path_hash(path), 0, 0]),
        Operation::Stat { path } => ("stat", [path_hash(path), 0, 0]),
        Operation::Space { path } => ("space", [path_hash(path), 0, 0]),
        Operation::Accept { listener } => ("accept", [listener.simulated_id(), 0, 0]),
        Operation::Connect { address } => ("connect", [u64::from(address.port()), 0, 0]),
        Operation::Receive { socket, length, .. } => ("receive", [socket.simulated_id(), *length as u64, 0]),
        Operation::Send { socket, parts, .. } => ("send", [socket.simulated_id(), sample(parts), 0]),
        Operation::SendFile { socket, offset, length, .. } => {
            ("send-file", [socket.simulated_id(), *offset, *length])
        }
        Operation::Writable { socket } => ("writable", [socket.simulated_id(), 0, 0]),
        Operation::Shutdown { socket, .. } => ("shutdown", [socket.simulated_id(), 0, 0]),
        Operation::Blocking(_) => ("blocking", [0, 0, 0]),
    }
}

/// Name and describing numbers of a completion.
pub(crate) fn completion(completion: &Completion) -> (&'static str, [u64; 2]) {
    match completion {
        Completion::Unit(result) => ("done", [outcome(result, |()| 0), 0]),
        Completion::Opened(result) => ("opened", [outcome(result, |opened| opened.handle.simulated_id()), 0]),
        Completion::Accepted(result) => {
            ("accepted", [outcome(result, |(handle, _)| handle.simulated_id()), 0])
        }
        Completion::Connected(result) => ("connected", [outcome(result, crate::Handle::simulated_id), 0]),
        Completion::Read { result, buffer } => {
            // Only what is new: a long receive fills one buffer in many small steps.
            let new = result.as_ref().map_or(0, |read| *read);
            ("read-done", [outcome(result, |read| *read as u64), hash_bytes(&buffer[buffer.len() - new..])])
        }
        Completion::Written { result, .. } => ("written", [outcome(result, |written| *written as u64), 0]),
        Completion::Count(result) => ("count", [outcome(result, |count| *count), 0]),
        Completion::Metadata(result) => ("metadata", [outcome(result, |metadata| metadata.length), 0]),
        Completion::Space(result) => ("space-done", [outcome(result, |space| space.free), 0]),
        Completion::Directory(result) => ("directory", [outcome(result, |entries| entries.len() as u64), 0]),
        Completion::Blocking(result) => ("blocking-done", [u64::from(result.is_err()), 0]),
    }
}

/// The kind of a file operation, for injected faults.
pub(crate) fn file_operation(operation: &Operation) -> FileOperation {
    match operation {
        Operation::Open { .. } => FileOperation::Open,
        Operation::Read { .. } => FileOperation::Read,
        Operation::Write { durability: Durability::OnCompletion, .. } => FileOperation::SyncedWrite,
        Operation::Write { .. } => FileOperation::Write,
        Operation::Sync { .. } => FileOperation::Sync,
        Operation::Allocate { .. } => FileOperation::Allocate,
        Operation::Truncate { .. } => FileOperation::Truncate,
        Operation::Rename { .. } => FileOperation::Rename,
        Operation::RemoveFile { .. } | Operation::RemoveDirectory { .. } => FileOperation::Remove,
        Operation::SyncDirectory { .. } => FileOperation::SyncDirectory,
        _ => FileOperation::Other,
    }
}

/// A hash of all parts, to find out whether somebody changed them under way.
pub(crate) fn sample(parts: &[bytes::Bytes]) -> u64 {
    parts.iter().fold(0, |hash, part| super::trace::fold(hash, hash_bytes(part)))
}

fn path_hash(path: &Path) -> u64 {
    hash_bytes(path.as_os_str().as_encoded_bytes())
}

fn outcome<T>(result: &io::Result<T>, value: impl FnOnce(&T) -> u64) -> u64 {
    match result {
        Ok(output) => value(output),
        Err(error) => u64::MAX - error.raw_os_error().unwrap_or(0) as u64,
    }
}

/// One line about an operation in flight.
pub(crate) fn state(state: &State) -> String {
    match state {
        State::Disk { operation: pending, .. } => {
            let (name, numbers) = operation(pending);
            format!("{name} {numbers:?}, on its way to the disk")
        }
        State::Waiting(pending, _) => {
            let (name, numbers) = operation(pending);
            format!("{name} {numbers:?}, waits for its peer")
        }
        State::Done(_) => "done".to_owned(),
    }
}
