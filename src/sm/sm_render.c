/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * State machines as text, for the documents.
 */
#include "sm/sm.h"

/* What the guard of a row says; empty without one. */
static void append_guard(const tt_sm_def *def, const tt_sm_row *row, tt_text_buf *out)
{
    if (row->guard == 0) {
        return;
    }
    if (def->guards) {
        tt_text_append_text(out, def->guards[row->guard - 1]);
    } else {
        tt_text_appendf(out, "guard %u", row->guard);
    }
}

void tt_sm_render_markdown(const tt_sm_def *def, tt_text_buf *out)
{
    tt_text_appendf(
        out, "| %s: in state | on | goes to | if |\n| --- | --- | --- | --- |\n", def->name);
    for (uint8_t i = 0; i < def->row_count; i++) {
        const tt_sm_row *row = &def->rows[i];
        tt_text_appendf(
            out,
            "| %s | %s | %s%s | ",
            def->states[row->from],
            def->events[row->event],
            def->states[row->to],
            tt_sm_is_final(def, row->to) ? " (end)" : "");
        append_guard(def, row, out);
        tt_text_append_text(out, " |\n");
    }
}

void tt_sm_render_dot(const tt_sm_def *def, tt_text_buf *out)
{
    tt_text_appendf(out, "digraph \"%s\" {\n  rankdir=LR;\n", def->name);
    for (uint8_t state = 0; state < def->state_count; state++) {
        tt_text_appendf(
            out,
            "  \"%s\" [shape=%s%s];\n",
            def->states[state],
            tt_sm_is_final(def, state) ? "doublecircle" : "ellipse",
            state == def->initial ? ", style=bold" : "");
    }
    for (uint8_t i = 0; i < def->row_count; i++) {
        const tt_sm_row *row = &def->rows[i];
        tt_text_appendf(
            out,
            "  \"%s\" -> \"%s\" [label=\"%s",
            def->states[row->from],
            def->states[row->to],
            def->events[row->event]);
        if (row->guard != 0) {
            tt_text_append_text(out, " if ");
            append_guard(def, row, out);
        }
        tt_text_append_text(out, "\"];\n");
    }
    tt_text_append_text(out, "}\n");
}
