/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Enumerations of the portfolio and of reconciliation.
 */
#ifndef TT_MODEL_ENUMS_PORTFOLIO_H
#define TT_MODEL_ENUMS_PORTFOLIO_H

// clang-format off
/* Portfolio. NONE: as the configuration says. */
#define TT_ENUM_rebalance_strategy(E)                                                              \
    E(rebalance_strategy, NONE, "none")                                                            \
    E(rebalance_strategy, DEFER, "defer")                                                          \
    E(rebalance_strategy, IMMEDIATE, "immediate")                                                  \
    E(rebalance_strategy, DCA_24H, "dca_24h")                                                      \
    E(rebalance_strategy, LIMIT_ORDERS, "limit_orders")
#define TT_ENUM_plan_outcome(E)                                                                    \
    E(plan_outcome, NONE, "none")                                                                  \
    E(plan_outcome, ON_TARGET, "on_target")                                                        \
    E(plan_outcome, PLANNED, "planned")                                                            \
    E(plan_outcome, DEFERRED, "deferred")                                                          \
    E(plan_outcome, REFUSED, "refused")                                                            \
    E(plan_outcome, COMPLETED, "completed")                                                        \
    E(plan_outcome, CANCELLED, "cancelled")
#define TT_ENUM_batch_state(E)                                                                     \
    E(batch_state, NONE, "none")                                                                   \
    E(batch_state, PENDING, "pending")                                                             \
    E(batch_state, DUE, "due")                                                                     \
    E(batch_state, SENT, "sent")                                                                   \
    E(batch_state, DONE, "done")                                                                   \
    E(batch_state, FAILED, "failed")                                                               \
    E(batch_state, SKIPPED, "skipped")
#define TT_ENUM_late_policy(E)                                                                     \
    E(late_policy, SKIP, "skip")                                                                   \
    E(late_policy, RUN, "run")
/* The venue's state against ours. */
#define TT_ENUM_reconcile_stage(E)                                                                 \
    E(reconcile_stage, NONE, "none")                                                               \
    E(reconcile_stage, SUSPECTED, "suspected")                                                     \
    E(reconcile_stage, CLEARED, "cleared")                                                         \
    E(reconcile_stage, REPAIRED, "repaired")                                                       \
    E(reconcile_stage, RELEASED, "released")                                                       \
    E(reconcile_stage, CONFIRMED, "confirmed")
#define TT_ENUM_discrepancy(E)                                                                     \
    E(discrepancy, NONE, "none")                                                                   \
    E(discrepancy, MISSED_FILL, "missed_fill")                                                     \
    E(discrepancy, UNKNOWN_ORDER, "unknown_order")                                                 \
    E(discrepancy, EXTERNAL_TRADE, "external_trade")                                               \
    E(discrepancy, CLOSED_OUTSIDE, "closed_outside")                                               \
    E(discrepancy, LIQUIDATION, "liquidation")                                                     \
    E(discrepancy, ADL, "adl")                                                                     \
    E(discrepancy, SIZE_MISMATCH, "size_mismatch")
/* What changed the cash of the account, or seems to have, beside trades. */
#define TT_ENUM_cash_kind(E)                                                                       \
    E(cash_kind, NONE, "none")                                                                     \
    E(cash_kind, DEPOSIT, "deposit")                                                               \
    E(cash_kind, WITHDRAWAL, "withdrawal")                                                         \
    E(cash_kind, FEE, "fee")                                                                       \
    E(cash_kind, FUNDING, "funding")                                                               \
    E(cash_kind, UNEXPLAINED, "unexplained")
// clang-format on

#endif
