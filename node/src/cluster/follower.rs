//! From what a controller pushes to the next image. Pure.

use super::error::SessionError;
use ringlog_image::{Image, decode_records};
use ringlog_native::cluster::{ImageDeltaV1, ImagePartV1};

/// The image as it was pushed on one connection.
#[derive(Default)]
pub(super) struct Follower {
    /// The parts of an image that is not whole yet, with the number of the next part.
    arriving: Option<(Image, u64, u32)>,
    /// The newest whole image and its position.
    whole: Option<(Image, u64)>,
}

impl Follower {
    /// Takes a part of a whole image; gives the image once it is whole.
    pub(super) fn part(&mut self, part: ImagePartV1) -> Result<Option<(Image, u64)>, SessionError> {
        let (mut image, position, expected) = match self.arriving.take() {
            Some(arriving) if part.part > 0 => arriving,
            _ => (Image::default(), part.position, 0),
        };
        if part.part != expected || part.position != position {
            return Err(out_of_step(format!("part {} where {expected} was to come", part.part)));
        }
        apply(&mut image, &part.records)?;
        if !part.last {
            self.arriving = Some((image, position, expected + 1));
            return Ok(None);
        }
        self.whole = Some((image, position));
        Ok(self.whole.clone())
    }

    /// Takes what was committed since; gives the image with it.
    pub(super) fn delta(&mut self, delta: ImageDeltaV1) -> Result<(Image, u64), SessionError> {
        let Some((image, position)) = &mut self.whole else {
            return Err(out_of_step("a change before the image".to_owned()));
        };
        if delta.after != *position {
            return Err(out_of_step(format!("a change on {} at {position}", delta.after)));
        }
        apply(image, &delta.records)?;
        *position = delta.position;
        Ok((image.clone(), *position))
    }
}

fn apply(image: &mut Image, records: &[u8]) -> Result<(), SessionError> {
    for record in decode_records(records).map_err(|error| out_of_step(error.to_string()))? {
        image.apply(&record).map_err(|error| out_of_step(error.to_string()))?;
    }
    Ok(())
}

fn out_of_step(reason: String) -> SessionError {
    SessionError::OutOfStep(reason)
}
