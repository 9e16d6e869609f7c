/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * State machines: check of the table, lookup, step.
 */
#include "sm/sm.h"

#include <string.h>

static uint32_t bit_of(uint8_t number)
{
    return UINT32_C(1) << number;
}

static tutti_status check_names(
    const tt_sm_def *def,
    const char *what,
    const char *const *names,
    uint8_t count,
    tt_error *error)
{
    for (uint8_t i = 0; i < count; i++) {
        if (!names[i] || names[i][0] == '\0') {
            return tt_error_set(
                error, TUTTI_INVALID, "machine %s: %s %u has no name", def->name, what, i);
        }
    }
    return TUTTI_OK;
}

static tutti_status check_bounds(const tt_sm_def *def, tt_error *error)
{
    bool states_ok = def->state_count >= 1 && def->state_count <= TT_SM_STATES_MAX;
    bool events_ok = def->event_count >= 1 && def->event_count <= TT_SM_EVENTS_MAX;
    bool rest_ok = def->row_count <= TT_SM_ROWS_MAX && def->guard_count <= TT_SM_GUARDS_MAX;
    if (!states_ok || !events_ok || !rest_ok) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "machine %s: %u states, %u events, %u rows, %u guards are more than fit or none",
            def->name,
            def->state_count,
            def->event_count,
            def->row_count,
            def->guard_count);
    }
    if (def->initial >= def->state_count) {
        return tt_error_set(
            error, TUTTI_INVALID, "machine %s: no initial state %u", def->name, def->initial);
    }
    return TUTTI_OK;
}

static tutti_status check_row(const tt_sm_def *def, uint8_t index, tt_error *error)
{
    const tt_sm_row *row = &def->rows[index];
    if (row->from >= def->state_count || row->to >= def->state_count ||
        row->event >= def->event_count || row->guard > def->guard_count) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "machine %s: row %u names a state, event or guard that does not exist",
            def->name,
            index);
    }
    if (tt_sm_is_final(def, row->from)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "machine %s: final state %s has an exit on %s",
            def->name,
            def->states[row->from],
            def->events[row->event]);
    }
    for (uint8_t i = 0; i < index; i++) {
        if (def->rows[i].from == row->from && def->rows[i].event == row->event) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "machine %s: two rows for state %s and event %s",
                def->name,
                def->states[row->from],
                def->events[row->event]);
        }
    }
    return TUTTI_OK;
}

/* Bit n of the result: state n can be reached. */
static uint32_t reachable_states(const tt_sm_def *def)
{
    uint32_t reached = bit_of(def->initial);
    for (uint32_t before = 0; before != reached;) {
        before = reached;
        for (uint8_t i = 0; i < def->row_count; i++) {
            if (reached & bit_of(def->rows[i].from)) {
                reached |= bit_of(def->rows[i].to);
            }
        }
    }
    return reached;
}

static tutti_status check_states(const tt_sm_def *def, tt_error *error)
{
    uint32_t exits = 0;
    uint32_t reached = reachable_states(def);
    for (uint8_t i = 0; i < def->row_count; i++) {
        exits |= bit_of(def->rows[i].from);
    }
    for (uint8_t state = 0; state < def->state_count; state++) {
        const char *fault = NULL;
        if (!(reached & bit_of(state))) {
            fault = "cannot be reached";
        } else if (!(exits & bit_of(state)) && !tt_sm_is_final(def, state)) {
            fault = "has no exit and is not final";
        }
        if (fault) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "machine %s: state %s %s",
                def->name,
                def->states[state],
                fault);
        }
    }
    return TUTTI_OK;
}

static tutti_status check_events(const tt_sm_def *def, tt_error *error)
{
    uint32_t used = 0;
    for (uint8_t i = 0; i < def->row_count; i++) {
        used |= bit_of(def->rows[i].event);
    }
    for (uint8_t event = 0; event < def->event_count; event++) {
        if (!(used & bit_of(event))) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "machine %s: no row for event %s",
                def->name,
                def->events[event]);
        }
    }
    return TUTTI_OK;
}

tutti_status tt_sm_check(const tt_sm_def *def, tt_error *error)
{
    if (!def->name || !def->states || !def->events || !def->rows) {
        return tt_error_set(error, TUTTI_INVALID, "a machine lacks its name or a table");
    }
    TUTTI_TRY(check_bounds(def, error));
    TUTTI_TRY(check_names(def, "state", def->states, def->state_count, error));
    TUTTI_TRY(check_names(def, "event", def->events, def->event_count, error));
    if (def->guards) {
        TUTTI_TRY(check_names(def, "guard", def->guards, def->guard_count, error));
    }
    for (uint8_t i = 0; i < def->row_count; i++) {
        TUTTI_TRY(check_row(def, i, error));
    }
    TUTTI_TRY(check_states(def, error));
    return check_events(def, error);
}

tutti_status tt_sm_init(tt_sm *sm, const tt_sm_def *def, tt_error *error)
{
    TUTTI_TRY(tt_sm_check(def, error));
    memset(sm, 0, sizeof *sm);
    sm->def = def;
    for (uint8_t i = 0; i < def->row_count; i++) {
        sm->lookup[def->rows[i].from][def->rows[i].event] = (uint8_t)(i + 1);
    }
    return TUTTI_OK;
}

const tt_sm_row *tt_sm_find(const tt_sm *sm, uint8_t state, uint8_t event)
{
    TT_ASSERT(state < sm->def->state_count && event < sm->def->event_count);
    uint8_t place = sm->lookup[state][event];
    return place ? &sm->def->rows[place - 1] : NULL;
}

tt_sm_result tt_sm_step(
    const tt_sm *sm,
    tt_sm_counts *counts,
    uint8_t *state,
    uint8_t event,
    uint32_t guards,
    const tt_sm_row **ret_row)
{
    const tt_sm_row *row = tt_sm_find(sm, *state, event);
    if (ret_row) {
        *ret_row = row;
    }
    if (!row) {
        counts->refused_no_row++;
        return TT_SM_NO_ROW;
    }
    if (row->guard != 0 && !(guards & bit_of((uint8_t)(row->guard - 1)))) {
        counts->refused_guard++;
        return TT_SM_GUARD;
    }
    counts->taken[row - sm->def->rows]++;
    *state = row->to;
    return TT_SM_TAKEN;
}

bool tt_sm_is_final(const tt_sm_def *def, uint8_t state)
{
    return state < TT_SM_STATES_MAX && (def->finals & bit_of(state)) != 0;
}

uint32_t tt_sm_find_untaken(const tt_sm_def *def, const tt_sm_counts *counts, uint32_t first)
{
    uint32_t index = first;
    while (index < def->row_count && counts->taken[index] > 0) {
        index++;
    }
    return index;
}
