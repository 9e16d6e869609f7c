/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A history that does not stay in the cache is written past it. What it keeps is the same: each
 * kept message is compared byte by byte with what was sent.
 * Covers: bus_write.h
 */
#include "bus_fixture.h"

enum {
    WORDS = 10, /**< Of the payload: a block of 64 bytes and what is left over. */
    KEPT = 3
};

static const tt_bus_options options = {
    .topics_max = 2, .topic_bytes = FAR_POOL_BYTES, .key_max = 4};
static const tt_bus_options near_options = {
    .topics_max = 2, .topic_bytes = FAR_POOL_BYTES - 64, .key_max = 4};

/** Its topics, and what went out. */
struct far_bus {
    fixture fix;
    tt_topic kept;
    tt_topic other; /**< Keeps nothing. */
    uint64_t next;  /**< Number in the payload. */
};

static tt_topic declare(fixture *fix, const char *name, uint32_t history)
{
    const tt_bus_topic_decl decl = {
        .name = name,
        .schema = "a:u64 b:u64 c:u64 d:u64 e:u64 f:u64 g:u64 h:u64 i:u64 j:u64",
        .history_count = history,
        .key_max = 2,
        .kind = TT_msg_kind_EVENT,
    };
    tt_topic topic = TT_TOPIC_NONE;
    tt_error error = {0};
    assert_int_equal(tt_bus_declare(fix->bus, &decl, &topic, &error), TUTTI_OK);
    return topic;
}

static void open_far(struct far_bus *far, const tt_bus_options *as, uint32_t history)
{
    memset(far, 0, sizeof *far);
    fixture_open(&far->fix, as);
    far->kept = declare(&far->fix, "kept", history);
    far->other = declare(&far->fix, "other", 0);
    tt_bus_run(far->fix.bus);
}

static tt_seq publish(struct far_bus *far, tt_bus_post post)
{
    uint64_t payload[WORDS];
    tt_seq seq = 0;
    for (uint64_t i = 0; i < WORDS; i++) {
        payload[i] = far->next << 8 | i;
    }
    far->next++;
    post.payload = payload;
    assert_int_equal(tt_bus_publish(far->fix.bus, &post, &seq), TUTTI_OK);
    return seq;
}

static void let_others_publish(struct far_bus *far, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        fixture_later(&far->fix, 0);
        (void)publish(far, fixture_post(far->other));
        tt_bus_run(far->fix.bus);
    }
    fixture_later(&far->fix, 1);
}

static const struct topic *kept_topic(const struct far_bus *far)
{
    return &far->fix.bus->topics[topic_place((uint32_t)far->kept)];
}

/** Lets others publish until the next slot of the topic has left the cache, and no longer. */
static void be_far(struct far_bus *far)
{
    const struct topic *topic = kept_topic(far);
    const tt_seq last = topic->state->last_seq;
    let_others_publish(far, topic->far_gap - (uint32_t)(far->fix.bus->state->next_seq - last));
    assert_false(is_far(far->fix.bus, topic));
    let_others_publish(far, 1);
    assert_true(is_far(far->fix.bus, topic));
}

static const tt_msg *sent(const struct far_bus *far, tt_seq seq)
{
    const tt_msg *msg = NULL;
    do {
        msg = tt_bus_outbox_next(far->fix.bus, msg);
    } while (msg && msg->seq != seq);
    assert_non_null(msg);
    return msg;
}

/** Compares what is kept of a message with what was sent, and its payload with what was meant. */
static void expect_kept(struct far_bus *far, tt_seq seq, uint32_t key)
{
    const tt_msg *kept = fixture_latest(&far->fix, far->kept, TT_SOURCE_NONE, key);
    assert_non_null(kept);
    assert_int_equal(kept->seq, seq);
    assert_int_equal(kept->size, WORDS * sizeof(uint64_t));
    assert_memory_equal(kept, sent(far, seq), tt_msg_bytes(kept));
    const uint64_t *words = tt_msg_payload(kept);
    for (uint64_t i = 0; i < WORDS; i++) {
        assert_int_equal(words[i], (far->next - 1) << 8 | i);
    }
}

static uint64_t count_reads(void *ctx)
{
    return ++*(uint64_t *)ctx;
}

/** `reads`: what counts how often a stopwatch is read; NULL: nothing is measured. */
static void expect_kept_as_sent(uint64_t *reads)
{
    static struct far_bus far;
    open_far(&far, &options, KEPT);
    if (reads) {
        tt_bus_set_stopwatch(far.fix.bus, count_reads, reads, 1);
    }
    for (uint32_t round = 0; round < 3 * KEPT; round++) {
        uint32_t key = 1 + (round & 1);
        tt_bus_post post = fixture_post(far.kept);
        post.key = key;
        post.flags = TT_MSG_INPUT;
        be_far(&far);
        expect_kept(&far, publish(&far, post), key); // alone, of a fresh correlation
        be_far(&far);
        post.correlation = tt_uuid_make(7, 7, round);
        expect_kept(&far, publish(&far, post), key); // alone, of a given one
        be_far(&far);
        tt_bus_post other = fixture_post(far.other);
        other.flags = TT_MSG_INPUT;
        tt_seq cause = publish(&far, other);
        post = fixture_post(far.kept);
        post.key = key;
        tt_seq seq = publish(&far, post);
        expect_kept(&far, seq, key); // behind another one, of its correlation
        assert_int_equal(sent(&far, seq)->cause, cause);
        assert_true(tt_uuid_eq(sent(&far, seq)->correlation, sent(&far, cause)->correlation));
        expect_kept(&far, publish(&far, post), key); // near
        tt_bus_run(far.fix.bus);
    }
    assert_int_equal(kept_topic(&far)->state->ring_count, KEPT);
    assert_int_equal(kept_topic(&far)->state->pin_count, 1);
    tt_arena_fini(&far.fix.arena);
}

static void what_is_kept_is_what_was_sent(void **state)
{
    (void)state;
    expect_kept_as_sent(NULL);
}

static void what_is_measured_is_kept_as_it_was_sent(void **state)
{
    (void)state;
    uint64_t reads = 0;
    expect_kept_as_sent(&reads);
    assert_true(reads > 3 * KEPT * 3 * 2000); // nearly each message, when it is queued and taken
}

static void a_topic_is_far_when_its_pool_is_large(void **state)
{
    (void)state;
    static struct far_bus far;
    open_far(&far, &options, KEPT);
    // As many of its slots as fill FAR_BYTES have 64 bytes of head and 80 of payload each.
    assert_int_equal(kept_topic(&far)->far_gap, FAR_BYTES / (KEPT * (64 + 80)));
    tt_seq seq = publish(&far, fixture_post(far.kept));
    assert_int_equal(kept_topic(&far)->state->last_seq, seq);
    tt_arena_fini(&far.fix.arena);
    open_far(&far, &near_options, KEPT);
    assert_int_equal(kept_topic(&far)->far_gap, FAR_GAP_MAX);
    tt_arena_fini(&far.fix.arena);
    open_far(&far, &options, 10000);
    assert_int_equal(kept_topic(&far)->far_gap, FAR_GAP_MIN);
    tt_arena_fini(&far.fix.arena);
}

static void expect_next_slot(uint32_t history)
{
    static struct far_bus far;
    open_far(&far, &options, history);
    const struct topic *topic = kept_topic(&far);
    for (uint32_t i = 0; i < 4 * KEPT; i++) { // the latest of key 1 is pinned on the way
        tt_bus_post post = fixture_post(far.kept);
        post.key = i == 1 ? 1 : 2;
        (void)publish(&far, post);
        if (i > 0) { // the first one alone needs no index
            assert_int_equal(topic->state->next_slot, *ring_at(topic, topic->state->ring_head));
        }
    }
    assert_int_equal(topic->state->pin_count, 1);
    tt_arena_fini(&far.fix.arena);
}

static void the_next_slot_is_the_one_of_the_ring(void **state)
{
    (void)state;
    expect_next_slot(KEPT);
    expect_next_slot(1); // the place of the message that is pinned is the next one
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_what_was_sent),
        cmocka_unit_test(what_is_measured_is_kept_as_it_was_sent),
        cmocka_unit_test(a_topic_is_far_when_its_pool_is_large),
        cmocka_unit_test(the_next_slot_is_the_one_of_the_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
