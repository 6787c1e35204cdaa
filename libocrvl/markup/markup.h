/* Parses what a model wrote about a page to blocks for the result tree: plain text, or Markdown with HTML tables and
 * LaTeX. Malformed markup is repaired, each repair is recorded, and text that stands for ink is never dropped. */
#ifndef OCRVL_MARKUP_MARKUP_H
#define OCRVL_MARKUP_MARKUP_H

#include "markup/markup_tree.h"

/* A repair's code in lower_snake_case and its message, for ocrvl_builder_warn. Never NULL. */
const char *ocrvl_markup_repair_code(ocrvl_markup_repair repair);
const char *ocrvl_markup_repair_message(ocrvl_markup_repair repair);

/* Accepts any bytes; an ill-formed part counts as one code point, U+FFFD, and so does a NUL. Takes time and memory in
 * proportion to len. Fails with OCRVL_E_LIMIT for texts over 64 MiB.
 *
 * Markdown is CommonMark with pipe tables, footnotes, ~~strike~~ and LaTeX, adapted to pages:
 * - Line breaks inside paragraphs are lines of the page and stay ('\n').
 * - The marks of emphasis, code, links (to something like an address) and images are removed and their text stays; *
 *   and _ between letters or digits stay, and so do all other brackets ("[illegible]"). Inline LaTeX stays as it is,
 *   with its $ or \( \).
 * - <sup> and <sub> become Unicode superscripts and subscripts if all of their characters have one ("10<sup>6</sup>"
 *   must not become 106), and plain text otherwise; [^1] becomes a superscript 1. Tags that are not known HTML stay as
 *   text.
 * - $$...$$, \[...\], and environments such as \begin{equation} are formulas if they begin a line.
 * - A setext heading has one line, or is underlined with "=". A line without a pipe ends a pipe table. Lines of two
 *   pipes or more without a rule below the first are also a table if all lines of the paragraph are such lines.
 * - A fence around the whole text (```markdown) is removed.
 * - A table that is never closed ends at a blank line, unless that is within a cell that is closed later.
 * - "Figure 1: ..." right after a figure is a caption; the first or last of several blocks is a page number if it is
 *   "12", "- 12 -", "[12]", "Page 3" or "Page 3 of 9" (also in a few other languages). No other role is guessed;
 *   <img>...</img> is a figure with its description, elements such as <header>, <footer>, <page_number> and <caption>
 *   give theirs, and <watermark> and <signature> are "other".
 * - Lists and quotes nest up to 16 deep; what is nested deeper is text. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_markup_parse(ocrvl_markup **out, const char *text, size_t len,
                                                 ocrvl_markup_mode mode, ocrvl_error *err);
void ocrvl_markup_free(ocrvl_markup *m);

#endif
