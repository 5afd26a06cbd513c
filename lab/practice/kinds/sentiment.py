"""Reviews, positive or negative: what an instruction may have to say, and how it is said."""

from __future__ import annotations

import re

from lab.i18n import gettext_lazy
from lab.practice.chance import pick
from lab.practice.kind import FORMAT, Kind, Skill, any_of
from lab.practice.kinds.one_label import another, format_skill, labels_named, worded
from lab.practice.kinds.sentiment_rules import evidence, needs, score

_LABELS = ("positive", "negative")
_QUOTE = r"[\"'“‘`]"
_NOT = r"(?:\bnot\b|n't\b|\bnever\b|\bno\b|\bhardly\b)"
_TURN = (
    r"(?:flip|revers|invert|opposite|turn(?:s|ing)? (?:around|it|them|the|praise|criticism)|upside down"
    r"|chang\w* (?:the |its |their )?(?:meaning|sense)|switch)"
)
_BUT = r"\b(?:but|however|although|though|yet|despite)\b"

_NEGATION = any_of(
    r"negat(?!ive|ivity)|double negativ",
    rf"{_NOT}.{{0,90}}{_TURN}|{_TURN}.{{0,90}}{_NOT}",
    r"\bnot (?:\w+ )?(?:bad|good|great|terrible|happy|boring|funny)\b|(?:isn't|wasn't) (?:bad|good|great)",
    rf"(?:words?|terms?) (?:like |such as |as )?{_QUOTE}?(?:not|never|no|n't|hardly|without)\b",
    rf"\b(?:like|such as) {_QUOTE}?(?:not|never|isn't|wasn't|don't|doesn't|hardly)\b",
    rf"\bnegative (?:constructions?|forms?|particles?)\b|{_QUOTE}(?:no|never|hardly|fail(?:s|ed)? to) \w+{_QUOTE}",
    rf"{_QUOTE}(?:not|never|n't|no|isn't|hardly){_QUOTE}|\bnots\b",
)
_CONTRAST = any_of(
    r"contrast|concession|turning point|(?:chang\w*|turn|switch\w*) (?:of |in |the )?(?:direction|course|sides)",
    r"\b(?:last|final|second|closing|later|latter|main) (?:clause|half|part)",
    r"\blat(?:er|ter) (?:one|opinion|remark)|\blater in (?:a|the|each) (?:sentence|review)",
    r"\bconjunctions?\b|\bsecond (?:thing|statement|opinion)",
    rf"\b(?:after|follow\w*|behind|past|beyond|preced\w+|before|(?:joined|linked) (?:by|with))\b.{{0,25}}{_BUT}",
    rf"{_QUOTE}(?:but|however|yet|although|though|despite)\b",
    rf"{_BUT}.{{0,40}}\b(?:wins?|counts?|decid\w+|matters?|prevails?|(?:out)?weighs?|overrid\w+|comes)\b",
    r"\b(?:a|the|any|each|every) (?:but|however|although)\b|how (?:a|the) sentence ends",
    r"end of (?:a|the|each) sentence",
)
_SARCASM = any_of(
    r"sarcas|\biron(?:y|ic)|mocking|mockery|exaggerat|tongue.in.cheek|insincer|facetious|\bjok(?:e|es|ing)\b",
    r"opposite of what|face value|\b(?:really|actually|truly) mean|\b(?:true|real|hidden) meaning"
    r"|\bpraise (?:\w+ ){1,2}(?:fake|false|hollow|insincere)|\bsay(?:s|ing)? (?:nice|kind|good)\b.{0,30}\bmean",
    r"(?:fake|false|feigned|hollow|mock) (?:praise|compliment)|literal|pretend",
    r"hyperbol",
    r"praise .{0,30}(?:terrible|bad|absurd|unpleasant) (?:event|fact|thing|experience)",
    r"\bmean(?:s|ing)? the (?:opposite|reverse)",
    r"backhanded|\bsneer|ridicul|\bkidding|\bnot (?:meant|mean) (?:seriously|what)|\bseriously\b|between the lines",
)
_MIXED = any_of(
    r"overall|\bmixed\b|on balance|verdict|\bin the end\b|\bsum(?:s|ming)? up|pros and cons|outweigh|ambivalen",
    r"both (?:good and bad|praise and|sides|positive and negative|likes and)|\bconclu|as a whole|\bas the whole\b",
    r"final (?:judg\w+|opinion|impression|feeling|recommendation|word)",
    r"(?:net|general|total) (?:impression|opinion)",
    r"would (?:\w+ ){0,2}(?:recommend|return|come back|buy)|bottom line|two minds",
    r"weigh\w* (?:the |up |good|all|everything|pros)|\brecommendations?\b",
    r"good (?:and|with|against) (?:the )?bad",
    r"praise (?:and|with) (?:some )?(?:blame|criticism)|whole review",
)

_SKILLS = (
    Skill(
        "negation",
        gettext_lazy("turns negated words round"),
        _NEGATION,
        (
            'A negated word counts the other way: "not bad" is praise.',
            'Mind negation: "not", "never" or "isn\'t" reverse the word that follows.',
            'Words such as "not" and "hardly" turn praise into blame and blame into praise.',
            "If a word is negated, take its opposite.",
            'Read "not" together with its word: "not good" is blame.',
        ),
        (
            "The instructions do not say that a negation reverses the word that follows{quote}.",
            'Words such as "not" or "never" have no effect: the model counts the negated word as it stands{quote}.',
            "It is not said that negated blame is praise and negated praise blame{quote}.",
        ),
        sense=0.55,
    ),
    Skill(
        "contrast",
        gettext_lazy("lets what follows a turn win"),
        _CONTRAST,
        (
            'What comes after "but" or "however" counts more than what comes before it.',
            "Where a sentence has a contrast, its last part decides.",
            'In a sentence with "although" or "but", follow the clause to which the writer turns.',
            "Give way to the final clause when the writer changes direction.",
            "A concession counts less than the main clause.",
        ),
        (
            'The instructions do not say that what follows "but" or "however" outranks what precedes it{quote}.',
            "The model keeps to the beginning of a sentence; nothing tells it that in a contrast the last "
            "part decides{quote}.",
            "Concessions are not dealt with, so the clause with the real opinion loses{quote}.",
        ),
        sense=0.55,
    ),
    Skill(
        "sarcasm",
        gettext_lazy("sees through hollow praise and mock complaint"),
        _SARCASM,
        (
            "Sarcasm means the opposite of what it says.",
            "Watch for irony: exaggerated praise for something unpleasant is blame.",
            "Do not take mocking remarks at face value.",
            "Sarcastic praise counts as blame, and playful mock complaint counts as praise.",
            "A joke about being ill-treated is blame, however friendly it sounds.",
        ),
        (
            "The instructions do not say what to do with sarcasm: the praise is taken for real{quote}.",
            "Irony is not mentioned, and the model takes mocking remarks literally{quote}.",
            "Nothing warns of exaggerated praise that means the opposite of what it says{quote}.",
        ),
        sense=0.5,
    ),
    Skill(
        "mixed",
        gettext_lazy("lets the stated verdict decide"),
        _MIXED,
        (
            "When feelings are mixed, the overall verdict decides.",
            "Weigh up the good and the bad, and go by the final judgement of the writer.",
            "If there is both praise and blame, go by the verdict that the writer gives.",
            "Where a writer is of two minds, what is said on balance decides.",
            "A conclusion such as a recommendation outweighs single remarks.",
        ),
        (
            "The instructions leave open what to do when feelings are mixed and a verdict is given{quote}.",
            "With both praise and blame in one text the model only counts; the overall verdict should "
            "decide{quote}.",
            "It is not said that the final judgement of the writer outweighs single remarks{quote}.",
        ),
        sense=0.55,
    ),
    format_skill(_LABELS),
)

_LITERAL = re.compile(r"literal|face value")
_REFUSED = re.compile(
    r"\b(?:no|not|never|without|avoid|instead|less|ignore\w*|skip)\b|n't\b"
    r"|\brather than (?:\w+ ){0,2}(?:literal|face value)"
)
_FIRST = re.compile(
    r"first (?:impression|sentence|clause|half|words?|part)\b.{0,40}(?:decid|counts?|matters?|wins?)"
    rf"|\bbefore (?:the |a )?{_QUOTE}?but\b.{{0,20}}(?:decid|counts?|matters?|wins?)"
)
_VAGUE = {
    "positive": (
        "It sounds as if the writer had a good time.",
        "Someone is pleased here! Shall I help with a reply?",
    ),
    "negative": (
        "The writer does not seem to be pleased.",
        "That is a pity. Shall I draft an answer to this review?",
    ),
}
_SHORT = {"positive": "pleased", "negative": "displeased"}


def _solve(text: str, on: frozenset[str], instruction: str) -> str:
    feeling = score(text, on)
    if abs(feeling) < 1e-9:
        return pick(_LABELS, "torn", text)
    return "positive" if feeling > 0 else "negative"


def _needs(text: str, answer: str | None) -> frozenset[str]:
    return needs(text)


def _slip(answer: str, text: str, chance: float) -> str:
    return another(_LABELS, answer, chance)


def _word(answer: str, instruction: str, on: frozenset[str], chance: float) -> str:
    if labels_named(_LABELS, instruction) == len(_LABELS):
        return worded(answer, on, chance)
    if FORMAT in on:
        return _SHORT[answer]
    return _VAGUE[answer][int(chance * len(_VAGUE[answer]))]


def _denies(sentence: str) -> frozenset[str]:
    if _REFUSED.search(sentence):
        return frozenset()
    sarcasm = {"sarcasm"} if _LITERAL.search(sentence) else set[str]()
    return frozenset(sarcasm | ({"contrast", "mixed"} if _FIRST.search(sentence) else set()))


KIND = Kind(
    name="sentiment",
    thing="review",
    skills=_SKILLS,
    labels=_LABELS,
    words=(
        (r"\bpositive", 2), (r"\bnegative", 2), (r"sentiment", 2), (r"\breview", 2), (r"favou?rabl", 2),
        (r"\bopinion", 1), (r"\b(?:film|movie|restaurant|hotel)", 1), (r"\b(?:like|dislike)s?\b", 1),
        (r"\bmood|\btone\b|\bfeel", 1), (r"\bcritic\b", 1), (r"\bpraise", 1), (r"emotion", 1),
        (r"\b(?:un)?happy\b|(?:dis|un)?pleased|(?:dis)?satisfied", 1),
    ),
    openings=(
        "Decide whether a review is positive or negative.",
        "Is the writer's opinion positive or negative?",
        "Label the sentiment of the text as positive or negative.",
    ),
    chatter=(
        "The {thing} seems {answer} to me.", "I would say that this is {answer}, on the whole.",
        "{Answer} - that is my impression.", "Sure! The answer is: {Answer}.",
        "This looks like {answer} to me.", "Label: **{Answer}**",
    ),
    explained=(
        "{Answer}. The words of the {thing} point that way, above all at its beginning.",
        "I read it as {answer}, because of the way the writer speaks about it.",
        "Step by step: first the wording, then the mood. My conclusion is {answer}.",
    ),
    evidence=evidence,
    solve=_solve,
    needs=_needs,
    slip=_slip,
    word=_word,
    denies=_denies,
)  # fmt: skip
