/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The body of a command: one JSON object, each member optional, nothing else.
 */
#ifndef TT_API_API_BODY_H
#define TT_API_API_BODY_H

#include "api/api_confirm.h"
#include "base/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Highest number of a request: what every JSON reader keeps exactly. */
#define TT_API_REQUEST_ID_MAX ((UINT64_C(1) << 53) - 1)

/** What a client says with a command. */
typedef struct tt_api_body {
    uint64_t request_id;                    /**< 0 = none. */
    char reason[96];                        /**< "" = none. */
    char confirmation[TT_CONFIRM_TEXT_MAX]; /**< "" = none. */
    tt_price stop_loss;                     /**< 0 = none. */
    tt_price take_profit;                   /**< 0 = none. */
    tt_money amount;                        /**< Of money; 0 = none. */
    tt_qty qty;                             /**< Total of an order; 0 = none. */
    tt_price price;                         /**< Limit of an order; 0 = none. */
    tt_price trigger_price;                 /**< Trigger of an order; 0 = none. */
    tt_ratio size_pct;                      /**< 0 = none; so the next ones. */
    tt_price upper_entry;
    tt_price upper_stop;
    tt_price upper_target;
    tt_price lower_entry;
    tt_price lower_stop;
    tt_price lower_target;
    uint8_t leverage;
    uint8_t style; /**< tt_group_style. */
    bool is_group; /**< A member of a group of entries stands there. */
} tt_api_body;

/** Reads a body; an empty one is fine. @retval TUTTI_PARSE no JSON object. @retval TUTTI_INVALID a
 * member that is not known, or a value that is not right. `error` says which. */
TUTTI_NODISCARD tutti_status
tt_api_body_read(const char *text, size_t size, tt_api_body *body, tt_error *error);

#endif
