/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dead letters and quarantines over HTTP: what is shown, what is sent to the bus, what is answered.
 *
 * Covers: api_dead.c
 */
#include "commands_world.h"

/** Lets the interface know a status: one letter of a handler, one that never was a message. */
static void show_letters(void)
{
    pthread_mutex_lock(&world.lock);
    world.bus = (tt_engine_bus_status){.quarantined_count = 1};
    world.dead = (tt_engine_dead_page){.count = 2, .left_out = 3};
    world.dead.rows[0] = (tt_engine_dead){
        .id = 65536,
        .seq = 40,
        .first_failure = {INT64_C(1704067200) * TT_NS_PER_S},
        .last_failure = {INT64_C(1704067201) * TT_NS_PER_S},
        .attempts = 2,
        .key = 1,
        .topic = TT_TOPIC_FILLS,
        .source = TT_SOURCE_TRADE,
        .reason = TT_dead_reason_HANDLER_FAILED,
        .handler = "risk",
        .text = "not \"now\"",
    };
    world.dead.rows[1] = (tt_engine_dead){
        .id = 131073, .topic = TT_TOPIC_CLOCK, .reason = TT_dead_reason_QUEUE_FULL};
    world.bus.quarantined[0] =
        (tt_engine_quarantined){.name = "coordinator", .skipped = 9, .failures = 4};
    world.has_status = true;
    pthread_mutex_unlock(&world.lock);
    for (int i = 0; i < 200 && api_get("quarantine", world.viewer) != 200; i++) {
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
}

static tt_bus_command sent_bus(unsigned place)
{
    pthread_mutex_lock(&world.lock);
    assert_true(place < world.sent_bus_count);
    tt_bus_command copy = world.sent_bus[place];
    pthread_mutex_unlock(&world.lock);
    return copy;
}

static void what_is_kept_is_shown(void **state)
{
    (void)state;
    show_letters();
    assert_int_equal(api_get("dead_letters/kept", world.viewer), 200);
    api_check_body();
    static const char first[] =
        "{\"dead_id\": 65536, \"dead_seq\": 40, \"dead_topic\": \"fills\", \"dead_source\": "
        "\"trade\", \"symbol\": \"BTC/USDT\", \"reason\": \"handler_failed\", \"handler\": "
        "\"risk\", "
        "\"attempts\": 2, \"first_failure\": \"2024-01-01T00:00:00Z\", \"last_failure\": "
        "\"2024-01-01T00:00:01Z\", \"message\": \"not \\\"now\\\"\"}";
    assert_true(api_says(first));
    assert_true(strstr(api_reply, "131073") < strstr(api_reply, "65536")); // newest first
    assert_true(api_says("\"count\": 2, \"left_out\": 3}"));
    assert_int_equal(api_get("dead_letters/65536", world.viewer), 200);
    api_check_body();
    assert_true(api_says(first));
    assert_int_equal(api_get("dead_letters/65537", world.viewer), 404);
    api_check_body();
    assert_true(api_says("no dead letter of this id is kept"));
    assert_int_equal(api_get("dead_letters/x", world.viewer), 400);
    assert_int_equal(api_get("quarantine", world.viewer), 200);
    api_check_body();
    assert_true(
        api_says("{\"handler\": \"coordinator\", \"failures_in_a_row\": 4, \"skipped\": 9}"));
}

/** Page by page, from the newest one: each begins where the one before ended. */
static void all_that_is_kept_can_be_paged_through(void **state)
{
    (void)state;
    show_letters();
    assert_int_equal(api_get("dead_letters/kept?limit=1", world.viewer), 200);
    api_check_body();
    assert_true(api_says("\"dead_id\": 131073,"));
    assert_true(api_says("\"count\": 1, \"left_out\": 4}"));
    assert_int_equal(api_get("dead_letters/kept?before=131073&limit=1", world.viewer), 200);
    assert_true(api_says("\"dead_id\": 65536,"));
    assert_true(api_says("\"count\": 1, \"left_out\": 3}"));
    assert_int_equal(api_get("dead_letters/kept?before=65536", world.viewer), 200);
    api_check_body();
    assert_true(api_says("{\"items\": [], \"count\": 0, \"left_out\": 3}"));
    assert_int_equal(api_get("dead_letters/131073", world.viewer), 200);
    static const char *const wrong[] = {"limit=0", "limit=65", "limit=x", "before=0", "before=-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "dead_letters/kept?%s", wrong[i]);
        assert_int_equal(api_get(path, world.viewer), 400);
        bool is_limit = wrong[i][0] == 'l';
        assert_true(api_says(
            is_limit ? "limit is a whole number from 1 to 64, not '"
                     : "before is a whole number from 1 to "));
    }
    pthread_mutex_lock(&world.lock);
    world.is_silent = true;
    pthread_mutex_unlock(&world.lock);
    assert_int_equal(api_get("dead_letters/kept", world.viewer), 503);
    assert_true(api_says("the core does not answer"));
    assert_int_equal(api_get("dead_letters/65536", world.viewer), 503);
}

static void a_letter_is_redriven_or_thrown_away_once_confirmed(void **state)
{
    (void)state;
    static const char *const verbs[] = {"redrive", "discard"};
    static const tt_bus_command_type types[] = {
        TT_bus_command_type_REDRIVE, TT_bus_command_type_DISCARD};
    for (unsigned i = 0; i < 2; i++) {
        char path[64];
        char other[64];
        snprintf(path, sizeof path, "dead_letters/65536/%s", verbs[i]);
        snprintf(other, sizeof other, "dead_letters/65537/%s", verbs[i]);
        assert_int_equal(api_command(path, world.admin, ""), 400);
        assert_true(api_says("a valid confirmation is needed"));
        const char *body = api_confirm(path, world.admin);
        assert_int_equal(api_command(other, world.admin, body), 400);
        assert_int_equal(api_command(path, world.admin, body), 200);
        api_check_body();
        const tt_bus_command command = sent_bus(i);
        assert_int_equal(command.command, types[i]);
        assert_true(command.dead_id == 65536 && command.request_id != 0);
        assert_int_equal(command.role, TT_role_ADMIN);
        assert_string_equal(command.actor, "ada");
        assert_true(api_says("\"outcome\": \"done\", \"message\": \"the bus said so\""));
        assert_true(api_says("\"subject\": 65536"));
        assert_true(api_says(i == 0 ? "\"bus_redrive\"" : "\"bus_discard\""));
        assert_int_equal(api_command(path, world.trader, ""), 403);
    }
    assert_int_equal(api_sent_count(), 0); // nothing of it went to the coordinator
}

static void all_or_those_of_a_topic(void **state)
{
    (void)state;
    const char *body = api_confirm("dead_letters/redrive", world.admin);
    // A confirmation for all is none for a topic.
    assert_int_equal(api_command("dead_letters/redrive?topic=fills", world.admin, body), 400);
    assert_int_equal(api_command("dead_letters/redrive", world.admin, body), 200);
    assert_int_equal(sent_bus(0).command, TT_bus_command_type_REDRIVE_ALL);
    assert_int_equal(sent_bus(0).dead_topic, 0);
    assert_int_equal(api_command("dead_letters/discard/confirm?topic=fills", world.admin, ""), 201);
    char confirmed[96];
    snprintf(
        confirmed,
        sizeof confirmed,
        "{\"confirmation\": \"%.32s\", \"reason\": \"old\"}",
        strstr(api_reply, "\"confirmation\": \"") + 17);
    assert_int_equal(api_command("dead_letters/discard?topic=fills", world.admin, confirmed), 200);
    assert_true(api_says("\"topic\": \"fills\""));
    assert_int_equal(sent_bus(1).command, TT_bus_command_type_DISCARD_ALL);
    assert_int_equal(sent_bus(1).dead_topic, TT_TOPIC_FILLS);
    assert_string_equal(sent_bus(1).reason, "old");
    assert_int_equal(api_command("dead_letters/discard?topic=nothing", world.admin, ""), 404);
    assert_true(api_says("there is no such topic"));
    assert_int_equal(api_command("dead_letters/65536/redrive?topic=fills", world.admin, ""), 400);
    assert_true(api_says("'topic'; it takes none"));
}

static void a_handler_is_released_by_its_name(void **state)
{
    (void)state;
    static const char path[] = "quarantine/coordinator/release";
    assert_int_equal(api_command(path, world.trader, ""), 403);
    assert_int_equal(api_command(path, world.admin, "{\"request_id\": 8}"), 200);
    assert_true(
        api_says("\"command\": \"bus_release\"") && api_says("\"subscriber\": \"coordinator\""));
    const tt_bus_command command = sent_bus(0);
    assert_int_equal(command.command, TT_bus_command_type_RELEASE);
    assert_string_equal(command.subscriber, "coordinator");
    // Under its number it is not carried out again; another one is refused.
    assert_int_equal(api_command(path, world.admin, "{\"request_id\": 8}"), 200);
    assert_true(api_says("Idempotent-Replayed: true"));
    assert_int_equal(
        api_command("quarantine/risk/release", world.admin, "{\"request_id\": 8}"), 422);
    assert_int_equal(api_command("coordinator/release", world.admin, "{\"request_id\": 8}"), 422);
    assert_int_equal(world.sent_bus_count, 1);
    static const char long_name[] = "quarantine/a234567890123456789012345678901234/release";
    assert_int_equal(api_command(long_name, world.admin, ""), 404);
    assert_true(api_says("there is no such handler"));
}

static void what_the_bus_says_is_told_truthfully(void **state)
{
    (void)state;
    static const char path[] = "quarantine/risk/release";
    api_set_script((script){.is_durable = true, .status = TT_reply_status_NOT_FOUND});
    assert_int_equal(api_command(path, world.admin, ""), 404);
    api_check_body();
    assert_true(api_says("\"detail\": \"the bus said so\""));
    api_set_script((script){.is_durable = true, .status = TT_reply_status_REFUSED});
    assert_int_equal(api_command(path, world.admin, ""), 409);
    api_set_script((script){.is_full = true});
    assert_int_equal(api_command(path, world.admin, ""), 503);
    assert_true(api_says("too many commands wait for the core"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(what_is_kept_is_shown),
        API_TEST(all_that_is_kept_can_be_paged_through),
        API_TEST(a_letter_is_redriven_or_thrown_away_once_confirmed),
        API_TEST(all_or_those_of_a_topic),
        API_TEST(a_handler_is_released_by_its_name),
        API_TEST(what_the_bus_says_is_told_truthfully),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
