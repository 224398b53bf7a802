namespace Harima.Gateway;

/// <summary>The actions offered, named as AWS names them.</summary>
enum S3Action
{
    ListBuckets,
    HeadBucket,
    GetBucketLocation,
    GetBucketVersioning,
    PutBucketVersioning,
    ListObjects,
    ListObjectsV2,
    ListObjectVersions,
    ListMultipartUploads,
    DeleteObjects,
    GetObject,
    GetObjectAttributes,
    GetObjectTagging,
    PutObjectTagging,
    DeleteObjectTagging,
    HeadObject,
    PutObject,
    PostObject,
    CopyObject,
    DeleteObject,
    CreateMultipartUpload,
    UploadPart,
    UploadPartCopy,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    ListParts,
    CreateBucket,
    DeleteBucket,
    GetBucketAcl,
    PutBucketAcl,
    GetBucketCors,
    PutBucketCors,
    DeleteBucketCors,
    GetBucketTagging,
    PutBucketTagging,
    DeleteBucketTagging,
    GetBucketOwnershipControls,
    PutBucketOwnershipControls,
    DeleteBucketOwnershipControls,
    GetPublicAccessBlock,
    PutPublicAccessBlock,
    DeletePublicAccessBlock,
    GetBucketPolicy,
    PutBucketPolicy,
    DeleteBucketPolicy,
    GetBucketPolicyStatus,
    GetObjectAcl,
    PutObjectAcl,
    GetUsage,
}

/// <summary>What a request asks for.</summary>
/// <param name="Action">The action.</param>
/// <param name="Bucket">Empty for ListBuckets.</param>
/// <param name="Key">Empty for actions on a bucket.</param>
readonly record struct S3Route(S3Action Action, string Bucket, string Key);
