//! Which unsynced changes outlive a power loss. One crash follows one pattern: a device that wrote in order, one
//! that wrote whole requests in any order, one that tore blocks at sectors. Drawing every sector by a coin would
//! almost never produce the first two, and those are the ones real devices produce most.

use super::content::Sequence;
use super::image::Sectors;
use crate::simulation::random::Random;

/// The pattern of one power loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Only what was synced.
    Nothing,
    /// All that had completed, as though the device's cache had a battery.
    Everything,
    /// All changes of the whole disk up to some moment, none after it.
    Prefix,
    /// Each write survives whole or not at all, in any combination.
    Writes,
    /// Each physical block (4096 bytes) of each write survives or not.
    Blocks,
    /// Each sector (512 bytes) of each write survives or not: blocks are torn.
    Sectors,
    /// The seed chooses one of the above.
    Any,
}

/// A pattern made concrete for one crash.
#[derive(Debug, Clone)]
pub(crate) struct Survival {
    pattern: Pattern,
    /// The newest change that survives under `Pattern::Prefix`.
    upto: Sequence,
    pub(crate) torn_blocks_are_unreadable: bool,
}

impl Survival {
    /// Draws what `Any` and `Prefix` leave open. `oldest` and `newest` bound the changes at stake.
    pub(crate) fn draw(
        pattern: Pattern,
        oldest: Sequence,
        newest: Sequence,
        random: &mut Random,
    ) -> Survival {
        const CHOICES: [Pattern; 6] = [
            Pattern::Nothing,
            Pattern::Everything,
            Pattern::Prefix,
            Pattern::Writes,
            Pattern::Blocks,
            Pattern::Sectors,
        ];
        let pattern = if pattern == Pattern::Any { CHOICES[random.index(CHOICES.len())] } else { pattern };
        Survival {
            pattern,
            upto: random.between(oldest.saturating_sub(1), newest),
            torn_blocks_are_unreadable: false,
        }
    }

    /// Whether a change that is atomic by itself (a write as a whole, a change of a directory) survives.
    pub(crate) fn write_survives(&self, sequence: Sequence, random: &mut Random) -> bool {
        match self.pattern {
            Pattern::Nothing => false,
            Pattern::Everything => true,
            Pattern::Prefix => sequence <= self.upto,
            _ => random.chance(1, 2),
        }
    }

    /// The sectors of one block of a write that reach the device; `whole` is the verdict on the write.
    pub(crate) fn surviving_sectors(&self, whole: bool, sectors: Sectors, random: &mut Random) -> Sectors {
        match self.pattern {
            Pattern::Blocks if random.chance(1, 2) => sectors,
            Pattern::Blocks => Sectors(0),
            Pattern::Sectors => Sectors(sectors.0 & random.next_u64() as u8),
            _ if whole => sectors,
            _ => Sectors(0),
        }
    }

    /// How many of a file's journalled changes (sizes, holes) survive: always the oldest ones.
    pub(crate) fn journal_prefix(
        &self,
        sequences: impl Iterator<Item = Sequence>,
        random: &mut Random,
    ) -> usize {
        match self.pattern {
            Pattern::Nothing => 0,
            Pattern::Everything => sequences.count(),
            Pattern::Prefix => sequences.take_while(|sequence| *sequence <= self.upto).count(),
            _ => match sequences.count() {
                0 => 0,
                count => random.index(count + 1),
            },
        }
    }
}
