/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The schema: the K tables of all modules as data, and look-ups in it.
 */
#include "config/config_priv.h"

#include <string.h>

#define VALUES_ratio(arg) NULL
#define VALUES_price(arg) NULL
#define VALUES_qty(arg)   NULL
#define VALUES_money(arg) NULL
#define VALUES_u32(arg)   NULL
#define VALUES_u64(arg)   NULL
#define VALUES_dur(arg)   NULL
#define VALUES_flag(arg)  NULL
#define VALUES_text(arg)  NULL
#define VALUES_enum(arg)  &tt_enum_##arg

/* A row of a K table; OWNER is the struct that holds the field. */
#define KEY(kind, field, arg, initial, min, max, doc)                                              \
    {#field,                                                                                       \
     TT_CONFIG_KIND_##kind,                                                                        \
     offsetof(OWNER, field),                                                                       \
     sizeof(((OWNER *)0)->field),                                                                  \
     VALUES_##kind(arg),                                                                           \
     initial,                                                                                      \
     min,                                                                                          \
     max,                                                                                          \
     doc},

// clang-format off
#define OWNER tt_run_config
static const tt_config_key run_keys[] = {TT_CONFIG_run(KEY)};
#undef OWNER
#define OWNER tt_clock_config
static const tt_config_key clock_keys[] = {TT_CONFIG_clock(KEY)};
#undef OWNER
#define OWNER tt_feed_config
static const tt_config_key feed_keys[] = {TT_CONFIG_feed(KEY)};
#undef OWNER
#define OWNER tt_csv_config
static const tt_config_key csv_keys[] = {TT_CONFIG_csv(KEY)};
#undef OWNER
#define OWNER tt_equity_ticks_config
static const tt_config_key equity_ticks_keys[] = {TT_CONFIG_equity_ticks(KEY)};
#undef OWNER
#define OWNER tt_synthetic_config
static const tt_config_key synthetic_keys[] = {TT_CONFIG_synthetic(KEY)};
#undef OWNER
#define OWNER tt_instrument
static const tt_config_key instrument_keys[] = {TT_CONFIG_instrument(KEY)};
#undef OWNER
#define OWNER tt_bus_config
static const tt_config_key bus_keys[] = {TT_CONFIG_bus(KEY)};
#undef OWNER
#define OWNER tt_market_config
static const tt_config_key market_keys[] = {TT_CONFIG_market(KEY)};
#undef OWNER
#define OWNER tt_ma_cross_config
static const tt_config_key ma_cross_keys[] = {TT_CONFIG_ma_cross(KEY)};
#undef OWNER
#define OWNER tt_coordinator_config
static const tt_config_key coordinator_keys[] = {TT_CONFIG_coordinator(KEY)};
#undef OWNER
#define OWNER tt_consensus_config
static const tt_config_key consensus_keys[] = {TT_CONFIG_consensus(KEY)};
#undef OWNER
#define OWNER tt_conflicts_config
static const tt_config_key conflicts_keys[] = {TT_CONFIG_conflicts(KEY)};
#undef OWNER
#define OWNER tt_related_symbols_config
static const tt_config_key related_symbols_keys[] = {TT_CONFIG_related_symbols(KEY)};
#undef OWNER
#define OWNER tt_arbiter_config
static const tt_config_key arbiter_keys[] = {TT_CONFIG_arbiter(KEY)};
#undef OWNER
#define OWNER tt_arbitration_config
static const tt_config_key arbitration_keys[] = {TT_CONFIG_arbitration(KEY)};
#undef OWNER
#define OWNER tt_arbiter_step_config
static const tt_config_key arbiter_step_keys[] = {TT_CONFIG_arbiter_step(KEY)};
#undef OWNER
#define OWNER tt_degradation_config
static const tt_config_key degradation_keys[] = {TT_CONFIG_degradation(KEY)};
#undef OWNER
#define OWNER tt_emergency_config
static const tt_config_key emergency_keys[] = {TT_CONFIG_emergency(KEY)};
#undef OWNER
#define OWNER tt_breach_config
static const tt_config_key breach_keys[] = {TT_CONFIG_breach(KEY)};
#undef OWNER
#define OWNER tt_execution_errors_config
static const tt_config_key execution_errors_keys[] = {TT_CONFIG_execution_errors(KEY)};
#undef OWNER
#define OWNER tt_health_check_config
static const tt_config_key health_check_keys[] = {TT_CONFIG_health_check(KEY)};
#undef OWNER
#define OWNER tt_schedule_config
static const tt_config_key schedule_keys[] = {TT_CONFIG_schedule(KEY)};
#undef OWNER
#define OWNER tt_risk_config
static const tt_config_key risk_keys[] = {TT_CONFIG_risk(KEY)};
#undef OWNER
#define OWNER tt_confidence_config
static const tt_config_key confidence_keys[] = {TT_CONFIG_confidence(KEY)};
#undef OWNER
#define OWNER tt_leverage_config
static const tt_config_key leverage_keys[] = {TT_CONFIG_leverage(KEY)};
#undef OWNER
#define OWNER tt_correlation_config
static const tt_config_key correlation_keys[] = {TT_CONFIG_correlation(KEY)};
#undef OWNER
#define OWNER tt_correlation_pair_config
static const tt_config_key correlation_pair_keys[] = {TT_CONFIG_correlation_pair(KEY)};
#undef OWNER
#define OWNER tt_volatility_config
static const tt_config_key volatility_keys[] = {TT_CONFIG_volatility(KEY)};
#undef OWNER
#define OWNER tt_atr_stops_config
static const tt_config_key atr_stops_keys[] = {TT_CONFIG_atr_stops(KEY)};
#undef OWNER
#define OWNER tt_breakers_config
static const tt_config_key breakers_keys[] = {TT_CONFIG_breakers(KEY)};
#undef OWNER
#define OWNER tt_cooldowns_config
static const tt_config_key cooldowns_keys[] = {TT_CONFIG_cooldowns(KEY)};
#undef OWNER
#define OWNER tt_sizing_config
static const tt_config_key sizing_keys[] = {TT_CONFIG_sizing(KEY)};
#undef OWNER
#define OWNER tt_symbol_limit_config
static const tt_config_key symbol_limit_keys[] = {TT_CONFIG_symbol_limit(KEY)};
#undef OWNER
#define OWNER tt_entry_window_config
static const tt_config_key entry_window_keys[] = {TT_CONFIG_entry_window(KEY)};
#undef OWNER
#define OWNER tt_budget_config
static const tt_config_key budget_keys[] = {TT_CONFIG_budget(KEY)};
#undef OWNER
#define OWNER tt_protection_config
static const tt_config_key protection_keys[] = {TT_CONFIG_protection(KEY)};
#undef OWNER
#define OWNER tt_account_config
static const tt_config_key account_keys[] = {TT_CONFIG_account(KEY)};
#undef OWNER
#define OWNER tt_capital_config
static const tt_config_key capital_keys[] = {TT_CONFIG_capital(KEY)};
#undef OWNER
#define OWNER tt_allocation_config
static const tt_config_key allocation_keys[] = {TT_CONFIG_allocation(KEY)};
#undef OWNER
#define OWNER tt_profit_bags_config
static const tt_config_key profit_bags_keys[] = {TT_CONFIG_profit_bags(KEY)};
#undef OWNER
#define OWNER tt_bag_config
static const tt_config_key bag_keys[] = {TT_CONFIG_bag(KEY)};
#undef OWNER
#define OWNER tt_allocation_target_config
static const tt_config_key allocation_target_keys[] = {TT_CONFIG_allocation_target(KEY)};
#undef OWNER
#define OWNER tt_orders_config
static const tt_config_key orders_keys[] = {TT_CONFIG_orders(KEY)};
#undef OWNER
#define OWNER tt_exits_config
static const tt_config_key exits_keys[] = {TT_CONFIG_exits(KEY)};
#undef OWNER
#define OWNER tt_ladder_config
static const tt_config_key ladder_keys[] = {TT_CONFIG_ladder(KEY)};
#undef OWNER
#define OWNER tt_symbol_exits_config
static const tt_config_key symbol_exits_keys[] = {TT_CONFIG_symbol_exits(KEY)};
#undef OWNER
#define OWNER tt_reconciliation_config
static const tt_config_key reconciliation_keys[] = {TT_CONFIG_reconciliation(KEY)};
#undef OWNER
#define OWNER tt_venue_config
static const tt_config_key venue_keys[] = {TT_CONFIG_venue(KEY)};
#undef OWNER
#define OWNER tt_llm_config
static const tt_config_key llm_keys[] = {TT_CONFIG_llm(KEY)};
#undef OWNER
#define OWNER tt_llm_provider_config
static const tt_config_key llm_provider_keys[] = {TT_CONFIG_llm_provider(KEY)};
#undef OWNER
#define OWNER tt_llm_voter_config
static const tt_config_key llm_voter_keys[] = {TT_CONFIG_llm_voter(KEY)};
#undef OWNER
#define OWNER tt_llm_sentiment_config
static const tt_config_key llm_sentiment_keys[] = {TT_CONFIG_llm_sentiment(KEY)};
#undef OWNER
#define OWNER tt_llm_agents_config
static const tt_config_key llm_agents_keys[] = {TT_CONFIG_llm_agents(KEY)};
#undef OWNER
#define OWNER tt_llm_prompts_config
static const tt_config_key llm_prompts_keys[] = {TT_CONFIG_llm_prompts(KEY)};
#undef OWNER
#define OWNER tt_agents_config
static const tt_config_key agents_keys[] = {TT_CONFIG_agents(KEY)};
#undef OWNER
#define OWNER tt_decision_config
static const tt_config_key decision_keys[] = {TT_CONFIG_decision(KEY)};
#undef OWNER
#define OWNER tt_sentiment_config
static const tt_config_key sentiment_keys[] = {TT_CONFIG_sentiment(KEY)};
#undef OWNER
#define OWNER tt_portfolio_config
static const tt_config_key portfolio_keys[] = {TT_CONFIG_portfolio(KEY)};
#undef OWNER
#define OWNER tt_journaling_config
static const tt_config_key journal_keys[] = {TT_CONFIG_journaling(KEY)};
#undef OWNER
#define OWNER tt_health_config
static const tt_config_key health_keys[] = {TT_CONFIG_health(KEY)};
#undef OWNER
#define OWNER tt_bus_health_config
static const tt_config_key bus_health_keys[] = {TT_CONFIG_bus_health(KEY)};
#undef OWNER
#define OWNER tt_store_config
static const tt_config_key store_keys[] = {TT_CONFIG_store(KEY)};
#undef OWNER
#define OWNER tt_api_config
static const tt_config_key api_keys[] = {TT_CONFIG_api(KEY)};
#undef OWNER

#define COUNT(keys) (sizeof(keys) / sizeof(keys)[0])
#define SECTION(path, keys, member, doc) \
    {path, keys, COUNT(keys), offsetof(tt_config, member), 0, 0, 0, 0, doc, false}
#define LIST(path, keys, member, count, origins, doc) \
    ITEMS(path, keys, member, count, origins, doc, false)
#define HEIRS(path, keys, member, count, origins, doc) \
    ITEMS(path, keys, member, count, origins, doc, true)
#define ITEMS(path, keys, member, count, origins, doc, inherits) \
    {path, keys, COUNT(keys), offsetof(tt_config, member), sizeof(((tt_config *)0)->member[0]), \
     COUNT(((tt_config *)0)->member), offsetof(tt_config, count), offsetof(tt_config, origins), \
     doc, inherits}
#define SCHEDULE(task, text, doc) \
    SECTION("coordinator.schedules." text, schedule_keys, \
            engine.coord.schedules[TT_task_##task], doc)

#define BREACH(type, text, doc) \
    SECTION("coordinator.emergency." text, breach_keys, \
            engine.coord.breaches[TT_breach_type_##type], doc)

const tt_config_section tt_config_sections[] = {
    SECTION("run", run_keys, run, "The run as a whole."),
    SECTION("clock", clock_keys, clock, "Time of a paper session."),
    SECTION("feed", feed_keys, feed.feed, "Market data."),
    SECTION("csv", csv_keys, feed.csv, "Columns of a file of bars (feed.kind csv_bars)."),
    SECTION("equity_ticks", equity_ticks_keys, feed.equity_ticks,
            "Files of stock quotes and trades (feed.kind equity_ticks)."),
    SECTION("synthetic", synthetic_keys, feed.synthetic,
            "The made-up market (feed.kind synthetic)."),
    LIST("instruments", instrument_keys, engine.instruments.list, engine.instruments.count,
         instrument_origins,
         "What is traded; at least one."),
    SECTION("bus", bus_keys, engine.bus, "Bounds of the message bus."),
    SECTION("market", market_keys, engine.market, "Bars and indicators."),
    SECTION("ma_cross", ma_cross_keys, engine.ma_cross, "The moving-average crossover strategy."),
    SECTION("coordinator", coordinator_keys, engine.coord.coordinator,
            "The coordinator of the agents."),
    SECTION("coordinator.consensus", consensus_keys, engine.coord.consensus,
            "How agreement of the agents changes the confidence of a decision."),
    SECTION("coordinator.conflicts", conflicts_keys, engine.coord.conflicts,
            "Which disagreements count as conflicts."),
    LIST("coordinator.related_symbols", related_symbols_keys, engine.coord.related,
         engine.coord.related_count, related_origins,
         "Symbols that move together, so that opposite trades in them contradict each other."),
    SECTION("coordinator.arbiter", arbiter_keys, engine.coord.arbiter,
            "How the rule arbiter settles a conflict."),
    SECTION("coordinator.arbitration", arbitration_keys, engine.coord.arbitration,
            "Bounds of the chain of arbiters."),
    LIST("coordinator.arbiters", arbiter_step_keys, engine.coord.arbiters,
         engine.coord.arbiter_count, arbiter_origins,
         "Who settles conflicts, in this order; without rows the rule arbiter alone."),
    SECTION("coordinator.degradation", degradation_keys, engine.coord.degradation,
            "What failures of agents lead to."),
    SECTION("coordinator.emergency", emergency_keys, engine.coord.emergency,
            "Closing until flat, and what ends with the day."),
    BREACH(DAILY_LOSS, "daily_loss", "What the breaker of the daily loss does."),
    BREACH(WEEKLY_LOSS, "weekly_loss", "What the breaker of the weekly loss does."),
    BREACH(MAX_DRAWDOWN, "max_drawdown", "What the breaker of the drawdown does."),
    BREACH(CONSECUTIVE_LOSSES, "consecutive_losses",
           "What losses in a row do beyond the cooldown of risk."),
    SECTION("coordinator.emergency.execution_errors", execution_errors_keys,
            engine.coord.execution_errors, "What orders that fail one after the other lead to."),
    SECTION("coordinator.emergency.health_check", health_check_keys, engine.coord.health_check,
            "Whether the agents that trading rests on still answer."),
    SCHEDULE(TA_ANALYSIS, "ta_analysis", "Technical analysis."),
    SCHEDULE(REGIME_DETECTION, "regime_detection", "Detection of the market regime."),
    SCHEDULE(SENTIMENT_ANALYSIS, "sentiment_analysis",
             "Sentiment; enabled by default only if agents.sentiment.path is given."),
    SCHEDULE(TRADING_DECISION, "trading_decision", "Trading decisions."),
    SCHEDULE(PORTFOLIO_CHECK, "portfolio_check", "Check of the portfolio as a whole."),
    SECTION("risk", risk_keys, engine.risk.limits, "Limits that every trade is checked against."),
    SECTION("risk.confidence", confidence_keys, engine.risk.confidence,
            "Least confidence of an entry, by market regime."),
    SECTION("risk.leverage", leverage_keys, engine.risk.leverage, "Caps of the leverage."),
    SECTION("risk.correlation", correlation_keys, engine.risk.correlation,
            "Exposure to instruments that move together."),
    LIST("risk.correlation_pairs", correlation_pair_keys, engine.risk.correlation_pairs,
         engine.risk.correlation_pair_count, pair_origins,
         "Known correlations of two instruments."),
    SECTION("risk.volatility", volatility_keys, engine.risk.volatility, "Volatility spikes."),
    SECTION("risk.atr_stops", atr_stops_keys, engine.risk.atr_stops,
            "Stops of entries that have none."),
    SECTION("risk.breakers", breakers_keys, engine.risk.breakers, "Circuit breakers."),
    SECTION("risk.cooldowns", cooldowns_keys, engine.risk.cooldowns, "Times without entries."),
    SECTION("risk.sizing", sizing_keys, engine.risk.sizing,
            "What confidence and regime are worth."),
    LIST("risk.symbols", symbol_limit_keys, engine.risk.symbols, engine.risk.symbol_count,
         symbol_limit_origins, "Limits of single symbols, where they are stricter."),
    LIST("risk.entry_windows", entry_window_keys, engine.risk.windows, engine.risk.window_count,
         entry_window_origins, "Times of the day with, or without, entries."),
    LIST("risk.budgets", budget_keys, engine.risk.budgets, engine.risk.budget_count,
         budget_origins, "Capital that is reserved for single sources of trades."),
    LIST("risk.protections", protection_keys, engine.risk.protections,
         engine.risk.protection_count, protection_origins,
         "Rules that hold entries back for a time after what closed trades show."),
    SECTION("account", account_keys, engine.trade.account, "The account."),
    LIST("account.capital", capital_keys, engine.trade.capital, engine.trade.capital_count,
         capital_origins, "What the sub-accounts of sources of trades start with."),
    SECTION("orders", orders_keys, engine.trade.orders, "Life of orders."),
    SECTION("exits", exits_keys, engine.trade.exits,
            "Rules that move the stop of a position or close it."),
    SECTION("exits.ladder", ladder_keys, engine.trade.ladder, "The ladder of targets."),
    HEIRS("exits.symbols", symbol_exits_keys, engine.trade.symbol_exits,
          engine.trade.symbol_exits_count, symbol_exits_origins,
          "Exit rules of single symbols. What a row does not name is as in `exits` and "
          "`exits.ladder`, whatever these are set to, also by the environment or `--set`."),
    SECTION("portfolio", allocation_keys, engine.portfolio.allocation,
            "Rebalancing to targets."),
    LIST("portfolio.targets", allocation_target_keys, engine.portfolio.targets,
         engine.portfolio.target_count, target_origins,
         "What is to be held; without rows the portfolio check only cuts positions back."),
    SECTION("reconciliation", reconciliation_keys, engine.trade.reconciliation,
            "Comparison of the books with the venue."),
    SECTION("profit_bags", profit_bags_keys, engine.portfolio.profit_bags,
            "Profits that are set aside."),
    LIST("profit_bags.bags", bag_keys, engine.portfolio.bags, engine.portfolio.bag_count,
         bag_origins, "How they are divided."),
    SECTION("venue", venue_keys, venue, "The simulated exchange."),
    SECTION("agents", agents_keys, agents.agents, "The built-in agents."),
    SECTION("agents.decision", decision_keys, agents.decision, "The agent that decides on trades."),
    SECTION("agents.sentiment", sentiment_keys, agents.sentiment,
            "The agent that plays recorded sentiment."),
    SECTION("agents.portfolio", portfolio_keys, agents.portfolio,
            "The agent that watches the portfolio."),
    SECTION("llm", llm_keys, llm.llm, "Calls of language models."),
    LIST("llm.providers", llm_provider_keys, llm.providers, llm.provider_count, provider_origins,
         "Language models that agents and arbiters may be."),
    LIST("llm.voters", llm_voter_keys, llm.voters, llm.voter_count, voter_origins,
         "Providers that vote on the trading decision, in the place of rules or of one provider."),
    SECTION("llm.sentiment", llm_sentiment_keys, llm.sentiment,
            "Providers of the parts of sentiment, in the place of the record or of one provider."),
    SECTION("llm.agents", llm_agents_keys, llm.agents,
            "Agents that a provider answers for, in the place of rules."),
    SECTION("llm.prompts", llm_prompts_keys, llm.prompts, "Files with prompts."),
    SECTION("journal", journal_keys, journal, "The journal."),
    SECTION("store", store_keys, store, "The SQL copy."),
    SECTION("health", health_keys, health,
            "When a part of a paper session counts as ill: feed, venue, journal, read model, pool, "
            "memory."),
    SECTION("health.bus", bus_health_keys, bus_health,
            "From when on a paper session alerts about its bus."),
    SECTION("api", api_keys, api, "The HTTP interface."),
};
// clang-format on

const uint32_t tt_config_section_count = COUNT(tt_config_sections);

const tt_config_section *tt_config_find_section(const char *path)
{
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        if (strcmp(tt_config_sections[i].path, path) == 0) {
            return &tt_config_sections[i];
        }
    }
    return NULL;
}

const tt_config_key *tt_config_find_key(const tt_config_section *section, tt_slice name)
{
    for (uint32_t i = 0; i < section->key_count; i++) {
        if (tt_slice_is(name, section->keys[i].name)) {
            return &section->keys[i];
        }
    }
    return NULL;
}

bool tt_config_is_branch(const char *path)
{
    size_t length = strlen(path);
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const char *other = tt_config_sections[i].path;
        if (strncmp(other, path, length) == 0 && other[length] == '.') {
            return true;
        }
    }
    return false;
}

bool tt_config_find_path(
    const char *path, const tt_config_section **ret_section, const tt_config_key **ret_key)
{
    const char *dot = strrchr(path, '.');
    if (!dot) {
        return false;
    }
    tt_slice head = {.data = path, .length = (size_t)(dot - path)};
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        if (section->item_size == 0 && tt_slice_is(head, section->path)) {
            const tt_config_key *key = tt_config_find_key(section, tt_slice_of(dot + 1));
            *ret_section = section;
            *ret_key = key;
            return key != NULL;
        }
    }
    return false;
}

uint32_t tt_config_key_index(const tt_config_section *section, const tt_config_key *key)
{
    uint32_t index = (uint32_t)(key - section->keys);
    for (const tt_config_section *other = tt_config_sections; other != section; other++) {
        index += other->key_count;
    }
    TT_ASSERT(index < TT_CONFIG_KEYS_MAX);
    return index;
}

tt_config_origin *
tt_config_item_origin(tt_config *config, const tt_config_section *section, uint32_t index)
{
    TT_ASSERT(index < section->item_max);
    void *origins = (unsigned char *)config + section->origins_offset;
    return (tt_config_origin *)origins + index;
}

void *tt_config_field(tt_config *config, const tt_config_section *section, const tt_config_key *key)
{
    return (unsigned char *)config + section->offset + key->offset;
}
