/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Schedules: when tasks run, wait and time out.
 *
 * Covers: coord_dispatch.c coord_call.c
 */
#include "fixture.h"

#include <string.h>

#define TA        TT_task_TA_ANALYSIS
#define REGIME    TT_task_REGIME_DETECTION
#define SENTIMENT TT_task_SENTIMENT_ANALYSIS
#define DECISION  TT_task_TRADING_DECISION
#define PORTFOLIO TT_task_PORTFOLIO_CHECK

static void only(struct desk *desk, tt_task task)
{
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = i == task;
        desk->config.schedules[i].run_on_start = false;
    }
}

/* Opens with a warm bar of each symbol and starts the session. */
static void open_warm(struct desk *desk)
{
    desk_open(desk);
    for (uint32_t key = 1; key <= desk->instruments.count; key++) {
        desk_bar(desk, key);
    }
    desk_session(desk, TT_session_event_type_STARTED);
}

/* As open_warm; what runs at the start is answered. */
static void open_and_answer(struct desk *desk)
{
    open_warm(desk);
    desk_answer_all(desk);
}

static void
assert_waiting(const struct desk *desk, tt_task task, tt_coord_wait reason, uint32_t count)
{
    assert_int_equal(desk_status(desk).tasks[task].waiting[reason], count);
}

static void defaults_of_the_five_tasks(void **state)
{
    (void)state;
    static const struct {
        int64_t interval_s;
        int64_t timeout_s;
        bool run_on_start;
        bool enabled;
        uint32_t max_parallel;
        const char *depends_on;
    } rows[TT_task_COUNT] = {
        [TA] = {60, 30, true, true, 3, "none"},
        [REGIME] = {300, 30, false, true, 3, "ta_analysis"},
        [SENTIMENT] = {1800, 60, false, false, 3, "none"},
        [DECISION] =
            {3600, 60, false, true, 3, "ta_analysis, regime_detection, sentiment_analysis"},
        [PORTFOLIO] = {3600, 30, false, true, 1, "none"},
    };
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        tt_schedule_config schedule;
        tt_coord_schedule_defaults((tt_task)i, &schedule);
        assert_int_equal(schedule.interval.ns, rows[i].interval_s * TT_NS_PER_S);
        assert_int_equal(schedule.timeout.ns, rows[i].timeout_s * TT_NS_PER_S);
        assert_int_equal(schedule.run_on_start, rows[i].run_on_start);
        assert_int_equal(schedule.enabled, rows[i].enabled);
        assert_int_equal(schedule.max_parallel, rows[i].max_parallel);
        assert_string_equal(schedule.depends_on, rows[i].depends_on);
    }
}

static void slots_are_numbered_by_task_and_symbol(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    uint32_t next = 0;
    for (tt_task task = TA; task < PORTFOLIO; task++) {
        for (uint32_t key = BTC; key <= XRP; key++) {
            assert_int_equal(tt_coord_slot_find(desk.coord, task, key), next);
            assert_int_equal(tt_coord_slot_task(desk.coord, next), task);
            assert_int_equal(tt_coord_slot_key(desk.coord, next), key);
            next++;
        }
        assert_int_equal(tt_coord_slot_find(desk.coord, task, 0), COORD_NO_SLOT);
        assert_int_equal(tt_coord_slot_find(desk.coord, task, 3), COORD_NO_SLOT);
    }
    assert_int_equal(tt_coord_slot_find(desk.coord, PORTFOLIO, 0), next);
    assert_int_equal(tt_coord_slot_find(desk.coord, PORTFOLIO, BTC), COORD_NO_SLOT);
    assert_int_equal(tt_coord_slot_task(desk.coord, next), PORTFOLIO);
    assert_int_equal(tt_coord_slot_key(desk.coord, next), 0);
    desk_close(&desk);
}

/* run_on_start: at the start; otherwise one interval later, and not a moment before. */
static void first_run(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, TA);
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_wait(&desk, "59.999999999");
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 1);
    desk_close(&desk);

    desk_init(&desk);
    only(&desk, TA);
    desk.config.schedules[TA].run_on_start = true;
    open_warm(&desk);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_close(&desk);
}

/* Regression: with the defaults every task runs, and as often as its interval says. */
static void every_task_starts(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[SENTIMENT].enabled = true;
    open_and_answer(&desk);
    desk_live(&desk, 120);
    static const uint32_t runs[TT_task_COUNT] = {120, 24, 4, 2, 2};
    for (tt_task task = TA; task < PORTFOLIO; task++) {
        // The analysis ran at the start as well.
        uint32_t expected = runs[task] + (task == TA);
        assert_int_equal(desk_calls(&desk, task, BTC), expected);
        assert_int_equal(desk_calls(&desk, task, XRP), expected);
        assert_int_equal(desk_status(&desk).tasks[task].errors, 0);
    }
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), runs[PORTFOLIO]);
    assert_int_equal(desk_status(&desk).total_task_runs, 2 * (121 + 24 + 4 + 2) + 2);
    desk_close(&desk);
}

static void custom_interval_is_kept(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, TA);
    desk.config.schedules[TA].interval.ns = 30 * TT_NS_PER_S;
    open_warm(&desk);
    desk_live(&desk, 10);
    assert_int_equal(desk_calls(&desk, TA, BTC), 20);
    desk_close(&desk);
}

/* A call names its agent, its deadline and what it may see, and starts a correlation of its own. */
static void contents_of_a_call(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_position(&desk, BTC, "1");
    tt_seq position = desk_last(&desk, TT_TOPIC_POSITION_UPDATES)->seq;
    const tt_account_update account = {.equity = MONEY("1000")};
    desk_say(&desk, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &account);
    tt_seq account_seq = desk_last(&desk, TT_TOPIC_ACCOUNT_UPDATES)->seq;
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    tt_seq indicators = desk_last(&desk, TT_TOPIC_INDICATORS)->seq;
    const tt_msg *msg = desk_call(&desk, TA, BTC);
    const tt_agent_call *call = PAYLOAD(msg, agent_call);
    assert_int_equal(call->agent, TT_agent_TECHNICAL_ANALYSIS);
    assert_int_equal(call->deadline.ns, desk.now.ns + 30 * TT_NS_PER_S);
    assert_int_equal(call->attempt, 1);
    assert_int_equal(call->indicators_seq, indicators);
    assert_int_equal(call->position_seq, position);
    assert_int_equal(call->account_seq, account_seq);
    assert_int_equal(call->ta_seq, 0);
    assert_int_equal(msg->cause, indicators);
    assert_int_equal(msg->correlation.bytes[6] >> 4, 7);
    tt_uuid first = msg->correlation;
    assert_true(!tt_uuid_eq(first, desk_last(&desk, TT_TOPIC_INDICATORS)->correlation));
    desk_answer_task(&desk, TA, BTC);
    tt_seq ta = desk_last(&desk, TT_TOPIC_TA_SIGNALS)->seq;
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    msg = desk_call(&desk, TA, BTC);
    assert_int_equal(PAYLOAD(msg, agent_call)->ta_seq, ta);
    assert_false(tt_uuid_eq(first, msg->correlation));
    desk_close(&desk);
}

static void waits_for_warm_indicators(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.is_warm = false;
    only(&desk, TA);
    desk.config.schedules[TA].run_on_start = true;
    open_warm(&desk);
    assert_waiting(&desk, TA, TT_COORD_WAIT_INDICATORS, 2);
    desk_live(&desk, 5);
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 0);
    desk_wait(&desk, "60");
    desk.is_warm = true;
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 0);
    assert_waiting(&desk, TA, TT_COORD_WAIT_INDICATORS, 1);
    desk_close(&desk);
}

/* Sentiment and portfolio do not look at indicators. */
static void some_tasks_need_no_indicators(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.is_warm = false;
    only(&desk, SENTIMENT);
    desk.config.schedules[PORTFOLIO].enabled = true;
    open_warm(&desk);
    desk_wait(&desk, "3600");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 2);
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), 1);
    desk_close(&desk);
}

/* At the moment at which a bar closes an agent is asked about that bar, not the one before. */
static void waits_for_the_bar_of_the_moment(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_wait(&desk, "60");
    assert_waiting(&desk, TA, TT_COORD_WAIT_BAR, 2);
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_sleep(&desk, "0.3");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 0);
    // Who has his bar needs no timer for it any more: no clock input is spent on that.
    assert_int_equal(desk.coord->symbols[BTC - 1].grace_timer.n, 0);
    assert_int_not_equal(desk.coord->symbols[XRP - 1].grace_timer.n, 0);
    tt_timers_stats timers; // seven turns, one call, one bar, the health check
    tt_timers_stats_get(desk.core.timers, &timers);
    assert_int_equal(timers.armed, 10);
    desk_close(&desk);
}

/* The bar does not come: after the grace the agent is asked with what there is; and while the feed
 * is silent, nobody waits for it again. */
static void grace_is_bounded(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    tt_seq indicators = desk.coord->symbols[BTC - 1].indicators_seq;
    desk_wait(&desk, "61.999999999");
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_wait(&desk, "0.000000001");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 1);
    assert_int_equal(PAYLOAD(desk_call(&desk, TA, BTC), agent_call)->indicators_seq, indicators);
    desk_answer_all(&desk);
    desk_wait(&desk, "58");
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    desk_close(&desk);
}

/* A bar that was late does not shift the schedule, nor the next expected close. */
static void late_bar_keeps_the_grid(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_wait(&desk, "60");
    desk_sleep(&desk, "1");
    tt_bar bar = {.close = PRICE("100"), .interval_s = 60};
    bar.open_time.ns = desk.now.ns - 61 * TT_NS_PER_S;
    desk_say(&desk, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, BTC, &bar);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_answer_task(&desk, TA, BTC);
    desk_wait(&desk, "59");
    assert_waiting(&desk, TA, TT_COORD_WAIT_BAR, 1);
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    desk_close(&desk);
}

/* Turns that the clock jumped over are not made up for, and the grid stays. */
static void missed_turns_are_not_made_up(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    tt_time start = desk.now;
    desk_sleep(&desk, "1000");
    const tt_clock tick = {0};
    desk_say(&desk, TT_TOPIC_CLOCK, TT_SOURCE_HOST, 0, &tick);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_status(&desk).tasks[TA].next_run.ns, start.ns + 1020 * TT_NS_PER_S);
    assert_int_equal(desk_status(&desk).tasks[TA].last_run.ns, desk.now.ns);
    assert_int_equal(desk_status(&desk).tasks[TA].skipped, 0);
    desk_close(&desk);
}

/* One task of one symbol is never asked twice at once: the turn passes. */
static void no_overlap(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, TA);
    desk.config.schedules[TA].timeout.ns = 150 * TT_NS_PER_S;
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    desk_answer_task(&desk, TA, XRP);
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, TA, XRP), 2);
    assert_int_equal(desk_status(&desk).tasks[TA].skipped, 1);
    desk_answer_task(&desk, TA, BTC);
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    desk_close(&desk);
}

/* When the time of a call runs out at the moment of the next turn, the turn takes place. */
static void timeout_goes_before_the_turn(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, TA);
    desk.config.schedules[TA].timeout.ns = 60 * TT_NS_PER_S;
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    desk_wait(&desk, "300");
    assert_int_equal(desk_calls(&desk, TA, BTC), 5);
    assert_int_equal(desk_status(&desk).tasks[TA].errors, 8);
    assert_int_equal(desk_status(&desk).tasks[TA].skipped, 0);
    desk_close(&desk);
}

/* A slow agent delays nobody else. */
static void slow_task_starves_nobody(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[PORTFOLIO].run_on_start = true;
    desk.config.schedules[PORTFOLIO].timeout.ns = 3600 * TT_NS_PER_S;
    open_warm(&desk);
    for (uint32_t i = 0; i < 10; i++) {
        desk_answer_task(&desk, TA, BTC);
        desk_wait(&desk, "60");
        desk_bar(&desk, BTC);
    }
    assert_int_equal(desk_calls(&desk, TA, BTC), 11);
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), 1);
    desk_close(&desk);
}

/* ---- dependencies ---- */

/* Due together: the analysis is asked, the regime waits for its answer and refers to it, and so
 * does the decision to both. */
static void chain_of_one_moment(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    for (tt_task task = TA; task <= DECISION; task++) {
        desk.config.schedules[task].interval.ns = 60 * TT_NS_PER_S;
        desk.config.schedules[task].run_on_start = false;
    }
    open_warm(&desk);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    assert_waiting(&desk, REGIME, TT_COORD_WAIT_DEPENDENCY, 1);
    desk_sleep(&desk, "1");
    desk_answer_task(&desk, TA, BTC);
    tt_seq ta = desk_last(&desk, TT_TOPIC_TA_SIGNALS)->seq;
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 0);
    assert_int_equal(PAYLOAD(desk_call(&desk, REGIME, BTC), agent_call)->ta_seq, ta);
    desk_sleep(&desk, "1");
    desk_answer_task(&desk, REGIME, BTC);
    tt_seq regime = desk_last(&desk, TT_TOPIC_REGIME_UPDATES)->seq;
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 1);
    const tt_agent_call *call = PAYLOAD(desk_call(&desk, DECISION, BTC), agent_call);
    assert_int_equal(call->ta_seq, ta);
    assert_int_equal(call->regime_seq, regime);
    // The other symbol waits for its own.
    assert_int_equal(desk_calls(&desk, REGIME, XRP), 0);
    desk_close(&desk);
}

static void dependency_that_never_succeeded(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[TA].run_on_start = false;
    desk.config.schedules[TA].interval.ns = 1000 * TT_NS_PER_S;
    desk.config.schedules[REGIME].interval.ns = 60 * TT_NS_PER_S;
    open_warm(&desk);
    desk_live(&desk, 16);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    assert_waiting(&desk, REGIME, TT_COORD_WAIT_DEPENDENCY, 2);
    // The success comes after 1000 s. It allows the run that waited for it, and, being as old as
    // that run, the next one; then nothing until the next success.
    desk_live(&desk, 1);
    assert_int_equal(desk_calls(&desk, TA, BTC), 1);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 2);
    desk_live(&desk, 16);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 2);
    desk_live(&desk, 1);
    assert_int_equal(desk_calls(&desk, TA, BTC), 2);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 4);
    desk_close(&desk);
}

static void failed_dependency_keeps_waiting(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[TA].run_on_start = false;
    desk.config.schedules[REGIME].interval.ns = 60 * TT_NS_PER_S;
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    desk_wait(&desk, "60");
    desk_answer(&desk, desk_call(&desk, TA, BTC), TT_answer_status_ERROR, 0, NULL);
    desk_wait(&desk, "1");
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 0);
    desk_wait(&desk, "59");
    desk_answer_task(&desk, TA, BTC);
    assert_int_equal(desk_calls(&desk, REGIME, BTC), 1);
    desk_close(&desk);
}

/* Two turns of one moment: who builds on the other waits for it, although its timer is earlier. */
static void order_of_timers_does_not_matter(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, REGIME);
    desk.config.schedules[REGIME].interval.ns = 60 * TT_NS_PER_S;
    desk.config.coordinator.bar_grace.ns = 0;
    open_warm(&desk);
    desk_command(&desk, TT_command_ENABLE_TASK, TA, 0);
    desk_wait(&desk, "60");
    desk_answer_all(&desk);
    desk_wait(&desk, "60");
    desk_forget(&desk);
    desk_wait(&desk, "0");
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 2);
    assert_int_equal(desk_status(&desk).tasks[REGIME].in_flight, 0);
    assert_waiting(&desk, REGIME, TT_COORD_WAIT_DEPENDENCY, 2);
    desk_close(&desk);
}

/* A success at the very moment of the own last run is enough. */
static void equal_times_satisfy(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_command(&desk, TT_command_ENABLE_TASK, TA, 0);
    desk_answer_all(&desk);
    tt_coord_slot *ta = &desk.coord->slots[tt_coord_slot_find(desk.coord, TA, BTC)];
    uint32_t index = tt_coord_slot_find(desk.coord, REGIME, BTC);
    tt_coord_slot *regime = &desk.coord->slots[index];
    regime->last_run.ns = desk.now.ns;
    ta->last_success.ns = desk.now.ns;
    assert_int_equal(tt_coord_dispatch_reason(desk.coord, index), TT_COORD_WAIT_NONE);
    ta->last_success.ns = desk.now.ns - 1;
    assert_int_equal(tt_coord_dispatch_reason(desk.coord, index), TT_COORD_WAIT_DEPENDENCY);
    ta->last_success.ns = 0;
    assert_int_equal(tt_coord_dispatch_reason(desk.coord, index), TT_COORD_WAIT_DEPENDENCY);
    desk_command(&desk, TT_command_DISABLE_TASK, TA, 0);
    assert_int_equal(tt_coord_dispatch_reason(desk.coord, index), TT_COORD_WAIT_NONE);
    desk_close(&desk);
}

/* The sentiment counts only while it is enabled, and it must have been tried, not have succeeded:
 * an optional agent that fails does not silence the decisions. */
static void sentiment_is_optional(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    desk.config.schedules[DECISION].interval.ns = 300 * TT_NS_PER_S;
    desk.config.schedules[SENTIMENT].interval.ns = 600 * TT_NS_PER_S;
    desk.config.schedules[SENTIMENT].enabled = true;
    open_and_answer(&desk);
    desk_live(&desk, 9);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 0);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    while (desk.coord->slots[tt_coord_slot_find(desk.coord, TA, BTC)].state ==
           COORD_SLOT_IN_FLIGHT) {
        desk_answer_task(&desk, TA, BTC);
    }
    desk_answer_task(&desk, REGIME, BTC);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 0);
    desk_answer(&desk, desk_call(&desk, SENTIMENT, BTC), TT_answer_status_ERROR, 0, NULL);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 1);
    desk_close(&desk);
}

static void disabled_dependency_is_not_waited_for(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, DECISION);
    open_warm(&desk);
    desk_live(&desk, 60);
    assert_int_equal(desk_calls(&desk, DECISION, BTC), 1);
    desk_close(&desk);
}

/* ---- bounds ---- */

/* Calls beyond the bound wait, and are made in the order in which they came due. */
static void capacity(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, SENTIMENT);
    desk.config.schedules[PORTFOLIO] = desk.config.schedules[SENTIMENT];
    desk.config.coordinator.max_concurrent_calls = 1;
    open_warm(&desk);
    desk_wait(&desk, "1800");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 1);
    assert_waiting(&desk, SENTIMENT, TT_COORD_WAIT_CAPACITY, 1);
    assert_waiting(&desk, PORTFOLIO, TT_COORD_WAIT_CAPACITY, 1);
    desk_answer_task(&desk, SENTIMENT, BTC);
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 2);
    assert_int_equal(desk_calls(&desk, SENTIMENT, XRP), 1);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, 1);
    // A timeout frees the place as well.
    desk_wait(&desk, "60");
    assert_int_equal(desk_calls(&desk, PORTFOLIO, 0), 1);
    desk_close(&desk);
}

static void many_instruments(struct desk *desk, uint32_t count)
{
    while (desk->instruments.count < count) {
        uint32_t i = desk->instruments.count++;
        desk->instruments.list[i] = desk->instruments.list[0];
        desk->instruments.list[i].id.n = i + 1;
        tt_text_format(desk->instruments.list[i].symbol, 24, "SYM%u/USDT", i);
    }
}

/* All instruments, all tasks: nothing is lost at the largest size. */
static void full_house(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    many_instruments(&desk, TT_INSTRUMENTS_MAX);
    desk.config.schedules[SENTIMENT].enabled = true;
    desk.config.coordinator.max_concurrent_calls = 7;
    open_and_answer(&desk);
    for (uint32_t i = 0; i < 31; i++) {
        desk_live(&desk, 1);
        desk_forget(&desk);
    }
    for (tt_task task = TA; task <= SENTIMENT; task++) {
        uint32_t expected[] = {32, 6, 1};
        for (uint32_t key = 1; key <= TT_INSTRUMENTS_MAX; key++) {
            uint32_t slot = tt_coord_slot_find(desk.coord, task, key);
            assert_int_equal(desk.coord->slots[slot].runs, expected[task]);
        }
    }
    desk_close(&desk);
}

/* Too few timers: a call that could not time out is not made; it waits for one. */
static void timers_run_out(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, SENTIMENT);
    desk.timer_capacity = 3;
    open_warm(&desk);
    desk_wait(&desk, "1800");
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 1);
    assert_true(desk_status(&desk).total_calls_deferred > 0);
    desk_answer_task(&desk, SENTIMENT, BTC);
    assert_int_equal(desk_calls(&desk, SENTIMENT, XRP), 1);
    desk_close(&desk);
}

/* A turn that found no timer is armed as soon as there is one. */
static void turn_without_timer_is_armed_later(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    only(&desk, SENTIMENT);
    desk.timer_capacity = 2;
    desk_open(&desk);
    tt_timer_id other;
    assert_int_equal(
        tt_timers_arm(
            desk.core.timers, TT_TIMER_COORDINATOR, COORD_TIMER_GRACE, BTC, TT_TIME_NEVER, &other),
        TUTTI_OK);
    desk_session(&desk, TT_session_event_type_STARTED);
    uint32_t second = tt_coord_slot_find(desk.coord, SENTIMENT, XRP);
    assert_int_equal(desk.coord->slots[second].due_timer.n, 0);
    assert_true(tt_timers_cancel(desk.core.timers, other));
    desk_bar(&desk, BTC);
    assert_true(desk.coord->slots[second].due_timer.n != 0);
    desk_close(&desk);
}

/* No room on the bus: the call is made when there is. */
static void bus_is_full(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    many_instruments(&desk, 40);
    only(&desk, SENTIMENT);
    desk.config.schedules[SENTIMENT].run_on_start = true;
    desk.config.schedules[SENTIMENT].max_parallel = 40;
    desk.bus.outbox_bytes = 4096;
    desk_open(&desk);
    desk_session(&desk, TT_session_event_type_STARTED);
    uint32_t first = desk_count(&desk, TT_TOPIC_AGENT_CALLS);
    assert_in_range(first, 10, 30);
    assert_true(desk_status(&desk).total_calls_deferred > 0);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, first);
    tt_timers_stats timers; // one a turn, one a call: none for a call that was not made
    tt_timers_stats_get(desk.core.timers, &timers);
    assert_int_equal(timers.armed, 40 + first);
    desk_bar(&desk, BTC);
    desk_bar(&desk, BTC);
    assert_int_equal(desk_count(&desk, TT_TOPIC_AGENT_CALLS), 40);
    assert_int_equal(desk_status(&desk).tasks[SENTIMENT].in_flight, 40);
    desk_close(&desk);
}

/* ---- switching ---- */

static void disabled_task_does_not_run(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_command(&desk, TT_command_DISABLE_TASK, TA, 0);
    assert_false(desk_status(&desk).tasks[TA].enabled);
    assert_int_equal(desk_status(&desk).tasks[TA].next_run.ns, 0);
    desk_live(&desk, 10);
    assert_int_equal(desk_calls(&desk, TA, BTC), 0);
    desk_close(&desk);
}

static void disabling_drops_what_waits_and_keeps_what_flies(void **state)
{
    (void)state;
    struct desk desk;
    desk_start(&desk);
    desk_wait(&desk, "60");
    desk_bar(&desk, BTC);
    assert_int_equal(desk_status(&desk).tasks[TA].in_flight, 1);
    assert_waiting(&desk, TA, TT_COORD_WAIT_BAR, 1);
    desk_command(&desk, TT_command_DISABLE_TASK, TA, 0);
    assert_waiting(&desk, TA, TT_COORD_WAIT_BAR, 0);
    desk_bar(&desk, XRP);
    assert_int_equal(desk_calls(&desk, TA, XRP), 0);
    desk_answer_task(&desk, TA, BTC);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TA_SIGNALS), 1);
    desk_close(&desk);
}

/* Enabled anew: a task that never ran runs one interval later, one that is overdue at once. */
static void enabling(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    desk_command(&desk, TT_command_ENABLE_TASK, SENTIMENT, 0);
    desk_wait(&desk, "1799");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 0);
    desk_wait(&desk, "1");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 1);
    desk_answer_all(&desk);
    desk_command(&desk, TT_command_DISABLE_TASK, SENTIMENT, 0);
    desk_wait(&desk, "1000");
    desk_command(&desk, TT_command_ENABLE_TASK, SENTIMENT, 0);
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 1);
    desk_wait(&desk, "800");
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 2);
    desk_answer_all(&desk);
    desk_command(&desk, TT_command_DISABLE_TASK, SENTIMENT, 0);
    desk_wait(&desk, "5000");
    desk_command(&desk, TT_command_ENABLE_TASK, SENTIMENT, 0);
    assert_int_equal(desk_calls(&desk, SENTIMENT, BTC), 3);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_of_the_five_tasks),
        cmocka_unit_test(slots_are_numbered_by_task_and_symbol),
        cmocka_unit_test(first_run),
        cmocka_unit_test(every_task_starts),
        cmocka_unit_test(custom_interval_is_kept),
        cmocka_unit_test(contents_of_a_call),
        cmocka_unit_test(waits_for_warm_indicators),
        cmocka_unit_test(some_tasks_need_no_indicators),
        cmocka_unit_test(waits_for_the_bar_of_the_moment),
        cmocka_unit_test(grace_is_bounded),
        cmocka_unit_test(late_bar_keeps_the_grid),
        cmocka_unit_test(missed_turns_are_not_made_up),
        cmocka_unit_test(no_overlap),
        cmocka_unit_test(timeout_goes_before_the_turn),
        cmocka_unit_test(slow_task_starves_nobody),
        cmocka_unit_test(chain_of_one_moment),
        cmocka_unit_test(dependency_that_never_succeeded),
        cmocka_unit_test(failed_dependency_keeps_waiting),
        cmocka_unit_test(order_of_timers_does_not_matter),
        cmocka_unit_test(equal_times_satisfy),
        cmocka_unit_test(sentiment_is_optional),
        cmocka_unit_test(disabled_dependency_is_not_waited_for),
        cmocka_unit_test(capacity),
        cmocka_unit_test(full_house),
        cmocka_unit_test(timers_run_out),
        cmocka_unit_test(turn_without_timer_is_armed_later),
        cmocka_unit_test(bus_is_full),
        cmocka_unit_test(disabled_task_does_not_run),
        cmocka_unit_test(disabling_drops_what_waits_and_keeps_what_flies),
        cmocka_unit_test(enabling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
