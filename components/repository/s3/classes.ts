/**
 * The parts of @pulumi/aws that the program uses, loaded one by one: all of it is the largest package there is. A stack that makes
 * nothing at Amazon loads none of it, and so starts no plugin.
 */
export async function loadAmazon() {
    const [
        provider,
        bucket,
        versioning,
        encryption,
        publicAccess,
        ownership,
        bucketPolicy,
        lifecycle,
        lock,
        key,
        user,
        userPolicy,
        accessKey,
        role,
        rolePolicy,
        instanceProfile,
    ] = await Promise.all([
        import("@pulumi/aws/provider.js"),
        import("@pulumi/aws/s3/bucket.js"),
        import("@pulumi/aws/s3/bucketVersioning.js"),
        import("@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js"),
        import("@pulumi/aws/s3/bucketPublicAccessBlock.js"),
        import("@pulumi/aws/s3/bucketOwnershipControls.js"),
        import("@pulumi/aws/s3/bucketPolicy.js"),
        import("@pulumi/aws/s3/bucketLifecycleConfiguration.js"),
        import("@pulumi/aws/s3/bucketObjectLockConfiguration.js"),
        import("@pulumi/aws/kms/key.js"),
        import("@pulumi/aws/iam/user.js"),
        import("@pulumi/aws/iam/userPolicy.js"),
        import("@pulumi/aws/iam/accessKey.js"),
        import("@pulumi/aws/iam/role.js"),
        import("@pulumi/aws/iam/rolePolicy.js"),
        import("@pulumi/aws/iam/instanceProfile.js"),
    ]);
    return {
        Provider: provider.Provider,
        Bucket: bucket.Bucket,
        BucketVersioning: versioning.BucketVersioning,
        BucketServerSideEncryptionConfiguration: encryption.BucketServerSideEncryptionConfiguration,
        BucketPublicAccessBlock: publicAccess.BucketPublicAccessBlock,
        BucketOwnershipControls: ownership.BucketOwnershipControls,
        BucketPolicy: bucketPolicy.BucketPolicy,
        BucketLifecycleConfiguration: lifecycle.BucketLifecycleConfiguration,
        BucketObjectLockConfiguration: lock.BucketObjectLockConfiguration,
        Key: key.Key,
        User: user.User,
        UserPolicy: userPolicy.UserPolicy,
        AccessKey: accessKey.AccessKey,
        Role: role.Role,
        RolePolicy: rolePolicy.RolePolicy,
        InstanceProfile: instanceProfile.InstanceProfile,
    };
}

/** What `loadAmazon` brings. */
export type Amazon = Awaited<ReturnType<typeof loadAmazon>>;
