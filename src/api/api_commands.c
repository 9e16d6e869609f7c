/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of commands.
 */
#include "api/api_commands.h"

#include <string.h>

tt_api_command *tt_api_commands_find(tt_api_commands *commands, uint64_t request_id)
{
    for (uint32_t i = 0; i < TT_API_COMMANDS_MAX; i++) {
        tt_api_command *at = &commands->list[i];
        if (at->state != TT_API_COMMAND_FREE && at->command.request_id == request_id) {
            return at;
        }
    }
    return NULL;
}

/** One that was sent long ago may have been lost on the way: nobody waits for it any more. */
static bool may_go(const tt_api_command *at)
{
    return at->state == TT_API_COMMAND_DONE ||
           (at->state == TT_API_COMMAND_SENT && at->ticket == 0);
}

tt_api_command *tt_api_commands_place(tt_api_commands *commands)
{
    tt_api_command *place = NULL;
    for (uint32_t i = 0; i < TT_API_COMMANDS_MAX; i++) {
        tt_api_command *at = &commands->list[i];
        if (at->state == TT_API_COMMAND_FREE) {
            place = at;
            break;
        }
        if (may_go(at) && (place == NULL || at->order < place->order)) {
            place = at;
        }
    }
    if (place != NULL) {
        *place = (tt_api_command){.order = ++commands->next_order};
    }
    return place;
}

void tt_api_command_note_bus(tt_api_command *at, const tt_bus_command *command)
{
    at->is_of_bus = true;
    at->command = (tt_coordinator_command){
        .request_id = command->request_id,
        .command = command->command,
        .role = command->role,
        .subject_seq = command->dead_id,
    };
    TT_TEXT_SET(at->command.actor, command->actor);
    TT_TEXT_SET(at->command.reason, command->reason);
    at->dead_topic = command->dead_topic;
    TT_TEXT_SET(at->subscriber, command->subscriber);
}

void tt_api_command_name(const tt_api_command *at, char *text, size_t size)
{
    const tt_enum_info *names = at->is_of_bus ? &tt_enum_bus_command_type : &tt_enum_command;
    const char *prefix = at->is_of_bus ? "bus_" : "";
    (void)tt_text_format(text, size, "%s%s", prefix, tt_enum_text(names, at->command.command));
}

/** The place of a command that the core has taken; NULL: there is no room. */
static tt_api_command *place_of(tt_api_commands *commands, uint64_t request_id, const tt_msg *msg)
{
    tt_api_command *at = tt_api_commands_find(commands, request_id);
    if (at == NULL || (at->command_seq != 0 && at->command_seq != msg->seq)) {
        at = tt_api_commands_place(commands); // It came from elsewhere.
    }
    if (at != NULL) {
        at->state = at->state == TT_API_COMMAND_FREE ? TT_API_COMMAND_SENT : at->state;
        at->key = msg->key;
        at->command_seq = msg->seq;
        at->time = msg->time;
    }
    return at;
}

static void take_command(tt_api_commands *commands, const tt_msg *msg)
{
    const tt_coordinator_command *command =
        TT_PAYLOAD(msg, COORDINATOR_COMMANDS, coordinator_command);
    tt_api_command *at = place_of(commands, command->request_id, msg);
    if (at != NULL) {
        at->command = *command;
        at->is_of_bus = false;
    }
}

static void take_bus_command(tt_api_commands *commands, const tt_msg *msg)
{
    const tt_bus_command *command = TT_PAYLOAD(msg, BUS_COMMANDS, bus_command);
    tt_api_command *at = place_of(commands, command->request_id, msg);
    if (at != NULL) {
        tt_api_command_note_bus(at, command);
    }
}

static void take_reply(tt_api_commands *commands, const tt_msg *msg)
{
    const tt_command_reply *reply = TT_PAYLOAD(msg, COMMAND_REPLIES, command_reply);
    tt_api_command *at = tt_api_commands_find(commands, reply->request_id);
    if (at != NULL && at->state == TT_API_COMMAND_SENT) {
        at->state = TT_API_COMMAND_ANSWERED;
        at->status = reply->status;
        at->reply_seq = msg->seq;
        at->time = msg->time;
        memcpy(at->message, reply->message, sizeof at->message);
    }
}

void tt_api_commands_take(tt_api_commands *commands, const tt_msg *msg)
{
    if (msg->topic == TT_TOPIC_COORDINATOR_COMMANDS) {
        take_command(commands, msg);
    } else if (msg->topic == TT_TOPIC_BUS_COMMANDS) {
        take_bus_command(commands, msg);
    } else if (msg->topic == TT_TOPIC_COMMAND_REPLIES) {
        take_reply(commands, msg);
    }
}
