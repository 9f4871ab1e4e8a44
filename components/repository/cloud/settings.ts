import * as v from "valibot";
import { ABSOLUTE_PATH, flag, integer, someText, text } from "../../fields";
import { completeEncryption, encryptionFields } from "../encryption";
import type { AnyRepository, Complain, Encryption, RepositoryContext } from "../kind";
import { readCaFile } from "./certificate";
import { addressOf, checkEndpoint, isPlain } from "./endpoint";
import { entryFields } from "../entry";
import { repositoryName } from "../name";

/** What must be written to give up TLS or the verification of the server: nobody types it by accident. */
export const INSECURE = "I accept that anyone on the way can read and change the backups";

export const optionalText = v.optional(someText);

/** Settings that every cloud repository has. */
export const cloudFields = {
    /** The user's name of it, in the names of what is made for it. Another name is another bucket, user and passphrase. */
    name: repositoryName,
    /** Prefix in the bucket; default `/NAME/STACK`. Another one is a new, empty repository: a full backup follows at once. */
    path: v.optional(
        text(
            "a path in the bucket such as /salespider/prod, of letters, digits and _ . + @ -, without / at its end; the root of the bucket is not possible, it belongs to all",
            ABSOLUTE_PATH,
        ),
    ),
    /**
     * `host` or `host:port`; default is the cloud's own. Replaces nothing; another place counts as a new repository. With `http://` in front
     * it is spoken to without TLS, and needs `insecure` as well.
     */
    endpoint: optionalText,
    /** PEM file of the project with what signed the server's certificate; default: the public CAs of the image. */
    caFile: optionalText,
    /** Verify the server; default true. False needs `insecure` as well. */
    verifyTls: v.optional(flag, true),
    /** The sentence of `INSECURE`, word by word, which the refusals of `verifyTls: false` and of `http://` tell. */
    insecure: optionalText,
    ...encryptionFields,
    ...entryFields,
};

/** What every cloud repository has, complete; the path in the bucket or container is `/NAME/STACK` when the stack says nothing. */
export interface CloudCommon extends AnyRepository {
    /** PEM text of the certificates to verify the server with; without it those of the image. */
    readonly ca: string | undefined;
    readonly verifyTls: boolean;
    /** Plain HTTP, without TLS. */
    readonly plain: boolean;
    readonly encryption: Encryption;
}

interface CloudInput {
    readonly name: string;
    readonly path?: string | undefined;
    readonly endpoint?: string | undefined;
    readonly host?: string | undefined;
    readonly caFile?: string | undefined;
    readonly verifyTls: boolean;
    readonly insecure?: string | undefined;
    readonly encryption: boolean;
    readonly passphrase?: string | undefined;
}

/** Checks and completes what every cloud repository has. */
export function completeCloud(
    input: CloudInput,
    context: RepositoryContext,
    complain: Complain,
): Omit<CloudCommon, "type"> {
    checkOptional(input.endpoint, checkEndpoint, "endpoint", complain);
    const plain = checkTransport(input, complain);
    return {
        name: input.name,
        path: input.path ?? `/${context.name}/${context.stack}`,
        ca: readCa(input.caFile, context, complain),
        verifyTls: input.verifyTls,
        plain,
        encryption: completeEncryption(input, complain),
    };
}

/** Refuses what is unsafe without a word, and what has no effect; says whether it is plain HTTP. */
function checkTransport(input: CloudInput, complain: Complain): boolean {
    const { verifyTls, insecure, caFile, host, endpoint } = input;
    const field = host === undefined ? "endpoint" : "host";
    const plain = isPlain(host ?? endpoint ?? "");
    const open = "leaves credentials and backups open to anyone on the way";
    if (plain && insecure !== INSECURE)
        complain(
            field,
            `plain HTTP ${open}: put TLS in front of the server, and write ${addressOf(host ?? endpoint ?? "")}. If you must: insecure: "${INSECURE}"`,
        );
    if (plain && !verifyTls) complain("verifyTls", "has no effect with plain HTTP: remove it");
    if (plain && caFile !== undefined)
        complain("caFile", `has no effect with plain HTTP: remove it, or the http:// of ${field}`);
    if (host !== undefined && !plain && isPlain(endpoint ?? ""))
        complain("endpoint", "has http://, but host is where to connect: write it there");
    if (!plain && !verifyTls && insecure !== INSECURE)
        complain(
            "verifyTls",
            `false ${open}: give the server's certificate with caFile instead. If you must: insecure: "${INSECURE}"`,
        );
    if (!plain && verifyTls && insecure !== undefined)
        complain("insecure", "has no effect while verifyTls is true and nothing is plain HTTP: remove it");
    if (!plain && !verifyTls && caFile !== undefined)
        complain(
            "caFile",
            "has no effect while verifyTls is false: remove verifyTls, the file is what it needs",
        );
    return plain;
}

function readCa(
    path: string | undefined,
    context: RepositoryContext,
    complain: Complain,
): string | undefined {
    if (path === undefined) return undefined;
    const file = readCaFile(path, context.readFile, context.now);
    if ("text" in file) return file.text;
    complain("caFile", file.problem);
    return undefined;
}

/** Complains about an optional value; nothing when it is not there. */
export function checkOptional(
    value: string | undefined,
    check: (value: string) => string | undefined,
    field: string,
    complain: Complain,
): void {
    const problem = value === undefined ? undefined : check(value);
    if (problem !== undefined) complain(field, problem);
}

/** A port on the side of a host. */
export const port = v.optional(integer(1, 65_535, "a port"));
