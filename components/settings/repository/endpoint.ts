import { isIP } from "node:net";

const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*$/i;

/**
 * What is wrong with `host` or `host:port`; nothing when it is good. pgBackRest 2.55 takes `https://` too, but the path in an address
 * is silently dropped, and `http://` does not exist for it: only what is taken as it stands is allowed.
 */
export function checkEndpoint(text: string): string | undefined {
    const allowed = "a host, or host:port, without a scheme and without a path";
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
    if (scheme !== undefined && scheme !== "https")
        return `${JSON.stringify(text)}: ${allowed}. Plain HTTP is not possible with pgBackRest 2.55 (it came with 2.58): put TLS in front of the server`;
    const rest = scheme === undefined ? text : text.slice(scheme.length + 3);
    const bare = rest.replace(/[/?#].*$/s, "");
    const [host = "", port, ...more] = bare.split(":");
    const good =
        more.length === 0 &&
        (isIP(host) === 4 || HOST.test(host)) &&
        (port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535));
    if (good && bare === text) return undefined;
    const right = good
        ? `: write ${bare}`
        : ", such as s3.eu-central-1.amazonaws.com or storage.example.com:9000";
    return `${JSON.stringify(text)}: ${allowed}${right}`;
}

/** `host` or `host:port` without the port. */
export function hostOf(endpoint: string): string {
    return endpoint.replace(/:\d+$/, "");
}
