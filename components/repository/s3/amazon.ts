import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "./aws";
import type { Amazon } from "./classes";
import type { S3Settings } from "./settings";

interface Stack {
    readonly repositories: readonly { readonly type: string }[];
}

/** Does a stack make anything at Amazon? */
export function needsAmazon(stack: Stack): boolean {
    return madeAtAmazon(stack).length > 0;
}

function madeAtAmazon({ repositories }: Stack): readonly S3Settings[] {
    return repositories
        .filter((repository): repository is S3Settings => repository.type === "s3")
        .filter(({ bucket }) => typeof bucket !== "string");
}

/** The provider of these settings, in the region of the buckets. It never takes settings of the user's environment by accident. */
export function amazonProvider(
    amazon: Amazon,
    stack: Stack & { readonly name: string; readonly aws: AwsSettings },
    options: pulumi.CustomResourceOptions,
): pulumi.ProviderResource {
    const { assumeRole, endpoints, ...same } = stack.aws;
    const region = stack.aws.region ?? madeAtAmazon(stack)[0]?.region;
    return new amazon.Provider(
        `${stack.name}-aws`,
        {
            ...withoutUndefined(same),
            ...(region === undefined ? {} : { region }),
            ...(assumeRole === undefined ? {} : { assumeRoles: [withoutUndefined(assumeRole)] }),
            ...(endpoints === undefined ? {} : { endpoints: [endpoints] }),
        },
        options,
    );
}

function withoutUndefined(values: Partial<AwsSettings> | NonNullable<AwsSettings["assumeRole"]>) {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
