// Makes components/postgresql/settings.json from a running server of the image's PostgreSQL:
//   docker exec -u postgres CONTAINER psql -AtXc "select row_to_json(s) from pg_settings s order by name" | node components/postgresql/generate-settings.mjs
import { readFileSync, writeFileSync } from "node:fs";

const rows = readFileSync(0, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const entry = (row) => ({
    context: row.context,
    type: row.vartype,
    ...(row.unit === null ? {} : { unit: row.unit }),
    ...(row.min_val === null ? {} : { min: Number(row.min_val), max: Number(row.max_val) }),
    ...(row.enumvals === null ? {} : { values: row.enumvals }),
});
const lines = rows.map((row) => `  ${JSON.stringify(row.name)}: ${JSON.stringify(entry(row))}`);
writeFileSync(new URL("./settings.json", import.meta.url), `{\n${lines.join(",\n")}\n}\n`);
