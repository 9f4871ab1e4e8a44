import { readdirSync } from "node:fs";
import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

/**
 * The rooms of components/, from the ground up: folders, and the files beside them. Each may use those before it and none after it, so
 * there is no circle among them. CONTRIBUTING.md says what each is for.
 */
const floors = [
    ...[
        "problems",
        "fields",
        "canonical",
        "schedule",
        "protection",
        "drill",
        "monitoring",
        "notify",
        "restore",
        "docker",
        "pgbackrest",
        "postgresql",
        "repository",
        "settings",
    ],
    ...["publication", "state", "review", "ownership", "services", "outputs", "plan", "protectedPostgres"],
];

const homeless = readdirSync(new URL("components", import.meta.url)).filter(
    (entry) => !floors.includes(entry.replace(/\.ts$/, "")),
);
if (homeless.length > 0)
    throw new Error(`eslint.config.mjs: say in the list of floors what ${homeless.join(", ")} may use`);

const floorRules = floors.flatMap((room, floor) => {
    const above = `(?:${[...floors.slice(floor + 1), "index", "toolchain", "tests"].join("|")})(?:/|$)`;
    const message = `stands above ${room}: see the list of floors in eslint.config.mjs.`;
    return [
        [`components/${room}.ts`, `^\\.{1,2}/${above}`],
        // What is beside a file in its own folder may have any name.
        [`components/${room}/**/*.ts`, `^(?:\\.\\./)+${above}`],
    ].map(([file, regex]) => ({
        files: [file],
        rules: { "no-restricted-imports": ["error", { patterns: [{ regex, message }] }] },
    }));
});

/** What runs in the backup image does without Pulumi and in little memory: it has of components/ what is pure and its own. */
const serviceRules = [
    ["service/*.ts", "\\./", "schedule/|drill/|protection/|monitoring/"],
    ["service/notify/*.ts", "\\./\\.\\./", "drill/|protection/|notify/|fields$"],
    ["service/restore/*.ts", "\\./\\.\\./", "drill/|protection/|restore/|fields$"],
    ["service/drill/*.ts", "\\./\\.\\./", "drill/|protection/|restore/|fields$"],
].map(([file, up, rooms]) => ({
    files: [file],
    rules: {
        "no-restricted-imports": [
            "error",
            {
                patterns: [
                    {
                        regex: `^\\.${up}(?!components/(?:${rooms}|docker/places$))`,
                        message: `it uses of components/ these only: ${rooms}|docker/places.`,
                    },
                ],
            },
        ],
    },
}));

export default tseslint.config(
    { ignores: ["node_modules", ".pulumi-state", ".work", "image/backup/*.cjs"] },
    js.configs.recommended,
    {
        files: ["**/*.ts"],
        extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            "@typescript-eslint/no-unsafe-type-assertion": "error",
        },
    },
    {
        files: ["index.ts", "components/**/*.ts", "service/**/*.ts", "toolchain/**/*.ts"],
        rules: { "max-lines": ["error", 300] },
    },
    ...floorRules,
    ...serviceRules,
    {
        files: ["**/*.mjs"],
        languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
    },
    prettier,
);
