"""The kind "contacts" of the practice model: what switches its skills on, and what it finds in messages."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.core.task import Example
from lab.practice.kinds.contacts import KIND
from lab.practice.kinds.contacts_reading import international, people
from lab.practice.reading import mentions, read
from lab.tasks.metrics import judge

SKILLS = frozenset(KIND.by_name)
HOME = files("lab.tasks") / "bundled" / "contacts"
TASK = json.loads((HOME / "task.json").read_text(encoding="utf-8"))
ROWS = [json.loads(line) for line in (HOME / "examples.jsonl").read_text(encoding="utf-8").splitlines()]
SPLITS = ("train", "dev", "test")


def solved(text: str, on: frozenset[str] = SKILLS, prompt: str = "") -> list[dict[str, str]]:
    rows = json.loads(KIND.solve(text, on, prompt))
    assert isinstance(rows, list)
    return rows


def hit(expected: object, answer: str) -> float:
    return judge("field_f1", (), Example.of("q", json.dumps(expected)), answer, "strict").hit


def contact(name: str, email: str = "", phone: str = "", company: str = "") -> dict[str, str]:
    row = {"name": name, "email": email, "phone": phone, "company": company}
    return {key: value for key, value in row.items() if value}


UNSEEN = [
    (
        "Dear Ms Abara,\n\nyour parcel is at the depot. Our driver will ring first.\n\nYours faithfully,\n"
        "Leonard Vogt\nDispatch Manager\nHarbourside Freight Ltd\nleonard.vogt@example.com | 0117 496 0210",
        [contact("Leonard Vogt", "leonard.vogt@example.com", "+441174960210", "Harbourside Freight Ltd")],
    ),
    (
        "For quotes please contact Ulrike Sommer at Alpenrose Chocolates, u.sommer@example.net.",
        [contact("Ulrike Sommer", "u.sommer@example.net", company="Alpenrose Chocolates")],
    ),
    (
        "Babysitter wanted, two evenings a week. Call Bethany Rowe, 07700 900765.",
        [contact("Bethany Rowe", phone="+447700900765")],
    ),
    (
        "Hi, it's Ramon Ibarra. My old mobile is broken, so use +1 (303) 555-0181 from now on.",
        [contact("Ramon Ibarra", phone="+13035550181")],
    ),
    (
        "Choir tour: Camille Laurent (camille.laurent@example.org) books the coach, "
        "Otto Brandt (otto@example.org) the rooms.",
        [contact("Camille Laurent", "camille.laurent@example.org"), contact("Otto Brandt", "otto@example.org")],
    ),
    (
        "Stall 1: Elena Petrova, Honeycomb Foods, +44 20 7946 0111\nStall 2: Wilfred Moss, +44 20 7946 0112\n"
        "Stall 3: Keiko Mori, Paper Crane Prints, keiko@example.com",
        [
            contact("Elena Petrova", phone="+442079460111", company="Honeycomb Foods"),
            contact("Wilfred Moss", phone="+442079460112"),
            contact("Keiko Mori", "keiko@example.com", company="Paper Crane Prints"),
        ],
    ),
    (
        "Alan and Gemma had a baby! To join the present, write to Sharon Webb: sharon.webb@example.net.",
        [contact("Sharon Webb", "sharon.webb@example.net")],
    ),
    (
        "From: Isaac Hale <ihale@example.com>\nTo: Dora Finch <dora.finch@example.org>\n"
        "Subject: Roof\n\nThe slates are here.",
        [contact("Isaac Hale", "ihale@example.com"), contact("Dora Finch", "dora.finch@example.org")],
    ),
    (
        "Thanks for calling! You get hold of me on (0161) 496 0733 any time. Best, Fiona McBride, Pennine Heating",
        [contact("Fiona McBride", phone="+441614960733", company="Pennine Heating")],
    ),
    (
        "Xolani Dube\nxolani.dube@example.net\n+44 7700 900001",
        [contact("Xolani Dube", "xolani.dube@example.net", "+447700900001")],
    ),
    (
        "Invoice 2024-0117 is overdue. Please settle it with Bernard Lacroix of Union Finance, 212.555.0119.",
        [contact("Bernard Lacroix", phone="+12125550119", company="Union Finance")],
    ),
    (
        "Two doctors are on call: Vijay Menon, 0121 496 0044, and Sophie Arnaud, 0121 496 0045. "
        "Matron sends her thanks.",
        [contact("Vijay Menon", phone="+441214960044"), contact("Sophie Arnaud", phone="+441214960045")],
    ),
    (
        "Rachel van den Bosch runs the ferry now. Her number is 0044 1632 960777.",
        [contact("Rachel van den Bosch", phone="+441632960777")],
    ),
    (
        "Lost: one glove. Found: one husband. Ask Penny O'Shea, +44 131 496 0909 or penny@example.com."
        "\nGreetings to Roger!",
        [contact("Penny O'Shea", "penny@example.com", "+441314960909")],
    ),
    (
        "We at Bramble & Finch would be glad to help. Ring Toby Marsh on 0113 496 0155 ext. 4.",
        [contact("Toby Marsh", phone="+441134960155", company="Bramble & Finch")],
    ),
    (
        "Marlene Dietz | Senior Buyer | Nordwind Textiles | marlene.dietz@example.com",
        [contact("Marlene Dietz", "marlene.dietz@example.com", company="Nordwind Textiles")],
    ),
    (
        "Hello Jessica,\n\nI forgot to leave my details: gustav@example.org, +44 7700 900321.\n\nGustav Holm",
        [contact("Gustav Holm", "gustav@example.org", "+447700900321")],
    ),
    ("No class on Friday; Miriam is ill. The office has the new timetable.", []),
]
UNSEEN_TEXTS = [text for text, _ in UNSEEN]


@pytest.mark.parametrize(("text", "expected"), UNSEEN, ids=[text[:24] for text in UNSEEN_TEXTS])
def test_messages_that_are_not_in_the_data_are_read(text: str, expected: list[dict[str, str]]) -> None:
    assert text not in {row["input"] for row in ROWS}
    assert solved(text) == expected


SAYS = {
    "keys": (
        "Call the fields name, email, phone and company.",
        "Use name, email and phone as keys.",
        'Each entry looks like {"name": ..., "email": ..., "phone": ..., "company": ...}.',
        "I want the name, the phone and the company under those words.",
        "The key names matter: name, email, phone, company.",
        "keys: name, email, phone, company",
        "Stick to the following keys: name, e-mail, phone, company.",
        "Stop making up your own field names!",
        "The output has fields called name, email and company.",
        "Which keys are allowed is fixed: name, email, phone, company.",
    ),
    "several": (
        "Include everyone.",
        "Don't stop at the first one, there may be several.",
        "Every person gets an entry.",
        "Extract all contacts.",
        "Some texts have two or more people.",
        "If multiple contacts appear, list them all.",
        "I need each of the people.",
        "Go on after the first person.",
        "Make a separate object for each.",
        "Sometimes there is more than one.",
    ),
    "optional": (
        "Leave out fields that aren't given.",
        "No N/A please!",
        "If there is no phone, leave it out.",
        "Missing values should not appear.",
        "Don't fill in unknown things.",
        "Skip absent fields.",
        "Only write the information that is there; what is not in the text stays away.",
        "Never put a placeholder.",
        "When a field is missing, drop it.",
        "Don't invent values.",
        "All keys but name are optional.",
    ),
    "phone": (
        "Phone numbers need a country code.",
        "Use E.164 for numbers.",
        "Phones as +44..., please.",
        "Strip spaces and dashes from the phone.",
        "Normalise the phone number.",
        "Bring numbers into the international format.",
        "The phone has only digits after a plus sign.",
        "Replace the leading zero by +44.",
        "Write all numbers in one form.",
        "Phone: with the dialling code and without brackets.",
    ),
    "role": (
        "Skip those who are only mentioned.",
        "Don't list names mentioned in passing.",
        "People without an e-mail or a number are not contacts.",
        "Just the people who can be reached.",
        "Ben is merely mentioned, so leave him out.",
        "Exclude anyone with no contact details.",
        "Only people who have an address or phone belong in the list.",
        "Do not include people that are merely greeted.",
        "A name alone is not a contact.",
        "Whoever has no phone and no e-mail stays out.",
    ),
    "format": (
        "Only JSON.",
        "Output valid JSON, no markdown.",
        "No code fence!",
        "Return the JSON array alone.",
        "Just JSON, nothing else.",
        "Don't add any explanation.",
        "The answer must parse as JSON.",
        "Start with [ and end with ].",
        "No introduction, no comments.",
        "Nothing but a list of objects.",
    ),
}  # fmt: skip
SILENT = (
    "Extract the contacts in this message as JSON.",
    "You are a careful assistant.",
    "Read the message from beginning to end.",
    "Please find the contact details.",
    "The messages come from a small office.",
    "Write JSON.",
    "Who is this from?",
    "Give the phone numbers and the e-mail addresses.",
    "Think about what the sender wants.",
    "Put the contacts into our address book.",
    "Contacts are people we may want to call.",
    "",
)


@pytest.mark.parametrize(("skill", "wording"), [(skill, text) for skill, texts in SAYS.items() for text in texts])
def test_a_skill_is_recognised_in_wordings_of_ones_own(skill: str, wording: str) -> None:
    assert skill in mentions(wording, KIND)


@pytest.mark.parametrize("wording", SILENT)
def test_what_speaks_of_no_skill_switches_none_on(wording: str) -> None:
    assert mentions(wording, KIND) == frozenset()


@pytest.mark.parametrize("skill", sorted(SKILLS))
def test_every_rule_and_cause_speaks_of_its_own_skill_alone_and_denies_none(skill: str) -> None:
    told = KIND.by_name[skill]
    assert len(told.rules) >= 4
    assert len(told.causes) >= 3
    for wording in (*told.rules, *(cause.replace("{quote}", "") for cause in told.causes)):
        assert mentions(wording, KIND) == {skill}, wording
        assert read(wording, KIND).denied == frozenset(), wording


@pytest.mark.parametrize("opening", KIND.openings)
def test_an_opening_names_the_kind_and_no_skill(opening: str) -> None:
    assert KIND.named_by(opening.lower()) >= 2
    assert mentions(opening, KIND) == frozenset()


@pytest.mark.parametrize(
    ("skill", "wording"),
    [
        ("optional", "Write N/A for missing fields."),
        ("optional", 'Put "unknown" where a value is missing.'),
        ("phone", "Keep phone numbers exactly as written."),
        ("phone", "Phone numbers stay unchanged."),
        ("role", "List everybody who is mentioned."),
        ("role", "Extract all the names mentioned, even if they only send regards."),
        ("several", "Give the main contact."),
    ],
)
def test_a_sentence_that_asks_for_the_contrary_denies_a_skill(skill: str, wording: str) -> None:
    assert skill in KIND.denies(wording.lower())
    assert skill not in read(wording, KIND).skills


@pytest.mark.parametrize("expert", TASK["experts"].values())
def test_an_expert_prompt_asks_for_every_skill_and_denies_none(expert: str) -> None:
    assert read(expert, KIND).skills == SKILLS
    assert read(expert, KIND).denied == frozenset()


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+44 20 7946 0018", "+442079460018"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
        ("(020) 7946-0018", "+442079460018"),
        ("07700 900 018 ext. 12", "+447700900018"),
        ("(212) 555-0118", "+12125550118"),
        ("212.555.0118", "+12125550118"),
        ("1-212-555-0118", "+12125550118"),
    ],
)
def test_a_phone_number_is_brought_into_international_form(written: str, number: str) -> None:
    assert international(written) == number
    assert solved(f"Ring Ana Ruiz: {written}") == [contact("Ana Ruiz", phone=number)]


@pytest.mark.parametrize(
    "number", ["4411-2093", "2024-05-12", "12,500", "page 1140", "10:30", "room 204", "1250 degrees"]
)
def test_other_numbers_are_no_phone_numbers(number: str) -> None:
    assert people(f"Ana Ruiz wrote about {number}, ana@example.com")[0].phone == ""


TWO = "Say hello to Ben. Call Ana Ruiz, 020 7946 0018, or write to Otto Falk, otto@example.com."
BOTH = [contact("Ana Ruiz", phone="+442079460018"), contact("Otto Falk", "otto@example.com")]


def test_without_a_skill_its_own_mistake_is_made() -> None:
    assert solved(TWO) == BOTH
    assert solved(TWO, SKILLS - {"several"}) == BOTH[:1]
    assert solved(TWO, SKILLS - {"role"}) == [*BOTH, contact("Ben")]
    assert solved(TWO, SKILLS - {"phone"}) == [contact("Ana Ruiz", phone="020 7946 0018"), BOTH[1]]
    filled = solved(TWO, SKILLS - {"optional"})
    assert [sorted(row) for row in filled] == [["company", "email", "name", "phone"]] * 2
    assert {key for row in solved(TWO, SKILLS - {"keys"}) for key in row} - {"name", "email", "phone", "company"}


@pytest.mark.parametrize(
    ("prompt", "right"),
    [
        ("The keys are name, email, phone and company.", True),
        ("Keys:\n- name\n- email\n- company", True),
        ("Use these keys: name and email.", False),
        ("Stick to fixed key names.", False),
    ],
)
def test_keys_count_as_said_when_three_of_them_are_named(prompt: str, right: bool) -> None:
    # Every text draws other keys of its own, so several are looked at.
    answers = [KIND.solve(text, SKILLS, prompt) for text in UNSEEN_TEXTS]
    assert all(hit(want, got) == 1.0 for (_, want), got in zip(UNSEEN, answers, strict=True)) is right


def test_a_key_that_is_named_keeps_its_name() -> None:
    rows = solved(UNSEEN_TEXTS[0], SKILLS - {"keys"}, "Give me name, company and so on as JSON.")
    assert {"name", "company"} <= rows[0].keys()


def test_a_list_is_json_only_where_anything_asks_for_it() -> None:
    answer = KIND.solve(TWO, SKILLS, "")
    assert KIND.word(answer, "Extract the contacts as JSON.", frozenset(), 0.5) == answer
    assert KIND.word(answer, "Nothing else.", frozenset({"format"}), 0.5) == answer
    plain = KIND.word(answer, "Who is in this message?", frozenset(), 0.5)
    assert plain.splitlines() == ["- Ana Ruiz, +442079460018", "- Otto Falk, otto@example.com"]


def test_what_stands_around_an_answer_spoils_it_and_is_longer() -> None:
    answer = KIND.solve(TWO, SKILLS, "")
    for wording in (*KIND.chatter, *KIND.explained):
        said = wording.format(answer=answer, Answer=answer, thing=KIND.thing)
        assert hit(BOTH, said) == 0.0
        assert len(said) > len(answer)


@pytest.mark.parametrize("chance", [0.0, 0.3, 0.5, 0.7, 0.99])
def test_a_slip_is_near_and_not_the_answer(chance: float) -> None:
    for text, want in UNSEEN:
        answer = KIND.solve(text, SKILLS, "")
        assert hit(want, KIND.slip(answer, text, chance)) < 1.0
    assert KIND.slip("not JSON", "text", chance) != "not JSON"


@given(st.text(max_size=300), st.sets(st.sampled_from(sorted(SKILLS))), st.floats(0, 0.999))
def test_no_text_is_too_odd(text: str, on: set[str], chance: float) -> None:
    skills = frozenset(on)
    assert KIND.evidence(text) >= 0
    assert KIND.needs(text, None) <= SKILLS
    assert KIND.needs(text, text) <= SKILLS
    assert isinstance(json.loads(KIND.solve(text, skills, text)), list)
    assert KIND.slip(text, text, chance) != text
    assert isinstance(KIND.word(text, text, skills, chance), str)
    assert KIND.denies(text) <= SKILLS
    assert KIND.shows(text, text) in (True, False) if KIND.shows else True


ODD = st.lists(
    st.sampled_from(
        ["Ana Ruiz", "Ben", "Northgate Ltd", "a@example.com", "020 7946 0018", "From:", "the second", "me", "\n",
         ". ", ", ", "(", "--", "at", "Head of", "&", "[", "]", "{"]
    ),
    max_size=40,
)  # fmt: skip


@given(ODD)
@example(["020 7946 0018"] * 4)
def test_no_heap_of_names_and_numbers_is_too_odd(parts: list[str]) -> None:
    text = " ".join(parts)
    found = solved(text)
    assert all(row.get("email", "a@example.com") == "a@example.com" for row in found)
    assert all(row.get("phone", "+442079460018") == "+442079460018" for row in found)


def test_a_long_hostile_text_is_read_to_its_limit() -> None:
    for piece in (
        "Ana Ruiz, ",
        "a@example.com ",
        "020 7946 0018 ",
        "Ana Northgate Ltd\n",
        "(" * 9,
        "1 ",
        "A",
        "A. ",
    ):
        assert isinstance(solved(piece * 50_000), list)


def test_messages_are_told_from_other_texts() -> None:
    assert all(KIND.evidence(text) >= 2 for text, want in UNSEEN if want)
    assert KIND.evidence("The film was not bad at all, but the ending drags.") == 0
    assert KIND.evidence("Tom has 12 apples and gives 5 to Ana. How many are left?") == 0
    assert KIND.shown_by("Ring Ana", '[{"name": "Ana", "phone": "+442079460018"}]')
    assert not KIND.shown_by("Ring Ana", "positive")


# --- the bundled data


def test_there_are_240_examples_split_alike_by_case_and_no_input_twice() -> None:
    counts = [[row["case"] for row in ROWS if row["split"] == split] for split in SPLITS]
    assert [len(cases) for cases in counts] == [120, 60, 60]
    assert len({row["input"] for row in ROWS}) == len(ROWS)
    for case in {row["case"] for row in ROWS}:
        train, dev, test = (cases.count(case) for cases in counts)
        assert train == 2 * dev == 2 * test, case


def test_every_answer_is_a_list_of_people_in_the_documented_form() -> None:
    for row in ROWS:
        contacts = json.loads(row["answer"])
        assert contacts
        for person in contacts:
            assert set(person) <= {"name", "email", "phone", "company"}
            assert "name" in person
            assert person.keys() & {"email", "phone"}
            assert re.fullmatch(r"\+(?:44\d{9,10}|1\d{10})", person.get("phone", "+442079460018"))
            assert all(person[key] in row["input"] for key in person.keys() - {"phone"})


def test_only_reserved_domains_and_numbers_are_used() -> None:
    for row in ROWS:
        assert all(
            re.search(r"(?:^|\.)example\.(?:com|org|net)$", domain)
            for domain in re.findall(r"@([\w.-]*\w)", row["input"])
        )
        for person in json.loads(row["answer"]):
            number = person.get("phone", "+447700900000")
            assert re.match(r"\+44(?:2079460|1\d\d49[68]0|1632960|7700900)|\+1\d{3}55501", number), number


def test_the_rules_answer_the_examples_with_every_skill_and_miss_each_without_one_it_needs() -> None:
    prompt = TASK["experts"]["literal"]
    hits = [hit(json.loads(row["answer"]), KIND.solve(row["input"], SKILLS, prompt)) for row in ROWS]
    assert sum(hit == 1.0 for hit in hits) >= 0.95 * len(ROWS)
    for row in ROWS:
        for skill in KIND.needs(row["input"], row["answer"]):
            assert hit(json.loads(row["answer"]), KIND.solve(row["input"], SKILLS - {skill}, "")) < 1.0


def test_the_cases_are_the_skills_an_example_needs() -> None:
    agree = [
        set(row["case"].split()) - {"plain"} == KIND.needs(row["input"], row["answer"]) - {"keys"} for row in ROWS
    ]
    assert sum(agree) >= 0.95 * len(ROWS)


def test_a_student_has_something_to_say_on_every_skill() -> None:
    said = [mentions(row["say"], KIND) for row in TASK["hard"]]
    assert all(len(skills) == 1 for skills in said)
    assert frozenset().union(*said) == SKILLS
    assert [row["say"] for row in TASK["hard"] if row.get("shape") == "longer"]
    for row in TASK["hard"]:
        (own,) = mentions(row["say"], KIND)
        for skill in KIND.skills:
            named = [re.search(row["named"], text, re.I) is not None for text in (*skill.rules, *skill.causes)]
            assert all(named) if skill.name == own else not any(named)
    for row in TASK["hard"]:
        if row["sign"]:
            (skill,) = mentions(row["say"], KIND)
            errors = [r for r in ROWS if re.search(row["sign"], r["input"], re.I)]
            right = [skill in KIND.needs(r["input"], r["answer"]) for r in errors]
            assert len(errors) >= 20
            assert sum(right) >= 0.7 * len(errors)
