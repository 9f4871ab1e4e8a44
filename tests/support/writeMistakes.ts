// Writes what follows from the list of mistakes into its page: npx tsx tests/support/writeMistakes.ts
import { readFileSync, writeFileSync } from "node:fs";
import { LIST, mistakesList } from "./mistakes";

const PAGE = "docs/mistakes.md";
writeFileSync(
    PAGE,
    readFileSync(PAGE, "utf8").replace(LIST, () => `\n${mistakesList()}\n`),
);
