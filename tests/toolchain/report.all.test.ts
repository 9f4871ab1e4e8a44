import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, it } from "mocha";
import type { Browser, Page } from "playwright-core";
import { factsOf } from "../../toolchain/report/facts";
import { page as reportPage } from "../../toolchain/report/page";
import { openBrowser } from "../support/browser";
import { ABOUT, FACTS, SEEN, wellState } from "../support/reportSeen";

/** What a page would do that lets text be more than text. */
const ASKING = `<img src="https://example.com/x.png"><script src="https://example.com/x.js"></script>`;
const FAR = `"><link rel=stylesheet href=https://example.com/x.css><style>@import "https://example.com/y.css";</style>`;
const LONG = "a-word-without-any-place-to-break-it".repeat(8);

const PAGES: Readonly<Record<string, string>> = {
    usual: reportPage(FACTS),
    hostile: reportPage(
        factsOf(
            {
                ...SEEN,
                service: {
                    ...SEEN.service,
                    state: wellState(SEEN.service.state?.repositories ?? {}, `${ASKING} ${LONG}`),
                },
                database: FAR,
            },
            { ...ABOUT, name: LONG, stack: FAR },
        ),
    ),
    unread: reportPage(
        factsOf({ ...SEEN, held: SEEN.held.map((held) => ({ ...held, report: LONG })) }, ABOUT),
    ),
};

describe("the report in a browser", function () {
    this.timeout(60_000);
    let browser: Browser;
    let directory: string;
    before(async () => {
        browser = await openBrowser();
        directory = mkdtempSync(join(tmpdir(), "pgbt-report-"));
        for (const [name, text] of Object.entries(PAGES))
            writeFileSync(join(directory, `${name}.html`), text);
    });
    after(async () => {
        await browser.close();
        rmSync(directory, { recursive: true });
    });

    /** Shows a page, and tells what it has asked for beside itself, and what it has complained of. */
    async function shown<T>(
        name: string,
        options: Parameters<Browser["newPage"]>[0],
        use: (page: Page) => Promise<T>,
    ): Promise<{
        readonly result: T;
        readonly asked: readonly string[];
        readonly errors: readonly string[];
    }> {
        const page = await browser.newPage(options);
        const asked: string[] = [];
        const errors: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        page.on("console", (message) => errors.push(message.text()));
        page.on("pageerror", (error) => errors.push(error.message));
        const url = pathToFileURL(join(directory, `${name}.html`)).href;
        try {
            await page.goto(url, { waitUntil: "load" });
            const result = await use(page);
            return { result, asked: asked.filter((one) => one !== url), errors };
        } finally {
            await page.close();
        }
    }

    for (const name of Object.keys(PAGES))
        for (const width of [360, 1280])
            it(`fits a screen of ${width} px, asks nothing of anybody and complains of nothing (${name})`, async () => {
                const viewport = { width, height: 800 };
                const { result, asked, errors } = await shown(name, { viewport }, async (page) => ({
                    page: await page.evaluate<number>("document.documentElement.scrollWidth"),
                    // A chart that is too wide may be cut off instead of widening the page.
                    chart: await page.evaluate<number>(
                        "Math.max(0, ...[...document.querySelectorAll('svg')].map((svg) => svg.getBoundingClientRect().right))",
                    ),
                    charts: await page.locator("svg:visible").count(),
                    small: await page.evaluate<number>(
                        "Math.min(99, ...[...document.querySelectorAll('svg text')].map((text) => text.getBoundingClientRect().height).filter((height) => height > 0))",
                    ),
                }));
                assert.equal(result.page, width);
                assert.ok(result.chart <= width, `${result.chart} px`);
                if (name === "usual") assert.equal(result.charts, 1 + 2 * (1 + 4) + 2 + 1);
                assert.ok(result.small >= 9, `a text of ${result.small} px`);
                assert.deepEqual(asked, []);
                assert.deepEqual(errors, []);
            });

    it("is dark where that is wanted, and light on paper", async () => {
        const ground = (page: Page) =>
            page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
        const grounds = await Promise.all(
            (["light", "dark"] as const).map(async (colorScheme) =>
                shown("usual", { colorScheme }, async (page) => {
                    const screen = await ground(page);
                    const picture = await page.screenshot();
                    await page.emulateMedia({ media: "print" });
                    const text = await page.evaluate<string>("getComputedStyle(document.body).color");
                    return { screen, picture, text };
                }),
            ),
        );
        const [light, dark] = grounds.map(({ result }) => result);
        assert.ok(light && dark);
        assert.equal(light.screen, "rgb(246, 247, 249)");
        assert.equal(dark.screen, "rgb(16, 21, 28)");
        assert.ok(!light.picture.equals(dark.picture));
        assert.equal(dark.text, light.text);
    });

    it("prints on two pages, with two repositories and drills", async () => {
        const { result } = await shown("usual", {}, (page) =>
            page.pdf({ preferCSSPageSize: true, printBackground: true }),
        );
        assert.equal(result.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length, 2);
    });
});
