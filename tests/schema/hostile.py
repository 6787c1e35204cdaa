"""Pages of text that writers trip over, as ocrvl.page/1: a line each.

usage: hostile.py [--markup]     --markup: only the pages of what Markdown takes for markup
"""
import json
import sys

CONTROLS = ["".join(map(chr, [*range(1, 10), *range(11, 32)])), "".join(map(chr, range(127, 160))),
            "\ufeff\ufffe\uffff\ufdd0\U0001ffff\U0010fffe", "\u2028\u2029\u0085\u000b\u000c", "]]> --> <![CDATA[ &#0; </span>"]
BIDI = ["\u202e unpaired", "\u2066 a \u202b b", "\u2069\u202c", "\u202d\u2067 \u05d0"]
MARKUP = [
    "# a", "> a", "- a", "+ a", "* a", "1. a", "1) a", "---", "***", "===", "___", "```a```", "~~~ x", "    indented", "| a | b |", "|---|---|",
    "<b>a</b>", "<!-- x", "<script>", "&amp; &#65; &copy; &x; &", "[a](http://x)", "![a](x)", "*a* **b** _c_ __d__", "~~a~~", "$x$ $$y$$",
    "\\* \\\\ \\", "a\\", "http://example.com www.example.com a@b.co", "[^1]: note", "[^1]", "[x] todo", "- [ ] todo", "Term\n: def", "<http://a.b>",
    "*", "_", "`", "``", "a`b``c", "#", "##", "1.", "-", "+", "a_b_c", "a*b*c", "<", "<a", "</", "<?x", "\"'`", "\\(x\\) \\[y\\]", "||", "a|b",
    "a\n===", "a\n---", "a\n- b", "a\n1. b", "a\n2. b", "a\n> b", "a\n# b", "a\n```\nb", "a\n<div>b", "a\n***", "a\n|b|c|\n|-|-|", "![", "[", "]",
    "[]()", "[a]: http://x", "[a]: <x> \"t\""]
LARGE = ["\u4e00" * 350000, "a" * 1048576, "w " * 20000 + "w"]
NAME = "a\"b;c'd&<e>\n\t%41 .png"


def line(text):
    return {"text": text, "geometry": "none", "confidence": None}


def page(index, texts, kind="paragraph", file="a.png"):
    blocks = [{"id": f"b{i}", "type": kind, "text": text, "geometry": "none", "confidence": None, "lines": [line(t) for t in text.split("\n")]}
              for i, text in enumerate(texts)]
    return {"schema": "ocrvl.page/1", "generator": {"name": "ocrvl", "version": "0"},
            "source": {"file": file, "media_type": "image/png", "pages": None},
            "page": {"index": index, "width": 1000, "height": 1000, "rotation": 0}, "status": "ok", "confidence": None, "text": "", "blocks": blocks}


def main():
    if len(sys.argv) > 1:
        pages = [page(i, MARKUP, kind) for i, kind in enumerate(("paragraph", "heading", "footnote"))]
    else:
        pages = [page(0, CONTROLS), page(1, BIDI), page(2, MARKUP), page(3, MARKUP, "list_item"), page(4, LARGE), page(5, ["x"], file=NAME)]
    for p in pages:
        print(json.dumps(p))


if __name__ == "__main__":
    main()
