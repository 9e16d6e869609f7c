/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rows of a day of quotes and trades of one stock. Pure: no file, no state.
 *
 * Quote: `ms since midnight,bid,bid size,ask,ask size,exchange,condition,suspicious`; a price of 0
 * = that side is not in this row. Trade: `ms,price,quantity,exchange,condition,suspicious`.
 */
#ifndef TT_FEED_EQUITY_ROW_H
#define TT_FEED_EQUITY_ROW_H

#include "feed/csv_row.h"

/** What one exchange says in one row. */
typedef struct tt_equity_quote {
    uint32_t ms;   /**< Since midnight. */
    char exchange; /**< 'A' to 'Z'. */
    tt_price bid;  /**< 0 = not in this row. */
    tt_price ask;
    tt_qty bid_qty;
    tt_qty ask_qty;
} tt_equity_quote;

typedef struct tt_equity_trade {
    uint32_t ms;
    char exchange;
    tt_price price;
    tt_qty qty;
} tt_equity_trade;

/** Read a row; `scale` multiplies its prices. @retval TUTTI_INVALID with the reason. */
TUTTI_NODISCARD tutti_status tt_equity_parse_quote(
    const tt_csv_row *row, tt_ratio scale, tt_equity_quote *ret_quote, tt_feed_refusal *refusal);
TUTTI_NODISCARD tutti_status tt_equity_parse_trade(
    const tt_csv_row *row, tt_ratio scale, tt_equity_trade *ret_trade, tt_feed_refusal *refusal);

#endif
