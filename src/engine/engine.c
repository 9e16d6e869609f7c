/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The engine: builds the core from its modules and takes it from input to input.
 *
 * Invariants: time never goes back; every step begins with one message that has TT_MSG_INPUT, and
 * between steps nothing is queued. A refused input is an input of dead_letters: it takes a step and
 * a sequence number as any other, so that a replay of the recorded inputs gives the same bytes.
 */
#include "engine/engine_priv.h"

#include <string.h>

/** For the modules above the bus; pages that they do not use cost nothing. */
#define MODULES_ARENA_BYTES ((size_t)192 << 20)

static tutti_status check_instruments(const tt_instruments *instruments, tt_error *error)
{
    if (instruments->count == 0 || instruments->count > TT_INSTRUMENTS_MAX) {
        tt_error_set(error, TUTTI_INVALID, "%u instruments are configured", instruments->count);
        tt_error_hint(error, "from 1 to %d", TT_INSTRUMENTS_MAX);
        return TUTTI_INVALID;
    }
    for (uint32_t i = 0; i < instruments->count; i++) {
        const tt_instrument *instrument = &instruments->list[i];
        size_t length = strnlen(instrument->symbol, sizeof instrument->symbol);
        if (instrument->id.n != i + 1 || length == 0 || length == sizeof instrument->symbol) {
            return tt_error_set(
                error, TUTTI_INVALID, "instrument %u has no symbol or a wrong id", i + 1);
        }
        if (tt_instrument_find_symbol(instruments, instrument->symbol, length) != instrument) {
            return tt_error_set(
                error, TUTTI_INVALID, "the instrument %s stands twice", instrument->symbol);
        }
        if (tt_dec_sign(instrument->price_increment.d) <= 0 ||
            tt_dec_sign(instrument->qty_increment.d) <= 0 || instrument->bar_interval_s == 0) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "the instrument %s needs a tick, a lot and a bar interval above zero",
                instrument->symbol);
        }
    }
    return TUTTI_OK;
}

static tutti_status init_core(tt_engine *engine)
{
    tt_core *core = &engine->core;
    tt_arena *arena = &engine->arena;
    tt_bus_options options = tt_engine_bus_options(&engine->config);
    core->instruments = &engine->config.instruments;
    core->seed = engine->config.seed;
    memcpy(core->run_id, engine->config.run_id, sizeof core->run_id);
    engine->state = tt_arena_alloc(arena, 1, sizeof *engine->state);
    if (!engine->state) {
        return TUTTI_NO_MEMORY;
    }
    TUTTI_TRY(tt_core_add_region(core, "engine", engine->state, sizeof *engine->state));
    TUTTI_TRY(tt_timers_new(TT_TIMERS_MAX, arena, &core->timers));
    options.timers = core->timers;
    TUTTI_TRY(tt_bus_new(&options, arena, &core->bus));
    TUTTI_TRY(tt_bus_register(core->bus, core));
    size_t size = 0;
    void *timers = tt_timers_state(core->timers, &size);
    return tt_core_add_region(core, "timers", timers, size);
}

/** The order is the order of subscription: the books are right before anyone judges by them. */
static tutti_status setup_modules(tt_engine *engine, const char **ret_failed)
{
    tt_core *core = &engine->core;
    tt_arena *arena = &engine->arena;
    const tt_engine_config *config = &engine->config;
    *ret_failed = "market";
    TUTTI_TRY(tt_market_setup(core, &config->market, arena, &engine->market));
    *ret_failed = "strategy";
    TUTTI_TRY(tt_strategy_setup(core, &config->ma_cross, arena, &engine->strategy));
    *ret_failed = "trade";
    TUTTI_TRY(tt_trade_setup(core, &config->trade, arena, &engine->trade));
    *ret_failed = "risk";
    TUTTI_TRY(tt_risk_setup(core, &config->risk, arena, &engine->risk));
    *ret_failed = "coord";
    TUTTI_TRY(tt_coord_setup(core, &config->coord, arena, &engine->coord));
    *ret_failed = "portfolio";
    return tt_portfolio_setup(core, &config->portfolio, arena, &engine->portfolio);
}

static tutti_status init_engine(tt_engine *engine, tt_error *error)
{
    tutti_status status = init_core(engine);
    if (status != TUTTI_OK) {
        return tt_error_set(error, status, "the bus cannot start: %s", tutti_status_text(status));
    }
    const char *failed = NULL;
    status = setup_modules(engine, &failed);
    if (status != TUTTI_OK) {
        return tt_error_set(
            error, status, "the module %s cannot start: %s", failed, tutti_status_text(status));
    }
    engine->layout_hash = tt_engine_layout_hash(&engine->core);
    return TUTTI_OK;
}

tutti_status tt_engine_new(const tt_engine_config *config, tt_engine **result, tt_error *error)
{
    TUTTI_TRY(check_instruments(&config->instruments, error));
    if (!memchr(config->run_id, 0, sizeof config->run_id)) {
        return tt_error_set(error, TUTTI_INVALID, "the run id is longer than 31 bytes");
    }
    const tt_bus_options options = tt_engine_bus_options(config);
    tt_arena arena = {0};
    if (tt_arena_init(&arena, tt_bus_memory(&options) + MODULES_ARENA_BYTES) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the engine");
    }
    tt_engine *engine = tt_arena_alloc(&arena, 1, sizeof *engine);
    TT_ASSERT(engine);
    engine->arena = arena;
    engine->config = *config;
    tutti_status status = init_engine(engine, error);
    if (status != TUTTI_OK) {
        tt_engine_free(engine);
        return status;
    }
    *result = engine;
    return TUTTI_OK;
}

void tt_engine_free(tt_engine *engine)
{
    if (engine) {
        tt_arena arena = engine->arena; // the engine lies inside
        tt_arena_fini(&arena);
    }
}

/** Says in the journal and to a person what is broken, and takes no further input. */
static void stop(tt_engine *engine, const tt_error *error)
{
    tt_system_event event = {
        .event = TT_system_event_type_INVARIANT_BROKEN, .severity = TT_severity_CRITICAL};
    TT_TEXT_SET(event.subject, "engine");
    TT_TEXT_SET(event.message, error->message);
    tt_notification notification = {.severity = TT_severity_CRITICAL};
    TT_TEXT_SET(notification.message, error->message);
    const tt_bus_post posts[] = {
        {.topic = TT_TOPIC_SYSTEM_EVENTS, .source = TT_SOURCE_ENGINE, .payload = &event},
        {.topic = TT_TOPIC_NOTIFICATIONS, .source = TT_SOURCE_ENGINE, .payload = &notification},
    };
    for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++) {
        (void)tt_bus_publish(engine->core.bus, &posts[i], NULL); // a refusal is dead-lettered
    }
    tt_bus_run(engine->core.bus);
    engine->state->is_stopped = 1;
}

/** Takes an input that is right to its end. */
static tutti_status take(tt_engine *engine, const tt_input *input)
{
    tt_bus *bus = engine->core.bus;
    tt_time now = tt_bus_now(bus);
    if (input->time.ns > now.ns) {
        now = input->time;
    }
    const tt_bus_post post = {
        .topic = input->topic,
        .source = input->source,
        .key = input->key,
        .payload = input->payload,
        .flags = TT_MSG_INPUT,
        .cause = input->cause,
        .correlation = input->correlation,
    };
    engine->state->inputs++;
    tt_bus_begin(bus, now);
    tutti_status published = tt_bus_publish(bus, &post, NULL);
    TT_ASSERT(published == TUTTI_OK); // an empty bus has room, and limits have been asked
    tt_timers_fire(engine->core.timers, now);
    tt_bus_run(bus);
    tt_error error;
    if (tt_engine_check_books(engine, &error) != TUTTI_OK) {
        stop(engine, &error);
        return TUTTI_STATE;
    }
    return TUTTI_OK;
}

/** Records a refused input as a dead letter, which is the input of this step in its place. */
static tutti_status
refuse(tt_engine *engine, const tt_input *input, tt_dead_reason reason, const tt_error *error)
{
    tt_dead_letter letter = {.reason = (uint8_t)reason};
    if ((uint32_t)input->topic < TT_TOPIC_COUNT) {
        letter.dead_topic = (uint16_t)input->topic;
    }
    if ((uint32_t)input->source < TT_SOURCE_COUNT) {
        letter.dead_source = (uint16_t)input->source;
    }
    TT_TEXT_SET(letter.handler, "engine");
    tt_text_format(
        letter.message,
        sizeof letter.message,
        error->hint[0] != '\0' ? "%s (%s)" : "%s",
        error->message,
        error->hint);
    const tt_input record = {
        .time = tt_bus_now(engine->core.bus),
        .topic = TT_TOPIC_DEAD_LETTERS,
        .source = TT_SOURCE_ENGINE,
        .key = input->key <= engine->config.instruments.count ? input->key : 0,
        .payload = &letter,
        .payload_size = sizeof letter,
    };
    engine->state->refused_inputs++;
    tutti_status status = take(engine, &record);
    return status == TUTTI_OK ? TUTTI_INVALID : status;
}

tutti_status tt_engine_step(tt_engine *engine, const tt_input *input)
{
    if (engine->state->is_stopped != 0) {
        return TUTTI_STATE;
    }
    tt_error error;
    tt_dead_reason reason = TT_dead_reason_NONE;
    if (tt_engine_check_input(engine, input, &reason, &error) != TUTTI_OK) {
        return refuse(engine, input, reason, &error);
    }
    return take(engine, input);
}

tt_time tt_engine_next_deadline(const tt_engine *engine)
{
    tt_time deadline = tt_timers_next(engine->core.timers);
    tt_time now = tt_bus_now(engine->core.bus);
    return deadline.ns < now.ns ? now : deadline;
}

tt_time tt_engine_now(const tt_engine *engine)
{
    return tt_bus_now(engine->core.bus);
}

const tt_bus *tt_engine_bus(const tt_engine *engine)
{
    return engine->core.bus;
}

void tt_engine_status_get(const tt_engine *engine, tt_engine_status *ret_status)
{
    const tt_bus *bus = engine->core.bus;
    *ret_status = (tt_engine_status){
        .now = tt_bus_now(bus),
        .last_seq = tt_bus_next_seq(bus) - 1,
        .inputs = engine->state->inputs,
        .refused_inputs = engine->state->refused_inputs,
        .queue_high_water = tt_bus_queue_high_water(bus),
        .is_stopped = engine->state->is_stopped != 0,
    };
    tt_market_status_get(engine->market, &ret_status->market);
    tt_strategy_status_get(engine->strategy, &ret_status->strategy);
    tt_coord_status_get(engine->coord, &ret_status->coord);
    tt_risk_status_get(engine->risk, &ret_status->risk);
    tt_trade_status_get(engine->trade, &ret_status->trade);
    tt_portfolio_status_get(engine->portfolio, &ret_status->portfolio);
    tt_timers_stats_get(engine->core.timers, &ret_status->timers);
    tt_bus_totals(bus, &ret_status->bus_totals);
    for (uint32_t i = 0; i < TT_TOPIC_COUNT; i++) {
        tt_bus_topic_stats_get(bus, (tt_topic)i, &ret_status->bus_topics[i]);
    }
}
