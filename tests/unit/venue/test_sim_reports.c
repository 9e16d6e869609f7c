/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The queue of reports: by time, then in the order of their making.
 */
#include "base/random.h"
#include "fixture.h"
#include "venue/sim_reports.h"

static void push(tt_sim_reports *reports, int64_t time, uint64_t id)
{
    tt_venue_output output = {.time.ns = time};
    output.report.order_id = id;
    assert_int_equal(tt_sim_reports_push(reports, &output), TUTTI_OK);
}

static void expect_report(tt_sim_reports *reports, int64_t now, int64_t time, uint64_t id)
{
    tt_venue_output output;
    assert_int_equal(tt_sim_reports_next(reports).ns, time);
    assert_true(tt_sim_reports_pop(reports, (tt_time){now}, &output));
    assert_int_equal(output.time.ns, time);
    assert_int_equal(output.report.order_id, id);
}

static void test_order(void **state)
{
    (void)state;
    tt_sim_reports reports = {0};
    tt_venue_output output;
    assert_int_equal(tt_sim_reports_next(&reports).ns, TT_TIME_NEVER.ns);
    assert_false(tt_sim_reports_pop(&reports, TT_TIME_NEVER, &output));
    push(&reports, 5, 1);
    push(&reports, 3, 2);
    push(&reports, 5, 3);
    push(&reports, 3, 4);
    assert_false(tt_sim_reports_pop(&reports, (tt_time){2}, &output));
    expect_report(&reports, 3, 3, 2);
    expect_report(&reports, 3, 3, 4);
    assert_false(tt_sim_reports_pop(&reports, (tt_time){4}, &output));
    expect_report(&reports, 5, 5, 1);
    push(&reports, 5, 5);
    expect_report(&reports, 9, 5, 3);
    expect_report(&reports, 9, 5, 5);
    assert_int_equal(tt_sim_reports_next(&reports).ns, TT_TIME_NEVER.ns);
    push(&reports, 1, 6);
    push(&reports, 2, 7);
    assert_int_equal(tt_sim_reports_reset(&reports), 2);
    assert_false(tt_sim_reports_pop(&reports, TT_TIME_NEVER, &output));
    push(&reports, 1, 8);
    expect_report(&reports, 1, 1, 8);
    tt_sim_reports_fini(&reports);
}

enum {
    LIVE_MAX = 3000
};

/* A plain list that is searched: what the queue must agree with. */
static struct {
    int64_t time;
    uint64_t id;
} live[LIVE_MAX];

/* Place of the earliest report, the first one among equals. */
static size_t earliest(size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        if (live[i].time < live[best].time) {
            best = i;
        }
    }
    return best;
}

static void test_property(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        tt_random random;
        tt_random_init(&random, seed, 0);
        tt_sim_reports reports = {0};
        size_t count = 0;
        uint64_t id = 0;
        for (int step = 0; step < 10000; step++) {
            if (count < LIVE_MAX && tt_random_below(&random, 100) < 55) {
                live[count].time = (int64_t)tt_random_below(&random, 50);
                live[count].id = ++id;
                push(&reports, live[count].time, id);
                count++;
            } else if (count > 0) {
                size_t best = earliest(count);
                expect_report(&reports, INT64_MAX, live[best].time, live[best].id);
                memmove(&live[best], &live[best + 1], (count - best - 1) * sizeof live[0]);
                count--;
            }
        }
        assert_int_equal(reports.count, count);
        tt_sim_reports_fini(&reports);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_property),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
