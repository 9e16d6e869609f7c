/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The library on one thread.
 * Covers: lib_declare.c lib_publish.c lib_read.c lib_subscribe.c
 */
#include "fixture.h"

#include <tutti/operate.h>

#include <time.h>

static void a_publish_is_delivered_when_it_returns(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    struct seen seen = {0};
    uint64_t id = plant_watch(&plant, "plant.r*", &seen);
    uint64_t seq = 0;
    assert_int_equal(plant_say(&plant, 3, 71, &seq), TUTTI_OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.seq[0], seq);
    assert_int_equal(seen.value[0], 71);
    assert_true(tutti_bus_unsubscribe(plant.bus, id));
    assert_false(tutti_bus_unsubscribe(plant.bus, id));
    assert_int_equal(plant_say(&plant, 3, 72, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 1);
    plant_close(&plant);
}

static void latest_and_history_are_kept(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    uint64_t seq[10];
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(plant_say(&plant, 1 + i % 2, i, &seq[i]), TUTTI_OK);
    }
    const tutti_message *latest = tutti_bus_latest(plant.bus, plant.readings, 0, 1, 0);
    assert_int_equal(latest->seq, seq[8]);
    assert_int_equal(((const struct reading *)tutti_message_payload(latest))->celsius, 8);
    const tutti_message *messages[8];
    const tutti_query query = {.topic = plant.readings, .key = 2, .is_keyed = true};
    assert_int_equal(tutti_bus_query(plant.bus, &query, 3, messages), 3);
    assert_int_equal(messages[0]->seq, seq[9]);
    assert_int_equal(messages[2]->seq, seq[5]);
    tutti_bus_stats stats;
    tutti_bus_stats_get(plant.bus, plant.readings, &stats);
    assert_int_equal(stats.published, 10);
    assert_int_equal(stats.history_count, 8);
    plant_close(&plant);
}

/** Each option by itself, one beyond its bound and far beyond: told, not tried. */
static void an_option_beyond_its_bound_is_told(void **state)
{
    (void)state;
    const struct {
        tutti_bus_options options;
        const char *what;
    } beyond[] = {
        {{.topics_max = 4097}, "topics_max is 4097, but goes from 1 to 4096"},
        {{.topics_max = UINT32_MAX}, "topics_max is 4294967295, but goes from 1 to 4096"},
        {{.sources_max = 257}, "sources_max is 257, but goes from 1 to 256"},
        {{.sources_max = UINT32_MAX}, "sources_max is 4294967295, but goes from 1 to 256"},
        {{.subscriptions_max = 65536}, "subscriptions_max is 65536, but goes from 1 to 65535"},
        {{.subscriptions_max = UINT32_MAX},
         "subscriptions_max is 4294967295, but goes from 1 to 65535"},
        {{.queue_messages = (1u << 20) + 1},
         "queue_messages is 1048577, but goes from 1 to 1048576"},
        {{.queue_messages = UINT32_MAX - 1000},
         "queue_messages is 4294966295, but goes from 1 to 1048576"},
        {{.step_bytes = (1u << 30) + 1},
         "step_bytes is 1073741825, but goes from 4096 to 1073741824"},
        {{.topic_bytes = (1u << 30) + 1},
         "topic_bytes is 1073741825, but goes from 1 to 1073741824"},
        {{.depth_max = 10001}, "depth_max is 10001, but goes from 1 to 10000"},
        {{.dead_letters_max = 16385}, "dead_letters_max is 16385, but goes from 1 to 16384"},
        {{.dead_letters_max = UINT32_MAX},
         "dead_letters_max is 4294967295, but goes from 1 to 16384"},
        {{.idempotency_max = (1u << 24) + 1},
         "idempotency_max is 16777217, but goes from 1 to 16777216"},
        {{.idempotency_max = UINT32_MAX},
         "idempotency_max is 4294967295, but goes from 1 to 16777216"},
        {{.retries_max = 16385}, "retries_max is 16385, but goes from 1 to 16384"},
        {{.requests_max = 65536}, "requests_max is 65536, but goes from 1 to 65535"},
        {{.requests_max = UINT32_MAX}, "requests_max is 4294967295, but goes from 1 to 65535"},
        {{.blocked_max = 65536}, "blocked_max is 65536, but goes from 1 to 65535"},
        {{.blocked_max = UINT32_MAX}, "blocked_max is 4294967295, but goes from 1 to 65535"},
        {{.window_ms = 99}, "window_ms is 99, but goes from 100 to 86400000"},
        {{.window_ms = 86400001}, "window_ms is 86400001, but goes from 100 to 86400000"},
        {{.inbox_bytes = (1u << 20) - 1}, "inbox_bytes is 1048575, which is no power of two"},
        {{.step_bytes = 100}, "step_bytes is 100, but goes from 4096 to 1073741824"},
        {{.inbox_bytes = 8192}, "inbox_bytes is 8192, but goes from 16384 to 1073741824"},
    };
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        tutti_bus *bus = NULL;
        tutti_error error = {0};
        char expected[128];
        (void)snprintf(expected, sizeof expected, "the bus cannot be built: %s", beyond[i].what);
        assert_int_equal(tutti_bus_new(&beyond[i].options, &bus, &error), TUTTI_INVALID);
        assert_null(bus);
        assert_string_equal(error.message, expected);
    }
}

static tutti_status tell(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    const struct plant *plant = ctx;
    const tutti_post note = {
        .topic = plant->notes, .source = plant->source, .payload = "hot", .size = 3};
    assert_int_equal(message->topic, plant->readings);
    return tutti_bus_publish(bus, &note, NULL);
}

static tutti_status read_note(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)bus;
    uint32_t size = 0;
    const char *text = tutti_message_bytes(message, &size);
    assert_int_equal(size, 3);
    assert_memory_equal(text, "hot", 3);
    *(uint64_t *)ctx = message->cause;
    return TUTTI_OK;
}

static void a_handler_publishes_and_the_cause_is_known(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error;
    uint64_t id = 0;
    uint64_t cause = 0;
    const tutti_subscription rule = {
        .name = "rule", .topic = plant.readings, .handler = tell, .ctx = &plant};
    const tutti_subscription log = {
        .name = "log", .topic = plant.notes, .handler = read_note, .ctx = &cause};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &rule, &id, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_subscribe(plant.bus, &log, &id, &error), TUTTI_OK);
    uint64_t seq = 0;
    assert_int_equal(plant_say(&plant, 1, 99, &seq), TUTTI_OK);
    assert_int_equal(cause, seq);
    plant_close(&plant);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    struct reading reading = {0};
    tutti_post post = {
        .topic = plant.readings,
        .source = plant.source,
        .payload = &reading,
        .size = sizeof reading - 1};
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_INVALID);
    post.size = sizeof reading;
    post.key = 10;
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_INVALID);
    post.key = 0;
    post.topic = 5000;
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_INVALID);
    char long_note[41] = {0};
    const tutti_post note = {
        .topic = plant.notes, .source = plant.source, .payload = long_note, .size = 41};
    assert_int_equal(tutti_bus_publish(plant.bus, &note, NULL), TUTTI_INVALID);
    tutti_error error = {0};
    tutti_topic topic = 0;
    const tutti_topic_options other = {.name = "plant.notes", .schema = "bytes[50]"};
    assert_int_equal(tutti_bus_declare_topic(plant.bus, &other, &topic, &error), TUTTI_EXISTS);
    assert_non_null(strstr(error.message, "plant.notes"));
    const tutti_topic_options bad = {.name = "x", .schema = "a:u65"};
    assert_int_equal(tutti_bus_declare_topic(plant.bus, &bad, &topic, &error), TUTTI_PARSE);
    tutti_subscription nameless = {.pattern = "*", .handler = see};
    uint64_t id = 0;
    assert_int_equal(tutti_bus_subscribe(plant.bus, &nameless, &id, &error), TUTTI_INVALID);
    nameless.name = ""; // failures are kept, and told, by the name
    assert_int_equal(tutti_bus_subscribe(plant.bus, &nameless, &id, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "a subscription needs a name and a handler");
    const tutti_bus_options absurd = {.topics_max = 100000};
    tutti_bus *none = NULL;
    assert_int_equal(tutti_bus_new(&absurd, &none, &error), TUTTI_INVALID);
    assert_null(none);
    assert_string_equal(
        error.message, "the bus cannot be built: topics_max is 100000, but goes from 1 to 4096");
    plant_close(&plant);
}

static void a_failure_is_a_dead_letter_that_can_be_redriven(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    struct seen seen = {.answer = TUTTI_IO};
    plant_watch(&plant, "plant.readings", &seen);
    uint64_t seq = 0;
    assert_int_equal(plant_say(&plant, 2, 5, &seq), TUTTI_OK);
    tutti_dead dead;
    assert_true(tutti_bus_dead_next(plant.bus, 0, &dead));
    assert_int_equal(dead.message->seq, seq);
    assert_string_equal(dead.reason, "handler_failed");
    assert_string_equal(dead.handler, "watcher");
    assert_int_equal(dead.attempts, 1);
    assert_false(tutti_bus_dead_next(plant.bus, dead.id, &dead));
    seen.answer = TUTTI_OK;
    assert_int_equal(tutti_bus_dead_redrive(plant.bus, dead.id), TUTTI_OK);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.seq[1], seq);
    assert_false(tutti_bus_dead_next(plant.bus, 0, &dead));
    assert_int_equal(tutti_bus_dead_discard(plant.bus, 1), TUTTI_NOT_FOUND);
    plant_close(&plant);
}

static void a_key_that_comes_twice_counts_once(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    struct seen seen = {0};
    plant_watch(&plant, "*.readings", &seen);
    const struct reading reading = {.celsius = 1};
    const tutti_post post = {
        .topic = plant.readings,
        .source = plant.source,
        .payload = &reading,
        .size = sizeof reading,
        .idempotency = {7}};
    uint64_t first = 0;
    uint64_t again = 0;
    assert_int_equal(tutti_bus_publish(plant.bus, &post, &first), TUTTI_OK);
    assert_int_equal(tutti_bus_publish(plant.bus, &post, &again), TUTTI_EXISTS);
    assert_int_equal(tutti_bus_publish(plant.bus, &post, &again), TUTTI_EXISTS);
    assert_int_equal(again, first);
    assert_int_equal(seen.count, 1);
    plant_close(&plant);
}

static tutti_status
count_and_go_on(void *ctx, tutti_bus *bus, const tutti_message *message, const tutti_next *next)
{
    (void)bus;
    (*(uint32_t *)ctx)++;
    return tutti_bus_proceed(next, message);
}

static tutti_status
keep(void *ctx, tutti_bus *bus, const tutti_message *message, const tutti_next *next)
{
    (void)ctx;
    (void)bus;
    (void)message;
    (void)next;
    return TUTTI_OK;
}

static void handlers_can_be_wrapped(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    struct seen seen = {0};
    uint32_t around = 0;
    assert_int_equal(
        tutti_bus_wrap(plant.bus, "plant.*", "count", count_and_go_on, &around), TUTTI_OK);
    assert_int_equal(
        tutti_bus_wrap(plant.bus, "plant.*", "count", count_and_go_on, &around), TUTTI_EXISTS);
    plant_watch(&plant, "plant.readings", &seen);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(around, 1);
    assert_int_equal(seen.count, 1);
    assert_int_equal(tutti_bus_wrap(plant.bus, "*", "keep", keep, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(around, 2);
    assert_int_equal(seen.count, 1);
    assert_true(tutti_bus_unwrap(plant.bus, "keep"));
    assert_true(tutti_bus_unwrap(plant.bus, "count"));
    assert_false(tutti_bus_unwrap(plant.bus, "count"));
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(around, 2);
    assert_int_equal(seen.count, 2);
    plant_close(&plant);
}

/** Two sides of a conversation. */
struct talk {
    struct plant *plant;
    tutti_source asker;
    uint64_t tag;
    uint32_t answers;
    tutti_status status;
};

static tutti_status answer(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    struct talk *talk = ctx;
    if (message->kind != TUTTI_KIND_REQUEST) {
        return TUTTI_OK;
    }
    const tutti_post post = {
        .topic = talk->plant->notes, .source = talk->plant->source, .payload = "yes", .size = 3};
    return tutti_bus_respond(bus, message, &post, NULL);
}

static void hear(void *ctx, tutti_bus *bus, const tutti_reply *reply)
{
    (void)bus;
    struct talk *talk = ctx;
    talk->answers++;
    talk->tag = reply->tag;
    talk->status = reply->status;
    assert_true((reply->status == TUTTI_OK) == (reply->answer != NULL));
}

static tutti_status ignore(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)ctx;
    (void)bus;
    (void)message;
    return TUTTI_OK;
}

static void a_request_gets_its_answer(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error;
    struct talk talk = {.plant = &plant};
    uint64_t asker = 0;
    uint64_t id = 0;
    tutti_topic questions = 0;
    const tutti_topic_options topic = {
        .name = "plant.questions", .schema = "bytes[40]", .kind = TUTTI_KIND_REQUEST};
    assert_int_equal(tutti_bus_declare_topic(plant.bus, &topic, &questions, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_declare_source(plant.bus, "asker", &talk.asker, &error), TUTTI_OK);
    const tutti_subscription ears = {
        .name = "asker",
        .topic = plant.notes,
        .handler = ignore,
        .reply = hear,
        .ctx = &talk,
        .address = talk.asker};
    const tutti_subscription server = {
        .name = "server", .topic = questions, .handler = answer, .ctx = &talk};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &ears, &asker, &error), TUTTI_OK);
    const tutti_post post = {
        .topic = questions, .source = talk.asker, .payload = "well?", .size = 5};
    // Nobody answers: the end comes with the first turn after the deadline.
    assert_int_equal(tutti_bus_request(plant.bus, &post, 0, asker, 41, NULL), TUTTI_OK);
    while (talk.answers == 0) {
        (void)tutti_bus_turn(plant.bus);
    }
    assert_int_equal(talk.status, TUTTI_TIMEOUT);
    assert_int_equal(talk.tag, 41);
    assert_int_equal(tutti_bus_subscribe(plant.bus, &server, &id, &error), TUTTI_OK);
    assert_int_equal(
        tutti_bus_request(plant.bus, &post, INT64_C(3600000000000), asker, 42, NULL), TUTTI_OK);
    assert_int_equal(talk.answers, 2);
    assert_int_equal(talk.status, TUTTI_OK);
    assert_int_equal(talk.tag, 42);
    plant_close(&plant);
}

/** As many wait for an answer as the option says, and no more; a trial or a retry has its timer
 * beside them. */
static void requests_are_bounded_by_their_option(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, &(tutti_bus_options){.requests_max = 10000});
    tutti_error error;
    struct talk talk = {.plant = &plant};
    uint64_t asker = 0;
    assert_int_equal(tutti_bus_declare_source(plant.bus, "asker", &talk.asker, &error), TUTTI_OK);
    const tutti_subscription ears = {
        .name = "asker",
        .topic = plant.notes,
        .handler = ignore,
        .reply = hear,
        .ctx = &talk,
        .address = talk.asker};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &ears, &asker, &error), TUTTI_OK);
    const struct reading reading = {0};
    const tutti_post post = {
        .topic = plant.readings, .source = talk.asker, .payload = &reading, .size = sizeof reading};
    const int64_t hour_ns = INT64_C(3600000000000);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(tutti_bus_request(plant.bus, &post, hour_ns, asker, 0, NULL), TUTTI_OK);
    }
    assert_int_equal(tutti_bus_request(plant.bus, &post, hour_ns, asker, 0, NULL), TUTTI_LIMIT);
    tutti_bus_state bus;
    tutti_bus_state_get(plant.bus, &bus);
    assert_int_equal(bus.request_count, 10000);
    plant_close(&plant);
}

/** Ends another subscription and makes a new one, in the midst of a delivery to both. */
struct swap {
    struct plant *plant;
    uint64_t victim;
    struct seen newcomer;
};

static tutti_status swap(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)message;
    struct swap *self = ctx;
    if (self->victim != 0) {
        assert_true(tutti_bus_unsubscribe(bus, self->victim));
        self->victim = 0;
        plant_watch(self->plant, "plant.readings", &self->newcomer);
    }
    return TUTTI_OK;
}

static void who_ends_in_a_delivery_still_gets_its_message(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error;
    struct swap self = {.plant = &plant};
    struct seen seen = {0};
    uint64_t id = 0;
    const tutti_subscription first = {
        .name = "swap", .pattern = "plant.readings", .handler = swap, .ctx = &self};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &first, &id, &error), TUTTI_OK);
    self.victim = plant_watch(&plant, "plant.readings", &seen);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(self.newcomer.count, 0);
    assert_int_equal(plant_say(&plant, 1, 2, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(self.newcomer.count, 1);
    plant_close(&plant);
}

static tutti_status linger(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)ctx;
    (void)bus;
    (void)message;
    const struct timespec moment = {.tv_nsec = 2000000};
    (void)nanosleep(&moment, NULL);
    return TUTTI_OK;
}

static void times_are_measured_as_asked(void **state)
{
    (void)state;
    struct plant plant;
    const tutti_bus_options each = {.timing_every = 1};
    plant_open(&plant, &each);
    tutti_error error;
    tutti_times times;
    uint64_t id = 0;
    const tutti_subscription slow = {.name = "slow", .topic = plant.readings, .handler = linger};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &slow, &id, &error), TUTTI_OK);
    assert_false(tutti_bus_handler_times(plant.bus, id, &times));
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    }
    assert_true(tutti_bus_handler_times(plant.bus, id, &times));
    assert_int_equal(times.count, 3);
    assert_true(times.min >= 2000000 && times.min <= times.p50 && times.p50 <= times.max);
    assert_true(tutti_bus_queue_delays(plant.bus, TUTTI_PRIORITY_NORMAL, &times));
    assert_true(times.count >= 3);
    plant_close(&plant);
    const tutti_bus_options never = {.timing_every = UINT32_MAX};
    plant_open(&plant, &never);
    assert_int_equal(tutti_bus_subscribe(plant.bus, &slow, &id, &error), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_false(tutti_bus_handler_times(plant.bus, id, &times));
    plant_close(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_publish_is_delivered_when_it_returns),
        cmocka_unit_test(an_option_beyond_its_bound_is_told),
        cmocka_unit_test(latest_and_history_are_kept),
        cmocka_unit_test(a_handler_publishes_and_the_cause_is_known),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(a_failure_is_a_dead_letter_that_can_be_redriven),
        cmocka_unit_test(a_key_that_comes_twice_counts_once),
        cmocka_unit_test(handlers_can_be_wrapped),
        cmocka_unit_test(a_request_gets_its_answer),
        cmocka_unit_test(requests_are_bounded_by_their_option),
        cmocka_unit_test(who_ends_in_a_delivery_still_gets_its_message),
        cmocka_unit_test(times_are_measured_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
