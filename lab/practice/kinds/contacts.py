"""Contacts: the people of a message as JSON, with what it gives of each.

What has to be said: the names of the keys, that there may be several people, what becomes of missing fields, how
a phone number is written, and that a name alone is no contact.
"""

from __future__ import annotations

import json
import re

from lab.i18n import gettext_lazy
from lab.practice.chance import pick
from lab.practice.kind import FORMAT, Kind, Skill, any_of
from lab.practice.kinds.contacts_reading import Person, international, people

__all__ = ["KIND"]

_KEYS = {"name": r"\bname\b", "email": r"\be-?mail\b", "phone": r"\bphone\b", "company": r"\bcompany\b"}
_FEWEST_NAMED = 3
# What the keys are called by a model that was not told.
_OTHER_KEYS = (
    {"name": "full_name", "company": "organization"},
    {"email": "email_address", "phone": "phone_number"},
    {"name": "contact", "phone": "tel", "company": "firm"},
    {"email": "mail", "phone": "telephone", "company": "organisation"},
    {"name": "full_name", "email": "e_mail", "phone": "phone_number"},
)
_FILLERS = ("N/A", "unknown", "not given", "-")

_WHO = r"(?:people|persons?|contacts?|individuals?|names|entries|human beings)"
_FIELD = r"(?:fields?|keys?|values?|propert(?:y|ies)|attributes?)"
_DROP = r"\b(?:leav\w+ (?:\w+ ){0,2}out|omit\w*|drop\w*|skip\w*|leav\w+ away|exclud\w+|ignor\w+)"
_REACH = r"(?:e-?mail|phone|number|address|reach\w*|contact (?:data|details|information)|contacted)"
_SOMEBODY = rf"(?:{_WHO}|those|anyone|somebody|someone|whoever|everyone|everybody)"
_GIVEN = (
    rf"\b(?:{_FIELD}|details?|information|data|anything|something|what(?: is|'s)|what the (?:message|text) does)"
)
_DATUM = r"(?:e-?mail|phone|company|address|number)"
_NAMED = r"(?:mention\w*|named|greeted|thanked|referred to|cited|talked about|spoken of)"


def _three_keys() -> str:
    looks = [f"(?=.*{pattern})" for pattern in _KEYS.values()]
    return "|".join("^" + "".join(looks[:i] + looks[i + 1 :]) for i in range(len(looks)))


_SKILLS = (
    Skill(
        "keys",
        gettext_lazy("uses the keys name, email, phone and company"),
        any_of(
            _three_keys(),
            rf"\b(?:these|following|exact|exactly these|fixed) (?:\w+ )?{_FIELD}\b",
            r"\b(?:keys?|fields?) ?(?::|are\b(?! not)|=)|\b(?:which|what) (?:the )?(?:keys|fields)\b",
            r"\b[a-z]+_(?:name|address|number|mail)\b",
            r"\b(?:key|field|column|property) names?\b|\bnames? (?:of|for) (?:the |its )?(?:keys|fields)\b",
            r"\b(?:keys?|fields?)\b.{0,25}\b(?:is|are|be) (?:named|called|spelt|spelled)",
            r"\b(?:invent|make|making|made|choos)\w*(?: up)? (?:\w+ ){0,3}(?:keys|fields)\b",
        ),
        (
            'Use exactly the keys "name", "email", "phone" and "company".',
            "The keys of an object are name, email, phone and company.",
            "Give each object the keys name, email, phone and company, spelt like that.",
            'Put the data under "name", "email", "phone" and "company".',
        ),
        (
            "The instructions do not say what the keys are called, so the model invents some{quote}.",
            "The key names are left open; they should be name, email, phone and company{quote}.",
            "Nothing says which keys to use, and one answer has full_name where another has contact{quote}.",
        ),
        sense=0.8,
    ),
    Skill(
        "several",
        gettext_lazy("lists everybody, not only the first"),
        any_of(
            rf"\ball of them\b|(?:\bnot|n't|\bnever) (?:miss|forget|overlook) any(?:one|body| {_WHO})\b",
            rf"(?<!not )\b(?:all|every|each)(?: of)?(?: the)? (?:\w+ ){{0,2}}{_WHO}\b(?!.{{0,20}} without)",
            r"\bseveral\b|\bmultiple\b|\bmore than one\b|\btwo or more\b|\ba second (?:person|contact)\b",
            r"\b(?:only|just|after|at|beyond|with) the first\b|\bthe (?:others|second one)\b|\bas many\b",
            r"\b(?:one|an|a separate|its own) (?:object|entry|element|item|record|line|row) (?:per|for|each|a)\b",
            r"(?<!out )(?<!skip )(?<!omit )(?<!drop )(?<!ignore )(?<!exclude )\b(?:everyone|everybody)\b",
        ),
        (
            "List all the people, not just the first.",
            "There may be several people in one message; give one object for each.",
            "Put every person into the list as an object of their own.",
            "Where a message holds more than one contact, return them all.",
        ),
        (
            "The instructions do not say that a message may hold several people, and the model stops after the "
            "first{quote}.",
            "The model stops too early, because nobody asked for more than one contact{quote}.",
            "It is not said that there is one object for each person{quote}.",
        ),
        sense=0.9,
    ),
    Skill(
        "optional",
        gettext_lazy("leaves out what is not given"),
        any_of(
            rf"{_GIVEN}\b.{{0,45}}\b(?:missing|absent|lacking|unknown)",
            rf"{_GIVEN}\b.{{0,45}}(?:\bnot|n't|\bnever) (?:giv\w+|stated?|present|known|there|in the"
            r"|mention\w*|say|contain|appear|occur|provided?)",
            rf"{_DROP}\b.{{0,20}}\b{_FIELD}\b",
            rf"\b(?:missing|absent|empty|optional) (?:{_FIELD}|details?|data|information)\b",
            r"\bn/a\b|\bplaceholders?\b|\bnull\b|\bunknown\b|\boptional\b"
            r"|\b(?:invent|make|making|made)\w*(?: up)? (?:\w+ )?(?:values?|data|details)\b",
            rf"\bonly (?:\w+ )?{_FIELD} (?:that|which) (?:are|is|have|exist)\b",
            r"\bfill\w* (?:in|up|the gaps|gaps|missing|empty|with|words)\b",
            rf"\b(?:if|when|where|wherever) (?:there is |there's |it has |they have )?no (?:{_FIELD}|{_DATUM})",
            rf"\bno {_DATUM} (?:\w+ ){{0,2}}(?:means|:|->|=>)",
        ),
        (
            "Leave out a key when the message gives no value for it.",
            "Omit missing fields; do not fill them with words of your own.",
            'Do not write "N/A" or "unknown": drop the key.',
            "If a value is missing, skip its key.",
        ),
        (
            "The instructions do not say what to do with a missing value, so it is filled with words such as "
            '"N/A"{quote}.',
            "Fields that the message does not give should be absent, and nothing says so{quote}.",
            "Placeholders stand where there is no value, because leaving the key out was not asked for{quote}.",
        ),
        sense=0.75,
        deniable=False,
    ),
    Skill(
        "phone",
        gettext_lazy("writes phone numbers with + and country code"),
        any_of(
            r"\b(?:country|dial\w*|calling|area|national|national)[- ](?:code|prefix)|\binternational(?:ly)?\b",
            r"\be\.?164\b|\+ ?(?:44|1)\b|\+ and\b|\bwith (?:a |the )?(?:leading )?(?:\+|plus)|\bplus sign\b",
            r"\b(?:only|just|pure|bare) digits\b|\bdigits (?:only|alone|without)\b|\bleading zeros?\b",
            r"\bdigits\b.{0,30}\b(?:spaces?|dash|hyphen)",
            r"\b(?:no|without|remove|drop|strip|delete)\b.{0,20}\b(?:spaces|dashes|hyphens|brackets|parenthes)",
            r"\b(?:phone|number)s?\b.{0,40}\b(?:uniform|standard|(?:same|one) (?:form|way))|\bnormali[sz]",
        ),
        (
            "Write phone numbers in international form: + and the country code, then digits without spaces.",
            "A phone number begins with + and its country code: +44 for a leading 0, +1 for ten American digits; "
            "write it without spaces or dashes.",
            "Put phone numbers into the form +442079460018, with country code and digits only.",
            "Convert phone numbers to + country code and digits; leave out brackets, spaces and extensions.",
        ),
        (
            "The instructions do not say that phone numbers are written with + and country code{quote}.",
            "The phone numbers differ from line to line, since nothing asks for the international form{quote}.",
            "The form of a phone number is left open: the country code, and digits without spaces{quote}.",
        ),
        sense=0.65,
    ),
    Skill(
        "role",
        gettext_lazy("leaves out people who are only mentioned"),
        any_of(
            rf"\b(?:merely|only|just|simply|barely|purely) (?:\w+ ){{0,2}}{_NAMED}|\b{_NAMED} only\b",
            rf"{_DROP}\b.{{0,40}}\b{_NAMED}|\bin passing\b|\bbystanders?\b",
            rf"\b{_NAMED}.{{0,40}}\b(?:not|n't|no) (?:count|a contact|contacts?|listed?|belong|include)",
            rf"(?:\bnot|n't|\bnever) (?:list|include|extract|count|add|report)\b.{{0,40}}\b(?:{_NAMED}|{_WHO})\b",
            rf"\b{_SOMEBODY}\b.{{0,30}}\b(?:no|without|neither|not|lacks?)\b.{{0,12}}\b{_REACH}",
            rf"\b{_SOMEBODY}(?: \w+)? (?:with|who|whose|that|for whom)\b.{{0,30}}\b{_REACH}",
            r"\bcan(?:not|'t)? be (?:reached|contacted)|\bcan(?:not|'t| not) (?:reach|contact)\b|\breachable\b",
            rf"\bcontacts? (?:must|has to|have to|needs? to) have (?:an? )?{_REACH}",
            r"\ba (?:mere |bare )?name (?:alone|by itself|on its own) is",
        ),
        (
            "Leave out people who are merely mentioned.",
            "Only somebody with an e-mail address or a phone number counts as a contact; skip the rest.",
            "Do not list people for whom no e-mail address or phone number is given.",
            "Skip names that are just greeted or thanked.",
        ),
        (
            "The instructions do not say that people who are merely mentioned are left out{quote}.",
            "Somebody without any contact details is listed; nothing says that only reachable people count{quote}.",
            "Names that occur in passing are taken for contacts{quote}.",
        ),
        sense=0.75,
        deniable=False,
    ),
    Skill(
        FORMAT,
        gettext_lazy("answers with JSON and nothing around it"),
        any_of(
            r"\b(?:only|just|solely|purely|nothing but|merely|exactly)\b.{0,20}\bjson\b",
            r"\b(?:raw|bare|plain|pure|valid|strict)\b.{0,20}\bjson\b|\b(?:list|array) of (?:json )?objects\b",
            r"\bjson (?:\w+ )?(?:only|alone|by itself|and nothing|list|array)\b",
            r"\b(?:fence|fenced|code block|markdown|backtick)|\bas it is to a program|\bpars(?:e|ed|able|er)\b",
            r"\b(?:start|begin)\w* (?:with|at) (?:\[|a? ?(?:square )?bracket)",
            r"how (?:the|an) answer (?:should|must|has to) look|(?:answer|reply|output) format",
            r"(?:form|format|shape) of the (?:answer|reply|output)",
        ),
        (
            "Answer with a JSON list and nothing else.",
            "Reply with the JSON list only: no introduction, no code fence, no comment.",
            "Return just a JSON list, without any explanation.",
            "Give the bare JSON list and nothing more.",
            "The reply is read by a program: write plain JSON, a list of objects.",
        ),
        (
            "The instructions do not ask for the JSON alone, so words or a code fence stand around it{quote}.",
            "Nothing says that the reply is a JSON list and nothing else{quote}.",
            "A program cannot read such a reply: only JSON should be in it, and that was not said{quote}.",
        ),
        sense=0.0,
    ),
)
_KEYS_CUE = _SKILLS[0].cue

_FILLED_ANYWAY = re.compile(
    r"^(?!.*(?:\bnot\b|n't|\bnever\b|\binstead of\b|\bno\b|\brather than\b|\bavoid)).*"
    r"(?:\b(?:write|put|use|fill\w*|enter|with|set|say|give|mark\w*|insert)\b.{0,30}"
    r"(?:\bn/a\b|\bunknown\b|\bnone\b|\ba dash\b|\btbd\b)|\bevery field (?:must|should|has to) be filled)"
)
_AS_WRITTEN = any_of(
    r"\b(?:phone|number)s?\b.{0,50}\bas (?:they |it |is )?(?:\w+ )?(?:written|given|stand|found|are|typed)",
    r"\b(?:phone|number)s?\b.{0,50}\b(?:unchanged|verbatim|original form|as is)\b",
    r"\bas written\b.{0,30}\b(?:phone|number)",
)
_EVERY_NAME = any_of(
    rf"\b(?:every|each|all|any)(?:one|body)?\b(?: \w+){{0,3}} (?:(?:who|that) (?:is|are) )?{_NAMED}(?! only)",
    rf"\b(?:even (?:if|those|when|people)|also (?:those|people|names))\b.{{0,40}}{_NAMED}",
)
_ONE_ONLY = any_of(
    r"\b(?:main|single|most important|principal|first|top) (?:contact|person|name)\b",
    r"\bone (?:contact|person) only\b",
)
_REVERSED = re.compile(rf"{_DROP}|\bnot\b|n't|\bnever\b|\b(?:merely|only|just) (?:\w+ )?{_NAMED}")

_JSON_ASKED = any_of(
    r"\bjson\b|\bobjects?\b|\barrays?\b|\bdictionar|\bstructured\b|\bmachine|\bpars(?:e|able|er)\b|\bkeys?\b"
)


def _denies(sentence: str) -> frozenset[str]:
    denied = {
        "optional": _FILLED_ANYWAY.search(sentence),
        "phone": _AS_WRITTEN.search(sentence),
        "several": _ONE_ONLY.search(sentence) and not re.search(r"\b(?:not|after|at)\b|n't", sentence),
        "role": _EVERY_NAME.search(sentence) and not _REVERSED.search(sentence),
    }
    return frozenset(skill for skill, found in denied.items() if found)


def _named(instruction: str) -> frozenset[str]:
    low = instruction.lower()
    return frozenset(key for key, pattern in _KEYS.items() if re.search(pattern, low))


def _keys(text: str, on: frozenset[str], instruction: str) -> dict[str, str]:
    """Return what each key is called: as told, where three or more are named or common sense helps."""
    named = _named(instruction)
    spoken = any(_KEYS_CUE.search(line) for line in re.split(r"(?<=[.!?;])\s+|\n+", instruction.lower()))
    told = len(named) >= _FEWEST_NAMED or not spoken
    other = {} if "keys" in on and told else pick(_OTHER_KEYS, "keys", text)
    return {key: key if key in named else other.get(key, key) for key in _KEYS}


def _row(person: Person, keys: dict[str, str], on: frozenset[str], text: str) -> dict[str, str]:
    phone = international(person.phone) if person.phone and "phone" in on else person.phone
    values = {"name": person.name, "email": person.email, "phone": phone, "company": person.company}
    filler = "" if "optional" in on else pick(_FILLERS, "filler", text)
    return {keys[key]: value or filler for key, value in values.items() if value or filler}


def _solve(text: str, on: frozenset[str], instruction: str) -> str:
    found = people(text)
    contacts = [person for person in found if person.reachable]
    contacts = contacts if "several" in on else contacts[:1]
    mentioned = [] if "role" in on else [person for person in found if not person.reachable]
    keys = _keys(text, on, instruction)
    return json.dumps([_row(person, keys, on, text) for person in contacts + mentioned], ensure_ascii=False)


def _rows(answer: str) -> list[dict[str, object]]:
    """Read an answer as a list of objects; empty where it is none."""
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError):
        return []
    rows = read if isinstance(read, list) else [read]
    return [row for row in rows if isinstance(row, dict)]


def _needs(text: str, answer: str | None) -> frozenset[str]:
    found = people(text)
    contacts = [person for person in found if person.reachable]
    rows = _rows(answer) if answer is not None else []
    n = len(rows) or len(contacts)
    full = all(len(row) == len(_KEYS) for row in rows) if rows else all(_is_full(person) for person in contacts)
    national = any(p.phone and international(p.phone) != _as_it_counts(p.phone) for p in contacts)
    needed = {"several": n > 1, "optional": not full, "phone": national, "role": len(found) > len(contacts)}
    return frozenset({"keys"} | {skill for skill, needs in needed.items() if needs})


def _is_full(person: Person) -> bool:
    return all((person.name, person.email, person.phone, person.company))


def _as_it_counts(phone: str) -> str:
    """Return what is compared of a phone number that was copied."""
    return ("+" if phone.startswith("+") else "") + re.sub(r"\D", "", phone)


def _slip(answer: str, text: str, chance: float) -> str:
    """Lose a field, or a whole person."""
    rows = _rows(answer)
    if not rows:
        return json.dumps([{"name": _FILLERS[0]}])
    at = int(chance * len(rows))
    lost = pick([*rows[at], ""], "lost field", text, chance)
    kept = {key: value for key, value in rows[at].items() if key != lost}
    rows[at : at + 1] = [kept] if lost and kept else []
    return json.dumps(rows, ensure_ascii=False)


def _line(row: dict[str, object]) -> str:
    return "- " + ", ".join(str(value) for value in row.values())


def _word(answer: str, instruction: str, on: frozenset[str], chance: float) -> str:
    """Return JSON where anything asks for it, else a list to read."""
    if FORMAT in on or _JSON_ASKED.search(instruction.lower()):
        return answer
    return "\n".join(map(_line, _rows(answer))) or "I find no contacts there."


def _evidence(text: str) -> int:
    return 3 * sum(bool(person.email) + bool(person.phone) for person in people(text)[:3])


def _shows(text: str, answer: str) -> bool:
    return any(row.keys() & _KEYS.keys() for row in _rows(answer))


KIND = Kind(
    name="contacts",
    thing="message",
    skills=_SKILLS,
    words=(
        (r"\bcontacts?\b", 2),
        (r"\be-?mails? address|\bemails\b|\bemail\b", 1),
        (r"\bphones?\b|\btelephones?\b", 1),
        (r"\bcompan(?:y|ies)\b", 1),
        (r"\bjson\b", 1),
        (r"\bextract\w*\b|\baddress book\b", 1),
        (r"\bwho can be reached\b|\bhow to reach\b|\bbusiness cards?\b", 2),
    ),
    openings=(
        "Extract the contacts of this message as JSON.",
        "Write the contact details in the message as JSON.",
        "Turn this message into JSON contacts.",
    ),
    chatter=(
        "Here are the contacts I found:\n\n```json\n{answer}\n```",
        "```json\n{answer}\n```",
        "Sure! These are the contacts in the {thing}: {answer}",
        "{answer}\n\nLet me know if you need them in another form.",
        "I went through the {thing} and found this:\n{answer}",
        "Contacts: {answer}",
    ),
    explained=(
        "I read the {thing} line by line and noted whoever is named. The result: {answer}",
        "{answer}\n\nThe names come from the text, and the other data from what stands next to them.",
        "Step by step: first the names, then the addresses and numbers. That gives {answer}",
    ),
    evidence=_evidence,
    solve=_solve,
    needs=_needs,
    slip=_slip,
    word=_word,
    denies=_denies,
    shows=_shows,
)
