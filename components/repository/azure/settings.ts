import * as v from "valibot";
import { checkText } from "../../pgbackrest/value";
import { choice, text } from "../../fields";
import {
    checkOptional,
    cloudFields,
    type CloudCommon,
    completeCloud,
    optionalText,
    port,
} from "../cloud/settings";
import type { Complain, RepositoryContext } from "../kind";
import { addressOf, checkEndpoint } from "../cloud/endpoint";
import { checkSas } from "./sas";

/** A repository in a container of Azure Blob Storage that exists. */
export const azure = v.strictObject({
    ...cloudFields,
    type: v.literal("azure"),
    /** The storage account; without hierarchical namespace, in which nothing can be expired (pgbackrest#1770). */
    account: text("the storage account: 3 to 24 lower case letters and digits", /^[a-z0-9]{3,24}$/),
    /** A container that exists. */
    container: text(
        "a container that exists: 3 to 63 lower case letters, digits and single -, with a letter or a digit at both ends",
        /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    ),
    /** `shared` or `sas`; default: follows from which of the two is given. `auto`: the managed identity of the machine, without a key. */
    keyType: v.optional(choice(["shared", "sas", "auto"])),
    /** The account's key in base64, a secret. */
    key: optionalText,
    /** Shared access signature of the container, a secret; it needs read, create, write, delete and list (pgbackrest#2394). */
    sas: optionalText,
    /** Where to connect in place of the endpoint, such as a gateway, with `http://` for plain HTTP; makes `path` the default of uriStyle. */
    host: optionalText,
    /** Port of the server; default 443. */
    port,
    /** `host`: ACCOUNT.ENDPOINT, the default; `path`: HOST/ACCOUNT. */
    uriStyle: v.optional(choice(["host", "path"])),
});

export type AzureInput = v.InferOutput<typeof azure>;

export interface AzureSettings extends CloudCommon {
    readonly type: "azure";
    readonly account: string;
    readonly container: string;
    readonly keyType: "shared" | "sas" | "auto";
    /** The account's key in base64, or the signature; none with `auto`. */
    readonly key: string | undefined;
    /** `host` or `host:port`, Azure's own when the stack says nothing. */
    readonly endpoint: string;
    /** Where to connect instead of the endpoint, such as a gateway. */
    readonly host: string | undefined;
    readonly port: number | undefined;
    readonly uriStyle: "host" | "path";
}

/** Checks what no single field shows, and fills in what follows from others. */
export function completeAzure(
    input: AzureInput,
    context: RepositoryContext,
    complain: Complain,
): AzureSettings {
    const common = completeCloud(input, context, complain);
    checkOptional(input.host, checkHost, "host", complain);
    const keyType = input.keyType ?? (input.sas === undefined ? "shared" : "sas");
    return {
        ...common,
        type: "azure",
        account: input.account,
        container: input.container,
        keyType,
        key: readKey(input, keyType, context.now, complain),
        endpoint: addressOf(input.endpoint ?? "blob.core.windows.net"),
        host: input.host === undefined ? undefined : addressOf(input.host),
        port: input.port,
        // pgBackRest does the same (src/storage/azure/helper.c), and an explicit value cannot change under anybody.
        uriStyle: input.uriStyle ?? (input.host === undefined ? "host" : "path"),
    };
}

function checkHost(host: string): string | undefined {
    return (
        checkEndpoint(host) ??
        (addressOf(host).includes(":")
            ? `${JSON.stringify(host)}: a host alone: its port has a setting of its own`
            : undefined)
    );
}

function readKey(
    input: AzureInput,
    keyType: AzureSettings["keyType"],
    now: Date,
    complain: Complain,
): string | undefined {
    if (keyType === "auto") {
        for (const name of ["key", "sas"] as const)
            if (input[name] !== undefined)
                complain(name, "is set, but keyType auto needs none: remove it, or the keyType");
        return undefined;
    }
    if (input.key !== undefined && input.sas !== undefined)
        complain("sas", "is set, and key too: give one of them");
    else if (keyType === "shared") {
        if (input.sas !== undefined)
            complain("sas", "is set, but keyType is shared: remove keyType, or give key instead");
        else if (input.key === undefined)
            complain(
                "key",
                "is missing: the account's key as a secret, a SAS in sas, or keyType auto on a machine of Azure",
            );
        else checkOptional(input.key, checkSharedKey, "key", complain);
    } else if (input.sas === undefined)
        complain(
            "sas",
            `is missing: keyType sas needs it${input.key === undefined ? "" : ", in place of key"}`,
        );
    else checkOptional(input.sas, (sas) => checkText(sas) ?? checkSas(sas, now), "sas", complain);
    return (keyType === "sas" ? input.sas : input.key) ?? "";
}

/** pgBackRest refuses what is no base64 (src/storage/azure/helper.c). */
function checkSharedKey(key: string): string | undefined {
    const problem = checkText(key);
    if (problem !== undefined) return problem;
    const signed = key.includes("sig=") ? ": this looks like a SAS, which belongs in sas" : "";
    return Buffer.from(key, "base64").toString("base64") === key
        ? undefined
        : `is not base64 text${signed === "" ? ": copy the account's key as the portal shows it, with the = at its end" : signed}`;
}
