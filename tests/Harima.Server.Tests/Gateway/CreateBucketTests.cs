using System.Net;
using Harima.Access;
using Harima.Workspaces;

namespace Harima.Gateway;

public sealed class CreateBucketOnSqlite(SqliteHarima harima) : CreateBucketTests(harima);

public sealed class CreateBucketOnPostgres(PostgresHarima harima) : CreateBucketTests(harima);

/// <summary>CreateBucket and DeleteBucket.</summary>
public abstract class CreateBucketTests(RunningHarima harima) : GatewayTests(harima)
{
    static string NewName() => NewSequence().ToLowerInvariant() + "-made-over-s3";

    [Fact]
    public async Task A_bucket_made_over_S3_is_a_workspace_of_that_person()
    {
        var name = NewName();

        (await SendAsync("stranger", "PUT", $"/{name}")).IsOk();

        (await SendAsync("stranger", "PUT", $"/{name}/a/b.txt", "text")).IsOk();
        Assert.Equal("text", (await SendAsync("stranger", "GET", $"/{name}/a/b.txt")).IsOk().Text);
        var (workspace, right) = await Harima
            .Get<WorkspaceQueries>()
            .GetAsync(RunningHarima.PrincipalOf("stranger"), name, Token);
        Assert.Equal(("stranger", Right.Manage), (workspace.Owner, right));
        (await SendAsync("admin", "GET", $"/{name}")).IsRefused(404, "NoSuchBucket");
        (await SendAsync(Anonymous, "GET", $"/{name}/a/b.txt")).IsRefused(403, "AccessDenied");
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("a_b_c")]
    [InlineData("Upper-case")]
    [InlineData("-begins")]
    [InlineData("ends-")]
    [InlineData("two..dots")]
    [InlineData("dot.-dash")]
    [InlineData("192.168.5.4")]
    [InlineData("xn--bucket")]
    [InlineData("bucket-s3alias")]
    [InlineData("a123456789a123456789a123456789a123456789a123456789a123456789a123")]
    public async Task A_name_S3_does_not_allow_is_refused(string name) =>
        (await SendAsync("leader", "PUT", $"/{name}")).IsRefused(400, "InvalidBucketName");

    [Theory]
    [InlineData("2026a2000")]
    [InlineData("2026a2001")]
    [InlineData("2026b9999")]
    public async Task A_name_like_a_proposals_is_refused_alike_whether_the_proposal_exists_or_not(string name)
    {
        var answer = await SendAsync("stranger", "PUT", $"/{name}");

        answer.IsRefused(400, "InvalidBucketName");
        Assert.Contains("kept for proposals", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_ones_own_is_answered_as_the_oldest_region_does()
    {
        var name = NewName();
        (await SendAsync("leader", "PUT", $"/{name}")).IsOk();
        (await SendAsync("leader", "PUT", $"/{name}/kept", "text")).IsOk();

        (await SendAsync("stranger", "PUT", $"/{name}")).IsRefused(409, "BucketAlreadyExists");
        (await SendAsync("leader", "PUT", $"/{name}")).IsOk();

        Assert.Equal("text", (await SendAsync("leader", "GET", $"/{name}/kept")).IsOk().Text);
    }

    [Fact]
    public async Task Nobody_makes_a_bucket_without_a_key() =>
        (await SendAsync(Anonymous, "PUT", $"/{NewName()}")).IsRefused(403, "AccessDenied");

    [Theory]
    [InlineData("us-east-1", 200)]
    [InlineData("", 200)]
    [InlineData("mars-north-1", 400)]
    public async Task The_region_asked_for_must_be_the_one_there_is(string region, int status)
    {
        var body =
            $"<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>";
        Assert.Equal(status, (int)(await SendAsync("leader", "PUT", $"/{NewName()}", body)).Status);
    }

    [Fact]
    public async Task An_ACL_the_facility_does_not_offer_makes_no_bucket()
    {
        var name = NewName();

        (await SendAsync("leader", "PUT", $"/{name}", "", ("x-amz-acl", "public-read-write"))).IsRefused(
            403,
            "AccessDenied"
        );

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("leader", "HEAD", $"/{name}")).Status);
    }

    [Fact]
    public async Task Only_an_empty_bucket_is_deleted_and_unfinished_uploads_go_with_it()
    {
        var name = NewName();
        (await SendAsync("leader", "PUT", $"/{name}")).IsOk();
        (await SendAsync("leader", "PUT", $"/{name}/a", "text")).IsOk();
        (await SendAsync("leader", "POST", $"/{name}/b?uploads")).IsOk();
        (await SendAsync("leader", "DELETE", $"/{name}")).IsRefused(409, "BucketNotEmpty");

        (await SendAsync("leader", "DELETE", $"/{name}/a")).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "DELETE", $"/{name}")).IsOk(HttpStatusCode.NoContent);

        (await SendAsync("leader", "GET", $"/{name}")).IsRefused(404, "NoSuchBucket");
        (await SendAsync("leader", "DELETE", $"/{name}")).IsRefused(404, "NoSuchBucket");
        // The name is free again, and nothing of the old bucket is there.
        (await SendAsync("stranger", "PUT", $"/{name}")).IsOk();
        Assert.DoesNotContain(
            "<Upload>",
            (await SendAsync("stranger", "GET", $"/{name}?uploads")).IsOk().Text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Only_who_manages_a_bucket_deletes_it()
    {
        var name = NewName();
        (await SendAsync("leader", "PUT", $"/{name}")).IsOk();
        await Harima
            .Get<ShareWorkspace>()
            .HandleAsync(
                new ShareWorkspaceRequest(name, "stranger", Right.Write),
                RunningHarima.PrincipalOf("leader"),
                Token
            );

        (await SendAsync("stranger", "DELETE", $"/{name}")).IsRefused(403, "AccessDenied");
        (await SendAsync("member", "DELETE", $"/{name}")).IsRefused(404, "NoSuchBucket");

        (await SendAsync("leader", "HEAD", $"/{name}")).IsOk();
    }

    [Fact]
    public async Task A_proposals_bucket_cannot_be_deleted_over_S3()
    {
        var answer = await SendAsync("leader", "DELETE", $"/{Bucket}");

        answer.IsRefused(403, "AccessDenied");
        Assert.Contains("proposal", answer.Text, StringComparison.Ordinal);
    }
}
