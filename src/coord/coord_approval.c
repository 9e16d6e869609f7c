/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A person is asked: an arbiter would let a trade go on but is not sure enough. The case waits for
 * approve or reject, which must name it, so that nobody approves what he has not seen. Approved,
 * the opinion of the arbiter is followed; rejected, the trade is aborted; after the time for it,
 * the fallback of the conflict is taken.
 */
#include "coord/coord_priv.h"

#include <string.h>

bool tt_coord_approval_ask(tt_coord *coord, uint32_t key, const tt_arbiter_opinion *opinion)
{
    tt_coord_case *open = &coord->cases[key - 1];
    tt_dur limit = coord->config.arbitration.approval_time;
    tt_time until = {tt_bus_now(coord->bus).ns + limit.ns};
    if (limit.ns == 0 || tt_timers_arm(
                             coord->core->timers,
                             TT_TIMER_COORDINATOR,
                             COORD_TIMER_APPROVAL,
                             key,
                             until,
                             &open->timer) != TUTTI_OK) {
        return false;
    }
    open->deadline = until; // No arbiter is asked any more.
    tt_coord_case_step(coord, key, COORD_CASE_ESCALATE);
    tt_coord_case_tell(
        coord,
        key,
        TT_case_stage_ESCALATED,
        opinion->name,
        open->decision.opinion_seq,
        "it is less sure than the floor: a person decides");
    char confidence[TT_DEC_TEXT_MAX];
    (void)tt_dec_format_fixed(opinion->confidence.d, 2, confidence);
    tt_coord_notify(
        coord,
        TT_severity_HIGH,
        "conflict %llu: approve or reject %s of %s (arbiter %s at confidence %s)",
        (unsigned long long)open->decision.case_seq,
        tt_enum_text(&tt_enum_action, open->signal.action),
        tt_coord_key_text(coord, key),
        opinion->name,
        confidence);
    return true;
}

void tt_coord_approval_get(const tt_coord *coord, uint32_t key, tt_coord_approval *ret_approval)
{
    const tt_coord_case *open = &coord->cases[key - 1];
    *ret_approval = (tt_coord_approval){
        .case_seq = open->decision.case_seq,
        .signal_seq = open->decision.signal_seq,
        .confidence = open->decision.confidence,
        .until = open->deadline,
        .key = key,
        .action = open->signal.action,
    };
    memcpy(ret_approval->arbiter, open->decision.arbiter, sizeof ret_approval->arbiter);
}

void tt_coord_approval_expire(tt_coord *coord, uint32_t key)
{
    tt_coord_case *open = &coord->cases[key - 1];
    open->timer.n = 0;
    tt_coord_case_let_go(open);
    tt_coord_case_tell(
        coord, key, TT_case_stage_EXPIRED, "nobody", 0, "nobody approved or rejected in time");
    tt_coord_case_fall_back(coord, key, "nobody approved or rejected in time");
}

/* Key of the case that a command names and that waits for a person; 0 = none. */
static uint32_t find_waiting(const tt_coord *coord, tt_seq case_seq)
{
    for (uint32_t i = 0; i < coord->symbol_count && case_seq != 0; i++) {
        const tt_coord_case *open = &coord->cases[i];
        if (open->state == COORD_CASE_WAITING && open->decision.case_seq == case_seq) {
            return i + 1;
        }
    }
    return 0;
}

/* Writes who decided, and in which words. */
static void
sign(tt_conflict_decision *decision, const tt_coordinator_command *command, const char *verb)
{
    const char *actor = command->actor[0] == '\0' ? "somebody" : command->actor;
    memset(decision->arbiter, 0, sizeof decision->arbiter);
    TT_TEXT_SET(decision->arbiter, actor);
    tt_text_format(
        decision->reasoning,
        sizeof decision->reasoning,
        "%s%s%s",
        verb,
        command->reason[0] == '\0' ? "" : ": ",
        command->reason);
    decision->confidence.d = tt_dec_from_i64(1, 0); // A person answers for it.
}

tt_reply_status tt_coord_approval_take(
    tt_coord *coord,
    const tt_coordinator_command *command,
    tt_seq command_seq,
    char *message,
    size_t size)
{
    bool approves = command->command == TT_command_APPROVE;
    uint32_t key = find_waiting(coord, command->subject_seq);
    if (key == 0) {
        tt_text_format(
            message,
            size,
            "no conflict %llu waits for a person",
            (unsigned long long)command->subject_seq);
        return TT_reply_status_NOT_FOUND;
    }
    if (approves && !tt_coord_is_running(coord)) {
        tt_text_format(message, size, "not running: resume first, or reject");
        return TT_reply_status_REFUSED;
    }
    tt_coord_case *open = &coord->cases[key - 1];
    tt_case_stage stage = approves ? TT_case_stage_APPROVED : TT_case_stage_REJECTED;
    if (!approves) {
        tt_coord_case_let_go(open);
        open->decision.action = TT_resolution_ABORT;
    }
    sign(&open->decision, command, approves ? "approved" : "rejected");
    tt_coord_case_tell(
        coord, key, stage, open->decision.arbiter, command_seq, open->decision.reasoning);
    tt_coord_case_conclude(coord, key);
    tt_text_format(
        message,
        size,
        "%s: conflict %llu of %s",
        approves ? "approved" : "rejected",
        (unsigned long long)command->subject_seq,
        tt_coord_key_text(coord, key));
    return TT_reply_status_DONE;
}
