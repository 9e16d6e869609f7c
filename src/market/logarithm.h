/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Logarithm from basic arithmetic alone, so that analytics give the same bits on every build: the
 * libraries of C do not agree on the last bit.
 */
#ifndef TT_MARKET_LOGARITHM_H
#define TT_MARKET_LOGARITHM_H

/** Returns log10(x) with an error below 1 unit in the last place. `x` must be finite and > 0.
 * @thread{any} @alloc{never} */
double tt_log10(double x);

#endif
