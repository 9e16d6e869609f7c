/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How a section of the configuration is declared: one table gives the struct, the parser's schema
 * and the reference in the documentation.
 *
 * A module writes, in its <module>_config.h:
 *
 *     #define TT_CONFIG_consensus(K) \
 *         K(ratio, high_agreement_threshold, 0, "0.66", "0", "1", "Agreement from which ...") \
 *         K(enum, policy, bad_row_policy, "skip", "", "", "...")
 *     TT_CONFIG_DECLARE(consensus)      // struct tt_consensus_config
 *
 * Kinds: ratio price qty money (decimal), u32 u64 (integer), dur (written in seconds, decimals
 * allowed), flag (true/false), enum (argument: its name), text (argument: bytes with the NUL).
 * Minimum and maximum are texts of the same kind, "" = none.
 */
#ifndef TT_MODEL_CONFIG_KINDS_H
#define TT_MODEL_CONFIG_KINDS_H

#include "base/types.h"
#include "model/enums.h"

#define TT_K_ratio(n, a) tt_ratio n;
#define TT_K_price(n, a) tt_price n;
#define TT_K_qty(n, a)   tt_qty n;
#define TT_K_money(n, a) tt_money n;
#define TT_K_u32(n, a)   uint32_t n;
#define TT_K_u64(n, a)   uint64_t n;
#define TT_K_dur(n, a)   tt_dur n;
#define TT_K_flag(n, a)  bool n;
#define TT_K_enum(n, a)  tt_##a n;
#define TT_K_text(n, a)  char n[a];

#define TT_CONFIG_MEMBER_(kind, field, arg, def, min, max, doc) TT_K_##kind(field, arg)
#define TT_CONFIG_DECLARE(section)                                                                 \
    typedef struct tt_##section##_config {                                                         \
        TT_CONFIG_##section(TT_CONFIG_MEMBER_)                                                     \
    } tt_##section##_config;

#endif
