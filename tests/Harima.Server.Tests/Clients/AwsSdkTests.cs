using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;

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
