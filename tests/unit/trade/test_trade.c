/* SPDX-License-Identifier: Apache-2.0 */
/* Setup, sessions, bounds of the bus, and snapshots in mid-flight. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static void instruments_must_be_quoted_in_the_account_currency(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    tt_instruments instruments = {.count = 2};
    strcpy(instruments.list[0].symbol, "AAPL");
    strcpy(instruments.list[1].symbol, "XRP/BTC");
    tt_error error = {0};
    assert_int_equal(tt_trade_config_check(&config, &instruments, "r", &error), TUTTI_INVALID);
    assert_string_equal(
        error.message, "instrument XRP/BTC is quoted in BTC, the account is in USDT");
    assert_string_equal(error.hint, "use instruments quoted in USDT, or set account.currency");
    strcpy(config.account.currency, "BTC");
    assert_int_equal(tt_trade_config_check(&config, &instruments, "r", &error), TUTTI_OK);
}

static void a_client_order_id_must_fit(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    tt_instruments instruments = {0};
    tt_error error = {0};
    const char *longest = "abcdefghijklmnopqrstuvwxyz";
    assert_int_equal(tt_trade_config_check(&config, &instruments, longest, &error), TUTTI_OK);
    const char *too_long = "abcdefghijklmnopqrstuvwxyz0";
    assert_int_equal(tt_trade_config_check(&config, &instruments, too_long, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "run id \"abcdefghijklmnopqrstuvwxyz0\" has 27 characters");
    tt_order_intent intent;
    char widest[64];
    snprintf(widest, sizeof widest, "%s-%llu", longest, ~0ull);
    assert_true(strlen(widest) < sizeof intent.client_order_id);
}

static void setup_refuses_what_the_check_refuses(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    fixture g;
    fixture_init(&g);
    strcpy(config.account.currency, "EUR");
    tt_trade_module *trade = NULL;
    assert_int_equal(tt_trade_setup(&g.core, &config, &g.arena, &trade), TUTTI_INVALID);
    tt_arena small = {0};
    assert_int_equal(tt_arena_init(&small, 4096), TUTTI_OK);
    assert_int_equal(tt_trade_setup(&g.core, &g.config, &small, &trade), TUTTI_NO_MEMORY);
    assert_null(trade);
    tt_arena_fini(&small);
    fixture_fini(&g);
}

static void stopping_cancels_entries_and_keeps_protection(void **state)
{
    fixture *f = *state;
    open_long(f, "95", "110");
    uint64_t entry_id = approve(f, &(entry){.qty = "1", .price = "90"});
    tt_session_event event = {.event = TT_session_event_type_STOPPING};
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &event);
    const tt_order_cancel *cancel = sent_one(f, TT_TOPIC_ORDER_CANCELS);
    assert_true(cancel->order_id == entry_id);
    assert_string_equal(cancel->reason, "the session stops");
    event.event = TT_session_event_type_STOPPED;
    step(f, TT_TOPIC_SESSION_EVENTS, 0, &event);
    assert_int_equal(sent_count(f, TT_TOPIC_ORDER_CANCELS), 0);
}

/* A bus with room for very few messages in a step: nothing is half done. */
static void a_full_bus_sends_no_order(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    tt_bus_options options = {.history_scale_pct = 10, .queue_messages = 1};
    fixture g;
    fixture_init_bus(&g, &config, &options);
    tt_risk_verdict verdict = {
        .qty = {dec("1")},
        .reference_price = {dec("100")},
        .status = TT_verdict_APPROVED,
        .side = TT_side_BUY,
        .leverage_after = 1,
    };
    tt_fill nothing = {.fill_id = 0};
    tt_bus_post filler = {.topic = TT_TOPIC_FILLS, .source = TT_SOURCE_HOST, .payload = &nothing};
    tt_bus_post post = {
        .topic = TT_TOPIC_RISK_VERDICTS,
        .source = TT_SOURCE_RISK,
        .key = 1,
        .payload = &verdict,
        .priority = TT_priority_URGENT,
        .flags = TT_MSG_INPUT};
    tt_bus_begin(g.core.bus, g.now);
    assert_int_equal(tt_bus_publish(g.core.bus, &post, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_publish(g.core.bus, &filler, NULL), TUTTI_OK);
    tt_bus_run(g.core.bus);
    tt_trade_check(g.trade);
    assert_int_equal(sent_count(&g, TT_TOPIC_ORDER_INTENTS), 0);
    assert_int_equal(g.trade->orders.table->live_count, 0);
    assert_int_equal(g.trade->books->counters.refused_entries, 1);
    assert_true(g.trade->books->counters.publish_failures >= 1);
    fixture_fini(&g);
}

/* A closing whose intent found no room is tried again. */
static void a_full_bus_delays_a_close(void **state)
{
    (void)state;
    tt_trade_config config = fixture_config();
    tt_bus_options options = {.history_scale_pct = 10, .queue_messages = 8};
    fixture g;
    fixture_init_bus(&g, &config, &options);
    open_long(&g, NULL, NULL);
    tt_position_command close = {
        .command = TT_position_command_type_CLOSE, .reason = TT_exit_reason_OPERATOR};
    tt_fill nothing = {.fill_id = 0};
    tt_bus_post filler = {.topic = TT_TOPIC_FILLS, .source = TT_SOURCE_HOST, .payload = &nothing};
    tt_bus_post post = {
        .topic = TT_TOPIC_POSITION_COMMANDS,
        .source = TT_SOURCE_COORDINATOR,
        .key = 1,
        .payload = &close,
        .flags = TT_MSG_INPUT};
    tt_bus_begin(g.core.bus, g.now);
    assert_int_equal(tt_bus_publish(g.core.bus, &post, NULL), TUTTI_OK);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(tt_bus_publish(g.core.bus, &filler, NULL), TUTTI_OK);
    }
    tt_bus_run(g.core.bus);
    assert_int_equal(sent_count(&g, TT_TOPIC_ORDER_INTENTS), 0);
    assert_true(tt_close_is_active(g.trade, 1));
    pass(&g, 7000);
    assert_int_equal(sent_count(&g, TT_TOPIC_ORDER_INTENTS), 1);
    fixture_fini(&g);
}

/* --- snapshots --- */

#define STORY_STEPS 22

/* A story in which everything is under way at once; order ids are found again by their role. */
static void tell_story(fixture *f, unsigned chapter)
{
    static const char *const prices[] = {"100", "101.5", "99.25", "103"};
    switch (chapter) {
    case 0:
        approve(f, &(entry){.qty = "1", .price = "100", .stop = "95", .target = "110"});
        break;
    case 1:
        say(f, tt_order_first(&f->trade->orders, 1)->intent.order_id, TT_report_kind_ACCEPTED);
        break;
    case 2:
        fill_cum(f, live(f, 1, TT_order_role_ENTRY)->intent.order_id, 2, "0.3", "100", "0.5");
        break;
    case 3:
        approve(f, &(entry){.qty = "3", .side = TT_side_SELL, .reference = "50", .key = 2});
        break;
    case 4:
        fill(f, live(f, 2, TT_order_role_ENTRY)->intent.order_id, 1, "1", "49.9");
        break;
    case 5:
        fill_cum(f, live(f, 1, TT_order_role_ENTRY)->intent.order_id, 1, "0.2", "100", "0.2");
        break;
    case 6: /* The repeat of an execution from before the snapshot. */
        fill_cum(f, live(f, 1, TT_order_role_ENTRY)->intent.order_id, 2, "0.3", "100", "0.5");
        break;
    case 7:
        command(f, 0, TT_position_command_type_REDUCE, TT_exit_reason_NONE, "50");
        break;
    case 8:
        say(f, live(f, 2, TT_order_role_REDUCE)->intent.order_id, TT_report_kind_REJECTED);
        break;
    case 9:
        say(f, live(f, 1, TT_order_role_STOP_LOSS)->intent.order_id, TT_report_kind_TIMEOUT);
        break;
    case 10:
        fill(f, live(f, 1, TT_order_role_REDUCE)->intent.order_id, 8, "0.25", "101");
        break;
    default:
        if (chapter % 2 == 0) {
            f->now.ns += 3 * TT_NS_PER_S;
            bar(f, 1 + chapter % 3 / 2, prices[chapter % 4]);
        } else {
            pass(f, 1500);
        }
        break;
    }
}

static void copy_regions(fixture *to, const fixture *from)
{
    assert_int_equal(to->core.region_count, from->core.region_count);
    for (uint32_t i = 0; i < from->core.region_count; i++) {
        const tt_region *region = &from->core.regions[i];
        assert_string_equal(to->core.regions[i].name, region->name);
        memcpy(to->core.regions[i].data, region->data, region->size);
    }
    to->now = from->now;
}

static void assert_same_step(const fixture *one, const fixture *other)
{
    size_t size = 0;
    size_t other_size = 0;
    const void *bytes = tt_bus_outbox(one->core.bus, &size);
    const void *other_bytes = tt_bus_outbox(other->core.bus, &other_size);
    assert_int_equal(size, other_size);
    assert_memory_equal(bytes, other_bytes, size);
}

static void a_snapshot_at_any_step_continues_with_the_same_bytes(void **state)
{
    (void)state;
    for (unsigned cut = 0; cut <= STORY_STEPS; cut++) {
        static fixture whole;
        static fixture resumed;
        fixture_init(&whole);
        fixture_init(&resumed);
        for (unsigned i = 0; i < cut; i++) {
            tell_story(&whole, i);
        }
        copy_regions(&resumed, &whole);
        tt_trade_check(resumed.trade);
        for (unsigned i = cut; i < STORY_STEPS; i++) {
            tell_story(&whole, i);
            tell_story(&resumed, i);
            assert_same_step(&whole, &resumed);
        }
        assert_int_equal(resumed.trade->books->counters.duplicate_reports, 1);
        for (uint32_t i = 0; i < whole.core.region_count; i++) {
            const tt_region *region = &whole.core.regions[i];
            if (strncmp(region->name, "trade.", 6) == 0) {
                assert_memory_equal(region->data, resumed.core.regions[i].data, region->size);
            }
        }
        fixture_fini(&whole);
        fixture_fini(&resumed);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instruments_must_be_quoted_in_the_account_currency),
        cmocka_unit_test(a_client_order_id_must_fit),
        cmocka_unit_test(setup_refuses_what_the_check_refuses),
        TEST(stopping_cancels_entries_and_keeps_protection),
        cmocka_unit_test(a_full_bus_sends_no_order),
        cmocka_unit_test(a_full_bus_delays_a_close),
        cmocka_unit_test(a_snapshot_at_any_step_continues_with_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
