/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A running paper session for the tests: waiting for what happens in it, asking it over HTTP.
 */
#ifndef TT_TESTS_SESSION_RIG_H
#define TT_TESTS_SESSION_RIG_H

#include "../unit/host/fixture.h"
#include "host/session.h"

/** Most that a test waits for anything: a machine under load may be slow, never wrong. */
#define RIG_PATIENCE_NS (60 * TT_NS_PER_S)

/** A session and what its terminal has been told. */
typedef struct rig {
    tt_session *session;
    tt_session_info info;
    uint64_t shown[TT_TOPIC_COUNT]; /**< Activity messages, by topic. */
    tt_delivery delivery;           /**< Filled by the stop. */
    uint16_t port;
    char token[80]; /**< Sent with every rig_get; "" = none. */
} rig;

/** Starts a session in `folder`; it must start. */
void rig_start(rig *held, const tt_config *config, const char *folder);
/** Takes activity until `count` messages of `topic` were shown; false if the session ended first.
 */
bool rig_wait_for(rig *held, tt_topic topic, uint64_t count);
/** Sends a command of a person. */
void rig_command(rig *held, tt_command command, uint64_t request_id);
/** Sends bytes and reads until the server closes. Returns the code of the answer; 0 = none. */
int rig_send(const rig *held, const char *bytes, char *reply, size_t size);
/** Asks for a path with the token and gives the body. Returns the code of the answer. */
int rig_get(const rig *held, const char *path, char *body, size_t size);
/** Asks until `text` stands in the answer; fails after the patience. */
void rig_wait_for_text(const rig *held, const char *path, const char *text);
/** Asks for the metrics until one is at least `least`; fails after the patience. */
void rig_wait_for_metric(const rig *held, const char *name, uint64_t least);
/** Requires that a text is one whole JSON value. */
void rig_check_json(const char *text);
/** Stops; returns the status. `error` may be NULL. Release the report with tt_report_free(). */
tutti_status rig_stop(rig *held, tt_report **ret_report, uint8_t digest[32], tt_error *error);

#endif
