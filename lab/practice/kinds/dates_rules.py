"""What an instruction may have to say about dates: how each skill is recognised, and how it is said or missed."""

from __future__ import annotations

from lab.i18n import gettext_lazy
from lab.practice.kind import FORMAT, Skill, any_of

__all__ = ["NAMES_ISO", "SENSE_OF_FORM", "SKILLS"]

SENSE_OF_FORM = 0.15

_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WRITING = (
    r"(?:(?:date|day|time|moment) (?:of|at|on)(?: which)?(?: the)? (?:writing|note|(?:it|note|message"
    r"|text) was (?:written|sent|made))|(?:was|is|were) (?:written|sent)|note's (?:own )?date|date of the note"
    r"|written on|writing date)"
)
NAMES_ISO = any_of(
    r"yyyy[-‐–— ]?mm[-‐–— ]?dd|\biso\b|iso[- ]?8601|\b8601\b|\b\d{4}-\d\d-\d\d\b|\bsortable\b",
    r"\byear\b[-, ]+(?:then |and )?(?:the )?month\b[-, ]+(?:then |and )?(?:the )?day|\byear (?:comes )?first",
)

_LOCALE = Skill(
    "locale",
    gettext_lazy("knows by signs in the note whether the day or the month comes first"),
    any_of(
        r"\b(?:day|month)s?[- ]first|\b(?:day|month)\b (?:or|and|comes?|stands?|goes|is) .{0,20}\bfirst",
        r"\bday ?/ ?month|\bmonth ?/ ?day|\bd+[/.]m+\b|\bm+[/.]d+\b|\b\d{1,2}[/.]\d{1,2}(?:[/.]\d+)?\b",
        r"\bamerican?s?\b|\beurop\w*|\bbritish\b|\bgerman\w*|\bu\.s\.|\bthe us\b|\busa?\b.{0,20}(?:note|order"
        r"|style|date)|\bunited states",
        r"\bcountr(?:y|ies)|\bregions?\b|\blocales?\b|\blocal (?:custom|convention|order|habit|usage)"
        r"|\bwhere the writer|\bcurrency|\bspelling|\bplace names?",
        r"order of (?:the )?(?:day|month|figures|numbers)|(?:day|month) (?:before|after|precedes"
        r"|follows) (?:the )?(?:day|month)",
        r"\bwhich (?:format|order) (?:the|a|each) (?:date|note)s? (?:is|are|uses?)\b"
        r"|\bwhich (?:number|figure|part|one) is (?:the |a )?(?:day|month)|\bswap\w* (?:the )?(?:day|month)",
        r"\bnumeric dates?\b|\b(?:according to|depend\w* on|by|from) (?:the |its )?(?:place|origin|culture)\b",
        r"\bambiguous (?:dates?|figures?|numbers?|numeric)|\bslash(?:es|ed)?\b|\bday and month (?:are|get"
        r"|may be) (?:mixed|swap)",
    ),
    (
        "Read figures such as 3/4/2024 with the day first in European notes and with the month first in American "
        "ones.",
        "Take the country of the writer as a guide: month/day in the United States, day/month elsewhere.",
        "Use signs in the text, such as a city, a currency or a spelling, to decide between day/month and "
        "month/day.",
        "In Europe and Britain take the first figure of 5/6/2024 as the day, in America as the month.",
        "Decide which number is the day by the local custom of the place that the note comes from.",
    ),
    (
        "The instructions do not say whether the day or the month comes first in figures{quote}.",
        "Figures are always read in the American order, though signs in the note point to another country{quote}.",
        "Nothing tells the model to tell day/month from month/day by the place or the currency{quote}.",
    ),
    0.5,
)
_CENTURY = Skill(
    "century",
    gettext_lazy("puts years of two figures into the right century"),
    any_of(
        r"\bcentur(?:y|ies)|\b(?:two|2)[- ](?:digit|figure)s? (?:\w+ )?years?|\b(?:19|20)(?:xx|\?\?|__|\d0s)\b",
        r"\byears?\b.{0,30}\b(?:two|2|last two) (?:digit|figure)s?|\b(?:two|2)[- ](?:digit"
        r"|figure)s? .{0,20}\byears?",
        r"\b(?:short|shortened|abbreviated|incomplete|cut|clipped)(?:[- ]form)? years?"
        r"|\byears?\b.{0,15}\b(?:shortened|abbreviated)",
        r"\b00\b.{0,12}\b49\b|\b50\b.{0,12}\b99\b|\b(?:below|under|above|over|before|up to|less than"
        r"|smaller than) (?:49|50)\b",
        r"(?:^|\s)['’\"“]\d\d\b.{0,20}\b(?:19|20)\d\d\b|\b(?:nineteen|twenty) hundreds|\b(?:19"
        r"|20)\d\d,? not (?:19|20)\d\d\b",
        r"\b\d\d (?:means|is|stands for|becomes) (?:19|20)\d\d\b|\byears? (?:like|such as) \d\d\b",
        r"\b(?:four|4)[- ](?:digit|figure)s? years?|\byears? (?:with|in|of|as) (?:four|4) (?:digit|figure)s"
        r"|\bfull years?\b|\bcomplete (?:the |each |every )?years?\b",
    ),
    (
        "Years of two digits from 00 to 49 count as 20xx, those from 50 to 99 as 19xx.",
        "Take a two-digit year as 20xx if it is below 50, else as 19xx.",
        "Read short years such as '24 as 2024 and '87 as 1987.",
        "Put two-digit years into the right century: 00-49 means the 2000s, 50-99 the 1900s.",
    ),
    (
        "The instructions do not say to which century a two-digit year belongs{quote}.",
        "Years of two digits are not dealt with, so they are kept or put into the 1900s{quote}.",
        "Nothing tells the model that short years from 00 to 49 are 20xx and the others 19xx{quote}.",
    ),
    0.5,
)
_RELATIVE = Skill(
    "relative",
    gettext_lazy("counts words such as tomorrow from the day on which the note was written"),
    any_of(
        rf"\brelativ\w+|\btomorrow|\byesterday|\b(?:last|next|this|coming|on) {_WEEKDAY}|\bweekdays?\b"
        rf"|\bdays? of the week",
        r"\b(?:in|within) (?:\w+ )(?:days?|weeks?|months?)\b|\b(?:days?|weeks?|months?) (?:ago|from now|later"
        r"|away|hence)\b",
        r"\b(?:next|last) (?:week|month)\b|\bend of (?:the|a|this|next) (?:month|year|week)",
        rf"\b(?:count|reckon|calculat|comput|work|start|resolv|add|subtract|deriv|infer|measur|figur"
        rf"|anchor)\w*\b.{{0,60}}{_WRITING}",
        rf"{_WRITING}.{{0,25}}\b(?:as (?:today|a start|the start|a base|the base|now)|and count|plus|is today"
        rf"|to count)",
        r"\btime spans?|\b(?:date|day) arithmetic|\bcalculat\w+|\bcount(?:ing|ed)? (?:the )?(?:days|weeks|from|on"
        r"|forward|back)",
    ),
    (
        "Count words such as tomorrow, last Friday or in three weeks from the day on which the note was written.",
        "Work out relative dates by counting from the date of writing.",
        "Where a note says yesterday or in ten days, subtract or add that from the date at which it was written.",
        "Take the day of writing as today, and calculate from it what Tuesday next week or the end of the month "
        "means.",
    ),
    (
        "The instructions do not say to count words such as tomorrow or last Friday from the date of "
        "writing{quote}.",
        "Relative dates are not mentioned, and the model gives the date of the note as it stands{quote}.",
        "Nothing tells the model to work out what a weekday or a time span means on the calendar{quote}.",
    ),
    0.5,
)
_TARGET = Skill(
    "target",
    gettext_lazy("takes the date of the event where there are several"),
    any_of(
        r"\b(?:several|multiple|many|various|two|both|all the|other|different) (?:\w+ )?dates\b"
        r"|\b(?:more than one|two or more|a second|another|one of the) (?:\w+ )?dates?\b",
        r"\bevents?\b|\bdeadlines?\b|\bappointments?\b|\bdue (?:dates?|on)\b|\bis due\b",
        r"\bcancel\w*|\bpostpon\w*|\bresched\w*|\bput off\b|\bcalled off\b|\bsuperseded|\breplaced|\bno longer\b"
        r"|\boutdated|\bobsolete",
        r"\b(?:earlier|old|older|former|previous|past|moved|new|newer|final|valid|current|later) (?:date"
        r"|appointment)s?\b",
        r"\b(?:date|day|one)s? (?:that|which|to) (?:\w+ )?(?:matters?|counts?|holds?|appl\w+|decid\w+|asked|asks"
        r"|wanted)",
        r"\b(?:relevant|right|main|important) date\b|\b(?:if|when|been|was|were) moved\b|\bnot when (?:it"
        r"|the note) was\b",
        r"\bdate of the (?:meeting|visit|trip|match|thing)\b|\b(?:it|something|that|thing) (?:will )?happens?\b",
        r"(?:\b(?:not|never|skip|omit|leave out|ignor\w+|disregard\w*|drop|rather than"
        r"|instead of)|n't)\b.{0,25}(?:\bfirst date|\b(?:dates?|day) (?:of writing|(?:on|at) which"
        r"|the (?:note|letter|message|text|mail) was|it was|of the letter|of the note|when))",
        r"\bwhat (?:the )?(?:note|message) is (?:really )?about\b|\bactual(?:ly)? (?:date|takes? place)"
        r"|\btakes? place\b|\b(?:note|message|letter) is (?:actually|really|truly) about",
    ),
    (
        "If there are several dates, take the one of the event or deadline, not the date of writing or a cancelled "
        "one.",
        "Give the date that holds in the end, and leave out earlier, cancelled or moved appointments.",
        "Where a note has more than one date, use the deadline or the new appointment.",
        "Skip the date on which the note was sent and what was called off: the coming event decides.",
    ),
    (
        "The instructions do not say which date to take when a note has several dates{quote}.",
        "The model takes the first date it finds, even one that was cancelled or moved{quote}.",
        "It is not said that the date of the event or deadline is wanted{quote}.",
    ),
    0.5,
    deniable=False,
)
_FORM = Skill(
    FORMAT,
    gettext_lazy("writes YYYY-MM-DD and nothing else"),
    any_of(
        NAMES_ISO.pattern,
        r"\byyyy|\bhyphen|\bdashes\b|\bmachine[- ]readable|\bmonths? (?:as|in) (?:a )?(?:number|digit|figure)s?"
        r"|\bin digits\b",
        r"\b(?:only|just|solely|nothing but|exactly|a single|(?<!than )one) (?:with )?(?:the |a |an |one "
        r"|this )?(?:bare |plain |single )?date\b(?! (?:of|that|on|which|is|holds))",
        r"\bdate (?:alone|only|by itself|itself and nothing)\b|\bbare date\b",
        r"\b(?:date|answer|reply|output) (?:form(?:at)?|layout|notation)\b|\b(?:form(?:at)?|notation) of (?:the|a"
        r"|each) (?:date|answer)",
        r"\bhow (?:a|the|an) (?:date|answer|reply) (?:should|is to|must|has to) (?:be written|look)"
        r"|\bwhole sentences\b",
    ),
    (
        "Answer with the date as YYYY-MM-DD and nothing else.",
        "Write only the date in the form YYYY-MM-DD, without any explanation.",
        "Reply with nothing but an ISO 8601 date (YYYY-MM-DD), no comment.",
        "Give the answer as year-month-day in digits, YYYY-MM-DD.",
    ),
    (
        "The instructions do not ask for the date alone, as YYYY-MM-DD with nothing else{quote}.",
        "Nothing says how the date should be written, so the model uses names and whole sentences{quote}.",
        "No date format is asked for, and the answers are worded freely{quote}.",
    ),
    SENSE_OF_FORM,
)

SKILLS = (_LOCALE, _CENTURY, _RELATIVE, _TARGET, _FORM)
