/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which tasks a task builds on: depends_on of its schedule.
 *
 * A waiting slot is kept waiting by each of them that is enabled and not left out by the
 * degradation, while that one is waiting, in flight or due at this moment, or has not succeeded (an
 * optional one: was not tried) at or after the slot's own last run. A task of a symbol looks at the
 * same symbol; the portfolio looks at all of them.
 *
 * With dependency_wait a slot does not wait for ever: when that time is over it is asked with what
 * the others said before, as long as that may still vote, or its turn is left out.
 */
#include "coord/coord_priv.h"

#include <string.h>

/** A name of a list and what comes behind it. */
struct word {
    const char *text;
    size_t length;
    const char *rest; /**< NULL = nothing. */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* The next name of a list that is separated by commas. */
static struct word next_word(const char *list)
{
    while (is_space(*list)) {
        list++;
    }
    const char *comma = strchr(list, ',');
    size_t length = comma == NULL ? strlen(list) : (size_t)(comma - list);
    while (length > 0 && is_space(list[length - 1])) {
        length--;
    }
    return (struct word){.text = list, .length = length, .rest = comma == NULL ? NULL : comma + 1};
}

/* Adds the tasks of a list to `ret_bits`; false at a name that is none, which is left in `word`. */
static bool read_list(const char *list, uint8_t *ret_bits, struct word *word)
{
    *ret_bits = 0;
    *word = next_word(list);
    bool is_none =
        word->rest == NULL &&
        (word->length == 0 || (word->length == 4 && strncmp(word->text, "none", 4) == 0));
    if (is_none) {
        return true;
    }
    for (;;) {
        uint8_t task = 0;
        if (!tt_enum_find(&tt_enum_task, word->text, word->length, &task)) {
            return false;
        }
        *ret_bits |= (uint8_t)(1U << task);
        if (word->rest == NULL) {
            return true;
        }
        *word = next_word(word->rest);
    }
}

uint8_t tt_coord_depends_bits(const char *list)
{
    uint8_t bits = 0;
    struct word word;
    bool is_read = read_list(list, &bits, &word);
    TT_ASSERT(is_read);
    return bits;
}

/* `owner` and `key` together are the path of the list. */
static tutti_status
refuse_name(const char *owner, const char *key, const struct word *word, tt_error *error)
{
    (void)tt_error_set(
        error,
        TUTTI_INVALID,
        "coordinator.%s.%s names `%.*s`, which is no task",
        owner,
        key,
        (int)word->length,
        word->text);
    tt_error_hint(
        error,
        "the tasks are ta_analysis, regime_detection, sentiment_analysis, trading_decision and "
        "portfolio_check; none = none");
    return TUTTI_INVALID;
}

/* Everything that a task builds on, directly or not. */
static uint8_t reach_of(const uint8_t depends[TT_task_COUNT], uint8_t task)
{
    uint8_t reach = depends[task];
    for (uint32_t round = 0; round < TT_task_COUNT; round++) {
        for (uint32_t i = 0; i < TT_task_COUNT; i++) {
            reach |= (reach >> i & 1) ? depends[i] : 0;
        }
    }
    return reach;
}

tutti_status tt_coord_depends_check(const tt_coord_config *config, tt_error *error)
{
    uint8_t depends[TT_task_COUNT];
    uint8_t required = 0;
    struct word word;
    for (uint8_t task = 0; task < TT_task_COUNT; task++) {
        if (!read_list(config->schedules[task].depends_on, &depends[task], &word)) {
            char owner[48];
            tt_text_format(owner, sizeof owner, "schedules.%s", tt_enum_text(&tt_enum_task, task));
            return refuse_name(owner, "depends_on", &word, error);
        }
    }
    if (!read_list(config->health_check.required, &required, &word)) {
        return refuse_name("emergency.health_check", "required", &word, error);
    }
    for (uint8_t task = 0; task < TT_task_COUNT; task++) {
        if (reach_of(depends, task) >> task & 1) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "coordinator.schedules.%s.depends_on leads back to %s: neither could ever run",
                tt_enum_text(&tt_enum_task, task),
                tt_enum_text(&tt_enum_task, task));
        }
    }
    return TUTTI_OK;
}

/* ---- waiting ---- */

/* Tells whether one slot that another builds on keeps it waiting. */
static bool awaits_slot(
    const tt_coord *coord, const tt_coord_slot *slot, const tt_coord_slot *other, bool is_optional)
{
    tt_time now = tt_bus_now(coord->bus);
    bool is_coming = other->next_due.ns != 0 && other->next_due.ns <= now.ns;
    if (other->state != COORD_SLOT_IDLE || is_coming) {
        return true;
    }
    tt_time last = is_optional ? other->last_end : other->last_success;
    return last.ns == 0 || last.ns < slot->last_run.ns;
}

static bool awaits_task(const tt_coord *coord, uint32_t index, tt_task on)
{
    if (!coord->state->enabled[on] || tt_coord_degradation_skips(coord, on)) {
        return false;
    }
    const tt_coord_slot *slot = &coord->slots[index];
    const tt_coord_task *facts = tt_coord_task_get(on);
    uint32_t key = tt_coord_slot_key(coord, index);
    if (facts->is_per_symbol && key != 0) {
        uint32_t other = tt_coord_slot_find(coord, on, key);
        return awaits_slot(coord, slot, &coord->slots[other], facts->is_optional);
    }
    for (uint32_t i = 0; i < coord->slot_count; i++) {
        if (tt_coord_slot_task(coord, i) == on &&
            awaits_slot(coord, slot, &coord->slots[i], facts->is_optional)) {
            return true;
        }
    }
    return false;
}

bool tt_coord_depends_awaits(const tt_coord *coord, uint32_t index)
{
    if (coord->slots[index].is_impatient) {
        return false;
    }
    uint8_t depends = coord->depends[tt_coord_slot_task(coord, index)];
    for (tt_task on = 0; on < TT_task_COUNT; on++) {
        if ((depends >> on & 1) && awaits_task(coord, index, on)) {
            return true;
        }
    }
    return false;
}

/* ---- patience ---- */

void tt_coord_depends_arm(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    tt_task task = tt_coord_slot_task(coord, index);
    tt_dur wait = coord->config.schedules[task].dependency_wait;
    if (wait.ns == 0 || slot->patience_timer.n != 0) {
        return;
    }
    tt_time until = {tt_bus_now(coord->bus).ns + wait.ns};
    tt_timer_id timer = {0};
    tutti_status status = tt_timers_arm(
        coord->core->timers, TT_TIMER_COORDINATOR, COORD_TIMER_PATIENCE, index, until, &timer);
    // Without a timer it waits as long as it takes.
    slot->patience_timer = status == TUTTI_OK ? timer : (tt_timer_id){0};
}

void tt_coord_depends_release(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    if (slot->patience_timer.n != 0) {
        (void)tt_timers_cancel(coord->core->timers, slot->patience_timer);
        slot->patience_timer.n = 0;
    }
    slot->is_impatient = 0;
}

/* Tells whether what a task said last of a symbol may still be used. */
static bool is_usable(const tt_coord *coord, tt_task on, uint32_t key)
{
    tt_coord_known known;
    switch (on) {
    case TT_task_TA_ANALYSIS:
        tt_coord_known_get(coord, key, &known);
        return known.has_ta;
    case TT_task_REGIME_DETECTION:
        tt_coord_known_get(coord, key, &known);
        return known.has_regime;
    case TT_task_SENTIMENT_ANALYSIS:
        return true; // Optional: nothing that it says is missed.
    case TT_task_TRADING_DECISION:
    case TT_task_PORTFOLIO_CHECK:
    case TT_task_COUNT:
        break;
    }
    return false; // They leave nothing behind that could be used again.
}

/* The name of a task whose output is missing for a slot, or NULL. */
static const char *find_missing(const tt_coord *coord, uint32_t index)
{
    uint8_t depends = coord->depends[tt_coord_slot_task(coord, index)];
    uint32_t key = tt_coord_slot_key(coord, index);
    for (tt_task on = 0; on < TT_task_COUNT; on++) {
        bool is_awaited = (depends >> on & 1) && awaits_task(coord, index, on);
        bool has_use = key != 0 && is_usable(coord, on, key);
        if (is_awaited && !has_use) {
            return tt_enum_text(&tt_enum_task, (uint8_t)on);
        }
    }
    return NULL;
}

void tt_coord_depends_expire(tt_coord *coord, uint32_t index)
{
    tt_coord_slot *slot = &coord->slots[index];
    slot->patience_timer.n = 0;
    if (tt_coord_dispatch_reason(coord, index) != TT_COORD_WAIT_DEPENDENCY) {
        return; // It waits for something else now; if it comes back to this, the time begins anew.
    }
    const char *missing = find_missing(coord, index);
    if (missing == NULL) {
        slot->is_impatient = 1;
        tt_coord_dispatch_run(coord);
        return;
    }
    uint32_t key = tt_coord_slot_key(coord, index);
    const tt_coord_note note = {
        .event = TT_system_event_type_TASK_ERROR,
        .severity = TT_severity_WARNING,
        .key = key,
        .subject = tt_enum_text(&tt_enum_task, (uint8_t)tt_coord_slot_task(coord, index)),
        .new_value = (int64_t)slot->errors,
    };
    tt_coord_event(
        coord, &note, "%s: left out, nothing of %s to use", tt_coord_key_text(coord, key), missing);
    tt_coord_dispatch_remove(coord, index);
    slot->skipped++;
    tt_coord_dispatch_run(coord);
}
