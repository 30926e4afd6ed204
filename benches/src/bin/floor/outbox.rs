//! Answers of one connection on their way out.

use bytes::Bytes;
use ringlog_reactor::Stream;
use ringlog_reactor::local::Notify;
use std::cell::{Cell, RefCell};
use std::io;

/// What became ready while a send was under way goes out with the next one.
#[derive(Default)]
pub(crate) struct Outbox {
    answers: RefCell<Vec<Bytes>>,
    changed: Notify,
    is_closed: Cell<bool>,
}

impl Outbox {
    pub(crate) fn push(&self, answer: Bytes) {
        self.answers.borrow_mut().push(answer);
        self.changed.notify_all();
    }

    /// Nothing more comes.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        self.changed.notify_all();
    }

    pub(crate) async fn send_all(&self, stream: &Stream) -> io::Result<()> {
        loop {
            let changed = self.changed.notified();
            let answers = self.answers.take();
            if !answers.is_empty() {
                stream.send(answers).await?;
            } else if self.is_closed.get() {
                return Ok(());
            } else {
                changed.await;
            }
        }
    }
}
