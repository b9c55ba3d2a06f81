"""An administrator takes the organisation's customers in: file → columns → check → import, by the real worker."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.site import BASE_DIR
from tests.browser.test_accessibility import settle

Visit = Callable[..., Page]
DATA = BASE_DIR.parent / "shared" / "data" / "crm-sales-opportunities"
MAPPING = "crm-sales-opportunities"
MILLISECONDS_TO_RUN = 180_000  # long enough for the sweeper, should a delivery be lost
RUN_PAGE = re.compile(r"/imports/\d+/$")


def upload(page: Page, kind: str, file: Path, mapping: str = "") -> None:
    """Send the file; ends on the page of its columns."""
    page.goto("/imports/")
    page.locator("main a[href='/imports/new/']").first.click()
    page.select_option("[name=kind]", kind)
    page.set_input_files("[name=file]", file)
    if mapping:
        kind_name = page.locator(f"[name=kind] option[value={kind}]").inner_text()
        page.select_option("[name=mapping]", label=f"{mapping} ({kind_name})")
    page.locator("main form:has([name=kind]) button[type=submit]").click()


def check(page: Page) -> None:
    """Check the rows; ends on the page of the import, which shows what would happen."""
    page.locator("main .form-foot button[type=submit]").click()
    await_end(page)


def run(page: Page) -> None:
    """Import the rows; ends on the page of the import, which shows what has happened."""
    page.locator("main .page-head .btn-primary").click()
    with page.expect_event("load"):
        page.locator("#dialog button[type=submit]").first.click()
    await_end(page)


def await_end(page: Page) -> None:
    """Wait until the page of the job gives way to the page of the import."""
    try:
        page.wait_for_url(RUN_PAGE, timeout=MILLISECONDS_TO_RUN)
    except TimeoutError:
        shown = page.locator("main").inner_text()
        page.reload()
        pytest.fail(
            f"The job did not end. Its page shows:\n{shown}\nAnd read again, {page.url}:\n{page.inner_text('main')}"
        )


def counts(page: Page) -> dict[str, str]:
    """Return the numbers of the summary by result."""
    links = page.locator("main dl.kv a[href^='?fate=']").all()
    return {(link.get_attribute("href") or "").removeprefix("?fate="): link.inner_text() for link in links}


@pytest.mark.parametrize(
    ("kind", "file", "rows"), [("users", "sales_teams.csv", 35), ("customers", "accounts.csv", 85)]
)
def test_shared_data_come_in_once_however_often_they_are_imported(
    visit: Visit, kind: str, file: str, rows: int
) -> None:
    page = visit("admin")
    for fates in ({"created": str(rows)}, {"unchanged": str(rows)}):
        upload(page, kind, DATA / file, MAPPING)
        check(page)
        assert counts(page) == fates
        run(page)
        assert counts(page) == fates


def test_offers_come_in_and_held_ones_are_given_to_a_customer(visit: Visit, tmp_path: Path) -> None:
    page = visit("admin")
    for kind, name in (("users", "sales_teams.csv"), ("customers", "accounts.csv"), ("products", "products.csv")):
        upload(page, kind, DATA / name, MAPPING)
        check(page)
        run(page)
    lines = (DATA / "sales_pipeline.csv").read_text(encoding="utf-8").splitlines()
    held = [line for line in lines[1:] if line.split(",")[3] == ""][:3]
    file = tmp_path / "pipeline.csv"
    file.write_text("\n".join(lines[:21] + [line for line in held if line not in lines[:21]]), encoding="utf-8")
    upload(page, "offers", file, MAPPING)
    check(page)
    run(page)
    found = counts(page)
    assert int(found["held"]) >= 3

    with page.expect_response("**reason=no_customer*"):
        page.locator("main a[href='?reason=no_customer']").first.click()
    settle(page)  # ticks of the list before are gone when the filtered one is there
    page.locator("#bulk [name=ids]").first.check()
    page.locator("#bulk [name=all]").check()
    page.locator("#bulk button[name=action]").click()
    dialog = page.locator("#dialog")
    dialog.locator(".ts-control input").fill("Kan-code")
    dialog.locator(".ts-dropdown .option", has_text="Kan-code").first.click()
    dialog.locator("button[type=submit]").last.click()
    expect(page.locator("main dl.kv a[href='?fate=held']")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Kan-code")
    upload(page, "offers", file, MAPPING)
    check(page)
    assert counts(page) == {"unchanged": str(int(found["created"]) + int(found["held"]))}


def test_a_refused_row_is_mended_in_its_file_and_imported(visit: Visit, tmp_path: Path) -> None:
    page = visit("admin")
    file = tmp_path / "uudet.csv"
    file.write_text(
        "Nimi;Y-tunnus;Kunta;Asiakasryhmä\n"
        "Kaislaranta Oy;1234567-8;Espoo;Viranomaiset\nHiekkaharju Oy;;Vantaa;Viranomaiset\n",
        encoding="utf-8",
    )
    upload(page, "customers", file)
    check(page)
    run(page)
    assert counts(page) == {"created": "1", "refused": "1"}

    with page.expect_download() as download:
        page.locator("a[href$='to-mend.csv']").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.startswith("Nimi;Y-tunnus;Kunta;Asiakasryhmä;")
    assert "Hiekkaharju" not in text
    file.write_text(text.replace("1234567-8", "1234567-1"), encoding="utf-8-sig")
    upload(page, "customers", file)
    check(page)
    run(page)
    assert counts(page) == {"created": "1"}
    page.goto("/customers/?q=kaislaranta")
    expect(page.locator("#list tbody")).to_contain_text("Kaislaranta Oy")


@pytest.mark.parametrize("content", [b"", b"Nimi;Kunta\n", b"\x00\x01\x02\x89PNG\r\n\x1a\n" * 50])
def test_a_file_without_rows_is_refused_in_one_sentence_at_the_file(
    visit: Visit, tmp_path: Path, content: bytes
) -> None:
    page = visit("admin")
    file = tmp_path / "tyhja.csv"
    file.write_bytes(content)

    upload(page, "customers", file)

    expect(page.locator(".field:has([name=file]) .field-error")).to_be_visible()
    expect(page).to_have_url(re.compile("/imports/new/$"))


def test_an_import_is_checked_and_undone(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "undo.csv"
    file.write_text("Nimi;Asiakasryhmä\nKumottava Oy;Viranomaiset\n", encoding="utf-8")
    page = visit("admin")
    upload(page, "customers", file)
    check(page)
    run(page)
    imported = page.url
    page.locator("main form[action$='/undo/check/'] button").click()
    page.wait_for_url(re.compile(r"/undo/$"))
    expect(page.locator("main dl.kv a[href='?undo=can&fate=created']")).to_have_text("1")
    page.locator("main .page-head .btn-primary").click()
    with page.expect_event("load"):
        page.locator("#dialog button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/undo/$"), timeout=MILLISECONDS_TO_RUN)
    expect(page.locator("main dl.kv a[href='?undo=can&fate=created']")).to_have_count(0)
    undone = page.locator("main p[role=status] a")
    for _attempt in range(60):  # until the worker is through
        page.goto(imported)
        if undone.is_visible():
            break
        page.wait_for_timeout(500)
    expect(undone).to_be_visible()
