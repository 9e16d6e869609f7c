/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Values, levels, and the reports of their changes.
 */
#include "host/watch.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

#define PPM   1000000
#define MIB   ((int64_t)1 << 20)
#define NO_AT UINT32_MAX

static const uint8_t part_of[TT_health_measure_COUNT] = {
    [TT_health_measure_NONE] = TT_part_NONE,
    [TT_health_measure_FEED_AGE] = TT_part_FEED,
    [TT_health_measure_VENUE_ANSWER] = TT_part_VENUE,
    [TT_health_measure_VENUE_FAILURES] = TT_part_VENUE,
    [TT_health_measure_JOURNAL_LAG] = TT_part_JOURNAL,
    [TT_health_measure_JOURNAL_FLUSH] = TT_part_JOURNAL,
    [TT_health_measure_STORE_LAG] = TT_part_STORE,
    [TT_health_measure_POOL_WAIT] = TT_part_POOL,
    [TT_health_measure_MEMORY] = TT_part_MEMORY,
};

static void set_limits(tt_watch_row *row, int64_t warn, int64_t critical)
{
    row->now.warn = warn;
    row->now.critical = critical;
}

static void set_all_limits(tt_watch *watch)
{
    const tt_health_config *config = watch->config;
    tt_watch_row *rows = watch->rows;
    for (uint32_t i = 0; i < watch->instruments->count; i++) {
        int64_t bar_ns = watch->instruments->list[i].bar_interval_s * TT_NS_PER_S;
        set_limits(
            &watch->feeds[i], bar_ns * config->feed_warn_bars, bar_ns * config->feed_critical_bars);
    }
    set_limits(
        &rows[TT_health_measure_VENUE_ANSWER], config->venue_warn.ns, config->venue_critical.ns);
    set_limits(
        &rows[TT_health_measure_VENUE_FAILURES],
        config->venue_failures_warn,
        config->venue_failures_critical);
    set_limits(
        &rows[TT_health_measure_JOURNAL_LAG], config->journal_warn.ns, config->journal_critical.ns);
    set_limits(
        &rows[TT_health_measure_JOURNAL_FLUSH], config->flush_warn.ns, config->flush_critical.ns);
    set_limits(
        &rows[TT_health_measure_STORE_LAG], config->store_warn.ns, config->store_critical.ns);
    set_limits(&rows[TT_health_measure_POOL_WAIT], config->pool_warn.ns, config->pool_critical.ns);
    set_limits(
        &rows[TT_health_measure_MEMORY],
        config->memory_warn_mib * MIB,
        config->memory_critical_mib * MIB);
}

/* At least one, so that a share of few symbols is a symbol. */
static uint32_t count_of_share(tt_ratio share, uint32_t symbols)
{
    int64_t count = 0;
    tt_dec part = tt_dec_xmul(share.d, tt_dec_from_i64((int64_t)symbols, 0));
    tutti_status status = tt_dec_to_i64(part, 0, TT_ROUND_CEILING, &count);
    TT_ASSERT(status == TUTTI_OK);
    return count < 1 ? 1 : (uint32_t)count;
}

/* Of each part that the coordinator weighs one measure, and every symbol. */
static void forget_told(tt_watch *watch)
{
    watch->rows[TT_health_measure_VENUE_ANSWER].told = TT_health_level_COUNT;
    watch->rows[TT_health_measure_JOURNAL_LAG].told = TT_health_level_COUNT;
    watch->rows[TT_health_measure_STORE_LAG].told = TT_health_level_COUNT;
    for (uint32_t i = 0; i < watch->instruments->count; i++) {
        watch->feeds[i].told = TT_health_level_COUNT;
    }
}

void tt_watch_init(
    tt_watch *watch,
    const tt_health_config *config,
    const tt_instruments *instruments,
    bool is_recovered,
    tt_time now,
    int64_t mono_ns)
{
    *watch = (tt_watch){
        .config = config,
        .instruments = instruments,
        .durable = {.since_ns = mono_ns},
        .stored = {.since_ns = mono_ns},
    };
    tutti_status status = tt_dec_to_i64(config->clear.d, 6, TT_ROUND_DOWN, &watch->clear_ppm);
    TT_ASSERT(status == TUTTI_OK);
    watch->feeds_down = count_of_share(config->feed_down_share, instruments->count);
    set_all_limits(watch);
    for (uint32_t i = 0; i < instruments->count; i++) {
        watch->seen[i] = now;
        watch->feeds[i].now.key = i + 1;
    }
    if (is_recovered) {
        forget_told(watch);
    }
}

/* ---- what passes by ---- */

static int64_t waited(const tt_watch_order *order, tt_time now, int64_t mono_ns)
{
    int64_t event = now.ns - order->event_ns;
    int64_t real = mono_ns - order->mono_ns;
    return event < real ? event : real;
}

static void forget_order(tt_watch *watch, uint32_t at)
{
    watch->order_count--;
    memmove(
        &watch->orders[at],
        &watch->orders[at + 1],
        (watch->order_count - at) * sizeof watch->orders[0]);
}

static uint32_t find_order(const tt_watch *watch, tt_seq id)
{
    for (uint32_t i = 0; i < watch->order_count; i++) {
        if (watch->orders[i].id == id) {
            return i;
        }
    }
    return NO_AT;
}

/** What was not sent needs no answer; anything else that the venue says ends the row of failures.
 */
static void note_report(
    tt_watch *watch, const tt_venue_report *report, bool is_ours, tt_time now, int64_t mono_ns)
{
    uint32_t at = find_order(watch, report->order_id);
    watch->failures = is_ours ? watch->failures + 1 : 0;
    watch->failed_ns = mono_ns;
    if (at == NO_AT) {
        return;
    }
    if (!is_ours) {
        watch->answer_ns = waited(&watch->orders[at], now, mono_ns);
        watch->answered_ns = mono_ns;
    }
    forget_order(watch, at);
}

void tt_watch_input(tt_watch *watch, const tt_input *input, tt_time now, int64_t mono_ns)
{
    if (input->topic == TT_TOPIC_VENUE_REPORTS) {
        // What the host reports in the place of the venue: it could not be sent.
        note_report(watch, input->payload, input->source == TT_SOURCE_HOST, now, mono_ns);
    } else if (
        input->source == TT_SOURCE_FEED && input->topic != TT_TOPIC_FEED_EVENTS &&
        input->key - 1 < watch->instruments->count) {
        watch->seen[input->key - 1] = input->time;
    }
}

void tt_watch_sent(tt_watch *watch, tt_seq order_id, tt_time now, int64_t mono_ns)
{
    if (watch->order_count == TT_WATCH_ORDERS_MAX) {
        forget_order(watch, 0);
    }
    watch->orders[watch->order_count++] = (tt_watch_order){order_id, now.ns, mono_ns};
}

/* ---- judgement ---- */

static bool reaches(int64_t value, int64_t limit, bool stands, int64_t clear_ppm)
{
    if (limit == 0) {
        return false;
    }
    // While a level stands it ends below a part of its limit only.
    int64_t bound = stands ? (int64_t)((tt_i128)limit * clear_ppm / PPM) : limit;
    return value >= bound;
}

static void judge(const tt_watch *watch, tt_watch_row *row, int64_t value)
{
    uint8_t before = row->now.level;
    row->now.value = value;
    if (reaches(value, row->now.critical, before == TT_health_level_CRITICAL, watch->clear_ppm)) {
        row->now.level = TT_health_level_CRITICAL;
    } else if (reaches(value, row->now.warn, before != TT_health_level_OK, watch->clear_ppm)) {
        row->now.level = TT_health_level_WARN;
    } else {
        row->now.level = TT_health_level_OK;
    }
}

/** Real time since `reached` has been behind; the mark moves on as soon as it was reached. */
static int64_t lag_of(tt_watch_mark *mark, tt_seq reached, tt_seq target, int64_t mono_ns)
{
    if (reached >= mark->seq) {
        *mark = (tt_watch_mark){.seq = target, .since_ns = mono_ns};
    }
    return reached >= target ? 0 : mono_ns - mark->since_ns;
}

static int64_t answer_of(const tt_watch *watch, const tt_watch_sample *sample)
{
    bool is_fresh = sample->mono_ns - watch->answered_ns < TT_WATCH_KEPT_NS;
    int64_t longest = is_fresh ? watch->answer_ns : 0;
    for (uint32_t i = 0; i < watch->order_count; i++) {
        int64_t time = waited(&watch->orders[i], sample->now, sample->mono_ns);
        longest = time > longest ? time : longest;
    }
    return longest;
}

static void judge_feed(tt_watch *watch, const tt_watch_sample *sample)
{
    int64_t stalled = sample->mono_ns - sample->market_ns;
    for (uint32_t i = 0; i < watch->instruments->count; i++) {
        int64_t age = sample->now.ns - watch->seen[i].ns;
        age = age < 0 || sample->has_ended ? 0 : age;
        judge(watch, &watch->feeds[i], stalled > age && !sample->has_ended ? stalled : age);
    }
}

void tt_watch_look(tt_watch *watch, const tt_watch_sample *sample)
{
    tt_watch_row *rows = watch->rows;
    int64_t mono_ns = sample->mono_ns;
    int64_t lag = lag_of(&watch->durable, sample->durable_seq, sample->last_seq, mono_ns);
    int64_t store_lag = lag_of(&watch->stored, sample->stored_seq, sample->durable_seq, mono_ns);
    watch->is_store_down = sample->is_store_down;
    judge_feed(watch, sample);
    judge(watch, &rows[TT_health_measure_VENUE_ANSWER], answer_of(watch, sample));
    if (mono_ns - watch->failed_ns >= TT_WATCH_KEPT_NS) {
        watch->failures = 0;
    }
    judge(watch, &rows[TT_health_measure_VENUE_FAILURES], (int64_t)watch->failures);
    judge(watch, &rows[TT_health_measure_JOURNAL_LAG], lag);
    judge(watch, &rows[TT_health_measure_JOURNAL_FLUSH], sample->flush_ns);
    judge(watch, &rows[TT_health_measure_STORE_LAG], sample->has_store ? store_lag : 0);
    judge(watch, &rows[TT_health_measure_POOL_WAIT], sample->pool_ns);
    judge(watch, &rows[TT_health_measure_MEMORY], sample->resident_bytes);
}

/* ---- reports ---- */

static uint64_t count_critical(const tt_watch *watch, uint8_t part)
{
    uint64_t count = 0;
    for (uint32_t i = 0; part == TT_part_FEED && i < watch->instruments->count; i++) {
        count += watch->feeds[i].now.level == TT_health_level_CRITICAL;
    }
    for (uint32_t i = 0; i < TT_health_measure_COUNT; i++) {
        count += part_of[i] == part && watch->rows[i].now.level == TT_health_level_CRITICAL;
    }
    return count;
}

/* The read model is down when it cannot be written, which its thread tells; it may be late. The
 * feed is down by its symbols together. */
static bool is_part_up(const tt_watch *watch, uint8_t part, uint64_t critical)
{
    if (part == TT_part_STORE) {
        return !watch->is_store_down;
    }
    return part == TT_part_FEED ? critical < watch->feeds_down : critical == 0;
}

/** A value with its unit. */
static void put_value(char *text, size_t size, tt_health_measure measure, int64_t value)
{
    if (measure == TT_health_measure_VENUE_FAILURES) {
        snprintf(text, size, "%lld", (long long)value);
    } else if (measure == TT_health_measure_MEMORY) {
        snprintf(text, size, "%lld MiB", (long long)(value / MIB));
    } else {
        long long ms = (long long)(value / TT_NS_PER_MS);
        snprintf(text, size, "%lld.%03lld s", ms / 1000, ms % 1000);
    }
}

static void write_words(
    const tt_watch *watch,
    const tt_watch_row *row,
    tt_health_measure measure,
    tt_health_report *report)
{
    char value[40];
    char limit[40];
    bool is_first = row->told == TT_health_level_COUNT;
    bool is_better =
        row->now.level == TT_health_level_OK || (!is_first && row->now.level < row->told);
    put_value(value, sizeof value, measure, report->value);
    put_value(limit, sizeof limit, measure, report->limit);
    snprintf(
        report->message,
        sizeof report->message,
        "%s%s%s: %s, %s %s",
        tt_enum_text(&tt_enum_health_measure, (uint8_t)measure),
        row->now.key == 0 ? "" : " of ",
        row->now.key == 0 ? "" : watch->instruments->list[row->now.key - 1].symbol,
        value,
        is_better ? "well below" : "limit",
        limit);
}

static void make_report(
    const tt_watch *watch,
    const tt_watch_row *row,
    tt_health_measure measure,
    tt_health_report *report)
{
    uint8_t part = part_of[measure];
    uint8_t told = row->told == TT_health_level_COUNT ? TT_health_level_OK : row->told;
    uint8_t worst = row->now.level > told ? row->now.level : told;
    uint64_t critical = count_critical(watch, part);
    bool is_up = is_part_up(watch, part, critical);
    *report = (tt_health_report){
        .failures = is_up ? 0 : critical,
        .value = row->now.value,
        .limit = worst == TT_health_level_CRITICAL ? row->now.critical : row->now.warn,
        .part = part,
        .is_up = is_up,
        .measure = (uint8_t)measure,
        .level = row->now.level,
    };
    write_words(watch, row, measure, report);
}

bool tt_watch_next(tt_watch *watch, tt_health_report *ret_report, uint32_t *ret_key)
{
    for (uint32_t i = 0; i < watch->instruments->count + TT_health_measure_COUNT; i++) {
        bool is_feed = i < watch->instruments->count;
        uint32_t measure = is_feed ? TT_health_measure_FEED_AGE : i - watch->instruments->count;
        tt_watch_row *row = is_feed ? &watch->feeds[i] : &watch->rows[measure];
        if (row->now.level != row->told) {
            make_report(watch, row, (tt_health_measure)measure, ret_report);
            *ret_key = row->now.key;
            row->told = row->now.level;
            return true;
        }
    }
    return false;
}

void tt_watch_rows(const tt_watch *watch, tt_health_row rows[TT_health_measure_COUNT])
{
    const tt_watch_row *worst = &watch->feeds[0];
    for (uint32_t i = 1; i < watch->instruments->count; i++) {
        const tt_health_row *row = &watch->feeds[i].now;
        bool is_worse = row->level != worst->now.level ? row->level > worst->now.level
                                                       : row->value > worst->now.value;
        worst = is_worse ? &watch->feeds[i] : worst;
    }
    for (uint32_t i = 0; i < TT_health_measure_COUNT; i++) {
        rows[i] = watch->rows[i].now;
    }
    rows[TT_health_measure_FEED_AGE] = worst->now;
}
