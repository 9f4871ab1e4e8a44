import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as v from "valibot";
import { flag, someText } from "../fields";
import { checkText } from "../pgbackrest/value";
import type { Complain, DeclareContext, Encryption, RepositoryOptions } from "./kind";

/** Settings of every repository that is not on the Docker host. */
export const encryptionFields = {
    /** Encrypt before anything leaves the host; default true. pgBackRest cannot change it for a repository that has backups. */
    encryption: v.optional(flag, true),
    /** A secret to encrypt with; default: one is generated and kept in the state. Not to be changed while there are backups. */
    passphrase: v.optional(someText),
};

interface EncryptionInput {
    readonly encryption: boolean;
    readonly passphrase?: string | undefined;
}

export function completeEncryption(
    { encryption, passphrase }: EncryptionInput,
    complain: Complain,
): Encryption {
    const problem = passphrase === undefined ? undefined : checkPassphrase(passphrase);
    if (problem !== undefined) complain("passphrase", problem);
    if (encryption) return passphrase === undefined ? "generated" : { passphrase };
    if (passphrase !== undefined)
        complain("passphrase", "is set while encryption is false: remove one of them");
    return "none";
}

/** AES-256 is as strong as what it is made from. */
function checkPassphrase(passphrase: string): string | undefined {
    return (
        checkText(passphrase) ??
        (passphrase.length < 20
            ? "is shorter than 20 characters: take a random one (openssl rand -base64 48), or leave it out and one is generated"
            : undefined)
    );
}

/** The passphrase of pgBackRest's own encryption: the given one, or one of 48 letters and digits (285 bits). */
export function makePassphrase(
    repository: { readonly name: string; readonly encryption: Encryption },
    context: Pick<DeclareContext, "name" | "parent" | "aliases">,
): pulumi.Output<string> | undefined {
    if (repository.encryption === "none") return undefined;
    if (repository.encryption !== "generated") return pulumi.secret(repository.encryption.passphrase);
    return generatePassphrase(passphraseName(context.name, repository.name), context);
}

/** What pgBackRest is told of it. */
export function cipherOptions(passphrase: pulumi.Output<string> | undefined): RepositoryOptions {
    return passphrase === undefined
        ? []
        : [
              ["cipher-type", "aes-256-cbc"],
              ["cipher-pass", passphrase],
          ];
}

/** How the names of generated passphrases end. */
export const PASSPHRASE = "-passphrase";

export function passphraseName(name: string, repository: string): string {
    return `${name}-${repository}${PASSPHRASE}`;
}

/**
 * What was written with it can be read with nothing else, so it stays as long as the stack: in every stack it is protected, and declared
 * also when its repository no longer is.
 */
export function generatePassphrase(
    name: string,
    { parent, aliases }: Pick<DeclareContext, "parent" | "aliases">,
): pulumi.Output<string> {
    const options = { parent, aliases, protect: true };
    return new random.RandomPassword(name, { length: 48, special: false }, options).result;
}
