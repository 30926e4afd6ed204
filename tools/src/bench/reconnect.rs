//! What producers and consumers do when a connection ends or a leader has moved: they ask where the partitions are now,
//! open all their connections anew and go on.

use super::context::Context;
use super::wire::Layout;
use super::wire::control::Control;
use anyhow::{Result, bail};
use std::rc::Rc;
use std::time::Duration;

/// How often one of them does so in a run, and how long it tries each time.
const RECONNECTS_MAX: u64 = 100;
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

#[derive(Default)]
pub(crate) struct Reconnects {
    count: u64,
}

impl Reconnects {
    /// Opens what is needed at the partitions' leaders of now; nothing if it `is_over` before that is possible. `reason`
    /// says why it is necessary.
    pub(crate) async fn open<T>(
        &mut self,
        context: &Rc<Context>,
        reason: &str,
        is_over: impl Fn() -> bool,
        open: impl AsyncFn(Rc<Layout>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.count += 1;
        if self.count > RECONNECTS_MAX {
            bail!("{reason}");
        }
        let deadline = context.now() + PATIENCE.as_nanos() as u64;
        loop {
            if is_over() {
                return Ok(None);
            }
            let opened = match layout(context).await {
                Ok(layout) => open(Rc::new(layout)).await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(opened) => {
                    context.statistics.borrow_mut().reconnects += 1;
                    return Ok(Some(opened));
                }
                Err(error) if context.now() >= deadline => return Err(error.context(reason.to_owned())),
                Err(_) => context.reactor.sleep(PAUSE).await,
            }
        }
    }
}

/// Where everything is now.
pub(crate) async fn layout(context: &Rc<Context>) -> Result<Layout> {
    let mut control = Control::connect(&context.reactor, context.settings()).await?;
    let layout = control.prepare(&context.reactor, context.settings(), false).await?;
    let (has, had) = (layout.places.len(), context.layout.places.len());
    if has != had {
        bail!("the topics have {has} partitions now, not {had}");
    }
    Ok(layout)
}
