/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The bus against a model that keeps every message in one array and searches it from end to end.
 * What handlers do is a function of the sequence number alone, so both sides decide alike.
 */
#include "base/random.h"
#include "base/uuid.h"
#include "bus_fixture.h"

#define STEPS      600
#define MODEL_MAX  60000
#define SEED_COUNT 3

/** One published message, as the model remembers it. */
typedef struct model_msg {
    tt_seq cause;
    tt_uuid correlation;
    tt_time time;
    uint32_t key;
    uint32_t ttl_ms;
    tt_topic topic;
    tt_source source;
    uint8_t priority;
    bool is_queued;
} model_msg;

typedef struct model {
    model_msg msgs[MODEL_MAX]; /**< [seq] */
    tt_seq last;
    tt_seq expected[MODEL_MAX]; /**< Deliveries: sequence numbers, both handlers. */
    uint32_t expected_count;
    tt_seq seen[MODEL_MAX];
    uint32_t seen_count;
    tt_random random;
    tt_time now;
} model;

static model plain;

static const tt_topic topics[] = {
    TT_TOPIC_CLOCK,
    TT_TOPIC_MARKET_BAR,
    TT_TOPIC_FILLS,
    TT_TOPIC_RISK_ALERTS,
    TT_TOPIC_MARKET_DEPTH};
#define TOPIC_COUNT (sizeof topics / sizeof topics[0])
static const tt_source sources[] = {TT_SOURCE_FEED, TT_SOURCE_TRADE};

/** Well mixed bits of a number. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 31)) * UINT64_C(0x7fb5d329728ea185);
    x = (x ^ (x >> 27)) * UINT64_C(0x81dadef4bc2dd44d);
    return x ^ (x >> 33);
}

/** What stands for the choices of a message: topic, source, key, priority. */
static tt_bus_post post_from(uint64_t bits)
{
    static tt_depth depth;
    tt_bus_post post = fixture_post(topics[bits % TOPIC_COUNT]);
    post.source = sources[(bits >> 8) % 2];
    post.key = (bits >> 16) % 40 == 0 ? 4 : (uint32_t)((bits >> 20) % 3);
    post.priority = (uint8_t)((bits >> 24) % 8 == 0 ? 1 + (bits >> 28) % 4 : 0);
    if (post.topic == TT_TOPIC_MARKET_DEPTH) {
        depth = (tt_depth){.count = (uint8_t)((bits >> 32) % (TT_MAX_depth_level + 1))};
        post.payload = &depth;
    }
    return post;
}

/** Children of the message `seq`: fewer than one each, so that chains end. */
static uint32_t child_count(tt_seq seq)
{
    uint64_t bits = mix(seq) % 10;
    return bits < 5 ? 0 : bits < 9 ? 1 : 2;
}

static uint64_t child_bits(tt_seq seq, uint32_t child)
{
    return mix(seq * 7 + child + 1000003);
}

static bool has_failure(tt_seq seq)
{
    return mix(seq + 99) % 11 == 0;
}

static tutti_status publish_children(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    plain.seen[plain.seen_count++] = msg->seq;
    for (uint32_t i = 0; msg->topic != TT_TOPIC_DEAD_LETTERS && i < child_count(msg->seq); i++) {
        const tt_bus_post post = post_from(child_bits(msg->seq, i));
        assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_OK);
    }
    return TUTTI_OK;
}

static tutti_status fail_sometimes(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    plain.seen[plain.seen_count++] = msg->seq;
    return has_failure(msg->seq) ? TUTTI_BUSY : TUTTI_OK;
}

static void model_publish(const tt_bus_post *post, tt_seq parent)
{
    const tt_topic_info *info = tt_topic_info_get((uint16_t)post->topic);
    model_msg *msg = &plain.msgs[++plain.last];
    assert_true(plain.last < MODEL_MAX - 1);
    *msg = (model_msg){
        .cause = parent,
        .time = plain.now,
        .key = post->key,
        .ttl_ms = info->ttl_ms,
        .topic = post->topic,
        .source = post->source,
        .priority = post->priority != 0 ? post->priority : info->priority,
        .is_queued = true,
    };
    if (parent != 0) {
        msg->correlation = plain.msgs[parent].correlation;
    } else {
        msg->correlation = tt_uuid_make(
            (uint64_t)(plain.now.ns / TT_NS_PER_MS),
            (uint32_t)(plain.now.ns % TT_NS_PER_MS * 4096 / TT_NS_PER_MS),
            plain.last);
    }
}

static tt_seq model_next(tt_seq first)
{
    tt_seq best = 0;
    for (tt_seq seq = first; seq <= plain.last; seq++) {
        if (plain.msgs[seq].is_queued &&
            (best == 0 || plain.msgs[seq].priority > plain.msgs[best].priority)) {
            best = seq;
        }
    }
    return best;
}

static void model_deliver(tt_seq seq)
{
    const model_msg *msg = &plain.msgs[seq];
    plain.expected[plain.expected_count++] = seq;
    for (uint32_t i = 0; msg->topic != TT_TOPIC_DEAD_LETTERS && i < child_count(seq); i++) {
        const tt_bus_post post = post_from(child_bits(seq, i));
        model_publish(&post, seq);
    }
    plain.expected[plain.expected_count++] = seq;
    if (has_failure(seq) && msg->topic != TT_TOPIC_DEAD_LETTERS) {
        tt_bus_post dead = fixture_post(TT_TOPIC_DEAD_LETTERS);
        dead.source = TT_SOURCE_BUS;
        dead.key = msg->key;
        model_publish(&dead, seq);
    }
}

static void model_run(tt_seq first)
{
    for (tt_seq seq = model_next(first); seq != 0; seq = model_next(first)) {
        plain.msgs[seq].is_queued = false;
        model_deliver(seq);
    }
}

static void check_outbox(const fixture *fix, tt_seq first)
{
    tt_seq seq = first;
    for (const tt_msg *msg = tt_bus_outbox_next(fix->bus, NULL); msg;
         msg = tt_bus_outbox_next(fix->bus, msg), seq++) {
        const model_msg *expected = &plain.msgs[seq];
        assert_int_equal(msg->seq, seq);
        assert_int_equal(msg->topic, expected->topic);
        assert_int_equal(msg->source, expected->source);
        assert_int_equal(msg->key, expected->key);
        assert_int_equal(msg->priority, expected->priority);
        assert_int_equal(msg->cause, expected->cause);
        assert_memory_equal(&msg->correlation, &expected->correlation, sizeof(tt_uuid));
    }
    assert_int_equal(seq, plain.last + 1);
}

static tt_seq model_latest(tt_topic topic, tt_source source, uint32_t key, int64_t max_age_ns)
{
    for (tt_seq seq = plain.last; seq > 0; seq--) {
        const model_msg *msg = &plain.msgs[seq];
        if (msg->topic != topic || msg->key != key ||
            (source != TT_SOURCE_NONE && msg->source != source)) {
            continue;
        }
        int64_t age = plain.now.ns - msg->time.ns;
        bool is_fresh = msg->ttl_ms == 0 || age <= (int64_t)msg->ttl_ms * TT_NS_PER_MS;
        return is_fresh && (max_age_ns == 0 || age <= max_age_ns) ? seq : 0;
    }
    return 0;
}

static void check_latest(fixture *fix, tt_topic topic)
{
    static const int64_t ages[] = {0, 1, 100 * TT_NS_PER_S};
    for (uint32_t key = 0; key < 5; key++) {
        for (uint32_t i = 0; i < 9; i++) {
            tt_source source = i / 3 == 0 ? TT_SOURCE_NONE : sources[i / 3 - 1];
            const tt_dur age = {ages[i % 3]};
            const tt_msg *msg = tt_bus_latest(fix->bus, topic, source, key, age);
            assert_int_equal(msg ? msg->seq : 0, model_latest(topic, source, key, age.ns));
        }
    }
}

static void check_history(const fixture *fix, tt_topic topic)
{
    uint32_t left = tt_topic_info_get((uint16_t)topic)->history;
    const tt_msg *msg = tt_bus_history(fix->bus, topic, NULL);
    for (tt_seq seq = plain.last; seq > 0 && left > 0; seq--) {
        if (plain.msgs[seq].topic == topic) {
            assert_non_null(msg);
            assert_int_equal(msg->seq, seq);
            assert_ptr_equal(tt_bus_find(fix->bus, topic, seq), msg);
            msg = tt_bus_history(fix->bus, topic, msg);
            left--;
        }
    }
    assert_null(msg);
}

static void random_step(fixture *fix)
{
    plain.now.ns += tt_random_between(&plain.random, 0, 40) * TT_NS_PER_S;
    tt_bus_begin(fix->bus, plain.now);
    tt_seq first = plain.last + 1;
    uint64_t count = tt_random_below(&plain.random, 6);
    for (uint64_t i = 0; i < count; i++) {
        const tt_bus_post post = post_from(tt_random_u64(&plain.random));
        assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
        model_publish(&post, 0);
    }
    tt_bus_run(fix->bus);
    model_run(first);
    check_outbox(fix, first);
    tt_topic topic = topics[tt_random_below(&plain.random, TOPIC_COUNT)];
    check_latest(fix, topic);
    if (tt_random_below(&plain.random, 50) == 0) {
        check_history(fix, topic);
    }
}

static void run_seed(uint64_t seed)
{
    static fixture fix;
    print_message("seed %llu\n", (unsigned long long)seed);
    memset(&plain, 0, sizeof plain);
    tt_random_init(&plain.random, seed, 0);
    fixture_open(&fix, &(tt_bus_options){.key_max = 4, .dead_max = 16384, .keep_expired = true});
    plain.now.ns = T0_NS;
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        assert_int_equal(
            tt_bus_subscribe(fix.bus, (tt_topic)i, "children", publish_children, &fix), TUTTI_OK);
        assert_int_equal(
            tt_bus_subscribe(fix.bus, (tt_topic)i, "failing", fail_sometimes, &fix), TUTTI_OK);
    }
    for (int i = 0; i < STEPS; i++) {
        random_step(&fix);
    }
    assert_true(plain.last > STEPS);
    assert_int_equal(plain.seen_count, plain.expected_count);
    assert_memory_equal(plain.seen, plain.expected, plain.seen_count * sizeof plain.seen[0]);
    tt_bus_topic_stats totals;
    tt_bus_totals(fix.bus, &totals);
    assert_int_equal(totals.published, plain.last);
    assert_int_equal(totals.delivered + totals.failed, plain.seen_count);
    assert_int_equal(totals.latest_lost, 0);
    tt_arena_fini(&fix.arena);
}

/** TUTTI_TEST_SEED repeats one seed. */
static void random_operations_match_the_model(void **state)
{
    (void)state;
    const char *wanted = getenv("TUTTI_TEST_SEED");
    if (wanted) {
        run_seed(strtoull(wanted, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
        run_seed(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_match_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
