import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { stringify } from "yaml";
import { projectConfig, settingsTable } from "./documents";

// Writes what follows from the table of settings: npx tsx components/settings/generate.ts

function rewrite(file: string, part: RegExp, text: string): void {
    const old = readFileSync(file, "utf8");
    if (!part.test(old)) throw new Error(`${file} has no place for the settings: ${part.source}`);
    writeFileSync(
        file,
        old.replace(part, () => text),
    );
}

rewrite(
    "Pulumi.yaml",
    /^config:\n[^]*/m,
    stringify({ config: projectConfig() }, { indent: 4, lineWidth: 0 }),
);
const table = await format(settingsTable(), { parser: "markdown", printWidth: 110 });
rewrite("docs/settings.md", /(?<=<!-- settings:[^\n]*-->\n)[^]*?(?=<!-- \/settings -->)/, `\n${table}\n`);
