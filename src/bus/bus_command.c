/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a person asks of the bus, as messages on bus_commands: so an act is in the journal, and a
 * replay does it again. The answer is on command_replies.
 */
#include "bus/bus_dead.h"

static void reply(tt_bus *bus, const tt_bus_command *command, tutti_status status, const char *done)
{
    tt_command_reply answer = {
        .request_id = command->request_id,
        .status = status == TUTTI_OK          ? TT_reply_status_DONE
                  : status == TUTTI_NOT_FOUND ? TT_reply_status_NOT_FOUND
                                              : TT_reply_status_REFUSED,
    };
    tt_text_format(
        answer.message,
        sizeof answer.message,
        "%s: %s",
        tt_enum_text(&tt_enum_bus_command_type, command->command),
        status == TUTTI_OK ? done : tutti_status_text(status));
    const tt_bus_post post = {
        .topic = TT_TOPIC_COMMAND_REPLIES, .source = TT_SOURCE_BUS, .payload = &answer};
    (void)tt_bus_publish(bus, &post, NULL); // a refusal is dead-lettered
}

void tt_bus_command_do(tt_bus *bus, const tt_msg *msg)
{
    const tt_bus_command *command = TT_PAYLOAD(msg, BUS_COMMANDS, bus_command);
    switch ((tt_bus_command_type)command->command) {
    case TT_bus_command_type_REDRIVE:
        reply(bus, command, tt_bus_dead_redrive(bus, command->dead_id), "it is delivered again");
        return;
    case TT_bus_command_type_DISCARD:
        reply(bus, command, tt_bus_dead_discard(bus, command->dead_id), "it is thrown away");
        return;
    case TT_bus_command_type_RELEASE:
        reply(bus, command, tt_bus_release(bus, command->subscriber), "it gets messages again");
        return;
    case TT_bus_command_type_BLOCK:
        reply(bus, command, tt_bus_block(bus, command->correlation), "its messages are skipped");
        return;
    case TT_bus_command_type_UNBLOCK: {
        bool was_blocked = tt_bus_unblock(bus, command->correlation);
        reply(bus, command, was_blocked ? TUTTI_OK : TUTTI_NOT_FOUND, "its messages are delivered");
        return;
    }
    case TT_bus_command_type_NONE:
    case TT_bus_command_type_COUNT:
        reply(bus, command, TUTTI_INVALID, "");
        return;
    }
}
