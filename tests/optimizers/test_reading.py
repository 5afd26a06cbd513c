"""What a model wrote is read as a person would read it, in every form that models have for the same thing.

`golden/replies.jsonl` holds replies of a language model to this project's own meta-prompts, each with what a person
copied out of it by hand.
"""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.paths import GOLDEN

from lab.core.asks import Reply
from lab.optimizers.reading import Reading, critiques, prompts, prose
from lab.optimizers.reading.cleaning import cleaned

P, Q = (
    "Sort the ticket into access, billing or bug. Reply with the label only.",
    "Label the ticket with one word: access, billing or bug.",
)
GIVEN = [json.loads(line) for line in (GOLDEN / "replies.jsonl").read_text("utf-8").splitlines()]
READERS = {
    "prompts": prompts,
    "critiques": critiques,
    "prose": lambda reply, asked: (prose(reply),),
    "rewording": lambda reply, asked: prompts(reply, asked, tags=False),
}

TAGGED = {
    "think": f"<think>draft <START>x y z<END></think>\n<START>{P}<END>",
    "thinkopen": f"Hmm. <START>draft draft<END> no.\n</think>\n\n<START>\n{P}\n<END>",
    "unclosed": f"<think>\nlet me see\n\n<START>\n{P}\n<END>",
    "reflection": f"<thinking>a</thinking>\n<reflection>b</reflection>\n<output>\n<START>{P}<END>\n</output>",
    "names": f"Here is the instruction, placed between <START> and <END> as requested:\n\n<START>{P}<END>",
    "names2": f"I will put it between `<START>` and `<END>` tags.\n<START>\n{P}\n<END>",
    "names3": f"Here's the prompt inside <START> tags:\n\n<START>\n{P}\n<END>",
    "draft": f"Draft:\n<START>{Q}<END>\nFinal version:\n<START>{P}<END>",
    "slash": f"<START>\n{P}\n</START>",
    "slash2": f"<START>\n{P}\n</END>",
    "bold": f"**<START>**\n{P}\n**<END>**",
    "bold2": f"**<START>**{P}**<END>**",
    "bold3": f"**<START>\n{P}\n<END>**",
    "bracket": f"[START]\n{P}\n[END]",
    "esc": f"&lt;START&gt;\n{P}\n&lt;END&gt;",
    "esc2": f"\\<START\\>\n{P}\n\\<END\\>",
    "fence": f"```\n<START>\n{P}\n<END>\n```",
    "fence2": f"<START>\n```text\n{P}\n```\n<END>",
    "lower": f"<start>{P}<end>",
    "selfclose": f"<START/>{P}<END/>",
    "spaces": f"< START >{P}< END >",
    "bare": f"START: {P}\nEND",
    "bare2": f"START\n{P}\nEND",
    "bare3": f"**START:**\n{P}\n**END:**",
    "onlyopen": f"<START>\n{P}",
    "onlyclose": f"{P}\n<END>",
    "onlyclose2": f"Here is the new instruction:\n\n{P}\n<END>",
    "echo": f"<START>\n<INSTRUCTIONS>\n{P}\n</INSTRUCTIONS>\n<END>",
    "echo2": f"<START><TEXT>{P}</TEXT><END>",
    "echo3": f"<START><INS>{P}<END>",
    "quote": f"<START>“{P}”<END>",
    "quote2": f"<START>'{P}'<END>",
    "quote3": f'<START>"""{P}"""<END>',
    "quote4": f"<START>«{P}»<END>",
    "tick": f"<START>`{P}`<END>",
    "gt": f"<START>> {P}<END>",
    "gt2": f"<START>>{P}\n<END>",
    "stars": f"<START>**{P}**<END>",
    "stars2": f"<START>** {P} **<END>",
    "stars3": f"<START>** {P}<END>",
    "label": f"<START>Instruction: {P}<END>",
    "label2": f"<START>\n**New prompt:**\n{P}\n<END>",
    "label3": f"<START>\n# Improved Instructions\n{P}\n<END>",
    "label4": f"<START>\n**Version 1**\n\n{P}\n<END>",
    "partial": f"<START>\n{P}\n<EN",
    "crlf": f"<START>\r\n{P}\r\n<END>\r\n",
    "two": f"<START>{Q}<END>\n<START>{P}<END>",
    "cjk": f"【START】{P}【END】",
    "fullwidth": f"＜START＞{P}＜/START＞",
    "double": f"<<START>>{P}<<END>>",
    "braces": f"{{START}}{P}{{END}}",
    "numbered": f"<START 1>{P}<END 1>",
    "dashes": f"--- START ---\n{P}\n--- END ---",
    "stop": f"<START>{P}<STOP>",
    "json": f'{{"prompt": "{P}"}}',
    "json2": f'Here it is:\n```json\n{{"new_prompt": "{P}", "reason": "shorter"}}\n```',
    "element": f"Sure! Here is a better one:\n\n<prompt>\n{P}\n</prompt>\n\nIt names the labels.",
    "element2": f"<improved_instruction>{P}</improved_instruction>",
    "table": f"| # | Prompt |\n|---|---|\n| 1 | {P} |",
    "item": f"1. {P}",
    "label5": f"Revised prompt: {P}",
    "reasoned": f"**Reasoning:** It names no labels.\n\n**New prompt:** {P}",
    "role": f"Assistant: {P}",
    "de": f"Gerne! Hier ist die verbesserte Anweisung:\n\n{P}",
    "fr": f"Bien sûr ! Voici la nouvelle instruction :\n\n{P}",
    "es": f"¡Claro! Aquí tienes la instrucción mejorada:\n\n{P}",
    "it": f"Certo! Ecco la nuova istruzione:\n\n{P}",
    "pt": f"Claro! Aqui está a nova instrução:\n\n{P}",
    "ru": f"Конечно! Вот улучшенная инструкция:\n\n{P}",
    "zh": f"好的，以下是改进后的指令：\n\n{P}",
    "ja": f"承知しました。新しい指示は以下の通りです：\n\n{P}",
    "ko": f"네, 개선된 지시문은 다음과 같습니다:\n\n{P}",
    "gptoss": f"<|channel|>analysis<|message|><START>a draft<END><|end|><|start|>assistant<|channel|>final<|message|>"
    f"<START>{P}<END><|return|>",
    "mistral": f"[THINK]Let me see: <START>something else<END>[/THINK]<START>{P}<END>",
    "command": f"<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|><START>{P}<END><|END_RESPONSE|>",
    "kimi": f"◁think▷Let me think<START>abc def<END>◁/think▷<START>{P}<END>",
    "roundtags": f"(START) {P} (END)",
    "guillemets": f"≪START≫{P}≪END≫",
    "heading": f"## New Prompt\n\n{P}\n\n## Why this works\n\nIt names all labels.",
    "analysed": f"### Analysis\n- labels missing\n\n### Revised prompt\n```\n{P}\n```\n\n### Changes\n- named labels",
    "improved": f"**Improved Prompt:**\n\n> {P}\n\n**Key improvements:**\n- Names labels",
    "explained": f"<START>\n**Prompt:**\n\n{P}\n\n**Explanation:** names labels.\n<END>",
    "json3": f'{{"prompt": "{P}",}}',
    "json4": f"{{'prompt': '{P}'}}",
    "json5": f'{{"reasoning": "labels missing", "prompt": "{P}',
    "json6": f'Sure! Here is the JSON:\n{{"prompt": "{P}"}}\nLet me know if you need more.',
    "json7": f'{{\n  "prompt": "{P}",\n  // shorter\n  "why": "short"\n}}',
    "yaml": f"```yaml\nprompt: |\n  {P}\n```",
    "yaml2": f'prompt: "{P}"',
    "attribute": f"<prompt id='1' lang=\"en\">{P}</prompt>",
    "upper": f"<PROMPT>{P}</PROMPT>",
    "brackets": f"[{P}]",
    "corner": f"「{P}」",
    "ja2": f"新しいプロンプト：\n{P}",
}
SEVERAL = {
    "json": f'["{P}", "{Q}"]',
    "json2": f'{{"prompts": [{{"prompt": "{P}", "why": "short"}}, {{"prompt": "{Q}", "why": "clear"}}]}}',
    "json3": f'{{"1": "{P}", "2": "{Q}"}}',
    "table": f"Here they are:\n\n| # | Prompt |\n|---|---|\n| 1 | {P} |\n| 2 | {Q} |",
    "elements": f"<prompt1>{P}</prompt1>\n<prompt2>{Q}</prompt2>",
    "letters": f"a) {P}\nb) {Q}",
    "roman": f"i. {P}\nii. {Q}",
    "circled": f"① {P}\n② {Q}",
    "zh": f"1、{P}\n2、{Q}",
    "de": f"Variante 1: {P}\nVariante 2: {Q}",
    "quoted": f'"{P}"\n\n"{Q}"',
    "ruled": f"{P}\n\n---\n\n{Q}",
    "fenced": f"```\n{P}\n```\n```\n{Q}\n```",
    "options": f"**Option 1 – concise**\n{P}\n\n**Option 2 – explicit**\n{Q}",
    "options2": f"### Option 1: Concise\n{P}\n\n### Option 2: Explicit\n{Q}",
    "options3": f"**Option 1 (concise):** {P}\n\n**Option 2 (explicit):** {Q}",
    "options4": f"Option A:\n{P}\n\nOption B:\n{Q}",
    "titles": f"1. **Concise:** {P}\n2. **Explicit:** {Q}",
    "titles2": f"**1. Concise**\n{P}\n\n**2. Explicit**\n{Q}",
    "rows": f'{{"prompt": "{P}"}}\n{{"prompt": "{Q}"}}',
    "yaml": f'prompts:\n  - "{P}"\n  - "{Q}"',
    "nested": f"<prompts>\n  <prompt>{P}</prompt>\n  <prompt>{Q}</prompt>\n</prompts>",
    "attributes": f'<prompt id="1">{P}</prompt><prompt id="2">{Q}</prompt>',
}
REWORDED = {
    "sure": f"Sure! Here is another wording:\n\n```\n{P}\n```\nLet me know if you want more.",
    "here": f'Here\'s a variation:\n"{P}"',
    "heresame": f'Here\'s a variation: "{P}"',
    "certainly": f"Certainly! {P}",
    "trail": f"{P}\n\nLet me know if you'd like any changes!",
    "trail2": f"{P}\n\nThis version keeps the meaning and uses other words.",
    "bolded": f"**Variation:**\n\n{P}",
    "inst": f"<INSTRUCTIONS>\n{P}\n</INSTRUCTIONS>",
    "tagged": f"<START>{P}<END>",
    "think": f"<think>ok</think>\n{P}",
    "rewritten": f"The rewritten instructions are:\n\n{P}",
    "I": f"I've reworded the instructions below:\n\n{P}",
    "bq": f"> {P}",
    "dash": f"Here you go:\n\n---\n\n{P}\n\n---\n\nI hope this helps!",
    "paren": f"Okay, here's a rewording that keeps the meaning:\n\n{P}\n\n(I kept the label list as it was.)",
    "im_end": f"{P}<|im_end|>",
    "eos": f"{P}</s>",
    "turn": f"{P}<end_of_turn>\n",
    "final": f"<|channel|>analysis<|message|>Short.<|end|><|start|>assistant<|channel|>final<|message|>{P}<|return|>",
    "blocks": f"Here's the prompt:\n\n````\n{P}\n````",
    "counted": f"{P}\n\n(14 words)",
    "changes": f"{P}\n\n**Changes:**\n- Named labels\n- Shorter",
    "de": f"Hier ist eine Umformulierung:\n\n{P}\n\nIch hoffe, das hilft!",
    "fr": f"Voici une reformulation :\n\n« {P} »\n\nN'hésitez pas à me dire si vous souhaitez autre chose.",
    "es": f"Versión reformulada:\n\n{P}\n\n¿Quieres otra versión?",
    "zh": f"改写后的指令：\n{P}\n\n如果需要其他版本，请告诉我。",
    "ja": f"言い換え：\n「{P}」",
    "arrow": f"Rewritten prompt → {P}",
    "titled": f"### Version 1: Concise\n{Q}\n\n### Version 2: Explicit\n{P}",
    "v12": f"**Version 1:**\n{Q}\n\n**Version 2:**\n{P}",
}
AS_THEY_ARE = (
    '"positive" or "negative"? Say which.',
    'Say "yes" or "no".',
    '"yes" means agreement; otherwise say "no"',
    "Follow these instructions:\n1. Read the ticket.\n2. Say the label.",
    "Reason inside <thinking></thinking> tags, then answer.",
    "First reason:\n<thinking>\nyour thoughts\n</thinking>\nThen answer.",
    "Answer in this format:\n```\nlabel\n```",
    "**Label the ticket.** Reply with **one word**",
    "Instruction: Sort the ticket.\n\nTicket: {input}\nCategory:",
    "# Task\nSort it.\n\n# Output\nOne word.",
    "Q: {input}\nA:",
    'If unsure, ask: "Could you please clarify?"',
    "Note: ignore sarcasm.",
    "Use the following categories:\n- a\n- b",
    "Classify the following text:\n{input}",
    "The following labels are possible:\n\na\nb",
    "Don't explain. Answer 'yes' or 'no'.",
    "Given the review below, classify it:\n{input}",
    "Sure signs of anger mean negative.",
    "Okay reviews are positive.",
    "Sort it.\n\nIf you need more than one label, choose the first.",
    "1. Read the ticket.\n2. Give the label.",
    "- bug: broken\n- feature: wish",
    'You are an apology writer. Write "I am sorry".',
    "Here is a review: {input}\nSay if it is positive.",
    "*Important*: say *yes*",
    "Input: {input}\nOutput:",
    "To solve the problem, follow these steps:\n1. Add.\n2. Say it.",
    "Your task is to follow the instructions below:\n\nSay yes.",
    "The prompt is a ticket. Sort it.",
    "Hello {input}",
    "> 5 means large. Say large or small.",
    "'Tis the season.",
    "Please provide the sentiment of the text.",
    "I will give you a review. Say if it is positive or negative.",
    "Before you answer, ask yourself: is it what the customer would like?",
    "This is a support ticket:\n{input}\nSort it.",
    "Yes or no: is the review positive?",
    "After reading the instructions in the ticket, answer with one of:\nyes\nno",
    "You are a judge.\n<instructions>\nSay yes or no.\n</instructions>\n<input>{input}</input>",
    "<instructions>\nSay yes or no.\n</instructions>\n<input>{input}</input>",
    'Extract as JSON:\n```json\n{"text": "a", "answer": "b"}\n```',
    "Sort the ticket:\n| label | meaning |\n|---|---|\n| a | b |\n| c | d |",
    '{"label": "positive or negative"}',
    "Say whether it is from {start} to {end}.",
    "Summarize the diff.\n\n**Changes:**\n{input}",
    "# Task\nSort it.\n\n# Explanation\nOne sentence that says why.",
    "[INST] {input} [/INST]",
    "<|im_start|>user\n{input}<|im_end|>",
    "请改写以下句子：\n{input}",
    "如果有多个类别，选第一个。",
    "如果你需要更多信息，选“未知”。",
    "Reformule la phrase suivante :\n{input}",
    "Say what it is in\n50 words at most.",
    "Rate it.\nText: good\nScore: 5",
    'Answer with JSON:\n{"instruction": "what to do"}',
    "Steps:\n  - read\n  - say",
    "[Note: say yes]",
    "**Task:** Sort it.\n**Labels:** a, b",
    "First say why, in a block:\n````\n```json\n{}\n```\n````",
)
NOTHING_GIVEN = (
    "I'm sorry, but I can't help with that request.",
    "I cannot assist with that.",
    "As an AI language model, I cannot do this.",
    "Sorry, I can't do that.",
    "Unfortunately, I cannot fulfil this request.",
    'It looks like the instructions between the tags are incomplete – they only contain "` and `". Could you please share the full instructions you\'d like me to rephrase?',
    "Could you please provide the instructions you want reworded?",
    "I don't see any instructions. Please provide the text you'd like me to rephrase.",
    "Sure! Please share the instructions and I'll reword them.",
    "Which of the instructions would you like me to rewrite?",
    "I need more context. Can you clarify what the task is?",
    "What would you like me to change about the prompt?",
    "I apologize, but I am unable to comply.",
)
LISTS = (
    ("1. Too vague.\n2. No labels.\n3. No order.", 3, ["Too vague.", "No labels.", "No order."]),
    ("Here are three reasons:\n\n- **A**: too vague.\n- **B**: none.", 2, ["**A**: too vague.", "**B**: none."]),
    ("**Reason 1:** vague\n\n**Reason 2:** none", 2, ["vague", "none"]),
    ("<START>1. too vague\n2. no order<END>", 2, ["too vague", "no order"]),
    ("The prompt names no labels.\n\nIt is vague.", 1, ["The prompt names no labels.\n\nIt is vague."]),
    (
        '{"reasons": [{"reason": "too vague", "example": 2}, {"reason": "no order", "example": 1}]}',
        2,
        ["too vague", "no order"],
    ),
    ("| Nr | Reason |\n|--|--|\n| 1 | too vague |\n| 2 | no order |", 2, ["too vague", "no order"]),
    ("Grund 1: too vague\nGrund 2: no order", 2, ["too vague", "no order"]),
    ("First, it is vague.\nSecond, it has no order.", 2, ["it is vague.", "it has no order."]),
    ("It names no labels.\n\nIt is vague.", 2, ["It names no labels.", "It is vague."]),
    ('{"reasons": ["too vague", "no ord', 2, ["too vague"]),
    ("<reasons><reason>too vague</reason><reason>no order</reason></reasons>", 2, ["too vague", "no order"]),
    ("**Reason 1: Form**\ntoo vague\n\n**Reason 2: Order**\nnone", 2, ["Form\ntoo vague", "Order\nnone"]),
    ("The critique is:\n\ntoo vague", 1, ["too vague"]),
    ("Reasons:\n1. too vague\n2. no labels\n3. no order", 2, ["too vague", "no labels"]),
)


def usable(told: tuple[Reading, ...]) -> list[str]:
    return [one.text for one in told if one.flaw is None]


@pytest.mark.parametrize("given", GIVEN, ids=[one["id"] for one in GIVEN])
def test_a_real_reply_is_read_as_a_person_read_it(given: dict) -> None:  # type: ignore[type-arg]
    told = READERS[given["asks"]](Reply(given["reply"]), given["asked"])
    assert [one.text for one in told] == given["read"]
    assert [one.flaw and one.flaw.code for one in told] == [given["flaw"]] * len(told)


@pytest.mark.parametrize("reply", TAGGED.values(), ids=TAGGED)
def test_a_prompt_between_tags_is_found_however_they_are_written(reply: str) -> None:
    assert usable(prompts(Reply(reply))) == [P]


@pytest.mark.parametrize("reply", SEVERAL.values(), ids=SEVERAL)
def test_several_prompts_without_tags_are_told_apart_where_as_many_are_there_as_were_asked_for(reply: str) -> None:
    told = prompts(Reply(reply), 2)
    assert usable(told) == [P, Q]
    assert all(one.recovered for one in told)


@pytest.mark.parametrize("reply", REWORDED.values(), ids=REWORDED)
def test_a_rewording_is_freed_of_what_a_chat_puts_around_it(reply: str) -> None:
    assert usable(prompts(Reply(reply), tags=False)) == [P]


@pytest.mark.parametrize("text", AS_THEY_ARE)
def test_a_prompt_without_wrapping_stays_as_it_is(text: str) -> None:
    assert prompts(Reply(text), tags=False) == (Reading(text),)
    assert prompts(Reply(f"<START>\n{text}\n<END>")) == (Reading(text),)


@pytest.mark.parametrize("reply", NOTHING_GIVEN)
def test_a_refusal_and_a_question_back_are_no_answer(reply: str) -> None:
    for told in (
        prompts(Reply(reply)),
        prompts(Reply(reply), tags=False),
        critiques(Reply(reply)),
        (prose(Reply(reply)),),
    ):
        assert [one.flaw and one.flaw.code for one in told] in (["declined"], ["asked_back"])


@pytest.mark.parametrize(("reply", "asked", "texts"), LISTS)
def test_a_list_of_critiques_is_taken_apart_and_marked(reply: str, asked: int, texts: list[str]) -> None:
    told = critiques(Reply(reply), asked)
    assert usable(told) == texts
    assert all(one.recovered for one in told)


def test_what_was_removed_is_told() -> None:
    (told,) = prompts(Reply(f'Here\'s a variation:\n"{P}"'), tags=False)
    assert told == Reading(P, None, ("Here's a variation:", '"…"'))


def test_a_draft_is_more_than_was_asked_for_and_the_last_one_counts() -> None:
    first, last = prompts(Reply(f"<START>{Q}<END>\nBetter:\n<START>{P}<END>"))
    assert (first.flaw and first.flaw.code, last.flaw) == ("more_than_asked", None)
    assert first.flaw
    assert first.flaw.may_be_overruled


def test_a_prompt_that_is_cut_off_within_json_is_said_to_be_and_not_used() -> None:
    told = prompts(Reply('{"prompt": "Sort it into access, bil'))
    assert [one.flaw and one.flaw.code for one in told] == ["unclosed_tag"]


def test_only_thinking_is_no_answer() -> None:
    (told,) = prompts(Reply("<think>\nI should write"))
    assert told.flaw
    assert told.flaw.code == "only_thought"


@pytest.mark.parametrize(
    "reply",
    [
        "``` ```", "```\n```", "```python\n\n```", "~~~\n~~~", "```", "``````", "<START>```\n```<END>",
        "Here is the improved prompt:\n```\n```", "```a\n```\n```b\n```",
    ],
)  # fmt: skip
def test_an_empty_code_block_is_no_text(reply: str) -> None:
    for told in (prompts(Reply(reply)), prompts(Reply(reply), tags=False), critiques(Reply(reply))):
        assert [(one.text, one.flaw and one.flaw.code) for one in told] == [("", "empty_reply")]


def test_an_empty_code_block_before_a_text_is_no_part_of_it_and_one_within_is() -> None:
    (told,) = prompts(Reply(f"```\n```\n{P}"), tags=False)
    assert told.text == P
    asks = "Answer in a block of code:\n```\n```\nand nothing else."
    assert [one.text for one in prompts(Reply(f"<START>{asks}<END>"))] == [asks]


def test_of_many_blocks_the_empty_ones_are_none_of_the_texts() -> None:
    said = f"```\n```\n\nTwo versions:\n\n```\n{P}\n```\n\n```text\n{Q}\n```"
    assert [one.text for one in prompts(Reply(said), 2)] == [P, Q]


PIECES = st.sampled_from(
    ["<START>", "<END>", "</START>", "**", "```", '"', "“", ">", "<think>", "</think>", "\n", " ", "Here is a version:",
     "Say yes.", "1. ", "Instruction:", "Let me know", "<INSTRUCTIONS>", "{input}", "`", "'", "Sure!", "---"]
)  # fmt: skip
HOSTILE = st.text(max_size=60) | st.lists(PIECES, max_size=14).map("".join)


@given(HOSTILE, st.integers(1, 3))
def test_reading_never_raises_and_never_gives_an_empty_text_as_usable(text: str, asked: int) -> None:
    for told in (prompts(Reply(text), asked), prompts(Reply(text), tags=False), critiques(Reply(text), asked)):
        assert told
        assert all(one.text.strip() or one.flaw for one in told)
    prose(Reply(text))


def test_thinking_right_behind_a_tag_is_no_part_of_the_text_however_the_tag_is_written() -> None:
    for opening, closing in (("<START>", "<END>"), ("START:", "END:")):
        (told,) = prompts(Reply(f"{opening}\n<think>Shorter.</think>\n{P}\n{closing}"))
        assert (told.text, told.flaw) == (P, None)


@given(HOSTILE)
def test_what_was_cleaned_is_clean(text: str) -> None:
    once, _ = cleaned(text)
    assert cleaned(once) == (once, ())


@pytest.mark.long
@pytest.mark.parametrize("piece", [
    "<", "<START>", "<END>", "&lt;", "*", "**<START>**", "`", '"', "\n", " ", ">", "1. a\n", "- a\n", "Here is a version: ",
    "[", "<think>", "a ", "Version 1:\n", "```\n", "<START>a<END>", "Let me know\n", "{", "\n\n", "'", "“",
    "<START>a\n<think>b</think>\n<END>\n", "a b\n<think>c</think>\n", "<prompt>\n", "<prompt>a</prompt>\n", "| a |\n",
    "{START}", "--START--\n", '{"prompt": ', "New prompt:\n", "---\n", "```\na\n```\n",
    '{"prompt": "a",', "<prompt id=1>", "prompt: |\n  a\n", "**a**\n", "### Option 1: a\n", "</s>", "## Changes\na\n",
    "```a\n", "~~~a\n", "```a\n\n", "~", "```\n```\n", "> a\n",
])  # fmt: skip
def test_a_megabyte_of_anything_is_read_in_no_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    for reader in READERS.values():
        began = time.process_time()
        reader(Reply(text), 2)
        assert time.process_time() - began < 8
