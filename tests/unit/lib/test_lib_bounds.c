/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bounds of the library, at each of them and one beyond, with the words of the refusal.
 * Covers: lib_journal.c lib_options.c lib_record.c lib_subscribe.c
 */
#include "fixture.h"
#include "folder.h"

#include <tutti/journal.h>
#include <tutti/operate.h>

static void a_log_has_4096_topics(void **state)
{
    (void)state;
    tutti_error error = {0};
    tutti_journal *journal = NULL;
    tutti_topic topic = 0;
    char name[16];
    assert_int_equal(
        tutti_journal_open(dir, TUTTI_DURABILITY_NONE, &journal, NULL, &error), TUTTI_OK);
    for (uint32_t i = 0; i < 4096; i++) {
        (void)snprintf(name, sizeof name, "topic.%u", i);
        assert_int_equal(tutti_journal_topic(journal, name, &topic, &error), TUTTI_OK);
        assert_int_equal(topic, 1024 + i);
    }
    topic = 0;
    assert_int_equal(tutti_journal_topic(journal, "one.more", &topic, &error), TUTTI_LIMIT);
    assert_string_equal(error.message, "the log has 4096 topics already");
    assert_int_equal(topic, 0);
    assert_int_equal(tutti_journal_topic(journal, "topic.4095", &topic, &error), TUTTI_OK);
    assert_int_equal(topic, 5119);
    assert_int_equal(tutti_journal_topic(journal, "fills", &topic, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "\"fills\" is the name of a built-in topic");
    uint64_t lost = 1;
    assert_int_equal(tutti_journal_close(journal, &lost), TUTTI_OK);
    assert_int_equal(lost, 0);
}

static void subscriptions_are_bounded_by_their_option(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, &(tutti_bus_options){.subscriptions_max = 2});
    struct seen seen = {0};
    tutti_error error = {0};
    uint64_t id = 7;
    const uint64_t first = plant_watch(&plant, "plant.*", &seen);
    const uint64_t second = plant_watch(&plant, "plant.readings", &seen);
    const tutti_subscription third = {
        .name = "third", .topic = plant.readings, .handler = see, .ctx = &seen};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &third, &id, &error), TUTTI_LIMIT);
    assert_string_equal(error.message, "there are subscriptions_max subscriptions");
    assert_int_equal(id, 7);
    assert_true(tutti_bus_unsubscribe(plant.bus, first));
    assert_int_equal(tutti_bus_subscribe(plant.bus, &third, &id, &error), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 5, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 2);
    assert_true(tutti_bus_unsubscribe(plant.bus, second));
    assert_true(tutti_bus_unsubscribe(plant.bus, id));
    assert_int_equal(plant_say(&plant, 1, 6, NULL), TUTTI_OK);
    assert_int_equal(seen.count, 2);
    plant_close(&plant);
}

static void names_and_patterns_of_subscriptions_are_bounded(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    struct seen seen = {0};
    tutti_error error = {0};
    uint64_t id = 0;
    char pattern[65];
    memset(pattern, 'a', 64);
    pattern[64] = '\0';
    const char *told = "the name takes at most 31 bytes, the pattern at most 63";
    tutti_subscription request = {.name = "n", .pattern = pattern, .handler = see, .ctx = &seen};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_INVALID);
    assert_string_equal(error.message, told);
    pattern[63] = '\0';
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_OK);
    request.name = "a name of no more than 31 bytes.";
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_INVALID);
    assert_string_equal(error.message, told);
    request.name = "a name of no more than 31 bytes";
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_OK);
    request.name = NULL;
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "a subscription needs a name and a handler");
    request.name = "n";
    request.handler = NULL;
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "a subscription needs a name and a handler");
    plant_close(&plant);
}

/** NULL for a text is refused, or finds nothing. */
static void a_text_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    tutti_journal *journal = NULL;
    tutti_journal_reader *reader = NULL;
    tutti_topic topic = 7;
    plant_open(&plant, NULL);
    assert_int_equal(tutti_bus_find_topic(plant.bus, NULL), 0);
    assert_int_equal(tutti_bus_find_source(plant.bus, NULL), 0);
    assert_int_equal(tutti_bus_unsubscribe_name(plant.bus, NULL), 0);
    assert_int_equal(tutti_bus_release(plant.bus, NULL), TUTTI_NOT_FOUND);
    plant_close(&plant);
    assert_int_equal(
        tutti_journal_open(NULL, TUTTI_DURABILITY_NONE, &journal, NULL, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "a journal needs a directory");
    assert_int_equal(tutti_journal_reader_open(NULL, &reader, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "a journal needs a directory");
    assert_int_equal(
        tutti_journal_open(dir, TUTTI_DURABILITY_NONE, &journal, NULL, &error), TUTTI_OK);
    assert_int_equal(tutti_journal_topic(journal, NULL, &topic, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "a topic needs a name");
    assert_int_equal(topic, 0);
    assert_int_equal(tutti_journal_close(journal, NULL), TUTTI_OK);
}

/** A payload ends in zeros, also when it is given with what fills it up. */
static void what_fills_a_payload_up_is_zero(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    tutti_topic topic = 0;
    unsigned char bytes[32];
    const unsigned char zeros[8] = {0};
    memset(bytes, 0xaa, sizeof bytes);
    plant_open(&plant, NULL);
    const tutti_topic_options three = {
        .name = "three", .schema = "a:u64 b:u64 c:u64", .history_count = 1};
    assert_int_equal(tutti_bus_declare_topic(plant.bus, &three, &topic, &error), TUTTI_OK);
    const tutti_post post = {
        .topic = topic, .source = plant.source, .payload = bytes, .size = sizeof bytes};
    assert_int_equal(tutti_bus_publish(plant.bus, &post, NULL), TUTTI_OK);
    const tutti_message *message = tutti_bus_latest(plant.bus, topic, 0, 0, 0);
    assert_int_equal(message->size, 32);
    assert_memory_equal(tutti_message_payload(message), bytes, 24);
    assert_memory_equal((const unsigned char *)tutti_message_payload(message) + 24, zeros, 8);
    plant_close(&plant);
}

/** The topics of the journal are more than the bus that is to go on with it can hold. */
static void a_smaller_bus_does_not_go_on_with_a_journal(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, &(tutti_bus_options){.journal = dir});
    plant_close(&plant);
    tutti_error error = {0};
    tutti_bus *bus = NULL;
    assert_int_equal(
        tutti_bus_new(&(tutti_bus_options){.journal = dir, .topics_max = 1}, &bus, &error),
        TUTTI_LIMIT);
    assert_null(bus);
    assert_string_equal(
        error.message, "message 2 of the journal declares what this bus cannot hold");
    assert_int_equal(
        tutti_bus_new(&(tutti_bus_options){.journal = dir, .topics_max = 2}, &bus, &error),
        TUTTI_OK);
    assert_int_equal(tutti_bus_find_topic(bus, "plant.notes"), plant.notes);
    tutti_bus_free(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_log_has_4096_topics, make_dir, remove_dir),
        cmocka_unit_test(subscriptions_are_bounded_by_their_option),
        cmocka_unit_test_setup_teardown(a_text_that_is_not_there_is_told, make_dir, remove_dir),
        cmocka_unit_test(what_fills_a_payload_up_is_zero),
        cmocka_unit_test(names_and_patterns_of_subscriptions_are_bounded),
        cmocka_unit_test_setup_teardown(
            a_smaller_bus_does_not_go_on_with_a_journal, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
