/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What is left in the rings of a session, by queue and topic.
 */
#include "../../lib/test.h"
#include "agent/agent.h"
#include "host/delivery.h"

typedef struct fixture {
    tt_hub hub;
    tt_ring effects;
    tt_delivery delivery;
} fixture;

static int set_up(void **state)
{
    fixture *self =
        aligned_alloc(TT_RING_PAD, (sizeof *self + TT_RING_PAD - 1) / TT_RING_PAD * TT_RING_PAD);
    assert_non_null(self);
    memset(self, 0, sizeof *self);
    assert_int_equal(tt_hub_init(&self->hub), TUTTI_OK);
    void *memory = calloc(1, 4096);
    assert_non_null(memory);
    assert_int_equal(tt_ring_init(&self->effects, memory, 4096), TUTTI_OK);
    *state = self;
    return 0;
}

static int tear_down(void **state)
{
    fixture *self = *state;
    free(self->effects.data);
    tt_hub_fini(&self->hub);
    free(self);
    return 0;
}

/** Puts messages of one topic into a ring, as one record. */
static void push(tt_ring *ring, uint16_t topic, tt_seq first, uint32_t count)
{
    _Alignas(16) unsigned char step[8][sizeof(tt_msg) + 16] = {0};
    assert_true(count <= 8);
    for (uint32_t i = 0; i < count; i++) {
        tt_msg head = {.seq = first + i, .topic = topic, .size = 16};
        memcpy(step[i], &head, sizeof head);
    }
    assert_int_equal(tt_ring_push(ring, step, count * (uint32_t)sizeof step[0]), TUTTI_OK);
}

static tt_input command(void)
{
    static tt_coordinator_command payload = {.command = TT_command_RESUME};
    return (tt_input){
        .topic = TT_TOPIC_COORDINATOR_COMMANDS,
        .payload = &payload,
        .payload_size = sizeof payload};
}

static const tt_delivery_queue *queue_of(const tt_delivery *delivery, const char *name)
{
    for (uint32_t i = 0; i < delivery->queue_count; i++) {
        if (strcmp(delivery->queues[i].name, name) == 0) {
            return &delivery->queues[i];
        }
    }
    fail_msg("no queue %s", name);
    return NULL;
}

static void check_row(
    const tt_delivery *delivery,
    uint32_t index,
    const char *queue,
    uint16_t topic,
    uint64_t count,
    tt_seq first_seq)
{
    assert_true(index < delivery->row_count);
    const tt_delivery_row *row = &delivery->rows[index];
    assert_string_equal(row->queue, queue);
    assert_int_equal(row->topic, topic);
    assert_int_equal(row->count, count);
    assert_int_equal(row->first_seq, first_seq);
    assert_int_equal(row->last_seq, first_seq == 0 ? 0 : first_seq + count - 1);
}

static void text_of(const tt_delivery *delivery, bool json, char *text, size_t size)
{
    FILE *out = fmemopen(text, size, "w");
    assert_non_null(out);
    json ? tt_delivery_json(delivery, out) : tt_delivery_print(delivery, out);
    assert_int_equal(fclose(out), 0);
}

static void nothing_left_is_complete(void **state)
{
    fixture *self = *state;
    uint32_t size = 0;
    unsigned char taken[256];
    push(&self->hub.steps_out, TT_TOPIC_FILLS, 7, 1);
    assert_int_equal(tt_ring_pop(&self->hub.steps_out, taken, sizeof taken, &size), TUTTI_OK);
    tt_delivery_take(&self->delivery, &self->hub, &self->effects);
    tt_delivery_add_store(&self->delivery, 7, 7);
    assert_int_equal(tt_delivery_outcome_of(&self->delivery), TT_DELIVERY_COMPLETE);
    assert_int_equal(self->delivery.row_count, 0);
    assert_int_equal(self->delivery.queue_count, 13);
    assert_int_equal(queue_of(&self->delivery, "steps_out")->delivered, 1);
    assert_int_equal(queue_of(&self->delivery, "read_model")->delivered, 7);
    char text[256];
    text_of(&self->delivery, false, text, sizeof text);
    assert_string_equal(
        text, "  delivery complete: orders, journal and read model have all they should\n");
}

static void what_is_left_is_counted_by_queue_and_topic(void **state)
{
    fixture *self = *state;
    push(&self->effects, TT_TOPIC_ORDER_INTENTS, 20, 1);
    push(&self->hub.venue_out, TT_TOPIC_ORDER_CANCELS, 11, 1);
    push(&self->hub.venue_out, TT_TOPIC_ORDER_INTENTS, 12, 1);
    push(&self->hub.venue_out, TT_TOPIC_ORDER_INTENTS, 13, 1);
    push(&self->hub.steps_out, TT_TOPIC_FILLS, 21, 3); // One step of three messages.
    tt_delivery_take(&self->delivery, &self->hub, &self->effects);
    assert_int_equal(tt_delivery_outcome_of(&self->delivery), TT_DELIVERY_INCOMPLETE);
    assert_int_equal(self->delivery.row_count, 4);
    check_row(&self->delivery, 0, "effects", TT_TOPIC_ORDER_INTENTS, 1, 20);
    check_row(&self->delivery, 1, "venue_out", TT_TOPIC_ORDER_CANCELS, 1, 11);
    check_row(&self->delivery, 2, "venue_out", TT_TOPIC_ORDER_INTENTS, 2, 12);
    check_row(&self->delivery, 3, "steps_out", TT_TOPIC_FILLS, 3, 21);
    assert_int_equal(queue_of(&self->delivery, "venue_out")->left, 3);
    char text[1024];
    text_of(&self->delivery, false, text, sizeof text);
    assert_string_equal(
        text,
        "  not delivered: effects, order_intents: 1 (messages 20 to 20)\n"
        "  not delivered: venue_out, order_cancels: 1 (messages 11 to 11)\n"
        "  not delivered: venue_out, order_intents: 2 (messages 12 to 13)\n"
        "  not delivered: steps_out, fills: 3 (messages 21 to 23)\n"
        "  the exchange or the journal did not get all: look at the open orders of the exchange; "
        "the next start asks about them\n");
}

static void what_is_not_owed_is_listed_and_complete(void **state)
{
    fixture *self = *state;
    tt_input input = command();
    static tt_agent_request request = {.call_seq = 5};
    static unsigned char record[65536];
    assert_true(tt_hub_push_command(&self->hub.commands_in, &input));
    assert_true(tt_hub_push_input(&self->hub.market_in, &input));
    assert_int_equal(tt_ring_push(&self->hub.jobs_out[1], &request, sizeof request), TUTTI_OK);
    while (tt_ring_push(&self->hub.activity_out, record, sizeof record) == TUTTI_OK) {
    }
    tt_delivery_take(&self->delivery, &self->hub, &self->effects);
    assert_int_equal(tt_delivery_outcome_of(&self->delivery), TT_DELIVERY_COMPLETE);
    check_row(&self->delivery, 0, "market_in", TT_TOPIC_COORDINATOR_COMMANDS, 1, 0);
    check_row(&self->delivery, 1, "jobs_out_1", TT_TOPIC_AGENT_CALLS, 1, 5);
    check_row(&self->delivery, 2, "commands_in", TT_TOPIC_COORDINATOR_COMMANDS, 1, 0);
    assert_int_equal(queue_of(&self->delivery, "activity_out")->dropped, 1);
}

static void the_read_model_says_what_it_lacks(void **state)
{
    fixture *self = *state;
    tt_delivery_add_store(&self->delivery, 10, 14);
    assert_int_equal(tt_delivery_outcome_of(&self->delivery), TT_DELIVERY_BEHIND);
    check_row(&self->delivery, 0, "read_model", TT_TOPIC_NONE, 4, 11);
    char text[512];
    text_of(&self->delivery, true, text, sizeof text);
    assert_string_equal(
        text,
        "{\"complete\": false, \"outcome\": \"read_model_behind\", \"unlisted\": 0,\n    "
        "\"queues\": [\n"
        "      {\"queue\": \"read_model\", \"owed\": true, \"delivered\": 10, \"left\": 4, "
        "\"dropped\": 0}],\n"
        "    \"undelivered\": [\n"
        "      {\"queue\": \"read_model\", \"topic\": \"all\", \"count\": 4, \"first_seq\": 11, "
        "\"last_seq\": 14}]}");
    text_of(&self->delivery, false, text, sizeof text);
    assert_string_equal(
        text,
        "  not delivered: read_model, all: 4 (messages 11 to 14)\n"
        "  only the read model is behind: orders and journal have all, nothing is lost, and the "
        "next start fills it from the journal\n");
}

/* What the exchange lacks is not hidden behind a read model that is late, too. */
static void the_worse_outcome_is_told(void **state)
{
    fixture *self = *state;
    push(&self->hub.steps_out, TT_TOPIC_FILLS, 21, 1);
    tt_delivery_take(&self->delivery, &self->hub, &self->effects);
    tt_delivery_add_store(&self->delivery, 10, 14);
    assert_int_equal(tt_delivery_outcome_of(&self->delivery), TT_DELIVERY_INCOMPLETE);
    char text[4096];
    text_of(&self->delivery, true, text, sizeof text);
    assert_non_null(strstr(text, "{\"complete\": false, \"outcome\": \"incomplete\","));
}

static void what_finds_no_row_is_counted(void **state)
{
    fixture *self = *state;
    for (uint16_t topic = 1; topic <= TT_DELIVERY_ROWS_MAX + 2; topic++) {
        push(&self->hub.venue_out, topic, topic, 1);
    }
    tt_delivery_take(&self->delivery, &self->hub, &self->effects);
    assert_int_equal(self->delivery.row_count, TT_DELIVERY_ROWS_MAX);
    assert_int_equal(self->delivery.unlisted, 2);
    assert_int_equal(queue_of(&self->delivery, "venue_out")->left, TT_DELIVERY_ROWS_MAX + 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_left_is_complete),
        TEST(what_is_left_is_counted_by_queue_and_topic),
        TEST(what_is_not_owed_is_listed_and_complete),
        TEST(the_read_model_says_what_it_lacks),
        TEST(the_worse_outcome_is_told),
        TEST(what_finds_no_row_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
