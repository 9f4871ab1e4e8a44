import * as v from "valibot";

const Resource = v.looseObject({
    urn: v.string(),
    type: v.string(),
    custom: v.boolean(),
    parent: v.optional(v.string()),
    dependencies: v.optional(v.array(v.string()), []),
    inputs: v.optional(v.record(v.string(), v.unknown()), {}),
});
type Resource = v.InferOutput<typeof Resource>;

const State = v.looseObject({ deployment: v.looseObject({ resources: v.array(Resource) }) });
type State = v.InferOutput<typeof State>;

const STACK = "pulumi:pulumi:Stack";
/** Pulumi's mark of a secret in a state. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/**
 * The state of a program without components that declares the same resources: all are the stack's own, and those of the package random
 * have its default provider. A dependency of a component is one of all that is in it.
 * @param exported what `pulumi stack export --show-secrets` says of a stack of ours
 */
export function plainState(exported: string): State {
    const state = v.parse(State, JSON.parse(exported));
    const components = new Map(
        state.deployment.resources
            .filter(({ custom, type }) => !custom && type !== STACK)
            .map((one) => [one.urn, one]),
    );
    const inherited = ({ parent = "" }: Resource): readonly string[] => {
        const component = components.get(parent);
        return component === undefined ? [] : [...component.dependencies, ...inherited(component)];
    };
    const stack = state.deployment.resources.find(({ type }) => type === STACK)?.urn;
    const resources = state.deployment.resources
        .filter(({ urn }) => !components.has(urn))
        .map((resource) => ({
            ...resource,
            ...(resource.type === STACK ? { outputs: {} } : {}),
            ...(resource.type.startsWith("pulumi:") ? { parent: undefined } : { parent: stack }),
            dependencies: [...new Set([...resource.dependencies, ...inherited(resource)])],
        }));
    const text = JSON.stringify({ ...state, deployment: { ...state.deployment, resources } })
        .replaceAll(/pgbackrest:index:\w+\$/g, "")
        .replaceAll(/(?<=::pulumi:providers:random::)[\w.-]+/g, `default_${randomVersion(state)}`);
    return v.parse(State, JSON.parse(text));
}

function randomVersion(state: State): string {
    const provider = state.deployment.resources.find(({ type }) => type === "pulumi:providers:random");
    return String(provider?.inputs["version"]).replaceAll(".", "_");
}

/** The program whose state that is: each resource with its inputs, behind what it waits for in our program. */
export function plainProgram({ deployment }: State): string {
    const resources = deployment.resources.filter(({ type }) => !type.startsWith("pulumi:"));
    const names = new Map(resources.map(({ urn }, index) => [urn, `resource${index}`]));
    const statements = resources.map(({ urn, type, inputs, dependencies }) => {
        const [module = "", , kind = ""] = type.split(":");
        const dependsOn = dependencies.flatMap((dependency) => names.get(dependency) ?? []);
        const args = [JSON.stringify(urn.split("::").at(-1)), literal(inputs)];
        if (dependsOn.length > 0) args.push(`{ dependsOn: [${dependsOn.join(", ")}] }`);
        return `const ${names.get(urn) ?? ""} = new ${module}.${kind}(${args.join(", ")});`;
    });
    const modules = [...new Set(resources.map(({ type }) => type.split(":")[0] ?? ""))];
    const imports = ["pulumi", ...modules].map((name) => `import * as ${name} from "@pulumi/${name}";`);
    return [...imports, ...statements, ""].join("\n");
}

function literal(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const entries = Object.entries(value);
    const { plaintext } = Object.fromEntries(entries);
    if (SIGNATURE in value) return `pulumi.secret(${literal(JSON.parse(String(plaintext)))})`;
    return `{ ${entries.map(([key, one]) => `${JSON.stringify(key)}: ${literal(one)}`).join(", ")} }`;
}
