/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Of which moment the price of a bar is. The books, their auditor and risk ask it here, because a
 * bar may come behind newer ticks (`market.bar_grace`) and must not take the price back.
 */
#ifndef TT_MODEL_BAR_H
#define TT_MODEL_BAR_H

#include "model/payloads.h"

/** Returns when the close of a bar was made: the end of its interval, at the latest `now`, which is
 * the time of its message. A bar that names no interval ends now. A price of another message is
 * newer if its time is behind this. @thread{any} @alloc{never} */
tt_time tt_bar_end(const tt_bar *bar, tt_time now);

#endif
