/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Related symbols: an entry contradicts what was decided on, or is held in, a symbol that moves
 * with it (or against it, if `inverse`).
 *
 * Of the other symbol the open position counts; while it is flat, the last decision, for
 * decision_max_age. A hold and a close take a decision back. The first contradiction of the list is
 * the one that is told.
 */
#include "coord/coord_priv.h"

#include <string.h>

static const tt_instrument *find_symbol(const tt_instruments *instruments, const char *symbol)
{
    return tt_instrument_find_symbol(instruments, symbol, strlen(symbol));
}

static bool is_same_pair(const tt_related_symbols_config *a, const tt_related_symbols_config *b)
{
    return (strcmp(a->first, b->first) == 0 && strcmp(a->second, b->second) == 0) ||
           (strcmp(a->first, b->second) == 0 && strcmp(a->second, b->first) == 0);
}

static tutti_status check_pair(
    const tt_coord_config *config,
    const tt_instruments *instruments,
    uint32_t index,
    tt_error *error)
{
    const tt_related_symbols_config *pair = &config->related[index];
    const char *const names[] = {pair->first, pair->second};
    for (int i = 0; i < 2; i++) {
        if (find_symbol(instruments, names[i]) == NULL) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "coordinator.related_symbols[%u] names `%s`, which is no instrument",
                index,
                names[i]);
        }
    }
    if (strcmp(pair->first, pair->second) == 0) {
        return tt_error_set(
            error, TUTTI_INVALID, "coordinator.related_symbols[%u] names one symbol twice", index);
    }
    for (uint32_t i = 0; i < index; i++) {
        if (is_same_pair(pair, &config->related[i])) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "coordinator.related_symbols[%u] is the pair of coordinator.related_symbols[%u]",
                index,
                i);
        }
    }
    return TUTTI_OK;
}

tutti_status tt_coord_related_check(
    const tt_coord_config *config, const tt_instruments *instruments, tt_error *error)
{
    for (uint32_t i = 0; i < config->related_count; i++) {
        TUTTI_TRY(check_pair(config, instruments, i, error));
    }
    return TUTTI_OK;
}

void tt_coord_related_setup(tt_coord *coord)
{
    const tt_instruments *instruments = coord->core->instruments;
    for (uint32_t i = 0; i < coord->config.related_count; i++) {
        const tt_related_symbols_config *pair = &coord->config.related[i];
        coord->related[i][0] = find_symbol(instruments, pair->first)->id.n;
        coord->related[i][1] = find_symbol(instruments, pair->second)->id.n;
    }
}

void tt_coord_related_remember(
    tt_coord *coord, uint32_t key, tt_seq seq, const tt_trading_signal *signal)
{
    tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    symbol->decided_side = signal->action == TT_action_BUY    ? TT_side_BUY
                           : signal->action == TT_action_SELL ? TT_side_SELL
                                                              : TT_side_NONE;
    symbol->decided_confidence = signal->confidence;
    symbol->decided_seq = seq;
    symbol->decided_time = tt_bus_now(coord->bus);
}

/** What a symbol leans to, and why. */
struct leaning {
    tt_side side;
    tt_seq seq;
    bool is_held;
};

static struct leaning leaning_of(const tt_coord *coord, uint32_t key)
{
    const tt_coord_symbol *symbol = tt_coord_symbol_get(coord, key);
    tt_side held = tt_coord_side_of(symbol);
    if (held != TT_side_NONE) {
        return (struct leaning){.side = held, .seq = symbol->position_seq, .is_held = true};
    }
    int64_t age = tt_bus_now(coord->bus).ns - symbol->decided_time.ns;
    bool counts = symbol->decided_seq != 0 && age <= coord->config.conflicts.decision_max_age.ns;
    return (struct leaning){
        .side = counts ? (tt_side)symbol->decided_side : TT_side_NONE, .seq = symbol->decided_seq};
}

/* Adds the conflict with one other symbol; false if there is none. */
static bool contradicts(
    const tt_coord *coord,
    const tt_coord_decision *decision,
    uint32_t other,
    bool inverse,
    tt_conflict_decision *conflict)
{
    struct leaning leaning = leaning_of(coord, other);
    bool is_opposite = leaning.side != decision->side;
    if (leaning.side == TT_side_NONE || is_opposite == inverse) {
        return false;
    }
    tt_conflict_item *item = tt_coord_conflict_add(
        conflict,
        TT_conflict_type_CONTRADICTING_SYMBOLS,
        decision->confidence,
        tt_coord_symbol_get(coord, other)->decided_confidence);
    item->agent_a = TT_agent_TRADING_DECISION;
    item->agent_b = TT_agent_TRADING_DECISION;
    item->seq_a = decision->signal_seq;
    item->seq_b = leaning.seq;
    tt_text_format(
        item->detail,
        sizeof item->detail,
        "%s, but %s of %s, which moves %s it",
        tt_enum_text(&tt_enum_action, decision->signal->action),
        leaning.is_held ? (leaning.side == TT_side_BUY ? "a long position" : "a short position")
                        : tt_enum_text(&tt_enum_side, (uint8_t)leaning.side),
        tt_coord_key_text(coord, other),
        inverse ? "against" : "with");
    return true;
}

void tt_coord_related_detect(
    const tt_coord *coord, const tt_coord_decision *decision, tt_conflict_decision *conflict)
{
    for (uint32_t i = 0; i < coord->config.related_count; i++) {
        const uint32_t *pair = coord->related[i];
        bool is_first = pair[0] == decision->key;
        if (!is_first && pair[1] != decision->key) {
            continue;
        }
        uint32_t other = is_first ? pair[1] : pair[0];
        if (contradicts(coord, decision, other, coord->config.related[i].inverse, conflict)) {
            return;
        }
    }
}
