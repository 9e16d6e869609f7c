/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Saying things: one place that fills posts, events and notifications.
 *
 * What the bus cannot take is dropped there with a dead letter in its place; here it is sequence
 * number 0. Nothing that the coordinator does depends on a message of its own having got through.
 */
#include "coord/coord_priv.h"

tt_seq tt_coord_publish(tt_coord *coord, tt_topic topic, uint32_t key, const void *payload)
{
    const tt_bus_post post = {
        .topic = topic, .source = TT_SOURCE_COORDINATOR, .key = key, .payload = payload};
    tt_seq seq = 0;
    return tt_bus_publish(coord->bus, &post, &seq) == TUTTI_OK ? seq : 0;
}

tt_seq tt_coord_publish_as(
    tt_coord *coord,
    tt_topic topic,
    tt_source source,
    uint32_t key,
    const void *payload,
    const tt_uuid *correlation)
{
    const tt_bus_post post = {
        .topic = topic,
        .source = source,
        .key = key,
        .payload = payload,
        .correlation = *correlation,
    };
    tt_seq seq = 0;
    return tt_bus_publish(coord->bus, &post, &seq) == TUTTI_OK ? seq : 0;
}

void tt_coord_event(tt_coord *coord, const tt_coord_note *note, const char *format, ...)
{
    tt_system_event event = {
        .old_value = note->old_value,
        .new_value = note->new_value,
        .event = (uint8_t)note->event,
        .severity = (uint8_t)note->severity,
    };
    TT_TEXT_SET(event.subject, note->subject);
    va_list args;
    va_start(args, format);
    tt_text_vformat(event.message, sizeof event.message, format, args);
    va_end(args);
    tt_bus_post post = {
        .topic = TT_TOPIC_SYSTEM_EVENTS,
        .source = TT_SOURCE_COORDINATOR,
        .key = note->key,
        .payload = &event,
    };
    if (note->correlation != NULL) {
        post.correlation = *note->correlation;
    }
    (void)tt_bus_publish(coord->bus, &post, NULL);
}

void tt_coord_notify(tt_coord *coord, tt_severity severity, const char *format, ...)
{
    tt_notification notification = {.severity = (uint8_t)severity};
    va_list args;
    va_start(args, format);
    tt_text_vformat(notification.message, sizeof notification.message, format, args);
    va_end(args);
    (void)tt_coord_publish(coord, TT_TOPIC_NOTIFICATIONS, 0, &notification);
}

void tt_coord_command_positions(
    tt_coord *coord, uint32_t key, tt_position_command_type command, tt_exit_reason reason)
{
    const tt_position_command payload = {.command = (uint8_t)command, .reason = (uint8_t)reason};
    (void)tt_coord_publish(coord, TT_TOPIC_POSITION_COMMANDS, key, &payload);
}

void tt_coord_command_tighten(tt_coord *coord, tt_ratio stop_pct)
{
    const tt_position_command payload = {
        .stop_pct = stop_pct,
        .command = TT_position_command_type_TIGHTEN_STOPS,
        .reason = TT_exit_reason_LOSS_BREAKER,
    };
    (void)tt_coord_publish(coord, TT_TOPIC_POSITION_COMMANDS, 0, &payload);
}

void tt_coord_command_reduce(tt_coord *coord, uint32_t key, tt_ratio reduce_pct)
{
    const tt_position_command payload = {
        .reduce_pct = reduce_pct,
        .command = TT_position_command_type_REDUCE,
        .reason = TT_exit_reason_REDUCED,
    };
    (void)tt_coord_publish(coord, TT_TOPIC_POSITION_COMMANDS, key, &payload);
}
