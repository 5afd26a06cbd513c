"""A person as the optimizer model in a real browser: replies are typed and pasted, and the step goes on by itself."""

from __future__ import annotations

import pytest

import lab


@pytest.mark.browser
@pytest.mark.long
def test_replies_are_typed_and_pasted_and_what_matches_nothing_is_said() -> None:
    from playwright.sync_api import expect, sync_playwright
    from support.browser import FLAGS, browser_path, free_port

    from lab.store import Book
    from lab.web.build import launch

    run = lab.begin("sentiment", "opro", preset="quick", optimizer_model="by-hand", name="by hand")
    with pytest.raises(lab.AwaitedError):
        run.autopilot()
    first, *others = run.requests()
    demo, url = launch(Book(run.session.book.path), port=free_port())
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=list(FLAGS))
            page = browser.new_page()
            page.goto(f"{url}?branch={run.id}")
            form = page.locator(".lab-typed").filter(has=page.locator(f"[data-request='{first.key}']"))
            form.locator("textarea").fill("<START>Good or bad?<END>", timeout=30_000)
            form.locator("button").click()
            expect(page.locator(f"[data-request='{first.key}']")).to_have_count(0, timeout=30_000)
            together = page.locator(".lab-typed").filter(has=page.locator("[data-act=pastereplies]"))
            text = "".join(f"=== reply {one.key} ===\n<START>Say {one.key}.<END>\n" for one in others)
            together.locator("textarea").fill(f"{text}=== reply 00000000 ===\nx")
            together.locator("button").click()
            expect(page.get_by_text("No request “00000000”").first).to_be_visible(timeout=30_000)
            page.wait_for_timeout(900)  # a double click is one click
            together.locator("textarea").fill(text)
            together.locator("button").click()
            expect(page.locator("[data-proposal]").first).to_contain_text("Good or bad?", timeout=60_000)
            browser.close()
    finally:
        demo.close()
    assert not run.requests()
