/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dead letters of a bus of the library: shown, delivered again, forgotten.
 */
#include "lib/lib_priv.h"

#include <string.h>

/** The oldest letter behind `previous`, which may have left meanwhile: ids rise. */
static bool step_on(const tutti_bus *bus, uint64_t previous, tt_bus_dead *ret_dead)
{
    if (previous == 0 || tt_bus_dead_get(bus->bus, previous, ret_dead, NULL) == TUTTI_OK) {
        return tt_bus_dead_next(bus->bus, previous, ret_dead);
    }
    uint64_t at = 0;
    while (tt_bus_dead_next(bus->bus, at, ret_dead)) {
        at = ret_dead->id;
        if (at > previous) {
            return true;
        }
    }
    return false;
}

/** As step_on; letters that are in their mailbox already leave with the next step. */
static bool find_behind(const tutti_bus *bus, uint64_t previous, tt_bus_dead *ret_dead)
{
    bool is_there = step_on(bus, previous, ret_dead);
    while (is_there && ret_dead->is_outside && ret_dead->is_queued) {
        is_there = step_on(bus, ret_dead->id, ret_dead);
    }
    return is_there;
}

bool tutti_bus_dead_next(tutti_bus *bus, uint64_t previous, tutti_dead *ret_dead)
{
    tt_bus_dead dead;
    if (!find_behind(bus, previous, &dead) ||
        tt_bus_dead_get(bus->bus, dead.id, &dead, bus->dead) != TUTTI_OK) {
        return false;
    }
    *ret_dead = (tutti_dead){
        .id = dead.id,
        .message = (const tutti_message *)(const void *)bus->dead,
        .reason = tt_enum_text(&tt_enum_dead_reason, (uint8_t)dead.reason),
        .attempts = dead.attempts,
        .first_failure_ns = dead.first_failure.ns,
        .last_failure_ns = dead.last_failure.ns,
        .is_of_mailbox = dead.is_outside,
    };
    memcpy(ret_dead->handler, dead.handler, sizeof ret_dead->handler);
    memcpy(ret_dead->text, dead.text, sizeof ret_dead->text);
    return true;
}

static uint64_t count_redriven(const tutti_bus *bus)
{
    tt_bus_failure_stats stats;
    tt_bus_failure_stats_get(bus->bus, &stats);
    return stats.redriven;
}

/** Whether the command will do what it says; for a letter that becomes a message anew it is known
 * only afterwards. */
static tutti_status
look_ahead(const tutti_bus *bus, uint64_t id, bool is_redrive, bool *ret_is_anew)
{
    char why_not[96];
    tt_bus_dead dead;
    TUTTI_TRY(tt_bus_dead_get(bus->bus, id, &dead, NULL));
    *ret_is_anew = is_redrive && !dead.is_outside && dead.head.seq == 0;
    if (!is_redrive) {
        return dead.is_queued ? TUTTI_BUSY : TUTTI_OK;
    }
    TUTTI_TRY(tt_bus_dead_obstacle(bus->bus, id, why_not, sizeof why_not));
    return tt_bus_loop_has_place(bus->loop, id) ? TUTTI_OK : TUTTI_LIMIT;
}

/** A handler acts at once, and its message is the cause. From anywhere else it is a command, so
 * that the journal has it. */
static tutti_status carry_out(tutti_bus *bus, uint64_t id, bool is_redrive)
{
    if (tt_lib_is_handling(bus)) {
        return is_redrive ? tt_bus_dead_redrive(bus->bus, id) : tt_bus_dead_discard(bus->bus, id);
    }
    bool is_anew = false;
    TUTTI_TRY(look_ahead(bus, id, is_redrive, &is_anew));
    tt_bus_command command = {
        .dead_id = id,
        .command = is_redrive ? TT_bus_command_type_REDRIVE : TT_bus_command_type_DISCARD,
        .actor = "library",
    };
    uint64_t before = count_redriven(bus);
    TUTTI_TRY(tt_lib_command(bus, &command));
    return is_anew && !bus->is_calling && count_redriven(bus) == before ? TUTTI_LIMIT : TUTTI_OK;
}

tutti_status tutti_bus_dead_redrive(tutti_bus *bus, uint64_t id)
{
    return carry_out(bus, id, true);
}

tutti_status tutti_bus_dead_discard(tutti_bus *bus, uint64_t id)
{
    return carry_out(bus, id, false);
}

static uint64_t newest_dead(const tutti_bus *bus)
{
    tt_bus_dead dead = {0};
    while (tt_bus_dead_next(bus->bus, dead.id, &dead)) {
    }
    return dead.id;
}

/** Each is a command of its own: whether a mailbox can get a letter is known before the bus sees
 * it, as for a single one, and what fails anew comes behind the newest of now. */
static tutti_status
carry_out_all(tutti_bus *bus, tutti_topic topic, bool is_redrive, tutti_dead_work *ret_work)
{
    if (tt_lib_is_handling(bus)) {
        return TUTTI_STATE;
    }
    *ret_work = (tutti_dead_work){0};
    uint64_t newest = newest_dead(bus);
    tt_bus_dead dead = {0};
    while (find_behind(bus, dead.id, &dead) && dead.id <= newest) {
        if (topic != 0 && dead.head.topic != topic) {
            continue;
        }
        tutti_status status = carry_out(bus, dead.id, is_redrive);
        if (status == TUTTI_OK) {
            ret_work->done++;
        } else if (ret_work->left++ == 0) {
            ret_work->first_left = dead.id;
            ret_work->why_left = status;
        }
    }
    return TUTTI_OK;
}

tutti_status
tutti_bus_dead_redrive_all(tutti_bus *bus, tutti_topic topic, tutti_dead_work *ret_work)
{
    return carry_out_all(bus, topic, true, ret_work);
}

tutti_status
tutti_bus_dead_discard_all(tutti_bus *bus, tutti_topic topic, tutti_dead_work *ret_work)
{
    return carry_out_all(bus, topic, false, ret_work);
}
