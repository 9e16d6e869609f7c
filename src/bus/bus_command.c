/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a person asks of the bus, as messages on bus_commands: so an act is in the journal, and a
 * replay does it again. The answer is on command_replies. The bus carries it out itself, so that it
 * works, too, when the handler that is in trouble is the coordinator.
 */
#include "bus/bus_dead.h"

__attribute__((format(printf, 4, 5))) static void
reply(tt_bus *bus, const tt_bus_command *command, tutti_status status, const char *format, ...)
{
    tt_command_reply answer = {
        .request_id = command->request_id,
        .status = status == TUTTI_OK          ? TT_reply_status_DONE
                  : status == TUTTI_NOT_FOUND ? TT_reply_status_NOT_FOUND
                                              : TT_reply_status_REFUSED,
    };
    tt_text_buf text;
    va_list args;
    tt_text_init(&text, answer.message, sizeof answer.message);
    tt_text_appendf(&text, "%s: ", tt_enum_text(&tt_enum_bus_command_type, command->command));
    va_start(args, format);
    tt_text_vformat(text.data + text.length, sizeof answer.message - text.length, format, args);
    va_end(args);
    const tt_bus_post post = {
        .topic = TT_TOPIC_COMMAND_REPLIES, .source = TT_SOURCE_BUS, .payload = &answer};
    (void)tt_bus_publish(bus, &post, NULL); // a refusal is dead-lettered
}

/** Redrives or discards one; tells why not. */
static tutti_status
work_on_one(tt_bus *bus, uint64_t id, bool is_redrive, char *why_not, size_t size)
{
    tutti_status status = tt_bus_dead_obstacle(bus, id, why_not, size);
    if (!is_redrive) {
        return status == TUTTI_NOT_FOUND ? status : tt_bus_dead_discard(bus, id);
    }
    if (status != TUTTI_OK) {
        return status;
    }
    status = tt_bus_dead_redrive(bus, id);
    if (status != TUTTI_OK) {
        tt_text_format(why_not, size, "it was refused again, and is a new dead letter");
    }
    return status;
}

static void take_one(tt_bus *bus, const tt_bus_command *command, bool is_redrive)
{
    char why_not[96];
    tutti_status status = work_on_one(bus, command->dead_id, is_redrive, why_not, sizeof why_not);
    if (status != TUTTI_OK) {
        reply(bus, command, status, "%s", why_not);
    } else {
        const char *done = is_redrive ? "it is delivered again" : "it is thrown away";
        reply(bus, command, status, "%s", done);
    }
}

/** One of many. What failed outside is left alone, and that is told: whether it could go there is
 * nothing that a replay knows. */
static tutti_status
work_on(tt_bus *bus, const tt_bus_stored *stored, bool is_redrive, char *why_not, size_t size)
{
    if (is_redrive && stored->is_outside) {
        tt_text_format(why_not, size, "mailbox %.31s: redrive it by number", stored->handler);
        return TUTTI_STATE;
    }
    return work_on_one(bus, stored->id, is_redrive, why_not, size);
}

/** The oldest letter behind `previous`, which may have left meanwhile, that is meant by a command
 * about all; ids rise. */
static const tt_bus_stored *
next_meant(const tt_bus *bus, const tt_bus_command *command, uint64_t previous)
{
    const tt_bus_stored *stored = NULL;
    while ((stored = tt_bus_store_next(bus->dead, stored)) != NULL) {
        bool is_meant = command->dead_topic == 0 || command->dead_topic == stored->head.topic;
        if (stored->id > previous && is_meant) {
            return stored;
        }
    }
    return NULL;
}

static uint64_t newest_id(const tt_bus *bus)
{
    uint64_t id = 0;
    const tt_bus_stored *stored = NULL;
    while ((stored = tt_bus_store_next(bus->dead, stored)) != NULL) {
        id = stored->id;
    }
    return id;
}

/** All letters, or those of a topic, as many as there were at the beginning. */
static void take_all(tt_bus *bus, const tt_bus_command *command, bool is_redrive)
{
    uint64_t newest = newest_id(bus); // what is refused anew comes behind it
    uint64_t id = 0;
    uint64_t first = 0; // of those that stay
    uint32_t done = 0;
    uint32_t left = 0;
    char why_not[96];
    char why_first[64] = "";
    const tt_bus_stored *stored = NULL;
    while ((stored = next_meant(bus, command, id)) != NULL && stored->id <= newest) {
        id = stored->id;
        if (work_on(bus, stored, is_redrive, why_not, sizeof why_not) == TUTTI_OK) {
            done++;
        } else if (left++ == 0) {
            first = id;
            TT_TEXT_SET(why_first, why_not);
        }
    }
    const char *verb = is_redrive ? "delivered again" : "thrown away";
    if (done == 0 && left == 0) {
        reply(bus, command, TUTTI_NOT_FOUND, "there is no such dead letter");
    } else if (left == 0) {
        reply(bus, command, TUTTI_OK, "%u %s", done, verb);
    } else {
        unsigned long long number = first;
        tutti_status status = done == 0 ? TUTTI_STATE : TUTTI_OK;
        reply(bus, command, status, "%u %s, %u not; %llu: %s", done, verb, left, number, why_first);
    }
}

static void take_release(tt_bus *bus, const tt_bus_command *command)
{
    if (tt_bus_release(bus, command->subscriber) == TUTTI_OK) {
        reply(bus, command, TUTTI_OK, "it gets messages again");
    } else {
        reply(
            bus,
            command,
            TUTTI_NOT_FOUND,
            "no subscriber %s is in quarantine",
            command->subscriber);
    }
}

tutti_status tt_bus_command_set(tt_bus *bus, const tt_bus_command *command)
{
    if (command->command == TT_bus_command_type_EXEMPT) {
        return tt_bus_exempt(bus, (tt_source)command->exempt_source, command->is_exempt != 0);
    }
    const tt_bus_limits limits = {
        .topic = {command->topic_per_s, command->topic_burst},
        .source = {command->source_per_s, command->source_burst},
    };
    return tt_bus_limit(bus, (tt_topic)command->limited_topic, &limits);
}

static void take_setting(tt_bus *bus, const tt_bus_command *command, const char *done)
{
    tutti_status status = tt_bus_command_set(bus, command);
    reply(bus, command, status, "%s", status == TUTTI_OK ? done : tutti_status_text(status));
}

void tt_bus_command_do(tt_bus *bus, const tt_msg *msg)
{
    const tt_bus_command *command = TT_PAYLOAD(msg, BUS_COMMANDS, bus_command);
    switch ((tt_bus_command_type)command->command) {
    case TT_bus_command_type_REDRIVE:
    case TT_bus_command_type_DISCARD:
        take_one(bus, command, command->command == TT_bus_command_type_REDRIVE);
        return;
    case TT_bus_command_type_REDRIVE_ALL:
    case TT_bus_command_type_DISCARD_ALL:
        take_all(bus, command, command->command == TT_bus_command_type_REDRIVE_ALL);
        return;
    case TT_bus_command_type_RELEASE:
        take_release(bus, command);
        return;
    case TT_bus_command_type_BLOCK: {
        tutti_status status = tt_bus_block(bus, command->correlation);
        const char *text =
            status == TUTTI_OK ? "its messages are skipped" : tutti_status_text(status);
        reply(bus, command, status, "%s", text);
        return;
    }
    case TT_bus_command_type_UNBLOCK: {
        bool was_blocked = tt_bus_unblock(bus, command->correlation);
        tutti_status status = was_blocked ? TUTTI_OK : TUTTI_NOT_FOUND;
        const char *text = was_blocked ? "its messages are delivered" : "it is not blocked";
        reply(bus, command, status, "%s", text);
        return;
    }
    case TT_bus_command_type_LIMIT:
        take_setting(bus, command, "the limit is in force");
        return;
    case TT_bus_command_type_EXEMPT:
        take_setting(bus, command, command->is_exempt ? "no limit counts" : "limits count");
        return;
    case TT_bus_command_type_NONE:
    case TT_bus_command_type_COUNT:
        reply(bus, command, TUTTI_INVALID, "no command was named");
        return;
    }
}
