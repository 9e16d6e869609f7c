/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Small modules in place of the real ones.
 */
#include "stub_modules.h"

#include "bus/core.h"

stub_control stub;

/** State of a stub; a region. */
struct stub_state {
    uint64_t bars;
    uint64_t last_key;
};

/** What each of the five stubs is made of. */
struct stub_module {
    tt_core *core;
    struct stub_state *state;
    char letter;
};

static struct stub_module modules[6];

static void note(char *log, size_t size, char letter)
{
    size_t used = strlen(log);
    if (used + 1 < size) {
        log[used] = letter;
    }
}

static tutti_status on_bar(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    struct stub_module *module = ctx;
    (void)bus;
    note(stub.log, sizeof stub.log, module->letter);
    module->state->bars++;
    module->state->last_key = msg->key;
    return TUTTI_OK;
}

static tutti_status
setup_module(uint32_t index, char letter, const char *name, tt_core *core, tt_arena *arena)
{
    struct stub_module *module = &modules[index];
    note(stub.setup, sizeof stub.setup, letter);
    if (stub.failing == letter) {
        return TUTTI_NO_MEMORY;
    }
    *module = (struct stub_module){.core = core, .letter = letter};
    module->state = tt_arena_alloc(arena, 1, sizeof *module->state);
    assert_non_null(module->state);
    TUTTI_TRY(tt_core_add_region(core, name, module->state, sizeof *module->state));
    return tt_bus_subscribe(core->bus, TT_TOPIC_MARKET_BAR, name, on_bar, module);
}

tutti_status
tt_market_setup(tt_core *core, const tt_market_config *config, tt_arena *arena, tt_market **result)
{
    (void)config;
    *result = NULL;
    return setup_module(0, 'm', "market", core, arena);
}

tutti_status tt_strategy_setup(
    tt_core *core, const tt_ma_cross_config *config, tt_arena *arena, tt_strategy **result)
{
    (void)config;
    *result = NULL;
    return setup_module(1, 's', "strategy", core, arena);
}

static tt_money money(int64_t units)
{
    return (tt_money){tt_dec_from_i64(units, 0)};
}

/** An account record on each bar: 1300 - 300 + 70 - 20 = 1050, 1050 + 5 = 1055. */
static tutti_status publish_account(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    const tt_account_update account = {
        .initial = money(1300),
        .transfers = money(-300),
        .realized_pnl = money(70),
        .fees = money(20),
        .balance = money(stub.breaks_balance ? 1051 : 1050),
        .unrealized_pnl = money(stub.breaks_balance ? 4 : 5),
        .equity = money(stub.breaks_equity ? 1056 : 1055),
    };
    const tt_bus_post post = {
        .topic = TT_TOPIC_ACCOUNT_UPDATES,
        .source = TT_SOURCE_TRADE,
        .key = msg->key,
        .payload = &account,
    };
    return tt_bus_publish(bus, &post, NULL);
}

tutti_status tt_trade_setup(
    tt_core *core, const tt_trade_config *config, tt_arena *arena, tt_trade_module **result)
{
    (void)config;
    *result = NULL;
    TUTTI_TRY(setup_module(2, 't', "trade", core, arena));
    return tt_bus_subscribe(core->bus, TT_TOPIC_MARKET_BAR, "account", publish_account, NULL);
}

tutti_status
tt_risk_setup(tt_core *core, const tt_risk_module_config *config, tt_arena *arena, tt_risk **result)
{
    (void)config;
    *result = NULL;
    return setup_module(3, 'r', "risk", core, arena);
}

/** A call a minute after the start and then each minute. */
static void on_timer(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    tt_core *core = ctx;
    stub.timer_deadline = deadline;
    const tt_agent_call call = {.attempt = (uint32_t)subject};
    const tt_bus_post post = {
        .topic = TT_TOPIC_AGENT_CALLS, .source = TT_SOURCE_COORDINATOR, .payload = &call};
    assert_int_equal(tt_bus_publish(core->bus, &post, NULL), TUTTI_OK);
    const tt_time next = {deadline.ns + 60 * TT_NS_PER_S};
    assert_int_equal(
        tt_timers_arm(core->timers, TT_TIMER_COORDINATOR, kind, subject + 1, next, NULL), TUTTI_OK);
}

static tutti_status on_session(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    tt_core *core = ctx;
    const tt_time first = {tt_bus_now(bus).ns + (stub.arms_late ? -500 : 60) * TT_NS_PER_S};
    (void)msg;
    return tt_timers_arm(core->timers, TT_TIMER_COORDINATOR, 7, 1, first, NULL);
}

static tutti_status on_dead_letter(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)ctx;
    (void)bus;
    (void)msg;
    stub.dead_letters++;
    return TUTTI_OK;
}

tutti_status
tt_coord_setup(tt_core *core, const tt_coord_config *config, tt_arena *arena, tt_coord **result)
{
    (void)config;
    *result = NULL;
    TUTTI_TRY(setup_module(4, 'c', "coord", core, arena));
    tt_timers_set_handler(core->timers, TT_TIMER_COORDINATOR, on_timer, core);
    TUTTI_TRY(tt_bus_subscribe(core->bus, TT_TOPIC_SESSION_EVENTS, "coord", on_session, core));
    return tt_bus_subscribe(core->bus, TT_TOPIC_DEAD_LETTERS, "coord", on_dead_letter, core);
}

tutti_status tt_portfolio_setup(
    tt_core *core, const tt_portfolio_module_config *config, tt_arena *arena, tt_portfolio **result)
{
    (void)config;
    *result = NULL;
    return setup_module(5, 'p', "portfolio", core, arena);
}

void tt_portfolio_status_get(const tt_portfolio *portfolio, tt_portfolio_status *ret_status)
{
    (void)portfolio;
    *ret_status = (tt_portfolio_status){.plans = 6};
}

void tt_market_status_get(const tt_market *market, tt_market_status *ret_status)
{
    (void)market;
    *ret_status = (tt_market_status){.bars = 1};
}

void tt_strategy_status_get(const tt_strategy *strategy, tt_strategy_status *ret_status)
{
    (void)strategy;
    *ret_status = (tt_strategy_status){.signals = 2};
}

void tt_trade_status_get(const tt_trade_module *trade, tt_trade_status *ret_status)
{
    (void)trade;
    *ret_status = (tt_trade_status){.fills = 3};
}

void tt_risk_changed(tt_risk *risk)
{
    (void)risk;
    stub.risk_changed++;
}

void tt_risk_status_get(const tt_risk *risk, tt_risk_status *ret_status)
{
    (void)risk;
    *ret_status = (tt_risk_status){.verdicts = 4};
}

void tt_coord_status_get(const tt_coord *coord, tt_coord_status *ret_status)
{
    (void)coord;
    *ret_status = (tt_coord_status){.total_signals = 5};
}

static tt_instrument instrument(const char *symbol, uint32_t id)
{
    tt_instrument result = {
        .price_increment = {tt_dec_from_i64(1, 2)},
        .qty_increment = {tt_dec_from_i64(1, 3)},
        .bar_interval_s = 60,
        .id = {id},
    };
    TT_TEXT_SET(result.symbol, symbol);
    return result;
}

tt_engine_config stub_config(void)
{
    tt_engine_config config = {.seed = 1, .run_id = "test"};
    config.instruments.count = 2;
    config.instruments.list[0] = instrument("BTC/USDT", 1);
    config.instruments.list[1] = instrument("ETH/USDT", 2);
    return config;
}

tt_engine *stub_engine(void)
{
    const tt_engine_config config = stub_config();
    tt_engine *engine = NULL;
    tt_error error;
    stub = (stub_control){0};
    assert_int_equal(tt_engine_new(&config, &engine, &error), TUTTI_OK);
    return engine;
}

tt_bar *stub_bar(void)
{
    static tt_bar bar;
    bar = (tt_bar){
        .open = {tt_dec_from_i64(10, 0)},
        .high = {tt_dec_from_i64(12, 0)},
        .low = {tt_dec_from_i64(9, 0)},
        .close = {tt_dec_from_i64(11, 0)},
        .interval_s = 60,
    };
    return &bar;
}

tt_input stub_bar_input(int64_t time_ns)
{
    return (tt_input){
        .time = {time_ns},
        .topic = TT_TOPIC_MARKET_BAR,
        .source = TT_SOURCE_FEED,
        .key = 1,
        .payload = stub_bar(),
        .payload_size = sizeof(tt_bar),
    };
}

void stub_step(tt_engine *engine, const tt_input *input)
{
    assert_int_equal(tt_engine_step(engine, input), TUTTI_OK);
}
