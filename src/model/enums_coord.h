/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Enumerations of coordination: votes, conflicts, states, commands.
 */
#ifndef TT_MODEL_ENUMS_COORD_H
#define TT_MODEL_ENUMS_COORD_H

// clang-format off
#define TT_ENUM_vote_result(E)                                                                     \
    E(vote_result, ABSENT, "absent")                                                               \
    E(vote_result, AGREES, "agrees")                                                               \
    E(vote_result, DISAGREES, "disagrees")
#define TT_ENUM_conflict_type(E)                                                                   \
    E(conflict_type, TA_SENTIMENT, "ta_sentiment_conflict")                                        \
    E(conflict_type, REGIME, "regime_conflict")                                                    \
    E(conflict_type, CONTRADICTING_SYMBOLS, "contradicting_symbols")                               \
    E(conflict_type, REGIME_CHANGE, "regime_change")                                               \
    E(conflict_type, RISK_MODIFICATION, "risk_modification")
#define TT_ENUM_resolution(E)                                                                      \
    E(resolution, WAIT, "wait")                                                                    \
    E(resolution, PROCEED, "proceed")                                                              \
    E(resolution, MODIFY, "modify")                                                                \
    E(resolution, ABORT, "abort")
/* Stages of a conflict that arbiters settle. */
#define TT_ENUM_case_stage(E)                                                                      \
    E(case_stage, NONE, "none")                                                                    \
    E(case_stage, OPENED, "opened")                                                                \
    E(case_stage, ARBITER_SKIPPED, "arbiter_skipped")                                              \
    E(case_stage, ARBITER_FAILED, "arbiter_failed")                                                \
    E(case_stage, ESCALATED, "escalated")                                                          \
    E(case_stage, APPROVED, "approved")                                                            \
    E(case_stage, REJECTED, "rejected")                                                            \
    E(case_stage, EXPIRED, "expired")                                                              \
    E(case_stage, ENDED, "ended")
#define TT_ENUM_coordinator_state(E)                                                               \
    E(coordinator_state, RUNNING, "running")                                                       \
    E(coordinator_state, PAUSED, "paused")                                                         \
    E(coordinator_state, HALTED, "halted")
#define TT_ENUM_degradation(E)                                                                     \
    E(degradation, NORMAL, "normal")                                                               \
    E(degradation, REDUCED, "reduced")                                                             \
    E(degradation, LIMITED, "limited")                                                             \
    E(degradation, EMERGENCY, "emergency")
#define TT_ENUM_command(E)                                                                         \
    E(command, NONE, "none")                                                                       \
    E(command, PAUSE, "pause")                                                                     \
    E(command, RESUME, "resume")                                                                   \
    E(command, HALT, "halt")                                                                       \
    E(command, FLATTEN, "flatten")                                                                 \
    E(command, ENABLE_TASK, "enable_task")                                                         \
    E(command, DISABLE_TASK, "disable_task")                                                       \
    E(command, FORCE_RUN, "force_run")                                                             \
    E(command, RESET_RISK, "reset_risk")                                                           \
    E(command, APPROVE, "approve")                                                                 \
    E(command, REJECT, "reject")                                                                   \
    E(command, RELEASE, "release")                                                                 \
    E(command, CLOSE_POSITION, "close_position")                                                   \
    E(command, CANCEL_ORDER, "cancel_order")                                                       \
    E(command, REBALANCE, "rebalance")                                                             \
    E(command, FORCE_REBALANCE, "force_rebalance")                                                 \
    E(command, CANCEL_REBALANCE, "cancel_rebalance")                                               \
    E(command, ASSIGN_POSITION, "assign_position")                                                 \
    E(command, PROTECT_POSITION, "protect_position")                                               \
    E(command, PLACE_GROUP, "place_group")                                                         \
    E(command, RESERVE_BUDGET, "reserve_budget")                                                   \
    E(command, RELEASE_BUDGET, "release_budget")                                                   \
    E(command, AMEND_ORDER, "amend_order")                                                         \
    E(command, ACKNOWLEDGE_TRANSFER, "acknowledge_transfer")                                       \
    E(command, ACKNOWLEDGE_COST, "acknowledge_cost")
/* Who asks: what he may do is checked where he comes in; NONE = from this machine itself. */
#define TT_ENUM_role(E)                                                                            \
    E(role, NONE, "none")                                                                          \
    E(role, VIEWER, "viewer")                                                                      \
    E(role, TRADER, "trader")                                                                      \
    E(role, ADMIN, "admin")
#define TT_ENUM_reply_status(E)                                                                    \
    E(reply_status, DONE, "done")                                                                  \
    E(reply_status, REFUSED, "refused")                                                            \
    E(reply_status, NOT_FOUND, "not_found")
// clang-format on

#endif
