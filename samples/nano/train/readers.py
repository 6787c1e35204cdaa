"""The readers that this recipe trains: the letters that each writes, the languages and the fonts it is taught with."""
import re
from dataclasses import dataclass
from functools import cached_property

RTL = re.compile("[\u0590-\u06ff]")
SIGNS = "–—‘’‚“”„†‡•…‰‹›€™−≤≥≠≈×÷←↑→↓√∞■□●○✓"


def span(*ranges):
    return [chr(i) for a, b in ranges for i in range(a, b + 1)]


def coded(codec, lead, trail):
    """The characters of a two-byte code whose bytes are in these ranges."""
    out = []
    for a in range(lead[0], lead[1] + 1):
        for b in range(trail[0], trail[1] + 1):
            try:
                out.append(bytes((a, b)).decode(codec))
            except UnicodeDecodeError:
                pass
    return [c for c in out if len(c) == 1]


def european():
    return (span((0xA1, 0xAC), (0xAE, 0xFF), (0x100, 0x17F)) + list("ƒơƯưƠȘșȚțǎǍ")
            + list("ΆΈΉΊΌΎΏΐΰ") + span((0x391, 0x3A1), (0x3A3, 0x3CE))
            + span((0x400, 0x45F)) + list("ҐґҒғҚқҢңҮүҰұҲҳӘәӨө")
            + span((0x1EA0, 0x1EF9)) + list("ẞ")                        # Vietnamese
            + list("–—‘’‚“”„†‡•…‰‹›€№™−≤≥≠≈×÷←↑→↓√∞■□●○✓ﬁﬂ"))


def eastern():
    """Kana, the 2,350 syllables of KS X 1001, and the ideographs of GB 2312, Big5's first plane and JIS X 0208; rarer ones are spelt in bytes."""
    han = (coded("gb2312", (0xB0, 0xF7), (0xA1, 0xFE)) + coded("big5", (0xA4, 0xC6), (0x40, 0xFE)) + coded("euc_jp", (0xB0, 0xF4), (0xA1, 0xFE)))
    return (span((0x3041, 0x3096), (0x30A1, 0x30FA), (0x3131, 0x3163)) + list("‧ーゝゞヽヾ々〆〇・、。〈〉《》「」『』【】〔〕〜～！（），．：；？％＆＋／＝￥￦·°±§©®¥£№℃㎡㎏㎝㈱〒※▲△▼▽◆◇★☆◎")
            + span((0x2460, 0x2473)) + list(SIGNS) + list("àâäçèéêëîïñôöùûüÄÖÜßɑ")
            + coded("euc_kr", (0xB0, 0xC8), (0xA1, 0xFE)) + [c for c in han if "\u4e00" <= c <= "\u9fff"])


def semitic():
    """Arabic as Arabic, Persian and Urdu write it, Hebrew, the points of both, and both kinds of Eastern figures."""
    return (span((0x5B0, 0x5BD), (0x5BE, 0x5C2), (0x5D0, 0x5EA), (0x5F3, 0x5F4)) + list("،؛؟٪٫٬ـٰ٭۔﷼\u200c")
            + span((0x621, 0x63A), (0x641, 0x64A), (0x64B, 0x652), (0x653, 0x655), (0x660, 0x669), (0x6F0, 0x6F9)) + list("ٱٹپچڈڑژکگںھہۂۃیۓےۀ")
            + list("°±§©®«»·¼½¾£₪") + list(SIGNS) + list("àâäçèéêëîïôöùûüÄÖÜß"))


@dataclass(frozen=True)
class Reader:
    name: str
    beyond_ascii: tuple                    # its letters beyond ASCII, in the order of their tokens
    languages: frozenset                   # of its texts; none given: all that its letters can spell
    probes: str                            # a font is one of its own that has one of these
    held: str                              # families that are kept for judging
    glue: str = " "                        # what stands between the units that a line is cut at
    rtl: bool = False
    weights: tuple = ()                    # (language, weight) of those that aren't 1; word lists' is 0.3
    columns: float = 0.0                   # share of lines that stand upright on the page, turned a quarter to the left
    least: int = 12                        # letters of a snippet
    scripts: tuple = ("Latn", "Grek", "Cyrl")   # what its ocrvl.json says that it reads

    @cached_property
    def letters(self):
        return frozenset(map(chr, range(0x20, 0x7F))) | frozenset(self.beyond_ascii)

    def parts(self, text):
        return text.split(" ") if self.glue else list(text)

    def whole(self, parts):
        return self.glue.join(parts)

    def as_seen(self, text):
        """The letters from left to right, without what isn't seen; a line without a letter that runs to the left runs to the right."""
        if not self.rtl or not RTL.search(text):
            return text
        from bidi.algorithm import get_display
        return get_display(text.replace("\u200c", ""), base_dir="R")


def once(letters):
    return tuple(dict.fromkeys(c for c in letters if ord(c) > 0x7F))


NANO = Reader("nano", once(european()), frozenset(), "аăế",
              r"(?i)caladea|crimson|fira-sans|im-fell-dw|vollkorn|cousine|patrick-hand|spectral|AveriaSerif|national|playfair|unifrakturcook|b612|lindenhill",
              weights=(("en", 12.0), ("de", 4.0), ("fr", 4.0), ("es", 4.0), ("it", 3.0)))
EAST = Reader("nano-east", once(eastern()), frozenset("zh_CN zh_TW ja ko en words-zh words-zh_CN words-zh_TW words-ja words-ko words-en".split()), "一かが가",
              r"(?i)wqy-zenhei|cwtexfs|gkai00mp|motoya|sawarabi|baekmuk|unpilgi", glue="", weights=(("en", 0.5),), columns=0.25, least=4,
              scripts=("Hans", "Hant", "Jpan", "Kore"))
ARAB = Reader("nano-arab", once(semitic()), frozenset("ar fa ur he en words-ar words-fa words-ur words-he words-en".split()), "بא",
              r"(?i)scheherazade|nazli|kacst-?(naskh|book)|paktype|david|frank|taamey|el-messiri|assistant", rtl=True, weights=(("en", 0.4),), least=6,
              scripts=("Arab", "Hebr"))
READERS = {r.name: r for r in (NANO, EAST, ARAB)}


def add_option(parser):
    parser.add_argument("--reader", choices=sorted(READERS), default="nano", help="whose alphabet, languages and fonts")
