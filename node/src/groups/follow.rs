//! Coordinators begin and end with the leadership of their partitions.

use super::{Running, catalogue::deleted, coordinated::Coordinated, requests::Unavailable};
use crate::{
    cluster::{Freshness, View},
    shard::{Hosted, Shard},
};
use ringlog_model::LeaderEpoch;
use std::{collections::BTreeMap, rc::Rc};

impl Shard {
    /// Brings the shard's coordinators into line with the metadata that it works by. `old` is what it worked by before.
    pub(crate) fn follow_groups(&self, old: &View) {
        let view = self.view();
        if view.freshness == Freshness::Nothing {
            return;
        }
        let mut led = self.led_offsets_partitions();
        let mut ended = Vec::new();
        self.groups.coordinated.borrow_mut().retain(|index, running| {
            let is_led = led.remove(index).is_some_and(|(hosted, epoch)| {
                (hosted.id, epoch) == (running.coordinated.partition, running.coordinated.epoch)
            });
            if !is_led {
                ended.push(running.coordinated.clone());
            }
            is_led
        });
        for coordinated in ended {
            coordinated.refuse_all(Unavailable::NotCoordinator);
        }
        // Those that ended because their epoch is over begin anew as well.
        led = self.led_offsets_partitions();
        for (index, (hosted, epoch)) in led {
            if self.groups.get(index).is_none() {
                self.begin_coordinating(index, hosted, epoch);
            }
        }
        let deleted = if old.freshness == Freshness::Nothing { Vec::new() } else { deleted(old, &view) };
        if !deleted.is_empty() {
            self.groups.all().iter().for_each(|coordinated| coordinated.topics_deleted(&deleted));
        }
    }

    fn begin_coordinating(&self, index: i32, hosted: Rc<Hosted>, epoch: LeaderEpoch) {
        let coordinated = Rc::new(Coordinated::new(self, hosted, epoch));
        let task = self.reactor.spawn({
            let (shard, coordinated) = (self.clone(), coordinated.clone());
            async move { coordinated.run(&shard).await }
        });
        self.groups.coordinated.borrow_mut().insert(index, Running { coordinated, _task: task });
    }

    /// The partitions of `__consumer_offsets` that this shard leads, by index.
    fn led_offsets_partitions(&self) -> BTreeMap<i32, (Rc<Hosted>, LeaderEpoch)> {
        let Some(topic) = self.offsets_topic() else { return BTreeMap::new() };
        let partitions = self.partitions.borrow();
        let led = topic.partitions().filter_map(|(id, _)| {
            let hosted = partitions.get(&id)?;
            let epoch = hosted.machine.borrow().check_leadership(None).ok()?;
            Some((id.index.0, (hosted.clone(), epoch)))
        });
        led.collect()
    }
}
