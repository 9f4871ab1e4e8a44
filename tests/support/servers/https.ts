import { request as send } from "node:https";

export interface Address {
    readonly host: string;
    readonly port: number;
    readonly ca: string;
}

export interface Request {
    readonly method: string;
    /** With the query, as it goes over the wire. */
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
}

export interface Response {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: string;
}

/** One request over TLS that verifies the server against its own authority. */
export function request(
    address: Address,
    { method, path, headers = {}, body = "" }: Request,
): Promise<Response> {
    return new Promise((resolve, reject) => {
        const length = { "content-length": String(Buffer.byteLength(body)) };
        const options = {
            ...address,
            method,
            path,
            headers: { ...headers, ...length },
            agent: false,
            timeout: 20_000,
        };
        const outgoing = send(options, (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
            incoming.on("error", reject);
            incoming.on("end", () => {
                resolve({
                    status: incoming.statusCode ?? 0,
                    headers: incoming.headers,
                    body: Buffer.concat(chunks).toString("utf8"),
                });
            });
        });
        outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer`)));
        outgoing.on("error", reject);
        outgoing.end(body);
    });
}
