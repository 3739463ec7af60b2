"""How fast the Lab answers, and what a page weighs.

Needs the book (``make book``) and a browser. Prints medians, the time of the same
experiment without the Lab beside them, and the weight of every page by part.
"""

from __future__ import annotations

from statistics import median, quantiles
from time import perf_counter

from browser import CHROMIUM, FLAGS, HTML, page_weight, served, what_is_missing
from playwright.sync_api import sync_playwright

from homeo import BRIAN_EXAMPLE, BRIAN_EXAMPLE_PROTOCOL, simulate_pairing

PAGES = (
    "index",
    "01-global-factor",
    "02-linked-synapse",
    "03-stdp-protocol",
    "04-stdp-window",
    "05-closed-loop",
    "06-stability",
    "07-global-or-local",
)
LIVE = ".homeo-lab[data-state=live]"
MOVES = 50
VISITS = 9
REPEATS = 3

NOTE_FIRST_ANSWER = """
document.addEventListener("homeo-lab-drawn", () => {
  globalThis.firstAnswer ??= performance.now();
});
"""

# Moves the slider; the answer is, for each move, the time of the engine and the
# time from the input to the end of the frame that shows the new picture.
MOVE = """async ([selector, moves]) => {
  const lab = document.querySelector(selector);
  const label = [...lab.querySelectorAll("label")]
    .find(label => label.textContent.includes("time constant of the rate estimate"));
  const slider = label.control;
  const painted = () => new Promise(resolve => requestAnimationFrame(() => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(null);
  }));
  const times = [];
  for (let k = 0; k < moves; k++) {
    await new Promise(resolve => setTimeout(resolve, 60 + 7 * (k % 5)));
    const drawn = new Promise(resolve =>
      lab.addEventListener("homeo-lab-drawn", resolve, {once: true}));
    slider.value = k % Number(slider.max);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    const {detail} = await drawn;
    await painted();
    times.push([1000 * detail.seconds, performance.now() - start]);
  }
  return times;
}"""


def first_answers(browser, address: str) -> list[float]:
    """Return the times from navigation to the first picture, in milliseconds."""
    times = []
    for _ in range(VISITS):
        context = browser.new_context()
        page = context.new_page()
        page.add_init_script(NOTE_FIRST_ANSWER)
        page.goto(address)
        page.wait_for_function("globalThis.firstAnswer")
        times.append(page.evaluate("firstAnswer"))
        context.close()
    return times


def seconds_without_the_lab() -> float:
    """Return the time of the same experiment on the numpy target, in full."""
    start = perf_counter()
    simulate_pairing(BRIAN_EXAMPLE, BRIAN_EXAMPLE_PROTOCOL, population="full", seed=1)
    return perf_counter() - start


def spread(times: list[float]) -> str:
    """Return median and 95th percentile in words."""
    return f"median {median(times):6.1f} ms, p95 {quantiles(times, n=20)[-1]:6.1f} ms"


def main() -> None:
    """Measure and print."""
    missing = what_is_missing(list(HTML.glob("chapters/*.html")))
    if missing:
        print(missing)
        return
    with sync_playwright() as playwright, served() as server:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        address = f"{server}/chapters/03-stdp-protocol.html"
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.wait_for_selector(LIVE)
        page.evaluate(MOVE, [LIVE, 10])  # the engine is optimised by then
        engine, answer = zip(*page.evaluate(MOVE, [LIVE, MOVES]), strict=True)
        page.close()
        print(f"The experiment of chapter 3 in the page, {MOVES} moves of a slider")
        print(f"  run of the engine          {spread(engine)}")
        print(f"  input to painted frame     {spread(answer)}")
        print(f"  navigation to first answer {spread(first_answers(browser, address))}")
        numpy = 1000 * median(seconds_without_the_lab() for _ in range(REPEATS))
        print("The same experiment on the numpy target, full population")
        print(f"  median {numpy:.0f} ms, {numpy / median(engine):.0f} engine runs")
        for name in PAGES:
            context = browser.new_context()
            parts = page_weight(context, f"{server}/chapters/{name}.html", LIVE)
            context.close()
            print(f"{name}: {sum(parts.values()) / 1e6:.2f} MB compressed")
            for part, size in sorted(parts.items(), key=lambda item: -item[1]):
                print(f"  {part:<21} {size / 1e3:7.1f} kB")
        browser.close()


if __name__ == "__main__":
    main()
