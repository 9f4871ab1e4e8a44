package main

import "strings"

// @pulumi/aws over a Terraform provider of hashicorp's: `aws:s3/bucketPolicy:BucketPolicy` is
// `aws:index/s3BucketPolicy:S3BucketPolicy` there.
var awsNames = packageNames{
	name: "aws",
	provider: &rule{
		single: []single{
			{official: "defaultTags", bridge: "defaultTags"},
			{official: "ignoreTags", bridge: "ignoreTags"},
			{official: "assumeRoleWithWebIdentity", bridge: "assumeRoleWithWebIdentities"},
		},
		drop: []string{"skipDestroy", "tagPolicyCompliance", "userAgents"},
	},
	find: table(
		// Its region is an output that its state needs.
		awsRule("s3", "Bucket"),
		awsRegional("s3", "BucketVersioning"),
		awsRegional("s3", "BucketPublicAccessBlock"),
		awsRegional("s3", "BucketServerSideEncryptionConfiguration"),
		awsRegional("s3", "BucketOwnershipControls"),
		awsRegional("s3", "BucketObjectLockConfiguration"),
		awsPolicy(awsRegional("s3", "BucketPolicy"), "policy"),
		awsLifecycle(),
		awsRule("iam", "User"),
		awsPolicy(awsRule("iam", "UserPolicy"), "policy"),
		awsRule("iam", "AccessKey"),
		awsPolicy(awsRule("iam", "Role"), "assumeRolePolicy"),
		awsPolicy(awsRule("iam", "RolePolicy"), "policy"),
		awsRule("iam", "InstanceProfile"),
		awsPolicy(awsRegional("kms", "Key"), "policy"),
	),
}

func awsRule(module, name string) rule {
	bridgeName := strings.ToUpper(module[:1]) + module[1:] + name
	return rule{
		official: "aws:" + module + "/" + lowerFirst(name) + ":" + name,
		bridge:   "aws:index/" + lowerFirst(bridgeName) + ":" + bridgeName,
	}
}

// The official package lets each resource choose its region.
func awsRegional(module, name string) rule {
	r := awsRule(module, name)
	r.drop = []string{"region"}
	return r
}

func awsPolicy(r rule, documents ...string) rule {
	r.jsonText = documents
	return r
}

func awsLifecycle() rule {
	r := awsRegional("s3", "BucketLifecycleConfiguration")
	for _, name := range []string{"abortIncompleteMultipartUpload", "expiration", "filter", "noncurrentVersionExpiration"} {
		r.single = append(r.single, single{within: []string{"rules"}, official: name, bridge: name + "s"})
	}
	return r
}
