"""What the practice model writes as optimizer model: rules, true causes, and wrong ideas that sound right."""

from __future__ import annotations

from lab.practice.reading import Kind

_FORMAT_RULES = (
    "Answer with one lower-case word and nothing else.",
    "Reply with the label only, in lower case, without any explanation.",
    "Write just the label: a single word, no punctuation, no comment.",
    "Give exactly one label and nothing more.",
)
# Each rule switches on its own skill and no other.
RULES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "sentiment": {
        "negation": (
            'A negated word counts the other way: "not bad" is praise.',
            'Mind negation: "not", "never" or "isn\'t" reverse the word that follows.',
            'Words such as "not" and "hardly" turn praise into blame and blame into praise.',
            "If a word is negated, take its opposite.",
        ),
        "contrast": (
            'What comes after "but" or "however" counts more than what comes before it.',
            "Where a sentence has a contrast, its last part decides.",
            'In a sentence with "although" or "but", follow the clause to which the writer turns.',
            "Give way to the final clause when the writer changes direction.",
        ),
        "sarcasm": (
            "Sarcasm means the opposite of what it says.",
            "Watch for irony: exaggerated praise for something unpleasant is blame.",
            "Do not take mocking remarks at face value.",
            "Sarcastic praise counts as blame, and playful mock complaint counts as praise.",
        ),
        "mixed": (
            "When feelings are mixed, the overall verdict decides.",
            "Weigh up the good and the bad, and go by the final judgement of the writer.",
            "If there is both praise and blame, go by the verdict that the writer gives.",
            "Where a writer is of two minds, what is said on balance decides.",
        ),
        "format": _FORMAT_RULES,
    },
    "triage": {
        "definitions": (
            "access is about sign-in, passwords and security; billing about money, invoices and refunds; "
            "bug about "
            "crashes, lost data and faults; feature about suggestions; question about anything else.",
            "Use access for passwords and getting in, billing for charges and refunds, bug for faults and "
            "crashes, "
            "feature for ideas, question for everything else.",
            "The meaning of the classes: access = security and sign-in, billing = money, bug = faults, "
            "feature = "
            "ideas, question = anything else.",
        ),
        "precedence": (
            "When several classes apply, take the first in this order: {order}.",
            "If more than one class fits, go by this priority: {order}.",
            "The classes rank as follows, and the highest that fits wins: {order}.",
        ),
        "current": (
            "Leave out what is already solved.",
            "Sort by what the writer needs now; a settled matter does not count.",
            "Earlier problems that were fixed are only background.",
            "Only an unsolved problem counts.",
        ),
        "wishes": (
            "What never existed is a feature, even if the writer calls it a bug.",
            "A complaint about a missing function is a feature, no matter how angry, even when it is "
            "called broken.",
            "A wish may be dressed up as a bug; sort it as a feature.",
            "Something the product lacks is a feature, though the writer may call it an error.",
        ),
        "format": _FORMAT_RULES,
    },
}

_FORMAT_CAUSES = (
    "The instructions do not say to answer with the label alone, so some answers are whole sentences{quote}.",
    "Nothing says how the answer should look: one word, in lower case, with nothing else{quote}.",
    "The model adds words of its own because it was never asked for only the label{quote}.",
)
CAUSES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "sentiment": {
        "negation": (
            "The instructions do not say that a negation reverses the word that follows{quote}.",
            'Words such as "not" or "never" are overlooked: the model counts the negated word as it stands{quote}.',
            "It is not said that negated blame is praise and negated praise blame{quote}.",
        ),
        "contrast": (
            'The instructions do not say that what follows "but" or "however" outweighs what precedes it{quote}.',
            "The model keeps to the beginning of a sentence; nothing tells it that in a contrast the last "
            "part decides{quote}.",
            "Concessions are not dealt with, so the clause with the real opinion loses{quote}.",
        ),
        "sarcasm": (
            "The instructions do not say what to do with sarcasm: the praise is taken for real{quote}.",
            "Irony is not mentioned, and the model takes mocking remarks literally{quote}.",
            "Nothing warns of exaggerated praise that means the opposite of what it says{quote}.",
        ),
        "mixed": (
            "The instructions leave open what to do when feelings are mixed and a verdict is given{quote}.",
            "With both praise and blame in one text the model only counts; the overall verdict should "
            "decide{quote}.",
            "It is not said that the final judgement of the writer outweighs single remarks{quote}.",
        ),
        "format": _FORMAT_CAUSES,
    },
    "triage": {
        "definitions": (
            "The instructions name the classes without saying what each class means{quote}.",
            "The classes are not defined, so the model goes by their names alone{quote}.",
            "It is left open what each label covers{quote}.",
        ),
        "precedence": (
            "The instructions do not say which class wins when several apply{quote}.",
            "There is no order of priority for tickets with two problems{quote}.",
            "More than one class fits such tickets, and nothing says which takes precedence{quote}.",
        ),
        "current": (
            "The instructions do not say that what is already solved does not count{quote}.",
            "The model sorts by earlier problems of which the writer says that they are settled{quote}.",
            "Nothing tells the model to go by what the writer needs now{quote}.",
        ),
        "wishes": (
            "The instructions do not say that a missing function is a feature even when the writer calls "
            "it a bug{quote}.",
            "Wishes that are dressed up as bugs are taken for bugs{quote}.",
            "It is not said that what never existed is a feature, though the writer may call it broken{quote}.",
        ),
        "format": _FORMAT_CAUSES,
    },
}

GENERAL_CAUSES = (
    "The instructions do not show what a right answer looks like{quote}.",
    "The instructions leave too much open about what is asked for{quote}.",
    "The instructions do not say how to decide in a case like this one{quote}.",
)

# Wrong ideas: what a critique says, and the rule that comes of it.
WRONG_CAUSES: dict[str, tuple[str, ...]] = {
    "explain": (
        "The instructions should ask for reasons, because the model answers without thinking.",
        "The model is not asked to explain itself in detail, so it stays superficial.",
    ),
    "unsure": (
        "The labels are ambiguous, and the model may not say when it is unsure.",
        "Some of these texts are unclear, and the instructions have no way to say so.",
    ),
    "surface": (
        "The instructions ignore the length of the text and its exclamation marks.",
        "The number of strong words is what should decide, and it is not mentioned.",
    ),
    "short": (
        "The examples are too short to be understood.",
        "The texts are too short, and the model reads them too fast.",
    ),
    "polite": (
        "The instructions are not polite enough, so the model makes little effort.",
        "The instructions do not tell the model that it is a friendly expert.",
    ),
}
WRONG_RULES: dict[str, tuple[str, ...]] = {
    "explain": ("Explain your answer in detail.", "Give the reasons for your answer, step by step."),
    "unsure": ("Say so when the text is unclear.", "If you are unsure, say that it is hard to tell."),
    "surface": (
        "Pay attention to the length of the text and to exclamation marks.",
        "Go by the number of strong words.",
    ),
    "short": ("Read the text slowly and carefully, from beginning to end.", "Take your time with every text."),
    "polite": ("Please be so kind as to do your best.", "You are a friendly and experienced expert."),
}

UNHELPFUL = (
    "I would be glad to help with that. Could you tell me a little more about what you need?",
    "These instructions look fine to me. Let me know if you would like to change anything.",
    "Good instructions are clear and short. Would you like some general advice?",
)

# Ways to say a sentence in other words: a pattern, and what may stand for it.
SENTENCES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"^Is this (\w+) (.+)\?$",
        (r"Say whether this \1 is \2.", r"Decide if this \1 is \2.", r"Would you call this \1 \2?"),
    ),
    (
        r"^(?:Say|Decide) (?:whether|if) (\w+ \w+) is (.+)\.$",
        (r"Judge whether \1 is \2.", r"Determine if \1 is \2."),
    ),
    (r"^Would you call this (\w+) (.+)\?$", (r"Is this \1 \2?", r"Say whether this \1 is \2.")),
    (
        r"^(?:Judge|Determine) (?:whether|if) (\w+ \w+) is (.+)\.$",
        (r"Say whether \1 is \2.", r"Decide if \1 is \2."),
    ),
    (
        r"^Sort (\w+ support ticket) into (.+)\.$",
        (r"Put \1 into one of these classes: \2.", r"Decide where \1 belongs: \2."),
    ),
    (
        r"^(?:Put|Decide where) (\w+ support ticket) (?:into one of these classes|belongs): (.+)\.$",
        (r"Sort \1 into \2.",),
    ),
)
SYNONYMS: dict[str, tuple[str, ...]] = {
    "answer with": ("reply with", "respond with"),
    "reply with": ("answer with", "respond with"),
    "respond with": ("answer with", "reply with"),
    "decide whether": ("determine whether", "judge whether"),
    "carefully": ("closely", "with care"),
    "classify": ("label", "categorise"),
    "pay attention to": ("look at", "take note of"),
    "take the first": ("choose the first", "use the first"),
    "also mind this": ("keep this in mind too", "note this as well"),
    "in detail": ("at length in detail", "in full detail"),
    "each": ("every",),
    "read the": ("go through the", "look over the"),
}
