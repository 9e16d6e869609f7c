/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The judgement: windows over counters, thresholds, changes. Pure.
 */
#include "mailbox/monitor.h"

#include "base/error.h"

#define PPM UINT64_C(1000000)

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value != 0 ? value : fallback;
}

static tt_monitor_limits fill_defaults(const tt_monitor_limits *limits)
{
    return (tt_monitor_limits){
        .success_ppm_min = (uint32_t)or_default(limits->success_ppm_min, 950000),
        .handler_mean_ns_max = or_default(limits->handler_mean_ns_max, 100 * TT_NS_PER_MS),
        .handler_max_ns_max = or_default(limits->handler_max_ns_max, 500 * TT_NS_PER_MS),
        .in_row_max = (uint64_t)or_default((int64_t)limits->in_row_max, 5),
        .failures_max = (uint64_t)or_default((int64_t)limits->failures_max, 10),
        .queue_pct_max = (uint32_t)or_default(limits->queue_pct_max, 90),
        .overflows_max = (uint64_t)or_default((int64_t)limits->overflows_max, 1),
        .silence_ns_max = or_default(limits->silence_ns_max, 300 * TT_NS_PER_S),
        .window_ns = or_default(limits->window_ns, TT_MONITOR_WINDOW_NS),
    };
}

static tt_monitor_mark *mark_at(tt_monitor *monitor, uint32_t place)
{
    return &monitor->marks[(monitor->mark_first + place) % (TT_MONITOR_PARTS + 1)];
}

static void add_mark(tt_monitor *monitor, int64_t now_ns, const tt_monitor_sample *sample)
{
    if (monitor->mark_count == TT_MONITOR_PARTS + 1) {
        monitor->mark_first = (monitor->mark_first + 1) % (TT_MONITOR_PARTS + 1);
        monitor->mark_count--;
    }
    *mark_at(monitor, monitor->mark_count++) = (tt_monitor_mark){
        .at_ns = now_ns,
        .delivered = sample->delivered,
        .failed = sample->failed,
        .overflowed = sample->overflowed,
    };
}

void tt_monitor_init(
    tt_monitor *monitor,
    const tt_monitor_limits *limits,
    tt_time now,
    const tt_monitor_sample *sample)
{
    *monitor = (tt_monitor){
        .limits = fill_defaults(limits),
        .published = sample->published,
        .published_ns = now.ns,
    };
    add_mark(monitor, now.ns, sample);
}

/** Lets go of marks from before the window, but for the one that it begins with. */
static const tt_monitor_mark *move_window(tt_monitor *monitor, int64_t now_ns)
{
    int64_t begin_ns = now_ns - monitor->limits.window_ns;
    while (monitor->mark_count > 1 && mark_at(monitor, 1)->at_ns <= begin_ns) {
        monitor->mark_first = (monitor->mark_first + 1) % (TT_MONITOR_PARTS + 1);
        monitor->mark_count--;
    }
    return mark_at(monitor, 0);
}

/** A value beside its limit, and whether that is an alert. */
struct finding {
    tt_bus_alert_type alert;
    int64_t value;
    int64_t limit;
    bool is_bad;
};

static struct finding
success_of(const tt_monitor_limits *limits, uint64_t delivered, uint64_t failed)
{
    // Without deliveries everything succeeds.
    uint64_t all = delivered + failed;
    uint64_t ppm = all == 0 ? PPM : (uint64_t)((tt_i128)delivered * PPM / all);
    return (struct finding){
        TT_bus_alert_type_SUCCESS_RATE,
        (int64_t)ppm,
        limits->success_ppm_min,
        ppm < limits->success_ppm_min && limits->success_ppm_min <= PPM};
}

static struct finding queue_of(const tt_monitor_limits *limits, const tt_monitor_sample *sample)
{
    uint64_t pct = sample->queue_size == 0
                       ? 0
                       : (uint64_t)((tt_i128)sample->queue_used * 100 / sample->queue_size);
    return (struct finding){
        TT_bus_alert_type_QUEUE_FILL,
        (int64_t)pct,
        limits->queue_pct_max,
        pct >= limits->queue_pct_max};
}

static struct finding at_most(tt_bus_alert_type alert, int64_t value, int64_t limit)
{
    return (struct finding){alert, value, limit, value > limit};
}

static struct finding less_than(tt_bus_alert_type alert, uint64_t value, uint64_t limit)
{
    return (struct finding){alert, (int64_t)value, (int64_t)limit, value >= limit};
}

/** Notes a finding; true when it changes what stands. */
static bool note(tt_monitor *monitor, const struct finding *finding, tt_monitor_change *change)
{
    uint32_t bit = UINT32_C(1) << finding->alert;
    bool stands = (monitor->raised & bit) != 0;
    if (stands == finding->is_bad) {
        return false;
    }
    monitor->raised ^= bit;
    *change = (tt_monitor_change){finding->alert, finding->is_bad, finding->value, finding->limit};
    return true;
}

uint32_t tt_monitor_judge(
    tt_monitor *monitor,
    tt_time now,
    const tt_monitor_sample *sample,
    tt_monitor_change changes[TT_MONITOR_CHANGES_MAX])
{
    const tt_monitor_limits *limits = &monitor->limits;
    const tt_monitor_mark *begin = move_window(monitor, now.ns);
    uint64_t failed = sample->failed - begin->failed;
    if (sample->published != monitor->published) {
        monitor->published = sample->published;
        monitor->published_ns = now.ns;
    }
    const struct finding findings[TT_MONITOR_CHANGES_MAX] = {
        success_of(limits, sample->delivered - begin->delivered, failed),
        at_most(
            TT_bus_alert_type_HANDLER_TIME_MEAN,
            sample->handler_mean_ns,
            limits->handler_mean_ns_max),
        at_most(
            TT_bus_alert_type_HANDLER_TIME_MAX, sample->handler_max_ns, limits->handler_max_ns_max),
        less_than(TT_bus_alert_type_CONSECUTIVE_FAILURES, sample->in_row, limits->in_row_max),
        less_than(TT_bus_alert_type_FAILURE_RATE, failed, limits->failures_max),
        queue_of(limits, sample),
        less_than(
            TT_bus_alert_type_MAILBOX_OVERFLOW,
            sample->overflowed - begin->overflowed,
            limits->overflows_max),
        at_most(
            TT_bus_alert_type_INACTIVITY, now.ns - monitor->published_ns, limits->silence_ns_max),
    };
    if (now.ns - mark_at(monitor, monitor->mark_count - 1)->at_ns >=
        limits->window_ns / TT_MONITOR_PARTS) {
        add_mark(monitor, now.ns, sample);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < TT_MONITOR_CHANGES_MAX; i++) {
        count += note(monitor, &findings[i], &changes[count]);
    }
    return count;
}

void tt_monitor_forget(tt_monitor *monitor, const tt_monitor_change *change)
{
    monitor->raised ^= UINT32_C(1) << change->alert;
}
