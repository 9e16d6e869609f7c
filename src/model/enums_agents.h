/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Enumerations of agents and of what they say.
 */
#ifndef TT_MODEL_ENUMS_AGENTS_H
#define TT_MODEL_ENUMS_AGENTS_H

// clang-format off
#define TT_ENUM_task(E)                                                                            \
    E(task, TA_ANALYSIS, "ta_analysis")                                                            \
    E(task, REGIME_DETECTION, "regime_detection")                                                  \
    E(task, SENTIMENT_ANALYSIS, "sentiment_analysis")                                              \
    E(task, TRADING_DECISION, "trading_decision")                                                  \
    E(task, PORTFOLIO_CHECK, "portfolio_check")
#define TT_ENUM_agent(E)                                                                           \
    E(agent, TECHNICAL_ANALYSIS, "technical_analysis")                                             \
    E(agent, REGIME_DETECTION, "regime_detection")                                                 \
    E(agent, SENTIMENT_ANALYSIS, "sentiment_analysis")                                             \
    E(agent, TRADING_DECISION, "trading_decision")                                                 \
    E(agent, PORTFOLIO_REBALANCE, "portfolio_rebalance")                                           \
    E(agent, ARBITER, "arbiter")
#define TT_ENUM_answer_status(E)                                                                   \
    E(answer_status, OK, "ok")                                                                     \
    E(answer_status, NO_OPINION, "no_opinion")                                                     \
    E(answer_status, ERROR, "error")                                                               \
    E(answer_status, TIMEOUT, "timeout")                                                           \
    E(answer_status, INVALID, "invalid")
#define TT_ENUM_trend(E)                                                                           \
    E(trend, NEUTRAL, "neutral")                                                                   \
    E(trend, BULLISH, "bullish")                                                                   \
    E(trend, BEARISH, "bearish")
#define TT_ENUM_bias(E)                                                                            \
    E(bias, NEUTRAL, "neutral")                                                                    \
    E(bias, LONG, "long")                                                                          \
    E(bias, SHORT, "short")
#define TT_ENUM_rsi_signal(E)                                                                      \
    E(rsi_signal, NEUTRAL, "neutral")                                                              \
    E(rsi_signal, OVERSOLD, "oversold")                                                            \
    E(rsi_signal, OVERBOUGHT, "overbought")
#define TT_ENUM_macd_signal(E)                                                                     \
    E(macd_signal, NEUTRAL, "neutral")                                                             \
    E(macd_signal, BULLISH_CROSS, "bullish_cross")                                                 \
    E(macd_signal, BEARISH_CROSS, "bearish_cross")                                                 \
    E(macd_signal, BULLISH, "bullish")                                                             \
    E(macd_signal, BEARISH, "bearish")
#define TT_ENUM_level_position(E)                                                                  \
    E(level_position, MID_RANGE, "mid_range")                                                      \
    E(level_position, NEAR_SUPPORT, "near_support")                                                \
    E(level_position, NEAR_RESISTANCE, "near_resistance")
#define TT_ENUM_regime(E)                                                                          \
    E(regime, UNKNOWN, "unknown")                                                                  \
    E(regime, TRENDING_BULL, "trending_bull")                                                      \
    E(regime, TRENDING_BEAR, "trending_bear")                                                      \
    E(regime, RANGING, "ranging")                                                                  \
    E(regime, VOLATILE_BULL, "volatile_bull")                                                      \
    E(regime, VOLATILE_BEAR, "volatile_bear")                                                      \
    E(regime, CHOPPY, "choppy")                                                                    \
    E(regime, BREAKOUT_POTENTIAL, "breakout_potential")
#define TT_ENUM_volatility(E)                                                                      \
    E(volatility, LOW, "low")                                                                      \
    E(volatility, NORMAL, "normal")                                                                \
    E(volatility, HIGH, "high")                                                                    \
    E(volatility, EXTREME, "extreme")
#define TT_ENUM_volume_profile(E)                                                                  \
    E(volume_profile, STABLE, "stable")                                                            \
    E(volume_profile, DECREASING, "decreasing")                                                    \
    E(volume_profile, INCREASING, "increasing")                                                    \
    E(volume_profile, SPIKE, "spike")
#define TT_ENUM_strictness(E)                                                                      \
    E(strictness, NORMAL, "normal")                                                                \
    E(strictness, RELAXED, "relaxed")                                                              \
    E(strictness, STRICT, "strict")                                                                \
    E(strictness, VERY_STRICT, "very_strict")
#define TT_ENUM_sentiment_bias(E)                                                                  \
    E(sentiment_bias, NEUTRAL, "neutral")                                                          \
    E(sentiment_bias, VERY_BEARISH, "very_bearish")                                                \
    E(sentiment_bias, BEARISH, "bearish")                                                          \
    E(sentiment_bias, BULLISH, "bullish")                                                          \
    E(sentiment_bias, VERY_BULLISH, "very_bullish")
#define TT_ENUM_action(E)                                                                          \
    E(action, HOLD, "HOLD")                                                                        \
    E(action, BUY, "BUY")                                                                          \
    E(action, SELL, "SELL")                                                                        \
    E(action, CLOSE_LONG, "CLOSE_LONG")                                                            \
    E(action, CLOSE_SHORT, "CLOSE_SHORT")
#define TT_ENUM_portfolio_action(E)                                                                \
    E(portfolio_action, NO_ACTION, "no_action")                                                    \
    E(portfolio_action, REBALANCE, "rebalance")
/* What starts a turn of a task. */
#define TT_ENUM_task_start(E)                                                                      \
    E(task_start, INTERVAL, "interval")                                                            \
    E(task_start, BAR, "bar")
#define TT_ENUM_llm_protocol(E)                                                                    \
    E(llm_protocol, OPENAI, "openai")                                                              \
    E(llm_protocol, ANTHROPIC, "anthropic")
// clang-format on

#endif
