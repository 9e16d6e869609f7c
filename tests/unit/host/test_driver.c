/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The driver: the order of what happens at one moment, the journal before the venue, and what
 * becomes of effects that the venue does not take.
 *
 * Covers: send_failure.c
 */
#include "fixture.h"
#include "host/driver.h"

enum {
    INPUTS_MAX = 4096
};
static const tt_dur latency = {60 * TT_NS_PER_S};

/** Everything around a driver; the venue and the agents are played by the test. */
typedef struct world {
    tt_config *config;
    tt_engine *engine;
    tt_journal_writer *journal;
    char folder[64];
    tt_agents agents;
    tt_venue venue;
    tt_driver driver;
    /* Venue */
    tutti_status answer; /**< To every effect. */
    uint64_t effects;
    uint64_t early_effects; /**< Whose message was not in the journal. */
    tt_time report_at;      /**< One report; TT_TIME_NEVER = none. */
    /* Inputs that were stepped. */
    struct {
        uint16_t topic;
        uint16_t source;
        int64_t ns;
    } inputs[INPUTS_MAX];
    uint32_t input_count;
    uint64_t topics[TT_TOPIC_COUNT];
} world;

/* ---- the venue and the agents ---- */

static tutti_status take_effect(void *ctx, tt_time now, const tt_msg *msg, tt_error *error)
{
    world *play = ctx;
    (void)now;
    play->effects++;
    play->early_effects += fx_journal_end(fx_path(play->folder, "journal")).last_seq < msg->seq;
    return play->answer == TUTTI_OK ? TUTTI_OK
                                    : tt_error_set(error, play->answer, "the test says no");
}

static tutti_status see_market(
    void *ctx, tt_time time, tt_topic topic, uint32_t key, const void *payload, tt_error *error)
{
    (void)ctx;
    (void)time;
    (void)topic;
    (void)key;
    (void)payload;
    (void)error;
    return TUTTI_OK;
}

static tt_time next_report(void *ctx)
{
    return ((world *)ctx)->report_at;
}

static bool poll_report(void *ctx, tt_time now, tt_venue_output *ret_output)
{
    world *play = ctx;
    if (play->report_at.ns > now.ns) {
        return false;
    }
    *ret_output = (tt_venue_output){.time = play->report_at, .key = 1};
    ret_output->report.kind = TT_report_kind_ACCEPTED;
    ret_output->report.order_id = 1;
    play->report_at = TT_TIME_NEVER;
    return true;
}

static void have_no_opinion(
    void *ctx,
    const tt_instruments *instruments,
    const tt_agent_request *request,
    tt_agent_answer *answer)
{
    (void)ctx;
    (void)instruments;
    (void)request;
    answer->status = TT_answer_status_NO_OPINION;
}

static tutti_status see_step(void *ctx, const void *step, size_t size, tt_error *error)
{
    world *play = ctx;
    (void)error;
    const tt_msg *first = tt_step_next(step, size, NULL);
    assert_true(play->input_count < INPUTS_MAX);
    play->inputs[play->input_count].topic = first->topic;
    play->inputs[play->input_count].source = first->source;
    play->inputs[play->input_count++].ns = first->time.ns;
    for (const tt_msg *msg = first; msg != NULL; msg = tt_step_next(step, size, msg)) {
        play->topics[msg->topic]++;
    }
    return TUTTI_OK;
}

/* ---- setting up ---- */

static void open_world(world *play, const char *const *sets, uint64_t fail_after)
{
    tt_error error = {0};
    memset(play, 0, sizeof *play);
    play->config = fx_config(sets);
    snprintf(play->folder, sizeof play->folder, "%s", fx_folder());
    tt_journal_options options = {.durability = TT_durability_NONE, .fail_after_bytes = fail_after};
    fx_ok(
        tt_journal_create(
            fx_path(play->folder, "journal"), "test", 4, &options, &play->journal, &error),
        &error);
    fx_ok(tt_engine_new(&play->config->engine, &play->engine, &error), &error);
    for (int i = 0; i < TT_agent_COUNT; i++) {
        play->agents.slots[i].fn = have_no_opinion;
    }
    play->report_at = TT_TIME_NEVER;
    play->venue = (tt_venue){
        .version = 1,
        .ctx = play,
        .effect = take_effect,
        .market = see_market,
        .next = next_report,
        .poll = poll_report};
    tt_driver_parts parts = {
        .config = &play->config->engine,
        .engine = play->engine,
        .agents = &play->agents,
        .venue = &play->venue,
        .journal = play->journal,
        .commit_before_effects = true,
        .commit_bytes = SIZE_MAX,
        .agent_latency = latency,
        .sink = see_step,
        .sink_ctx = play};
    assert_int_equal(tt_driver_init(&play->driver, &parts), TUTTI_OK);
}

static void close_world(world *play)
{
    tt_driver_fini(&play->driver);
    tt_engine_free(play->engine);
    tt_journal_close(play->journal);
    fx_remove(play->folder);
    free(play->config);
}

static void start_session(world *play, tt_time now)
{
    static const uint8_t hash[32] = {0};
    tt_error error = {0};
    fx_ok(
        tt_driver_session(
            &play->driver, TT_session_event_type_STARTED, TT_mode_BACKTEST, now, hash, &error),
        &error);
}

/** Feeds the whole synthetic market; gives the status that ended it. */
static tutti_status feed_all(world *play, tt_error *error)
{
    tt_feed feed;
    tt_feed_item item;
    tutti_status status = TUTTI_OK;
    bool is_started = false;
    fx_ok(
        tt_feed_open(&play->config->feed, &play->config->engine.instruments, 42, &feed, error),
        error);
    while (status == TUTTI_OK && feed.next(feed.ctx, &item, error) == TUTTI_OK) {
        if (!is_started) {
            start_session(play, item.time);
            is_started = true;
        }
        status = tt_driver_market(&play->driver, &item, error);
    }
    feed.close(feed.ctx);
    return status;
}

/** A bar of the first instrument that closes at `time`. */
static tt_feed_item bar_at(tt_time time, uint64_t feed_seq)
{
    tt_feed_item item = {
        .time = time, .topic = TT_TOPIC_MARKET_BAR, .key = 1, .size = sizeof(tt_bar)};
    tt_price price = {tt_dec_from_i64(100, 0)};
    item.payload.bar = (tt_bar){
        .open = price,
        .high = price,
        .low = price,
        .close = price,
        .interval_s = 60,
        .open_time = {time.ns - 60 * TT_NS_PER_S},
        .feed_seq = feed_seq};
    return item;
}

/* ---- tests ---- */

static world play;

/** Only the portfolio agent runs: at once, then every minute. */
static const char *const portfolio_only[] = {
    "market.aggregate_bars=false",
    "ma_cross.enabled=false",
    "coordinator.schedules.ta_analysis.enabled=false",
    "coordinator.schedules.regime_detection.enabled=false",
    "coordinator.schedules.sentiment_analysis.enabled=false",
    "coordinator.schedules.trading_decision.enabled=false",
    "coordinator.schedules.portfolio_check.run_on_start=true",
    "coordinator.schedules.portfolio_check.interval=60",
    NULL};

static void expect_input(uint32_t index, tt_topic topic, int64_t ns)
{
    assert_true(index < play.input_count);
    assert_string_equal(
        tt_topic_info_get(play.inputs[index].topic)->name,
        tt_topic_info_get((uint16_t)topic)->name);
    assert_int_equal(play.inputs[index].ns, ns);
}

static void at_one_moment_reports_come_before_answers_before_data(void **state)
{
    (void)state;
    const tt_time start = {1704067200 * TT_NS_PER_S};
    const tt_time moment = {start.ns + latency.ns};
    tt_error error = {0};
    open_world(&play, portfolio_only, 0);
    start_session(&play, start);
    assert_int_equal(play.topics[TT_TOPIC_AGENT_CALLS], 1);
    play.report_at = moment;
    tt_feed_item bar = bar_at(moment, 1);
    fx_ok(tt_driver_market(&play.driver, &bar, &error), &error);
    assert_int_equal(play.input_count, 4);
    expect_input(0, TT_TOPIC_SESSION_EVENTS, start.ns);
    expect_input(1, TT_TOPIC_VENUE_REPORTS, moment.ns);
    expect_input(2, TT_TOPIC_AGENT_ANSWERS, moment.ns);
    expect_input(3, TT_TOPIC_MARKET_BAR, moment.ns);
    close_world(&play);
}

static void timers_fire_at_their_time_and_before_data_of_that_time(void **state)
{
    (void)state;
    const tt_time start = {1704067200 * TT_NS_PER_S};
    tt_error error = {0};
    open_world(&play, portfolio_only, 0);
    start_session(&play, start);
    fx_ok(tt_driver_advance(&play.driver, (tt_time){start.ns + latency.ns}, &error), &error);
    tt_time deadline = tt_engine_next_deadline(play.engine);
    assert_true(deadline.ns > start.ns + latency.ns && deadline.ns != TT_TIME_NEVER.ns);
    uint32_t before = play.input_count;
    fx_ok(tt_driver_advance(&play.driver, (tt_time){deadline.ns - 1}, &error), &error);
    uint32_t quiet = play.input_count;
    tt_feed_item bar = bar_at(deadline, 1);
    fx_ok(tt_driver_market(&play.driver, &bar, &error), &error);
    assert_true(quiet <= before + 1); // At most an answer that was on its way.
    expect_input(play.input_count - 2, TT_TOPIC_CLOCK, deadline.ns);
    expect_input(play.input_count - 1, TT_TOPIC_MARKET_BAR, deadline.ns);
    close_world(&play);
}

static const char *const trading[] = {"synthetic.ticks=3000", NULL};

static void intent_is_in_the_journal_before_the_venue_sees_it(void **state)
{
    (void)state;
    tt_error error = {0};
    open_world(&play, trading, 0);
    fx_ok(feed_all(&play, &error), &error);
    assert_true(play.effects > 0);
    assert_int_equal(play.early_effects, 0);
    assert_int_equal(
        play.effects,
        play.topics[TT_TOPIC_ORDER_INTENTS] + play.topics[TT_TOPIC_ORDER_CANCELS] +
            play.topics[TT_TOPIC_ORDER_QUERIES]);
    close_world(&play);
}

static void what_the_venue_does_not_take_now_becomes_a_report(void **state)
{
    (void)state;
    tt_error error = {0};
    open_world(&play, trading, 0);
    play.answer = TUTTI_BUSY;
    fx_ok(feed_all(&play, &error), &error);
    uint64_t reports = 0;
    for (uint32_t i = 0; i < play.input_count; i++) {
        reports += play.inputs[i].topic == TT_TOPIC_VENUE_REPORTS &&
                   play.inputs[i].source == TT_SOURCE_HOST;
    }
    assert_true(play.effects > 1);
    assert_int_equal(
        reports, play.topics[TT_TOPIC_ORDER_INTENTS] + play.topics[TT_TOPIC_ORDER_CANCELS]);
    // Each order has failed: none is open, none unknown, and trading went on.
    tt_engine_status status;
    tt_engine_status_get(play.engine, &status);
    assert_int_equal(status.trade.account.open_orders, 0);
    assert_int_equal(status.trade.account.unknown_orders, 0);
    close_world(&play);
}

static void a_venue_that_is_broken_ends_the_run_with_its_words(void **state)
{
    (void)state;
    tt_error error = {0};
    open_world(&play, trading, 0);
    play.answer = TUTTI_CORRUPT;
    assert_int_equal(feed_all(&play, &error), TUTTI_CORRUPT);
    assert_string_equal(error.message, "the test says no");
    assert_int_equal(play.effects, 1);
    close_world(&play);
}

static void a_full_disk_ends_the_run_and_nothing_is_sent_any_more(void **state)
{
    (void)state;
    tt_error error = {0};
    open_world(&play, trading, 4096);
    assert_int_equal(feed_all(&play, &error), TUTTI_NO_SPACE);
    assert_int_equal(play.effects, 0);
    close_world(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_one_moment_reports_come_before_answers_before_data),
        cmocka_unit_test(timers_fire_at_their_time_and_before_data_of_that_time),
        cmocka_unit_test(intent_is_in_the_journal_before_the_venue_sees_it),
        cmocka_unit_test(what_the_venue_does_not_take_now_becomes_a_report),
        cmocka_unit_test(a_venue_that_is_broken_ends_the_run_with_its_words),
        cmocka_unit_test(a_full_disk_ends_the_run_and_nothing_is_sent_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
