/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A bus that is recorded: what stands in the journal, and what comes back from it.
 */
#include "fixture.h"
#include "folder.h"
#include "journal/journal.h"
#include "model/registry.h"

#include <tutti/journal.h>
#include <tutti/operate.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/** Readings that stand in the journal: their number, and the sum of what they say. */
static uint32_t read_back(tutti_topic topic, int64_t *ret_sum)
{
    tt_journal_reader *reader = NULL;
    tt_error error;
    uint32_t count = 0;
    *ret_sum = 0;
    assert_int_equal(tt_journal_reader_open(dir_journal, &reader, &error), TUTTI_OK);
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(reader, &step, &size, &error);
        if (status == TUTTI_END) {
            break;
        }
        assert_int_equal(status, TUTTI_OK);
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
             msg = tt_step_next(step, size, msg)) {
            if (msg->topic == topic) {
                count++;
                *ret_sum += ((const struct reading *)tt_msg_payload(msg))->celsius;
            }
        }
    }
    tt_journal_reader_close(reader);
    return count;
}

static void everything_is_recorded_before_it_is_durable(void **state)
{
    (void)state;
    struct plant plant;
    const tutti_bus_options options = {.journal = dir_journal};
    plant_open(&plant, &options);
    tutti_topic topic = plant.readings;
    uint64_t seq = 0;
    for (int64_t i = 1; i <= 100; i++) {
        assert_int_equal(plant_say(&plant, 1, i, &seq), TUTTI_OK);
    }
    assert_int_equal(tutti_bus_wait_durable(plant.bus, seq, INT64_C(10000000000)), TUTTI_OK);
    assert_true(tutti_bus_durable(plant.bus) >= seq);
    assert_int_equal(tutti_bus_wait_durable(plant.bus, seq + 1, 0), TUTTI_TIMEOUT);
    plant_close(&plant);
    int64_t sum = 0;
    assert_int_equal(read_back(topic, &sum), 100);
    assert_int_equal(sum, 5050);
}

/** An error tells of a failure alone: that a journal was not there yet is none. */
static void the_error_of_what_went_well_is_untouched(void **state)
{
    (void)state;
    tutti_error error = {0};
    tutti_bus *bus = NULL;
    tutti_bus_options options = {.journal = dir_journal, .durability = (tutti_durability)3};
    assert_int_equal(tutti_bus_new(&options, &bus, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "there is no durability 3");
    memset(&error, 0, sizeof error);
    options.durability = TUTTI_DURABILITY_NONE;
    assert_int_equal(tutti_bus_new(&options, &bus, &error), TUTTI_OK);
    assert_int_equal(error.status, TUTTI_OK);
    assert_string_equal(error.message, "");
    tutti_bus *second = NULL;
    assert_int_equal(tutti_bus_new(&options, &second, &error), TUTTI_BUSY);
    assert_int_equal(error.status, TUTTI_BUSY);
    tutti_bus_free(bus);
}

/** What a session recorded must go on to be what a replay of it gives: no program adds to it. */
static void the_journal_of_a_run_is_left_alone(void **state)
{
    (void)state;
    const tt_journal_options options = {.durability = TT_durability_NONE};
    tt_journal_writer *writer = NULL;
    tutti_error error = {0};
    tutti_bus *bus = NULL;
    tutti_journal *log = NULL;
    char expected[128];
    assert_int_equal(
        tt_journal_create(dir_journal, "run: paper\n", 11, &options, &writer, &error), TUTTI_OK);
    tt_journal_close(writer);
    (void)snprintf(
        expected, sizeof expected, "the journal in %s is that of a run of tutti", dir_journal);
    const tutti_bus_options recorded = {.journal = dir_journal};
    assert_int_equal(tutti_bus_new(&recorded, &bus, &error), TUTTI_INVALID);
    assert_string_equal(error.message, expected);
    assert_int_equal(
        tutti_journal_open(dir_journal, TUTTI_DURABILITY_NONE, &log, NULL, &error), TUTTI_INVALID);
    assert_string_equal(error.message, expected);
    tutti_journal_reader *reader = NULL;
    assert_int_equal(tutti_journal_reader_open(dir_journal, &reader, &error), TUTTI_OK);
    tutti_journal_reader_close(reader);
}

static void numbers_and_declarations_go_on_after_a_restart(void **state)
{
    (void)state;
    struct plant plant;
    const tutti_bus_options options = {.journal = dir_journal};
    plant_open(&plant, &options);
    uint64_t before = 0;
    assert_int_equal(plant_say(&plant, 1, 1, &before), TUTTI_OK);
    const struct plant first = plant;
    plant_close(&plant);

    // Declared in another order: the numbers stay those of the journal.
    tutti_error error = {0};
    tutti_bus *bus = NULL;
    tutti_topic topic = 0;
    assert_int_equal(tutti_bus_new(&options, &bus, &error), TUTTI_OK);
    const tutti_topic_options notes = {
        .name = "plant.notes", .schema = "bytes[40]", .history_count = 4};
    assert_int_equal(tutti_bus_declare_topic(bus, &notes, &topic, &error), TUTTI_OK);
    assert_int_equal(topic, first.notes);
    const tutti_topic_options fresh = {.name = "plant.more", .schema = "a:u8"};
    assert_int_equal(tutti_bus_declare_topic(bus, &fresh, &topic, &error), TUTTI_OK);
    assert_true(topic != first.notes && topic != first.readings);
    tutti_bus_free(bus);

    plant_open(&plant, &options);
    assert_int_equal(plant.readings, first.readings);
    assert_int_equal(plant.source, first.source);
    uint64_t after = 0;
    assert_int_equal(plant_say(&plant, 1, 2, &after), TUTTI_OK);
    assert_true(after > before);
    plant_close(&plant);
    int64_t sum = 0;
    assert_int_equal(read_back(first.readings, &sum), 2);
    assert_int_equal(sum, 3);
}

static tutti_post keyed(const struct plant *plant, const struct reading *reading, uint8_t key)
{
    return (tutti_post){
        .topic = plant->readings,
        .source = plant->source,
        .payload = reading,
        .size = sizeof *reading,
        .idempotency = {key},
    };
}

/** Posts two keyed readings in a process of their own, which dies without a word. */
static void post_and_die(const tutti_bus_options *options)
{
    struct plant plant;
    const struct reading reading = {.celsius = 5};
    uint64_t seq = 0;
    plant_open(&plant, options);
    tutti_publisher *publisher = NULL;
    tutti_error error = {0};
    const tutti_publisher_options own = {.name = "sensor", .source = plant.source};
    tutti_post post = keyed(&plant, &reading, 1);
    if (tutti_bus_publish(plant.bus, &post, &seq) != TUTTI_OK ||
        tutti_publisher_open(plant.bus, &own, &publisher, &error) != TUTTI_OK) {
        _exit(1);
    }
    post = keyed(&plant, &reading, 2);
    if (tutti_publisher_post(publisher, &post, 0) != TUTTI_OK || tutti_bus_turn(plant.bus) != 1 ||
        tutti_bus_wait_durable(plant.bus, seq + 2, TUTTI_WAIT_FOREVER) != TUTTI_OK) {
        _exit(2);
    }
    (void)kill(getpid(), SIGKILL);
}

static void a_killed_bus_knows_its_keys_again(void **state)
{
    (void)state;
    const tutti_bus_options options = {
        .journal = dir_journal, .durability = TUTTI_DURABILITY_ALWAYS};
    pid_t child = fork();
    if (child == 0) {
        post_and_die(&options);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);

    struct plant plant;
    const struct reading reading = {.celsius = 5};
    plant_open(&plant, &options);
    uint64_t seq = 0;
    tutti_post post = keyed(&plant, &reading, 2);
    assert_int_equal(tutti_bus_publish(plant.bus, &post, &seq), TUTTI_EXISTS);
    assert_true(seq > 0);
    tutti_publisher *publisher = NULL;
    tutti_error error = {0};
    const tutti_publisher_options own = {.name = "sensor", .source = plant.source};
    assert_int_equal(tutti_publisher_open(plant.bus, &own, &publisher, &error), TUTTI_OK);
    post = keyed(&plant, &reading, 1);
    assert_int_equal(tutti_publisher_post(publisher, &post, 0), TUTTI_OK);
    (void)tutti_bus_turn(plant.bus);
    tutti_bus_stats stats;
    tutti_bus_stats_get(plant.bus, plant.readings, &stats);
    assert_int_equal(stats.duplicates, 2);
    assert_int_equal(stats.published, 0);
    post = keyed(&plant, &reading, 3);
    assert_int_equal(tutti_bus_publish(plant.bus, &post, &seq), TUTTI_OK);
    const tutti_topic topic = plant.readings;
    plant_close(&plant);
    int64_t sum = 0;
    assert_int_equal(read_back(topic, &sum), 3);
}

static void two_readings(void *ctx, tutti_bus *bus)
{
    const struct plant *plant = ctx;
    const struct reading reading = {.celsius = 1};
    const tutti_post post = {
        .topic = plant->readings,
        .source = plant->source,
        .payload = &reading,
        .size = sizeof reading,
    };
    assert_int_equal(tutti_bus_publish(bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tutti_bus_publish(bus, &post, NULL), TUTTI_OK);
}

static tutti_status fail_now(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)bus;
    (void)message;
    return *(const tutti_status *)ctx;
}

/** A redrive from another thread. */
struct redrive {
    uint64_t id;
    tutti_status status;
};

static void redrive(void *ctx, tutti_bus *bus)
{
    struct redrive *again = ctx;
    again->status = tutti_bus_dead_redrive(bus, again->id);
}

/** Whatever makes a step is an input of the journal: a publish, a call, a redrive. */
static void each_step_begins_with_an_input(void **state)
{
    (void)state;
    struct plant plant;
    const tutti_bus_options options = {.journal = dir_journal};
    plant_open(&plant, &options);
    tutti_status answer = TUTTI_IO;
    const tutti_subscription request = {
        .pattern = "plant.readings", .name = "sick", .handler = fail_now, .ctx = &answer};
    uint64_t subscription = 0;
    tutti_error error = {0};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &subscription, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_call(plant.bus, two_readings, &plant), TUTTI_OK);
    tutti_dead dead;
    assert_true(tutti_bus_dead_next(plant.bus, 0, &dead));
    assert_int_equal(tutti_bus_dead_redrive(plant.bus, dead.id), TUTTI_OK); // it fails again
    struct redrive again = {.id = dead.id};
    assert_int_equal(tutti_bus_call(plant.bus, redrive, &again), TUTTI_OK); // and again
    assert_int_equal(again.status, TUTTI_OK);
    assert_true(tutti_bus_dead_next(plant.bus, 0, &dead));
    assert_int_equal(dead.attempts, 3);
    answer = TUTTI_OK;
    assert_int_equal(tutti_bus_dead_redrive(plant.bus, dead.id), TUTTI_OK);
    assert_true(tutti_bus_dead_next(plant.bus, 0, &dead));
    assert_int_equal(tutti_bus_dead_discard(plant.bus, dead.id), TUTTI_OK);
    assert_false(tutti_bus_dead_next(plant.bus, 0, &dead));
    plant_close(&plant);

    tt_journal_reader *reader = NULL;
    uint32_t commands = 0;
    const void *step = NULL;
    size_t size = 0;
    assert_int_equal(tt_journal_reader_open(dir_journal, &reader, &error), TUTTI_OK);
    while (tt_journal_reader_next(reader, &step, &size, &error) == TUTTI_OK) {
        const tt_msg *first = tt_step_next(step, size, NULL);
        assert_true((first->flags & TT_MSG_INPUT) != 0);
        commands += first->topic == TT_TOPIC_BUS_COMMANDS;
    }
    tt_journal_reader_close(reader);
    assert_int_equal(commands, 4);
}

static void one_journal_has_one_writer(void **state)
{
    (void)state;
    const tutti_bus_options options = {.journal = dir_journal};
    tutti_error error = {0};
    tutti_bus *bus = NULL;
    tutti_bus *other = NULL;
    assert_int_equal(tutti_bus_new(&options, &bus, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_new(&options, &other, &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, dir_journal));
    assert_null(other);
    tutti_bus_free(bus);
    const tutti_bus_options nowhere = {.journal = "/proc/nowhere"};
    assert_int_not_equal(tutti_bus_new(&nowhere, &other, &error), TUTTI_OK);
}

/** A rule that settles each order once, whatever repeats it. */
struct once {
    struct plant *plant;
    uint64_t first;
    tutti_status status;
};

static tutti_status settle(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    struct once *once = ctx;
    const struct reading *reading = tutti_message_payload(message);
    tutti_post post = {
        .topic = once->plant->notes, .source = once->plant->source, .payload = "paid", .size = 4};
    post.idempotency[0] = (uint8_t)reading->celsius;
    once->status = tutti_bus_publish(bus, &post, &once->first);
    return TUTTI_OK;
}

static void open_once(struct once *once, struct plant *plant, const tutti_bus_options *options)
{
    tutti_error error = {0};
    uint64_t id = 0;
    plant_open(plant, options);
    *once = (struct once){.plant = plant};
    const tutti_subscription request = {
        .name = "settle", .topic = plant->readings, .handler = settle, .ctx = once};
    assert_int_equal(tutti_bus_subscribe(plant->bus, &request, &id, &error), TUTTI_OK);
}

static void keys_of_handlers_are_known_after_a_restart(void **state)
{
    (void)state;
    struct plant plant;
    struct once once;
    const tutti_bus_options options = {.journal = dir_journal, .idempotency_max = 2};
    tutti_mailbox *mailbox = NULL;
    tutti_error error = {0};
    open_once(&once, &plant, &options);
    const tutti_mailbox_options all = {.name = "all", .pattern = "*"};
    assert_int_equal(tutti_mailbox_open(plant.bus, &all, &mailbox, &error), TUTTI_OK);
    uint64_t first[4];
    for (int64_t i = 1; i <= 3; i++) {
        assert_int_equal(plant_say(&plant, 1, i, NULL), TUTTI_OK);
        assert_int_equal(once.status, TUTTI_OK);
        first[i] = once.first;
    }
    const tutti_message *message = NULL;
    uint32_t count = 0;
    while (tutti_mailbox_take(mailbox, TUTTI_NO_WAIT, &message) == TUTTI_OK) {
        count++;
        assert_int_equal(tutti_mailbox_done(mailbox), TUTTI_OK);
    }
    assert_int_equal(count, 6); // readings and notes; keys are for the record
    plant_close(&plant);
    open_once(&once, &plant, &options);
    for (int64_t i = 2; i <= 3; i++) {
        assert_int_equal(plant_say(&plant, 1, i, NULL), TUTTI_OK);
        assert_int_equal(once.status, TUTTI_EXISTS);
        assert_int_equal(once.first, first[i]);
    }
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK); // the oldest was forgotten
    assert_int_equal(once.status, TUTTI_OK);
    // Keys of posts are another set: the same one is new there.
    const tutti_post post = {
        .topic = plant.notes,
        .source = plant.source,
        .payload = "x",
        .size = 1,
        .idempotency = {3}};
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_OK);
    plant_close(&plant);
}

static void nothing_is_recorded_of_keys_without_a_journal(void **state)
{
    (void)state;
    struct plant plant;
    struct once once;
    tutti_bus_state before;
    tutti_bus_state after;
    open_once(&once, &plant, NULL);
    tutti_bus_state_get(plant.bus, &before);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    tutti_bus_state_get(plant.bus, &after);
    assert_int_equal(after.next_seq - before.next_seq, 2);
    plant_close(&plant);
}

/** Sets limits from a handler, and from what tutti_bus_call runs. */
static tutti_status limit_notes(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    const struct plant *plant = ctx;
    const tutti_rate rare = {.per_s = 1};
    (void)message;
    return tutti_bus_limit(bus, plant->notes, rare, (tutti_rate){0});
}

static void limit_twice(void *ctx, tutti_bus *bus)
{
    const struct plant *plant = ctx;
    const tutti_rate rare = {.per_s = 1, .burst = 2};
    const tutti_rate often = {.per_s = 1000};
    assert_int_equal(tutti_bus_limit(bus, plant->readings, rare, often), TUTTI_OK);
    assert_int_equal(tutti_bus_limit(bus, plant->readings, (tutti_rate){0}, rare), TUTTI_OK);
}

static tutti_status note(const struct plant *plant)
{
    const tutti_post post = {
        .topic = plant->notes, .source = plant->source, .payload = "x", .size = 1};
    return tutti_bus_publish(plant->bus, &post, NULL);
}

static uint64_t next_of(const struct plant *plant)
{
    tutti_bus_state state;
    tutti_bus_state_get(plant->bus, &state);
    return state.next_seq;
}

/** Commands that stand in the journal, in order. */
static uint32_t read_commands(tt_bus_command *ret_commands, uint32_t most)
{
    tt_journal_reader *reader = NULL;
    tt_error error;
    uint32_t count = 0;
    const void *step = NULL;
    size_t size = 0;
    assert_int_equal(tt_journal_reader_open(dir_journal, &reader, &error), TUTTI_OK);
    while (tt_journal_reader_next(reader, &step, &size, &error) == TUTTI_OK) {
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg;
             msg = tt_step_next(step, size, msg)) {
            if (msg->topic == TT_TOPIC_BUS_COMMANDS) {
                assert_true(count < most);
                ret_commands[count++] = *TT_PAYLOAD(msg, BUS_COMMANDS, bus_command);
            }
        }
    }
    tt_journal_reader_close(reader);
    return count;
}

/** How many readings of a source, and of one that is exempt, pass at once. */
static void expect_limits(struct plant *plant, tutti_source exempt, uint32_t passing)
{
    const struct reading reading = {0};
    const tutti_post post = {
        .topic = plant->readings, .source = exempt, .payload = &reading, .size = sizeof reading};
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(plant_say(plant, 1, i, NULL), i < passing ? TUTTI_OK : TUTTI_LIMIT);
        assert_int_equal(tutti_bus_publish(plant->bus, &post, NULL), TUTTI_OK);
    }
}

static void limits_are_known_after_a_restart(void **state)
{
    (void)state;
    struct plant plant;
    tutti_source other = 0;
    tutti_error error = {0};
    uint64_t id = 0;
    const tutti_bus_options options = {.journal = dir_journal};
    plant_open(&plant, &options);
    assert_int_equal(tutti_bus_declare_source(plant.bus, "other", &other, &error), TUTTI_OK);
    const tutti_subscription request = {
        .pattern = "plant.notes", .name = "limiter", .handler = limit_notes, .ctx = &plant};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_OK);
    assert_int_equal(note(&plant), TUTTI_OK);
    assert_int_equal(tutti_bus_call(plant.bus, limit_twice, &plant), TUTTI_OK);
    assert_int_equal(tutti_bus_exempt(plant.bus, other, true), TUTTI_OK);
    const uint64_t next = next_of(&plant);
    assert_int_equal(tutti_bus_exempt(plant.bus, other, true), TUTTI_OK); // It is no news.
    const tutti_rate rare = {.per_s = 1, .burst = 2};
    assert_int_equal(tutti_bus_limit(plant.bus, plant.readings, (tutti_rate){0}, rare), TUTTI_OK);
    assert_true(next_of(&plant) == next);
    expect_limits(&plant, other, 2);
    plant_close(&plant);

    tt_bus_command commands[4];
    assert_int_equal(read_commands(commands, 4), 4);
    assert_int_equal(commands[0].command, TT_bus_command_type_LIMIT);
    assert_int_equal(commands[0].limited_topic, plant.notes);
    assert_int_equal(commands[0].topic_per_s, 1);
    assert_int_equal(commands[0].topic_burst, 1);
    assert_string_equal(commands[0].actor, "library");
    assert_int_equal(commands[1].source_per_s, 1000);
    assert_int_equal(commands[2].topic_per_s, 0);
    assert_int_equal(commands[2].source_burst, 2);
    assert_int_equal(commands[3].command, TT_bus_command_type_EXEMPT);
    assert_int_equal(commands[3].exempt_source, other);
    assert_true(commands[3].is_exempt);

    plant_open(&plant, &options);
    expect_limits(&plant, other, 2);
    assert_int_equal(note(&plant), TUTTI_OK);
    assert_int_equal(note(&plant), TUTTI_LIMIT);
    const tutti_rate none = {0};
    assert_int_equal(tutti_bus_limit(plant.bus, plant.readings, none, none), TUTTI_OK);
    plant_close(&plant);
    plant_open(&plant, &options);
    expect_limits(&plant, other, 3); // A limit taken away stays away.
    plant_close(&plant);
}

static void a_stopped_bus_records_no_limit(void **state)
{
    (void)state;
    struct plant plant;
    const tutti_rate rare = {.per_s = 1};
    plant_open(&plant, NULL);
    assert_int_equal(tutti_bus_stop(plant.bus, 0, NULL), TUTTI_OK);
    assert_int_equal(tutti_bus_limit(plant.bus, plant.readings, rare, rare), TUTTI_STATE);
    plant_close(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            everything_is_recorded_before_it_is_durable, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(the_journal_of_a_run_is_left_alone, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(
            the_error_of_what_went_well_is_untouched, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(
            numbers_and_declarations_go_on_after_a_restart, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_killed_bus_knows_its_keys_again, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(
            keys_of_handlers_are_known_after_a_restart, make_dir, remove_dir),
        cmocka_unit_test(nothing_is_recorded_of_keys_without_a_journal),
        cmocka_unit_test_setup_teardown(limits_are_known_after_a_restart, make_dir, remove_dir),
        cmocka_unit_test(a_stopped_bus_records_no_limit),
        cmocka_unit_test_setup_teardown(each_step_begins_with_an_input, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(one_journal_has_one_writer, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
