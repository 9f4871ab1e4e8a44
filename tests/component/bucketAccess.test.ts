import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { repositoryPolicy } from "../../components/repository/s3/policy";
import { ARN, BUCKET, children, inputs, made, MADE, REPOSITORY } from "../support/bucket";
import { deployed, environment, type Recording } from "../support/mocks";
import { repositoryOptions } from "../support/setupFiles";

describe("the provider of AWS", () => {
    it("is explicit, and all that the bucket needs uses it", async () => {
        const aws = {
            profile: "production",
            assumeRole: { roleArn: "arn:aws:iam::123456789012:role/deploy" },
            allowedAccountIds: ["123456789012"],
            endpoints: { s3: "https://s3.example.com" },
            s3UsePathStyle: true,
        };
        const stack = await deployed(made({}, { aws }));
        assert.deepEqual(inputs(stack, "aws salespider-aws"), {
            region: "eu-central-1",
            profile: "production",
            assumeRoles: JSON.stringify([{ roleArn: "arn:aws:iam::123456789012:role/deploy" }]),
            allowedAccountIds: JSON.stringify(["123456789012"]),
            endpoints: JSON.stringify([{ s3: "https://s3.example.com" }]),
            s3UsePathStyle: "true",
            skipCredentialsValidation: "false",
            skipRegionValidation: "true",
        });
        for (const { parent, provider, type, name } of stack.registrations)
            if (parent === REPOSITORY && type !== "RandomId")
                assert.match(provider, /::salespider-aws::/, name);
    });

    it("is not there where nothing is made", async () => {
        const existing = { ...MADE, bucket: "backups", keyType: "auto" };
        for (const settings of [
            { repositories: [existing] },
            { repositories: [{ name: "local", type: "posix" }] },
        ]) {
            const stack = await deployed(settings);
            assert.ok(!stack.names.some((name) => name.startsWith("aws ")));
            assert.deepEqual(children(stack), []);
        }
    });
});

describe("a bucket without keys", () => {
    const policy = JSON.stringify(
        repositoryPolicy({ bucketArn: ARN, path: "/salespider/dev", region: "eu-central-1", tagging: false }),
    );
    const details = (stack: Recording): unknown => {
        const { repositories } = stack.outputs.get("ProtectedPostgres salespider") ?? {};
        return Array.isArray(repositories) ? repositories[0] : undefined;
    };

    it("has no user, and tells which policy to attach", async () => {
        const stack = await deployed(made({ keyType: "auto" }));
        assert.ok(!stack.names.some((name) => /^(User|AccessKey|Role) /.test(name)));
        assert.deepEqual(details(stack), {
            name: "offsite",
            type: "s3",
            location: `bucket ${BUCKET} at s3.eu-central-1.amazonaws.com, path /salespider/dev`,
            policy,
        });
        const variables = repositoryOptions(stack);
        assert.equal(variables["s3-key-type"], "auto");
        assert.ok(!("s3-key" in variables));
    });

    it("has a role for machines of EC2 where one is wanted", async () => {
        const stack = await deployed(made({ keyType: "auto", makeRole: { for: "ec2" } }));
        assert.equal(inputs(stack, "RolePolicy salespider-offsite-rights")["policy"], policy);
        assert.equal(inputs(stack, "InstanceProfile salespider-offsite-profile")["role"], BUCKET);
        assert.equal(repositoryOptions(stack)["s3-role"], BUCKET);
    });

    it("takes a token where it is, in every container", async () => {
        const role = "arn:aws:iam::123456789012:role/backup";
        const stack = await deployed(made({ keyType: "web-id", role, tokenFile: "/srv/token/jwt" }));
        const variables = [`AWS_ROLE_ARN=${role}`, "AWS_WEB_IDENTITY_TOKEN_FILE=/run/pgbackrest-token/jwt"];
        const mount = { type: "bind", source: "/srv/token", target: "/run/pgbackrest-token", readOnly: true };
        for (const part of ["postgres", "backup", "setup"]) {
            const container = inputs(stack, `Container salespider-${part}`);
            const mounts = container["mounts"];
            assert.ok(Array.isArray(mounts));
            const tokens: unknown[] = mounts.filter((entry) => JSON.stringify(entry).includes("/srv/token"));
            assert.deepEqual(tokens, [mount], part);
            if (part === "setup")
                for (const variable of variables) assert.ok(environment(stack, "setup").includes(variable));
            else assert.deepEqual(container["envs"], variables);
        }
    });
});
