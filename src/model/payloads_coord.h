/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Payloads of coordination: consensus, conflicts, proposals, commands and what is told to people.
 * How a row reads stands in payloads.h.
 */
#ifndef TT_MODEL_PAYLOADS_COORD_H
#define TT_MODEL_PAYLOADS_COORD_H

// clang-format off
#define TT_FIELDS_consensus_vote(F, P)                                                             \
    F(P, seq, output_seq, 0, "the agent output that votes; 0 = none")                              \
    F(P, dur, age, 0, "age of that output")                                                        \
    F(P, enum, agent, agent, "who votes")                                                          \
    F(P, enum, result, vote_result, "whether the agent agrees")                                    \
    F(P, reserved, reserved, 14, "")                                                               \
    F(P, text, value, 32, "what the agent said")
#define TT_MAX_consensus_vote 4
#define TT_FIELDS_consensus(F, P)                                                                  \
    F(P, ratio, confidence_before, 0, "confidence of the signal")                                  \
    F(P, ratio, agreement, 0, "agreeing / present")                                                \
    F(P, ratio, multiplier, 0, "factor that agreement gives")                                      \
    F(P, ratio, confidence_after, 0, "confidence x multiplier, at most 1")                         \
    F(P, seq, signal_seq, 0, "the signal that is voted on")                                        \
    F(P, u8, count, 0, "votes that follow")                                                        \
    F(P, u8, agreeing, 0, "agents that agree")                                                     \
    F(P, u8, present, 0, "agents with an output that may vote")                                    \
    F(P, reserved, reserved, 5, "")                                                                \
    F(P, list, votes, consensus_vote, "one for each agent asked")
#define TT_FIELDS_conflict_item(F, P)                                                              \
    F(P, ratio, confidence_a, 0, "confidence of agent a")                                          \
    F(P, ratio, confidence_b, 0, "confidence of agent b")                                          \
    F(P, ratio, difference, 0, "distance of the confidences")                                      \
    F(P, seq, seq_a, 0, "output of agent a")                                                       \
    F(P, seq, seq_b, 0, "output of agent b")                                                       \
    F(P, enum, type, conflict_type, "what conflicts")                                              \
    F(P, enum, agent_a, agent, "one side")                                                         \
    F(P, enum, agent_b, agent, "other side")                                                       \
    F(P, reserved, reserved, 13, "")                                                               \
    F(P, text, detail, 96, "what each side says")
#define TT_MAX_conflict_item 4
#define TT_FIELDS_conflict_decision(F, P)                                                          \
    F(P, ratio, confidence, 0, "of the arbiter")                                                   \
    F(P, ratio, size_reduction_pct, 0, "0..100; only reduces")                                     \
    F(P, ratio, confidence_limit, 0, "lower confidence of the trade; 0 = unchanged")               \
    F(P, price, stop_loss, 0, "tighter stop; 0 = unchanged")                                       \
    F(P, seq, signal_seq, 0, "the signal that is settled")                                         \
    F(P, seq, consensus_seq, 0, "its consensus")                                                   \
    F(P, seq, case_seq, 0, "conflict_cases message that opened it; 0 = settled at once by rules")  \
    F(P, seq, opinion_seq, 0, "arbiter_opinions message that is followed; 0 = none")               \
    F(P, u8, leverage_cap, 0, "0 = unchanged")                                                     \
    F(P, enum, action, resolution, "how it is settled")                                            \
    F(P, u8, count, 0, "conflicts that follow")                                                    \
    F(P, reserved, reserved, 13, "")                                                               \
    F(P, text, arbiter, 32, "who decided")                                                         \
    F(P, text, reasoning, 128, "why")                                                              \
    F(P, list, conflicts, conflict_item, "what conflicted")
#define TT_FIELDS_conflict_case(F, P)                                                              \
    F(P, ratio, confidence, 0, "of the signal after consensus")                                    \
    F(P, ratio, size_pct, 0, "size that is asked for, in percent of equity")                       \
    F(P, price, entry_price, 0, "0 = market")                                                      \
    F(P, price, stop_loss, 0, "0 = none")                                                          \
    F(P, price, take_profit, 0, "0 = none")                                                        \
    F(P, seq, case_seq, 0, "message that opened the case; 0 in that message itself")               \
    F(P, seq, signal_seq, 0, "the signal to settle")                                               \
    F(P, seq, consensus_seq, 0, "its consensus")                                                   \
    F(P, seq, subject_seq, 0, "call, opinion or command that led to this stage; 0 = none")         \
    F(P, time, deadline, 0, "when this stage ends by itself; null = at once")                      \
    F(P, enum, stage, case_stage, "what happened")                                                 \
    F(P, enum, action, action, "what the signal asks for")                                         \
    F(P, u8, leverage, 0, "leverage that is asked for")                                            \
    F(P, u8, arbiter, 0, "place of the arbiter in the chain, from 0")                              \
    F(P, u8, count, 0, "conflicts that follow")                                                    \
    F(P, reserved, reserved, 3, "")                                                                \
    F(P, text, name, 32, "arbiter or person")                                                      \
    F(P, text, reason, 128, "why")                                                                 \
    F(P, list, conflicts, conflict_item, "what conflicts")
#define TT_FIELDS_trade_proposal(F, P)                                                             \
    F(P, money, size, 0, "notional in account currency")                                           \
    F(P, ratio, size_pct, 0, "of equity; used when size is 0")                                     \
    F(P, price, entry_price, 0, "0 = market")                                                      \
    F(P, price, stop_loss, 0, "0 = none")                                                          \
    F(P, price, take_profit, 0, "0 = none")                                                        \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, ratio, ta_confidence, 0, "-1 = none")                                                     \
    F(P, ratio, sentiment_confidence, 0, "-1 = none")                                              \
    F(P, ratio, size_reduction_pct, 0, "from the arbiter")                                         \
    F(P, ratio, size_multiplier, 0, "from the regime; 1 = none")                                   \
    F(P, seq, signal_seq, 0, "the signal that is proposed; 0 = none")                              \
    F(P, seq, consensus_seq, 0, "its consensus; 0 = none")                                         \
    F(P, seq, conflict_seq, 0, "0 = no conflict")                                                  \
    F(P, u8, leverage, 0, "at least 1")                                                            \
    F(P, enum, kind, proposal_kind, "entry, close or rebalance")                                   \
    F(P, enum, side, side, "buy or sell")                                                          \
    F(P, enum, regime, regime, "regime in force")                                                  \
    F(P, enum, entry_strictness, strictness, "strictness of that regime")                          \
    F(P, enum, exit_reason, exit_reason, "for closes")                                             \
    F(P, flag, is_opposed, 0, "TA and sentiment take opposite sides, and nobody settled it")       \
    F(P, flag, is_stop_entry, 0, "the entry waits until the market has come to entry_price")       \
    F(P, ratio, hold_reduction_pct, 0,                                                             \
      "held instead of modified when risk takes more than this share; 0 = never held")             \
    F(P, seq, group_seq, 0, "the entry_groups message that it is half of; 0 = alone")              \
    F(P, u64, amended_order_id, 0, "order whose amend is judged, as if it were new; 0 = none")     \
    F(P, qty, amended_qty, 0, "what would be left to fill of that order; 0 = none")
/* Two entries of which the first that fills cancels the other. */
#define TT_FIELDS_entry_group(F, P)                                                                \
    F(P, ratio, size_pct, 0, "of equity, of each entry")                                           \
    F(P, ratio, confidence, 0, "0..1")                                                             \
    F(P, price, upper_entry, 0, "of the entry above: it buys in a breakout, sells in a reversion") \
    F(P, price, upper_stop, 0, "its protective stop; 0 = none")                                    \
    F(P, price, upper_target, 0, "its target; 0 = none")                                           \
    F(P, price, lower_entry, 0, "of the entry below: it sells in a breakout, buys in a reversion") \
    F(P, price, lower_stop, 0, "its protective stop; 0 = none")                                    \
    F(P, price, lower_target, 0, "its target; 0 = none")                                           \
    F(P, enum, style, group_style, "stops that wait for a move, or limits that wait for its end")  \
    F(P, u8, leverage, 0, "at least 1")                                                            \
    F(P, reserved, reserved, 14, "")
#define TT_FIELDS_entry_group_event(F, P)                                                          \
    F(P, seq, group_seq, 0, "the entry_groups message that it is about")                           \
    F(P, u64, first_order_id, 0, "entry that was proposed first, the upper one; 0 = not sent")     \
    F(P, u64, second_order_id, 0, "the lower one; 0 = not sent")                                   \
    F(P, u64, winner_order_id, 0, "the entry that filled first; 0 = none yet")                     \
    F(P, u64, order_id, 0, "order that led to the change; 0 = none")                               \
    F(P, enum, old_state, group_state, "before")                                                   \
    F(P, enum, new_state, group_state, "after")                                                    \
    F(P, reserved, reserved, 6, "")                                                                \
    F(P, text, reason, 128, "why")
#define TT_FIELDS_coordinator_command(F, P)                                                        \
    F(P, u64, request_id, 0, "chosen by the sender; the reply carries it")                         \
    F(P, enum, command, command, "what is asked")                                                  \
    F(P, enum, task, task, "task meant by enable, disable, force_run")                             \
    F(P, enum, role, role, "what he who asks may do; none = he asks at this machine")              \
    F(P, reserved, reserved, 5, "")                                                                \
    F(P, text, actor, 32, "who asks")                                                              \
    F(P, text, reason, 96, "why")                                                                  \
    F(P, u64, subject_seq, 0, "conflict_cases message, position or order meant; else 0")           \
    F(P, reserved, reserved_2, 8, "")                                                              \
    F(P, price, stop_loss, 0, "of a position that is protected by hand; 0 = as it is")             \
    F(P, price, take_profit, 0, "likewise")                                                        \
    F(P, ratio, size_pct, 0, "of each entry of a group, in percent of equity")                     \
    F(P, price, upper_entry, 0, "of a group of entries, as in entry_groups")                       \
    F(P, price, upper_stop, 0, "likewise")                                                         \
    F(P, price, upper_target, 0, "likewise")                                                       \
    F(P, price, lower_entry, 0, "likewise")                                                        \
    F(P, price, lower_stop, 0, "likewise")                                                         \
    F(P, price, lower_target, 0, "likewise")                                                       \
    F(P, enum, style, group_style, "likewise")                                                     \
    F(P, u8, leverage, 0, "likewise; 0 = 1")                                                       \
    F(P, source, budget_source, 0, "whose budget is reserved or released")                         \
    F(P, reserved, reserved_3, 12, "")                                                             \
    F(P, money, amount, 0,                                                                         \
      "of a budget, 0 = all that is reserved; of a difference from the venue that is acknowledged")\
    F(P, qty, qty, 0, "total quantity of an order that is amended; 0 = as it is")                  \
    F(P, price, price, 0, "its limit price; 0 = as it is")                                         \
    F(P, price, trigger_price, 0, "its stop trigger; 0 = as it is")
#define TT_FIELDS_command_reply(F, P)                                                              \
    F(P, u64, request_id, 0, "of the command")                                                     \
    F(P, enum, command, command, "of the command")                                                 \
    F(P, enum, status, reply_status, "whether it was done")                                        \
    F(P, reserved, reserved, 6, "")                                                                \
    F(P, text, message, 128, "what was done, or why not")
#define TT_FIELDS_notification(F, P)                                                               \
    F(P, enum, severity, severity, "how bad it is")                                                \
    F(P, reserved, reserved, 15, "")                                                               \
    F(P, text, message, 240, "what a person must know")
#define TT_FIELDS_position_command(F, P)                                                           \
    F(P, ratio, reduce_pct, 0, "share to reduce, for reduce")                                      \
    F(P, ratio, stop_pct, 0, "farthest stop in percent of the mark, for tighten_stops")            \
    F(P, enum, command, position_command_type, "what to do")                                       \
    F(P, enum, reason, exit_reason, "why the position ends")                                       \
    F(P, reserved, reserved, 14, "")
// clang-format on

#endif
