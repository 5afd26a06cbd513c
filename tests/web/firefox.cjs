// Walks one round of the demonstration in Firefox, which speaks WebDriver BiDi: node firefox.cjs ADDRESS FIREFOX
// Prints the steps that it came to, the words that it wrote if they are kept, and what the page reported as errors.

const puppeteer = require("puppeteer-core");

const WORDS = "It does not say that irony means the opposite of its words.";

async function walk(page, address) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(address);
  await page.waitForSelector("#begin:not([disabled])");
  await press(page, /^Reviews, with ProTeGi$/);
  const steps = [];
  let kept = false;
  while (!steps.includes("Keep the best")) {
    await page.waitForFunction(
      (last) => {
        const here = document.querySelector(".lab-here .lab-names > span")?.textContent;
        return here && here !== last && !document.querySelector("[data-act=stop]");
      },
      {}, steps.at(-1));
    steps.push(await page.$eval(".lab-here .lab-names > span", (here) => here.textContent));
    if (steps.at(-1) === "Review critiques") {
      await page.waitForSelector(".lab-card textarea");
      await page.$eval(".lab-card textarea", (field) => { field.focus(); field.select(); });
      await page.keyboard.type(WORDS);
    }
    if (steps.at(-1) === "Review edits") kept = await page.evaluate((words) => document.body.textContent.includes(words), WORDS);
    if (steps.at(-1) !== "Keep the best") await press(page, /go on$|^Next step/);
  }
  return { steps, kept, errors };
}

async function press(page, label) {
  const found = await page.waitForFunction(
    (source) => [...document.querySelectorAll("button")].find(
      (one) => new RegExp(source).test(one.textContent.trim()) && one.offsetParent && !one.disabled),
    {}, label.source);
  await found.click();
}

(async () => {
  const [address, executablePath] = process.argv.slice(2);
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    await page.setViewport({ width: 1440, height: 900 });
    console.log(JSON.stringify(await walk(page, address)));
  } finally {
    await browser.close();
  }
})();
