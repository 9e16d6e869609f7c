/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What failed, inside of the bus: from the delivery or the refusal to the dead letters.
 */
#ifndef TT_BUS_BUS_DEAD_H
#define TT_BUS_BUS_DEAD_H

#include "bus/bus_priv.h"
#include "bus/bus_store.h"

/** A message that could not be handled. */
typedef struct tt_bus_failure {
    const tt_msg *msg; /**< Payload behind it, as its size says; size 0 = the head only. */
    tt_dead_reason reason;
    const char *handler; /**< "" if it was never delivered. */
    const char *text;
    uint32_t attempts;
    uint32_t subscription; /**< Slot of the subscription that failed plus one; 0 = none. */
    tt_time first_failure; /**< For more than one attempt. */
    bool is_input;         /**< The letter stands for the input of the step. */
    bool is_outside;       /**< It failed outside of the core. */
} tt_bus_failure;

/** Sets a message aside and publishes the dead letter about it. */
void tt_bus_bury(tt_bus *bus, const tt_bus_failure *failure);
/** Drops the oldest letters until there is room for a payload; false when there can be none. Tells
 * whether one was dropped. */
bool tt_bus_make_dead_room(tt_bus *bus, uint32_t size, bool *ret_has_dropped);
/** Sets a message aside, and raises the alert when others had to go; 0 when it cannot be kept. */
uint64_t tt_bus_set_aside(tt_bus *bus, const tt_bus_failure *failure, bool has_dropped);
/** An input of dead_letters has been published: sets aside what came back from outside. */
void tt_bus_keep_returned(tt_bus *bus, const tt_dead_letter *letter, const tt_bus_post *post);
/** Queues a letter that can go for its handler outside. */
void tt_bus_redrive_outside(tt_bus *bus, tt_bus_stored *stored);
/** Lets go of the letters that went to handlers outside. */
void tt_bus_drop_leaving(tt_bus *bus);
/** Publishes a dead letter about a message that is set aside already. */
void tt_bus_announce_dead(tt_bus *bus, const tt_bus_failure *failure, uint64_t dead_id);
/** Ends the alert about full dead letters when there is room again. */
void tt_bus_check_dead_fill(tt_bus *bus);
/** Delivers the dead letter of a number, whose turn has come. */
void tt_bus_redrive_queued(tt_bus *bus, uint32_t number);
/** Subscription that a message set aside failed at, or another one of that name for its topic; NULL
 * if they have ended. */
struct subscription *tt_bus_target(const tt_bus *bus, const tt_bus_stored *stored);
/** Begins the delivery of a message that is set aside. */
void tt_bus_enter_again(tt_bus *bus, const tt_msg *msg);
/** Tells whether guard or blocked correlations keep the message that was entered from a
 * subscription; counts it then. */
bool tt_bus_is_kept_away(tt_bus *bus, struct subscription *target, const tt_msg *msg);
/** Delivers to that subscription alone. */
tutti_status tt_bus_deliver_again(tt_bus *bus, struct subscription *target, const tt_msg *msg);
/** Delivers to all subscriptions of the topic. */
void tt_bus_deliver_all(tt_bus *bus, const tt_msg *msg);
/** Queues a message set aside in the lane of its priority, which has room for each of them. */
void tt_bus_enqueue_again(tt_bus *bus, tt_bus_stored *stored, uint64_t kind);
/** Does what a message on bus_commands asks. */
void tt_bus_command_do(tt_bus *bus, const tt_msg *msg);

#endif
