/* What a model wrote about a page, as blocks for the result tree: plain text, or Markdown with HTML tables and LaTeX.
 * What is malformed is repaired, each repair is recorded, and no text that stands for ink is dropped. */
#ifndef OCRVL_MARKUP_MARKUP_H
#define OCRVL_MARKUP_MARKUP_H

#include "markup/markup_tree.h"

/* A code in lower_snake_case and a sentence, for ocrvl_builder_warn. Never NULL. */
const char *ocrvl_markup_repair_code(ocrvl_markup_repair repair);
const char *ocrvl_markup_repair_message(ocrvl_markup_repair repair);

/* Any bytes are taken; an ill-formed part counts as one code point, U+FFFD, and so does a NUL. Time and memory are in
 * proportion to len. OCRVL_E_LIMIT: over 64 MiB.
 *
 * Markdown is CommonMark with pipe tables, footnotes, ~~strike~~ and LaTeX, bent to pages:
 * - Line breaks inside paragraphs are lines of the page and stay ('\n').
 * - Marks of emphasis, code, links (to what looks like an address) and images go, their text stays; * and _ between
 * letters or digits, and brackets of all else ("[illegible]"), stay. Inline LaTeX stays as it is, with its $ or \( \).
 * - <sup> and <sub> become Unicode superscripts and subscripts where all of their characters have one ("10<sup>6</sup>"
 *   must not become 106), else plain text; [^1] becomes a superscript 1. Tags that are no known HTML stay as text.
 * - $$...$$, \[...\] and \begin{equation} and its like at a line's begin are formulas.
 * - A setext heading has one line, or is underlined with "=". A line without pipe ends a pipe table. Lines of
 *   two pipes or more without a rule below the first are a table as well if all of a paragraph's lines are such.
 * - A fence around it all (```markdown) is taken off.
 * - A table that nothing closes ends at a blank line, if not within a cell that is closed later.
 * - "Figure 1: ..." right after a figure is a caption; the first or last block, if not the only one, is a page number
 * if it is "12", "- 12 -", "[12]", "Page 3" or "Page 3 of 9" (also in a few other languages). No other role is guessed,
 * but <header>, <footer>, <page_number>, <caption> and such elements give theirs; <watermark> and <signature> are
 * "other".
 * - Lists and quotes nest 16 deep; what is deeper is text. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_markup_parse(ocrvl_markup **out, const char *text, size_t len,
                                                 ocrvl_markup_mode mode, ocrvl_error *err);
void ocrvl_markup_free(ocrvl_markup *m);

#endif
