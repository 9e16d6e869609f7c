/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads of clock, session, health and the bus itself.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_SYSTEM_H
#define TT_MODEL_PAYLOADS_SYSTEM_H

// clang-format off
#define TT_FIELDS_clock(F, P)                                                                      \
    F(P, u64, tick, 0, "running number of clock inputs")                                           \
    F(P, reserved, reserved, 8, "")
#define TT_FIELDS_session_event(F, P)                                                              \
    F(P, hash, config_hash, 0, "SHA-256 of the configuration text in force")                       \
    F(P, u64, seed, 0, "seed of all randomness of the run")                                        \
    F(P, enum, event, session_event_type, "what happened")                                         \
    F(P, enum, mode, mode, "mode of the run")                                                      \
    F(P, reserved, reserved, 6, "")                                                                \
    F(P, text, run_id, 32, "id of the run; prefix of client order ids")
#define TT_FIELDS_system_event(F, P)                                                               \
    F(P, i64, old_value, 0, "before the change")                                                   \
    F(P, i64, new_value, 0, "after the change")                                                    \
    F(P, enum, event, system_event_type, "what happened")                                          \
    F(P, enum, severity, severity, "how bad it is")                                                \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, subject, 32, "task, action or part")                                                \
    F(P, text, message, 160, "the same in words")
#define TT_FIELDS_health_report(F, P)                                                              \
    F(P, u64, failures, 0, "attempts that failed, or measures that are critical; 0 if up")\
    F(P, i64, value, 0, "what was measured: ns, bytes or a number; 0 without a measure")           \
    F(P, i64, limit, 0, "limit of the level that was reached or left, likewise")                   \
    F(P, enum, part, part, "what the report is about")                                             \
    F(P, flag, is_up, 0, "it works: nothing of it is critical")                                    \
    F(P, enum, measure, health_measure, "what was measured")                                       \
    F(P, enum, level, health_level, "how bad that is now")                                         \
    F(P, reserved, reserved, 4, "")                                                                \
    F(P, text, message, 160, "what is wrong, or well again, in words")
#define TT_FIELDS_dead_letter(F, P)                                                                \
    F(P, seq, dead_seq, 0, "message that could not be handled; 0 if it was never sequenced")       \
    F(P, u64, dead_id, 0, "where the whole message is kept; 0 if it is not")                       \
    F(P, topic, dead_topic, 0, "topic of that message; null if it had none")                       \
    F(P, source, dead_source, 0, "who published that message")                                     \
    F(P, u32, attempts, 0, "deliveries tried")                                                     \
    F(P, enum, reason, dead_reason, "why in a word")                                               \
    F(P, reserved, reserved, 1, "")                                                                \
    F(P, u16, dead_size, 0, "payload of a message that came back from outside of the core")        \
    F(P, reserved, reserved_2, 4, "")                                                              \
    F(P, text, handler, 32, "who could not handle it; may be empty")                               \
    F(P, text, message, 160, "what is wrong and what would be right")
#define TT_FIELDS_topic_declaration(F, P)                                                          \
    F(P, u32, ttl_ms, 0, "strictly older is expired; 0 = never")                                   \
    F(P, u32, history_count, 0, "messages kept; 0 = none, not even the latest")                    \
    F(P, u32, history_bytes, 0, "bytes of the messages kept; 0 = bounded by number alone")         \
    F(P, u32, key_max, 0, "largest key")                                                           \
    F(P, u32, rate_per_s, 0, "messages a second that are let through; 0 = all")                    \
    F(P, u32, burst, 0, "messages let through at once; 0 = those of one second")                   \
    F(P, u16, topic_id, 0, "number of the topic, from 1024")                                       \
    F(P, enum, kind, msg_kind, "kind of its messages")                                             \
    F(P, enum, priority, priority, "priority of its messages")                                     \
    F(P, reserved, reserved, 4, "")                                                                \
    F(P, text, name, 64, "name of the topic")                                                      \
    F(P, text, schema, 1024, "fields of its payload, as name:kind")
#define TT_FIELDS_source_declaration(F, P)                                                         \
    F(P, u16, source_id, 0, "number of the source, from 256")                                      \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, name, 32, "name of the source")
#define TT_FIELDS_bus_command(F, P)                                                                \
    F(P, u64, request_id, 0, "chosen by the sender; the reply carries it")                         \
    F(P, u64, dead_id, 0, "dead letter meant by redrive and discard")                              \
    F(P, uuid, correlation, 0, "correlation meant by block and unblock")                           \
    F(P, enum, command, bus_command_type, "what is asked")                                         \
    F(P, enum, role, role, "what he who asks may do; none = he asks at this machine")              \
    F(P, topic, dead_topic, 0, "of the letters meant by redrive_all and discard_all; null = any") \
    F(P, topic, limited_topic, 0, "topic that limit is about")                                     \
    F(P, source, exempt_source, 0, "source that exempt is about")                                  \
    F(P, flag, is_exempt, 0, "of exempt: true = past all limits, false = no longer")               \
    F(P, reserved, reserved, 7, "")                                                                \
    F(P, u32, topic_per_s, 0, "of limit: messages a second of all sources; 0 = no limit")          \
    F(P, u32, topic_burst, 0, "of limit: messages of all sources at once")                         \
    F(P, u32, source_per_s, 0, "of limit: messages a second of each source; 0 = no limit")         \
    F(P, u32, source_burst, 0, "of limit: messages of each source at once")                        \
    F(P, text, subscriber, 32, "subscriber meant by release")                                      \
    F(P, text, actor, 32, "who asks")                                                              \
    F(P, text, reason, 96, "why")
#define TT_FIELDS_post_key(F, P)                                                                   \
    F(P, uuid, idempotency, 0, "key of the post; a post of this key is not published again")       \
    F(P, seq, post_seq, 0, "message that the post became")                                         \
    F(P, reserved, reserved, 8, "")
#define TT_FIELDS_bus_alert(F, P)                                                                  \
    F(P, i64, value, 0, "what was measured")                                                       \
    F(P, i64, limit, 0, "what it is compared with")                                                \
    F(P, enum, alert, bus_alert_type, "what it is about")                                          \
    F(P, flag, is_raised, 0, "true when it begins, false when it has passed")                      \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, subject, 64, "topic, subscriber or mailbox; empty = the bus")
// clang-format on

#endif
