//! Open files.

use std::io;
use std::ops::Range;
use std::rc::Rc;

use bytes::{Buf, Bytes};

use crate::reactor::unexpected;
use crate::{Allocation, Buffer, Completion, Durability, Handle, Opened, Operation, Reactor, SyncScope};

/// An open file on one shard; clones share it. Closed when the last clone is gone and its operations have completed.
///
/// On a direct file ([`File::is_direct`]) the pointer, length and offset of every read and write must be multiples of
/// [`File::alignment`]; anything else is refused with `InvalidInput` before it reaches the kernel.
#[derive(Clone, Debug)]
pub struct File {
    reactor: Reactor,
    open: Rc<OpenFile>,
}

#[derive(Debug, Clone)]
struct OpenFile {
    handle: Handle,
    direct: bool,
    alignment: usize,
}

/// A file on its way to another shard: give it to [`Reactor::adopt_file`] there.
#[derive(Clone, Debug)]
pub struct SharedFile(OpenFile);

impl SharedFile {
    pub(crate) fn on(self, reactor: Reactor) -> File {
        File { reactor, open: Rc::new(self.0) }
    }
}

impl File {
    pub(crate) fn new(reactor: Reactor, opened: Opened) -> Self {
        let Opened { handle, direct, alignment } = opened;
        Self { reactor, open: Rc::new(OpenFile { handle, direct, alignment }) }
    }

    /// Whether direct I/O is in force.
    pub fn is_direct(&self) -> bool {
        self.open.direct
    }

    /// The alignment that direct I/O on this file demands, bytes: a power of two, at least 4,096 and at least the
    /// device's physical block.
    pub fn alignment(&self) -> usize {
        self.open.alignment
    }

    /// A form that can travel to another shard.
    pub fn share(&self) -> SharedFile {
        SharedFile((*self.open).clone())
    }

    /// Reads `length` bytes at `offset`, appended to the buffer's filled part. Fewer only at the end of the file.
    pub async fn read_at(&self, buffer: Buffer, offset: u64, length: usize) -> (io::Result<usize>, Buffer) {
        if let Err(error) = self.check_read(&buffer, offset, length) {
            return (Err(error), buffer);
        }
        let (mut buffer, mut done) = (buffer, 0);
        while done < length {
            let file = self.open.handle.clone();
            let operation =
                Operation::Read { file, buffer, offset: offset + done as u64, length: length - done };
            let result;
            (result, buffer) = match self.reactor.submit(operation).await {
                Completion::Read { result, buffer } => (result, buffer),
                other => unexpected(&other),
            };
            match result {
                Ok(0) => break,
                // A direct read that stops off the alignment has met the end of the file.
                Ok(read) if self.open.direct && read % self.open.alignment != 0 => {
                    done += read;
                    break;
                }
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (Err(error), buffer),
            }
        }
        (Ok(done), buffer)
    }

    /// Writes all bytes at `offset`. Durable after a later sync.
    pub async fn write_at(&self, bytes: Bytes, offset: u64) -> io::Result<()> {
        self.write(vec![bytes], offset, Durability::Later).await
    }

    /// Writes all parts one behind the other, starting at `offset`. Durable after a later sync.
    pub async fn write_all_at(&self, parts: Vec<Bytes>, offset: u64) -> io::Result<()> {
        self.write(parts, offset, Durability::Later).await
    }

    /// Writes all bytes at `offset`, durable on return (`RWF_DSYNC`), the length of the file included.
    pub async fn write_at_dsync(&self, bytes: Bytes, offset: u64) -> io::Result<()> {
        self.write(vec![bytes], offset, Durability::OnCompletion).await
    }

    /// Writes all parts one behind the other at `offset`, durable on return.
    pub async fn write_all_at_dsync(&self, parts: Vec<Bytes>, offset: u64) -> io::Result<()> {
        self.write(parts, offset, Durability::OnCompletion).await
    }

    async fn write(&self, mut parts: Vec<Bytes>, mut offset: u64, durability: Durability) -> io::Result<()> {
        parts.retain(|part| !part.is_empty());
        self.check_write(&parts, offset)?;
        while !parts.is_empty() {
            let file = self.open.handle.clone();
            let operation = Operation::Write { file, parts, offset, durability };
            let result;
            (result, parts) = match self.reactor.submit(operation).await {
                Completion::Written { result, parts } => (result, parts),
                other => unexpected(&other),
            };
            match result {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    advance(&mut parts, written);
                    offset += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Makes all completed writes durable (`fdatasync`), the length of the file included.
    pub async fn sync_data(&self) -> io::Result<()> {
        self.unit(Operation::Sync { file: self.open.handle.clone(), scope: SyncScope::Data }).await
    }

    /// Makes all completed writes and metadata durable (`fsync`).
    pub async fn sync_all(&self) -> io::Result<()> {
        self.unit(Operation::Sync { file: self.open.handle.clone(), scope: SyncScope::All }).await
    }

    /// Reserves blocks for a range, extending the file; its new part reads as zeroes.
    pub async fn allocate(&self, offset: u64, length: u64) -> io::Result<()> {
        let file = self.open.handle.clone();
        self.unit(Operation::Allocate { file, offset, length, allocation: Allocation::Reserve }).await
    }

    /// Makes a range read as zeroes, extending the file if it reaches beyond its end.
    pub async fn zero_range(&self, offset: u64, length: u64) -> io::Result<()> {
        let file = self.open.handle.clone();
        self.unit(Operation::Allocate { file, offset, length, allocation: Allocation::Zero }).await
    }

    /// Sets the length, bytes.
    pub async fn truncate(&self, length: u64) -> io::Result<()> {
        self.unit(Operation::Truncate { file: self.open.handle.clone(), length }).await
    }

    /// The length, bytes.
    pub async fn length(&self) -> io::Result<u64> {
        match self.reactor.submit(Operation::Length { file: self.open.handle.clone() }).await {
            Completion::Metadata(metadata) => Ok(metadata?.length),
            other => unexpected(&other),
        }
    }

    /// Drops a range from the page cache (clean pages only).
    pub async fn advise_dont_need(&self, range: Range<u64>) -> io::Result<()> {
        let (offset, length) = (range.start, range.end.saturating_sub(range.start));
        self.unit(Operation::DontNeed { file: self.open.handle.clone(), offset, length }).await
    }

    /// Closes it off the shard's thread, if this is the last clone. Worth it after the file was unlinked: the last close
    /// gives its blocks back, which takes long for a large file.
    pub async fn close(self) {
        let Self { reactor, open } = self;
        if let Ok(open) = Rc::try_unwrap(open) {
            reactor.run_blocking(move || drop(open)).await;
        }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.open.handle
    }

    async fn unit(&self, operation: Operation) -> io::Result<()> {
        match self.reactor.submit(operation).await {
            Completion::Unit(result) => result,
            other => unexpected(&other),
        }
    }

    fn check_read(&self, buffer: &Buffer, offset: u64, length: usize) -> io::Result<()> {
        if buffer.remaining() < length {
            return Err(invalid(format!("a read of {length} bytes into {} of room", buffer.remaining())));
        }
        self.check_aligned("pointer", buffer.spare_address())?;
        self.check_aligned("length", length as u64)?;
        self.check_aligned("offset", offset)
    }

    fn check_write(&self, parts: &[Bytes], offset: u64) -> io::Result<()> {
        for part in parts {
            self.check_aligned("pointer", part.as_ptr() as u64)?;
            self.check_aligned("length", part.len() as u64)?;
        }
        self.check_aligned("offset", offset)
    }

    fn check_aligned(&self, what: &str, value: u64) -> io::Result<()> {
        if self.open.direct && !value.is_multiple_of(self.open.alignment as u64) {
            let alignment = self.open.alignment;
            return Err(invalid(format!("direct I/O: {what} {value} is not a multiple of {alignment}")));
        }
        Ok(())
    }
}

/// Drops the first `count` bytes of a list of parts.
pub(crate) fn advance(parts: &mut Vec<Bytes>, mut count: usize) {
    let mut whole = 0;
    for part in parts.iter_mut() {
        if count < part.len() {
            part.advance(count);
            break;
        }
        count -= part.len();
        whole += 1;
    }
    parts.drain(..whole);
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_drops_whole_parts_and_cuts_the_next() {
        let mut parts =
            vec![Bytes::from_static(b"abc"), Bytes::from_static(b"defg"), Bytes::from_static(b"h")];
        advance(&mut parts, 5);
        assert_eq!(parts, [Bytes::from_static(b"fg"), Bytes::from_static(b"h")]);
        advance(&mut parts, 3);
        assert!(parts.is_empty());
    }
}
