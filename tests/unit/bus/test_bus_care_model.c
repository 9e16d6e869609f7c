/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Retries, quarantine and trials against a plain model: random publishes, failures, steps in time,
 * releases, and ways back to a snapshot. The model keeps a list of what is due and searches it.
 *
 * `test_bus_care_model N` runs N operations (default 200,000) with one seed.
 */
#include "base/random.h"
#include "bus/timers.h"
#include "bus_fixture.h"

enum {
    OPERATIONS = 200000,
    RETRIES_MAX = 4,
    QUARANTINE_AFTER = 5,
    DUE_MAX = 256,
    CALLS_MAX = 64
};

static const tt_bus_retry retry = {.count = 2, .delay_ns = {TT_NS_PER_S, 3 * TT_NS_PER_S}};
static const int64_t probe_ns = 7 * TT_NS_PER_S;

/** Something that a timer will bring. */
typedef struct due {
    int64_t time;
    uint64_t order; /**< Of arming. */
    tt_seq seq;     /**< 0: a trial. */
    uint32_t attempts;
} due;

typedef struct model {
    int64_t now;
    uint64_t next_order;
    due list[DUE_MAX];
    uint32_t count;
    uint32_t waiting; /**< Retries, queued ones included. */
    uint64_t retried; /**< Attempts granted. */
    uint64_t tried;   /**< Attempts made. */
    uint64_t skipped;
    uint64_t buried;
    uint32_t failures;
    bool is_quarantined;
    bool is_probing;
} model;

/** A call of the handler. */
typedef struct call {
    tt_seq seq;
    tutti_status status;
} call;

static model plain;
static model saved;
static tt_random randoms;
static fixture fix;
static tt_arena timers_arena;
static tt_timers *timers;
static unsigned char *snapshot;
static call calls[CALLS_MAX];
static uint32_t call_count;
static uint32_t call_used;
static uint64_t failing_pct;
static uint64_t quarantines;

static uint64_t below(uint64_t bound)
{
    return tt_random_below(&randoms, bound);
}

static tutti_status handle(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    assert_true(call_count < CALLS_MAX);
    tutti_status status = below(100) < failing_pct ? TUTTI_BUSY : TUTTI_OK;
    calls[call_count++] = (call){.seq = msg->seq, .status = status};
    return status;
}

/** The call that the model expects next. */
static tutti_status take_call(tt_seq seq)
{
    assert_true(call_used < call_count);
    assert_int_equal(calls[call_used].seq, seq);
    return calls[call_used++].status;
}

static void model_arm(int64_t delay, tt_seq seq, uint32_t attempts)
{
    assert_true(plain.count < DUE_MAX);
    plain.list[plain.count++] = (due){
        .time = plain.now + delay,
        .order = plain.next_order++,
        .seq = seq,
        .attempts = attempts,
    };
}

static void model_end_quarantine(void)
{
    plain.is_quarantined = false;
    plain.is_probing = false;
    plain.failures = 0;
}

static void model_succeed(void)
{
    plain.failures = 0;
    if (plain.is_quarantined) {
        model_end_quarantine();
    }
}

static void model_fail(void)
{
    plain.failures++;
    if (plain.is_quarantined) {
        model_arm(probe_ns, 0, 0);
    } else if (plain.failures >= QUARANTINE_AFTER) {
        plain.is_quarantined = true;
        quarantines++;
        model_arm(probe_ns, 0, 0);
    }
}

static bool model_may_deliver(void)
{
    if (!plain.is_quarantined) {
        return true;
    }
    if (plain.is_probing) {
        plain.is_probing = false;
        return true;
    }
    plain.skipped++;
    return false;
}

static void model_publish(tt_seq seq)
{
    if (!model_may_deliver()) {
        return;
    }
    if (take_call(seq) == TUTTI_OK) {
        model_succeed();
        return;
    }
    if (plain.waiting < RETRIES_MAX) {
        plain.waiting++;
        plain.retried++;
        model_arm(retry.delay_ns[0], seq, 1);
    } else {
        plain.buried++;
    }
    model_fail();
}

static void model_try_again(const due *what)
{
    if (!model_may_deliver()) {
        plain.waiting--;
        plain.buried++;
        return;
    }
    plain.tried++;
    if (take_call(what->seq) == TUTTI_OK) {
        plain.waiting--;
        model_succeed();
        return;
    }
    if (what->attempts < retry.count) {
        plain.retried++;
        model_arm(retry.delay_ns[what->attempts], what->seq, what->attempts + 1);
    } else {
        plain.waiting--;
        plain.buried++;
    }
    model_fail();
}

/** Takes out what is due first; false when nothing is. */
static bool take_due(due *ret_due)
{
    uint32_t first = plain.count;
    for (uint32_t i = 0; i < plain.count; i++) {
        const due *other = &plain.list[i];
        bool is_earlier =
            first == plain.count || other->time < plain.list[first].time ||
            (other->time == plain.list[first].time && other->order < plain.list[first].order);
        if (other->time <= plain.now && is_earlier) {
            first = i;
        }
    }
    if (first == plain.count) {
        return false;
    }
    *ret_due = plain.list[first];
    plain.list[first] = plain.list[--plain.count];
    return true;
}

/** Timers fire first, all of them; then the retries that they queued are delivered. */
static void model_step(void)
{
    due queued[DUE_MAX];
    uint32_t count = 0;
    due next;
    while (take_due(&next)) {
        if (next.seq == 0) {
            plain.is_probing = plain.is_quarantined;
        } else {
            queued[count++] = next;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        model_try_again(&queued[i]);
    }
}

static void publish(void)
{
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    tt_seq seq = 0;
    post.ttl_ms = TT_TTL_NEVER;
    assert_int_equal(tt_bus_publish(fix.bus, &post, &seq), TUTTI_OK);
    tt_bus_run(fix.bus);
    model_publish(seq);
}

static void step_in_time(void)
{
    static const int64_t spans[] = {0, 1, TT_NS_PER_S / 2, TT_NS_PER_S, 5 * TT_NS_PER_S};
    plain.now += spans[below(sizeof spans / sizeof spans[0])];
    failing_pct = below(10) == 0 ? below(101) : failing_pct;
    tt_bus_begin(fix.bus, (tt_time){plain.now});
    tt_timers_fire(timers, (tt_time){plain.now});
    tt_bus_run(fix.bus);
    model_step();
}

static void release(void)
{
    tutti_status expected = plain.is_quarantined ? TUTTI_OK : TUTTI_NOT_FOUND;
    assert_int_equal(tt_bus_release(fix.bus, "cared"), expected);
    tt_bus_run(fix.bus);
    if (plain.is_quarantined) {
        model_end_quarantine();
    }
}

static void check(void)
{
    tt_bus_care_stats stats;
    tt_bus_subscriber_stats counters;
    assert_int_equal(call_used, call_count);
    assert_true(tt_bus_care_get(fix.bus, "cared", &stats));
    assert_int_equal(stats.retried, plain.retried);
    assert_int_equal(stats.skipped, plain.skipped);
    assert_int_equal(stats.failures_in_a_row, plain.failures);
    assert_int_equal(stats.is_quarantined, plain.is_quarantined);
    assert_int_equal(tt_bus_retry_count(fix.bus), plain.waiting);
    const tt_bus_topic_stats topic = fixture_stats(&fix, TT_TOPIC_CLOCK);
    assert_int_equal(topic.dead_lettered, plain.buried);
    assert_int_equal(topic.retried, plain.tried);
    assert_int_equal(topic.quarantined, plain.skipped);
    assert_true(tt_bus_subscriber_stats_get(fix.bus, TT_TOPIC_CLOCK, 0, &counters));
    assert_int_equal(counters.retried, plain.tried);
    assert_int_equal(counters.quarantined, plain.skipped);
    call_count = 0;
    call_used = 0;
}

static void save(void)
{
    unsigned char *at = snapshot;
    for (uint32_t i = 0; i < fix.core.region_count; i++) {
        memcpy(at, fix.core.regions[i].data, fix.core.regions[i].size);
        at += fix.core.regions[i].size;
    }
    saved = plain;
}

static void load(void)
{
    const unsigned char *at = snapshot;
    tt_error error;
    for (uint32_t i = 0; i < fix.core.region_count; i++) {
        memcpy(fix.core.regions[i].data, at, fix.core.regions[i].size);
        at += fix.core.regions[i].size;
    }
    assert_int_equal(tt_bus_restore(fix.bus, &error), TUTTI_OK);
    plain = saved;
    tt_bus_begin(fix.bus, (tt_time){plain.now});
}

static void open_bus(uint64_t seed)
{
    memset(&plain, 0, sizeof plain);
    tt_random_init(&randoms, seed, 0);
    assert_int_equal(tt_arena_init(&timers_arena, 1 << 20), TUTTI_OK);
    assert_int_equal(tt_timers_new(512, &timers_arena, &timers), TUTTI_OK);
    fixture_open(
        &fix,
        &(tt_bus_options){
            .outbox_bytes = 256 << 10,
            .queue_messages = 64,
            .history_scale_pct = 1,
            .key_max = 1,
            .dead_max = 16,
            .idempotency_max = 8,
            .expiry_max = 64,
            .retries_max = RETRIES_MAX,
            .timers = timers,
        });
    size_t size = 0;
    void *data = tt_timers_state(timers, &size);
    assert_int_equal(tt_core_add_region(&fix.core, "timers", data, size), TUTTI_OK);
    const tt_bus_subscription request = {
        .name = "cared",
        .topic = TT_TOPIC_CLOCK,
        .handler = handle,
        .retry = &retry,
        .quarantine_after = QUARANTINE_AFTER,
        .probe_ns = probe_ns,
    };
    assert_int_equal(tt_bus_subscribe_to(fix.bus, &request, NULL), TUTTI_OK);
    plain.now = T0_NS;
    size = 0;
    for (uint32_t i = 0; i < fix.core.region_count; i++) {
        size += fix.core.regions[i].size;
    }
    snapshot = malloc(size);
    assert_non_null(snapshot);
}

static uint64_t operations = OPERATIONS;

static void random_failures_match_the_model(void **state)
{
    (void)state;
    const char *wanted = getenv("TUTTI_TEST_SEED");
    uint64_t seed = wanted ? strtoull(wanted, NULL, 10) : 21;
    open_bus(seed);
    save();
    for (uint64_t i = 0; i < operations; i++) {
        uint64_t what = below(100);
        (what < 45 ? publish : what < 99 ? step_in_time : release)();
        check();
        if (i % 5000 == 2000) {
            save();
        }
        if (i % 5000 == 2500) {
            load();
            check();
        }
    }
    print_message(
        "seed %llu: retried %llu, buried %llu, skipped %llu, quarantines %llu\n",
        (unsigned long long)seed,
        (unsigned long long)plain.tried,
        (unsigned long long)plain.buried,
        (unsigned long long)plain.skipped,
        (unsigned long long)quarantines);
    assert_true(plain.tried > 0 && plain.buried > 0 && plain.skipped > 0 && quarantines > 1);
    free(snapshot);
    tt_arena_fini(&fix.arena);
    tt_arena_fini(&timers_arena);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        operations = strtoull(argv[1], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_failures_match_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
