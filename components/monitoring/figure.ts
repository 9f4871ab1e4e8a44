/** A number, with the labels that tell it from others of its name. */
export interface Sample {
    readonly labels?: Readonly<Record<string, string>>;
    /** Nothing where it is not known: no line is written then. */
    readonly value: number | undefined;
}

/** What has a name of its own at Prometheus. */
export interface Figure {
    readonly name: string;
    readonly help: string;
    readonly samples: readonly Sample[];
}

/** `pgbackrest_` is the prefix of exporters that know pgBackRest only. */
export const PREFIX = "protection_";

export function gauge(name: string, help: string, samples: readonly Sample[]): Figure {
    return { name: `${PREFIX}${name}`, help, samples };
}

export function yes(value: boolean): Sample {
    return { value: Number(value) };
}
