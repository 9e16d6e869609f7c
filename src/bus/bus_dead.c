/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dead letters: a message says what could not be handled, and why. While one is being delivered no
 * further one is published, only counted: a failing reader of dead letters cannot make a loop.
 */
#include "bus/bus_priv.h"

/** Topic 0 counts what is about no known topic. */
static struct topic_state *state_of(tt_bus *bus, uint32_t topic)
{
    return &bus->state->topics[known_topic(bus, topic)];
}

void tt_bus_count_dead(tt_bus *bus, const tt_dead_letter *letter)
{
    state_of(bus, letter->dead_topic)->dead_lettered++;
}

/** Reserved room, or one more count when a dead letter is being delivered or the reserve is full.
 */
static bool try_publish(tt_bus *bus, const tt_bus_post *post)
{
    bool is_loop = bus->current && bus->current->topic == TT_TOPIC_DEAD_LETTERS;
    return !is_loop && tt_bus_publish_dead(bus, post);
}

static const tt_msg no_msg = {0};

void tt_bus_dead_letter(
    tt_bus *bus, const tt_msg *msg, tt_dead_reason reason, const char *handler, const char *text)
{
    const tt_msg *about = msg ? msg : &no_msg;
    tt_dead_letter letter = {
        .dead_seq = about->seq,
        .dead_topic = known_topic(bus, about->topic) != 0 ? about->topic : 0,
        .dead_source = known_source(bus, about->source) != 0 ? about->source : 0,
        .attempts = reason == TT_dead_reason_HANDLER_FAILED ? 1 : 0,
        .reason = (uint8_t)reason,
    };
    TT_TEXT_SET(letter.handler, handler);
    TT_TEXT_SET(letter.message, text);
    const tt_bus_post post = {
        .topic = TT_TOPIC_DEAD_LETTERS,
        .source = TT_SOURCE_BUS,
        .key = about->key < bus->topics[TT_TOPIC_DEAD_LETTERS].key_count ? about->key : 0,
        .payload = &letter,
        .cause = about->seq,
        .correlation = about->correlation,
    };
    if (try_publish(bus, &post)) {
        tt_bus_count_dead(bus, &letter);
    } else {
        state_of(bus, letter.dead_topic)->dead_unsent++;
    }
}

tutti_status tt_bus_refuse(
    tt_bus *bus,
    const tt_bus_post *post,
    tutti_status status,
    tt_dead_reason reason,
    const char *text)
{
    uint32_t topic = known_topic(bus, (uint32_t)post->topic) != 0 ? (uint32_t)post->topic : 0;
    struct topic_state *state = state_of(bus, topic);
    if (status == TUTTI_LIMIT) {
        state->dropped++;
    } else {
        state->invalid++;
    }
    const tt_msg refused = {
        .topic = (uint16_t)topic,
        .source = known_source(bus, (uint32_t)post->source) != 0 ? (uint16_t)post->source : 0,
        .key = post->key,
        .correlation = post->correlation,
    };
    tt_bus_dead_letter(bus, &refused, reason, "", text);
    return status;
}
