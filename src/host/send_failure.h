/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the core is told when a venue did not take an effect.
 */
#ifndef TT_HOST_SEND_FAILURE_H
#define TT_HOST_SEND_FAILURE_H

#include "engine/engine.h"
#include "venue/venue.h"

/** A report made here, and the input around it. */
typedef struct tt_send_failure {
    tt_venue_report report;
    tt_input input;
} tt_send_failure;

/**
 * Hands an effect to the venue. When the venue does not take it but may take it later (its status
 * is retryable: nothing has changed there), the order or cancel has certainly failed, and
 * `ret_failure` holds the report that says so; `ret_has_failed` tells. A query needs no report: it
 * is asked again by its timer.
 *
 * @retval not TUTTI_OK: the venue cannot go on; `error` says why.
 */
TUTTI_NODISCARD tutti_status tt_send_effect(
    tt_venue *venue,
    tt_time now,
    const tt_msg *msg,
    tt_send_failure *ret_failure,
    bool *ret_has_failed,
    tt_error *error);

#endif
