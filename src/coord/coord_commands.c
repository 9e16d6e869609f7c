/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands of people. Each gets exactly one reply with its request id: from here, but for those
 * that risk, trade and the portfolio carry out and reply to, reset_risk among them. When risk says
 * that it is done, a halt is released into PAUSED; trading then needs a resume as well. Who may ask
 * for what is checked where a command comes in (the HTTP interface); who asked, and in which role,
 * is told with what it did.
 */
#include "coord/coord_priv.h"

/** A command in work. */
struct request {
    tt_coord *coord;
    const tt_coordinator_command *command;
    tt_seq seq; /**< Of the command. */
    uint32_t key;
};

__attribute__((format(printf, 3, 4))) static void
reply(const struct request *request, tt_reply_status status, const char *format, ...)
{
    tt_command_reply payload = {
        .request_id = request->command->request_id,
        .command = request->command->command,
        .status = (uint8_t)status,
    };
    va_list args;
    va_start(args, format);
    tt_text_vformat(payload.message, sizeof payload.message, format, args);
    va_end(args);
    (void)tt_coord_publish(request->coord, TT_TOPIC_COMMAND_REPLIES, request->key, &payload);
}

/* Offers the event with the words of the person who asked. */
static bool step_state(const struct request *request, uint8_t event)
{
    const tt_coordinator_command *command = request->command;
    bool has_role = command->role != TT_role_NONE;
    char why[144];
    tt_text_format(
        why,
        sizeof why,
        "%s%s%s%s: %s",
        command->actor[0] == '\0' ? "somebody" : command->actor,
        has_role ? " (" : "",
        has_role ? tt_enum_text(&tt_enum_role, command->role) : "",
        has_role ? ")" : "",
        command->reason[0] == '\0' ? "no reason given" : command->reason);
    return tt_coord_state_step(request->coord, event, COORD_CAUSE_PERSON, why);
}

static void take_pause(const struct request *request)
{
    if (step_state(request, COORD_EVENT_PAUSE)) {
        reply(request, TT_reply_status_DONE, "paused: tasks run, signals are not routed");
    } else if (request->coord->state->state == TT_coordinator_state_PAUSED) {
        reply(request, TT_reply_status_DONE, "was paused already");
    } else {
        reply(request, TT_reply_status_REFUSED, "halted: a pause does not release a halt");
    }
}

static void take_resume(const struct request *request)
{
    if (step_state(request, COORD_EVENT_RESUME)) {
        reply(request, TT_reply_status_DONE, "running");
    } else if (request->coord->state->state == TT_coordinator_state_RUNNING) {
        reply(request, TT_reply_status_REFUSED, "not paused: the coordinator is running");
    } else {
        bool by_breaker = request->coord->state->causes & COORD_CAUSE_BREAKER;
        reply(
            request,
            TT_reply_status_REFUSED,
            by_breaker ? "halted: reset risk first, then resume"
                       : "halted: release first, then resume");
    }
}

/* Ends a halt that a person asked for; what a breaker halted is risk's to release. */
static void take_release(const struct request *request)
{
    tt_coord *coord = request->coord;
    if (coord->state->state != TT_coordinator_state_HALTED) {
        reply(request, TT_reply_status_REFUSED, "not halted: there is nothing to release");
    } else if (coord->state->causes & COORD_CAUSE_BREAKER) {
        reply(request, TT_reply_status_REFUSED, "a breaker halted: reset risk instead");
    } else {
        bool is_released = step_state(request, COORD_EVENT_RELEASE);
        TT_ASSERT(is_released);
        coord->state->is_watching = 0;
        reply(request, TT_reply_status_DONE, "released into paused: resume to trade again");
    }
}

static void take_halt(const struct request *request)
{
    if (!step_state(request, COORD_EVENT_HALT)) {
        reply(request, TT_reply_status_DONE, "was halted already");
        return;
    }
    tt_coord_command_positions(
        request->coord, 0, TT_position_command_type_CANCEL_ENTRIES, TT_exit_reason_OPERATOR);
    reply(request, TT_reply_status_DONE, "halted: nothing runs, working entries are cancelled");
}

static void take_flatten(const struct request *request)
{
    tt_coord *coord = request->coord;
    if (request->key != 0 && !tt_coord_is_symbol(coord, request->key)) {
        reply(request, TT_reply_status_NOT_FOUND, "there is no instrument %u", request->key);
        return;
    }
    tt_coord_close(coord, request->key, TT_exit_reason_OPERATOR);
    const char *scope = request->key == 0 ? "all symbols" : tt_coord_key_text(coord, request->key);
    reply(request, TT_reply_status_DONE, "closing %s until flat", scope);
}

static void switch_task(const struct request *request, bool enabled)
{
    tt_task task = (tt_task)request->command->task;
    bool changed = tt_coord_schedule_enable(request->coord, task, enabled);
    reply(
        request,
        TT_reply_status_DONE,
        "%s %s %s",
        tt_enum_text(&tt_enum_task, (uint8_t)task),
        changed ? "is now" : "was already",
        enabled ? "enabled" : "disabled");
}

/* Says why a slot cannot be forced, or returns NULL. */
static const char *reason_against_force(const tt_coord *coord, uint32_t slot)
{
    if (!coord->state->is_active) {
        return "the session is not running";
    }
    if (coord->state->state == TT_coordinator_state_HALTED) {
        return "halted: nothing runs";
    }
    if (coord->slots[slot].state == COORD_SLOT_IN_FLIGHT) {
        return "a call of this task and symbol is in flight";
    }
    const tt_coord_task *facts = tt_coord_task_get(tt_coord_slot_task(coord, slot));
    uint32_t key = tt_coord_slot_key(coord, slot);
    if (facts->needs_indicators && !tt_coord_symbol_get(coord, key)->is_warm) {
        return "the indicators of this symbol are not warm yet";
    }
    if (!tt_coord_call_is_affordable(coord, slot)) {
        return "the budget of the day is spent";
    }
    return NULL;
}

static void force_run(const struct request *request)
{
    tt_coord *coord = request->coord;
    tt_task task = (tt_task)request->command->task;
    uint32_t slot = tt_coord_slot_find(coord, task, request->key);
    if (slot == COORD_NO_SLOT) {
        const char *why = !tt_coord_task_get(task)->is_per_symbol ? "is not of a symbol: name none"
                          : request->key == 0                     ? "runs for one symbol: name it"
                                              : "has no such symbol: name an instrument";
        reply(
            request,
            TT_reply_status_NOT_FOUND,
            "%s %s",
            tt_enum_text(&tt_enum_task, (uint8_t)task),
            why);
        return;
    }
    const char *against = reason_against_force(coord, slot);
    if (against != NULL) {
        reply(request, TT_reply_status_REFUSED, "%s", against);
        return;
    }
    tt_coord_dispatch_force(coord, slot);
    bool is_called = coord->slots[slot].state == COORD_SLOT_IN_FLIGHT;
    reply(
        request,
        TT_reply_status_DONE,
        is_called ? "asked" : "waits for one of the calls in flight to end");
}

static void take_approval(const struct request *request)
{
    char message[96];
    tt_reply_status status = tt_coord_approval_take(
        request->coord, request->command, request->seq, message, sizeof message);
    reply(request, status, "%s", message);
}

static void place_group(const struct request *request)
{
    tt_coord *coord = request->coord;
    const tt_entry_group group = tt_coord_group_of(request->command);
    const char *fault = tt_coord_group_fault(coord, request->key, &group);
    if (fault != NULL) {
        reply(request, TT_reply_status_REFUSED, "%s", fault);
        return;
    }
    tt_seq seq = tt_coord_publish(coord, TT_TOPIC_ENTRY_GROUPS, request->key, &group);
    if (seq == 0) {
        reply(request, TT_reply_status_REFUSED, "the bus has no room");
        return;
    }
    reply(
        request,
        TT_reply_status_DONE,
        "group %llu is proposed to risk; entry_group_events tell what becomes of it",
        (unsigned long long)seq);
}

tutti_status tt_coord_on_command(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    const struct request request = {
        .coord = ctx,
        .command = TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command),
        .seq = msg->seq,
        .key = msg->key,
    };
    switch ((tt_command)request.command->command) {
    case TT_command_PAUSE:
        take_pause(&request);
        return TUTTI_OK;
    case TT_command_RESUME:
        take_resume(&request);
        return TUTTI_OK;
    case TT_command_HALT:
        take_halt(&request);
        return TUTTI_OK;
    case TT_command_RELEASE:
        take_release(&request);
        return TUTTI_OK;
    case TT_command_FLATTEN:
        take_flatten(&request);
        return TUTTI_OK;
    case TT_command_ENABLE_TASK:
    case TT_command_DISABLE_TASK:
        switch_task(&request, request.command->command == TT_command_ENABLE_TASK);
        return TUTTI_OK;
    case TT_command_FORCE_RUN:
        force_run(&request);
        return TUTTI_OK;
    case TT_command_RESET_RISK:
    case TT_command_RESERVE_BUDGET:
    case TT_command_RELEASE_BUDGET:
        return TUTTI_OK; // Risk carries them out and replies; see tt_coord_on_reply.
    case TT_command_CLOSE_POSITION:
    case TT_command_ASSIGN_POSITION:
    case TT_command_PROTECT_POSITION:
    case TT_command_CANCEL_ORDER:
    case TT_command_AMEND_ORDER:
    case TT_command_ACKNOWLEDGE_TRANSFER:
    case TT_command_ACKNOWLEDGE_COST:
        return TUTTI_OK; // Carried out and replied to where orders and positions are.
    case TT_command_APPROVE:
    case TT_command_REJECT:
        take_approval(&request);
        return TUTTI_OK;
    case TT_command_REBALANCE:
    case TT_command_FORCE_REBALANCE:
    case TT_command_CANCEL_REBALANCE:
        return TUTTI_OK; // The portfolio carries them out and replies.
    case TT_command_PLACE_GROUP:
        place_group(&request);
        return TUTTI_OK;
    case TT_command_NONE:
    case TT_command_COUNT:
        break;
    }
    reply(&request, TT_reply_status_REFUSED, "no command was named");
    return TUTTI_OK;
}

tutti_status tt_coord_on_reply(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    tt_coord *coord = ctx;
    const tt_command_reply *answer = TT_PAYLOAD(msg, COMMAND_REPLIES, command_reply);
    bool is_reset = msg->source == TT_SOURCE_RISK && answer->command == TT_command_RESET_RISK &&
                    answer->status == TT_reply_status_DONE;
    bool is_released =
        is_reset &&
        tt_coord_state_step(coord, COORD_EVENT_RELEASE, COORD_CAUSE_PERSON, "risk was reset");
    if (is_released) {
        coord->state->is_watching = 0;
    }
    return TUTTI_OK;
}
