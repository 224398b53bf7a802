namespace Harima.Gateway;

public sealed class BucketsOnSqlite(SqliteHarima harima) : BucketTests(harima);

public sealed class BucketsOnPostgres(PostgresHarima harima) : BucketTests(harima);

/// <summary>ListBuckets, HeadBucket, GetBucketLocation, GetBucketVersioning.</summary>
public abstract class BucketTests(RunningHarima harima) : GatewayTests(harima)
{
    async Task<string[]> NamesAsync(string user, string query = "") =>
        [
            .. (await SendAsync(user, "GET", "/" + query))
                .IsOk()
                .Xml.Element(Xmlns + "Buckets")!
                .Elements()
                .Select(bucket => bucket.Element(Xmlns + "Name")!.Value),
        ];

    [Theory]
    [InlineData("stranger")]
    [InlineData(Anonymous)]
    public async Task Strangers_see_no_bucket(string user)
    {
        Assert.DoesNotContain(PrivateBucket, await NamesAsync(user));
        var (status, code) = user == Anonymous ? (403, "AccessDenied") : (404, "NoSuchBucket");
        foreach (var bucket in new[] { PrivateBucket, "no-such-bucket" })
        {
            Assert.Equal(status, (int)(await SendAsync(user, "HEAD", $"/{bucket}")).Status);
            (await SendAsync(user, "GET", $"/{bucket}?location")).IsRefused(status, code);
            (await SendAsync(user, "GET", $"/{bucket}?versioning")).IsRefused(status, code);
        }
    }

    [Theory]
    [InlineData("admin", false)]
    [InlineData("staff", false)]
    [InlineData("member", false)]
    [InlineData("leader", true)]
    public async Task Each_sees_the_buckets_of_theirs(string user, bool workspace)
    {
        var names = await NamesAsync(user);

        Assert.Contains(Bucket, names);
        Assert.Contains(PrivateBucket, names);
        Assert.Equal(workspace, names.Contains(Workspace));
    }

    [Fact]
    public async Task Buckets_come_by_prefix_and_in_pages()
    {
        Assert.Equal([Bucket, PrivateBucket], await NamesAsync("leader", "?prefix=2026a200"));

        var first = (await SendAsync("leader", "GET", "/?prefix=2026a200&max-buckets=1")).IsOk().Xml;
        var token = first.Element(Xmlns + "ContinuationToken")!.Value;
        Assert.Equal(
            [PrivateBucket],
            await NamesAsync("leader", $"?prefix=2026a200&max-buckets=1&continuation-token={token}")
        );
    }

    [Fact]
    public async Task A_bucket_has_a_region_and_no_versions()
    {
        var head = (await SendAsync("member", "HEAD", $"/{Bucket}/")).IsOk();
        Assert.Equal("us-east-1", head.Header("x-amz-bucket-region"));
        Assert.Equal("", (await SendAsync("member", "GET", $"/{Bucket}?location")).IsOk().Xml.Value);
        Assert.Empty((await SendAsync("member", "GET", $"/{Bucket}/?versioning")).IsOk().Xml.Elements());
    }
}
