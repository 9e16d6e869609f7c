/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands of people on their way: sent to the core, answered by it, durable, told.
 *
 *   SENT -reply of the core-> ANSWERED -its message is durable-> DONE
 *
 * Who asked is told when it is DONE: what is told as done survives a crash. The table keeps the
 * newest commands, so that a request that comes twice under one number is carried out once.
 */
#ifndef TT_API_API_COMMANDS_H
#define TT_API_API_COMMANDS_H

#include "api/api_tokens.h"
#include "model/message.h"

/** Commands kept: those in work, and the newest that are done. More in work are refused (503). */
#define TT_API_COMMANDS_MAX 256u
typedef enum tt_api_command_state {
    TT_API_COMMAND_FREE,
    TT_API_COMMAND_SENT,
    TT_API_COMMAND_ANSWERED,
    TT_API_COMMAND_DONE
} tt_api_command_state;

/** One command. */
typedef struct tt_api_command {
    tt_api_command_state state;
    uint8_t status; /**< Of the reply: tt_reply_status. */
    uint32_t key;
    uint64_t ticket; /**< Who waits; 0 = nobody. */
    int64_t deadline_ns;
    uint64_t order;     /**< Of arrival, from 1. */
    tt_seq command_seq; /**< Its message; 0 = not seen yet. */
    tt_seq reply_seq;
    tt_time time;                   /**< Of the reply. */
    tt_coordinator_command command; /**< Of one for the bus: `command` is a tt_bus_command_type, */
    bool is_of_bus;                 /**< `subject_seq` the dead letter; further: */
    uint16_t dead_topic;
    char subscriber[32];
    char message[128]; /**< Of the reply. */
    char headers[128]; /**< Of the answer that waits. */
} tt_api_command;

typedef struct tt_api_commands {
    tt_api_command list[TT_API_COMMANDS_MAX];
    uint64_t next_order;
    uint64_t sent;
    uint64_t timeouts;
} tt_api_commands;

/** The command of a number that is kept, or NULL. */
tt_api_command *tt_api_commands_find(tt_api_commands *commands, uint64_t request_id);
/** A place for a new one: free, or that of the oldest that is done. NULL: all are in work. */
tt_api_command *tt_api_commands_place(tt_api_commands *commands);
/** Notes what a command for the bus asks. */
void tt_api_command_note_bus(tt_api_command *at, const tt_bus_command *command);
/** Writes the name of a command: "halt", or, for the bus, "bus_redrive". */
void tt_api_command_name(const tt_api_command *at, char *text, size_t size);
/** Takes a message of coordinator_commands, bus_commands or command_replies. */
void tt_api_commands_take(tt_api_commands *commands, const tt_msg *msg);

#endif
