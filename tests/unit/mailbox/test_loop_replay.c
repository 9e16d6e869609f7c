/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a loop has recorded gives the same bytes again: the inputs of a random run, with refusals,
 * repeats, failures, full mailboxes, redrives, blocked correlations and changed limits, go into a
 * fresh bus that has no mailboxes. Covers: loop.c
 */
#include "base/random.h"
#include "fixture.h"

#define RECORD_MAX ((size_t)64 << 20)
#define MOVES      6000u
#define BOXES      5u

/** Bytes of all steps. */
struct record {
    unsigned char *bytes;
    size_t used;
    uint64_t inputs;
    uint64_t refused; /**< Inputs that are dead letters about posts. */
    uint64_t returned;
    uint64_t alerts;
};

static fixture fix;
static struct record recorded;

static void note(struct record *record, const tt_msg *msg)
{
    record->inputs += (msg->flags & TT_MSG_INPUT) != 0;
    record->alerts += msg->topic == TT_TOPIC_BUS_ALERTS;
    if (msg->topic == TT_TOPIC_DEAD_LETTERS && (msg->flags & TT_MSG_INPUT) != 0) {
        const tt_dead_letter *letter = TT_PAYLOAD(msg, DEAD_LETTERS, dead_letter);
        record->refused += letter->dead_seq == 0;
        record->returned += letter->dead_id != 0;
    }
}

/** The key of a post, and the answer to a command in vain, are inputs behind that of their step. */
static bool is_second_input(const tt_msg *msg)
{
    return (msg->flags & TT_MSG_INPUT) != 0 && msg->source == TT_SOURCE_HOST &&
           (msg->topic == TT_TOPIC_POST_KEYS || msg->topic == TT_TOPIC_COMMAND_REPLIES);
}

static tutti_status keep(void *ctx, const void *step, size_t bytes)
{
    struct record *record = ctx;
    assert_true(record->used + bytes <= RECORD_MAX);
    memcpy(record->bytes + record->used, step, bytes);
    size_t first_bytes = 0;
    for (size_t at = 0; at < bytes;) {
        const tt_msg *msg = (const void *)(record->bytes + record->used + at);
        // Each step begins with an input, and has no other but a second one of the loop.
        bool is_second = at == first_bytes && is_second_input(msg);
        assert_int_equal((msg->flags & TT_MSG_INPUT) != 0, at == 0 || is_second);
        first_bytes = at == 0 ? tt_msg_bytes(msg) : first_bytes;
        note(record, msg);
        at += tt_msg_bytes(msg);
    }
    record->used += bytes;
    return TUTTI_OK;
}

static tt_uuid key_of(uint64_t number)
{
    tt_uuid key = {0};
    key.bytes[0] = 1;
    memcpy(key.bytes + 8, &number, sizeof number);
    return key;
}

/** Answers with keys that posts use, too, and fails now and then. */
static tutti_status answer(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    static const tt_system_event event = {0};
    uint64_t number = fixture_number(tt_msg_payload(msg));
    const tt_bus_post post = {
        .topic = TT_TOPIC_SYSTEM_EVENTS,
        .source = TT_SOURCE_MARKET,
        .payload = &event,
        .idempotency = key_of(number % 50)};
    (void)tt_bus_publish(bus, &post, NULL);
    return number % 7 < 3 ? TUTTI_IO : TUTTI_OK;
}

static const tt_bus_options sizes = {
    .dead_max = 12, .dead_bytes = 4032, .key_max = 100, .quarantine_after = 4};

static void wire(tt_bus *bus)
{
    const tt_bus_limits limits = {.source = {.per_s = 3, .burst = 3}};
    static const tt_bus_retry retry = {.count = 1, .delay_ns = {TT_NS_PER_S / 2}};
    const tt_bus_care care = {.retry = &retry, .quarantine_after = 4, .probe_ns = TT_NS_PER_S};
    assert_int_equal(tt_bus_subscribe(bus, TT_TOPIC_MARKET_QUOTE, "core", answer, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_set_care(bus, "core", &care), TUTTI_OK);
    assert_int_equal(tt_bus_limit(bus, TT_TOPIC_MARKET_QUOTE, &limits), TUTTI_OK);
}

/** A post that may be wrong in one way or another. */
static void post_any(tt_random *random, tt_publisher *publisher, uint64_t number)
{
    tt_bus_post post = fixture_post(number, (uint32_t)tt_random_below(random, 20));
    switch (tt_random_below(random, 8)) {
    case 0:
        post.key = 101;
        break;
    case 1:
        post.source = (tt_source)200;
        break;
    case 2:
        post.target = (tt_source)201;
        break;
    case 3:
    case 4:
        post.idempotency = key_of(tt_random_below(random, 50));
        break;
    case 5:
        post.correlation = key_of(tt_random_below(random, 4));
        break;
    default:
        break;
    }
    assert_int_equal(tt_inbox_post_try(publisher, &post, 0), TUTTI_OK);
}

/** A letter that is kept, or a number that never was one. */
static uint64_t any_letter(tt_random *random)
{
    tt_bus_dead dead = {0};
    uint64_t skips = tt_random_below(random, 12);
    while (tt_bus_dead_next(fix.bus, dead.id, &dead) && skips-- > 0) {
    }
    return dead.id != 0 ? dead.id : 77;
}

static void command_any(tt_random *random, tt_publisher *publisher)
{
    const uint32_t rate = (uint32_t)tt_random_below(random, 4);
    const tt_bus_command command = {
        .limited_topic = TT_TOPIC_MARKET_QUOTE,
        .source_per_s = rate,
        .source_burst = rate,
        .exempt_source = TT_SOURCE_FEED,
        .is_exempt = tt_random_below(random, 2) == 0,
        .dead_id = any_letter(random),
        .correlation = key_of(tt_random_below(random, 4)),
        .subscriber = "core",
        .command = (uint8_t)tt_random_below(random, TT_bus_command_type_COUNT),
    };
    const tt_bus_post post = {
        .topic = TT_TOPIC_BUS_COMMANDS, .source = TT_SOURCE_OPERATOR, .payload = &command};
    assert_int_equal(tt_inbox_post_try(publisher, &post, 0), TUTTI_OK);
}

static void consume_any(tt_random *random, tt_mailbox *box)
{
    const tt_msg *msg = NULL;
    if (tt_mailbox_take_try(box, &msg) != TUTTI_OK) {
        return;
    }
    if (tt_random_below(random, 2) == 0) {
        assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    } else if (tt_mailbox_failed(box, "bad luck") == TUTTI_LIMIT) {
        assert_int_equal(tt_mailbox_done(box), TUTTI_OK);
    }
}

static void open_boxes(tt_mailbox *boxes[BOXES])
{
    static const char *const names[BOXES] = {"a", "b", "c", "d", "e"};
    for (uint32_t i = 0; i < BOXES; i++) {
        boxes[i] = fixture_box(
            &fix,
            &(tt_mailbox_options){
                .name = names[i],
                .policy = (tt_mailbox_policy)i,
                .count_max = 3,
                .block_ns = 1,
            });
        const tt_mailbox_subscription rule = {.pattern = i % 2 == 0 ? "*" : "market*"};
        assert_int_equal(tt_mailbox_subscribe(boxes[i], &rule), TUTTI_OK);
        assert_int_equal(tt_bus_loop_attach(fix.loop, boxes[i]), TUTTI_OK);
    }
}

static void
move_any(tt_random *random, tt_publisher *publisher, tt_mailbox *boxes[BOXES], uint64_t move)
{
    switch (tt_random_below(random, 8)) {
    case 0:
    case 1:
        (void)tt_bus_loop_turn(fix.loop);
        return;
    case 2:
        command_any(random, publisher);
        return;
    case 3:
    case 4:
        consume_any(random, boxes[tt_random_below(random, BOXES)]);
        return;
    default:
        post_any(random, publisher, move);
        return;
    }
}

static void run_at_random(uint64_t seed)
{
    tt_random random;
    tt_mailbox *boxes[BOXES];
    static tt_loop_report report;
    tt_random_init(&random, seed, 0);
    recorded.used = 0;
    fixture_open(
        &fix,
        &(fixture_options){
            .bus = sizes, .loop = {.sink = keep, .sink_ctx = &recorded, .batch_max = 8}});
    fix.clock.step_ns = 1;
    wire(fix.bus);
    open_boxes(boxes);
    tt_publisher *publisher = fixture_publisher(&fix, &(tt_publisher_options){.name = "any"});
    for (uint64_t move = 0; move < MOVES; move++) {
        int64_t ns = (int64_t)tt_random_below(&random, TT_NS_PER_S / 4);
        tt_fake_timepiece_advance(&fix.clock.fake, (tt_dur){ns});
        if (move % (MOVES / 6) == MOVES / 6 - 1 && move < MOVES - MOVES / 6) {
            tt_mailbox_close(boxes[move / (MOVES / 6)]); // its letters stay, and can go nowhere
        }
        move_any(&random, publisher, boxes, move);
    }
    assert_int_equal(tt_bus_loop_stop(fix.loop, (tt_dur){0}, &report), TUTTI_TIMEOUT);
}

static void publish_again(tt_bus *bus, const tt_msg *msg)
{
    const tt_bus_post post = {
        .topic = (tt_topic)msg->topic,
        .source = (tt_source)msg->source,
        .key = msg->key,
        .payload = msg + 1,
        .priority = msg->priority,
        .flags = msg->flags,
        .kind = (uint8_t)(msg->kind + 1),
        .ttl_ms = msg->ttl_ms == 0 ? TT_TTL_NEVER : msg->ttl_ms,
        .target = (tt_source)msg->target,
        .cause = msg->cause,
        .correlation = msg->correlation,
    };
    assert_int_equal(tt_bus_publish(bus, &post, NULL), TUTTI_OK);
}

/** Publishes the recorded inputs into a fresh bus, and compares each step. */
static void replay_and_compare(void)
{
    tt_arena arena;
    tt_bus *bus = NULL;
    tt_timers *timers = NULL;
    tt_bus_options options = sizes;
    assert_int_equal(tt_arena_init(&arena, (size_t)256 << 20), TUTTI_OK);
    assert_int_equal(tt_timers_new(64, &arena, &timers), TUTTI_OK);
    options.topics_max = 8;
    options.timers = timers;
    assert_int_equal(tt_bus_new(&options, &arena, &bus), TUTTI_OK);
    wire(bus);
    for (size_t at = 0; at < recorded.used;) {
        const tt_msg *msg = (const void *)(recorded.bytes + at);
        const tt_msg *second = (const void *)(recorded.bytes + at + tt_msg_bytes(msg));
        bool has_second = at + tt_msg_bytes(msg) < recorded.used && is_second_input(second);
        tt_bus_begin(bus, msg->time);
        publish_again(bus, msg);
        if (has_second) {
            publish_again(bus, second);
        }
        tt_timers_fire(timers, msg->time);
        tt_bus_run(bus);
        size_t bytes = 0;
        const void *step = tt_bus_outbox(bus, &bytes);
        assert_true(at + bytes <= recorded.used);
        assert_memory_equal(step, recorded.bytes + at, bytes);
        at += bytes;
    }
    // What is kept is the same, too, but for the payloads from outside.
    tt_bus_dead first = {0};
    tt_bus_dead second = {0};
    while (tt_bus_dead_next(fix.bus, first.id, &first)) {
        assert_true(tt_bus_dead_next(bus, second.id, &second));
        assert_int_equal(first.id, second.id);
        assert_int_equal(first.payload_size, second.payload_size);
        assert_int_equal(first.is_outside, second.is_outside);
        assert_string_equal(first.handler, second.handler);
        assert_int_equal(first.attempts, second.attempts);
    }
    assert_false(tt_bus_dead_next(bus, second.id, &second));
    tt_arena_fini(&arena);
}

static void the_recorded_inputs_give_the_same_bytes(void **state)
{
    (void)state;
    recorded.bytes = malloc(RECORD_MAX);
    assert_non_null(recorded.bytes);
    tt_bus_loop_stats stats = {0};
    uint64_t redriven = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        run_at_random(seed);
        tt_bus_loop_stats_get(fix.loop, &stats);
        assert_true(stats.refused > 100 && stats.duplicates > 100);
        redriven += stats.redriven; // into mailboxes that had room
        assert_true(stats.guarded > 50 && stats.clock_steps > 5);
        replay_and_compare();
        fixture_close(&fix);
    }
    assert_true(redriven > 30);
    assert_true(recorded.refused > 600 && recorded.returned > 600 && recorded.alerts > 10);
    free(recorded.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recorded_inputs_give_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
