"""What a chat model says around a text it was asked for, as patterns: one for each kind of chatter.

All are verbose and are matched in any case; how far each may reach is bounded, so that a long reply costs no more.
"""

from __future__ import annotations

import re

from lab.optimizers.reading.patterns import APOSTROPHE, one_of

__all__ = [
    "AFTERWARDS", "ANNOUNCED", "ECHO_FIRST", "ECHO_LAST", "GREETING", "HEADING", "HERE_IS", "HERE_IS_SENTENCE",
    "LABEL", "LABEL_ELSEWHERE", "MAY_BE_A_PROMPT", "NAMES_A_TEXT", "NAMES_A_TEXT_LAST", "SPEAKS_OF_ITSELF",
]  # fmt: skip


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


# What the text is called, and what is said of it.
_NOUN = one_of(
    "instructions?", "prompts?", "wordings?", "versions?", "variations?", "variants?", "rewrites?", "paraphrases?",
    "rephrasings?", "rewordings?", "alternatives?", "reformulations?", "proposals?", "critiques?", "reasons?",
    "templates?",
)  # fmt: skip
_ADJECTIVE = one_of(
    "new", "improved", "revised", "updated", "rewritten", "reworded", "rephrased", "paraphrased", "better", "final",
    "modified", "refined", "alternative", "optimi[sz]ed", "corrected", "possible", "suggested", "proposed",
    "complete", "different", "single", "varied",
)  # fmt: skip
_NAMED = rf"""
    (?P<adjective>(?:{_ADJECTIVE}[ \t]){{0,3}}) (?:instruction\ |prompt\ |task\ )? {_NOUN} (?:[ \t]\#?\d{{1,2}})?
"""
_BOLD = r"[*_]{0,3}"
_HASHES = r"\#{1,6}[ \t]{1,3}"

# The tags of the question, given back around the answer: "<INS>", "</OUTPUT>".
_TAG_NAME = one_of(
    "INSTRUCTIONS?", "TEXT", "INS", "PROMPTS?", "NEW", "NEW_PROMPT", "NEW_INSTRUCTIONS?", "CRITIQUE", "REASON",
    "SO_FAR", "OUTPUT", "ANSWER", "RESULT", "RESPONSE", "VERSION", "VARIATION", "START", "END", "BEGIN", "STOP",
    "FINISH", "IMPROVED_PROMPT", "REVISED_PROMPT", "FINAL_PROMPT",
)  # fmt: skip
_TAG = rf"<[ \t]{{0,3}}/?{_TAG_NAME}(?:[ _]?\d)?[ \t]{{0,3}}/?>"
ECHO_FIRST = _compiled(rf"\A{_TAG}\s*")
ECHO_LAST = _compiled(rf"\s*{_TAG}\Z")

# A label by itself, or before the text on its line: "**New prompt (shorter):** ".
LABEL = _compiled(
    rf"""
    \A (?:{_HASHES})? (?P<bold>{_BOLD})
    (?:(?:the|my|your|an?|here\ is|here{APOSTROPHE}s)[ \t])?
    {_NAMED} (?:[ \t]\([^)\n]{{0,40}}\))?
    (?: {_BOLD} [ \t]{{0,2}} (?:[:：→]|=>) {_BOLD} [ \t]{{0,4}} \n?
      | [*_]{{1,3}} [ \t]{{0,4}} \n )
    \s*
    """
)

# The same as a heading of its own: "## Improved instruction".
HEADING = _compiled(rf"\A{_HASHES}{_BOLD} (?:(?:the|my|your|an?)[ \t])? {_NAMED} {_BOLD} [:：]? [ \t]{{0,4}} \n\s*")

_SHOWS_ELSEWHERE = one_of(
    "voici\\b", r"hier (?:ist|sind|kommt)\b", r"aquí (?:está|están|tienes|tiene|va)\b", 
    r"aqui (?:está|estão|vai)\b",
    r"ecco(?:lo|la|ti)?\b", r"вот\b", r"här är\b", r"hier is\b", r"oto\b", r"işte\b", "以下(?:是|為)", "下面是",
    "这是", "這是", "以下が", "こちらが", "다음은",
)  # fmt: skip
_NOUN_ELSEWHERE = one_of(
    "指令", "提示词", "提示", "指示", "プロンプト", "バージョン", "지시", "프롬프트", "инструкци", "промпт",
    "anweisung", "instruktion", "instrucci", "instruç", "instru[zc]", "consigne", "version",
)  # fmt: skip
# The same in other languages, on a line of its own that says the text is another one.
_ANOTHER_ELSEWHERE = one_of(
    "umformulierung", "umformuliert", "überarbeitete", "verbesserte", "reformulation", "reformulée",
    "améliorée", "révisée", "reformulada", "mejorada", "riformulata", "migliorata", "melhorada",
    "переформулированн", "улучшенн", "改写后", "改寫後", "改进后", "改進後", "优化后", "修改后",
    "改写(?=[:：])", "言い換え(?=[:：])", "言い換え後", "書き換え後", "改善後", "改善版", "다시 쓴", "개선된",
    "수정된",
)  # fmt: skip
_NEW_ELSEWHERE = one_of(
    r"(?:neue|nouvelle|nueva|nuova|nova|nieuwe|nowa|новая|новый|endgültige|finale?)\s", "新しい", "新的?",
    "最终的?", "最終", "새로운 ", "최종 ",
)  # fmt: skip
LABEL_ELSEWHERE = _compiled(
    rf"""
    \A (?:{_HASHES})? {_BOLD}
    (?: (?=[^\n:：]{{0,40}}{_ANOTHER_ELSEWHERE}) [^\n:：{{}}]{{1,60}} [ \u00a0\u202f]? [:：] {_BOLD} [ \t]{{0,4}} \n
      | {_NEW_ELSEWHERE} {_NOUN_ELSEWHERE} \w{{0,12}} [ \u00a0\u202f]? [:：] {_BOLD} )
    \s*
    """
)

# A word to whoever asked, before anything else: "Sure!", "Got it –".
_GREETS = one_of(
    "sure(?: thing)?", "certainly", "of course", "absolutely", "gladly", "okay", "ok", "alright", "got it",
    "great", "understood", "no problem", "yes", "thanks?(?: you)?", "hello", "hi", "hi there", "natürlich",
    "(?:sehr )?gerne?", "klar", "¡?claro(?: que sí)?", "por supuesto", "com certeza", "bien sûr", "d['’]accord",
    "certo", "certamente", "volentieri", "конечно", "хорошо", "oczywiście", "zeker", "natuurlijk", "självklart",
    "tabii(?: ki)?", "好的", "当然(?:可以)?", "當然", "没问题", "はい", "承知(?:いた)?しました", "かしこまりました",
    "もちろんです", "네", "물론입니다", "알겠습니다",
)  # fmt: skip
GREETING = _compiled(
    rf"\A{_GREETS} (?: [ \u00a0\u202f]? [!,.:—–-]{{1,3}} (?:[ \t]{{1,4}}|\s*\n+) | [！，。、] \s* | \s*\n+ ) (?=\S)"
)

_AS_FOLLOWS_ELSEWHERE = one_of(
    "如下", "以下の?(?:通り|とおり)(?:です)?", "次の?(?:通り|とおり)(?:です)?", "다음과 같습니다", "такова",
    "следующ",
    r"lautet(?: wie folgt)?", "come segue", r"como sigue", "comme suit",
)  # fmt: skip

# A sentence that ends in a colon and shows the text: "Here is a shorter version:".
_SHOWN = one_of(
    _NOUN, _ADJECTIVE, "another", "attempt", "suggestions?", "options?", "try", "what i", "one", "results?",
    "answers?", "outputs?", "response", "json", "yaml", "object",
)  # fmt: skip
HERE_IS = _compiled(
    rf"""
    \A
    (?: here\ {one_of("you go", "it is", "they are", "goes")}\b [^\n:]{{0,40}}
      | (?:here(?:{APOSTROPHE}s|\ is|\ are)|below\ (?:is|are)|this\ is)\b
        [^\n:]{{0,120}} \b{_SHOWN}\b [^\n:]{{0,120}}
      | {_SHOWS_ELSEWHERE} [^\n:：]{{0,120}}
      | (?:the|my)\ (?:critique|reason|criticism|paraphrase|rewording|rephrasing|rewrite)\ is
      | (?=[^\n:：]{{0,80}}{_NOUN_ELSEWHERE}) [^\n:：]{{0,80}} {_AS_FOLLOWS_ELSEWHERE} [^\n:：]{{0,10}}
    )
    [ \u00a0\u202f]? [:：] {_BOLD} (?=\s|\Z|["“«`*]) \s*
    """
)

# The same on a line of its own, without the colon: "Here is the new prompt."
HERE_IS_SENTENCE = _compiled(
    rf"""
    \A (?:here(?:{APOSTROPHE}s|\ is|\ are)|below\ (?:is|are))\b
    [^\n:]{{0,200}} \b{_NOUN}\b [^\n:]{{0,120}} [.!]? [ \t]{{0,4}} \n+ \s*
    """
)

# A longer announcement that ends its line in a colon: "Based on the errors, a better prompt would be:".
_I_DID = one_of(
    f"{APOSTROPHE}(?:ve|d|ll|m)", " have", " would", " will", " suggest", " propose", " aim", " rewrote"
)
ANNOUNCED = _compiled(
    rf"""
    \A (?=[^\n]{{0,600}}\b{_NOUN}\b)
    (?: i{_I_DID}
      | (?:an?|the|my|one)\ (?:{_ADJECTIVE}\b|{_NOUN}\ (?:is|would|could|might|that))
      | looking\ at | based\ on | since | given | considering | after | to\  | by\  | these\  | the\  )
    [^\n]{{0,600}}
    \b(?:would\ be|is|are|be|follows|below|following|this|one|{_NOUN})\b
    [^\n:.]{{0,60}} [:：] {_BOLD} [ \t]{{0,4}} \n\s*
    """
)

# A prompt may begin as an announcement does, "Given the text, ...:"; then more must speak for chatter: a text is
# named last, and the line speaks of the model itself or of what it shows.
MAY_BE_A_PROMPT = _compiled(rf"\A(?: (?:to|by|these|given|since|after|considering)\  | the\ (?!{_ADJECTIVE}\b) )")
NAMES_A_TEXT = _compiled(rf"\b{_NOUN}\b|{_SHOWS_ELSEWHERE}|{_NOUN_ELSEWHERE}")
NAMES_A_TEXT_LAST = _compiled(rf"\b{_NOUN}\b[^\n]{{0,80}}\Z")
SPEAKS_OF_ITSELF = _compiled(
    rf"\b{one_of('i', 'my', 'would be', 'could be', 'here', 'new wording', 'this one', 'all of them', 'above')}\b"
)

# What follows the text: an offer, a question back, an explanation of what was changed.
_OFFERS = (
    r"let me know\b",
    r"i hope (?:this|that|it)\b",
    r"hope (?:this|that|it)\b",
    r"feel free to (?:ask|adjust|modify|let|change|use|reach|tweak|edit)\b",
    r"would you like\b",
    r"do you want (?:me|any)\b",
    r"is there anything\b",
    rf"if you(?:{APOSTROPHE}d| would)? (?:like|want|need|prefer)\b"
    r"[^\n]{0,80}\b(?:let me|i can|just|feel|me to)\b",
)
_DOES = one_of(
    "asks?", "makes?", "keeps?", "tells?", "is ", "are ", "adds?", "clarif", "explicit", "ensures?", "addresses",
    "preserves?", "maintains?", "retains?", "should", "uses?", "works?", "covers?", "defines?", "removes?",
    "includes?", "gives?", "states?", "focuses", "emphasi", "reflects", "solves", "fixes", "aims", "follows",
    "incorporates", "avoids", "specif", "conveys", "the ", "all ", "it ", "both ",
)  # fmt: skip
_IS_ABOUT_THE_TEXT = one_of(
    _NOUN, "rewrite", "revision", "change", "approach", "makes", "keeps", "should help", "addresses", "preserves",
    "retains",
)  # fmt: skip
_EXPLAINS = (
    rf"(?:this|the|my|these|it) (?:{_ADJECTIVE} |above ){{0,2}}{_IS_ABOUT_THE_TEXT}s?\b(?: now)? ?{_DOES}",
    r"explanation:",
    r"rationale:",
    r"changes made",
    r"key changes",
    r"why this works",
    r"note: (?:i|this|the) (?:have|ve|kept|version|re\w+|original|instructions?)",
    r"note that i\b",
    rf"i (?:have |{APOSTROPHE}ve )?(?:kept|tried|changed|made|added|removed|preserved)\b",
    rf"i{APOSTROPHE}(?:ve|m happy)\b",
    r"happy to\b",
    r"why (?:this|it|these)\b[^\n]{0,30}\b(?:works?|better|helps?|improv\w{1,5})\b",
    r"(?<=\()\d{1,3} (?:words|characters)\)\W{0,3}\Z",
    r"(?:key|main|summary of(?: the)?|list of|notable) (?:changes|improvements|differences|modifications|edits)\b",
)
# The same in other languages: an offer, a hope, a question back.
_OFFERS_ELSEWHERE = (
    r"ich hoffe\b", r"lassen sie (?:es )?mich wissen, (?:ob|wenn|falls) sie\b", r"möchten sie\b",
    "sag mir (?:gern )?bescheid", rf"n{APOSTROPHE}hésite[zs]? pas à (?:me|demander|poser|revenir)\b",
    rf"j{APOSTROPHE}espère\b", r"souhaitez-vous\b", r"dites-moi si vous\b",
    r"¿(?:quieres|te gustaría|desea|quiere)\b", r"espero que\b",
    r"(?:avísame|déjame saber|hazme saber) si (?:quieres|necesitas|deseas|prefieres)\b",
    r"no dudes en (?:pedir|pregunt|decir)", r"spero che\b", r"fammi sapere se (?:vuoi|hai|desideri|ti)\b",
    r"me avise se\b", r"fique à vontade para (?:pedir|perguntar)\b", r"надеюсь\b", r"дайте знать, если\b",
    r"если (?:вам )?(?:нужн|хотите)[^\n]{0,60}(?:сообщите|скажите|дайте)",
    r"(?:如果|若|如)(?:您|你)?(?:需要|想要|希望|还有|有任何)[^\n]{0,40}(?:告诉我|告訴我|随时|隨時|我可以)",
    r"如需[^\n]{0,40}(?:告诉我|告訴我|随时|隨時)", r"希望(?:这|這|对|對)[^\n]{0,20}(?:帮|幫)",
    r"(?:必要(?:であれば|でしたら)|他に(?:ご要望|必要)|ご(?:要望|質問))[^\n]{0,40}ください", "필요하시면",
    "도움이 되(?:었|길)",
)  # fmt: skip
# A heading or a label in bold, over what was changed and why.
_ABOUT_CHANGES = one_of(
    "(?:the )?changes?(?: made)?", "improvements?", "differences", "modifications", "edits", "explanations?",
    "rationale", "justification", "what(?: was| i)? changed", "why[^\\n*#]{0,50}",
    "reasons? for (?:the|this|these)[^\\n*#]{0,30}",
)  # fmt: skip
_HEADED = (
    rf"(?:\#{{1,6}}[ \t]{{1,3}}[*_]{{0,3}}|[*_]{{2,3}}) {_ABOUT_CHANGES} [ \t]?[:：?]?[*_]{{0,3}}[:：]? (?=\s|\Z)"
)
AFTERWARDS = _compiled(
    rf"""
    (?:\n[ \t]{{0,4}}\n|\n) [ \t]{{0,4}}
    (?: [*_(\[]{{0,3}} (?:please\ )? {one_of(*_OFFERS, *_EXPLAINS, *_OFFERS_ELSEWHERE)} | {_HEADED} )
    """
)
