import { X509Certificate } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type End, sasEnd } from "../components/protection/ends";
import type { PublishedRepository } from "../components/protection/state";
import { contentOf, repositoryOption } from "./files";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What of a revision is known to end, without a word of what it is. */
export function readEnds(directory: string, repositories: readonly PublishedRepository[]): readonly End[] {
    const files = join(directory, "files");
    const certificates = namesIn(files).flatMap((file): End[] => {
        const given = file === "server.crt" ? { setting: "tlsCertificate" } : ofCa(file, repositories);
        const at = given === undefined ? undefined : certificateEnd(contentOf(join(files, file)), file);
        return given === undefined || at === undefined ? [] : [{ ...given, at }];
    });
    const conf = contentOf(join(directory, "conf.d/repo.conf"));
    const signatures = repositories.flatMap(({ name, number }): End[] => {
        const option = (of: string) => repositoryOption(conf, number, `azure-${of}`);
        const at = option("key-type") === "sas" ? sasEnd(option("key") ?? "") : undefined;
        return at === undefined ? [] : [{ setting: "sas", repository: name, at }];
    });
    return [...certificates, ...signatures];
}

function namesIn(directory: string): readonly string[] {
    try {
        return readdirSync(directory).sort();
    } catch {
        return [];
    }
}

/** Named by components/repository/file.ts and components/settings/notify.ts. */
function ofCa(file: string, repositories: readonly PublishedRepository[]): Omit<End, "at"> | undefined {
    const [, name] = /^(.+)-ca\.crt$/.exec(file) ?? [];
    if (name === undefined) return undefined;
    if (repositories.some((repository) => repository.name === name))
        return { setting: "caFile", repository: name };
    const [, receiver] = /^notify-(.+)$/.exec(name) ?? [];
    return receiver === undefined ? undefined : { setting: `notify caFile of ${receiver}` };
}

/** A server sends its own first. Of several CAs nobody knows which one is in use. */
function certificateEnd(text: string, file: string): number | undefined {
    const [first, ...others] = text.match(CERTIFICATE) ?? [];
    if (first === undefined || (others.length > 0 && file !== "server.crt")) return undefined;
    try {
        return Math.floor(Date.parse(new X509Certificate(first).validTo) / 1000);
    } catch {
        return undefined;
    }
}
