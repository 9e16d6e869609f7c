/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A bus that is recorded: what stands in the journal, and what comes back from it.
 */
#include "fixture.h"
#include "journal/journal.h"
#include "model/registry.h"

#include <ftw.h>

static char dir[] = "/tmp/tutti_lib_XXXXXX";
static char journal[64];

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir + sizeof dir - 7, "XXXXXX");
    if (!mkdtemp(dir)) {
        return -1;
    }
    snprintf(journal, sizeof journal, "%s/journal", dir);
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static int remove_dir(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/** Readings that stand in the journal: their number, and the sum of what they say. */
static uint32_t read_back(tutti_topic topic, int64_t *ret_sum)
{
    tt_journal_reader *reader = NULL;
    tt_error error;
    uint32_t count = 0;
    *ret_sum = 0;
    assert_int_equal(tt_journal_reader_open(journal, &reader, &error), TUTTI_OK);
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
    const tutti_bus_options options = {.journal = journal};
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

static void numbers_and_declarations_go_on_after_a_restart(void **state)
{
    (void)state;
    struct plant plant;
    const tutti_bus_options options = {.journal = journal};
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

static void one_journal_has_one_writer(void **state)
{
    (void)state;
    const tutti_bus_options options = {.journal = journal};
    tutti_error error = {0};
    tutti_bus *bus = NULL;
    tutti_bus *other = NULL;
    assert_int_equal(tutti_bus_new(&options, &bus, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_new(&options, &other, &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, journal));
    assert_null(other);
    tutti_bus_free(bus);
    const tutti_bus_options nowhere = {.journal = "/proc/nowhere"};
    assert_int_not_equal(tutti_bus_new(&nowhere, &other, &error), TUTTI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            everything_is_recorded_before_it_is_durable, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(
            numbers_and_declarations_go_on_after_a_restart, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(one_journal_has_one_writer, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
