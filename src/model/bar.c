/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The end of a bar.
 */
#include "model/bar.h"

tt_time tt_bar_end(const tt_bar *bar, tt_time now)
{
    const tt_i128 end = (tt_i128)bar->open_time.ns + (tt_i128)bar->interval_s * TT_NS_PER_S;
    return bar->interval_s == 0 || end > now.ns ? now : (tt_time){(int64_t)end};
}
