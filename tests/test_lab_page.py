"""The Lab in the built book and in JupyterLab, used as a reader uses it.

The tests need the book (``make book``) and a browser; see `browser.py`.
"""

from __future__ import annotations

import base64
import csv
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest
from browser import AXE, ROOT, new_window, page_weight, violations
from engines import MANIFEST, random_settings, settings_at_the_ends, shortened
from playwright.sync_api import expect

from homeo.lab.experiments import EXPERIMENTS
from homeo.lab.sources import ENGINES

FILES = ROOT / "homeo" / "lab" / "static"
LARGEST_SEED = 2**31 - 1

DESKTOP = {"width": 1280, "height": 900}

#: The pages with a Lab, and the experiment on each.
LABS = {
    "index": "network",
    "01-global-factor": "global_factor",
    "02-linked-synapse": "pair",
    "03-stdp-protocol": "pairing",
    "04-stdp-window": "window",
    "05-closed-loop": "network",
    "06-stability": "network",
    "07-global-or-local": "network",
}

#: One page for each experiment, and the landing page.
USED = [name for name in LABS if name not in ("06-stability", "07-global-or-local")]

#: Engines that take seconds, with runs of 2 s: what is the same for a run of any
#: length is tested on these.
SHORT = {
    name: shortened(ENGINES / f"{name}.js", 2)
    for name, manifest in MANIFEST.items()
    if manifest["streams"]
}

LIVE = ".homeo-lab[data-state=live]"
SLIDERS = f"{LIVE} input[type=range]:visible"

# What a reader sees of the plots.
PICTURE = """lab => [...lab.querySelectorAll("canvas")]
  .filter(canvas => canvas.getClientRects().length)
  .map(canvas => canvas.toDataURL())
  .join()"""

# What a reader reads in the tables.
NUMBERS = """lab => [...lab.querySelectorAll("td")].map(c => c.textContent).join()"""

# Wait until what is asked for is drawn and painted.
SETTLED = """lab => new Promise((resolve, reject) => {
  const look = () => {
    if (lab.dataset.state === "failed") reject(new Error(lab.textContent));
    else if (lab.ariaBusy === "true") setTimeout(look, 5);
    else requestAnimationFrame(() => requestAnimationFrame(resolve));
  };
  look();
})"""

# Puts a Lab into an empty page and hands it over to the tests.
MOUNT = """([experiment, state]) => {
  globalThis.lab?.destroy();
  globalThis.runs = [];
  globalThis.last = undefined; // until a run is over
  globalThis.lab = homeoLab.mount({
    element: document.body,
    engine: homeoEngines[experiment],
    state,
    onResult: run => { globalThis.last = run; runs.push(run.seed); },
  });
}"""

# Runs with given settings; the answer is every output, base64 of its bytes.
RUN = """([preset, values, seed]) => new Promise((resolve, reject) => {
  lab.set({preset, values, seed});
  const wait = () => {
    const failed = document.querySelector("[data-state=failed]");
    if (failed) return reject(new Error(failed.textContent));
    if (last?.seed !== seed) return setTimeout(wait, 1);
    const text = bytes => {
      let characters = "";
      for (const byte of bytes) characters += String.fromCharCode(byte);
      return btoa(characters);
    };
    resolve(Object.fromEntries(last.outputs.map(
      ({name, data}) => [name, text(new Uint8Array(data.buffer))])));
  };
  wait();
})"""


def open_lab(context, address, page_name, *, short=True):
    """Open a page and wait until its Lab has drawn; long runs are made short."""
    page = context.new_page()
    engine = LABS[page_name]
    if short and engine in SHORT:
        answer = {"body": SHORT[engine], "content_type": "text/javascript"}
        page.route(f"**/lab-*/{engine}.js", lambda route: route.fulfill(**answer))
    page.goto(f"{address}/chapters/{page_name}.html")
    page.wait_for_selector(LIVE)
    return page, page.locator(LIVE)


def load(page, experiment, *, short=False):
    """Load what a Lab needs into an empty page."""
    page.goto("about:blank")
    page.add_style_tag(path=FILES / "lab.css")
    page.add_script_tag(path=FILES / "lab.js")
    if short and experiment in SHORT:
        page.add_script_tag(content=SHORT[experiment])
    else:
        page.add_script_tag(path=ENGINES / f"{experiment}.js")


def begin(page, experiment, state=None):
    """Put a Lab into a page that has loaded it, in place of the one before."""
    page.evaluate(MOUNT, [experiment, state or {}])
    page.wait_for_selector(LIVE)


def mount(page, experiment, state=None, *, short=False):
    """Put a Lab into an empty page."""
    load(page, experiment, short=short)
    begin(page, experiment, state)


@pytest.fixture
def context(browser):
    """Yield a window of a desktop."""
    context = new_window(browser, viewport=DESKTOP)
    yield context
    context.close()


@pytest.fixture(scope="module", params=USED)
def name(request):
    """Return the name of a page with a Lab; tests of one page follow one another."""
    return request.param


@pytest.fixture(scope="module")
def opened(browser, server, name):
    """Yield one page for all tests that a Lab can be put back for."""
    context = new_window(browser, viewport=DESKTOP)
    yield open_lab(context, server, name)
    context.close()


@pytest.fixture
def desktop(opened):
    """Return a page on a desktop, with its Lab as it began."""
    page, lab = opened
    lab.get_by_role("button", name="Reset").click()
    lab.evaluate(SETTLED)
    return page, lab


@pytest.fixture(scope="module", params=["light", "dark"])
def shown(browser, server, name, request):
    """Yield a page in one of the colour schemes, with axe."""
    context = new_window(browser, color_scheme=request.param)
    page, lab = open_lab(context, server, name)
    lab.evaluate(SETTLED)
    page.add_script_tag(path=AXE)
    yield page
    context.close()


@pytest.fixture(scope="module", params=EXPERIMENTS)
def loaded(browser, request):
    """Yield a page that can begin a Lab, and its experiment."""
    context = new_window(browser)
    page = context.new_page()
    load(page, request.param, short=True)
    yield page, request.param
    context.close()


@pytest.fixture
def page(context):
    return context.new_page()


@pytest.fixture
def telephone(browser):
    """Yield a window as narrow as a telephone's, with a touch screen."""
    size = {"width": 360, "height": 740}
    context = new_window(browser, viewport=size, has_touch=True, is_mobile=True)
    yield context
    context.close()


class TestControls:
    """Every control does something, whatever it is moved with."""

    def test_every_slider_by_keyboard(self, context, address, name):
        page, lab = open_lab(context, address, name)
        lab.evaluate(SETTLED)
        for number in range(page.locator(SLIDERS).count()):
            slider = page.locator(SLIDERS).nth(number)
            before = lab.evaluate(PICTURE)
            for key in ("End", "Home"):
                slider.press(key)
                lab.evaluate(SETTLED)
                if lab.evaluate(PICTURE) != before:
                    break
            else:
                pytest.fail(f"slider {number} of {name} changes nothing")
            lab.get_by_role("button", name="Reset").click()
            lab.evaluate(SETTLED)
            assert lab.evaluate(PICTURE) == before

    def test_every_slider_by_mouse(self, desktop, name):
        page, lab = desktop
        for number in range(page.locator(SLIDERS).count()):
            slider = page.locator(SLIDERS).nth(number)
            slider.scroll_into_view_if_needed()
            before, box = lab.evaluate(PICTURE), slider.bounding_box()
            value = slider.input_value()
            for x in (2, box["width"] - 2):
                slider.click(position={"x": x, "y": box["height"] / 2})
                lab.evaluate(SETTLED)
                if lab.evaluate(PICTURE) != before:
                    break
            else:
                pytest.fail(f"slider {number} of {name} changes nothing")
            assert slider.input_value() != value
            lab.get_by_role("button", name="Reset").click()
            lab.evaluate(SETTLED)

    def test_every_other_control(self, desktop, name):
        """Presets, the seed, what is switched and what is chosen."""
        _, lab = desktop
        labels = MANIFEST[LABS[name]]["preset_labels"].values()
        buttons = [entry["label"] for entry in labels]
        buttons += [] if LABS[name] in ("pair", "window") else ["New seed"]
        controls = [lab.get_by_role("button", name=button) for button in buttons]
        # A preset sets everything: no button where some controls are not shown.
        controls = [control for control in controls if control.is_visible()]
        assert controls
        for control in controls + lab.get_by_role("checkbox").all():
            if control.get_attribute("aria-pressed") == "true":
                continue  # this preset is the one at the start; the other comes later
            before = lab.evaluate(PICTURE)
            control.click()
            lab.evaluate(SETTLED)
            assert lab.evaluate(PICTURE) != before, control
            lab.get_by_role("button", name="Reset").click()
            lab.evaluate(SETTLED)
            assert lab.evaluate(PICTURE) == before
        # The "+1" on the other spike: less than a pixel where both spikes come.
        for choice in lab.locator("select:visible").all():
            if LABS[name] == "pair":
                lab.get_by_role("checkbox").last.click()
            before = lab.evaluate(NUMBERS)
            for option in choice.locator("option").all():
                choice.select_option(option.get_attribute("value"))
                lab.evaluate(SETTLED)
                if lab.evaluate(NUMBERS) != before:
                    break
            else:
                pytest.fail(f"the choice on {name} changes nothing")

    def test_a_start_sets_what_it_says_and_keeps_the_rest(self, desktop, name):
        """A reader who has chosen a rule keeps it."""
        page, lab = desktop
        if LABS[name] != "network":
            return
        choice = lab.locator("select:visible").first
        choice.select_option("brian_example")
        start = lab.get_by_role("button", name="Too silent")
        start.click()
        assert choice.input_value() == "brian_example"
        assert start.get_attribute("aria-pressed") == "true"
        assert "sets η, τ_H, w(0) and T" in lab.inner_text()
        lab.get_by_role("button", name="Reset").click()
        lab.evaluate(SETTLED)

    def test_by_touch(self, telephone, server, name):
        page, lab = open_lab(telephone, server, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        for number in range(page.locator(SLIDERS).count()):
            slider = page.locator(SLIDERS).nth(number)
            slider.scroll_into_view_if_needed()
            box = slider.bounding_box()
            assert box["height"] >= 24
            values = set()
            for share in (0.2, 0.4):
                slider.tap(position={"x": share * box["width"], "y": box["height"] / 2})
                values.add(slider.input_value())
            lab.evaluate(SETTLED)
            assert len(values) == 2
            assert lab.evaluate("lab => Number(lab.dataset.run)") > number


def test_shows_the_controls_that_were_asked_for(page):
    mount(page, "pairing", {"controls": ["gamma", "lag"]})
    expect(page.locator(SLIDERS)).to_have_count(2)
    # A preset sets everything: no button for it where some controls are not shown.
    for entry in MANIFEST["pairing"]["preset_labels"].values():
        expect(page.get_by_role("button", name=entry["label"])).to_be_hidden()
    before = page.locator(LIVE).evaluate(NUMBERS)
    page.locator(SLIDERS).first.press("Home")
    page.locator(LIVE).evaluate(SETTLED)
    assert page.locator(LIVE).evaluate(NUMBERS) != before


class TestReaders:
    """Nobody is left out."""

    @pytest.mark.parametrize("width", [360, 1280])
    def test_axe_finds_nothing(self, shown, width):
        shown.set_viewport_size({"width": width, "height": 900})
        assert violations(shown, ".homeo-lab") == []

    def test_every_control_has_a_name_a_value_with_unit_and_a_focus(
        self, desktop, name
    ):
        page, lab = desktop
        units = {
            entry["unit"]
            for preset in MANIFEST[LABS[name]]["presets"].values()
            for entry in preset.values()
            if "unit" in entry
        }
        for slider in page.locator(SLIDERS).all():
            told = slider.get_attribute("aria-valuetext")
            number = re.fullmatch(r"(−?[\d.,× ⁻⁰¹-⁹]+) (.+)", told)
            assert told == "no bound" or number[2] in units | {"ms", "s"}, told
        controls = lab.locator(":is(input, button, select):visible").all()
        assert len(controls) > 5
        for control in controls:
            label = control.evaluate(
                "c => c.ariaLabel || c.labels?.[0]?.textContent || c.textContent"
            )
            assert label.strip()
            look = "c => [getComputedStyle(c).outline, getComputedStyle(c).boxShadow]"
            control.evaluate("c => c.blur()")
            without = control.evaluate(look)
            page.keyboard.press("Shift")  # from here on the focus is a keyboard's
            control.focus()
            assert control.evaluate(look) != without, label

    def test_nothing_moves_by_itself(self, desktop):
        page, lab = desktop
        page.emulate_media(reduced_motion="reduce")
        moving = lab.evaluate(
            """lab => [lab, ...lab.querySelectorAll("*")].filter(part => {
              const style = getComputedStyle(part);
              return [style.transitionDuration, style.animationDuration]
                .some(times => times.split(",").some(time => parseFloat(time) > 0));
            }).length"""
        )
        page.emulate_media(reduced_motion="null")
        assert moving == 0

    def test_plots_are_described(self, desktop):
        _, lab = desktop
        plots = lab.get_by_role("img").all()
        assert len(plots) >= 2
        for plot in plots:
            assert re.search(r"\d", plot.get_attribute("aria-label"))


class TestFailure:
    """When it cannot run, the picture stands in its place and a sentence says why."""

    @staticmethod
    def assert_picture_and_sentence(page, reason):
        notice = page.locator(".homeo-lab-notice")
        notice.wait_for()
        assert re.search(reason, notice.inner_text())
        assert page.locator(LIVE).count() == 0
        picture = page.locator(".tag_lab-still img")
        assert picture.is_visible()
        assert page.locator(".tag_lab-still figcaption").is_visible()

    def test_live_takes_the_place_of_the_picture(self, context, address):
        page, _ = open_lab(context, address, "03-stdp-protocol")
        assert not page.locator(".tag_lab-still img").is_visible()
        assert page.locator(".tag_lab-still figcaption").is_visible()

    @pytest.mark.parametrize(
        ("file", "body", "reason"),
        [
            ("pairing.js", None, "pairing.js could not be loaded"),
            ("lab.js", None, "lab.js could not be loaded"),
            ("pairing.js", "broken wasm", "WebAssembly|wasm"),
            ("pairing.js", "no code", "cannot run here"),
        ],
    )
    def test_broken_engine(self, context, address, file, body, reason):
        text = (ENGINES / "pairing.js").read_text(encoding="utf-8")
        bodies = {
            "broken wasm": text.replace('"wasm":"AGFzbQ', '"wasm":"AGFzbZ'),
            "no code": re.sub(r'"wasm":"[^"]*"', '"wasm":""', text),
        }
        page = context.new_page()
        page.route(
            f"**/lab-*/{file}",
            lambda route: (
                route.fulfill(body=bodies[body], content_type="text/javascript")
                if body
                else route.abort()
            ),
        )
        page.goto(f"{address}/chapters/03-stdp-protocol.html")
        self.assert_picture_and_sentence(page, reason)

    def test_no_webassembly(self, page, server):
        page.add_init_script("delete globalThis.WebAssembly")
        page.goto(f"{server}/chapters/03-stdp-protocol.html")
        self.assert_picture_and_sentence(page, "no WebAssembly")

    def test_no_javascript(self, browser, server):
        context = new_window(browser, java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{server}/chapters/03-stdp-protocol.html")
        assert page.locator(".tag_lab-still img").is_visible()
        caption = page.locator(".tag_lab-still figcaption").inner_text()
        assert "The experiment, live." in caption
        context.close()


class TestNumbers:
    """What is drawn is what the native program computes."""

    @staticmethod
    def compare(page, native, cases):
        """Hold every output of every run against the native program.

        The native program is compiled by another compiler, with another
        mathematics library: 1e-9 relative allows for both. Weights that cancel to
        nearly nothing are compared on the scale of the largest weight.
        """
        for seed, (preset, values) in enumerate(cases, start=100):
            drawn = page.evaluate(RUN, [preset, values, seed])
            expected = native.run(values, seed)
            assert drawn.keys() == expected.keys()
            for name, numbers in expected.items():
                ours = np.frombuffer(base64.b64decode(drawn[name]))
                np.testing.assert_allclose(
                    ours,
                    numbers.ravel(),
                    rtol=1e-9,
                    atol=1e-12 * np.abs(numbers).max(),
                    err_msg=f"{name}, {preset}, {values}, seed {seed}",
                )

    @pytest.mark.parametrize("experiment", sorted(EXPERIMENTS.keys() - SHORT))
    def test_equal_those_of_the_native_program(
        self, page, programs, experiment, tmp_path
    ):
        """Random settings and the ends of every range, under every preset."""
        manifest = MANIFEST[experiment]
        rng = np.random.default_rng(4)
        cases = [
            (preset, values)
            for preset in manifest["presets"]
            for values in settings_at_the_ends(manifest, preset)
            + [random_settings(manifest, preset, rng) for _ in range(30)]
        ]
        assert len(cases) >= 50
        mount(page, experiment)
        self.compare(page, programs.native(experiment, tmp_path), cases)

    @pytest.mark.parametrize("experiment", SHORT)
    def test_of_long_runs_equal_those_of_the_native_program(
        self, page, programs, experiment, tmp_path
    ):
        """Random settings under every preset, and the longest run of all."""
        manifest = MANIFEST[experiment]
        rng = np.random.default_rng(4)
        cases = [
            (preset, random_settings(manifest, preset, rng) | {"duration": 20})
            for preset in manifest["presets"]
        ]
        preset = manifest["default_preset"]
        cases.append((preset, settings_at_the_ends(manifest, preset)[-1]))
        assert cases[-1][1]["duration"] == 60
        mount(page, experiment)
        self.compare(page, programs.native(experiment, tmp_path), cases)

    @pytest.mark.parametrize("experiment", SHORT)
    def test_of_short_runs_equal_those_of_the_native_program(
        self, page, programs, experiment, tmp_path
    ):
        """The ends of every range, under one preset."""
        manifest = MANIFEST[experiment]
        preset = manifest["default_preset"]
        cases = [
            (preset, values | {"duration": 2})
            for values in settings_at_the_ends(manifest, preset)
        ]
        mount(page, experiment, short=True)
        self.compare(page, programs.native(experiment, tmp_path), cases)

    def test_file_holds_the_run(self, context, server):
        page, lab = open_lab(context, server, "02-linked-synapse")
        with page.expect_download() as download:
            lab.get_by_role("button", name="CSV").click()
        lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
        comments = [line for line in lines if line.startswith("#")]
        told = "\n".join(comments)
        for setting in MANIFEST["pair"]["settings"]:
            assert setting in told
        table = list(csv.reader(line for line in lines if not line.startswith("#")))
        header, rows = table[0], np.array(table[1:], dtype=float)
        assert rows.shape == (4000, len(header))
        for name in ("time", "w", "pre_trace", "post_trace"):
            assert any(column.startswith(name) for column in header)
        assert rows[-1, 0] == pytest.approx(0.3999)


class TestLongRun:
    """A run that takes seconds is drawn while it goes on, and given up for another."""

    # Notes until which time the courses have been drawn, picture by picture.
    FOLLOW = """() => {
      globalThis.drawn = [];
      const until = () => Number(document.querySelector("canvas").ariaLabel
        .match(/until ([\\d.]+) s/)[1]);
      new MutationObserver(() => drawn.push(until())).observe(
        document.querySelector("canvas"), {attributes: true});
    }"""

    def test_grows(self, page):
        mount(page, "network")
        page.evaluate(self.FOLLOW)
        page.wait_for_function("runs.length === 1")
        times = page.evaluate("drawn")
        assert times == sorted(times)
        assert len(times) > 5
        assert times[-1] == pytest.approx(19.9)
        page.evaluate("lab.set({values: {duration: 25}, seed: 8})")
        page.wait_for_function("last?.seed === 8")
        assert page.evaluate("drawn").pop() == pytest.approx(24.9)

    def test_offers_no_numbers_of_another_run_while_it_goes_on(self, page):
        mount(page, "network")
        lab, status = page.locator(LIVE), page.locator(".homeo-lab-status")
        file = lab.get_by_role("button", name="CSV")
        expect(status).to_contain_text("at the end")
        assert file.is_enabled()
        page.evaluate("lab.set({seed: 8})")
        assert lab.get_attribute("aria-busy") == "true"
        assert status.inner_text() == "The model runs."
        assert file.is_disabled()
        page.wait_for_function("last?.seed === 8")
        assert file.is_enabled()

    def test_is_not_begun_anew_for_what_it_is(self, page):
        """As when Python sets a preset: two messages with one state."""
        mount(page, "network")
        page.evaluate(self.FOLLOW)
        page.wait_for_function("drawn.length > 2")
        page.evaluate("lab.set({seed: 0}); lab.set({seed: 0})")
        page.wait_for_function("runs.length === 1")
        times = page.evaluate("drawn")
        assert times == sorted(times)

    def test_is_drawn_at_its_end_for_who_wants_less_motion(self, browser):
        context = new_window(browser, reduced_motion="reduce")
        page = context.new_page()
        mount(page, "network")
        page.evaluate(self.FOLLOW)
        page.evaluate("lab.set({seed: 8})")
        page.wait_for_function("last?.seed === 8")
        assert page.evaluate("new Set(drawn).size") == 1
        context.close()

    def test_is_given_up_for_a_newer_one(self, page):
        """A minute of the network is not waited for, nor are those in between."""
        mount(page, "network", {"values": {"duration": 60}})
        page.evaluate(self.FOLLOW)
        page.wait_for_function("drawn.length > 2")
        for seed in range(11, 15):
            page.evaluate(f"lab.set({{values: {{duration: 20}}, seed: {seed}}})")
        page.wait_for_function("last?.seed === 14")
        assert page.evaluate("runs") == [14]
        times = page.evaluate("drawn")
        again = next(k for k in range(1, len(times)) if times[k] < times[k - 1])
        assert times[again - 1] < 59
        assert len(page.workers) == 1

    def test_file_holds_courses_and_cells(self, context, server):
        page, lab = open_lab(context, server, "05-closed-loop", short=False)
        lab.evaluate(SETTLED)
        with page.expect_download() as download:
            lab.get_by_role("button", name="CSV").click()
        lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
        (cells,) = [line for line in lines if line.startswith("# late_spikes_E (")]
        assert len(cells.partition("E_cell: ")[2].split()) == 400
        table = list(csv.reader(line for line in lines if not line.startswith("#")))
        outputs = MANIFEST["network"]["outputs"]
        courses = [entry["name"] for entry in outputs if entry["dims"] == ["time"]]
        assert {"rate_E", "rate_I", "H", "w"} < set(courses)
        assert [name.split()[0] for name in table[0]] == courses
        assert len(table) == 201


class TestBadInput:
    """Nothing that is fed to a Lab crashes it, and the last request wins."""

    @pytest.mark.parametrize(
        "bad",
        [
            "NaN",
            "Infinity",
            "-Infinity",
            "'12 Hz'",
            "null",
            "undefined",
            "{}",
            "[1]",
            "1e300",
            "-1e300",
            "true",
        ],
    )
    def test_is_put_right(self, loaded, bad):
        page, experiment = loaded
        begin(page, experiment)
        names = list(MANIFEST[experiment]["settings"])
        page.evaluate(
            f"names => names.forEach(name => lab.set({{values: {{[name]: {bad}}}}}))",
            names,
        )
        page.evaluate(
            f"lab.set({{seed: {bad}, preset: {bad}, values: {bad}, controls: {bad}}})"
        )
        page.evaluate("lab.set({seed: 77})")
        page.wait_for_function("last?.seed === 77")
        numbers = page.evaluate(
            "last.outputs.every(({data}) => data.every(Number.isFinite))"
        )
        assert numbers
        assert page.locator(LIVE).count() == 1

    def test_in_the_seed_field(self, page):
        mount(page, "pairing")
        field = page.get_by_role("spinbutton")
        for text in ("-5", "1e99", "2.5", ""):
            field.fill(text)
            field.press("Enter")
            page.locator(LIVE).evaluate(SETTLED)
            seed = page.evaluate("last.seed")
            assert isinstance(seed, int)
            assert 0 <= seed <= LARGEST_SEED
        field.fill("12")
        field.press("Enter")
        page.wait_for_function("last?.seed === 12")

    def test_a_thousand_changes_a_second(self, page):
        """Ten seconds of it: no crash, no leak, and the last request wins."""
        mount(page, "pairing")
        client = page.context.new_cdp_session(page)
        storm = """seconds => new Promise(resolve => {
          const start = performance.now();
          let sent = 0;
          const burst = () => {
            const elapsed = performance.now() - start;
            for (; sent < Math.min(elapsed, 1000 * seconds); sent++) {
              lab.set({values: {tau_H: 0.05 + Math.random()}, seed: sent});
            }
            if (elapsed < 1000 * seconds) setTimeout(burst, 5);
            else resolve(sent);
          };
          burst();
        })"""

        def memory():
            """Collect garbage until no more is given back."""
            least, tries = np.inf, 0
            while tries < 10:
                client.send("HeapProfiler.collectGarbage")
                now = renderer_memory()
                tries = 0 if now < 0.99 * least else tries + 1
                least = min(least, now)
            return least

        page.evaluate(storm, 2)  # buffers and compiled code have their size then
        before = memory()
        sent = page.evaluate(storm, 10)
        assert sent == 10_000
        page.evaluate("lab.set({values: {tau_H: 0.4}, seed: 4242})")
        page.wait_for_function("last?.seed === 4242")
        assert page.evaluate("last.values.tau_H") == 0.4
        page.locator(LIVE).evaluate(SETTLED)
        assert page.evaluate("last.seed") == 4242
        assert before > 1e6
        assert memory() - before < 50e6
        assert page.locator(LIVE).count() == 1

    def test_newer_requests_drop_older_ones(self, page):
        """Of a hundred requests at once, the first and the last are run."""
        mount(page, "pairing")
        page.evaluate("runs.length = 0")
        page.evaluate("for (let k = 1; k <= 100; k++) lab.set({seed: 1000 + k})")
        page.wait_for_function("last?.seed === 1100")
        assert page.evaluate("runs.length") <= 3

    def test_engines_run_in_a_worker_only(self, page):
        """So that a run, however long, does not hold up the page."""
        mount(page, "pair")
        page.evaluate(
            """() => {
              globalThis.instances = 0;
              const {Instance, instantiate} = WebAssembly;
              WebAssembly.Instance = class extends Instance {
                constructor(...parts) { super(...parts); instances++; }
              };
              WebAssembly.instantiate = (...parts) => {
                instances++;
                return instantiate(...parts);
              };
            }"""
        )
        page.evaluate("lab.set({values: {G: 2}, seed: 5})")
        page.wait_for_function("last?.seed === 5")
        assert page.evaluate("instances") == 0
        assert len(page.workers) == 1

    def test_a_view_that_fails_says_so(self, page):
        """As when a browser has kept an old file that does not fit a new one."""
        mount(page, "pair")
        page.evaluate("lab.destroy()")
        page.evaluate(
            """() => {
              const {manifest, wasm} = homeoEngines.pair;
              const outputs = manifest.outputs.map(
                output => ({...output, name: `new ${output.name}`}));
              homeoLab.mount({
                element: document.body,
                engine: {manifest: {...manifest, outputs}, wasm},
              });
            }"""
        )
        page.get_by_text("cannot run here").wait_for()
        assert page.locator(LIVE).count() == 0


def renderer_memory():
    """Return the memory that the pages of the browser hold for themselves, in bytes."""
    children = psutil.Process().children(recursive=True)
    return sum(
        child.memory_full_info().uss
        for child in children
        if "--type=renderer" in child.cmdline()
    )


class TestJupyterLab:
    """The same widget in JupyterLab, with a kernel."""

    @pytest.fixture
    def notebook(self, tmp_path):
        """Yield the address of a notebook on a server of its own."""
        cells = [
            "from brian2 import second\nfrom homeo import Lab\n"
            'lab = Lab("pairing", seed=9)\nlab',
            "import time\nfrom pathlib import Path\n"
            'while not Path("go").exists():\n    time.sleep(0.1)',
            "lab.tau_H = 0.2 * second",
            'print("result", lab.result.attrs["tau_H"], float(lab.result.w[0, -1]))',
            'print("moved", lab.tau_H, lab.seed)',
        ]
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(book, tmp_path / "lab.ipynb")
        command = [
            Path(sys.executable).with_name("jupyter-lab"),
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            "--port=0",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            f"--ServerApp.root_dir={tmp_path}",
            "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        own = {
            "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
            "JUPYTER_DATA_DIR": str(tmp_path / "data"),
            "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
            "IPYTHONDIR": str(tmp_path / "ipython"),
        }
        with subprocess.Popen(
            command,
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as server:
            said = ""
            while not (address := re.search(r"http://127\.0\.0\.1:(\d+)", said)):
                line = server.stdout.readline()
                assert line, said
                said += line
            # It says where it will listen a little before it does.
            while server.poll() is None:
                with (
                    suppress(ConnectionRefusedError),
                    socket.create_connection(("127.0.0.1", int(address[1]))),
                ):
                    break
            # What it says from now on must be read, or it would wait for that.
            reader = threading.Thread(target=server.stdout.read)
            reader.start()
            yield f"{address[0]}/lab/tree/lab.ipynb"
            server.terminate()
            reader.join()

    def test_renders_runs_and_talks_to_python(self, page, programs, notebook, tmp_path):
        page.goto(notebook)
        page.locator(".jp-CodeCell").first.wait_for()
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')

        def start_cell(number):
            cell = page.locator(".jp-CodeCell").nth(number)
            prompt = cell.locator(".jp-InputPrompt")
            before = prompt.inner_text()
            # A click that comes before the notebook is ready is lost.
            for _ in range(100):
                cell.locator(".cm-content").click()
                page.keyboard.press("Shift+Enter")
                with suppress(AssertionError):
                    expect(prompt).not_to_have_text(before, timeout=1000)
                    expect(prompt).to_have_text(re.compile(r"[\d*]"), timeout=1000)
                    return prompt
            pytest.fail(f"cell {number} does not start")

        def run_cell(number):
            expect(start_cell(number)).to_have_text(re.compile(r"\[\d+\]"))

        def printed(number):
            run_cell(number)
            output = page.locator(".jp-CodeCell").nth(number).locator("pre").last
            output.wait_for()
            return output.inner_text().split()

        start_cell(0)
        start_cell(1)  # keeps the kernel from answering for a while
        page.locator(".homeo-lab-notice", has_text="Waiting for Python").wait_for()
        (tmp_path / "go").touch()
        lab = page.locator(LIVE)
        lab.wait_for()
        run_cell(2)
        shown = lab.get_by_label(re.compile("time constant of the rate estimate"))
        expect(shown).to_have_attribute(
            "aria-valuetext", re.compile("^(200 ms|0.2 s)$")
        )
        for _ in range(300):  # the result follows once nothing has moved for a while
            said = printed(3)  # at first, that nothing has run yet
            if said[:2] == ["result", "0.2"]:
                break
        word, tau_H, w = said
        assert (word, tau_H) == ("result", "0.2")
        values = EXPERIMENTS["pairing"].start("BRIAN_EXAMPLE") | {"tau_H": 0.2}
        native = programs.native("pairing", tmp_path / "native")
        expected = native.run(values, seed=9)["w"][-1, 0]
        assert float(w) == pytest.approx(expected, rel=1e-9)
        shown.press("Home")
        for _ in range(300):
            moved = printed(4)
            if moved[1] == "50.":
                break
        assert moved == ["moved", "50.", "ms", "9"]


@pytest.mark.parametrize("name", LABS)
def test_weight_of_a_chapter(name, context, server):
    """At most 1.3 MB, compressed as servers do, figures and fonts included."""
    parts = page_weight(context, f"{server}/chapters/{name}.html", LIVE)
    assert {"the page", "figures", "fonts", "the Lab"} <= parts.keys()
    assert sum(parts.values()) <= 1.3e6, parts
