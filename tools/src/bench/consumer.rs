//! One consumer: reads its partitions at whoever leads them, and goes on elsewhere when that ends.

use super::context::Context;
use super::group::Stay;
use super::reader::{Detour, Ending, Holding, Reader};
use super::reconnect::Reconnects;
use super::wire::Layout;
use super::wire::membership::Membership;
use anyhow::Result;
use ringlog_reactor::Task;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Which partitions a consumer reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) group: usize,
    pub(crate) number: usize,
}

pub(crate) struct Consumer {
    context: Rc<Context>,
    member: Member,
    membership: Option<Membership>,
    holding: Rc<RefCell<Holding>>,
    detour: Rc<Detour>,
    readers: Vec<Reader>,
}

impl Consumer {
    /// Reads what it was assigned as a member of a group, or else its part by number.
    pub(crate) async fn open(
        context: &Rc<Context>,
        member: Member,
        membership: Option<Membership>,
    ) -> Result<Consumer> {
        let (job, layout) = (&context.shared.job, &context.layout);
        let is_own = |at: &usize| match &membership {
            Some(membership) => membership.places().contains(at),
            None => at % job.consumers == member.number,
        };
        let own = (0..layout.places.len()).filter(is_own);
        let holding = Rc::new(RefCell::new(Holding::new(context, own)));
        let detour = Rc::new(Detour::default());
        let readers = open_readers(context, layout, &holding, &detour).await?;
        Ok(Consumer { context: context.clone(), member, membership, holding, detour, readers })
    }

    /// Reads until the run says it is enough.
    pub(crate) async fn run(mut self) {
        self.context.started().await;
        if self.context.shared.timeline.get().is_none() {
            return;
        }
        let is_read = Rc::new(Cell::new(false));
        let staying = self.membership.take().map(|membership| self.stay(membership, is_read.clone()));
        if let Err(error) = self.read().await {
            self.context.fail(format!("{error:#}"));
        }
        is_read.set(true);
        if let Some(staying) = staying {
            staying.await;
        }
        let mut summary = self.context.summary.borrow_mut();
        let partitions = std::mem::take(&mut self.holding.borrow_mut().partitions);
        for (place, partition) in partitions {
            summary.read.insert((self.member.group, place), partition.verifier);
        }
    }

    /// Keeps the place in the group while the readers read.
    fn stay(&self, membership: Membership, is_read: Rc<Cell<bool>>) -> Task<()> {
        let (context, holding) = (self.context.clone(), self.holding.clone());
        let staying = Stay::new(&context, membership);
        context.reactor.clone().spawn(async move {
            let positions = || holding.borrow().positions();
            if let Err(error) = staying.until(positions, || is_read.get()).await {
                context.fail(format!("{error:#}"));
            }
        })
    }

    async fn read(&mut self) -> Result<()> {
        let context = self.context.clone();
        let mut reconnects = Reconnects::default();
        loop {
            let readers = self.readers.drain(..);
            let tasks: Vec<_> = readers.map(|reader| context.reactor.spawn(reader.read())).collect();
            let mut is_read = true;
            for task in tasks {
                is_read &= task.await? == Ending::Read;
            }
            if is_read {
                return Ok(());
            }
            let Some(reason) = self.detour.take() else { continue };
            let (holding, detour) = (&self.holding, &self.detour);
            let open = async |layout: Rc<Layout>| open_readers(&context, &layout, holding, detour).await;
            let is_over = || holding.borrow_mut().is_done(None);
            match reconnects.open(&context, &reason, is_over, open).await? {
                Some(readers) => self.readers = readers,
                None => return Ok(()),
            }
        }
    }
}

/// A reader for each leader of partitions that are held.
async fn open_readers(
    context: &Rc<Context>,
    layout: &Rc<Layout>,
    holding: &Rc<RefCell<Holding>>,
    detour: &Rc<Detour>,
) -> Result<Vec<Reader>> {
    let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &place in holding.borrow().partitions.keys() {
        places.entry(layout.places[place].target).or_default().push(place);
    }
    let mut readers = Vec::with_capacity(places.len());
    for (target, places) in places {
        let target = layout.targets[target];
        readers.push(Reader::open(context, layout, &target, places, holding, detour).await?);
    }
    Ok(readers)
}
