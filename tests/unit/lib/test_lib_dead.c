/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dead letters of a bus of the library: what is known of them, and all of them at once, those of
 * mailboxes, too.
 */
#include "fixture.h"

#include <tutti/operate.h>

/** A bus whose readings fail at a handler and are given up by a mailbox. */
struct ward {
    struct plant plant;
    struct seen seen;
    tutti_mailbox *mailbox;
};

static void open_ward(struct ward *ward)
{
    tutti_error error = {0};
    const tutti_retry none = {0};
    const tutti_mailbox_options options = {
        .name = "sink", .pattern = "plant.notes", .retry = &none, .count_max = 2};
    *ward = (struct ward){.seen.answer = TUTTI_IO};
    plant_open(&ward->plant, NULL);
    plant_watch(&ward->plant, "plant.readings", &ward->seen);
    assert_int_equal(
        tutti_mailbox_open(ward->plant.bus, &options, &ward->mailbox, &error), TUTTI_OK);
}

static void note(struct ward *ward, const char *text)
{
    const tutti_post post = {
        .topic = ward->plant.notes, .source = ward->plant.source, .payload = text, .size = 1};
    assert_int_equal(tutti_bus_publish(ward->plant.bus, &post, NULL), TUTTI_OK);
}

static void give_up(struct ward *ward)
{
    const tutti_message *message = NULL;
    assert_int_equal(tutti_mailbox_take(ward->mailbox, TUTTI_NO_WAIT, &message), TUTTI_OK);
    assert_int_equal(tutti_mailbox_attempt(ward->mailbox), 1);
    assert_int_equal(tutti_mailbox_failed(ward->mailbox, "disk full"), TUTTI_OK);
    assert_int_equal(tutti_mailbox_attempt(ward->mailbox), 0);
    (void)tutti_bus_turn(ward->plant.bus);
}

static void a_letter_says_what_was_wrong(void **state)
{
    (void)state;
    static struct ward ward;
    open_ward(&ward);
    note(&ward, "a");
    give_up(&ward);
    assert_int_equal(plant_say(&ward.plant, 1, 5, NULL), TUTTI_OK);
    tutti_dead dead;
    assert_true(tutti_bus_dead_next(ward.plant.bus, 0, &dead));
    assert_true(dead.is_of_mailbox);
    assert_string_equal(dead.handler, "sink");
    assert_string_equal(dead.reason, "handler_failed");
    assert_string_equal(dead.text, "disk full");
    assert_int_equal(dead.message->topic, ward.plant.notes);
    assert_true(tutti_bus_dead_next(ward.plant.bus, dead.id, &dead));
    assert_false(dead.is_of_mailbox);
    assert_string_equal(dead.handler, "watcher");
    assert_string_equal(dead.text, tutti_status_text(TUTTI_IO));
    assert_int_equal(dead.first_failure_ns, dead.message->time_ns);
    assert_int_equal(dead.last_failure_ns, dead.first_failure_ns);
    plant_close(&ward.plant);
}

static void all_are_redriven_those_of_mailboxes_too(void **state)
{
    (void)state;
    static struct ward ward;
    open_ward(&ward);
    for (uint32_t i = 0; i < 3; i++) {
        note(&ward, "a");
        give_up(&ward);
        assert_int_equal(plant_say(&ward.plant, 1, i, NULL), TUTTI_OK);
    }
    ward.seen.answer = TUTTI_OK;
    tutti_dead_work work;
    assert_int_equal(tutti_bus_dead_redrive_all(ward.plant.bus, 0, &work), TUTTI_OK);
    // The mailbox has room for two; why the third stays is told.
    assert_int_equal(work.done, 5);
    assert_int_equal(work.left, 1);
    assert_int_equal(work.why_left, TUTTI_LIMIT);
    assert_int_equal(ward.seen.count, 6);
    tutti_dead dead;
    assert_true(tutti_bus_dead_next(ward.plant.bus, 0, &dead));
    assert_int_equal(dead.id, work.first_left);
    assert_false(tutti_bus_dead_next(ward.plant.bus, dead.id, &dead));
    const tutti_message *message = NULL;
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(tutti_mailbox_take(ward.mailbox, TUTTI_NO_WAIT, &message), TUTTI_OK);
        assert_int_equal(message->topic, ward.plant.notes);
        assert_int_equal(tutti_mailbox_done(ward.mailbox), TUTTI_OK);
    }
    assert_int_equal(tutti_bus_dead_redrive_all(ward.plant.bus, 0, &work), TUTTI_OK);
    assert_int_equal(work.done, 1);
    assert_int_equal(work.left, 0);
    assert_int_equal(work.first_left, 0);
    assert_false(tutti_bus_dead_next(ward.plant.bus, 0, &dead));
    plant_close(&ward.plant);
}

static void what_fails_again_is_tried_once(void **state)
{
    (void)state;
    static struct ward ward;
    open_ward(&ward);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(plant_say(&ward.plant, 1, i, NULL), TUTTI_OK);
    }
    tutti_dead_work work;
    assert_int_equal(tutti_bus_dead_redrive_all(ward.plant.bus, 0, &work), TUTTI_OK);
    assert_int_equal(work.done, 2);
    assert_int_equal(ward.seen.count, 4);
    tutti_bus_state whole;
    tutti_bus_state_get(ward.plant.bus, &whole);
    assert_int_equal(whole.dead_count, 2);
    assert_int_equal(whole.redriven, 0);
    plant_close(&ward.plant);
}

/** Whoever walks them may let go of the one in hand. */
static void letters_are_walked_while_they_go(void **state)
{
    (void)state;
    static struct ward ward;
    open_ward(&ward);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(plant_say(&ward.plant, 1, i, NULL), TUTTI_OK);
    }
    tutti_dead dead = {0};
    uint32_t count = 0;
    while (tutti_bus_dead_next(ward.plant.bus, dead.id, &dead)) {
        count++;
        if (count != 2) {
            assert_int_equal(tutti_bus_dead_discard(ward.plant.bus, dead.id), TUTTI_OK);
        }
    }
    assert_int_equal(count, 4);
    assert_true(tutti_bus_dead_next(ward.plant.bus, 0, &dead));
    assert_false(tutti_bus_dead_next(ward.plant.bus, dead.id, &dead));
    plant_close(&ward.plant);
}

static void a_topic_is_worked_off_alone(void **state)
{
    (void)state;
    static struct ward ward;
    open_ward(&ward);
    note(&ward, "a");
    give_up(&ward);
    assert_int_equal(plant_say(&ward.plant, 1, 1, NULL), TUTTI_OK);
    tutti_dead_work work;
    assert_int_equal(
        tutti_bus_dead_discard_all(ward.plant.bus, ward.plant.readings, &work), TUTTI_OK);
    assert_int_equal(work.done, 1);
    tutti_dead dead;
    assert_true(tutti_bus_dead_next(ward.plant.bus, 0, &dead));
    assert_string_equal(dead.handler, "sink");
    assert_int_equal(tutti_bus_dead_discard_all(ward.plant.bus, 0, &work), TUTTI_OK);
    assert_int_equal(work.done, 1);
    assert_false(tutti_bus_dead_next(ward.plant.bus, 0, &dead));
    tutti_bus_state whole;
    tutti_bus_state_get(ward.plant.bus, &whole);
    assert_int_equal(whole.dead_discarded, 2);
    plant_close(&ward.plant);
}

static tutti_status work_from_within(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)message;
    tutti_dead_work work;
    *(tutti_status *)ctx = tutti_bus_dead_redrive_all(bus, 0, &work);
    return TUTTI_OK;
}

static void a_handler_cannot_work_on_all(void **state)
{
    (void)state;
    struct plant plant;
    tutti_error error = {0};
    tutti_status told = TUTTI_OK;
    uint64_t id = 0;
    plant_open(&plant, NULL);
    const tutti_subscription request = {
        .name = "within", .topic = plant.readings, .handler = work_from_within, .ctx = &told};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_OK);
    assert_int_equal(plant_say(&plant, 1, 1, NULL), TUTTI_OK);
    assert_int_equal(told, TUTTI_STATE);
    plant_close(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_says_what_was_wrong),
        cmocka_unit_test(all_are_redriven_those_of_mailboxes_too),
        cmocka_unit_test(what_fails_again_is_tried_once),
        cmocka_unit_test(letters_are_walked_while_they_go),
        cmocka_unit_test(a_topic_is_worked_off_alone),
        cmocka_unit_test(a_handler_cannot_work_on_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
