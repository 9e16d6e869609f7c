/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The watch: statistics of a bus and its inbox become a sample; changes become posts.
 */
#include "base/error.h"
#include "mailbox/inbox_priv.h"
#include "mailbox/loop_priv.h"
#include "mailbox/monitor.h"

#include <string.h>

/** What is known of the alerts that wait in a mailbox. */
struct waiting_alerts {
    uint64_t count; /**< At most so many of the messages that wait are alerts. */
    uint64_t put;   /**< Alerts that the mailbox had been given at the last look. */
    uint64_t mark;  /**< They have left once so many messages have. */
};

struct tt_bus_monitor {
    tt_bus_monitor_options options;
    tt_monitor judge;
    tt_monitor_topics topics;
    tt_monitor_times times;
    /* By place: a place is never used again. */
    uint64_t lost_seen[TT_LOOP_MAILBOXES_MAX];
    struct waiting_alerts alerts[TT_LOOP_MAILBOXES_MAX];
    uint64_t overflowed; /**< Of all mailboxes that ever were. */
    bool has_begun;
};

size_t tt_bus_monitor_memory(void)
{
    return sizeof(tt_bus_monitor) + 64;
}

tutti_status
tt_bus_monitor_new(const tt_bus_monitor_options *options, tt_arena *arena, tt_bus_monitor **result)
{
    if (!options->bus || !options->inbox || !options->publisher) {
        return TUTTI_INVALID;
    }
    tt_bus_monitor *monitor = tt_arena_alloc(arena, 1, sizeof *monitor);
    if (!monitor) {
        return TUTTI_NO_MEMORY;
    }
    monitor->options = *options;
    *result = monitor;
    return TUTTI_OK;
}

/** Failures in a row, as far as two looks can tell: a success in between ends the row. */
static uint64_t count_row(tt_monitor_topic *seen, const tt_bus_topic_stats *stats)
{
    uint64_t more = stats->failed - seen->failed;
    seen->in_row = stats->delivered == seen->delivered ? seen->in_row + more : 0;
    seen->delivered = stats->delivered;
    seen->failed = stats->failed;
    return seen->in_row;
}

static void
add_topic(tt_monitor_topic *seen, const tt_bus *bus, uint32_t topic, tt_monitor_sample *sample)
{
    tt_bus_topic_stats stats;
    if (topic == TT_TOPIC_BUS_ALERTS || topic == TT_TOPIC_DEAD_LETTERS) {
        return;
    }
    tt_bus_topic_stats_get(bus, (tt_topic)topic, &stats);
    sample->published += topic == TT_TOPIC_CLOCK ? 0 : stats.published;
    sample->delivered += stats.delivered;
    sample->failed += stats.failed;
    uint64_t in_row = count_row(seen, &stats);
    sample->in_row = in_row > sample->in_row ? in_row : sample->in_row;
}

void tt_monitor_add_topics(tt_monitor_topics *topics, const tt_bus *bus, tt_monitor_sample *sample)
{
    const tt_registry *registry = tt_bus_registry(bus);
    for (uint32_t topic = TT_TOPIC_NONE + 1; topic < TT_TOPIC_COUNT; topic++) {
        add_topic(&topics->seen[topic], bus, topic, sample);
    }
    for (uint32_t i = 0; i < tt_registry_topic_count(registry); i++) {
        add_topic(&topics->seen[TT_TOPIC_COUNT + i], bus, TT_TOPIC_USER_FIRST + i, sample);
    }
}

void tt_monitor_add_queue(tt_monitor_sample *sample, uint64_t used, uint64_t size)
{
    // used / size > sample's, without a division
    if ((tt_i128)used * sample->queue_size >= (tt_i128)sample->queue_used * size) {
        sample->queue_used = used;
        sample->queue_size = size;
    }
}

static void add_inbox(const tt_inbox *inbox, const tt_publisher *own, tt_monitor_sample *sample)
{
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        const tt_mpsc *ring = &inbox->lanes[p].ring;
        tt_monitor_add_queue(sample, tt_mpsc_stats_get(ring).bytes_used, ring->mask + 1);
    }
    for (uint32_t i = 0; tt_inbox_publisher(inbox, i); i++) {
        const tt_publisher *publisher = tt_inbox_publisher(inbox, i);
        if (publisher != own && publisher->ring_lane != TT_priority_NONE) {
            uint64_t used = tt_ring_stats_get(&publisher->ring).bytes_used;
            tt_monitor_add_queue(sample, used, publisher->ring.mask + 1);
        }
    }
}

/** What the bound of a mailbox has cost, but for what alerts have: what is dropped because it was
 * closed is no overflow. */
static uint64_t lost_by(const tt_mailbox *box, const tt_mailbox_stats *stats)
{
    bool is_closed = atomic_load_explicit(&box->is_closed, memory_order_acquire) != 0;
    uint64_t all =
        stats->overflowed + stats->dropped_oldest + (is_closed ? 0 : stats->dropped_newest);
    uint64_t to_alerts = tt_mailbox_read(&box->core.lost_to_alerts);
    return all > to_alerts ? all - to_alerts : 0; // of a closed one, some are in the second alone
}

/** Messages that wait in a mailbox and are no alerts: those must not raise the next. A message has
 * left when as many have as stood before it and itself; which of several alerts have is not known
 * until the last one has. */
static uint64_t
waiting_in(struct waiting_alerts *alerts, const tt_mailbox *box, const tt_mailbox_stats *stats)
{
    uint64_t come = tt_mailbox_read(&box->core.accepted) + stats->dropped_oldest;
    uint64_t left = come - stats->waiting;
    uint64_t put = tt_mailbox_read(&box->core.alerts);
    if (put != alerts->put) {
        alerts->count += put - alerts->put;
        alerts->put = put;
        alerts->mark = come;
    }
    if (left >= alerts->mark) {
        alerts->count = 0;
    }
    return stats->waiting > alerts->count ? stats->waiting - alerts->count : 0;
}

static void add_mailboxes(tt_bus_monitor *monitor, tt_monitor_sample *sample)
{
    const tt_bus_loop *loop = monitor->options.loop;
    for (uint32_t i = 0; loop && i < loop->box_count; i++) {
        const tt_mailbox *box = loop->boxes[i];
        if (!box) {
            continue;
        }
        tt_mailbox_stats stats;
        tt_mailbox_stats_get(box, &stats);
        uint64_t lost = lost_by(box, &stats);
        if (lost > monitor->lost_seen[i]) {
            monitor->overflowed += lost - monitor->lost_seen[i];
            monitor->lost_seen[i] = lost;
        }
        uint64_t waiting = waiting_in(&monitor->alerts[i], box, &stats);
        tt_monitor_add_queue(sample, waiting, box->count_max);
    }
    sample->overflowed = monitor->overflowed;
}

static void tell(tt_bus_monitor *monitor, const tt_monitor_change *change)
{
    const tt_bus_alert alert = {
        .value = change->value,
        .limit = change->limit,
        .alert = (uint8_t)change->alert,
        .is_raised = change->is_raised,
        .subject = "bus",
    };
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_ALERTS, .source = TT_SOURCE_HOST, .payload = &alert};
    if (tt_inbox_post_try(monitor->options.publisher, &post, 0) != TUTTI_OK) {
        tt_monitor_forget(&monitor->judge, change);
    }
}

void tt_bus_monitor_look(void *ctx, tt_time now)
{
    tt_bus_monitor *monitor = ctx;
    const tt_bus_monitor_options *options = &monitor->options;
    tt_monitor_sample sample = {0};
    const tt_bus_recent_times recent = tt_bus_take_recent_times(options->bus);
    tt_monitor_add_topics(&monitor->topics, options->bus, &sample);
    add_inbox(options->inbox, options->publisher, &sample);
    add_mailboxes(monitor, &sample);
    if (!monitor->has_begun) {
        tt_monitor_times_init(&monitor->times, options->limits.window_ns, now);
        tt_monitor_init(&monitor->judge, &options->limits, now, &sample);
        monitor->has_begun = true;
    } else {
        tt_monitor_times_add(&monitor->times, &recent, now, &sample);
    }
    tt_monitor_change changes[TT_MONITOR_CHANGES_MAX];
    uint32_t count = tt_monitor_judge(&monitor->judge, now, &sample, changes);
    for (uint32_t i = 0; i < count; i++) {
        tell(monitor, &changes[i]);
    }
}

uint32_t tt_bus_monitor_raised(const tt_bus_monitor *monitor)
{
    return monitor->judge.raised;
}
