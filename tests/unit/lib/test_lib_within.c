/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What handlers, replies and calls may do while a step is under way.
 */
#include "fixture.h"
#include "folder.h"
#include "journal/journal.h"

#include <tutti/journal.h>
#include <tutti/operate.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- replies ------------------------------------------------------------------------------ */

/** Who asks, and what it does when it is told the end. */
struct asker {
    struct plant plant;
    tutti_source source;
    uint64_t subscription;
    uint32_t replies;
    uint32_t wanted; /**< Requests that follow upon one another. */
    tutti_reply_fn then;
};

static tutti_status pass(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)ctx;
    (void)bus;
    (void)message;
    return TUTTI_OK;
}

static void hear(void *ctx, tutti_bus *bus, const tutti_reply *reply)
{
    struct asker *asker = ctx;
    asker->replies++;
    assert_int_equal(reply->status, TUTTI_TIMEOUT);
    asker->then(ctx, bus, reply);
}

static tutti_status ask(struct asker *asker)
{
    const struct reading reading = {.sensor = 9, .celsius = 9};
    const tutti_post post = {
        .topic = asker->plant.readings, .payload = &reading, .size = sizeof reading};
    return tutti_bus_request(asker->plant.bus, &post, 1, asker->subscription, 0, NULL);
}

static void asker_open(struct asker *asker, tutti_reply_fn then)
{
    tutti_error error;
    *asker = (struct asker){.then = then};
    plant_open(&asker->plant, &(tutti_bus_options){.journal = dir_journal});
    tutti_bus *bus = asker->plant.bus;
    assert_int_equal(tutti_bus_declare_source(bus, "asker", &asker->source, &error), TUTTI_OK);
    const tutti_subscription ears = {
        .name = "asker",
        .topic = asker->plant.notes,
        .handler = pass,
        .reply = hear,
        .ctx = asker,
        .address = asker->source};
    assert_int_equal(tutti_bus_subscribe(bus, &ears, &asker->subscription, &error), TUTTI_OK);
}

/** Turns the bus until as many replies came. */
static void wait_for(const struct asker *asker, uint32_t replies)
{
    for (uint32_t turns = 0; asker->replies < replies; turns++) {
        assert_in_range(turns, 0, 1000000);
        (void)tutti_bus_turn(asker->plant.bus);
    }
}

/** Stops; everything has been recorded, number after number, as it was published. */
static void close_whole(struct asker *asker)
{
    tutti_bus_state state;
    tutti_stop_report report;
    tutti_error error = {0};
    assert_int_equal(tutti_bus_stop(asker->plant.bus, INT64_C(10000000000), &report), TUTTI_OK);
    assert_false(report.has_halted);
    assert_int_equal(report.not_durable, 0);
    tutti_bus_state_get(asker->plant.bus, &state);
    plant_close(&asker->plant);
    tutti_journal_reader *reader = NULL;
    const tutti_message *message = NULL;
    uint64_t seq = 0;
    assert_int_equal(tutti_journal_reader_open(dir_journal, &reader, &error), TUTTI_OK);
    while (tutti_journal_reader_next(reader, &message, &error) == TUTTI_OK) {
        assert_int_equal(message->seq, ++seq);
    }
    assert_int_equal(seq + 1, state.next_seq);
    tutti_journal_reader_close(reader);
}

static void say_two(void *ctx, tutti_bus *bus, const tutti_reply *reply)
{
    (void)bus;
    (void)reply;
    struct asker *asker = ctx;
    uint64_t seq = 0;
    assert_int_equal(plant_say(&asker->plant, 1, 1, &seq), TUTTI_OK);
    assert_int_equal(plant_say(&asker->plant, 2, 2, &seq), TUTTI_OK);
}

/** Its deadline comes between two deliveries: what it publishes is part of the step all the same.
 * All of that step is recorded, and comes to a mailbox. */
static void a_reply_publishes_when_no_answer_came(void **state)
{
    (void)state;
    struct asker asker;
    tutti_error error;
    tutti_mailbox *box = NULL;
    const tutti_message *message = NULL;
    struct seen seen = {0};
    asker_open(&asker, say_two);
    (void)plant_watch(&asker.plant, "plant.readings", &seen);
    const tutti_mailbox_options all = {.name = "all", .pattern = "*"};
    assert_int_equal(tutti_mailbox_open(asker.plant.bus, &all, &box, &error), TUTTI_OK);
    assert_int_equal(ask(&asker), TUTTI_OK);
    wait_for(&asker, 1);
    // 1 to 4 are declarations, then the request, the clock, the dead letter of the request, two.
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.seq[0], 5);
    assert_int_equal(seen.seq[1], 8);
    assert_int_equal(seen.seq[2], 9);
    for (uint64_t seq = 5; seq <= 9; seq++) {
        assert_int_equal(tutti_mailbox_take(box, TUTTI_NO_WAIT, &message), TUTTI_OK);
        assert_int_equal(message->seq, seq);
        assert_int_equal(tutti_mailbox_done(box), TUTTI_OK);
    }
    assert_int_equal(tutti_mailbox_take(box, TUTTI_NO_WAIT, &message), TUTTI_NOT_FOUND);
    close_whole(&asker);
}

static void ask_again(void *ctx, tutti_bus *bus, const tutti_reply *reply)
{
    (void)bus;
    (void)reply;
    struct asker *asker = ctx;
    if (asker->replies < asker->wanted) {
        assert_int_equal(ask(asker), TUTTI_OK);
    }
}

static void a_reply_asks_again(void **state)
{
    (void)state;
    struct asker asker;
    asker_open(&asker, ask_again);
    asker.wanted = 5;
    assert_int_equal(ask(&asker), TUTTI_OK);
    wait_for(&asker, 5);
    tutti_bus_state bus;
    tutti_bus_state_get(asker.plant.bus, &bus);
    assert_int_equal(bus.timed_out, 5);
    assert_int_equal(bus.request_count, 0);
    close_whole(&asker);
}

static const uint8_t some[16] = {1, 2, 3};

/** Everything that is a step of its own elsewhere. */
static void do_all(void *ctx, tutti_bus *bus, const tutti_reply *reply)
{
    (void)reply;
    struct asker *asker = ctx;
    tutti_error error = {0};
    tutti_topic topic = 0;
    tutti_source source = 0;
    tutti_dead dead;
    tutti_dead_work work;
    const tutti_topic_options more = {.name = "plant.more", .schema = "a:u8"};
    assert_int_equal(tutti_bus_declare_topic(bus, &more, &topic, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_declare_source(bus, "more", &source, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_block(bus, some), TUTTI_OK);
    assert_true(tutti_bus_is_blocked(bus, some));
    assert_int_equal(tutti_bus_unblock(bus, some), TUTTI_OK);
    assert_int_equal(tutti_bus_release(bus, "nobody"), TUTTI_NOT_FOUND);
    const tutti_rate rate = {.per_s = 5};
    assert_int_equal(tutti_bus_limit(bus, topic, rate, rate), TUTTI_OK);
    assert_int_equal(tutti_bus_exempt(bus, asker->source, true), TUTTI_OK);
    assert_int_equal(tutti_bus_dead_redrive_all(bus, 0, &work), TUTTI_STATE);
    assert_true(tutti_bus_dead_next(bus, 0, &dead));
    assert_int_equal(tutti_bus_dead_discard(bus, dead.id), TUTTI_OK);
    assert_false(tutti_bus_dead_next(bus, 0, &dead));
}

static void a_reply_does_what_a_handler_does(void **state)
{
    (void)state;
    struct asker asker;
    asker_open(&asker, do_all);
    assert_int_equal(ask(&asker), TUTTI_OK);
    wait_for(&asker, 1);
    assert_false(tutti_bus_is_blocked(asker.plant.bus, some));
    close_whole(&asker);
}

/* ---- calls -------------------------------------------------------------------------------- */

static void do_nothing(void *ctx, tutti_bus *bus)
{
    (void)ctx;
    (void)bus;
}

/** A call that publishes nothing has no input, and so no part in which a timer could fire. */
static void a_call_that_says_nothing_is_no_part_of_the_record(void **state)
{
    (void)state;
    struct asker asker;
    asker_open(&asker, say_two);
    assert_int_equal(ask(&asker), TUTTI_OK);
    // The deadline, a nanosecond later, has passed.
    assert_int_equal(tutti_bus_call(asker.plant.bus, do_nothing, NULL), TUTTI_OK);
    assert_int_equal(asker.replies, 0);
    assert_int_equal(tutti_bus_turn(asker.plant.bus), 1);
    assert_int_equal(asker.replies, 1);
    close_whole(&asker);
}

/* ---- what would wait for itself ----------------------------------------------------------- */

/** What a handler was told when it tried what cannot be done within a step. Looked at by the thread
 * of the test, once the bus has stopped. */
struct tries {
    struct plant plant;
    tutti_publisher *publisher;
    uint32_t count;
    bool is_seen;
    uint32_t steps;
    tutti_status call;
    tutti_status start;
    tutti_status stop;
    uint64_t undelivered;
    tutti_status wait;
    tutti_status post;
};

/** Posts until that is refused. */
static tutti_status fill_the_inbox(struct tries *tries)
{
    const struct reading reading = {.sensor = 1};
    const tutti_post post = {
        .topic = tries->plant.readings, .payload = &reading, .size = sizeof reading};
    tutti_status status = TUTTI_OK;
    while (status == TUTTI_OK) {
        status = tutti_publisher_post(tries->publisher, &post, TUTTI_WAIT_FOREVER);
    }
    return status;
}

static tutti_status try_all(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    struct tries *tries = ctx;
    tutti_stop_report report = {.undelivered = 7};
    tutti_error error = {0};
    if (tries->count++ > 0) {
        return TUTTI_OK;
    }
    tries->call = tutti_bus_call(bus, do_nothing, NULL);
    tries->steps = tutti_bus_turn(bus);
    tries->start = tutti_bus_start(bus, &error);
    tries->stop = tutti_bus_stop(bus, INT64_C(1000000000), &report);
    tries->undelivered = report.undelivered;
    if (tries->publisher) {
        tries->wait = tutti_bus_wait_durable(bus, message->seq, TUTTI_WAIT_FOREVER);
        tries->post = fill_the_inbox(tries);
    }
    return TUTTI_OK;
}

static void check_tries(const struct tries *tries)
{
    assert_int_equal(tries->call, TUTTI_STATE);
    assert_int_equal(tries->steps, 0);
    assert_int_equal(tries->start, TUTTI_STATE);
    assert_int_equal(tries->stop, TUTTI_STATE);
    assert_int_equal(tries->undelivered, 0);
}

static void call_within(void *ctx, tutti_bus *bus)
{
    tutti_status *status = ctx;
    *status = tutti_bus_call(bus, do_nothing, NULL);
}

/** Tells whether the handler has been at work. */
static void look(void *ctx, tutti_bus *bus)
{
    struct tries *tries = ctx;
    (void)bus;
    tries->is_seen = tries->count > 0;
}

static void tries_open(struct tries *tries)
{
    tutti_error error = {0};
    uint64_t id = 0;
    *tries = (struct tries){0};
    plant_open(&tries->plant, &(tutti_bus_options){.journal = dir_journal});
    const tutti_subscription eager = {
        .name = "eager", .topic = tries->plant.readings, .handler = try_all, .ctx = tries};
    assert_int_equal(tutti_bus_subscribe(tries->plant.bus, &eager, &id, &error), TUTTI_OK);
}

/** On the thread of the caller: nothing of it is done, the bus goes on. */
static void a_step_does_not_wait_for_itself(void **state)
{
    (void)state;
    struct tries tries;
    tries_open(&tries);
    assert_int_equal(plant_say(&tries.plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&tries.plant, 1, 2, NULL), TUTTI_OK);
    tutti_status status = TUTTI_OK;
    assert_int_equal(tutti_bus_call(tries.plant.bus, call_within, &status), TUTTI_OK);
    assert_int_equal(status, TUTTI_STATE);
    assert_int_equal(tries.count, 2);
    check_tries(&tries);
    assert_int_equal(
        tutti_bus_stop(tries.plant.bus, INT64_C(10000000000), &(tutti_stop_report){0}), TUTTI_OK);
    plant_close(&tries.plant);
}

/** The same on the thread of the bus, where it would be a deadlock. */
static void the_thread_of_a_bus_does_not_wait_for_itself(void **state)
{
    (void)state;
    struct tries tries;
    tutti_error error = {0};
    tutti_stop_report report = {0};
    tries_open(&tries);
    const tutti_publisher_options posts = {.name = "posts", .source = tries.plant.source};
    assert_int_equal(
        tutti_publisher_open(tries.plant.bus, &posts, &tries.publisher, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_start(tries.plant.bus, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_start(tries.plant.bus, &error), TUTTI_STATE);
    const struct reading reading = {.sensor = 1};
    const tutti_post post = {
        .topic = tries.plant.readings, .payload = &reading, .size = sizeof reading};
    assert_int_equal(tutti_publisher_post(tries.publisher, &post, TUTTI_WAIT_FOREVER), TUTTI_OK);
    while (!tries.is_seen) { // or the stop would come first, and refuse what the handler posts
        assert_int_equal(tutti_bus_call(tries.plant.bus, look, &tries), TUTTI_OK);
    }
    tutti_status status = TUTTI_OK;
    assert_int_equal(tutti_bus_call(tries.plant.bus, call_within, &status), TUTTI_OK);
    assert_int_equal(status, TUTTI_STATE);
    assert_int_equal(tutti_bus_stop(tries.plant.bus, INT64_C(60000000000), &report), TUTTI_OK);
    assert_int_equal(report.undelivered, 0);
    check_tries(&tries);
    assert_int_equal(tries.wait, TUTTI_STATE);
    assert_int_equal(tries.post, TUTTI_LIMIT);
    tutti_publisher_stats stats;
    tutti_publisher_stats_get(tries.publisher, &stats);
    assert_int_equal(tries.count, stats.posted);
    assert_true(stats.refused == 1 && stats.posted > 100);
    plant_close(&tries.plant);
}

/** A program that blocks a signal and waits for it gets it, whatever threads the library has. */
static void signals_are_left_to_the_program(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    sigset_t term;
    sigset_t before;
    plant_open(&plant, &(tutti_bus_options){.journal = dir_journal});
    assert_int_equal(tutti_bus_start(plant.bus, &error), TUTTI_OK);
    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &term, &before), 0);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    const struct timespec limit = {.tv_sec = 10};
    assert_int_equal(sigtimedwait(&term, NULL, &limit), SIGTERM);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    plant_close(&plant);
}

/* ---- interceptors ------------------------------------------------------------------------- */

/** Counts around whom it stood. */
struct around {
    uint32_t first;
    uint32_t second;
};

static tutti_status
stand(void *ctx, tutti_bus *bus, const tutti_message *message, const tutti_next *next)
{
    (void)bus;
    struct around *around = ctx;
    if (strcmp(tutti_next_name(next), "watcher") == 0) {
        around->second++;
    } else {
        around->first++;
    }
    return tutti_bus_proceed(next, message);
}

/** Interceptors before and after a change that a handler makes once. */
struct change {
    struct around old_one;
    struct around new_one;
    bool is_made;
};

static tutti_status make_change(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)message;
    struct change *change = ctx;
    if (!change->is_made) {
        change->is_made = true;
        assert_true(tutti_bus_unwrap(bus, "old"));
        assert_int_equal(
            tutti_bus_wrap(bus, "plant.notes", "new", stand, &change->new_one), TUTTI_OK);
    }
    return TUTTI_OK;
}

/** The interceptors of a message are those of when its delivery starts, whatever a handler takes
 * away and puts in its place. */
static void an_interceptor_that_is_replaced_ends_its_delivery(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error;
    struct change change = {0};
    struct seen seen = {0};
    uint64_t id = 0;
    plant_open(&plant, NULL);
    const tutti_subscription first = {
        .name = "first", .topic = plant.readings, .handler = make_change, .ctx = &change};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &first, &id, &error), TUTTI_OK);
    (void)plant_watch(&plant, "plant.readings", &seen);
    assert_int_equal(
        tutti_bus_wrap(plant.bus, "plant.readings", "old", stand, &change.old_one), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 2, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 2);
    assert_int_equal(change.old_one.first, 1);
    assert_int_equal(change.old_one.second, 1);
    assert_int_equal(change.new_one.first + change.new_one.second, 0); // it is of another topic
    plant_close(&plant);
}

#define IN_A_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_DIR(a_reply_publishes_when_no_answer_came),
        IN_A_DIR(a_reply_asks_again),
        IN_A_DIR(a_reply_does_what_a_handler_does),
        IN_A_DIR(a_call_that_says_nothing_is_no_part_of_the_record),
        IN_A_DIR(a_step_does_not_wait_for_itself),
        IN_A_DIR(the_thread_of_a_bus_does_not_wait_for_itself),
        IN_A_DIR(signals_are_left_to_the_program),
        cmocka_unit_test(an_interceptor_that_is_replaced_ends_its_delivery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
