/* SPDX-License-Identifier: Apache-2.0 */
/* The table of an order's transitions: complete, and nothing beside it. */
#include "fixture.h"

#include <string.h>

static void table_is_sound(void **state)
{
    (void)state;
    tt_error error = {0};
    assert_int_equal(tt_sm_check(&tt_order_machine, &error), TUTTI_OK);
    assert_string_equal(error.message, "");
}

/* Expected state by (state, event), as the first two letters of its name; "--" = refused. */
static const struct {
    const char *from;
    const char *to; /* For each event in the order of TT_ORDER_EVENT_LIST. */
} expected[TT_order_state_COUNT] = {
    /* clang-format off */
    /*                    crea sent acce work part fill rest canc rej. exp. fail doubt */
    {"none",             "ne   --   --   --   --   --   --   --   --   --   --   --"},
    {"new",              "--   pe   --   --   --   --   --   --   --   --   --   --"},
    {"pending",          "--   --   su   --   --   pa   fi   ca   re   ex   fa   un"},
    {"submitted",        "--   --   --   --   --   pa   fi   ca   re   ex   --   un"},
    {"partially_filled", "--   --   --   --   --   pa   fi   ca   re   ex   --   un"},
    {"filled",           "--   --   --   --   --   --   --   --   --   --   --   --"},
    {"cancelled",        "--   --   --   --   --   --   --   --   --   --   --   --"},
    {"rejected",         "--   --   --   --   --   --   --   --   --   --   --   --"},
    {"expired",          "--   --   --   --   --   --   --   --   --   --   --   --"},
    {"failed",           "--   --   --   --   --   --   --   --   --   --   --   --"},
    {"unknown",          "--   --   su   su   pa   un   fi   ca   re   ex   fa   --"},
    /* clang-format on */
};

static void every_pair_goes_where_the_table_says(void **state)
{
    (void)state;
    tt_sm machine;
    assert_int_equal(tt_sm_init(&machine, &tt_order_machine, NULL), TUTTI_OK);
    for (uint8_t s = 0; s < TT_order_state_COUNT; s++) {
        assert_string_equal(tt_order_machine.states[s], expected[s].from);
        const char *cell = expected[s].to;
        for (uint8_t e = 0; e < TT_ORDER_EVENT_COUNT; e++) {
            const tt_sm_row *row = tt_sm_find(&machine, s, e);
            const char *to = row == NULL ? "--" : tt_order_machine.states[row->to];
            assert_memory_equal(to, cell, 2);
            cell += 2 + strspn(cell + 2, " ");
        }
        assert_string_equal(cell, "");
    }
}

static void final_states_are_these_five(void **state)
{
    (void)state;
    static const tt_order_state finals[] = {
        TT_order_state_FILLED,
        TT_order_state_CANCELLED,
        TT_order_state_REJECTED,
        TT_order_state_EXPIRED,
        TT_order_state_FAILED,
    };
    unsigned count = 0;
    for (uint8_t s = 0; s < TT_order_state_COUNT; s++) {
        assert_int_equal(tt_order_state_is_final(s), tt_sm_is_final(&tt_order_machine, s));
        count += tt_order_state_is_final(s);
    }
    assert_int_equal(count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(tt_order_state_is_final((uint8_t)finals[i]));
    }
}

static void each_row_names_its_execution_event(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < tt_order_machine.row_count; i++) {
        const tt_sm_row *row = &tt_order_machine.rows[i];
        const char *says = tt_enum_text(&tt_enum_execution_event_type, (uint8_t)row->flags);
        const char *to = tt_order_machine.states[row->to];
        if (tt_order_state_is_final(row->to) && row->to != TT_order_state_FAILED) {
            assert_string_equal(says + strlen("order_"), to);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sound),
        cmocka_unit_test(every_pair_goes_where_the_table_says),
        cmocka_unit_test(final_states_are_these_five),
        cmocka_unit_test(each_row_names_its_execution_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
