// When what the product knows by its end stops working: certificates and signatures. Of what does not say when it ends nothing is known.
import * as v from "valibot";
import { duration, minute } from "./text";

export const End = v.object({
    /** The setting in which a new one is given. */
    setting: v.string(),
    /** Whose; nothing of what is no repository's. */
    repository: v.optional(v.string()),
    /** Seconds since the epoch. */
    at: v.number(),
});
/** When something ends that somebody has to give anew. */
export type End = v.InferOutput<typeof End>;

/** Seconds before an end from which on people are told: time to ask for a new one. */
export const NOTICE = 14 * 86_400;

/** Of a shared access signature of Azure, whose parameters are public; nothing where a stored policy has it. */
export function sasEnd(sas: string): number | undefined {
    const end = Date.parse(new URLSearchParams(sas.replace(/^\?/, "")).get("se") ?? "");
    return Number.isNaN(end) ? undefined : end / 1000;
}

/** `sas of repository offsite` */
export function endName({ setting, repository }: End): string {
    return repository === undefined ? setting : `${setting} of repository ${repository}`;
}

/** What ends soon or has ended, in words; or nothing. */
export function endsText(ends: readonly End[], now: number): string {
    return ends
        .filter(({ at }) => at - now < NOTICE)
        .sort((a, b) => a.at - b.at)
        .map(
            (end) =>
                `${endName(end)} ${end.at <= now ? "ended" : "ends"} ${minute(end.at)} UTC: give a new one`,
        )
        .join("; ");
}

/** All that is known, what ends first first: `tlsCertificate 2027-01-31 (in 65 days)`. */
export function endsList(ends: readonly End[], now: number): string[] {
    return [...ends]
        .sort((a, b) => a.at - b.at)
        .map((end) => {
            const day = minute(end.at).slice(0, 10);
            return `${endName(end)} ${day} (${end.at <= now ? "it has ended" : `in ${duration(end.at - now)}`})`;
        });
}
