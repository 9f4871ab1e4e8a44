import { isIP } from "node:net";

const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*$/i;
const PLAIN = /^http:\/\//i;

/**
 * What is wrong with `host` or `host:port`, or `http://` and one of them; nothing when it is good. pgBackRest takes `https://` too, but
 * silently drops the path in an address: only what is taken as it stands is allowed.
 */
export function checkEndpoint(text: string): string | undefined {
    const allowed = "a host, or host:port, without a scheme (but http:// for plain HTTP) and without a path";
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[0] ?? "";
    const bare = text.slice(scheme.length).replace(/[/?#].*$/s, "");
    const [host = "", port, ...more] = bare.split(":");
    const good =
        more.length === 0 &&
        (isIP(host) === 4 || HOST.test(host)) &&
        (port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535));
    const kept = PLAIN.test(scheme) ? "http://" : "";
    if (good && `${kept}${bare}` === text) return undefined;
    const right = good
        ? `: write ${kept}${bare}`
        : ", such as s3.eu-central-1.amazonaws.com or storage.example.com:9000";
    return `${JSON.stringify(text)}: ${allowed}${right}`;
}

/** Is it spoken to without TLS? */
export function isPlain(endpoint: string): boolean {
    return PLAIN.test(endpoint);
}

/** `host` or `host:port` of an endpoint. */
export function addressOf(endpoint: string): string {
    return endpoint.replace(PLAIN, "");
}

/** The host alone of an endpoint. */
export function hostOf(endpoint: string): string {
    return addressOf(endpoint).replace(/:\d+$/, "");
}
