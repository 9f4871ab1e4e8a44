import { createHash, createHmac } from "node:crypto";
import { type Address, request, type Response } from "./https";

export interface Credentials {
    readonly key: string;
    readonly secret: string;
}

export interface Version {
    readonly key: string;
    readonly id: string;
    readonly latest: boolean;
    readonly marker: boolean;
}

const REGION = "us-east-1";
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const encode = (text: string): string =>
    encodeURIComponent(text).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );

/** As much of an S3 client as the tests need: it makes buckets, and tries what an attacker would. */
export class S3Client {
    constructor(
        private readonly address: () => Promise<Address>,
        private readonly credentials: Credentials,
    ) {}

    /** A bucket, with versions and a lock on every version where wanted. */
    async createBucket(bucket: string, { versioned = false, lockedDays = 0 } = {}): Promise<void> {
        const lock: Record<string, string> =
            lockedDays > 0 ? { "x-amz-bucket-object-lock-enabled": "true" } : {};
        await this.must("PUT", `/${bucket}`, { headers: lock });
        if (versioned || lockedDays > 0)
            await this.must("PUT", `/${bucket}`, {
                query: { versioning: "" },
                body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
            });
        if (lockedDays > 0)
            await this.must("PUT", `/${bucket}`, {
                query: { "object-lock": "" },
                body: `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>${lockedDays}</Days></DefaultRetention></Rule></ObjectLockConfiguration>`,
            });
    }

    async putPolicy(bucket: string, policy: object): Promise<void> {
        await this.must("PUT", `/${bucket}`, { query: { policy: "" }, body: JSON.stringify(policy) });
    }

    /** Every version and delete marker below a prefix. */
    async versions(bucket: string, prefix = ""): Promise<readonly Version[]> {
        const found: Version[] = [];
        let marker: Record<string, string> = {};
        for (;;) {
            const { body } = await this.must("GET", `/${bucket}`, {
                query: { versions: "", prefix, ...marker },
            });
            for (const [, kind = "", text = ""] of body.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs))
                found.push({
                    key: tag(text, "Key"),
                    id: tag(text, "VersionId"),
                    latest: tag(text, "IsLatest") === "true",
                    marker: kind === "DeleteMarker",
                });
            if (tag(body, "IsTruncated") !== "true") return found;
            marker = {
                "key-marker": tag(body, "NextKeyMarker"),
                "version-id-marker": tag(body, "NextVersionIdMarker"),
            };
        }
    }

    /** Keys that can be seen below a prefix. */
    async keys(bucket: string, prefix = ""): Promise<readonly string[]> {
        const found: string[] = [];
        let next: Record<string, string> = {};
        for (;;) {
            const query = { "list-type": "2", prefix, ...next };
            const { body } = await this.must("GET", `/${bucket}`, { query });
            found.push(...[...body.matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, key = ""]) => unescape(key)));
            if (tag(body, "IsTruncated") !== "true") return found;
            next = { "continuation-token": tag(body, "NextContinuationToken") };
        }
    }

    async put(bucket: string, key: string, body: string): Promise<Response> {
        return this.send("PUT", `/${bucket}/${key}`, { body });
    }

    async delete(
        bucket: string,
        key: string,
        version?: string,
        headers: Record<string, string> = {},
    ): Promise<Response> {
        return this.send("DELETE", `/${bucket}/${key}`, {
            query: version === undefined ? {} : { versionId: version },
            headers,
        });
    }

    /** What can be seen, as whoever wants to destroy a repository would delete it: a thousand at a time. */
    async deleteAll(bucket: string): Promise<void> {
        const keys = await this.keys(bucket);
        for (let i = 0; i < keys.length; i += 1000) {
            const objects = keys
                .slice(i, i + 1000)
                .map((key) => `<Object><Key>${escape(key)}</Key></Object>`);
            const body = `<Delete><Quiet>true</Quiet>${objects.join("")}</Delete>`;
            await this.must("POST", `/${bucket}`, { query: { delete: "" }, body });
        }
    }

    async must(method: string, path: string, parts: Parts = {}): Promise<Response> {
        const response = await this.send(method, path, parts);
        if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${response.body}`);
        return response;
    }

    /** A request signed by version 4; what the server says to it is the result. */
    async send(
        method: string,
        path: string,
        { query = {}, headers = {}, body = "" }: Parts = {},
    ): Promise<Response> {
        const address = await this.address();
        const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
        const all: Record<string, string> = {
            ...headers,
            // Some configurations are refused without it.
            ...(body === "" ? {} : { "content-md5": createHash("md5").update(body).digest("base64") }),
            host: `${address.host}:${address.port}`,
            "x-amz-content-sha256": sha256(body),
            "x-amz-date": time,
        };
        const names = Object.keys(all).sort();
        const uri = path.split("/").map(encode).join("/");
        const search = Object.entries(query)
            .map(([name, value]) => `${encode(name)}=${encode(value)}`)
            .sort()
            .join("&");
        const lines = names.map((name) => `${name}:${all[name] ?? ""}\n`).join("");
        const canonical = [method, uri, search, lines, names.join(";"), sha256(body)].join("\n");
        const scope = `${time.slice(0, 8)}/${REGION}/s3/aws4_request`;
        const parts = [...scope.split("/"), `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`];
        const signature = parts
            .reduce<Buffer>(
                (key, part) => createHmac("sha256", key).update(part).digest(),
                Buffer.from(`AWS4${this.credentials.secret}`),
            )
            .toString("hex");
        const authorization = `AWS4-HMAC-SHA256 Credential=${this.credentials.key}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
        return request(address, {
            method,
            path: search === "" ? uri : `${uri}?${search}`,
            headers: { ...all, authorization },
            body,
        });
    }
}

interface Parts {
    readonly query?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
}

function tag(text: string, name: string): string {
    return unescape(new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(text)?.[1] ?? "");
}

function unescape(text: string): string {
    return text
        .replaceAll("&quot;", '"')
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&#34;", '"')
        .replaceAll("&amp;", "&");
}

function escape(text: string): string {
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
