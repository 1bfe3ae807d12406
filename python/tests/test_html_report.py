"""The HTML report, made by amqp-conformance and clicked through in a headless Chromium."""

import json
import subprocess
from types import SimpleNamespace

import pytest
from browser import Browser
from codebase import ROOT

PROGRAM = ROOT / "build/bin/amqp-conformance"
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="build/bin/amqp-conformance is not built")

MARKUP = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"

SCENARIOS = f"""
id: queue.declare.answered
title: a queue is declared, and a message comes back
under_test: broker
level: MUST
clauses: [091/queue.declare.queue.reserved]
steps:
  - open_channel: 1
  - send: {{queue.declare: {{queue: $id, exclusive: true, arguments: {{x-max-length: 3}}}}}}
  - expect: {{queue.declare-ok: {{queue: $id}}}}
  - send: {{basic.publish: {{routing_key: $id}}, properties: {{content_type: text/plain, headers: {{a: 1}}}}, body: hello}}
  - send: {{basic.get: {{queue: $id, no_ack: true}}}}
  - expect: {{basic.get-ok: {{}}, body: hello}}
  - advance: 30m
---
id: queue.declare.wrong
title: a scenario that expects what no broker does
under_test: broker
level: SHOULD
clauses: [091/queue.declare.queue.reserved]
steps:
  - open_channel: 1
  - send: tx.select
  - expect: {{tx.commit-ok: {{}}}}
  - send: tx.commit
---
id: robust.hostile
under_test: broker
level: ROBUST
notes: "a peer that says markup: {MARKUP}"
steps:
  - open_channel: 1
  - send: {{queue.declare: {{queue: "{MARKUP}", passive: true}}}}
  - expect: {{queue.declare-ok: {{}}}}
---
id: robust.known
under_test: broker
level: ROBUST
notes: a failure that is foretold
steps:
  - open_channel: 1
  - send: tx.select
  - expect: {{tx.rollback-ok: {{}}}}
"""
DEVIATIONS = "- {scenario: robust.known, reason: it is so, link: https://example.org/issue, message: got channel 1}"


def amqp_conformance(*arguments, expected=(0, 1)):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=50)
    assert done.returncode in expected, (arguments, done.stdout, done.stderr)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two profiles of the simulated broker and a client, each with its JSON report, and the page of all three."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "scenarios/deviation").mkdir(parents=True)
    (folder / "scenarios/all.yaml").write_text(SCENARIOS)
    (folder / "deviations.yaml").write_text(DEVIATIONS)
    own = ["--scenarios", folder / "scenarios", "--deviations", folder / "deviations.yaml"]
    runs = {
        "usual": ["broker", "simulated", *own],
        "strict": ["broker", "simulated", *own, "--profile", "strict"],
        "client": ["client", "--select", "client.return", "--", "/usr/bin/python3", ROOT / "conformance/shim/pika_shim.py"],
    }
    reports = {}
    for name, arguments in runs.items():
        file = folder / f"{name}.json"
        amqp_conformance(*arguments[:1], "--json", file, "--json-frames", *arguments[1:])
        reports[name] = json.loads(file.read_text())
    page = folder / "report.html"
    amqp_conformance("report", *(folder / f"{name}.json" for name in runs), "--html", page)
    return SimpleNamespace(folder=folder, page=page, reports=reports, own=own)


@pytest.fixture
def shown(browser, made):
    """The page of all three runs on a desktop, in light colours."""
    browser.size(1280, 900)
    browser.prefer("light")
    browser.open(made.page)
    yield browser
    assert browser.complaints() == []
    assert browser.run("return window.hacked") is None


def rows(browser):
    return [text.split("\n")[0] for text in browser.all("#matrix th.scenario .id")]


def open_case(browser, name, system=0):
    browser.run("location.hash = new URLSearchParams({role: 'broker', case: arguments[0], system: arguments[1]})", name, system)
    browser.wait_for(f"document.querySelector('#case h1')?.textContent === '{name}' && !document.querySelector('[aria-busy]')")


def test_the_matrix_tells_every_verdict_of_every_system(shown, made):
    assert rows(shown) == [result["id"] for result in made.reports["usual"]["results"]]
    cells = "return [...document.querySelectorAll('#matrix a.cell')].map(cell => cell.getAttribute('aria-label'))"
    words = shown.run(cells)
    assert len(words) == 8
    for result in made.reports["usual"]["results"]:
        assert any(word.startswith(f"{result['id']}, ") and word.endswith(f": {result['verdict']}") for word in words)
    assert shown.all("#roles a") == ["Brokers", "Clients"]
    shown.click("#roles a:last-child")
    assert rows(shown) == ["client.return"]
    assert "pika" in shown.one("#matrix th.system")


def test_filters_leave_what_fits_all_of_them(shown):
    shown.click("[data-filter=level] .level-should")
    assert rows(shown) == ["queue.declare.wrong"]
    assert shown.one("#shown") == "1 of 4 scenarios"
    shown.click("#clear")
    shown.click("[data-filter=verdict] .verdict-foretold")
    assert rows(shown) == ["robust.known"]
    shown.click("[data-filter=verdict] .verdict-foretold")
    shown.click(".families summary")
    shown.click("[data-filter=family] .family-queue")
    assert rows(shown) == ["queue.declare.answered", "queue.declare.wrong"]
    shown.driver.find_element("id", "search").send_keys("max-length COMES back")
    assert rows(shown) == ["queue.declare.answered"]
    shown.driver.find_element("id", "search").send_keys(" nothing has this")
    assert rows(shown) == []
    assert "No scenario is left" in shown.one("#nothing p")
    shown.click("#nothing-clear")
    assert len(rows(shown)) == 4
    shown.click("#differ")
    assert rows(shown) == []
    shown.driver.back()
    assert len(rows(shown)) == 4


def test_a_system_can_be_left_out_and_its_numbers_lead_to_their_scenarios(shown):
    assert len(shown.all("#matrix th.system")) == 2
    shown.click(".score:last-child input")
    assert len(shown.all("#matrix th.system")) == 1
    shown.click(".score:first-child a.count.v-fail")
    assert rows(shown) == ["queue.declare.wrong", "robust.hostile"]


def test_a_case_that_failed_shows_what_was_expected_and_what_came(shown, made):
    open_case(shown, "queue.declare.wrong")
    assert shown.one(".verdict h2") == "fail"
    assert shown.one(".compare .expected dd") == "tx.commit-ok"
    assert shown.one(".compare .came dd") == "channel 1: tx.select-ok()"
    requirement = made.reports["usual"]["requirements"]["091/queue.declare.queue.reserved"]
    assert requirement["statement"] in shown.one(".clauses")
    assert [text.split("\n")[0] for text in shown.all(".steps .glyph")] == ["✓", "✓", "✗", "·"]
    assert "tx.select-ok" in shown.one(".message.came .label")
    assert "this came" in shown.one(".message.came .label")
    result = next(each for each in made.reports["usual"]["results"] if each["id"] == "queue.declare.wrong")
    assert shown.one(".command code") == result["repeat"]
    assert "--select" in result["repeat"]
    assert "--json" not in result["repeat"]


def test_a_conversation_shows_the_frames_of_both_sides_decoded_and_in_octets(shown):
    open_case(shown, "queue.declare.answered")
    labels = shown.all("[data-phase=scenario] .message .label")
    assert any("basic.get-ok" in label for label in labels)
    assert "30 min pass" in shown.all(".pause")
    publish = "[...document.querySelectorAll('.message')].find(each => each.innerText.includes('basic.publish'))"
    shown.run(f"{publish}.open = true")
    shown.wait_for(f"{publish}.querySelectorAll('.frame').length === 3")
    text = shown.run(f"return {publish}.querySelector('.details').innerText")
    assert "content_type\ttext/plain" in text
    assert "body_size\t5" in text
    assert "03 00 01 00 00 00 05 68  65 6c 6c 6f ce" in text and "hello" in text  # the frame of the body
    assert shown.run("return document.querySelector('[data-phase=preparation]').open") is False
    shown.keys("x")
    assert shown.run("return [...document.querySelectorAll('.diagram details')].every(each => each.open)")


def test_a_known_failure_gives_its_reason(shown):
    open_case(shown, "robust.known")
    assert shown.one(".verdict h2") == "expected failure"
    assert "it is so" in shown.one(".reason")
    assert shown.run("return document.querySelector('.reason a').href") == "https://example.org/issue"


def test_what_a_peer_says_stays_text(shown):
    open_case(shown, "robust.hostile")
    shown.keys("x")
    assert MARKUP in shown.one(".case-notes")
    assert MARKUP in shown.one(".compare .came dd")
    assert any(MARKUP in text for text in shown.all(".fields td"))
    assert shown.run("return document.querySelectorAll('img').length") == 0
    # Even if markup got in, the policy of the page would not run it.
    shown.run("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\" onerror=\"window.hacked = 3\">')")
    shown.run("const s = document.createElement('script'); s.textContent = 'window.hacked = 4'; document.body.append(s)")
    assert shown.run("return window.hacked") is None
    assert all("Content Security Policy" in complaint for complaint in shown.complaints())


def test_a_client_is_shown_between_its_shim_and_the_broker(shown):
    shown.click("#roles a:last-child")
    shown.click("#matrix a.cell")
    shown.wait_for("document.querySelector('.diagram')")
    labels = shown.all("[data-phase=scenario] .message .label")
    assert any("ask basic.publish" in label for label in labels)
    assert any("observes basic.return" in label for label in labels)
    assert any("basic.return" in label and "observes" not in label for label in labels)
    assert [text.split()[0] for text in shown.run("return [...document.querySelectorAll('.side')].map(e => e.textContent)")] == ["scenario", "client", "broker"]


def test_it_can_be_used_with_the_keyboard_alone(shown):
    arrow_down, arrow_right, enter, escape = "\ue015", "\ue014", "\ue007", "\ue00c"
    shown.keys("/")
    assert shown.run("return document.activeElement.id") == "search"
    shown.keys(escape)
    shown.run("document.querySelector('#matrix a.cell[tabindex=\"0\"]').focus()")
    shown.keys(arrow_down, arrow_right, enter)
    assert shown.one("#case h1") == "queue.declare.wrong"
    assert "system=1" in shown.driver.current_url
    shown.keys("j")
    assert shown.one("#case h1") == "robust.hostile"
    shown.keys("k", escape)
    assert shown.one("#shown") == "4 scenarios"
    assert shown.run("return document.activeElement.getAttribute('aria-label')").startswith("queue.declare.wrong, ")
    shown.keys("?")
    assert "How to read this" in shown.one("#help-title")
    shown.keys(escape)
    assert shown.run("return document.querySelector('#help').open") is False


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(shown, scheme):
    shown.prefer(scheme)
    light = shown.run("return getComputedStyle(document.body.parentElement).backgroundColor") == "rgb(251, 251, 249)"
    assert light == (scheme == "light")
    overview = shown.contrasts(".version", ".count", ".chip:not(:disabled)", ".number", ".level", "#matrix a.cell", ".family-count", "kbd")
    open_case(shown, "queue.declare.wrong")
    shown.keys("x")
    case = shown.contrasts(".hint", ".time", ".label b", ".brief", ".where", ".compare dt", ".compare dd", ".steps code", ".trouble", ".hex span", ".fields th", ".note", ".verdict h2", ".glyph.big")
    found = {selector: contrast for selector, contrast in {**overview, **case}.items() if contrast}
    assert len(found) >= 18
    assert min(found.values()) >= 4.5, {selector: contrast for selector, contrast in found.items() if contrast < 4.5}


def test_it_fits_a_phone(shown):
    shown.size(390, 844, mobile=True)
    width = "return [document.documentElement.scrollWidth, innerWidth]"
    assert shown.run(width) == [390, 390]
    assert len(shown.all("#matrix a.cell")) == 8
    assert shown.run("return document.querySelector('#matrix th.scenario').offsetWidth") > 300  # its name has the whole line
    for name in ("queue.declare.answered", "robust.hostile"):
        open_case(shown, name)
        shown.keys("x")
        assert shown.run(width) == [390, 390]


def test_it_prints_light_and_without_controls(shown):
    shown.prefer("dark", media="print")
    assert shown.all("#theme") == shown.all("#search") == shown.all(".chip") == []
    assert shown.run("return getComputedStyle(document.documentElement).colorScheme") == "light"
    open_case(shown, "queue.declare.wrong")
    assert shown.all(".copy") == []
    document = shown.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    assert document["data"].startswith("JVBERi")  # %PDF-
    shown.prefer("light")


def test_nothing_is_fetched_but_the_file(shown, made):
    shown.requests()
    shown.open(made.page)
    open_case(shown, "queue.declare.answered")
    fetched = set(shown.requests()) - {"about:blank"}
    assert {address.split("#")[0] for address in fetched} == {made.page.as_uri()}


def test_a_run_writes_the_page_itself(browser, made):
    page = made.folder / "one.html"
    amqp_conformance("broker", "simulated", *made.own, "--html", page)
    browser.size(1280, 900)
    browser.open(page)
    assert len(rows(browser)) == 4
    assert browser.run("return document.querySelectorAll('#roles a').length") == 0


def test_what_is_no_report_is_refused(made, tmp_path):
    other = tmp_path / "other.json"
    other.write_text("{}")
    said = amqp_conformance("report", other, "--html", tmp_path / "x.html", expected=(2,))
    assert f"{other}: it is no JSON report: expected" in said
    said = amqp_conformance("report", tmp_path / "none.json", "--html", tmp_path / "x.html", expected=(2,))
    assert "it cannot be read" in said


def test_it_is_quick_with_600_scenarios_and_13_systems(browser, made, tmp_path):
    template = made.reports["usual"]
    files = []
    for system in range(13):
        results = [{**template["results"][i % 4], "id": f"family-{i % 20}.scenario-{i}"} for i in range(600)]
        file = tmp_path / f"{system}.json"
        file.write_text(json.dumps({**template, "version": f"1.{system}", "results": results}))
        files.append(file)
    page = tmp_path / "large.html"
    amqp_conformance("report", *files, "--html", page, expected=(0,))
    browser.open(page)
    assert len(browser.run("return [...document.querySelectorAll('#matrix a.cell')].map(() => 1)")) == 600 * 13
    ready = browser.run("return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    filtering = browser.run("""
      const begin = performance.now();
      document.querySelector("[data-filter=level] .level-should").click();
      document.body.offsetHeight;
      return performance.now() - begin;""")
    assert len(rows(browser)) == 150
    # A tenth of this where nothing else runs.
    assert ready < 8000 and filtering < 3000, (ready, filtering)
