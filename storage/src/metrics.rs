//! What a store knows of itself: the work of its disk and of its commit groups.

use ringlog_reactor::metrics;

metrics! {
    /// The numbers of one commit domain. Retention and compaction of its logs count here too: a line, and a call where
    /// it happens.
    pub struct StoreMetrics {
        /// How long writes took: of commit groups to the journal, of large appends to segments beside it.
        seconds write = "ringlog_disk_write_seconds";
        /// How long syncs took, of the journal and of segments written beside it.
        seconds sync = "ringlog_disk_sync_seconds";
        /// Bytes of batches in a commit group.
        bytes group_bytes = "ringlog_commit_group_bytes";
        /// Appends and changes in a commit group.
        things group_items = "ringlog_commit_group_items";
        /// Bytes written, with what the journal and alignment add.
        counter written_bytes = "ringlog_disk_written_bytes_total";
        /// Bytes accepted and not durable yet.
        gauge unflushed_bytes = "ringlog_unflushed_bytes";
        /// Checkpoints written: each empties a half of the journal.
        counter checkpoints = "ringlog_checkpoints_total";
        /// Segments sealed.
        counter segments_sealed = "ringlog_segments_sealed_total";
        /// Damaged places that the checks of sealed segments found.
        counter damage_found = "ringlog_damage_found_total";
        /// Logs that are being compacted.
        gauge compaction_running = "ringlog_compaction_running";
        /// How long compactions took, pauses included; those that failed or were interrupted count too.
        seconds compaction = "ringlog_compaction_seconds";
        /// Compactions that ended without doing all of their work.
        counter compaction_failures = "ringlog_compaction_failures_total";
        /// Bytes that compaction read: once for the keys, once to filter.
        counter compaction_read_bytes = "ringlog_compaction_read_bytes_total";
        /// Bytes of batches that compaction kept and wrote.
        counter compaction_written_bytes = "ringlog_compaction_written_bytes_total";
        /// Records that compaction removed.
        counter compaction_records_removed = "ringlog_compaction_records_removed_total";
    }
}
