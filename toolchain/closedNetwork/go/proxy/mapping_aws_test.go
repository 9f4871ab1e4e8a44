package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
)

func TestAWSTokens(t *testing.T) {
	for official, bridge := range map[string]string{
		"aws:s3/bucket:Bucket":                     "aws:index/s3Bucket:S3Bucket",
		"aws:s3/bucketVersioning:BucketVersioning": "aws:index/s3BucketVersioning:S3BucketVersioning",
		"aws:iam/accessKey:AccessKey":              "aws:index/iamAccessKey:IamAccessKey",
		"aws:kms/key:Key":                          "aws:index/kmsKey:KmsKey",
		"aws:s3/bucketAcl:BucketAcl":               "",
	} {
		r := awsNames.find(official)
		if bridge == "" && r != nil || bridge != "" && (r == nil || r.bridge != bridge) {
			t.Errorf("%s: %+v", official, r)
		}
	}
}

func TestLifecycleObjectsAreListsOfOne(t *testing.T) {
	official := func() map[string]any {
		return map[string]any{"bucket": "b", "rules": []any{
			map[string]any{"id": "1", "expiration": map[string]any{"days": 1.0}, "filters": []any{}},
			map[string]any{"id": "2", "noncurrentVersionExpiration": map[string]any{"noncurrentDays": 3.0}},
		}}
	}
	bridge := properties(t, map[string]any{"bucket": "b", "rules": []any{
		map[string]any{"id": "1", "expirations": []any{map[string]any{"days": 1.0}}, "filters": []any{}},
		map[string]any{"id": "2", "noncurrentVersionExpirations": []any{map[string]any{"noncurrentDays": 3.0}}},
	}})
	r := awsNames.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
	inputs := official()
	inputs["region"] = "eu-central-1"
	request := &pulumirpc.CreateRequest{Properties: properties(t, inputs)}
	if err := translate(request.ProtoReflect(), r, toBridge); err != nil {
		t.Fatal(err)
	}
	same(t, request, &pulumirpc.CreateRequest{Properties: bridge})
	response := &pulumirpc.CreateResponse{Properties: bridge}
	if err := translate(response.ProtoReflect(), r, toOfficial); err != nil {
		t.Fatal(err)
	}
	same(t, response, &pulumirpc.CreateResponse{Properties: properties(t, official())})

	for officialPath, bridgePath := range map[string]string{
		"rules[0].expiration.days": "rules[0].expirations[0].days",
		"rules[1].expiration":      "rules[1].expirations[0]",
		"rules[1].id":              "rules[1].id",
		"expiration":               "expiration",
	} {
		if got := r.path(officialPath, toBridge); got != bridgePath {
			t.Errorf("%s: %s", officialPath, got)
		}
		if got := r.path(bridgePath, toOfficial); got != officialPath {
			t.Errorf("%s: %s", bridgePath, got)
		}
	}
	if got := r.path("rules[0].expirations", toOfficial); got != "rules[0].expiration" {
		t.Error(got)
	}
}

func TestSecretObjectsKeepTheirMark(t *testing.T) {
	secret := func(value any) map[string]any {
		return map[string]any{signatureKey: "1b47061264138c4ac30d75fd1eb44270", secretValue: value}
	}
	r := awsNames.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
	request := &pulumirpc.CreateRequest{Properties: properties(t, map[string]any{
		"rules": secret([]any{map[string]any{"expiration": map[string]any{"days": 1.0}}}),
	})}
	if err := translate(request.ProtoReflect(), r, toBridge); err != nil {
		t.Fatal(err)
	}
	same(t, request, &pulumirpc.CreateRequest{Properties: properties(t, map[string]any{
		"rules": secret([]any{map[string]any{"expirations": []any{map[string]any{"days": 1.0}}}}),
	})})
}

func TestPolicyDocumentsAreText(t *testing.T) {
	r := awsNames.find("aws:s3/bucketPolicy:BucketPolicy")
	for _, policy := range []any{map[string]any{"Version": "2012-10-17"}, `{"Version":"2012-10-17"}`} {
		request := &pulumirpc.CheckRequest{News: properties(t, map[string]any{"policy": policy})}
		if err := translate(request.ProtoReflect(), r, toBridge); err != nil {
			t.Fatal(err)
		}
		same(t, request, &pulumirpc.CheckRequest{News: properties(t, map[string]any{"policy": `{"Version":"2012-10-17"}`})})
	}
}

// A provider's own objects come as JSON text.
func TestProviderConfiguration(t *testing.T) {
	request := &pulumirpc.CheckRequest{
		Urn:  "urn:pulumi:dev::p::pulumi:providers:aws::p",
		News: properties(t, map[string]any{"region": "eu-central-1", "defaultTags": `{"tags":{"a":"b"}}`, "skipDestroy": "true"}),
	}
	r := mustRule(t, awsNames, "CheckConfig", request)
	if err := translate(request.ProtoReflect(), r, toBridge); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"region": "eu-central-1", "defaultTags": `[{"tags":{"a":"b"}}]`}
	if !proto.Equal(request.News, properties(t, want)) {
		t.Fatal(request)
	}
}
