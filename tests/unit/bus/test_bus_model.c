/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Random operations against a plain model: publish, fail, expire, refuse, repeat, redrive, discard,
 * clear, query, step in time, and go back to a snapshot. The model keeps lists and searches them
 * from end to end. A topic may have messages of one source and age for some time, or for long: so
 * long it has no index. Covers: bus_expire.c, bus_keep.c, bus_keyed.c.
 *
 * `test_bus_model N` runs N operations (default one million) with one seed.
 */
#include "base/random.h"
#include "bus_check.h"

enum {
    KEYS = 3, /* 0 to 2 */
    SOURCES = 2,
    KEPT_MAX = 160,
    DEAD_MAX = 16,
    SEEN_MAX = 8,
    BUS_OPERATIONS = 5000, /* then a fresh bus begins, without indexes */
    OPERATIONS = 1000000
};

static const tt_topic topics[] = {
    TT_TOPIC_MARKET_QUOTE, TT_TOPIC_MARKET_DEPTH, TT_TOPIC_FILLS, TT_TOPIC_CLOCK};
#define TOPICS ((uint32_t)(sizeof topics / sizeof topics[0]))
static const tt_source sources[SOURCES] = {TT_SOURCE_FEED, TT_SOURCE_TRADE};
static const tt_bus_rate rate = {.per_s = 3, .burst = 20}; // of the last topic

/** A message that the history must hold. */
typedef struct kept_msg {
    tt_seq seq;
    int64_t time;
    uint64_t place; /**< Number of the message within its topic. */
    uint32_t ttl_ms;
    uint32_t key;
    tt_source source;
} kept_msg;

typedef struct model_topic {
    kept_msg kept[KEPT_MAX]; /**< Oldest first; in the ring or pinned. */
    uint32_t count;
    uint64_t published;
} model_topic;

typedef struct model_dead {
    tt_seq seq;
    int64_t first;
    int64_t last;
    uint32_t attempts;
    bool is_queued;
} model_dead;

typedef struct model {
    tt_random random;
    int64_t now;
    model_topic topics[TOPICS];
    model_dead dead[DEAD_MAX];
    uint32_t dead_count;
    uint64_t dead_lost;
    uint64_t seen_key[SEEN_MAX]; /**< Newest first. */
    tt_seq seen_seq[SEEN_MAX];
    uint32_t seen_count;
    tt_i128 level; /**< Of the token bucket. */
    int64_t level_time;
    uint64_t failing_pct;
    uint64_t calm[TOPICS];      /**< One post in so many is of another source or age. */
    uint64_t usual_key[TOPICS]; /**< Most posts have it, if it is a key. */
    bool is_again; /**< A dead letter is being delivered again: a failure is no new letter. */
    tutti_status outcome;
} model;

static model plain;
static model saved;
static fixture fix;
static unsigned char *snapshot;

static uint64_t below(uint64_t bound)
{
    return tt_random_below(&plain.random, bound);
}

static uint32_t ring_size(uint32_t topic)
{
    return fix.bus->topics[topics[topic]].history_max;
}

static bool is_alive(const kept_msg *msg)
{
    return msg->ttl_ms == 0 || plain.now - msg->time <= (int64_t)msg->ttl_ms * TT_NS_PER_MS;
}

static void drop_kept(model_topic *topic, uint32_t index)
{
    topic->count--;
    memmove(
        &topic->kept[index],
        &topic->kept[index + 1],
        (topic->count - index) * sizeof topic->kept[0]);
}

/** Tells whether a younger kept message of the same source and key is there. */
static bool has_younger(const model_topic *topic, uint32_t index)
{
    for (uint32_t i = index + 1; i < topic->count; i++) {
        if (topic->kept[i].key == topic->kept[index].key &&
            topic->kept[i].source == topic->kept[index].source) {
            return true;
        }
    }
    return false;
}

static bool is_in_ring(uint32_t topic, const kept_msg *msg)
{
    return plain.topics[topic].published - msg->place < ring_size(topic);
}

/** What has left the ring stays only as the latest of its source and key. */
static void prune(uint32_t number)
{
    model_topic *topic = &plain.topics[number];
    for (uint32_t i = 0; i < topic->count;) {
        if (!is_in_ring(number, &topic->kept[i]) && has_younger(topic, i)) {
            drop_kept(topic, i);
        } else {
            i++;
        }
    }
}

static void model_keep(uint32_t number, const tt_bus_post *post, tt_seq seq)
{
    model_topic *topic = &plain.topics[number];
    uint32_t ttl = tt_topic_info_get((uint16_t)post->topic)->ttl_ms;
    if (post->ttl_ms != 0) {
        ttl = post->ttl_ms == TT_TTL_NEVER ? 0 : post->ttl_ms;
    }
    assert_true(topic->count < KEPT_MAX);
    topic->kept[topic->count++] = (kept_msg){
        .seq = seq,
        .time = plain.now,
        .place = ++topic->published,
        .ttl_ms = ttl,
        .key = post->key,
        .source = post->source,
    };
    prune(number);
}

static int64_t ms_of(int64_t ns)
{
    return ns / TT_NS_PER_MS;
}

/** A timer takes a message out at the first whole millisecond at which it has expired. */
static void model_expire(void)
{
    for (uint32_t t = 0; t < TOPICS; t++) {
        model_topic *topic = &plain.topics[t];
        for (uint32_t i = 0; i < topic->count;) {
            const kept_msg *msg = &topic->kept[i];
            if (msg->ttl_ms != 0 && ms_of(plain.now) > ms_of(msg->time) + msg->ttl_ms) {
                drop_kept(topic, i);
            } else {
                i++;
            }
        }
    }
}

static void model_drop_dead(uint32_t index)
{
    plain.dead_count--;
    memmove(
        &plain.dead[index],
        &plain.dead[index + 1],
        (plain.dead_count - index) * sizeof plain.dead[0]);
}

static void model_bury(tt_seq seq)
{
    if (plain.dead_count == DEAD_MAX) {
        uint32_t victim = 0;
        while (plain.dead[victim].is_queued) {
            victim++;
        }
        model_drop_dead(victim);
        plain.dead_lost++;
    }
    plain.dead[plain.dead_count++] = (model_dead){
        .seq = seq,
        .first = plain.now,
        .last = plain.now,
        .attempts = seq == 0 ? 0 : 1,
    };
}

static tutti_status handle(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    tutti_status status = below(100) < plain.failing_pct ? TUTTI_BUSY : TUTTI_OK;
    plain.outcome = status;
    if (status != TUTTI_OK && !plain.is_again) {
        model_bury(msg->seq);
    }
    return status;
}

static bool model_take_token(void)
{
    plain.level += (tt_i128)(plain.now - plain.level_time) * rate.per_s;
    tt_i128 most = (tt_i128)rate.burst * TT_NS_PER_S;
    plain.level = plain.level > most ? most : plain.level;
    plain.level_time = plain.now;
    if (plain.level < TT_NS_PER_S) {
        return false;
    }
    plain.level -= TT_NS_PER_S;
    return true;
}

static tt_seq model_seen(uint64_t key)
{
    for (uint32_t i = 0; i < plain.seen_count; i++) {
        if (plain.seen_key[i] == key) {
            return plain.seen_seq[i];
        }
    }
    return 0;
}

static void model_see(uint64_t key, tt_seq seq)
{
    memmove(&plain.seen_key[1], plain.seen_key, (SEEN_MAX - 1) * sizeof plain.seen_key[0]);
    memmove(&plain.seen_seq[1], plain.seen_seq, (SEEN_MAX - 1) * sizeof plain.seen_seq[0]);
    plain.seen_key[0] = key;
    plain.seen_seq[0] = seq;
    plain.seen_count += plain.seen_count < SEEN_MAX;
}

/** What the operations went through. */
static struct {
    uint64_t keyed;   /**< Posts to a topic of several keys without an index, */
    uint64_t pinned;  /**< of them while there were pins. */
    uint64_t indexed; /**< Posts that made the index of such a topic. */
} passed;

static struct topic *topic_at(uint32_t number)
{
    return &fix.bus->topics[topics[number]];
}

static void note_post(uint32_t number, bool was_keyed)
{
    bool is_so = is_keyed(topic_at(number));
    passed.keyed += is_so;
    passed.pinned += is_so && topic_at(number)->state->pin_count > 0;
    passed.indexed += was_keyed && is_indexed(topic_at(number));
}

static tt_bus_post some_post(uint32_t topic)
{
    static const uint32_t ttls[] = {0, 0, 0, 0, 1, 20, 1500, TT_TTL_NEVER};
    bool is_other = below(plain.calm[topic]) == 0;
    bool is_usual = plain.usual_key[topic] < KEYS && below(30) != 0;
    tt_bus_post post = fixture_post(topics[topic]);
    post.source = sources[is_other ? below(SOURCES) : 0];
    post.key = (uint32_t)(is_usual ? plain.usual_key[topic] : below(KEYS));
    post.ttl_ms = ttls[is_other ? below(8) : 0];
    return post;
}

static void publish(void)
{
    uint32_t topic = (uint32_t)below(TOPICS);
    tt_bus_post post = some_post(topic);
    bool was_keyed = is_keyed(topic_at(topic));
    uint64_t key = below(4) == 0 ? 1 + below(20) : 0;
    memcpy(post.idempotency.bytes, &key, sizeof key);
    tt_seq seq = 0;
    tt_seq first = key == 0 ? 0 : model_seen(key);
    tutti_status status = tt_bus_publish(fix.bus, &post, &seq);
    if (first != 0) {
        assert_int_equal(status, TUTTI_EXISTS);
        assert_int_equal(seq, first);
    } else if (topic == TOPICS - 1 && !model_take_token()) {
        assert_int_equal(status, TUTTI_LIMIT);
        model_bury(0);
    } else {
        assert_int_equal(status, TUTTI_OK);
        model_keep(topic, &post, seq);
        if (key != 0) {
            model_see(key, seq);
        }
    }
    tt_bus_run(fix.bus);
    note_post(topic, was_keyed);
}

static uint64_t dead_id(uint32_t index)
{
    tt_bus_dead dead = {0};
    for (uint32_t i = 0; i <= index; i++) {
        assert_true(tt_bus_dead_next(fix.bus, dead.id, &dead));
    }
    return dead.id;
}

/** A refused post has its turn again: it is a message now, or refused once more. */
static void redrive_post(uint32_t index)
{
    tt_bus_dead dead;
    assert_int_equal(tt_bus_dead_get(fix.bus, dead_id(index), &dead, NULL), TUTTI_OK);
    tt_bus_post post = fixture_post((tt_topic)dead.head.topic);
    post.source = (tt_source)dead.head.source;
    post.key = dead.head.key;
    post.ttl_ms = dead.head.ttl_ms == 0 ? TT_TTL_NEVER : dead.head.ttl_ms;
    tt_seq seq = tt_bus_next_seq(fix.bus);
    model_drop_dead(index);
    bool fits = model_take_token();
    assert_int_equal(tt_bus_dead_redrive(fix.bus, dead.id), fits ? TUTTI_OK : TUTTI_LIMIT);
    if (fits) {
        model_keep(TOPICS - 1, &post, seq);
    } else {
        model_bury(0);
    }
    tt_bus_run(fix.bus);
}

static void redrive(void)
{
    uint32_t index = (uint32_t)below(plain.dead_count);
    if (plain.dead[index].seq == 0) {
        redrive_post(index);
        return;
    }
    assert_int_equal(tt_bus_dead_redrive(fix.bus, dead_id(index)), TUTTI_OK);
    plain.is_again = true;
    tt_bus_run(fix.bus);
    plain.is_again = false;
    if (plain.outcome == TUTTI_OK) {
        model_drop_dead(index);
    } else {
        plain.dead[index].attempts++;
        plain.dead[index].last = plain.now;
    }
}

static void discard(void)
{
    uint32_t index = (uint32_t)below(plain.dead_count);
    assert_int_equal(tt_bus_dead_discard(fix.bus, dead_id(index)), TUTTI_OK);
    model_drop_dead(index);
    tt_bus_run(fix.bus);
}

static void step_in_time(void)
{
    static const int64_t spans[] = {
        0,
        1,
        TT_NS_PER_MS / 3,
        TT_NS_PER_MS,
        17 * TT_NS_PER_MS,
        TT_NS_PER_S,
        100 * TT_NS_PER_S,
        400 * TT_NS_PER_S};
    uint64_t size = below(1000) < 990 ? below(6) : below(8);
    plain.now += spans[size];
    model_expire();
    tt_bus_begin(fix.bus, (tt_time){plain.now});
    plain.failing_pct = below(20) == 0 ? below(60) : plain.failing_pct;
}

static tt_bus_match has_even_seq(void *ctx, const tt_msg *msg)
{
    (void)ctx;
    return msg->seq % 2 == 0 ? TT_BUS_MATCH_YES : TT_BUS_MATCH_NO;
}

static void check_query(void)
{
    uint32_t number = (uint32_t)below(TOPICS);
    const model_topic *topic = &plain.topics[number];
    const kept_msg *some = topic->count == 0 ? NULL : &topic->kept[below(topic->count)];
    const tt_bus_question question = {
        .topic = topics[number],
        .source = below(3) == 0 ? sources[below(SOURCES)] : TT_SOURCE_NONE,
        .key = (uint32_t)below(KEYS),
        .is_keyed = below(3) == 0,
        .since_seq = below(3) == 0 && some ? some->seq + below(3) : 0,
        .until_seq = below(3) == 0 && some ? some->seq + below(3) : 0,
        .since_time = {below(3) == 0 && some ? some->time + (int64_t)below(3) - 1 : 0},
        .until_time = {below(3) == 0 && some ? some->time + (int64_t)below(3) - 1 : 0},
        .filter = below(3) == 0 ? has_even_seq : NULL,
        .limit = 1 + (uint32_t)below(KEPT_MAX),
    };
    const tt_msg *found[KEPT_MAX];
    uint32_t count = tt_bus_query(fix.bus, &question, found);
    uint32_t expected = 0;
    for (uint32_t i = topic->count; i-- > 0 && expected < question.limit;) {
        const kept_msg *msg = &topic->kept[i];
        bool is_wanted = is_in_ring(number, msg) && is_alive(msg) &&
                         (question.source == TT_SOURCE_NONE || question.source == msg->source) &&
                         (!question.is_keyed || question.key == msg->key) &&
                         msg->seq >= question.since_seq &&
                         (question.until_seq == 0 || msg->seq <= question.until_seq) &&
                         msg->time >= question.since_time.ns &&
                         (question.until_time.ns == 0 || msg->time <= question.until_time.ns) &&
                         (!question.filter || msg->seq % 2 == 0);
        if (is_wanted) {
            assert_true(expected < count);
            assert_int_equal(found[expected++]->seq, msg->seq);
        }
    }
    assert_int_equal(count, expected);
}

static tt_seq model_latest(
    const model_topic *topic, tt_source source, uint32_t key, int64_t max_age, bool is_even)
{
    for (uint32_t i = topic->count; i-- > 0;) {
        const kept_msg *msg = &topic->kept[i];
        bool is_young = max_age == 0 || plain.now - msg->time <= max_age;
        if (msg->key == key && (source == TT_SOURCE_NONE || source == msg->source) &&
            is_alive(msg) && is_young && (!is_even || msg->seq % 2 == 0)) {
            return msg->seq;
        }
    }
    return 0;
}

static void check_latest(void)
{
    static const int64_t ages[] = {0, 1, TT_NS_PER_S, 50 * TT_NS_PER_S};
    uint32_t number = (uint32_t)below(TOPICS);
    const model_topic *topic = &plain.topics[number];
    tt_source source = below(2) == 0 ? TT_SOURCE_NONE : sources[below(SOURCES)];
    uint32_t key = (uint32_t)below(KEYS);
    const tt_bus_latest_filter even = {.max_age = {ages[below(4)]}, .fn = has_even_seq};
    const tt_msg *msg = tt_bus_latest(fix.bus, topics[number], source, key, even.max_age);
    assert_int_equal(msg ? msg->seq : 0, model_latest(topic, source, key, even.max_age.ns, false));
    msg = tt_bus_latest_where(fix.bus, topics[number], source, key, &even);
    assert_int_equal(msg ? msg->seq : 0, model_latest(topic, source, key, even.max_age.ns, true));
    if (topic->count > 0) {
        const kept_msg *some = &topic->kept[below(topic->count)];
        assert_non_null(tt_bus_find(fix.bus, topics[number], some->seq));
    }
}

static void clear(void)
{
    uint32_t number = (uint32_t)below(TOPICS);
    assert_int_equal(tt_bus_clear_history(fix.bus, topics[number]), plain.topics[number].count);
    plain.topics[number].count = 0;
}

static void check_all(void)
{
    tt_bus_dead dead = {0};
    for (uint32_t i = 0; i < plain.dead_count; i++) {
        assert_true(tt_bus_dead_next(fix.bus, dead.id, &dead));
        assert_int_equal(dead.head.seq, plain.dead[i].seq);
        assert_int_equal(dead.attempts, plain.dead[i].attempts);
        assert_int_equal(dead.first_failure.ns, plain.dead[i].first);
        assert_int_equal(dead.last_failure.ns, plain.dead[i].last);
    }
    assert_int_equal(tt_bus_dead_count(fix.bus), plain.dead_count);
    assert_int_equal(fix.bus->state->dead_lost, plain.dead_lost);
    for (uint32_t t = 0; t < TOPICS; t++) {
        uint32_t in_ring = 0;
        for (uint32_t i = 0; i < plain.topics[t].count; i++) {
            in_ring += is_in_ring(t, &plain.topics[t].kept[i]);
        }
        const tt_bus_topic_stats stats = fixture_stats(&fix, topics[t]);
        assert_int_equal(stats.history_count, in_ring);
        assert_int_equal(stats.latest_lost, 0);
        assert_int_equal(stats.expiry_untimed, 0);
        check_kept(fix.bus, topic_at(t));
    }
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
    for (uint32_t i = 0; i < fix.core.region_count; i++) {
        memcpy(fix.core.regions[i].data, at, fix.core.regions[i].size);
        at += fix.core.regions[i].size;
    }
    tt_error error = {0};
    assert_int_equal(tt_bus_restore(fix.bus, &error), TUTTI_OK);
    tt_random random = plain.random; // the future is another one
    plain = saved;
    plain.random = random;
    tt_bus_begin(fix.bus, (tt_time){plain.now});
}

static void operate(void)
{
    uint64_t what = below(1000);
    if (what < 450) {
        publish();
    } else if (what < 750) {
        step_in_time();
    } else if (what < 850) {
        check_latest();
    } else if (what < 920) {
        check_query();
    } else if (what < 999) {
        if (plain.dead_count > 0) {
            (what % 3 == 0 ? discard : redrive)();
        }
    } else if (below(20) == 0) {
        clear();
    }
}

/** Opens a bus of which nothing is known yet; the random numbers go on. */
static void open_bus(void)
{
    static const uint64_t calms[] = {1, 100, 1000, UINT64_MAX};
    tt_random random = plain.random;
    memset(&plain, 0, sizeof plain);
    plain.random = random;
    for (uint32_t t = 0; t < TOPICS; t++) {
        plain.calm[t] = calms[below(4)];
        plain.usual_key[t] = below(2 * KEYS);
    }
    fixture_open(
        &fix,
        &(tt_bus_options){
            .outbox_bytes = 256 << 10,
            .queue_messages = 64,
            .history_scale_pct = 12,
            .key_max = KEYS - 1,
            .dead_max = DEAD_MAX,
            .dead_bytes = 64 << 10,
            .idempotency_max = SEEN_MAX,
            .expiry_max = 256,
        });
    plain.now = T0_NS;
    plain.level_time = T0_NS;
    plain.level = (tt_i128)rate.burst * TT_NS_PER_S;
    const tt_bus_limits limits = {.topic = rate};
    assert_int_equal(tt_bus_limit(fix.bus, topics[TOPICS - 1], &limits), TUTTI_OK);
    for (uint32_t t = 0; t < TOPICS; t++) {
        assert_int_equal(tt_bus_subscribe(fix.bus, topics[t], "handler", handle, NULL), TUTTI_OK);
    }
}

static void make_room_for_snapshots(void)
{
    size_t size = 0;
    for (uint32_t i = 0; i < fix.core.region_count; i++) {
        size += fix.core.regions[i].size;
    }
    snapshot = malloc(size);
    assert_non_null(snapshot);
}

static void add_totals(tt_bus_topic_stats *sum)
{
    tt_bus_topic_stats totals;
    tt_bus_totals(fix.bus, &totals);
    sum->published += totals.published;
    sum->failed += totals.failed;
    sum->aged_out += totals.aged_out;
    sum->duplicates += totals.duplicates;
    sum->rate_limited += totals.rate_limited;
}

/** A fresh bus, of which the first snapshot is made. */
static void begin_again(tt_bus_topic_stats *sum)
{
    add_totals(sum);
    tt_arena_fini(&fix.arena);
    open_bus();
    save();
}

static uint64_t operations = OPERATIONS;

static void random_operations_match_the_model(void **state)
{
    (void)state;
    const char *wanted = getenv("TUTTI_TEST_SEED");
    uint64_t seed = wanted ? strtoull(wanted, NULL, 10) : 20;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_bus_topic_stats totals = {0};
    tt_random_init(&plain.random, seed, 0);
    open_bus();
    make_room_for_snapshots();
    save();
    for (uint64_t i = 0; i < operations; i++) {
        if (i % BUS_OPERATIONS == BUS_OPERATIONS - 1) {
            begin_again(&totals);
        }
        operate();
        if (i % 64 == 0) {
            check_all();
        }
        if (i % 5000 == 2000) {
            save();
        }
        if (i % 5000 == 2500) {
            load();
            check_all();
        }
    }
    add_totals(&totals);
    print_message(
        "keyed %llu, pinned %llu, indexed %llu\n",
        (unsigned long long)passed.keyed,
        (unsigned long long)passed.pinned,
        (unsigned long long)passed.indexed);
    print_message(
        "published %llu, failed %llu, left by age %llu, repeated %llu, limited %llu\n",
        (unsigned long long)totals.published,
        (unsigned long long)totals.failed,
        (unsigned long long)totals.aged_out,
        (unsigned long long)totals.duplicates,
        (unsigned long long)totals.rate_limited);
    assert_true(totals.aged_out > 0 && totals.duplicates > 0 && totals.rate_limited > 0);
    assert_true(passed.keyed > operations / 20 && passed.pinned > operations / 40);
    assert_true(passed.indexed > operations / 10000);
    free(snapshot);
    tt_arena_fini(&fix.arena);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        operations = strtoull(argv[1], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_match_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
