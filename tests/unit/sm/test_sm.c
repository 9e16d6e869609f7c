/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * State machines: steps, refusals, coverage, every fault of a table, rendering.
 *
 * Covers: sm_render.c
 */
#include "../../lib/test.h"
#include "sm/sm.h"

enum {
    NEW,
    OPEN,
    HELD,
    CLOSED,
    STATE_COUNT
};
enum {
    ACCEPT,
    HOLD,
    RELEASE,
    CLOSE,
    EVENT_COUNT
};
enum {
    IS_FUNDED = 1
};

static const char *const states[] = {"new", "open", "held", "closed"};
static const char *const events[] = {"accept", "hold", "release", "close"};
static const char *const guards[] = {"it is funded"};
static const tt_sm_row rows[] = {
    {NEW, ACCEPT, OPEN, IS_FUNDED, 7},
    {OPEN, HOLD, HELD, 0, 0},
    {HELD, RELEASE, OPEN, 0, 0},
    {HELD, HOLD, HELD, 0, 0},
    {OPEN, CLOSE, CLOSED, 0, 0},
};

static const tt_sm_def order = {
    .name = "order",
    .states = states,
    .state_count = STATE_COUNT,
    .events = events,
    .event_count = EVENT_COUNT,
    .guards = guards,
    .guard_count = 1,
    .rows = rows,
    .row_count = 5,
    .initial = NEW,
    .finals = 1U << CLOSED,
};

static void steps_follow_the_table(void **state)
{
    (void)state;
    tt_sm sm;
    tt_sm_counts counts = {0};
    const tt_sm_row *row = NULL;
    uint8_t at = NEW;
    assert_int_equal(tt_sm_init(&sm, &order, NULL), TUTTI_OK);
    assert_int_equal(tt_sm_step(&sm, &counts, &at, ACCEPT, 1, &row), TT_SM_TAKEN);
    assert_int_equal(at, OPEN);
    assert_int_equal(row->flags, 7);
    assert_int_equal(tt_sm_step(&sm, &counts, &at, HOLD, 0, NULL), TT_SM_TAKEN);
    assert_int_equal(tt_sm_step(&sm, &counts, &at, HOLD, 0, NULL), TT_SM_TAKEN);
    assert_int_equal(at, HELD);
    assert_int_equal(tt_sm_find_untaken(&order, &counts, 0), 2);
    assert_int_equal(tt_sm_step(&sm, &counts, &at, RELEASE, 0, NULL), TT_SM_TAKEN);
    assert_int_equal(tt_sm_step(&sm, &counts, &at, CLOSE, 0, NULL), TT_SM_TAKEN);
    assert_int_equal(at, CLOSED);
    assert_true(tt_sm_is_final(&order, at) && !tt_sm_is_final(&order, OPEN));
    counts.taken[order.row_count] = 1; // of no row: it is not looked at
    assert_int_equal(tt_sm_find_untaken(&order, &counts, 0), order.row_count);
    assert_int_equal(counts.taken[0], 1);
    assert_int_equal(counts.refused_no_row + counts.refused_guard, 0);
}

static void refusals_change_nothing_and_count(void **state)
{
    (void)state;
    tt_sm sm;
    tt_sm_counts counts = {0};
    const tt_sm_row *row = &rows[3];
    uint8_t at = NEW;
    assert_int_equal(tt_sm_init(&sm, &order, NULL), TUTTI_OK);
    assert_int_equal(tt_sm_step(&sm, &counts, &at, CLOSE, UINT32_MAX, &row), TT_SM_NO_ROW);
    assert_null(row);
    assert_int_equal(tt_sm_step(&sm, &counts, &at, ACCEPT, ~UINT32_C(1), &row), TT_SM_GUARD);
    assert_ptr_equal(row, &rows[0]);
    assert_int_equal(at, NEW);
    assert_int_equal(counts.refused_no_row, 1);
    assert_int_equal(counts.refused_guard, 1);
    assert_int_equal(counts.taken[0], 0);
    assert_null(tt_sm_find(&sm, CLOSED, CLOSE));
    assert_ptr_equal(tt_sm_find(&sm, HELD, HOLD), &rows[3]);
    uint8_t nowhere = STATE_COUNT;
    TT_EXPECT_ABORT(tt_sm_step(&sm, &counts, &nowhere, CLOSE, 0, NULL));
    TT_EXPECT_ABORT(tt_sm_step(&sm, &counts, &at, EVENT_COUNT, 0, NULL));
}

static void assert_fault(tt_sm_def def, const char *message)
{
    tt_error error;
    tt_sm sm;
    memset(&error, 0, sizeof error);
    assert_int_equal(tt_sm_check(&def, &error), TUTTI_INVALID);
    assert_string_equal(error.message, message);
    assert_int_equal(tt_sm_init(&sm, &def, NULL), TUTTI_INVALID);
}

/* The good machine with other rows. */
static tt_sm_def with_rows(const tt_sm_row *changed, uint8_t count)
{
    tt_sm_def def = order;
    def.rows = changed;
    def.row_count = count;
    return def;
}

static void faults_of_rows_are_found(void **state)
{
    (void)state;
    tt_sm_row changed[6];
    memcpy(changed, rows, sizeof rows);
    changed[5] = (tt_sm_row){OPEN, HOLD, CLOSED, 0, 0};
    assert_fault(with_rows(changed, 6), "machine order: two rows for state open and event hold");
    changed[5] = (tt_sm_row){NEW, ACCEPT, CLOSED, 0, 0}; // as the first one
    assert_fault(with_rows(changed, 6), "machine order: two rows for state new and event accept");
    changed[5] = (tt_sm_row){CLOSED, HOLD, OPEN, 0, 0};
    assert_fault(with_rows(changed, 6), "machine order: final state closed has an exit on hold");
    static const tt_sm_row strangers[] = {
        {STATE_COUNT, HOLD, OPEN, 0, 0},
        {OPEN, EVENT_COUNT, OPEN, 0, 0},
        {NEW, HOLD, STATE_COUNT, 0, 0},
        {NEW, HOLD, OPEN, 2, 0},
    };
    for (size_t i = 0; i < 4; i++) {
        changed[5] = strangers[i];
        assert_fault(
            with_rows(changed, 6),
            "machine order: row 5 names a state, event or guard that does not exist");
    }
}

static void faults_of_the_graph_are_found(void **state)
{
    (void)state;
    tt_sm_row changed[5];
    memcpy(changed, rows, sizeof rows);
    changed[4].to = HELD; // Nothing leads to closed.
    assert_fault(with_rows(changed, 5), "machine order: state closed cannot be reached");
    memcpy(changed, rows, sizeof rows);
    tt_sm_def def = order;
    def.finals = 0;
    assert_fault(def, "machine order: state closed has no exit and is not final");
    static const char *const more_events[] = {"accept", "hold", "release", "close", "sing"};
    def = order;
    def.events = more_events;
    def.event_count = 5;
    assert_fault(def, "machine order: no row for event sing");
    memcpy(changed, rows, sizeof rows);
    changed[0].event = CLOSE; // the first event has no row
    assert_fault(with_rows(changed, 5), "machine order: no row for event accept");
}

static void faults_of_the_frame_are_found(void **state)
{
    (void)state;
    tt_sm_def def = order;
    def.rows = NULL;
    assert_fault(def, "a machine lacks its name or a table");
    def = order;
    def.initial = STATE_COUNT;
    assert_fault(def, "machine order: no initial state 4");
    def = order;
    def.state_count = TT_SM_STATES_MAX + 1;
    assert_fault(
        def, "machine order: 33 states, 4 events, 5 rows, 1 guards are more than fit or none");
    def = order;
    def.event_count = 0;
    assert_fault(
        def, "machine order: 4 states, 0 events, 5 rows, 1 guards are more than fit or none");
    static const char *const nameless[] = {"new", "open", "", "closed"};
    def = order;
    def.states = nameless;
    assert_fault(def, "machine order: state 2 has no name");
    static const char *const no_guard[] = {NULL};
    def = order;
    def.guards = no_guard;
    assert_fault(def, "machine order: guard 0 has no name");
}

static void rendering(void **state)
{
    (void)state;
    char text[1024];
    tt_text_buf buf;
    tt_text_init(&buf, text, sizeof text);
    tt_sm_render_markdown(&order, &buf);
    assert_false(buf.truncated);
    assert_string_equal(
        text,
        "| order: in state | on | goes to | if |\n"
        "| --- | --- | --- | --- |\n"
        "| new | accept | open | it is funded |\n"
        "| open | hold | held |  |\n"
        "| held | release | open |  |\n"
        "| held | hold | held |  |\n"
        "| open | close | closed (end) |  |\n");
    tt_text_init(&buf, text, sizeof text);
    tt_sm_def unnamed_guards = order;
    unnamed_guards.guards = NULL;
    tt_sm_render_dot(&unnamed_guards, &buf);
    assert_string_equal(
        text,
        "digraph \"order\" {\n"
        "  rankdir=LR;\n"
        "  \"new\" [shape=ellipse, style=bold];\n"
        "  \"open\" [shape=ellipse];\n"
        "  \"held\" [shape=ellipse];\n"
        "  \"closed\" [shape=doublecircle];\n"
        "  \"new\" -> \"open\" [label=\"accept if guard 1\"];\n"
        "  \"open\" -> \"held\" [label=\"hold\"];\n"
        "  \"held\" -> \"open\" [label=\"release\"];\n"
        "  \"held\" -> \"held\" [label=\"hold\"];\n"
        "  \"open\" -> \"closed\" [label=\"close\"];\n"
        "}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_the_table),
        cmocka_unit_test(refusals_change_nothing_and_count),
        cmocka_unit_test(faults_of_rows_are_found),
        cmocka_unit_test(faults_of_the_graph_are_found),
        cmocka_unit_test(faults_of_the_frame_are_found),
        cmocka_unit_test(rendering),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
