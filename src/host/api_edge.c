/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rings of the hub as the functions of the interface.
 */
#include "host/api_edge.h"

static bool take_status(void *ctx, tt_api_status *ret_status)
{
    tt_hub *hub = ctx;
    uint32_t size = 0;
    bool has_status = false;
    // Only the newest one counts.
    while (tt_ring_pop(&hub->status_out, ret_status, sizeof *ret_status, &size) == TUTTI_OK) {
        has_status = true;
    }
    return has_status;
}

static bool take_message(tt_ring *ring, tt_api_msg *ret_msg)
{
    uint32_t size = 0;
    return tt_ring_pop(ring, ret_msg, sizeof *ret_msg, &size) == TUTTI_OK;
}

static bool take_reply(void *ctx, tt_api_msg *ret_msg)
{
    return take_message(&((tt_hub *)ctx)->replies_out, ret_msg);
}

static bool take_event(void *ctx, tt_api_msg *ret_msg)
{
    return take_message(&((tt_hub *)ctx)->events_out, ret_msg);
}

static tt_seq durable_seq(void *ctx)
{
    return atomic_load_explicit(&((tt_hub *)ctx)->durable_seq, memory_order_acquire);
}

static bool post(void *ctx, const tt_coordinator_command *command, uint32_t key)
{
    tt_hub *hub = ctx;
    tt_input input = {
        .time = tt_hub_now(hub),
        .topic = TT_TOPIC_COORDINATOR_COMMANDS,
        .source = TT_SOURCE_OPERATOR,
        .key = key,
        .payload = command,
        .payload_size = sizeof *command,
    };
    return tt_hub_push_command(&hub->commands_in, &input);
}

static bool post_bus(void *ctx, const tt_bus_command *command)
{
    tt_hub *hub = ctx;
    const tt_input input = {
        .time = tt_hub_now(hub),
        .topic = TT_TOPIC_BUS_COMMANDS,
        .source = TT_SOURCE_OPERATOR,
        .payload = command,
        .payload_size = sizeof *command,
    };
    return tt_hub_push_command(&hub->commands_in, &input);
}

static bool read_dead(void *ctx, uint64_t before, uint32_t limit, tt_engine_dead_page *ret_page)
{
    return tt_dead_box_ask(&((tt_hub *)ctx)->dead_letters, before, limit, ret_page);
}

bool tt_api_edge_post(tt_hub *hub, const tt_coordinator_command *command, uint32_t key)
{
    return post(hub, command, key);
}

void tt_api_edge_fill(tt_api_options *options, tt_hub *hub)
{
    options->take_status = take_status;
    options->take_reply = take_reply;
    options->take_event = take_event;
    options->post = post;
    options->post_bus = post_bus;
    options->read_dead = read_dead;
    options->durable = durable_seq;
    options->ctx = hub;
}
