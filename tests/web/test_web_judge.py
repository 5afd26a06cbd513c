"""A judge in a real browser: the third model of the set-up, and two answers that a person rates without its verdicts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lab.tasks import bundled


@pytest.mark.browser
@pytest.mark.long
def test_a_judge_is_set_up_and_two_answers_are_rated_before_its_verdicts_are_shown(tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright
    from support.browser import FLAGS, browser_path, free_port

    from lab.store import Book
    from lab.web.build import launch

    file, book = tmp_path / "notes.csv", Book(tmp_path / "lab.sqlite")
    dates = bundled.load("dates")
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(("note", "date"))
        rows.writerows((one.input, one.answer) for one in dates.train[:40])
    demo, url = launch(book, port=free_port())
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=list(FLAGS))
            page = browser.new_page()
            page.goto(url)
            page.get_by_label("Your own examples").check(timeout=60_000)
            judging = page.locator("#judging")
            expect(judging).to_be_hidden()
            page.locator("#file input[type=file]").set_input_files(file)
            page.locator("#report", has_text="40 rows were read").wait_for(timeout=60_000)
            page.locator("#start textarea").fill(dates.start)
            page.locator("#metric input").click()
            page.get_by_role("option", name="judge", exact=True).click()
            expect(judging).to_be_visible(timeout=30_000)
            page.locator("#rubric textarea").fill("It is the right day, <b>in any form</b>.")
            page.locator("#begin").click()
            page.locator("[data-act=next]").first.click(timeout=60_000)
            expect(page.locator(".lab-header")).to_contain_text("judge not checked yet", timeout=120_000)
            page.locator(".lab-board [data-act=accept]").first.wait_for(timeout=120_000)
            card = page.locator(".lab-rate")
            if not card.is_visible():
                page.get_by_role("button", name="Examples").or_(
                    page.get_by_role("tab", name="Examples")
                ).first.click()
            for n in (1, 2):
                expect(card).to_be_visible(timeout=30_000)
                fold = page.locator("details", has=card).last
                expect(fold).to_contain_text("It is the right day, <b>in any form</b>.")
                rows = fold.locator("tbody tr")
                expect(rows).to_have_count(n - 1)
                expect(card.locator("pre").nth(2)).to_be_visible()
                answer = card.locator("pre").nth(2).inner_text()
                assert answer.strip()
                card.get_by_role("button", name="Pass" if n == 1 else "Fail").click()
                expect(rows).to_have_count(n, timeout=30_000)
                expect(rows.first).to_contain_text(answer.strip()[:20])
            expect(page.locator(".lab-header")).to_contain_text("2 ratings", timeout=30_000)
            browser.close()
    finally:
        demo.close()
    (branch,) = book.all_branches()
    assert branch.models["judge"].spec == "practice"
    task = book.context(book.node(branch.node).context).context.task
    assert (task.metric, task.rubric) == ("judge", "It is the right day, <b>in any form</b>.")
    assert len(book.ratings(branch.owner, task.metric, task.rubric)) == 2
    assert book.verify()[1] == ()
