"""The console in a real browser: on a desk and on a phone, by day and by night, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from shared.records import Author, Candidate, FieldProvenance, Image, Quality
from tests.services.api.served import Served
from tests.shared.reading.newsroom import Newsroom, make_article

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESK, PHONE = 1300, 390
LONG = "https://gazette.example/" + "a-very-long-address-without-a-place-to-break" * 5

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}: the console is not looked at"
)

# The contrast of every piece of text with what is painted behind it (WCAG 2.2, 1.4.3), the worst one first.
CONTRAST = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => { const [r, g, b] = channels(text).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = element => { for (let e = element; e; e = e.parentElement) {
      const paint = getComputedStyle(e).backgroundColor; const alpha = channels(paint)[3];
      if (alpha === undefined || alpha === 1) return paint; } return "rgb(255, 255, 255)"; };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([Math.round(ratio * 100) / 100, element.outerHTML.slice(0, 80)]);
  }
  return found.sort((x, y) => x[0] - y[0])[0];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def paths(newsroom: Newsroom) -> list[str]:
    """Pages with something on them, some of it unwieldy."""
    feed = newsroom.feed(LONG, title="The Gazette")
    written = newsroom.publish(
        make_article(
            LONG + "/story",
            title="Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherung " * 2,
            summary="In short.",
            authors=(Author(name="Ada Byron", url=LONG),),
            quality=Quality(score=0.2, flags=("too_short", "paywall")),
            images=(Image(url=LONG + ".jpg", caption="A crane", credit="Nobody"),),
            provenance={
                "title": FieldProvenance(source="page", raw=LONG, candidates=(Candidate(source="og", value=LONG),))
            },
        ),
        feed_id=feed,
    )
    newsroom.publish(make_article("https://gazette.example/ar", title="افتتاح مكتبة جديدة", text="نص", language="ar"))
    newsroom.publish(make_article("https://gazette.example/ja", title="東京湾に新しい灯台" * 5, language="ja"))
    with newsroom.database.transaction() as connection:
        connection.execute("UPDATE feeds SET last_outcome = 'failed', last_error = 'dns: no such name'")
    return [
        "/",
        "/?q=crane&lang=en",
        "/?q=nothing",
        f"/articles/{written.article_id}",
        "/articles/X",
        "/feeds",
        "/docs",
    ]


def look(browser: Browser, api: Served, width: int, **options: Any) -> tuple[Page, list[str]]:
    """A page of the browser, and what went wrong on it: messages, and requests to elsewhere."""
    page = browser.new_context(viewport={"width": width, "height": 850}, **options).new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith((api.address, "data:")) else trouble.append(request.url),
    )
    return page, trouble


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_page_fits_can_be_read_and_loads_nothing_from_elsewhere(
    browser: Browser, api: Served, paths: list[str], width: int, scheme: str
) -> None:
    page, trouble = look(browser, api, width, color_scheme=scheme, java_script_enabled=True)
    for path in paths:
        page.goto(api.address + path)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, f"{path} is {beyond} px too wide"
        worst, where = page.evaluate(CONTRAST)
        assert worst >= 4.5, f"{path}: contrast {worst} at {where}"
    # The browser's own word about the page that is missing on purpose.
    assert [message for message in trouble if "404" not in message] == []
    page.context.close()


def test_the_keyboard_alone_skips_searches_and_opens(browser: Browser, api: Served, paths: list[str]) -> None:
    page, _ = look(browser, api, DESK)
    page.goto(api.address + paths[0])
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to content"
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("id") == "q"
    page.keyboard.type("灯台")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    assert page.locator("article h2").count() == 1
    page.locator("article h2 a").focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/*")
    assert page.locator("h1").get_attribute("lang") == "ja"
    page.context.close()


def test_it_works_without_javascript(browser: Browser, api: Served, paths: list[str]) -> None:
    page, _ = look(browser, api, PHONE, java_script_enabled=False)
    page.goto(api.address + paths[0])
    page.get_by_label("Search").fill("crane")
    page.get_by_label("Language").select_option("en")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Articles that match")
    page.context.close()


def test_feeds_are_a_table_on_a_desk_and_cards_on_a_phone(browser: Browser, api: Served, paths: list[str]) -> None:
    assert "/feeds" in paths
    page, _ = look(browser, api, DESK)
    page.goto(api.address + "/feeds")
    row = page.locator("tbody tr").first
    assert row.evaluate("e => getComputedStyle(e).display") == "table-row"
    page.set_viewport_size({"width": PHONE, "height": 850})
    assert row.evaluate("e => getComputedStyle(e).display") == "grid"
    assert row.locator("td").first.evaluate("e => getComputedStyle(e, '::before').content") == '"State"'
    assert page.get_by_role("table").get_by_role("row").count() > 1
    page.context.close()


def test_arabic_runs_from_the_right(browser: Browser, api: Served, paths: list[str]) -> None:
    page, _ = look(browser, api, DESK)
    page.goto(api.address + paths[0])
    title = page.locator('h2[lang="ar"]')
    assert title.evaluate("e => getComputedStyle(e).direction") == "rtl"
    link, whole = title.locator("a").bounding_box(), title.bounding_box()
    assert link is not None
    assert whole is not None
    assert abs(link["x"] + link["width"] - whole["x"] - whole["width"]) < 1
    page.context.close()
