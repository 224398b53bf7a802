using System.Net;

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

    [Fact]
    public async Task How_full_a_bucket_is_counts_only_what_the_caller_may_read()
    {
        var (shown, hidden) = (NewSequence(), NewSequence());
        foreach (var key in new[] { $"{shown}/a", $"{shown}/b", $"{hidden}/c" })
            await PutAsync(key, "four");
        async Task<(long Files, long Bytes)> CountAsync(string user)
        {
            var head = (await SendAsync(user, "HEAD", $"/{Bucket}?read-stats=true")).IsOk();
            return (Number(head, "x-rgw-object-count"), Number(head, "x-rgw-bytes-used"));
        }
        var before = await CountAsync("leader");
        Assert.True(before.Files >= 3 && before.Bytes >= 12);
        var limited = new Identity.CredentialLimit(Bucket, shown + "/", MayWrite: false);
        var totals = await Harima
            .Get<Sequences.FileQueries>()
            .TotalsAsync(RunningHarima.PrincipalOf("leader") with { Limit = limited }, Bucket, Token);
        Assert.Equal((2, 8), (totals.Files, totals.SizeBytes));
        Assert.Null((await SendAsync("leader", "HEAD", $"/{Bucket}")).Header("x-rgw-object-count"));
        await PutAsync($"{shown}/a", "four");
        await Harima
            .Get<Sequences.ShareSequence>()
            .SetVisibilityAsync(
                RunningHarima.Proposal,
                shown,
                Sequences.Visibility.Everyone,
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        var unsigned = (await SendAsync(Anonymous, "HEAD", $"/{Bucket}?read-stats=true")).IsOk();
        Assert.Null(unsigned.Header("x-rgw-object-count"));
        Assert.Null(
            (await SendAsync("stranger", "HEAD", $"/{PrivateBucket}?read-stats=true")).Header("x-rgw-object-count")
        );
    }

    static long Number(Answer answer, string header) =>
        long.Parse(answer.Header(header)!, System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task Usage_is_that_of_the_callers_own_workspaces()
    {
        async Task<(string Buckets, long Files, long Bytes)> UsageAsync(string user)
        {
            var summary = (await SendAsync(user, "GET", "/?usage")).IsOk().Xml.Element("Summary")!;
            long Of(string name) =>
                long.Parse(summary.Element(name)!.Value, System.Globalization.CultureInfo.InvariantCulture);
            return (summary.Element("QuotaMaxBuckets")!.Value, Of("TotalEntries"), Of("TotalBytes"));
        }
        var name = NewSequence().ToLowerInvariant() + "-usage-of-staff";
        Assert.Equal(("100000", 0L, 0L), await UsageAsync("staff"));

        (await SendAsync("staff", "PUT", $"/{name}")).IsOk();
        (await SendAsync("staff", "PUT", $"/{name}/a", "four")).IsOk();

        Assert.Equal(("100000", 1L, 4L), await UsageAsync("staff"));
        (await SendAsync("staff", "DELETE", $"/{name}/a")).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("staff", "DELETE", $"/{name}")).IsOk(HttpStatusCode.NoContent);
        (await SendAsync(Anonymous, "GET", "/?usage")).IsRefused(403, "AccessDenied");
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
