//! Walks the groups of one domain's journal in the order in which they were written, and tells a torn end (nothing
//! acknowledged was there) from damage (something was).

use crate::format::group::{BODY_MAX, GROUP_HEADER, GroupHeader};
use crate::format::{BLOCK, names};
use ringlog_reactor::{File, OpenOptions, Reactor};
use std::io;
use std::path::{Path, PathBuf};

/// Bytes read at a time.
const WINDOW: u64 = 1 << 20;

/// Where a domain's journal begins to matter.
#[derive(Clone, Copy, Debug)]
pub struct WalkFrom {
    /// The boot whose groups count.
    pub boot: u64,
    /// The domain.
    pub domain: u16,
    /// The first generation that no checkpoint contains.
    pub generation: u64,
    /// The sequence of its first group.
    pub sequence: u64,
}

/// A place of the journal where an acknowledged group should be and is not.
#[derive(Debug)]
pub struct JournalDamage {
    /// Which half.
    pub half: u64,
    /// Where in it.
    pub position: u64,
    /// What is wrong there.
    pub reason: String,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct WalkEnd {
    /// Groups handed out.
    pub groups: u64,
    /// Greatest sequence that some group says was synced.
    pub durable: u64,
    /// The first damage; the walk went on behind it.
    pub damage: Option<JournalDamage>,
}

/// A group as found.
#[derive(Debug)]
pub struct FoundGroup<'a> {
    /// Its header.
    pub header: GroupHeader,
    /// Which half of the journal.
    pub half: u64,
    /// Where its body begins in that file.
    pub body_position: u64,
    /// Its entries.
    pub body: &'a [u8],
}

/// The two halves of a domain's journal, open for reading.
#[derive(Debug)]
pub struct JournalFiles {
    halves: [Option<Half>; 2],
    reactor: Reactor,
}

#[derive(Debug)]
struct Half {
    path: PathBuf,
    file: File,
    length: u64,
    window: Window,
}

#[derive(Debug, Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Cursor {
    generation: u64,
    sequence: u64,
    position: u64,
    previous: Option<u32>,
}

enum Look {
    Group(GroupHeader),
    Nothing(String),
    Unreadable(io::Error),
}

impl JournalFiles {
    /// Opens what there is of a domain's journal.
    pub async fn open(reactor: &Reactor, directory: &Path, domain: u16) -> io::Result<JournalFiles> {
        let mut halves = [None, None];
        for (half, slot) in halves.iter_mut().enumerate() {
            let path = names::journal(directory, domain, half as u64);
            match reactor.open(&path, OpenOptions::new().read(true)).await {
                Ok(file) => {
                    let length = file.length().await?;
                    *slot = Some(Half { path, file, length, window: Window::default() });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(JournalFiles { halves, reactor: reactor.clone() })
    }

    /// The path of a half, for messages.
    #[must_use]
    pub fn path(&self, half: u64) -> PathBuf {
        self.halves[half as usize % 2].as_ref().map(|half| half.path.clone()).unwrap_or_default()
    }

    /// Makes durable what is in them.
    pub async fn sync(&self) -> io::Result<()> {
        for half in self.halves.iter().flatten() {
            half.file.sync_data().await?;
        }
        Ok(())
    }

    /// Reads bytes that a walk has seen.
    pub async fn read(&self, half: u64, position: u64, length: usize) -> io::Result<Vec<u8>> {
        let half = self.halves[half as usize % 2].as_ref().ok_or(io::ErrorKind::NotFound)?;
        let (result, buffer) = half.file.read_at(self.reactor.buffer(length), position, length).await;
        if result? < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(buffer.to_vec())
    }

    /// Hands out every group in order. Behind damage it goes on with the next readable group, so that only logs that
    /// lost something are hurt (their versions tell).
    pub async fn walk<E>(
        &mut self,
        from: WalkFrom,
        visit: &mut dyn FnMut(FoundGroup<'_>) -> Result<(), E>,
    ) -> Result<WalkEnd, E> {
        let mut end = WalkEnd::default();
        let mut cursor =
            Cursor { generation: from.generation, sequence: from.sequence, position: 0, previous: None };
        loop {
            let reason = match self.next(&from, &mut cursor).await {
                Ok((header, half, at)) => {
                    end.groups += 1;
                    end.durable = end.durable.max(header.durable);
                    visit(self.found(header, half, at))?;
                    continue;
                }
                Err(reason) => reason,
            };
            let Some((later, durable)) = self.later_group(&from, &cursor).await else {
                // A device may leave unreadable what it was writing when the power failed: a torn end like another.
                if let Some(error) = reason.unreadable {
                    let (domain, generation, position) = (from.domain, cursor.generation, cursor.position);
                    tracing::warn!(domain, generation, position, %error, "the journal ends in an unreadable block");
                }
                return Ok(end);
            };
            end.durable = end.durable.max(durable);
            if durable < cursor.sequence {
                // What is behind the hole was never acknowledged.
                return Ok(end);
            }
            let words = reason.unreadable.map_or(reason.words, |error| format!("cannot be read: {error}"));
            self.note(&mut end, &cursor, words);
            cursor = later;
        }
    }

    fn note(&self, end: &mut WalkEnd, cursor: &Cursor, reason: String) {
        if end.damage.is_none() {
            end.damage =
                Some(JournalDamage { half: cursor.generation % 2, position: cursor.position, reason });
        }
    }

    /// The group that must follow: at the cursor, or at the front of the other half. Moves the cursor behind it.
    async fn next(
        &mut self,
        from: &WalkFrom,
        cursor: &mut Cursor,
    ) -> Result<(GroupHeader, u64, u64), Missing> {
        let here = self.look(cursor.generation % 2, cursor.position).await;
        let mut missing = Missing::default();
        match here {
            Look::Group(header) if cursor.accepts(from, &header, cursor.generation) => {
                return Ok(cursor.step(header, cursor.position));
            }
            Look::Group(_) => "another group stands there".clone_into(&mut missing.words),
            Look::Nothing(reason) => missing.words = reason,
            Look::Unreadable(error) => missing.unreadable = Some(error),
        }
        // The first group of a generation has nothing before it in its half, so an empty generation is not skipped.
        if cursor.position == 0 {
            return Err(missing);
        }
        if let Look::Group(header) = self.look((cursor.generation + 1) % 2, 0).await
            && cursor.accepts(from, &header, cursor.generation + 1)
        {
            cursor.generation += 1;
            return Ok(cursor.step(header, 0));
        }
        Err(missing)
    }

    /// Some group behind a hole, with the greatest sequence that groups behind it call synced.
    async fn later_group(&mut self, from: &WalkFrom, cursor: &Cursor) -> Option<(Cursor, u64)> {
        let mut found: Option<Cursor> = None;
        let mut durable = 0;
        let reach = (BODY_MAX + GROUP_HEADER) as u64;
        let mut position = cursor.position + BLOCK;
        let end = self.length(cursor.generation % 2).min(cursor.position + reach + BLOCK);
        while position < end {
            let mut extent = BLOCK;
            if let Look::Group(header) = self.look(cursor.generation % 2, position).await
                && cursor.is_later(from, &header, cursor.generation)
            {
                found = found.or(Some(Cursor::before(&header, position)));
                durable = durable.max(header.durable);
                extent = header.extent();
            }
            position += extent;
        }
        if let Look::Group(header) = self.look((cursor.generation + 1) % 2, 0).await
            && cursor.is_later(from, &header, cursor.generation + 1)
        {
            durable = durable.max(header.durable);
            let next = Cursor::before(&header, 0);
            durable = durable.max(self.durable_behind(from, next).await);
            found = found.or(Some(next));
        }
        if let Some(first) = found {
            durable = durable.max(self.durable_behind(from, first).await);
        }
        found.map(|cursor| (cursor, durable))
    }

    async fn durable_behind(&mut self, from: &WalkFrom, mut cursor: Cursor) -> u64 {
        let mut durable = 0;
        while let Ok((header, ..)) = self.next(from, &mut cursor).await {
            durable = durable.max(header.durable);
        }
        durable
    }

    fn length(&self, half: u64) -> u64 {
        self.halves[half as usize % 2].as_ref().map_or(0, |half| half.length)
    }

    async fn look(&mut self, half: u64, position: u64) -> Look {
        let reactor = self.reactor.clone();
        let Some(half) = self.halves[half as usize % 2].as_mut() else {
            return Look::Nothing("there is no file".to_owned());
        };
        match half.group(&reactor, position).await {
            Ok(look) => look,
            Err(error) => Look::Unreadable(error),
        }
    }

    fn found(&self, header: GroupHeader, half: u64, position: u64) -> FoundGroup<'_> {
        let window = &self.halves[half as usize % 2].as_ref().expect("it was just read").window;
        let start = (position - window.start) as usize + GROUP_HEADER;
        let body = &window.bytes[start..start + header.length as usize];
        FoundGroup { header, half, body_position: position + GROUP_HEADER as u64, body }
    }
}

#[derive(Debug, Default)]
struct Missing {
    words: String,
    unreadable: Option<io::Error>,
}

impl Cursor {
    fn accepts(&self, from: &WalkFrom, header: &GroupHeader, generation: u64) -> bool {
        header.boot == from.boot
            && header.domain == from.domain
            && header.generation == generation
            && header.sequence == self.sequence
            && self.previous.is_none_or(|previous| previous == header.previous)
    }

    fn is_later(&self, from: &WalkFrom, header: &GroupHeader, generation: u64) -> bool {
        header.boot == from.boot
            && header.domain == from.domain
            && header.generation == generation
            && header.sequence > self.sequence
    }

    fn before(header: &GroupHeader, position: u64) -> Cursor {
        Cursor { generation: header.generation, sequence: header.sequence, position, previous: None }
    }

    fn step(&mut self, header: GroupHeader, position: u64) -> (GroupHeader, u64, u64) {
        self.sequence += 1;
        self.position = position + header.extent();
        self.previous = Some(header.checksum);
        (header, self.generation % 2, position)
    }
}

impl Half {
    async fn group(&mut self, reactor: &Reactor, position: u64) -> io::Result<Look> {
        if position + GROUP_HEADER as u64 > self.length {
            return Ok(Look::Nothing("the file ends".to_owned()));
        }
        let header = match GroupHeader::decode(self.bytes(reactor, position, GROUP_HEADER).await?) {
            Ok(header) => header,
            Err(error) => return Ok(Look::Nothing(error.to_string())),
        };
        let needed = GROUP_HEADER + header.length as usize;
        if position + needed as u64 > self.length {
            return Ok(Look::Nothing("the group is longer than the file".to_owned()));
        }
        let bytes = self.bytes(reactor, position, needed).await?;
        Ok(match header.verify(bytes) {
            Ok(()) => Look::Group(header),
            Err(error) => Look::Nothing(error.to_string()),
        })
    }

    /// Bytes of the file, through a window so that small groups do not cost a read each.
    async fn bytes(&mut self, reactor: &Reactor, position: u64, length: usize) -> io::Result<&[u8]> {
        let end = position + length as u64;
        let covered =
            position >= self.window.start && end <= self.window.start + self.window.bytes.len() as u64;
        if !covered {
            let wanted = (length as u64).max(WINDOW).min(self.length - position);
            let read = match read_exact(reactor, &self.file, position, wanted as usize).await {
                Ok(bytes) => bytes,
                // Something in the window cannot be read: perhaps not what is asked for.
                Err(_) => read_exact(reactor, &self.file, position, length).await?,
            };
            self.window = Window { start: position, bytes: read };
        }
        let start = (position - self.window.start) as usize;
        self.window.bytes.get(start..start + length).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

async fn read_exact(reactor: &Reactor, file: &File, position: u64, length: usize) -> io::Result<Vec<u8>> {
    let (result, buffer) = file.read_at(reactor.buffer(length), position, length).await;
    result?;
    Ok(buffer.to_vec())
}
