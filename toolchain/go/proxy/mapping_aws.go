package main

import "strings"

// The resources of @pulumi/aws that our programs use. The official package sorts them into modules by hand where the bridge
// has one name: aws:s3/bucketPolicy:BucketPolicy is aws:index/s3BucketPolicy:S3BucketPolicy.
var awsNames = packageNames{
	name:     "aws",
	provider: &rule{},
	find: table(
		awsRule("s3", "Bucket"), awsRule("s3", "BucketVersioning"), awsRule("s3", "BucketPublicAccessBlock"),
		awsRule("s3", "BucketServerSideEncryptionConfiguration"), awsRule("s3", "BucketOwnershipControls"),
		awsRule("s3", "BucketPolicy"), awsRule("s3", "BucketObjectLockConfiguration"),
		awsRule("iam", "User"), awsRule("iam", "UserPolicy"), awsRule("iam", "AccessKey"),
		awsRule("iam", "Role"), awsRule("iam", "RolePolicy"), awsRule("iam", "InstanceProfile"),
		awsRule("kms", "Key"),
		awsRule("s3", "BucketLifecycleConfiguration").with(map[string][]string{
			"rules": {"abortIncompleteMultipartUpload", "expiration", "filter", "noncurrentVersionExpiration"},
		}),
	),
}

func awsRule(module, name string) rule {
	bridge := strings.ToUpper(module[:1]) + module[1:] + name
	return rule{
		official: "aws:" + module + "/" + lowerFirst(name) + ":" + name,
		bridge:   "aws:index/" + lowerFirst(bridge) + ":" + bridge,
	}
}

// with names the parts of a list's objects that are one object in the official package and a list of one in the bridge.
func (r rule) with(single map[string][]string) rule {
	r.single = single
	return r
}
