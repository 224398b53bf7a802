using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Gateway;

public class S3RouterTests
{
    static S3Route Route(string method, string target, string? header = null) =>
        S3Router.Route(method, RequestTarget.Parse(target), name => name == header ? "x" : null);

    [Theory]
    [InlineData("GET", "/", "ListBuckets")]
    [InlineData("GET", "/?x-id=ListBuckets", "ListBuckets")]
    [InlineData("HEAD", "/b", "HeadBucket")]
    [InlineData("HEAD", "/b/", "HeadBucket")]
    [InlineData("GET", "/b?location", "GetBucketLocation")]
    [InlineData("GET", "/b/?location=", "GetBucketLocation")]
    [InlineData("GET", "/b?versioning", "GetBucketVersioning")]
    [InlineData("GET", "/b", "ListObjects")]
    [InlineData("GET", "/b?list-type=1&prefix=location", "ListObjects")]
    [InlineData("GET", "/b?list-type=2", "ListObjectsV2")]
    [InlineData("PUT", "/b?versioning", "PutBucketVersioning")]
    [InlineData("GET", "/b/k?attributes", "GetObjectAttributes")]
    [InlineData("PUT", "/b/k?tagging", "PutObjectTagging")]
    [InlineData("DELETE", "/b/k?tagging", "DeleteObjectTagging")]
    [InlineData("GET", "/b?versions", "ListObjectVersions")]
    [InlineData("GET", "/b/?versions=&prefix=a", "ListObjectVersions")]
    [InlineData("GET", "/b?uploads", "ListMultipartUploads")]
    [InlineData("POST", "/b?delete", "DeleteObjects")]
    [InlineData("POST", "/b", "PostObject")]
    [InlineData("POST", "/b/", "PostObject")]
    [InlineData("GET", "/b/k", "GetObject")]
    [InlineData("GET", "/b/k?uploadId=u", "ListParts")]
    [InlineData("GET", "/b/k?tagging", "GetObjectTagging")]
    [InlineData("HEAD", "/b/k", "HeadObject")]
    [InlineData("PUT", "/b/k", "PutObject")]
    [InlineData("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart")]
    [InlineData("POST", "/b/k?uploads", "CreateMultipartUpload")]
    [InlineData("POST", "/b/k?uploadId=u", "CompleteMultipartUpload")]
    [InlineData("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload")]
    [InlineData("DELETE", "/b/k", "DeleteObject")]
    [InlineData("PUT", "/b", "CreateBucket")]
    [InlineData("DELETE", "/b/", "DeleteBucket")]
    [InlineData("PUT", "/b?cors", "PutBucketCors")]
    [InlineData("GET", "/b?policyStatus", "GetBucketPolicyStatus")]
    [InlineData("DELETE", "/b?publicAccessBlock=", "DeletePublicAccessBlock")]
    [InlineData("GET", "/b?acl", "GetBucketAcl")]
    [InlineData("PUT", "/b/k?acl", "PutObjectAcl")]
    public void Requests_find_their_action(string method, string target, string action) =>
        Assert.Equal(action, Route(method, target).Action.ToString());

    [Fact]
    public void Copies_are_told_by_their_header()
    {
        Assert.Equal(S3Action.CopyObject, Route("PUT", "/b/k", "x-amz-copy-source").Action);
        Assert.Equal(S3Action.UploadPartCopy, Route("PUT", "/b/k?partNumber=1&uploadId=u", "x-amz-copy-source").Action);
    }

    [Theory]
    [InlineData("/b/k", "b", "k")]
    [InlineData("/b/a%2Fb", "b", "a/b")]
    [InlineData("/b//k", "b", "/k")]
    [InlineData("/b/k/", "b", "k/")]
    [InlineData("/b/a/../c", "b", "a/../c")]
    [InlineData("/b/%3Fquery", "b", "?query")]
    public void Keys_are_taken_from_the_raw_path(string target, string bucket, string key) =>
        Assert.Equal((bucket, key), (Route("GET", target).Bucket, Route("GET", target).Key));

    [Theory]
    [InlineData("PUT", "/b/k?legal-hold", "NotImplemented")]
    [InlineData("GET", "/b?encryption", "NotImplemented")]
    [InlineData("PUT", "/b?website", "NotImplemented")]
    [InlineData("POST", "/", "NotImplemented")]
    [InlineData("TRACE", "/b/k", "MethodNotAllowed")]
    public void What_is_not_offered_is_refused(string method, string target, string code) =>
        Assert.Equal(code, Assert.Throws<S3Exception>(() => Route(method, target)).Code);

    [Fact]
    public void The_table_in_the_documentation_names_every_action()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Harima.slnx")))
            folder = folder.Parent;
        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "reference", "s3.md"));

        Assert.All(
            Enum.GetNames<S3Action>(),
            action => Assert.Matches($@"(?m)^\| ([A-Za-z0-9]+, )*{action}(, [A-Za-z0-9]+)* \| (yes|partly) \|", page)
        );
    }
}
