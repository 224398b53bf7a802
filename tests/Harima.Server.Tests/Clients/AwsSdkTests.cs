using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Harima.Workspaces;

namespace Harima.Clients;

public sealed class AwsSdkOnSqlite(SqliteHarima harima) : AwsSdkTests(harima);

public sealed class AwsSdkOnPostgres(PostgresHarima harima) : AwsSdkTests(harima);

/// <summary>The AWS SDK for .NET with its default settings: signed chunks and signed trailers.</summary>
public abstract class AwsSdkTests(RunningHarima harima) : ClientTests(harima)
{
    AmazonS3Client ClientOf(string user)
    {
        var key = Harima.KeyOf(user);
        return new AmazonS3Client(
            new BasicAWSCredentials(key.AccessKeyId, key.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = Harima.S3.ToString(),
                ForcePathStyle = true,
                AuthenticationRegion = "us-east-1",
                MaxErrorRetry = 0,
            }
        );
    }

    [Fact]
    public async Task Refusals_come_typed()
    {
        using var stranger = ClientOf("stranger");
        using var leader = ClientOf("leader");

        var hidden = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() =>
            stranger.GetObjectAsync(PrivateBucket, "S1/a", Token)
        );
        var missing = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() =>
            leader.GetObjectAsync(Bucket, $"{Sequence}/none", Token)
        );
        var loose = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() =>
            leader.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = Bucket,
                    Key = "loose",
                    ContentBody = "x",
                },
                Token
            )
        );

        Assert.Equal((HttpStatusCode.NotFound, "NoSuchBucket"), (hidden.StatusCode, hidden.ErrorCode));
        Assert.Equal("NoSuchKey", missing.ErrorCode);
        Assert.Equal("InvalidArgument", loose.ErrorCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("CRC32")]
    [InlineData("CRC32C")]
    [InlineData("CRC64NVME")]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    public async Task Put_and_get_with_every_checksum(string? algorithm)
    {
        using var client = ClientOf("leader");
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        var key = $"{Sequence}/試料 {algorithm}+1.bin";

        var put = await client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = Bucket,
                Key = key,
                InputStream = new MemoryStream(bytes),
                ContentType = "image/tiff",
                Metadata = { ["sample"] = "NMC811" },
                ChecksumAlgorithm = algorithm is null ? null : ChecksumAlgorithm.FindValue(algorithm),
            },
            Token
        );
        using var got = await client.GetObjectAsync(Bucket, key, Token);
        using var copy = new MemoryStream();
        await got.ResponseStream.CopyToAsync(copy, Token);

        Assert.Equal(bytes, copy.ToArray());
        Assert.Equal(put.ETag, got.ETag);
        Assert.Equal("NMC811", got.Metadata["sample"]);
        Assert.Equal("image/tiff", got.Headers.ContentType);
    }

    [Fact]
    public async Task A_large_file_goes_in_parts_and_comes_back()
    {
        using var client = ClientOf("leader");
        using var transfer = new TransferUtility(client);
        var names = Fill();
        var key = $"{Sequence}/large.bin";

        await transfer.UploadAsync(PathOf("up/large.bin"), Bucket, key, Token);
        await transfer.DownloadAsync(PathOf("down/large.bin"), Bucket, key, Token);

        Assert.Contains("large.bin", names);
        AreWhole(["large.bin"], "down");
    }

    [Fact]
    public async Task Lists_copies_and_deletes()
    {
        using var client = ClientOf("leader");
        string[] keys = [$"{Sequence}/a", $"{Sequence}/b/1", $"{Sequence}/b/2"];
        foreach (var key in keys)
            await client.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = Bucket,
                    Key = key,
                    ContentBody = key,
                },
                Token
            );
        await client.CopyObjectAsync(Bucket, keys[0], Bucket, $"{Sequence}/c", Token);

        var listed = await client.ListObjectsV2Async(
            new ListObjectsV2Request
            {
                BucketName = Bucket,
                Prefix = Sequence + "/",
                Delimiter = "/",
            },
            Token
        );
        Assert.Equal([keys[0], $"{Sequence}/c"], listed.S3Objects.Select(o => o.Key));
        Assert.Equal([$"{Sequence}/b/"], listed.CommonPrefixes);

        var deleted = await client.DeleteObjectsAsync(
            new DeleteObjectsRequest
            {
                BucketName = Bucket,
                Objects = [.. keys.Select(key => new KeyVersion { Key = key })],
            },
            Token
        );
        Assert.Equal(3, deleted.DeletedObjects.Count);
        var buckets = await client.ListBucketsAsync(Token);
        Assert.Contains(Bucket, buckets.Buckets.Select(bucket => bucket.BucketName));
    }

    [Fact]
    public async Task It_keeps_lists_reads_and_removes_versions()
    {
        using var client = ClientOf("leader");
        var bucket = "sdk-versions-" + Sequence.ToLowerInvariant();
        await Harima
            .Get<CreateWorkspace>()
            .HandleAsync(new CreateWorkspaceRequest(bucket, "SDK"), RunningHarima.PrincipalOf("leader"), Token);
        await client.PutBucketVersioningAsync(
            new PutBucketVersioningRequest
            {
                BucketName = bucket,
                VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
            },
            Token
        );
        var ids = new List<string>();
        foreach (var text in new[] { "one", "two" })
        {
            var put = new PutObjectRequest
            {
                BucketName = bucket,
                Key = "a b",
                ContentBody = text,
                TagSet = [new Tag { Key = "text", Value = text }],
            };
            ids.Add((await client.PutObjectAsync(put, Token)).VersionId);
        }
        var marker = await client.DeleteObjectAsync(bucket, "a b", Token);

        Assert.Equal("true", marker.DeleteMarker);
        var listed = await client.ListVersionsAsync(bucket, Token);
        Assert.Equal([marker.VersionId, ids[1], ids[0]], listed.Versions.Select(version => version.VersionId));
        using (var old = await client.GetObjectAsync(bucket, "a b", ids[0], Token))
        using (var reader = new StreamReader(old.ResponseStream))
            Assert.Equal("one", await reader.ReadToEndAsync(Token));
        var tags = await client.GetObjectTaggingAsync(
            new GetObjectTaggingRequest
            {
                BucketName = bucket,
                Key = "a b",
                VersionId = ids[0],
            },
            Token
        );
        Assert.Equal("one", Assert.Single(tags.Tagging).Value);
        var attributes = await client.GetObjectAttributesAsync(
            new GetObjectAttributesRequest
            {
                BucketName = bucket,
                Key = "a b",
                VersionId = ids[1],
                ObjectAttributes = [ObjectAttributes.ObjectSize, ObjectAttributes.ETag],
            },
            Token
        );
        Assert.Equal((3, ids[1]), (attributes.ObjectSize, attributes.VersionId));
        await client.DeleteObjectAsync(bucket, "a b", marker.VersionId, Token);
        using (var back = await client.GetObjectAsync(bucket, "a b", Token))
            Assert.Equal(ids[1], back.VersionId);

        var removed = await client.DeleteObjectsAsync(
            new DeleteObjectsRequest
            {
                BucketName = bucket,
                Objects = [.. ids.Select(id => new KeyVersion { Key = "a b", VersionId = id })],
            },
            Token
        );
        Assert.Equal(2, removed.DeletedObjects.Count);
        Assert.Empty((await client.ListVersionsAsync(bucket, Token)).Versions ?? []);
    }

    [Fact]
    public async Task Its_presigned_URLs_are_honoured()
    {
        using var client = ClientOf("leader");
        var key = $"{Sequence}/pre signed+.txt";
        string UrlFor(HttpVerb verb) =>
            client.GetPreSignedURL(
                new GetPreSignedUrlRequest
                {
                    BucketName = Bucket,
                    Key = key,
                    Verb = verb,
                    Protocol = Protocol.HTTP,
                    Expires = DateTime.UtcNow.AddMinutes(5),
                }
            );
        using var content = new StringContent("presigned");

        using var put = await Harima.Http.PutAsync(new Uri(UrlFor(HttpVerb.PUT)), content, Token);

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal("presigned", await Harima.Http.GetStringAsync(new Uri(UrlFor(HttpVerb.GET)), Token));
    }
}
