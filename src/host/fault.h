/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Fault points: places where a test can make the process die, as kill -9 would. They exist only in
 * builds with the option `fault_points`; in others they are nothing.
 *
 * The environment variable TUTTI_FAULT names the point and the passage at which it strikes:
 * `before_send:3`.
 *
 *     | point         | what has happened                          | what has not | | before_commit
 * | a step was appended                        | it is durable                   | | after_commit
 * | a step is durable                          | anyone knows it                 | | before_send |
 * the intent is durable                      | the exchange has it             | | after_accept  |
 * the exchange has the order                 | the core has heard of it        | | before_report |
 * the exchange has filled or answered        | the core has the report         | | before_store  |
 * steps were applied to the read model       | its transaction is committed    | | in_snapshot   |
 * the journal is committed                   | the snapshot is written         |
 */
#ifndef TT_HOST_FAULT_H
#define TT_HOST_FAULT_H

#ifdef TUTTI_FAULT_POINTS
/** Kills the process when the environment says so. @thread{any} */
void tt_fault_strike(const char *point);
#define TT_FAULT_POINT(point) tt_fault_strike(point)
#else
#define TT_FAULT_POINT(point) ((void)0)
#endif

#endif
