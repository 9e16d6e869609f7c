/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages queued in a row: how one begins, what may join it, and how it goes to the lanes. See
 * bus_priv.h, invariant 6.
 */
#include "bus/bus_append.h"

static void begin_row(tt_bus *bus, size_t offset, uint32_t priority, uint32_t depth)
{
    bus->row = (struct row){
        .next = offset,
        .stop = ROW_NONE,
        .turn = ROW_NONE,
        .timed = ROW_NONE,
        .depth = depth,
        .tail_depth = depth,
        .priority = priority,
    };
    set_pending(bus, QUEUED_ROW, true);
}

/** Number of the first message of the row; the one at `offset` is not written yet. */
static tt_seq first_seq(const tt_bus *bus, size_t offset)
{
    const tt_msg *first = (const tt_msg *)(const void *)(bus->outbox + bus->row.next);
    return bus->row.next == offset ? bus->state->next_seq : first->seq;
}

bool tt_bus_extend_row(tt_bus *bus, size_t offset, uint32_t priority, uint64_t timed)
{
    struct row *row = &bus->row;
    const tt_msg *alone = bus->alone.msg;
    if (is_alone_queued(bus)) {
        size_t first = (size_t)((const unsigned char *)alone - bus->outbox);
        begin_row(bus, first, alone->priority, alone_depth(bus));
        set_pending(bus, QUEUED_ALONE, false);
    } else if (!has_queued(bus)) {
        begin_row(bus, offset, priority, own_depth(bus));
    }
    if (!is_row_queued(bus) || row->priority != priority) {
        return false;
    }
    if (row->tail_depth != own_depth(bus)) {
        if (row->turn != ROW_NONE) {
            return false;
        }
        row->turn = offset;
        row->tail_depth = own_depth(bus);
    }
    if (timed != 0) {
        if (row->timed != ROW_NONE) {
            return false;
        }
        row->timed = offset;
    }
    row->stop = row->turn < row->timed ? row->turn : row->timed;
    row->full_seq = first_seq(bus, offset) + bus->lanes[priority].max;
    return true;
}

/** Moves the messages of a row, which lie before `end`, to their lane. */
static void break_row(tt_bus *bus, size_t end)
{
    const struct row *row = &bus->row;
    uint32_t depth = row->depth;
    set_pending(bus, QUEUED_ROW, false);
    for (size_t at = row->next; at < end;) {
        const tt_msg *msg = (const tt_msg *)(const void *)(bus->outbox + at);
        depth = at == row->turn ? row->tail_depth : depth;
        uint64_t entry = lane_entry(bus, &bus->topics[topic_place(msg->topic)], msg, depth);
        put_in_lane(bus, row->priority, entry | (at == row->timed ? LANE_TIMED : 0));
        at += tt_msg_bytes(msg);
    }
    note_high_water(&bus->state->high_water, queued_count(bus));
}

void tt_bus_use_lanes(tt_bus *bus, size_t end)
{
    const struct alone *alone = &bus->alone;
    const tt_msg *msg = alone->msg;
    if (is_row_queued(bus)) {
        break_row(bus, end);
    } else if (is_alone_queued(bus)) {
        set_pending(bus, QUEUED_ALONE, false);
        put_in_lane(bus, msg->priority, lane_entry(bus, alone->topic, msg, alone_depth(bus)));
    }
}
