import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type {
    RegisterResourceOutputsRequest,
    RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Engine } from "../../components/ownership/engine";
import type { History } from "../../components/state/history";
import { planStack } from "../../components/plan";
import { ProtectedPostgres } from "../../components/protectedPostgres";
import { needsAmazon } from "../../components/repository/s3/amazon";
import { type Amazon, loadAmazon } from "../../components/repository/s3/classes";
import { settingsOf } from "./settings";

export const ROOT = resolve(import.meta.dirname, "../..");

/**
 * What the program runs in: the preview of a new stack, where nothing that a provider tells is known; the preview of a stack that is
 * up, where all is known; an `up`.
 */
export const modes = ["first preview", "later preview", "update"] as const;
export type Mode = (typeof modes)[number];

/** A secret value among the inputs that the engine gets. */
export class Secret {
    constructor(readonly value: unknown) {}
}

/** A value that only a provider can tell, in a first preview. */
export const UNKNOWN = "<unknown>";

/** The text that the mocked provider generates for every password. */
export const GENERATED = "generated-password";

/** The secret that the mocked provider makes with an access key. */
export const MADE_SECRET = "made/secret+of=the key";

export const POSIX = { repositories: [{ name: "local", type: "posix" }] };

/** One resource as the engine is told of it: its inputs and its options. Other resources are named like `Volume salespider`. */
export interface Registration {
    /** Its types, from the outermost parent, and its name. */
    readonly urn: string;
    /** The same of what it was before, as a resource of the same type. */
    readonly aliases: readonly string[];
    readonly type: string;
    readonly name: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly parent: string;
    readonly provider: string;
    /** All that it waits for, said or implied by an input. */
    readonly dependencies: readonly string[];
    /** What each input derives from. */
    readonly derived: Readonly<Record<string, readonly string[]>>;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly deleteBeforeReplace: boolean;
    readonly replaceOnChanges: readonly string[];
    readonly ignoreChanges: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly createTimeout: string;
}

/** What the mocked provider tells of a container that has ended. */
export interface Ending {
    readonly exitCode: number;
    readonly logs: string;
}

const WELL: Ending = { exitCode: 0, logs: "done\n" };

/** The resources that a program declares under mocks. */
export class Recording {
    readonly registrations: Registration[] = [];
    /** What the components give as their outputs, by `Type name`. */
    readonly outputs = new Map<string, Readonly<Record<string, unknown>>>();

    /** @param endings how one-shot containers end, by name; well without one */
    static async start(mode: Mode, endings: Readonly<Record<string, Ending>> = {}): Promise<Recording> {
        const recording = new Recording();
        const known = mode !== "first preview";
        await pulumi.runtime.setMocks(
            {
                call: () => ({}),
                newResource: ({ name, type, inputs }: Created) => ({
                    id: known ? `id of ${name}` : "",
                    state: known ? { ...inputs, ...computed(type, inputs, endings[name] ?? WELL) } : inputs,
                }),
            },
            "pgbackrest",
            "dev",
            mode !== "update",
            "organization",
        );
        recording.listen();
        return recording;
    }

    /** The mocks alone are told of no option, so the requests to the engine are read on their way. */
    private listen(): void {
        intercept("registerResource", (request) => {
            this.registrations.push(registration(request));
        });
        intercept("registerResourceOutputs", (request) => {
            this.outputs.set(title(request.getUrn()), record(request.getOutputs()));
        });
    }

    /** The registrations as `Type name`, sorted. */
    get names(): string[] {
        return this.registrations.map((entry) => `${entry.type} ${entry.name}`).sort();
    }

    /** The one resource of this type and name. */
    get(wanted: string): Registration {
        const found = this.registrations.filter((entry) => `${entry.type} ${entry.name}` === wanted);
        const [only] = found;
        if (only === undefined || found.length > 1)
            throw new Error(`${found.length} resources are ${wanted}; there are ${this.names.join(", ")}`);
        return only;
    }
}

interface Created {
    readonly name: string;
    readonly type: string;
    readonly inputs: Readonly<Record<string, unknown>>;
}

/** What providers tell of a resource that they have made. */
function computed(type: string, inputs: Created["inputs"], ending: Ending): Record<string, unknown> {
    switch (type) {
        case "docker:index/remoteImage:RemoteImage":
            return { imageId: String(inputs["name"]).includes("-backup:") ? "sha256:5678" : "sha256:1234" };
        case "docker:index/container:Container":
            return { exitCode: ending.exitCode, containerLogs: ending.logs };
        case "random:index/randomPassword:RandomPassword":
            return { result: pulumi.secret(GENERATED) };
        case "random:index/randomId:RandomId":
            return { hex: "0a1b2c3d" };
        case "aws:s3/bucket:Bucket":
            return { arn: `arn:aws:s3:::${String(inputs["bucket"])}` };
        case "aws:kms/key:Key":
            return { arn: "arn:aws:kms:eu-central-1:123456789012:key/made" };
        case "aws:iam/role:Role":
            return { arn: `arn:aws:iam::123456789012:role/${String(inputs["name"])}` };
        case "aws:iam/accessKey:AccessKey":
            return { secret: pulumi.secret(MADE_SECRET) };
        default:
            return {};
    }
}

interface Requests {
    readonly registerResource: RegisterResourceRequest;
    readonly registerResourceOutputs: RegisterResourceOutputsRequest;
}

/** Calls `listener` with what is asked of the mocked engine by `method`. */
function intercept<Method extends keyof Requests>(
    method: Method,
    listener: (request: Requests[Method]) => void,
): void {
    const monitor = pulumi.runtime.getMonitor();
    if (monitor === undefined) throw new Error("there are no mocks");
    const original: unknown = Reflect.get(monitor, method);
    if (typeof original !== "function") throw new Error(`the mocks have no ${method}`);
    Object.defineProperty(monitor, method, {
        value: (request: Requests[Method], ...rest: unknown[]): unknown => {
            listener(request);
            return Reflect.apply(original, monitor, [request, ...rest]);
        },
    });
}

function registration(request: RegisterResourceRequest): Registration {
    const derived: [string, readonly string[]][] = [];
    request.getPropertydependenciesMap().forEach((from, property) => {
        const urns = from.getUrnsList();
        if (urns.length > 0) derived.push([property, urns.map(title).sort()]);
    });
    const urnOf = (type: string, name: string, parent: string): string => {
        const [, , types = ""] = parent.split("::");
        return `${types === "" ? "" : `${types}$`}${type}::${name}`;
    };
    return {
        urn: urnOf(request.getType(), request.getName(), request.getParent()),
        aliases: request.getAliasesList().flatMap((alias) => {
            const spec = alias.getSpec();
            // The SDK's own tell of other types.
            if (spec?.getType() !== "") return [];
            const name = spec.getName() || request.getName();
            return [urnOf(request.getType(), name, spec.getParenturn())];
        }),
        type: request.getType().split(":").at(-1) ?? "",
        name: request.getName(),
        inputs: record(request.getObject()),
        parent: title(request.getParent()),
        provider: request.getProvider(),
        dependencies: request.getDependenciesList().map(title).sort(),
        derived: Object.fromEntries(derived),
        protect: request.getProtect() ?? false,
        retainOnDelete: request.getRetainondelete() ?? false,
        deleteBeforeReplace: request.getDeletebeforereplace(),
        replaceOnChanges: request.getReplaceonchangesList(),
        ignoreChanges: request.getIgnorechangesList(),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        createTimeout: request.getCustomtimeouts()?.getCreate() ?? "",
    };
}

/** `Type name` of a URN. */
function title(urn: string): string {
    const [, , types = "", name = ""] = urn.split("::");
    return urn === "" ? "" : `${types.split(":").at(-1) ?? ""} ${name}`;
}

function record(struct: Struct | undefined): Record<string, unknown> {
    const values = plain(struct?.toJavaScript() ?? {});
    return typeof values === "object" && values !== null ? Object.fromEntries(Object.entries(values)) : {};
}

/** The value that the engine's protocol wraps up. */
function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain);
    if (value === pulumi.runtime.unknownValue) return UNKNOWN;
    if (typeof value !== "object" || value === null) return value;
    const fields = new Map(Object.entries(value));
    if (fields.get(pulumi.runtime.specialSigKey) === pulumi.runtime.specialSecretSig)
        return new Secret(plain(fields.get("value")));
    return Object.fromEntries([...fields].map(([key, item]) => [key, plain(item)]));
}

export interface StackOptions {
    readonly mode?: Mode;
    /** Settings that the stack keeps encrypted. */
    readonly secret?: readonly string[];
    /** Directory with the image's sources and the template, instead of the project's. */
    readonly directory?: string;
    readonly history?: History;
    readonly engine?: Engine;
    readonly endings?: Readonly<Record<string, Ending>>;
    /** The classes of @pulumi/aws, for a stack that makes something at Amazon. */
    readonly amazon?: Amazon | undefined;
}

const NEW_STACK: History = { deployment: undefined, failed: false };

/** Declares the whole stack with these settings. */
export function declare(settings: Record<string, unknown>, options: StackOptions = {}): void {
    const parsed = settingsOf(settings, options.secret);
    const plan = planStack({
        settings: parsed,
        directory: options.directory ?? ROOT,
        stack: pulumi.getStack(),
        history: options.history ?? NEW_STACK,
        engine: options.engine,
        others: [],
    });
    new ProtectedPostgres(parsed.name, { plan, amazon: options.amazon });
}

/** The same from its start to when the engine knows all of it. */
export async function deployed(
    settings: Record<string, unknown>,
    options: StackOptions = {},
): Promise<Recording> {
    const recording = await Recording.start(options.mode ?? "update", options.endings);
    // Pulumi takes a stack trace for each of its promises, and to map them to TypeScript is most of the work of these tests.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 2;
    try {
        const amazon = needsAmazon(settingsOf(settings, options.secret)) ? await loadAmazon() : undefined;
        declare(settings, { ...options, amazon });
        await pulumi.runtime.disconnect();
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
    return recording;
}

/** The environment of a container, which is a secret. */
export function environment(stack: Recording, part: string): readonly string[] {
    const { envs } = stack.get(`Container salespider-${part}`).inputs;
    const list = envs instanceof Secret ? envs.value : (envs ?? []);
    return Array.isArray(list) ? list.map(String) : [];
}
