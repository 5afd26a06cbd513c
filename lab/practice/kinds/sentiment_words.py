"""What a word of a review counts for: the VADER lexicon, and some words of reviews that it lacks.

VADER is by C. J. Hutto and E. Gilbert (ICWSM 2014). Its mean ratings run from -4 to 4 and are halved here. Its
words lie in vader.tsv, with their licence; its package would bring a client for the network along.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

# A star stands for any ending.
_PRAISE = """
authentic* cosy crisp* decent deft* fast favour* gripping luxur* memorable moving patient* poignan* polite*
quick* reliab* riveting* sharp* smooth* spotless* sturdy tasty tender* vivid*
"""
_BLAME = """
bland* bug* cheap* clich* clumsy clutter* cramped crash* damp dated drag* drear* expensive filth* flat flimsy
greas* late leak* loud* lukewarm mediocr* nightmar* nois* overpric* predictab* pretentio* silly slow* smelly stale
stiff tedi* unbearab* uneven
"""
# These tell of the plot or the thing, not of what the writer thinks of it.
_NOUGHT = "lately like novel number play"
_LONGEST_WORD = 40
_ENDINGS = ("ly", "ness", "s", "ed", "d", "ing", "er", "est", "y")


def _valued(words: str, value: float) -> dict[str, float]:
    return dict.fromkeys(words.split(), value)


@lru_cache(maxsize=1)
def _lexicon() -> Mapping[str, float]:
    lines = files("lab.practice.kinds").joinpath("vader.tsv").read_text(encoding="utf-8").splitlines()
    rated = (line.split("\t") for line in lines if not line.startswith("#"))
    general = {word: float(rating) / 2 for word, rating in rated}
    return general | _valued(_PRAISE, 1.0) | _valued(_BLAME, -1.0) | _valued(_NOUGHT, 0.0)


def _listed(word: str) -> float | None:
    lexicon = _lexicon()
    if word in lexicon:
        return lexicon[word]
    return next((lexicon[f"{word[:end]}*"] for end in range(len(word), 2, -1) if f"{word[:end]}*" in lexicon), None)


def _inflected(word: str) -> float:
    if (listed := _listed(word)) is not None:
        return listed
    cut = (_listed(word.removesuffix(end)) for end in _ENDINGS if word.endswith(end) and len(word) > len(end) + 3)
    return next((value for value in cut if value), 0.0)


def weight(word: str) -> float:
    """Return what a lower-case word counts for, from -2 to 2: above 0 praise, below 0 blame, 0 neither."""
    return _weight(word) if len(word) <= _LONGEST_WORD else 0.0


@lru_cache(maxsize=8192)
def _weight(word: str) -> float:
    if _listed(word) is None and word.endswith("less") and len(word) > 6:
        return -1.0
    if _listed(word) is None and word.startswith("un") and len(word) > 6 and (rest := _inflected(word[2:])):
        return -abs(rest)
    return _inflected(word)
