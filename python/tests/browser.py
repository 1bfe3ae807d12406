"""A headless Chromium for the tests of the HTML report, driven through Selenium."""

import json
import shutil

import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="python3-selenium is not installed")
Service = pytest.importorskip("selenium.webdriver.chrome.service").Service

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --force-prefers-reduced-motion"
).split()

# Luminance and contrast as WCAG 2 defines them, of the text of each element that a selector finds, on its background.
CONTRASTS = """
const colour = text => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
  .map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] / 255 + below[i] * (1 - top[3] / 255)).concat(255);
const background = element => {
  const own = colour(getComputedStyle(element).backgroundColor);
  return own[3] === 255 || !element.parentElement ? own : over(own, background(element.parentElement));
};
const contrast = element => {
  const [a, b] = [colour(getComputedStyle(element).color), background(element)].map(light);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};
const seen = element => element.offsetParent && element.textContent.trim();
return arguments[0].map(selector => {
  const found = [...document.querySelectorAll(selector)].filter(seen);
  return [selector, found.length ? Math.min(...found.map(contrast)) : null];
});
"""


class Browser:
    """One window. `open` shows a file, and waits until the report has drawn itself."""

    def __init__(self, folder):
        browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
        if not browser or not driver:
            pytest.skip("the packages chromium and chromium-driver are not installed")
        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for flag in [*FLAGS, f"--user-data-dir={folder}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(driver), options=options)
        self.driver.set_script_timeout(10)

    def quit(self):
        self.driver.quit()

    def open(self, path, address=""):
        self.driver.get("about:blank")
        self.driver.get(f"{path.as_uri()}{address}")
        self.wait_for("document.documentElement.dataset.ready === 'yes'")

    def wait_for(self, condition):
        """Until a JavaScript expression is true; ten seconds at most."""
        wait = """const done = arguments[0];
          const look = () => ((%s) ? done(true) : setTimeout(look, 10));
          look();"""
        self.driver.execute_async_script(wait % condition)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def all(self, selector):
        """The text of each element that is shown."""
        look = "return [...document.querySelectorAll(arguments[0])].filter(each => each.offsetParent)"
        return self.run(look + ".map(each => each.innerText.trim())", selector)

    def one(self, selector):
        texts = self.all(selector)
        assert len(texts) == 1, (selector, texts)
        return texts[0]

    def click(self, selector):
        self.run("document.querySelector(arguments[0]).click()", selector)

    def keys(self, *names):
        """Presses keys wherever the focus is."""
        for name in names:
            self.driver.switch_to.active_element.send_keys(name)

    def size(self, width, height, mobile=False):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme, media=""):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features, "media": media})

    def contrasts(self, *selectors):
        return dict(self.run(CONTRASTS, list(selectors)))

    def complaints(self):
        """What the console says, but for what the browser says of itself."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """The address of all that was fetched since the last call."""
        entries = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [entry["params"]["request"] for entry in entries if entry["method"] == "Network.requestWillBeSent"]
        return [request["url"] for request in sent]
