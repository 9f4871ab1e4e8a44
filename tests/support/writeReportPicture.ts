// npx tsx tests/support/writeReportPicture.ts: makes the picture in docs/report.md anew.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../toolchain/paths";
import { page as reportPage } from "../../toolchain/report/page";
import { openBrowser } from "./browser";
import { FACTS } from "./reportSeen";

const browser = await openBrowser();
const page = await browser.newPage({ viewport: { width: 860, height: 1000 } });
await page.setContent(reportPage(FACTS));
writeFileSync(join(root, "docs", "report.png"), await page.screenshot());
await browser.close();
