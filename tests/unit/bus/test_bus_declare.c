/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Topics and sources declared at run time: what they keep, their bounds, and what a restart brings
 * back.
 * Covers: bus_declare.c bus_topics.c
 */
#include "bus_fixture.h"

static const tt_bus_options options = {
    .topics_max = 4, .sources_max = 2, .topic_bytes = 256 << 10, .key_max = 4};

static int setup(void **state)
{
    static fixture fix;
    fixture_open(&fix, &options);
    *state = &fix;
    return 0;
}

static tutti_status note(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'n', msg);
    return TUTTI_OK;
}

static tt_topic declare(fixture *fix, const tt_bus_topic_decl *decl)
{
    tt_topic topic = TT_TOPIC_NONE;
    tt_error error = {0};
    tutti_status status = tt_bus_declare(fix->bus, decl, &topic, &error);
    if (status != TUTTI_OK) {
        fail_msg("%s: %s", error.message, error.hint);
    }
    return topic;
}

static void expect_refusal(fixture *fix, const tt_bus_topic_decl *decl, tutti_status status)
{
    tt_topic topic = TT_TOPIC_CLOCK;
    tt_error error = {0};
    tt_seq seq = tt_bus_next_seq(fix->bus);
    assert_int_equal(tt_bus_declare(fix->bus, decl, &topic, &error), status);
    assert_int_equal(error.status, status);
    assert_true(error.message[0] != '\0' && error.hint[0] != '\0');
    assert_int_equal(topic, TT_TOPIC_CLOCK);
    assert_int_equal(tt_bus_next_seq(fix->bus), seq);
}

static void a_declared_topic_works_like_the_others(void **state)
{
    fixture *fix = *state;
    const tt_bus_topic_decl decl = {
        .name = "news",
        .schema = "at:u64 side:enum(up,down)",
        .ttl_ms = 5000,
        .history_count = 3,
        .key_max = 2,
        .kind = TT_msg_kind_SIGNAL,
        .priority = TT_priority_HIGH};
    tt_topic topic = declare(fix, &decl);
    assert_int_equal(topic, TT_TOPIC_USER_FIRST);
    assert_int_equal(tt_bus_subscribe(fix->bus, topic, "n", note, fix), TUTTI_OK);
    tt_seq seq = fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 2);
    tt_bus_run(fix->bus);
    const tt_msg *msg = fixture_latest(fix, topic, TT_SOURCE_NONE, 2);
    assert_non_null(msg);
    assert_int_equal(msg->seq, seq);
    assert_int_equal(msg->topic, topic);
    assert_int_equal(msg->ttl_ms, 5000);
    assert_int_equal(msg->kind, TT_msg_kind_SIGNAL);
    assert_int_equal(msg->priority, TT_priority_HIGH);
    assert_int_equal(msg->size, 16);
    assert_string_equal(fix->log, "n2 ");
    assert_ptr_equal(tt_bus_find(fix->bus, topic, seq), msg);
    assert_int_equal(fixture_stats(fix, topic).published, 1);
    assert_int_equal(fixture_stats(fix, topic).delivered, 1);
    tt_bus_post post = fixture_post(topic);
    post.key = 3;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_INVALID);
    assert_int_equal(fixture_stats(fix, topic).invalid, 1);
    assert_int_equal(fixture_dead(fix).dead_topic, topic);
    fixture_later(fix, 5);
    assert_non_null(fixture_latest(fix, topic, TT_SOURCE_NONE, 2));
    fixture_later(fix, 1);
    assert_null(fixture_latest(fix, topic, TT_SOURCE_NONE, 2));
}

static void a_declaration_is_told_once(void **state)
{
    fixture *fix = *state;
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_TOPIC_DECLARATIONS, "n", note, fix), TUTTI_OK);
    tt_bus_topic_decl decl = {.name = "a", .schema = " x:u64,", .rate_per_s = 5, .burst = 9};
    tt_topic topic = declare(fix, &decl);
    decl.schema = "x:u64";
    assert_int_equal(declare(fix, &decl), topic);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n1 ");
    const tt_msg *msg = tt_bus_history(fix->bus, TT_TOPIC_TOPIC_DECLARATIONS, NULL);
    const tt_topic_declaration *told = TT_PAYLOAD(msg, TOPIC_DECLARATIONS, topic_declaration);
    assert_int_equal(told->topic_id, topic);
    assert_string_equal(told->name, "a");
    assert_string_equal(told->schema, "x:u64");
    assert_int_equal(told->ttl_ms, 300000);
    assert_int_equal(told->rate_per_s, 5);
    assert_int_equal(told->burst, 9);
    assert_int_equal(msg->source, TT_SOURCE_BUS);
    assert_int_equal(msg->ttl_ms, 0);
    assert_memory_equal(
        told, tt_registry_declaration(tt_bus_registry(fix->bus), (uint16_t)topic), sizeof *told);
}

static void other_content_under_a_name_is_refused(void **state)
{
    fixture *fix = *state;
    tt_bus_topic_decl decl = {.name = "a", .schema = "x:u64", .history_count = 2};
    (void)declare(fix, &decl);
    decl.schema = "x:i64";
    expect_refusal(fix, &decl, TUTTI_EXISTS);
    decl.schema = "x:u64";
    decl.history_count = 3;
    expect_refusal(fix, &decl, TUTTI_EXISTS);
    decl.name = "fills";
    expect_refusal(fix, &decl, TUTTI_EXISTS);
    decl.name = "b c";
    expect_refusal(fix, &decl, TUTTI_INVALID);
    decl.name = "b";
    decl.schema = "x";
    expect_refusal(fix, &decl, TUTTI_PARSE);
}

static void topics_and_their_bytes_are_bounded(void **state)
{
    fixture *fix = *state;
    tt_bus_topic_decl decl = {.name = "large", .schema = "x:text[960]", .history_count = 1000};
    expect_refusal(fix, &decl, TUTTI_LIMIT);
    decl.history_count = UINT32_MAX;
    decl.key_max = UINT32_MAX - 1;
    expect_refusal(fix, &decl, TUTTI_LIMIT);
    decl.history_count = 200;
    decl.key_max = 0;
    (void)declare(fix, &decl); // about 1 KiB each
    decl.name = "second";
    expect_refusal(fix, &decl, TUTTI_LIMIT);
    decl.history_count = 10;
    (void)declare(fix, &decl);
    char name[16];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(name, sizeof name, "bare%d", i);
        (void)declare(fix, &(tt_bus_topic_decl){.name = name, .schema = "x:u8"});
    }
    expect_refusal(fix, &(tt_bus_topic_decl){.name = "more", .schema = "x:u8"}, TUTTI_LIMIT);
    assert_int_equal(
        tt_bus_subscribe(fix->bus, (tt_topic)(TT_TOPIC_USER_FIRST + 4), "n", note, fix),
        TUTTI_INVALID);
}

/** Bytes that a topic takes of the pool: whole lines of index and slots. */
static uint32_t taken_by(const fixture *fix, tt_topic topic_id)
{
    const struct topic *topic = &fix->bus->topics[topic_place((uint32_t)topic_id)];
    uint64_t numbers = tt_bus_index_count(topic, fix->bus->source_max) * sizeof(uint32_t);
    return (
        uint32_t)((numbers + 63) / 64 * 64 + (slot_count(topic) * topic->stride + 63) / 64 * 64);
}

/** Indexes fill the pool from its start, slots from its last whole line, until they meet. */
static void a_pool_is_used_to_its_last_line(void **state)
{
    const tt_bus_topic_decl first = {
        .name = "first", .schema = "x:u64", .history_count = 3, .key_max = 2};
    tt_bus_topic_decl second = first;
    second.name = "second";
    uint32_t need = 2 * taken_by(*state, declare(*state, &first));
    tt_topic topics[2];
    fixture tight;
    tt_bus_options bounds = {.topics_max = 2, .sources_max = 2, .topic_bytes = need - 1};
    fixture_open(&tight, &bounds);
    (void)declare(&tight, &first);
    expect_refusal(&tight, &second, TUTTI_LIMIT);
    tt_arena_fini(&tight.arena);

    bounds.topic_bytes = need + 63;
    fixture_open(&tight, &bounds);
    for (int i = 0; i < 2; i++) {
        topics[i] = declare(&tight, i == 0 ? &first : &second);
        const struct topic *topic = &tight.bus->topics[topic_place((uint32_t)topics[i])];
        assert_int_equal((uintptr_t)topic->slots % 64, 0);
    }
    tt_seq last[2][3];
    for (uint32_t i = 0; i < 30; i++) {
        last[i % 2][i % 3] = fixture_publish_keyed(&tight, topics[i % 2], TT_SOURCE_FEED, i % 3);
    }
    tt_bus_run(tight.bus);
    for (uint32_t i = 0; i < 6; i++) {
        const tt_msg *msg = fixture_latest(&tight, topics[i % 2], TT_SOURCE_FEED, i % 3);
        assert_non_null(msg);
        assert_int_equal(msg->seq, last[i % 2][i % 3]);
        assert_int_equal(msg->topic, topics[i % 2]);
    }
    tt_arena_fini(&tight.arena);
}

static void a_declaration_without_room_changes_nothing(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.topics_max = 1, .sources_max = 1, .queue_messages = 1});
    fixture_publish_keyed(&small, TT_TOPIC_FILLS, TT_SOURCE_FEED, 0); // fills the lane
    tt_error error;
    tt_topic topic = TT_TOPIC_NONE;
    tt_source source = TT_SOURCE_NONE;
    const tt_bus_topic_decl decl = {.name = "a", .schema = "x:u8"};
    assert_int_equal(tt_bus_declare(small.bus, &decl, &topic, &error), TUTTI_LIMIT);
    assert_int_equal(tt_bus_declare_source(small.bus, "s", &source, &error), TUTTI_LIMIT);
    assert_int_equal(tt_registry_topic_count(tt_bus_registry(small.bus)), 0);
    assert_int_equal(tt_registry_source_count(tt_bus_registry(small.bus)), 0);
    tt_bus_run(small.bus);
    assert_int_equal(tt_bus_declare(small.bus, &decl, &topic, &error), TUTTI_OK);
    tt_arena_fini(&small.arena);
}

static void history_is_bounded_by_number_and_by_bytes(void **state)
{
    fixture *fix = *state;
    const uint32_t slot = sizeof(tt_msg) + 16;
    const tt_bus_topic_decl decls[] = {
        {.name = "count", .schema = "x:u64", .history_count = 3, .history_bytes = 100 * slot},
        {.name = "bytes", .schema = "x:u64", .history_count = 9, .history_bytes = 4 * slot + 9},
        {.name = "one", .schema = "x:u64", .history_count = 9, .history_bytes = 1},
    };
    const uint32_t kept[] = {3, 4, 1};
    for (size_t i = 0; i < 3; i++) {
        tt_topic topic = declare(fix, &decls[i]);
        for (int n = 0; n < 20; n++) {
            fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 0);
        }
        assert_int_equal(fixture_stats(fix, topic).history_count, kept[i]);
        tt_bus_run(fix->bus);
    }
}

static void without_history_nothing_is_kept(void **state)
{
    fixture *fix = *state;
    tt_topic topic =
        declare(fix, &(tt_bus_topic_decl){.name = "bare", .schema = "x:u64", .key_max = 1000000});
    assert_int_equal(tt_bus_subscribe(fix->bus, topic, "n", note, fix), TUTTI_OK);
    tt_seq seq = fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 1000000);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n2 ");
    assert_null(fixture_latest(fix, topic, TT_SOURCE_NONE, 1000000));
    assert_null(fixture_latest(fix, topic, TT_SOURCE_FEED, 0));
    assert_null(tt_bus_find(fix->bus, topic, seq));
    assert_null(tt_bus_history(fix->bus, topic, NULL));
    assert_int_equal(fixture_stats(fix, topic).published, 1);
    assert_int_equal(fixture_stats(fix, topic).history_count, 0);
}

static void the_latest_of_each_key_survives(void **state)
{
    fixture *fix = *state;
    tt_topic topic = declare(
        fix,
        &(tt_bus_topic_decl){
            .name = "keyed", .schema = "x:u64", .history_count = 2, .key_max = 50});
    tt_seq first = fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 0);
    for (uint32_t key = 1; key <= 50; key++) {
        fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, key);
    }
    for (uint32_t key = 0; key <= 50; key++) {
        assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_NONE, key)->seq, first + key);
        assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_FEED, key)->seq, first + key);
    }
    assert_int_equal(fixture_stats(fix, topic).latest_lost, 0);
}

/** A struct of 9 bytes whose copy must not read or keep anything else. */
struct odd {
    uint8_t first;
    uint32_t number;
    uint8_t last;
};

static void a_plain_struct_is_published_without_its_gaps(void **state)
{
    fixture *fix = *state;
    tt_topic topic = declare(
        fix,
        &(tt_bus_topic_decl){
            .name = "odd", .schema = "first:u8 number:u32 last:u8", .history_count = 1});
    struct odd *odd = malloc(sizeof *odd); // a sanitizer sees any read beyond it
    assert_non_null(odd);
    memset(odd, 0xEE, sizeof *odd);
    odd->first = 1;
    odd->number = 2;
    odd->last = 3;
    tt_bus_post post = fixture_post(topic);
    post.payload = odd;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    free(odd);
    static const unsigned char expected[16] = {1, 0, 0, 0, 2, 0, 0, 0, 3};
    const tt_msg *kept = fixture_latest(fix, topic, TT_SOURCE_NONE, 0);
    assert_memory_equal(tt_msg_payload(kept), expected, sizeof expected);
    const tt_msg *sent = tt_bus_outbox_next(fix->bus, tt_bus_outbox_next(fix->bus, NULL));
    assert_memory_equal(sent, kept, tt_msg_bytes(sent));
}

struct whole {
    uint8_t first;
    uint64_t number;
};

/** Publishes a struct whose bytes were all something else before it was filled. */
static const tt_msg *publish_struct(fixture *fix, tt_topic topic, const void *payload)
{
    tt_bus_post post = fixture_post(topic);
    post.payload = payload;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    return fixture_latest(fix, topic, TT_SOURCE_NONE, 0);
}

/** A struct that needs no bytes behind its end. */
static void a_gap_within_whole_words_becomes_zero(void **state)
{
    fixture *fix = *state;
    tt_topic topic = declare(
        fix,
        &(tt_bus_topic_decl){.name = "whole", .schema = "first:u8 number:u64", .history_count = 1});
    struct whole *whole = malloc(sizeof *whole);
    assert_non_null(whole);
    memset(whole, 0xEE, sizeof *whole);
    whole->first = 0xF1;
    whole->number = UINT64_MAX;
    const tt_msg *kept = publish_struct(fix, topic, whole);
    free(whole);
    static const unsigned char expected[16] = {
        0xF1, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    assert_int_equal(kept->size, sizeof expected);
    assert_memory_equal(tt_msg_payload(kept), expected, sizeof expected);
    const tt_msg *sent = tt_bus_outbox_next(fix->bus, tt_bus_outbox_next(fix->bus, NULL));
    assert_memory_equal(sent, kept, tt_msg_bytes(sent));
}

/** A decimal stands at a multiple of sixteen: what lies before it is more than one word. */
static void a_gap_of_two_words_becomes_zero(void **state)
{
    fixture *fix = *state;
    tt_topic topic = declare(
        fix,
        &(tt_bus_topic_decl){.name = "wide", .schema = "first:u8 cost:price", .history_count = 1});
    unsigned char *wide = aligned_alloc(16, 32);
    assert_non_null(wide);
    memset(wide, 0xEE, 32);
    const tt_msg *kept = publish_struct(fix, topic, wide);
    free(wide);
    unsigned char expected[32] = {0xEE};
    memset(expected + 16, 0xEE, 16);
    assert_int_equal(kept->size, sizeof expected);
    assert_memory_equal(tt_msg_payload(kept), expected, sizeof expected);
    const tt_msg *sent = tt_bus_outbox_next(fix->bus, tt_bus_outbox_next(fix->bus, NULL));
    assert_memory_equal(sent, kept, tt_msg_bytes(sent));
}

static void bytes_without_fields_travel(void **state)
{
    fixture *fix = *state;
    tt_topic topic = declare(
        fix, &(tt_bus_topic_decl){.name = "raw", .schema = "bytes[100]", .history_count = 1});
    struct {
        uint16_t count;
        unsigned char bytes[100];
    } raw = {.count = 15, .bytes = {9, 8, 7}};
    memset(raw.bytes + 15, 0xEE, 85);
    tt_bus_post post = fixture_post(topic);
    post.payload = &raw;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    const tt_msg *msg = fixture_latest(fix, topic, TT_SOURCE_NONE, 0);
    assert_int_equal(msg->size, 32);
    const unsigned char *bytes = tt_msg_payload(msg);
    assert_int_equal(bytes[2], 9);
    assert_int_equal(bytes[17], 0); // behind the fifteen
    raw.count = 0;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    assert_int_equal(fixture_latest(fix, topic, TT_SOURCE_NONE, 0)->size, 16);
    raw.count = 101;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_INVALID);
}

static void times_to_live_default_and_never(void **state)
{
    fixture *fix = *state;
    tt_topic some = declare(fix, &(tt_bus_topic_decl){.name = "some", .schema = "x:u8"});
    tt_topic never = declare(
        fix, &(tt_bus_topic_decl){.name = "never", .schema = "x:u8", .ttl_ms = TT_TTL_NEVER});
    fixture_publish_keyed(fix, some, TT_SOURCE_FEED, 0);
    fixture_publish_keyed(fix, never, TT_SOURCE_FEED, 0);
    const tt_msg *msg = NULL;
    uint32_t ttl[4];
    for (int i = 0; i < 4; i++) {
        msg = tt_bus_outbox_next(fix->bus, msg);
        ttl[i] = msg->ttl_ms;
    }
    assert_int_equal(ttl[2], 300000);
    assert_int_equal(ttl[3], 0);
}

static void sources_are_declared(void **state)
{
    fixture *fix = *state;
    tt_source robot = TT_SOURCE_NONE;
    tt_source again = TT_SOURCE_NONE;
    tt_source other = TT_SOURCE_NONE;
    tt_error error = {0};
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.source = (tt_source)TT_SOURCE_USER_FIRST;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_INVALID);
    assert_int_equal(fixture_dead(fix).dead_source, TT_SOURCE_NONE);
    assert_int_equal(tt_bus_declare_source(fix->bus, "robot", &robot, &error), TUTTI_OK);
    assert_int_equal(robot, TT_SOURCE_USER_FIRST);
    assert_int_equal(tt_bus_declare_source(fix->bus, "robot", &again, &error), TUTTI_OK);
    assert_int_equal(again, robot);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_SOURCE_DECLARATIONS).published, 1);
    assert_int_equal(tt_bus_declare_source(fix->bus, "feed", &other, &error), TUTTI_EXISTS);
    assert_int_equal(tt_bus_declare_source(fix->bus, "a b", &other, &error), TUTTI_INVALID);
    assert_int_equal(tt_bus_declare_source(fix->bus, "", &other, &error), TUTTI_INVALID);
    assert_int_equal(tt_bus_declare_source(fix->bus, NULL, &other, &error), TUTTI_INVALID);
    assert_int_equal(tt_bus_declare_source(fix->bus, "second", &other, &error), TUTTI_OK);
    assert_int_equal(other, TT_SOURCE_USER_FIRST + 1);
    assert_int_equal(tt_bus_declare_source(fix->bus, "third", &other, &error), TUTTI_LIMIT);
    assert_string_equal(error.hint, "raise sources_max");
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    tt_seq seq = fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 0);
    assert_int_equal(fixture_latest(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 0)->seq, seq);
    assert_int_equal(fixture_latest(fix, TT_TOPIC_CLOCK, robot, 0)->seq, seq - 1);
    assert_null(fixture_latest(fix, TT_TOPIC_CLOCK, other, 0));
}

static tutti_status declare_in_handler(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    fixture *fix = ctx;
    tt_topic topic = TT_TOPIC_NONE;
    tt_error error;
    const tt_bus_topic_decl decl = {.name = "inner", .schema = "x:u8", .history_count = 1};
    assert_int_equal(tt_bus_declare(bus, &decl, &topic, &error), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(bus, topic, "n", note, fix), TUTTI_OK);
    fixture_note(fix, 'd', msg);
    fixture_publish(fix, topic);
    return TUTTI_OK;
}

static void a_handler_may_declare(void **state)
{
    fixture *fix = *state;
    assert_int_equal(
        tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "d", declare_in_handler, fix), TUTTI_OK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "d1 n3 ");
    const tt_msg *told = tt_bus_history(fix->bus, TT_TOPIC_TOPIC_DECLARATIONS, NULL);
    assert_int_equal(told->cause, 1);
}

static void copy_regions(const fixture *from, fixture *to)
{
    assert_int_equal(from->core.region_count, to->core.region_count);
    for (uint32_t i = 0; i < from->core.region_count; i++) {
        assert_int_equal(from->core.regions[i].size, to->core.regions[i].size);
        memcpy(to->core.regions[i].data, from->core.regions[i].data, to->core.regions[i].size);
    }
}

static void fill(fixture *fix)
{
    tt_source source = TT_SOURCE_NONE;
    tt_error error;
    (void)declare(
        fix,
        &(tt_bus_topic_decl){.name = "a", .schema = "x:u64", .history_count = 5, .key_max = 3});
    (void)declare(fix, &(tt_bus_topic_decl){.name = "b", .schema = "bytes[9]"});
    (void)declare(
        fix, &(tt_bus_topic_decl){.name = "c", .schema = "x:u8", .history_count = 2, .key_max = 9});
    assert_int_equal(tt_bus_declare_source(fix->bus, "robot", &source, &error), TUTTI_OK);
}

static void run_some(fixture *fix)
{
    for (unsigned i = 0; i < 500; i++) {
        fixture_later(fix, 1);
        tt_topic topic = (tt_topic)(TT_TOPIC_USER_FIRST + i % 3);
        tt_source source = (tt_source)(i % 2 == 0 ? TT_SOURCE_USER_FIRST : 1 + i % 5);
        fixture_publish_keyed(fix, topic, source, i % 3 == 1 ? 0 : i % 4);
        tt_bus_run(fix->bus);
    }
}

/** A restart changes nothing, whether the topics were declared before or not. */
static void a_restart_brings_declared_topics_back(void **state)
{
    fixture *original = *state;
    fixture restarted;
    fill(original);
    run_some(original);
    for (int is_declared = 0; is_declared < 2; is_declared++) {
        fixture_open(&restarted, &options);
        if (is_declared) {
            fill(&restarted);
            tt_bus_run(restarted.bus);
        }
        copy_regions(original, &restarted);
        assert_int_equal(tt_bus_restore(restarted.bus, NULL), TUTTI_OK);
        fill(&restarted); // the same once more: no message
        assert_int_equal(tt_bus_next_seq(restarted.bus), tt_bus_next_seq(original->bus));
        fixture twin;
        fixture_open(&twin, &options);
        fill(&twin);
        run_some(&twin);
        run_some(&twin);
        run_some(&restarted);
        for (uint32_t i = 0; i < restarted.core.region_count; i++) {
            const tt_region *one = &twin.core.regions[i];
            assert_memory_equal(one->data, restarted.core.regions[i].data, one->size);
        }
        tt_arena_fini(&twin.arena);
        tt_arena_fini(&restarted.arena);
    }
}

static void a_state_of_other_topics_is_refused(void **state)
{
    fixture *original = *state;
    fixture other;
    tt_error error = {0};
    fill(original);
    tt_bus_run(original->bus);
    fixture_open(&other, &options);
    (void)declare(&other, &(tt_bus_topic_decl){.name = "z", .schema = "x:u64"});
    copy_regions(original, &other);
    assert_int_equal(tt_bus_restore(other.bus, &error), TUTTI_VERSION);
    assert_string_equal(error.message, "topic 1024: declared otherwise");
    tt_arena_fini(&other.arena);
    fixture_open(&other, &options);
    copy_regions(original, &other);
    size_t size = 0;
    struct {
        uint32_t counts[4];
        tt_topic_declaration topics[];
    } *records = tt_registry_state((tt_registry *)(uintptr_t)tt_bus_registry(other.bus), &size);
    records->topics[0].topic_id = 0; // a hole in front
    assert_int_equal(tt_bus_restore(other.bus, &error), TUTTI_CORRUPT);
    tt_arena_fini(&other.arena);
    fixture_open(&other, &options);
    copy_regions(original, &other);
    records = tt_registry_state((tt_registry *)(uintptr_t)tt_bus_registry(other.bus), &size);
    records->topics[0].history_count = UINT32_MAX; // larger than the pool
    assert_int_equal(tt_bus_restore(other.bus, &error), TUTTI_CORRUPT);
    tt_arena_fini(&other.arena);
}

#define DECLARE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DECLARE_TEST(a_declared_topic_works_like_the_others),
        DECLARE_TEST(a_declaration_is_told_once),
        DECLARE_TEST(other_content_under_a_name_is_refused),
        DECLARE_TEST(topics_and_their_bytes_are_bounded),
        DECLARE_TEST(a_pool_is_used_to_its_last_line),
        DECLARE_TEST(a_declaration_without_room_changes_nothing),
        DECLARE_TEST(history_is_bounded_by_number_and_by_bytes),
        DECLARE_TEST(without_history_nothing_is_kept),
        DECLARE_TEST(the_latest_of_each_key_survives),
        DECLARE_TEST(a_plain_struct_is_published_without_its_gaps),
        DECLARE_TEST(a_gap_within_whole_words_becomes_zero),
        DECLARE_TEST(a_gap_of_two_words_becomes_zero),
        DECLARE_TEST(bytes_without_fields_travel),
        DECLARE_TEST(times_to_live_default_and_never),
        DECLARE_TEST(sources_are_declared),
        DECLARE_TEST(a_handler_may_declare),
        DECLARE_TEST(a_restart_brings_declared_topics_back),
        DECLARE_TEST(a_state_of_other_topics_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
