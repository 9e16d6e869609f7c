/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Subscriptions: what they ask for, their order, their bounds, their end at any time, and how a
 * late one begins.
 */
#include "bus_fixture.h"

static const tt_bus_options options = {.topics_max = 8, .sources_max = 4, .key_max = 8};

static int setup(void **state)
{
    static fixture fix;
    fixture_open(&fix, &options);
    *state = &fix;
    return 0;
}

/** A handler that writes its letter down; which one is told by `ctx`. */
struct noter {
    fixture *fix;
    char letter;
};
static struct noter noters[26];

static void *noter(fixture *fix, char letter)
{
    noters[letter - 'a'] = (struct noter){fix, letter};
    return &noters[letter - 'a'];
}

static tutti_status note(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    const struct noter *self = ctx;
    (void)bus;
    fixture_note(self->fix, self->letter, msg);
    return TUTTI_OK;
}

/** A request that notes `letter`; change what a test is about. */
static tt_bus_subscription request_of(fixture *fix, char letter, tt_topic topic)
{
    static const char names[26][2] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    return (tt_bus_subscription){
        .name = names[letter - 'a'], .topic = topic, .handler = note, .ctx = noter(fix, letter)};
}

static uint64_t subscribe(fixture *fix, const tt_bus_subscription *request)
{
    uint64_t id = 0;
    assert_int_equal(tt_bus_subscribe_to(fix->bus, request, &id), TUTTI_OK);
    assert_true(id != 0);
    return id;
}

static uint64_t subscribe_pattern(fixture *fix, char letter, const char *pattern)
{
    tt_bus_subscription request = request_of(fix, letter, TT_TOPIC_NONE);
    request.pattern = pattern;
    return subscribe(fix, &request);
}

static tt_topic declare(fixture *fix, const char *name, uint32_t history)
{
    tt_topic topic = TT_TOPIC_NONE;
    const tt_bus_topic_decl decl = {
        .name = name, .schema = "x:u64", .history_count = history, .key_max = 8};
    assert_int_equal(tt_bus_declare(fix->bus, &decl, &topic, NULL), TUTTI_OK);
    return topic;
}

static void run(fixture *fix)
{
    fix->log[0] = '\0';
    tt_bus_run(fix->bus);
}

static void exact_ones_come_before_patterns_then_by_order(void **state)
{
    fixture *fix = *state;
    (void)subscribe_pattern(fix, 'a', "market_data.*");
    tt_bus_subscription request = request_of(fix, 'b', TT_TOPIC_MARKET_BAR);
    (void)subscribe(fix, &request);
    (void)subscribe_pattern(fix, 'c', "*");
    request = request_of(fix, 'd', TT_TOPIC_MARKET_BAR);
    (void)subscribe(fix, &request);
    (void)subscribe_pattern(fix, 'e', "market_data.b?r");
    fixture_publish(fix, TT_TOPIC_MARKET_BAR);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    run(fix);
    assert_string_equal(fix->log, "b1 d1 a1 c1 e1 c2 ");
    assert_int_equal(tt_bus_subscriber_count(fix->bus, TT_TOPIC_MARKET_BAR), 5);
    assert_int_equal(tt_bus_subscriber_count(fix->bus, TT_TOPIC_CLOCK), 1);
    assert_int_equal(tt_bus_subscriber_count(fix->bus, TT_TOPIC_NONE), 5);
}

static void patterns_hold_for_later_topics(void **state)
{
    fixture *fix = *state;
    (void)subscribe_pattern(fix, 'a', "news.*");
    tt_topic topic = declare(fix, "news.rss", 0);
    (void)declare(fix, "new", 0);
    tt_bus_subscription request = request_of(fix, 'b', topic);
    (void)subscribe(fix, &request);
    fixture_publish(fix, topic);
    run(fix);
    assert_string_equal(fix->log, "b3 a3 ");
}

static void one_subscriber_may_have_several(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_CLOCK);
    uint64_t first = subscribe(fix, &request);
    request.key = 2;
    uint64_t second = subscribe(fix, &request);
    assert_true(first != second);
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 2);
    run(fix);
    assert_string_equal(fix->log, "a1 a1 ");
    assert_true(tt_bus_unsubscribe_id(fix->bus, first));
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 1);
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 2);
    run(fix);
    assert_string_equal(fix->log, "a3 ");
    assert_int_equal(tt_bus_unsubscribe(fix->bus, TT_TOPIC_CLOCK, "a"), 1);
}

static tt_bus_match even_keys(void *ctx, const tt_msg *msg)
{
    (void)ctx;
    if (msg->key == 5) {
        return TT_BUS_MATCH_FAILED;
    }
    return msg->key % 2 == 0 ? TT_BUS_MATCH_YES : TT_BUS_MATCH_NO;
}

static void filters_are_counted(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_CLOCK);
    request.filter = even_keys;
    (void)subscribe(fix, &request);
    for (uint32_t key = 0; key < 6; key++) {
        fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, key);
    }
    run(fix);
    assert_string_equal(fix->log, "a1 a3 a5 ");
    tt_bus_topic_stats stats = fixture_stats(fix, TT_TOPIC_CLOCK);
    assert_int_equal(stats.delivered, 3);
    assert_int_equal(stats.filtered, 2);
    assert_int_equal(stats.filter_failed, 1);
    assert_int_equal(stats.failed, 0); // no failed delivery
    tt_bus_subscriber_stats own;
    assert_true(tt_bus_subscriber_stats_get(fix->bus, TT_TOPIC_CLOCK, 0, &own));
    assert_int_equal(own.filtered, 2);
    assert_int_equal(own.filter_failed, 1);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_DEAD_LETTERS).published, 0);
}

static void key_source_and_priority_are_asked_for(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription request = request_of(fix, 'k', TT_TOPIC_CLOCK);
    request.name = "k";
    request.key = 3;
    (void)subscribe(fix, &request);
    request = request_of(fix, 's', TT_TOPIC_CLOCK);
    request.name = "s";
    request.source = TT_SOURCE_RISK;
    (void)subscribe(fix, &request);
    request = request_of(fix, 'p', TT_TOPIC_CLOCK);
    request.name = "p";
    request.min_priority = TT_priority_HIGH;
    (void)subscribe(fix, &request);
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.key = 3;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.source = TT_SOURCE_RISK;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.priority = TT_priority_URGENT;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.priority = TT_priority_HIGH;
    post.key = 0;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    run(fix);
    assert_string_equal(fix->log, "k4 s4 p4 s5 p5 k2 k3 s3 ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).filtered, 15 - 8);
}

static void directed_messages_reach_their_address_alone(void **state)
{
    fixture *fix = *state;
    tt_source robot = TT_SOURCE_NONE;
    assert_int_equal(tt_bus_declare_source(fix->bus, "robot", &robot, NULL), TUTTI_OK);
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_CLOCK);
    (void)subscribe(fix, &request);
    request = request_of(fix, 'b', TT_TOPIC_CLOCK);
    request.address = robot;
    (void)subscribe(fix, &request);
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.target = robot;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.target = TT_SOURCE_RISK; // nobody has this address
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.target = TT_SOURCE_NONE;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    run(fix);
    assert_string_equal(fix->log, "b2 a4 b4 ");
    assert_int_equal(tt_bus_history(fix->bus, TT_TOPIC_CLOCK, NULL)->target, 0);
    post.target = (tt_source)(robot + 1);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_INVALID);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).filtered, 0);
}

static void a_directed_message_passes_the_only_handler_by(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_CLOCK);
    (void)subscribe(fix, &request);
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    post.target = TT_SOURCE_RISK;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    run(fix);
    assert_string_equal(fix->log, "a1 ");
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK); // alone in the queue
    run(fix);
    assert_string_equal(fix->log, "");
}

struct ender {
    uint64_t id;
    uint32_t calls;
};

static tutti_status end_itself(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct ender *ender = ctx;
    (void)msg;
    ender->calls++;
    return tt_bus_unsubscribe_id(bus, ender->id) ? TUTTI_OK : TUTTI_STATE;
}

static void the_slot_of_who_ends_itself_is_free_after_the_delivery(void **state)
{
    fixture fix;
    struct ender ender = {0};
    (void)state;
    fixture_open(&fix, &(tt_bus_options){.subscriptions_max = 2});
    const tt_bus_subscription request = {
        .name = "once", .topic = TT_TOPIC_CLOCK, .handler = end_itself, .ctx = &ender};
    for (uint32_t i = 0; i < 5; i++) {
        ender.id = subscribe(&fix, &request);
        (void)fixture_publish(&fix, TT_TOPIC_CLOCK);
        (void)fixture_publish(&fix, TT_TOPIC_CLOCK); // for nobody
        tt_bus_run(fix.bus);
        assert_int_equal(ender.calls, i + 1);
        assert_int_equal(tt_bus_subscriber_count(fix.bus, TT_TOPIC_NONE), 0);
    }
    tt_arena_fini(&fix.arena);
}

static void a_message_has_its_own_time_to_live_and_kind(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_MARKET_BAR);
    (void)subscribe(fix, &request);
    tt_bus_post post = fixture_post(TT_TOPIC_MARKET_BAR);
    post.ttl_ms = 1500;
    post.kind = TT_msg_kind_VETO + 1;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    const tt_msg *msg = fixture_latest(fix, TT_TOPIC_MARKET_BAR, TT_SOURCE_NONE, 0);
    assert_int_equal(msg->ttl_ms, 1500);
    assert_int_equal(msg->kind, TT_msg_kind_VETO);
    tt_time published = tt_bus_now(fix->bus);
    tt_bus_begin(fix->bus, (tt_time){published.ns + 1500 * TT_NS_PER_MS});
    assert_non_null(fixture_latest(fix, TT_TOPIC_MARKET_BAR, TT_SOURCE_NONE, 0)); // not older
    tt_bus_begin(fix->bus, (tt_time){published.ns + 1500 * TT_NS_PER_MS + 1});
    assert_null(fixture_latest(fix, TT_TOPIC_MARKET_BAR, TT_SOURCE_NONE, 0));
    run(fix);
    assert_string_equal(fix->log, "");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_MARKET_BAR).expired, 1);
    post.ttl_ms = TT_TTL_NEVER;
    post.kind = 0;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
    msg = fixture_latest(fix, TT_TOPIC_MARKET_BAR, TT_SOURCE_NONE, 0);
    assert_int_equal(msg->ttl_ms, 0);
    assert_int_equal(msg->kind, TT_msg_kind_EVENT);
    post.kind = TT_msg_kind_COUNT + 1;
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_INVALID);
}

static void wrong_requests_are_refused(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription good = request_of(fix, 'a', TT_TOPIC_CLOCK);
    tt_bus_subscription wrong[10];
    for (size_t i = 0; i < 10; i++) {
        wrong[i] = good;
    }
    wrong[0].name = NULL;
    wrong[1].handler = NULL;
    wrong[2].topic = TT_TOPIC_COUNT;
    wrong[3].topic = TT_TOPIC_NONE;
    wrong[4].pattern = "*";
    wrong[5].topic = TT_TOPIC_NONE;
    wrong[5].pattern = "a b";
    wrong[6].address = (tt_source)TT_SOURCE_USER_FIRST;
    wrong[7].source = TT_SOURCE_COUNT;
    wrong[8].min_priority = TT_priority_COUNT;
    wrong[9].topic = (tt_topic)TT_TOPIC_USER_FIRST;
    for (size_t i = 0; i < 10; i++) {
        uint64_t id = 77;
        assert_int_equal(tt_bus_subscribe_to(fix->bus, &wrong[i], &id), TUTTI_INVALID);
        assert_int_equal(id, 77);
    }
    assert_int_equal(tt_bus_subscriber_count(fix->bus, TT_TOPIC_NONE), 0);
}

/** Whoever came before, on the topic or by pattern: who asks for what was said last gets it. */
static void the_latest_comes_to_a_later_subscription_too(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription first = request_of(fix, 'a', TT_TOPIC_CLOCK);
    tt_bus_subscription third = request_of(fix, 'c', TT_TOPIC_CLOCK);
    (void)subscribe(fix, &first);
    (void)subscribe_pattern(fix, 'b', "clo*");
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "a1 b1 ");
    third.replay_latest = true;
    (void)subscribe(fix, &third);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "a1 b1 c1 ");
}

/** One that ends while its message is delivered leaves its place with the end of the delivery. */
static void an_end_within_a_delivery_makes_room_behind_it(void **state)
{
    (void)state;
    fixture small;
    struct ender ender = {0};
    fixture_open(&small, &(tt_bus_options){.subscriptions_max = 2});
    tt_bus_subscription brief = request_of(&small, 'a', TT_TOPIC_CLOCK);
    tt_bus_subscription other = request_of(&small, 'b', TT_TOPIC_CLOCK);
    brief.handler = end_itself;
    brief.ctx = &ender;
    ender.id = subscribe(&small, &brief);
    (void)subscribe(&small, &other);
    assert_int_equal(tt_bus_subscribe_to(small.bus, &other, NULL), TUTTI_LIMIT);
    fixture_publish(&small, TT_TOPIC_CLOCK);
    tt_bus_run(small.bus);
    assert_string_equal(small.log, "b1 ");
    (void)subscribe(&small, &other);
    tt_arena_fini(&small.arena);
}

static void a_topic_and_the_bus_are_bounded(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.topics_max = 2, .subscriptions_max = 102});
    tt_bus_subscription request = request_of(&small, 'a', TT_TOPIC_CLOCK);
    for (int i = 0; i < TT_BUS_SUBSCRIBERS_MAX; i++) {
        (void)subscribe(&small, &request);
    }
    assert_int_equal(tt_bus_subscribe_to(small.bus, &request, NULL), TUTTI_LIMIT);
    request.topic = TT_TOPIC_NONE;
    request.pattern = "c*k";
    assert_int_equal(tt_bus_subscribe_to(small.bus, &request, NULL), TUTTI_LIMIT);
    request.pattern = "fills";
    (void)subscribe(&small, &request);
    request.replay_latest = true;
    uint64_t last = subscribe(&small, &request);
    assert_int_equal(tt_bus_subscribe_to(small.bus, &request, NULL), TUTTI_LIMIT);
    assert_true(tt_bus_unsubscribe_id(small.bus, last));
    last = subscribe(&small, &request); // the slot serves again, under another id
    assert_int_equal(tt_bus_unsubscribe(small.bus, TT_TOPIC_CLOCK, "a"), 100);
    assert_int_equal(tt_bus_subscriber_count(small.bus, TT_TOPIC_CLOCK), 0);
    assert_int_equal(tt_bus_unsubscribe(small.bus, TT_TOPIC_NONE, "a"), 2);
    assert_int_equal(tt_bus_subscriber_count(small.bus, TT_TOPIC_NONE), 0);
    tt_arena_fini(&small.arena);
}

static void a_new_topic_is_refused_when_too_many_patterns_fit(void **state)
{
    fixture *fix = *state;
    for (int i = 0; i < TT_BUS_SUBSCRIBERS_MAX; i++) {
        (void)subscribe_pattern(fix, 'a', "news.*");
    }
    tt_topic topic = declare(fix, "news.one", 0);
    uint64_t last = subscribe_pattern(fix, 'b', "*.two");
    const tt_bus_topic_decl decl = {.name = "news.two", .schema = "x:u64"};
    tt_error error = {0};
    assert_int_equal(tt_bus_declare(fix->bus, &decl, &topic, &error), TUTTI_LIMIT);
    assert_string_equal(error.hint, "too many patterns match it: end some");
    assert_true(tt_bus_unsubscribe_id(fix->bus, last));
    assert_int_equal(tt_bus_declare(fix->bus, &decl, &topic, &error), TUTTI_OK);
    assert_int_equal(tt_bus_subscriber_count(fix->bus, topic), TT_BUS_SUBSCRIBERS_MAX);
}

static void ids_end_once_and_never_come_back(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_CLOCK);
    uint64_t first = subscribe(fix, &request);
    assert_true(tt_bus_unsubscribe_id(fix->bus, first));
    assert_false(tt_bus_unsubscribe_id(fix->bus, first));
    uint64_t second = subscribe(fix, &request);
    assert_true(second != first);
    assert_false(tt_bus_unsubscribe_id(fix->bus, first));
    assert_false(tt_bus_unsubscribe_id(fix->bus, 0));
    assert_false(tt_bus_unsubscribe_id(fix->bus, UINT64_MAX));
    assert_false(tt_bus_unsubscribe_id(fix->bus, second + 1));
    assert_int_equal(tt_bus_subscriber_count(fix->bus, TT_TOPIC_CLOCK), 1);
}

/** What a handler does on the first message that it gets. */
struct act {
    fixture *fix;
    uint64_t ends[2];
    bool begins;
    bool is_done;
};

static tutti_status act_once(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct act *act = ctx;
    fixture_note(act->fix, 'x', msg);
    if (act->is_done) {
        return TUTTI_OK;
    }
    act->is_done = true;
    for (size_t i = 0; i < 2; i++) {
        if (act->ends[i] != 0) {
            assert_true(tt_bus_unsubscribe_id(bus, act->ends[i]));
        }
    }
    if (act->begins) { // takes slots of its own: those that ended are still in use
        tt_bus_subscription request = request_of(act->fix, 'h', (tt_topic)msg->topic);
        (void)subscribe(act->fix, &request);
        (void)subscribe_pattern(act->fix, 'i', "clo*");
    }
    return TUTTI_OK;
}

static void the_handlers_of_a_message_are_fixed_when_its_delivery_starts(void **state)
{
    fixture *fix = *state;
    struct act act = {.fix = fix, .begins = true};
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_CLOCK);
    act.ends[0] = subscribe(fix, &request); // before the one that acts
    request = (tt_bus_subscription){
        .name = "x", .topic = TT_TOPIC_CLOCK, .handler = act_once, .ctx = &act};
    (void)subscribe(fix, &request);
    request = request_of(fix, 'b', TT_TOPIC_CLOCK);
    act.ends[1] = subscribe(fix, &request); // behind it: still gets the message
    request = request_of(fix, 'c', TT_TOPIC_CLOCK);
    (void)subscribe(fix, &request);
    (void)subscribe_pattern(fix, 'd', "*");
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    run(fix);
    assert_string_equal(fix->log, "a1 x1 b1 c1 d1 x2 c2 h2 d2 i2 ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, 10);
}

static void a_handler_may_end_itself(void **state)
{
    fixture *fix = *state;
    struct act act = {.fix = fix};
    tt_bus_subscription request = {
        .name = "x", .topic = TT_TOPIC_CLOCK, .handler = act_once, .ctx = &act};
    act.ends[0] = subscribe(fix, &request);
    request = request_of(fix, 'c', TT_TOPIC_CLOCK);
    (void)subscribe(fix, &request);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    run(fix);
    assert_string_equal(fix->log, "x1 c1 c2 ");
}

static void a_late_subscription_begins_with_the_latest(void **state)
{
    fixture *fix = *state;
    tt_topic topic = declare(fix, "kept", 2);
    fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 3);               // 2: replaced
    fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 5);               // 3
    fixture_publish_keyed(fix, topic, TT_SOURCE_RISK, 3);               // 4
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 7);      // 5
    fixture_publish_keyed(fix, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, 0); // 6: will be too old
    tt_bus_run(fix->bus);
    fixture_later(fix, 301);
    tt_seq fresh = fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 1); // 7: queued
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_NONE);
    request.pattern = "*";
    request.replay_latest = true;
    (void)subscribe(fix, &request);
    assert_int_equal(tt_bus_subscriber_count(fix->bus, topic), 1);
    run(fix);
    assert_int_equal(fresh, 7);
    // Clock first: the topics ascend. Keys 3 and 5 of the declared topic are too old by now.
    assert_string_equal(fix->log, "a5 a1 a7 ");
    fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, 3);
    run(fix);
    assert_string_equal(fix->log, "a8 ");
}

static tutti_status note_and_publish(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    const struct noter *self = ctx;
    fixture_note(self->fix, self->letter, msg);
    if (msg->seq <= 4) { // only what is replayed
        tt_bus_post post = fixture_post((tt_topic)msg->topic);
        post.key = msg->key + 1;
        assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_OK);
        assert_int_equal(tt_bus_current(bus)->seq, msg->seq);
    }
    return TUTTI_OK;
}

/** What the handler publishes meanwhile replaces the latest of the next key: it comes once. */
static void nothing_comes_twice_or_is_left_out(void **state)
{
    fixture *fix = *state;
    tt_topic topic = declare(fix, "kept", 1); // 1
    for (uint32_t key = 1; key <= 3; key++) {
        fixture_publish_keyed(fix, topic, TT_SOURCE_FEED, key); // 2, 3, 4
    }
    tt_bus_run(fix->bus);
    tt_bus_subscription request = request_of(fix, 'a', topic);
    request.handler = note_and_publish;
    request.replay_latest = true;
    (void)subscribe(fix, &request);
    run(fix);
    // 2 publishes 5 under key 2, which replaces 3; then 4 publishes 6 under key 4.
    assert_string_equal(fix->log, "a2 a4 a5 a6 ");
    assert_int_equal(tt_bus_find(fix->bus, topic, 5)->cause, 2);
}

static void a_waiting_subscription_may_end(void **state)
{
    fixture *fix = *state;
    fixture_publish(fix, TT_TOPIC_CLOCK);
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_CLOCK);
    request.replay_latest = true;
    uint64_t id = subscribe(fix, &request);
    assert_true(tt_bus_unsubscribe_id(fix->bus, id));
    run(fix);
    assert_string_equal(fix->log, "");
    assert_int_equal(tt_bus_subscriber_count(fix->bus, TT_TOPIC_CLOCK), 0);
}

/** In the set it stands where its order says, though it joined later. */
static void a_late_subscription_keeps_its_order(void **state)
{
    fixture *fix = *state;
    tt_bus_subscription request = request_of(fix, 'a', TT_TOPIC_CLOCK);
    request.replay_latest = true;
    (void)subscribe(fix, &request);
    request = request_of(fix, 'b', TT_TOPIC_CLOCK);
    (void)subscribe(fix, &request);
    tt_bus_run(fix->bus);
    fixture_publish(fix, TT_TOPIC_CLOCK);
    run(fix);
    assert_string_equal(fix->log, "a1 b1 ");
}

#define SUBSCRIBE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SUBSCRIBE_TEST(exact_ones_come_before_patterns_then_by_order),
        SUBSCRIBE_TEST(patterns_hold_for_later_topics),
        SUBSCRIBE_TEST(one_subscriber_may_have_several),
        SUBSCRIBE_TEST(filters_are_counted),
        SUBSCRIBE_TEST(key_source_and_priority_are_asked_for),
        SUBSCRIBE_TEST(directed_messages_reach_their_address_alone),
        SUBSCRIBE_TEST(a_directed_message_passes_the_only_handler_by),
        cmocka_unit_test(the_slot_of_who_ends_itself_is_free_after_the_delivery),
        SUBSCRIBE_TEST(a_message_has_its_own_time_to_live_and_kind),
        SUBSCRIBE_TEST(wrong_requests_are_refused),
        SUBSCRIBE_TEST(the_latest_comes_to_a_later_subscription_too),
        SUBSCRIBE_TEST(an_end_within_a_delivery_makes_room_behind_it),
        SUBSCRIBE_TEST(a_topic_and_the_bus_are_bounded),
        SUBSCRIBE_TEST(a_new_topic_is_refused_when_too_many_patterns_fit),
        SUBSCRIBE_TEST(ids_end_once_and_never_come_back),
        SUBSCRIBE_TEST(the_handlers_of_a_message_are_fixed_when_its_delivery_starts),
        SUBSCRIBE_TEST(a_handler_may_end_itself),
        SUBSCRIBE_TEST(a_late_subscription_begins_with_the_latest),
        SUBSCRIBE_TEST(nothing_comes_twice_or_is_left_out),
        SUBSCRIBE_TEST(a_waiting_subscription_may_end),
        SUBSCRIBE_TEST(a_late_subscription_keeps_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
