/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * State machines as tables: a machine is a list of rows "in this state, on this event, go there".
 * What is not in the table is refused, counted, and changes nothing.
 *
 * Three parts, so that state stays free of pointers:
 * - tt_sm_def: the table; constant data of the program.
 * - tt_sm: the table made ready for lookup in O(1) at setup; never changes afterwards.
 * - tt_sm_counts: how often each row was taken and what was refused; plain state for a region.
 * The state itself is one byte in the caller's object.
 *
 *     static const char *const states[] = {"new", "open", "closed"};
 *     static const char *const events[] = {"accept", "close"};
 *     static const tt_sm_row rows[] = {
 *         {NEW, ACCEPT, OPEN, 0, 0}, {OPEN, CLOSE, CLOSED, 0, 0},
 *     };
 *     static const tt_sm_def door = {"door", states, 3, events, 2, NULL, 0, rows, 2, NEW, 1U <<
 * CLOSED};
 */
#ifndef TT_SM_SM_H
#define TT_SM_SM_H

#include "base/error.h"
#include "base/text.h"

#include <tutti/status.h>

#include <stdbool.h>
#include <stdint.h>

#define TT_SM_STATES_MAX 32
#define TT_SM_EVENTS_MAX 32
#define TT_SM_ROWS_MAX   254
#define TT_SM_GUARDS_MAX 32

/** One allowed transition. */
typedef struct tt_sm_row {
    uint8_t from;
    uint8_t event;
    uint8_t to;
    uint8_t guard;  /**< 0 = none; n = taken only if the caller states that guards[n - 1] holds. */
    uint32_t flags; /**< For the caller: what to do when the row is taken. */
} tt_sm_row;

/** A machine as a table. Names are texts that live as long as the program. */
typedef struct tt_sm_def {
    const char *name;
    const char *const *states;
    uint8_t state_count;
    const char *const *events;
    uint8_t event_count;
    const char *const *guards; /**< What each guard says, for the documents; may be NULL. */
    uint8_t guard_count;
    const tt_sm_row *rows;
    uint8_t row_count;
    uint8_t initial;
    uint32_t finals; /**< Bit n: state n is an end and has no exits. */
} tt_sm_def;

/** A table with its lookup; read-only after tt_sm_init. */
typedef struct tt_sm {
    const tt_sm_def *def;
    uint8_t lookup[TT_SM_STATES_MAX][TT_SM_EVENTS_MAX]; /**< Row index plus one; 0 = no row. */
} tt_sm;

/** Counters of one machine; plain data. */
typedef struct tt_sm_counts {
    uint64_t taken[TT_SM_ROWS_MAX]; /**< Of each row, in the order of the table. */
    uint64_t refused_no_row;
    uint64_t refused_guard;
} tt_sm_counts;

/** What became of an event. */
typedef enum tt_sm_result {
    TT_SM_TAKEN,  /**< The state changed (perhaps to itself). */
    TT_SM_NO_ROW, /**< The table has no such transition; nothing changed. */
    TT_SM_GUARD,  /**< The row's guard does not hold; nothing changed. */
} tt_sm_result;

/**
 * Checks a table: names present, numbers in range, no two rows for one (state, event), every state
 * reachable from the initial one, ends without exits and all others with one, every event used.
 *
 * @retval TUTTI_INVALID the first fault is in `error`. @thread{any}
 */
TUTTI_NODISCARD tutti_status tt_sm_check(const tt_sm_def *def, tt_error *error);
/** Checks a table and builds its lookup. @borrows{`def` until the machine is gone} @thread{setup}
 */
TUTTI_NODISCARD tutti_status tt_sm_init(tt_sm *sm, const tt_sm_def *def, tt_error *error);

/** Returns the row for (state, event), or NULL if there is none. Nothing is counted. */
const tt_sm_row *tt_sm_find(const tt_sm *sm, uint8_t state, uint8_t event);
/**
 * Offers an event. On TT_SM_TAKEN `*state` is the new state; otherwise it is unchanged.
 *
 * `guards`: bit n - 1 says that guard n holds. `ret_row` (may be NULL) receives the row that was
 * found, also when its guard refused, else NULL. @thread{owner}
 */
tt_sm_result tt_sm_step(
    const tt_sm *sm,
    tt_sm_counts *counts,
    uint8_t *state,
    uint8_t event,
    uint32_t guards,
    const tt_sm_row **ret_row);
/** Tells whether a state is an end. */
bool tt_sm_is_final(const tt_sm_def *def, uint8_t state);
/** Returns the index of the first row from `first` on that was never taken, or row_count if none.
 */
uint32_t tt_sm_find_untaken(const tt_sm_def *def, const tt_sm_counts *counts, uint32_t first);

/** Appends a Markdown table of the transitions. */
void tt_sm_render_markdown(const tt_sm_def *def, tt_text_buf *out);
/** Appends a Graphviz digraph. */
void tt_sm_render_dot(const tt_sm_def *def, tt_text_buf *out);

#endif
