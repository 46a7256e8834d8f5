// A clerk's day: a paper comes in, is recorded, acknowledged and followed up; quiet channels.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPage, contexts, open, problemsOf, screenshot } from "./harness.mjs";
import { visits } from "./house.mjs";

const { desk, as } = visits();

const scan = (text) => ({
  name: "Surname Forename.png",
  mimeType: "image/png",
  buffer: Buffer.from(`\x89PNG\r\n\x1a\n${text}`, "latin1"),
});

// A form with two boxes ticked, written by hand (ISO 32000-1, 7.5).
function form() {
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [3 0 R 4 0 R 5 0 R] >> >>",
    "<< /Type /Pages /Kids [] /Count 0 >>",
    "<< /FT /Btn /T (final_order) /V /Yes >>",
    "<< /FT /Btn /T (statements) /V /Off >>",
    "<< /FT /Btn /T (biometric) /V /Yes >>",
  ];
  let text = "%PDF-1.7\n";
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const place of places) text += `${String(place).padStart(10, "0")} 00000 n \n`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return { name: "form.pdf", mimeType: "application/pdf", buffer: Buffer.from(text, "latin1") };
}

for (const way of contexts()) {
  test(`a paper from the fax to its acknowledgement: ${way.name}`, async () => {
    const page = await as("clerk", way);
    const { origin } = desk.program;
    await page.goto(`${origin}/intake`);
    await checkPage(page, `intake, ${way.name}`);
    await page.getByLabel("How it came").selectOption({ index: 1 });
    await page.getByLabel("The scan").setInputFiles(scan(way.name));
    await page.getByRole("button", { name: "Take it in" }).click();
    await page.waitForURL(/\/intake\/papers\/\d+/);
    assert.match(await page.locator("#flash").innerText(), /is kept/);
    await page.getByRole("button", { name: "Record it" }).click();
    await page.waitForSelector("[role=alert]");
    assert.match(await page.locator("[role=alert]").innerText(), /Choose what is asked/);
    // The browser says of any form that is refused that it was.
    const problems = (await problemsOf(page)).filter((it) => !it.includes("status of 422"));
    await screenshot(page, `a paper, not yet complete, ${way.name}`);
    assert.deepEqual(problems, []);
    await page.getByText("Keep holding someone", { exact: false }).click();
    await page.getByLabel("Which paper does the request rest on?").selectOption("detainer");
    await page.getByLabel("Who has the paper now").fill("the desk");
    await page.getByRole("button", { name: "Record it" }).click();
    await page.waitForURL(/\/register\/\d+/);
    await checkPage(page, `a matter, ${way.name}`);
    const matter = new URL(page.url()).pathname;
    await page.getByRole("link", { name: "Acknowledgement for the sender" }).click();
    await checkPage(page, `an acknowledgement, ${way.name}`);
    await page.goto(origin + matter);
    await page.getByText("Say what was done").click();
    await page.getByLabel("What was done").selectOption("declined");
    await checkPage(page, `a matter, unfolded, ${way.name}`);
    await page.locator("form[action$='/done'] button").click();
    await page.waitForSelector("text=Declined: nothing of it was done");
    await page.getByText("Private parts", { exact: true }).click();
    await page.getByLabel("Why you look").fill("preparing the answer");
    await page.getByRole("button", { name: /Show what is private/ }).click();
    await page.waitForSelector("text=Who has the paper");
    await checkPage(page, `private parts, ${way.name}`);
    await page.context().close();
  });
}

for (const way of contexts().filter((way) => way.script)) {
  test(`fields of a form, quiet channels and the register: ${way.name}`, async () => {
    const page = await as("supervisor", way);
    const { origin } = desk.program;
    await page.goto(`${origin}/intake`);
    await page.getByLabel("How it came").selectOption({ index: 2 });
    await page.getByLabel("The scan").setInputFiles(form());
    await page.getByRole("button", { name: "Take it in" }).click();
    await page.waitForURL(/\/intake\/papers\/\d+/);
    await checkPage(page, `fields to confirm, ${way.name}`);
    assert.equal(await page.getByText("As on the paper", { exact: true }).count(), 3);
    await page.getByRole("link", { name: /throw it away/ }).click();
    await checkPage(page, `throw away, ${way.name}`);
    await page.getByLabel("Why").fill("only a trial");
    await page.getByRole("button", { name: "Throw it away" }).click();
    await page.waitForURL(/\/intake\?/);
    for (const path of ["/intake/new", "/intake/quiet", "/register", "/register/deadlines"]) {
      await page.goto(origin + path);
      await checkPage(page, `${path}, ${way.name}`);
    }
    await page.goto(`${origin}/register?state=open`);
    await checkPage(page, `the register, filtered, ${way.name}`);
    await page.context().close();
  });
}
