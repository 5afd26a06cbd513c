"""What the practice model writes as optimizer model of any kind of task: wrong ideas, generalities, synonyms."""

from __future__ import annotations

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
        "The right answers are ambiguous, and the model may not say when it is unsure.",
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
VAGUE_INSTRUCTIONS = ("Give the right output for the input.", "Answer as in the examples.", "Do what is asked.")

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
    (r"^(Find|Give|Extract) (?!only|just|exactly|nothing)(.+)\.$", (r"Find \2.", r"Give \2.", r"Extract \2.")),
    (r"^(Solve|Work out) (.+)\.$", (r"Work out \2.", r"Solve \2.", r"Find the answer to \2.")),
    (r"^What is (.+)\?$", (r"Say what \1 is.", r"Tell what \1 is.")),
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
    "write the": ("give the",),
    "give the": ("write the",),
    "each": ("every",),
    "read the": ("go through the", "look over the"),
}
