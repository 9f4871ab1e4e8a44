import * as v from "valibot";
import { azure } from "./azure/kind";
import { cifs, INSTEAD } from "./cifs/kind";
import { completeEntry, type Entry, type EntryPlace } from "./entry";
import { gcs } from "./gcs/kind";
import type {
    Claim,
    Common,
    Complain,
    DeclareContext,
    Described,
    Encryption,
    RepositoryContext,
    RepositoryDeclaration,
    RepositoryKind,
} from "./kind";
import { none } from "./none/settings";
import { posix } from "./posix/kind";
import type { Lifetime } from "./retention";
import { s3 } from "./s3/kind";
import { sftp } from "./sftp/kind";

/** One folder a kind; a new kind is one more folder, and one more name here. */
const stores = { posix: { ...posix, reasons: INSTEAD }, s3, azure, gcs, cifs, sftp };
const kinds = { none, ...stores };

type Stores = typeof stores;
export type StoreType = keyof Stores;
type Type = StoreType;
type SchemaOf<T extends Type> = Stores[T]["schema"];
type Complete = { readonly [T in Type]: ReturnType<Stores[T]["complete"]> };
type Input<T extends Type = Type> = { [P in T]: v.InferOutput<SchemaOf<P>> & { readonly type: P } }[T];

/** A place for backups, with its settings complete. */
export type StoreOf<T extends Type> = {
    [P in T]: Complete[P] & { readonly type: P; readonly entry: Entry };
}[T];
export type Store = StoreOf<Type>;
/** An entry of the setting `repositories`, complete. */
export type Repository = Store | v.InferOutput<typeof none.schema>;

/** Every kind has all that a kind must give. */
const table: { readonly [T in Type]: RepositoryKind<SchemaOf<T>, Complete[T]> } = stores;

/** The setting `repositories` as the stack has it. */
export const repositories = v.array(
    v.variant(
        "type",
        Object.values(kinds).map(({ schema }) => schema),
    ),
);
export type RepositoryInput = v.InferOutput<typeof repositories>[number];

/** Fields that each type knows, for messages. */
export const REPOSITORY_FIELDS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
    Object.entries(kinds).map(([type, { schema }]) => [type, Object.keys(schema.entries)]),
);

/** Fields of a repository that hold a secret, whatever its type. */
export const REPOSITORY_SECRETS: readonly string[] = [
    ...new Set(Object.values(kinds).flatMap(({ secrets }): readonly string[] => secrets)),
];

/** The repositories among these that backups go to: none is no such. */
export function storesOf(list: readonly Repository[]): readonly Store[] {
    return list.filter((repository): repository is Store => repository.type in table);
}

/** Checks what no single field of an entry shows, and fills in what follows from others. */
export function complete(
    input: RepositoryInput,
    context: RepositoryContext,
    place: EntryPlace,
    problems: string[],
): Repository {
    if (input.type === "none") return input;
    const store = completeStore(input, context, complainer(problems, place.key));
    return Object.assign(store, { entry: completeEntry(input, place, problems) });
}

/** Puts the key of the setting before each problem. */
export function complainer(problems: string[], key: string): Complain {
    return (field, problem) => {
        problems.push(`${key}${field === "" ? "" : `.${field}`}: ${problem}`);
    };
}

function completeStore<T extends Type>(
    input: Input<T>,
    context: RepositoryContext,
    complain: Complain,
): Complete[T] {
    return table[input.type].complete(input, context, complain);
}

/** A repository with what its kind says of it. */
export interface OfKind {
    readonly local: boolean;
    readonly made: boolean;
    readonly encryption: Encryption;
    readonly adopted: string | undefined;
    readonly claims: readonly Claim[];
    readonly common: readonly Common[];
    readonly noVersions: string | undefined;
    readonly reasons: Readonly<Record<string, string>>;
    place(volume: string): string;
    describe(volume: string, lifetime: Lifetime | undefined): Described;
    checkLifetime(lifetime: Lifetime | undefined, refuse: Complain, warn: Complain): void;
    declare(context: DeclareContext): RepositoryDeclaration;
}

/** What each kind says of a repository of its own. */
export function ofKind<T extends Type>(store: StoreOf<T>): OfKind {
    const kind = table[store.type];
    return {
        local: kind.local,
        made: kind.made(store),
        encryption: kind.encryption(store),
        adopted: kind.adopted(store),
        claims: kind.claims(store),
        common: kind.common(store),
        noVersions: kind.noVersions(store),
        reasons: kind.reasons,
        place: (volume) => kind.place(store, volume),
        describe: (volume, lifetime) => kind.describe(store, volume, lifetime),
        checkLifetime: (lifetime, refuse, warn) => {
            kind.checkLifetime(store, lifetime, refuse, warn);
        },
        declare: (context) => kind.declare(store, context),
    };
}
