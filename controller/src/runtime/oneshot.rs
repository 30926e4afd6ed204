//! One value between two tasks of a shard: the reactor's own.

use ringlog_reactor::local::{OneshotReceiver, OneshotSender, oneshot};
use ringlog_reactor::reply::Dropped;

pub(crate) struct LocalOneshot;

/// See [`LocalOneshot`].
pub(crate) struct Sender<T>(OneshotSender<T>);

impl openraft_rt::Oneshot for LocalOneshot {
    type Sender<T> = Sender<T>;
    type Receiver<T> = OneshotReceiver<T>;
    type ReceiverError = Dropped;

    fn channel<T>() -> (Sender<T>, OneshotReceiver<T>) {
        let (sender, receiver) = oneshot();
        (Sender(sender), receiver)
    }
}

impl<T> openraft_rt::OneshotSender<T> for Sender<T> {
    fn send(self, value: T) -> Result<(), T> {
        self.0.send(value)
    }
}
