/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Turns of two logs.
 */
#include "journal_turns.h"

#include "folder.h"
#include "journal_raw.h"
#include "journal_tutti.h"
#include "watch.h"

#include <stdio.h>
#include <string.h>

static double patience_s;

void turns_patience(double seconds)
{
    patience_s = seconds;
}

static uint64_t drive(const pipe_log *log, const turns_plan *plan, load_result *result)
{
    switch (plan->kind) {
    case TURNS_OFFERED:
        return pipe_offered(log, plan->rate, plan->messages, result);
    case TURNS_SATURATED:
        return pipe_saturated(log, plan->messages, result);
    case TURNS_PUBLISHERS:
        return pipe_publishers(log, LOAD_PUBLISHERS, plan->seconds, result);
    default:
        bench_fail("a way to drive a log that does not exist");
    }
}

/* An offered rate is kept however far behind a log falls; nothing limits what is under way. */
static void widen(pipe_log *pipe, const turns_plan *plan)
{
    if (plan->kind == TURNS_OFFERED) {
        pipe->window = plan->messages;
    }
}

static void run_tutti(const turns_plan *plan, load_result *result)
{
    static unsigned number;
    char name[64], dir[4096];
    snprintf(name, sizeof name, "tutti/%u", number++);
    snprintf(dir, sizeof dir, "%s", folder_path(name));
    tutti_log *log = tutti_log_open(&(tutti_log_options){
        .dir = dir,
        .durability = plan->durability,
        .batch_bytes = plan->batch_bytes,
        .has_publishers = plan->kind == TURNS_PUBLISHERS,
        .prepared = plan->is_sustained ? 0 : plan->messages});
    pipe_log pipe = tutti_log_pipe(log);
    widen(&pipe, plan);
    uint64_t count = drive(&pipe, plan, result);
    tutti_log_close(log, count);
    folder_settle(); // What was not synced, and space that was not used, is not left to the next.
}

static void run_raw(const turns_plan *plan, load_result *result)
{
    static unsigned number;
    char name[64], path[4096];
    const bool grows = plan->is_sustained || plan->durability == TT_durability_NONE;
    snprintf(name, sizeof name, "tutti/raw-%u", number);
    snprintf(path, sizeof path, "%s", folder_path(grows ? name : "raw"));
    number += grows;
    raw_log *log = raw_open(&(raw_options){
        .path = path,
        .messages = plan->messages,
        .batch_bytes = plan->batch_bytes,
        .is_synced = plan->durability != TT_durability_NONE,
        .is_direct = plan->is_direct,
        .grows = grows,
        .has_publishers = plan->kind == TURNS_PUBLISHERS});
    pipe_log pipe = raw_pipe(log);
    widen(&pipe, plan);
    uint64_t count = drive(&pipe, plan, result);
    raw_close(log, count);
}

/* One turn. Who is first changes, so that a slow drift of the machine favours nobody. */
static void run_turn(const turns_plan *plan, int turn, load_result *tutti, load_result *raw)
{
    *tutti = (load_result){0};
    *raw = (load_result){0};
    if (turn % 2 == 0) {
        run_tutti(plan, tutti);
        run_raw(plan, raw);
    } else {
        run_raw(plan, raw);
        run_tutti(plan, tutti);
    }
}

static bool is_disturbed(const load_result *result)
{
    return result->foreign > WATCH_FOREIGN_MAX;
}

void turns_run(const turns_plan *plan, turn_results *result)
{
    *result = (turn_results){.count = plan->turns < TURNS_MAX ? plan->turns : TURNS_MAX};
    folder_settle();
    for (int i = 0; i < result->count; i++) {
        load_result *tutti = &result->tutti[i];
        load_result *raw = &result->raw[i];
        patience_s -= watch_wait_quiet(patience_s);
        run_turn(plan, i, tutti, raw);
        while (patience_s > 0 && (is_disturbed(tutti) || is_disturbed(raw))) {
            const double start = bench_seconds();
            (void)watch_wait_quiet(patience_s);
            run_turn(plan, i, tutti, raw);
            patience_s -= bench_seconds() - start;
        }
        result->disturbed += is_disturbed(tutti) || is_disturbed(raw);
    }
    folder_remove("tutti");
}

void turns_tutti(const turns_plan *plan, load_result *result)
{
    *result = (load_result){0};
    run_tutti(plan, result);
    folder_remove("tutti");
}

void turns_pick(const load_result *results, int count, size_t offset, double *values)
{
    for (int i = 0; i < count; i++) {
        memcpy(&values[i], (const char *)&results[i] + offset, sizeof values[i]);
    }
}
