/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

/** Hysteresis by itself. */
struct memory {
    tt_coordinator_config config;
    tt_coord_hysteresis hysteresis;
    tt_regime_update update;
};

static struct memory fresh(void)
{
    struct desk desk;
    desk_init(&desk);
    return (struct memory){.config = desk.config.coordinator};
}

/* Applies a detection; returns the regime in force. */
static tt_regime see(struct memory *memory, tt_regime regime, const char *confidence)
{
    memory->update = good_regime(regime, confidence);
    tt_coord_regime_apply(&memory->config, &memory->hysteresis, &memory->update);
    assert_int_equal(memory->update.candidate, regime);
    return (tt_regime)memory->update.regime;
}

#define BULL   TT_regime_TRENDING_BULL
#define BEAR   TT_regime_TRENDING_BEAR
#define RANGE  TT_regime_RANGING
#define CHOPPY TT_regime_CHOPPY

static void first_is_accepted_at_any_confidence(void **state)
{
    (void)state;
    struct memory memory = fresh();
    assert_int_equal(see(&memory, BEAR, "0"), BEAR);
    assert_int_equal(memory.update.candidate_count, 0);
}

static void change_needs_two_in_a_row(void **state)
{
    (void)state;
    struct memory memory = fresh();
    see(&memory, BULL, "0.9");
    assert_int_equal(see(&memory, BEAR, "0.7"), BULL);
    assert_int_equal(memory.update.candidate_count, 1);
    assert_int_equal(see(&memory, BEAR, "0.7"), BEAR);
    assert_int_equal(memory.update.candidate_count, 0);
}

static void other_candidate_restarts_the_count(void **state)
{
    (void)state;
    struct memory memory = fresh();
    see(&memory, BULL, "0.9");
    see(&memory, BEAR, "0.9");
    assert_int_equal(see(&memory, RANGE, "0.9"), BULL);
    assert_int_equal(memory.update.candidate_count, 1);
    assert_int_equal(see(&memory, BEAR, "0.9"), BULL);
    assert_int_equal(see(&memory, BEAR, "0.9"), BEAR);
}

static void low_confidence_neither_counts_nor_resets(void **state)
{
    (void)state;
    struct memory memory = fresh();
    see(&memory, BULL, "0.9");
    assert_int_equal(see(&memory, BEAR, "0.699999999999999999"), BULL);
    assert_int_equal(memory.update.candidate_count, 0);
    see(&memory, BEAR, "0.7");
    assert_int_equal(see(&memory, RANGE, "0.1"), BULL);
    assert_int_equal(memory.update.candidate_count, 1);
    assert_int_equal(see(&memory, BEAR, "0.2"), BULL);
    assert_int_equal(see(&memory, BEAR, "0.7"), BEAR);
}

static void same_regime_resets(void **state)
{
    (void)state;
    struct memory memory = fresh();
    see(&memory, BULL, "0.9");
    see(&memory, BEAR, "0.9");
    assert_int_equal(see(&memory, BULL, "0.1"), BULL);
    assert_int_equal(memory.update.candidate_count, 0);
    assert_int_equal(see(&memory, BEAR, "0.9"), BULL);
    assert_int_equal(see(&memory, BEAR, "0.9"), BEAR);
}

static void configuration_is_read(void **state)
{
    (void)state;
    struct memory memory = fresh();
    memory.config.regime_change_detections = 4;
    memory.config.regime_change_confidence = RATIO("0.3");
    see(&memory, BULL, "0.9");
    for (uint8_t i = 1; i < 4; i++) {
        assert_int_equal(see(&memory, BEAR, "0.3"), BULL);
        assert_int_equal(memory.update.candidate_count, i);
    }
    assert_int_equal(see(&memory, BEAR, "0.3"), BEAR);
    memory.config.regime_change_detections = 1;
    assert_int_equal(see(&memory, CHOPPY, "0.3"), CHOPPY);
}

/* While another regime is only a candidate, the adjustments are the defaults of the one in force.
 */
static void adjustments_belong_to_the_regime_in_force(void **state)
{
    (void)state;
    static const struct {
        tt_regime regime;
        const char *size;
        const char *stop;
        const char *target;
        tt_strictness strictness;
        uint8_t leverage;
    } rows[] = {
        {TT_regime_UNKNOWN, "0.25", "1", "1", TT_strictness_VERY_STRICT, 1},
        {TT_regime_TRENDING_BULL, "1", "1.2", "2", TT_strictness_NORMAL, 5},
        {TT_regime_TRENDING_BEAR, "1", "1.2", "2", TT_strictness_NORMAL, 3},
        {TT_regime_RANGING, "0.75", "0.8", "1.5", TT_strictness_STRICT, 2},
        {TT_regime_VOLATILE_BULL, "0.5", "1.5", "2.5", TT_strictness_STRICT, 2},
        {TT_regime_VOLATILE_BEAR, "0.5", "1.5", "2.5", TT_strictness_STRICT, 2},
        {TT_regime_CHOPPY, "0.25", "1", "1", TT_strictness_VERY_STRICT, 1},
        {TT_regime_BREAKOUT_POTENTIAL, "0.75", "1", "3", TT_strictness_STRICT, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct memory memory = fresh();
        see(&memory, rows[i].regime, "0.9");
        assert_num(memory.update.position_size_multiplier, "0.9");
        assert_num(memory.update.stop_loss_multiplier, "1.1");
        assert_num(memory.update.take_profit_multiplier, "1.9");
        assert_int_equal(memory.update.entry_strictness, TT_strictness_RELAXED);
        assert_int_equal(memory.update.max_leverage, rows[i].leverage);
        tt_regime other = rows[i].regime == BULL ? BEAR : BULL;
        assert_int_equal(see(&memory, other, "0.9"), rows[i].regime);
        assert_num(memory.update.position_size_multiplier, rows[i].size);
        assert_num(memory.update.stop_loss_multiplier, rows[i].stop);
        assert_num(memory.update.take_profit_multiplier, rows[i].target);
        assert_int_equal(memory.update.entry_strictness, rows[i].strictness);
        assert_int_equal(memory.update.max_leverage, rows[i].leverage);
    }
}

/* An agent may lower the leverage cap of a regime, not raise it. */
static void leverage_cap_only_falls(void **state)
{
    (void)state;
    struct memory memory = fresh();
    static const uint8_t caps[][2] = {{0, 3}, {1, 1}, {3, 3}, {4, 3}, {255, 3}};
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        memory.update = good_regime(BEAR, "0.9");
        memory.update.max_leverage = caps[i][0];
        tt_coord_regime_apply(&memory.config, &memory.hysteresis, &memory.update);
        assert_int_equal(memory.update.max_leverage, caps[i][1]);
    }
}

/* Detections as answers of the agent; each symbol has a memory of its own. */
static void detect(struct desk *desk, uint32_t key, tt_regime regime)
{
    desk_command(desk, TT_command_FORCE_RUN, TT_task_REGIME_DETECTION, key);
    const tt_regime_update update = good_regime(regime, "0.9");
    const tt_msg *call = desk_call(desk, TT_task_REGIME_DETECTION, key);
    desk_answer(desk, call, TT_answer_status_OK, TT_TOPIC_REGIME_UPDATES, &update);
}

static tt_regime published(const struct desk *desk)
{
    return (tt_regime)PAYLOAD(desk_last(desk, TT_TOPIC_REGIME_UPDATES), regime_update)->regime;
}

static void symbols_have_their_own_memory(void **state)
{
    (void)state;
    struct desk desk;
    desk_start_quiet(&desk);
    detect(&desk, BTC, BULL);
    detect(&desk, XRP, CHOPPY);
    assert_int_equal(published(&desk), CHOPPY);
    detect(&desk, BTC, BEAR);
    assert_int_equal(published(&desk), BULL);
    detect(&desk, XRP, BEAR);
    assert_int_equal(published(&desk), CHOPPY);
    detect(&desk, BTC, BEAR);
    assert_int_equal(published(&desk), BEAR);
    assert_int_equal(desk.coord->symbols[BTC - 1].regime, BEAR);
    assert_int_equal(desk.coord->symbols[XRP - 1].regime, CHOPPY);
    detect(&desk, XRP, BEAR);
    assert_int_equal(published(&desk), BEAR);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_is_accepted_at_any_confidence),
        cmocka_unit_test(change_needs_two_in_a_row),
        cmocka_unit_test(other_candidate_restarts_the_count),
        cmocka_unit_test(low_confidence_neither_counts_nor_resets),
        cmocka_unit_test(same_regime_resets),
        cmocka_unit_test(configuration_is_read),
        cmocka_unit_test(adjustments_belong_to_the_regime_in_force),
        cmocka_unit_test(leverage_cap_only_falls),
        cmocka_unit_test(symbols_have_their_own_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
