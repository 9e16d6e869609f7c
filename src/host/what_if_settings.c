/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which settings a what-if run can change: those of the core and of the simulated exchange.
 */
#include "host/what_if.h"

#include <stdlib.h>
#include <string.h>

/** Tells whether two configurations say the same, wherever the values come from. */
static tutti_status
is_same_text(const tt_config *a, const tt_config *b, bool *ret_is_same, tt_error *error)
{
    char *one = NULL;
    char *other = NULL;
    tutti_status status = tt_config_render(a, &one, error);
    if (status == TUTTI_OK) {
        status = tt_config_render(b, &other, error);
    }
    if (status == TUTTI_OK) {
        *ret_is_same = strcmp(one, other) == 0;
    }
    free(one);
    free(other);
    return status;
}

/** Where a setting acts is seen from what it changes: plain values, zero where there are none. */
static bool is_same_core(const tt_config *a, const tt_config *b)
{
    return memcmp(&a->engine, &b->engine, sizeof a->engine) == 0 &&
           memcmp(&a->venue, &b->venue, sizeof a->venue) == 0;
}

static tutti_status
check_setting(const char *set, const tt_config *before, const tt_config *after, tt_error *error)
{
    bool is_same = false;
    TUTTI_TRY(is_same_text(before, after, &is_same, error));
    if (is_same) {
        tt_error_set(
            error, TUTTI_INVALID, "--set %s: this is the recorded value; nothing can differ", set);
        tt_error_hint(error, "`tutti config reference` lists the settings and their bounds");
        return TUTTI_INVALID;
    }
    if (!is_same_core(before, after)) {
        return TUTTI_OK;
    }
    tt_error_set(
        error,
        TUTTI_INVALID,
        "--set %s: this acts outside the core, on what is recorded already",
        set);
    tt_error_hint(
        error,
        "market data and the answers of agents are taken from the journal; change settings of "
        "risk, coordinator, market, ma_cross, account, orders or venue, or run a new backtest");
    return TUTTI_INVALID;
}

tutti_status tt_what_if_settings(
    const void *meta,
    size_t meta_size,
    const char *const *sets,
    int set_count,
    tt_config *ret_changed,
    tt_error *error)
{
    tt_config *before = calloc(1, sizeof *before);
    if (before == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the configuration");
    }
    tutti_status status = TUTTI_OK;
    for (int i = 0; i <= set_count && status == TUTTI_OK; i++) {
        tt_config_overrides overrides = {.sets = sets, .set_count = (uint32_t)i};
        *before = *ret_changed;
        memset(ret_changed, 0, sizeof *ret_changed);
        status = tt_config_load_text(meta, meta_size, &overrides, ret_changed, error);
        if (status == TUTTI_OK && i > 0) {
            status = check_setting(sets[i - 1], before, ret_changed, error);
        }
    }
    free(before);
    return status;
}
