//! The shape of a ConsumerGroupHeartbeat, whatever the group.

use super::{
    member::{EPOCH_AWAY, EPOCH_JOINING, EPOCH_LEAVING},
    request::ConsumerHeartbeat,
};
use crate::{Name, Refusal, assignor::Assignor};

/// From this version on members name themselves (KIP-1082).
const MEMBERS_NAME_THEMSELVES: i16 = 1;

/// `assignors` are those that members may ask for.
///
/// # Errors
/// The request contradicts itself or lacks what its epoch needs.
pub(super) fn check(request: &ConsumerHeartbeat, assignors: &[Name]) -> Result<(), Refusal> {
    let epoch = request.member_epoch;
    let invalid = |is_invalid: bool, text: &str| match is_invalid {
        true => Err(Refusal::InvalidRequest(text.to_owned())),
        false => Ok(()),
    };
    let needs_member = request.version >= MEMBERS_NAME_THEMSELVES || epoch > 0 || epoch == EPOCH_LEAVING;
    invalid(needs_member && is_blank(&request.member), "the member id must not be empty")?;
    invalid(is_blank(&request.group), "the group id must not be empty")?;
    invalid(request.instance.as_deref().is_some_and(is_blank), "the instance id must not be empty")?;
    invalid(request.rack.as_deref().is_some_and(is_blank), "the rack id must not be empty")?;
    if epoch == EPOCH_JOINING {
        invalid(request.rebalance_timeout_ms == -1, "the first request must bring a rebalance timeout")?;
        let owns_nothing = request.owned.as_ref().is_some_and(Vec::is_empty);
        invalid(!owns_nothing, "a member that joins must say that it owns no partitions")?;
        let subscribes = request.subscribed_names.is_some() || request.subscribed_regex.is_some();
        invalid(!subscribes, "a member that joins must bring topic names or an expression")?;
    }
    invalid(epoch == EPOCH_AWAY && request.instance.is_none(), "only a static member can leave for a while")?;
    invalid(epoch < EPOCH_AWAY, "there is no such member epoch")?;
    match &request.assignor {
        Some(name) if Assignor::among(assignors, name).is_none() => {
            Err(Refusal::UnsupportedAssignor(assignors.join(", ")))
        }
        _ => Ok(()),
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
