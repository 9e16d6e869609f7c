/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A chain as JSON, for machines.
 */
#include "model/message_json.h"
#include "report/render.h"
#include "report/trace.h"

#include <inttypes.h>
#include <stdlib.h>

tutti_status
tt_trace_print_json(FILE *out, const tt_trace *trace, const tt_instruments *instruments)
{
    char *line = malloc(TT_MESSAGE_JSON_MAX);
    if (line == NULL) {
        return TUTTI_NO_MEMORY;
    }
    fprintf(
        out,
        "{\"id\": %" PRIu64 ", \"was_cut\": %s, \"chain\": [",
        trace->count == 0 ? 0 : trace->links[0].msg->seq,
        trace->was_cut ? "true" : "false");
    for (uint32_t i = 0; i < trace->count; i++) {
        const tt_trace_link *link = &trace->links[i];
        tt_text_buf text;
        tt_text_init(&text, line, TT_MESSAGE_JSON_MAX);
        tt_msg_to_json_by(trace->registry, link->msg, instruments, &text);
        fprintf(out, "%s\n  {\"role\": ", i == 0 ? "" : ",");
        tt_render_json_text(out, link->role);
        fprintf(out, ", \"depth\": %d, \"message\": %s}", link->depth, line);
    }
    fputs("\n]}\n", out);
    free(line);
    return TUTTI_OK;
}
