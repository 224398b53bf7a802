using System.Net;
using Harima.Access;
using Harima.Workspaces;

namespace Harima.Gateway;

public sealed class BucketPolicyOnSqlite(SqliteHarima harima) : BucketPolicyTests(harima);

public sealed class BucketPolicyOnPostgres(PostgresHarima harima) : BucketPolicyTests(harima);

/// <summary>A policy narrows what the portal allows, and never widens it.</summary>
public abstract class BucketPolicyTests(RunningHarima harima) : GatewayTests(harima)
{
    public static string Deny(string bucket, string action, string condition = "", string principal = "\"*\"") =>
        Statement("Deny", bucket, action, condition, principal);

    static string Statement(
        string effect,
        string bucket,
        string action,
        string condition = "",
        string principal = "\"*\""
    ) =>
        $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"{{effect}}","Principal":{{principal}},"Action":["{{action}}"],
            "Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]{{(
                condition.Length == 0 ? "" : ",\"Condition\":" + condition
            )}}}]}
            """;

    /// <summary>A workspace of the leader's, shared with the member for writing.</summary>
    async Task<string> NewBucketAsync()
    {
        var name = NewSequence().ToLowerInvariant() + "-with-policy";
        (await SendAsync("leader", "PUT", $"/{name}")).IsOk();
        (await SendAsync("leader", "PUT", $"/{name}/open/a", "text")).IsOk();
        (await SendAsync("leader", "PUT", $"/{name}/secret/a", "text")).IsOk();
        await Harima
            .Get<ShareWorkspace>()
            .HandleAsync(
                new ShareWorkspaceRequest(name, "member", Right.Write),
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        return name;
    }

    async Task PutAsync(string bucket, string policy) =>
        (await SendAsync("leader", "PUT", $"/{bucket}?policy", policy)).IsOk(HttpStatusCode.NoContent);

    [Fact]
    public async Task A_policy_is_given_back_letter_for_letter_and_taken_away()
    {
        var bucket = await NewBucketAsync();
        (await SendAsync("leader", "GET", $"/{bucket}?policy")).IsRefused(404, "NoSuchBucketPolicy");
        var policy = Deny(bucket, "s3:DeleteObject");

        await PutAsync(bucket, policy);
        Assert.Equal(policy, (await SendAsync("leader", "GET", $"/{bucket}?policy")).IsOk().Text);

        (await SendAsync("leader", "DELETE", $"/{bucket}?policy")).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "GET", $"/{bucket}?policy")).IsRefused(404, "NoSuchBucketPolicy");
    }

    [Fact]
    public async Task Allow_gives_nobody_a_right_and_says_so()
    {
        var bucket = await NewBucketAsync();

        var answer = await SendAsync("leader", "PUT", $"/{bucket}?policy", Statement("Allow", bucket, "s3:*"));

        answer.IsOk(HttpStatusCode.NoContent);
        Assert.Contains("nobody", answer.Header("Warning"), StringComparison.Ordinal);
        foreach (var user in new[] { "stranger", "admin", Anonymous })
        {
            var (status, code) = user == Anonymous ? (403, "AccessDenied") : (404, "NoSuchBucket");
            (await SendAsync(user, "GET", $"/{bucket}/open/a")).IsRefused(status, code);
            (await SendAsync(user, "PUT", $"/{bucket}/open/a", "x")).IsRefused(status, code);
            (await SendAsync(user, "GET", $"/{bucket}")).IsRefused(status, code);
            (await SendAsync(user, "GET", $"/{bucket}?policy")).IsRefused(status, code);
        }
        Assert.Equal(
            "false",
            (await SendAsync("leader", "GET", $"/{bucket}?policyStatus")).IsOk().Xml.Element(Xmlns + "IsPublic")!.Value
        );
    }

    [Fact]
    public async Task Deny_holds_for_its_actions_and_keys_and_for_nothing_else()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(bucket, Deny(bucket + "/secret/*", "s3:GetObject\", \"s3:Put*"));

        foreach (var user in new[] { "leader", "member" })
        {
            (await SendAsync(user, "GET", $"/{bucket}/secret/a")).IsRefused(403, "AccessDenied");
            (await SendAsync(user, "GET", $"/{bucket}/secret/a?versionId=null")).IsRefused(403, "AccessDenied");
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(user, "HEAD", $"/{bucket}/secret/a")).Status);
            (await SendAsync(user, "PUT", $"/{bucket}/secret/b", "x")).IsRefused(403, "AccessDenied");
            (await SendAsync(user, "POST", $"/{bucket}/secret/b?uploads")).IsRefused(403, "AccessDenied");
            (
                await SendAsync(
                    user,
                    "PUT",
                    $"/{bucket}/open/copy",
                    headers: [("x-amz-copy-source", $"/{bucket}/secret/a")]
                )
            ).IsRefused(403, "AccessDenied");
            (await SendAsync(user, "GET", $"/{bucket}/open/a")).IsOk();
            (await SendAsync(user, "PUT", $"/{bucket}/open/b", "x")).IsOk();
            (await SendAsync(user, "GET", $"/{bucket}")).IsOk();
        }
        (await SendAsync("stranger", "GET", $"/{bucket}/secret/a")).IsRefused(404, "NoSuchBucket");
        (await SendAsync("member", "DELETE", $"/{bucket}/secret/a")).IsOk(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Deny_of_deleting_holds_in_bulk_too()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(bucket, Deny(bucket, "s3:DeleteObject"));

        (await SendAsync("member", "DELETE", $"/{bucket}/open/a")).IsRefused(403, "AccessDenied");
        var bulk = await SendAsync(
            "member",
            "POST",
            $"/{bucket}?delete",
            "<Delete><Object><Key>open/a</Key></Object></Delete>"
        );
        Assert.Contains("<Code>AccessDenied</Code>", bulk.IsOk().Text, StringComparison.Ordinal);

        (await SendAsync("member", "GET", $"/{bucket}/open/a")).IsOk();
    }

    [Fact]
    public async Task Deny_can_name_a_person()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(
            bucket,
            Deny(bucket, "s3:GetObject", principal: """{"AWS":"arn:aws:iam::harima:user/member"}""")
        );

        (await SendAsync("member", "GET", $"/{bucket}/open/a")).IsRefused(403, "AccessDenied");
        (await SendAsync("leader", "GET", $"/{bucket}/open/a")).IsOk();
    }

    [Theory]
    [InlineData("""{"Bool":{"aws:SecureTransport":"false"}}""", true)]
    [InlineData("""{"Bool":{"aws:SecureTransport":"true"}}""", false)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":["127.0.0.0/8","::1/128"]}}""", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}""", false)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}""", true)]
    [InlineData("""{"StringEquals":{"s3:prefix":"secret/"}}""", true)]
    [InlineData("""{"StringEquals":{"s3:prefix":"open/"}}""", false)]
    [InlineData("""{"StringNotLike":{"s3:prefix":"open/*"}}""", true)]
    [InlineData("""{"StringEquals":{"aws:username":"member"}}""", true)]
    [InlineData("""{"StringEquals":{"aws:username":"leader"}}""", false)]
    [InlineData("""{"Null":{"aws:Referer":"true"}}""", true)]
    [InlineData("""{"StringLike":{"aws:Referer":"https://portal/*"}}""", false)]
    [InlineData("""{"StringLikeIfExists":{"aws:Referer":"https://portal/*"}}""", true)]
    [InlineData("""{"NumericGreaterThan":{"s3:max-keys":"10"}}""", true)]
    [InlineData("""{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}""", false)]
    public async Task A_deny_under_a_condition_holds_where_the_condition_does(string condition, bool denied)
    {
        var bucket = await NewBucketAsync();
        await PutAsync(bucket, Deny(bucket, "s3:ListBucket", condition));

        var answer = await SendAsync("member", "GET", $"/{bucket}?prefix=secret/&max-keys=11");

        if (denied)
            answer.IsRefused(403, "AccessDenied");
        else
            answer.IsOk();
    }

    [Fact]
    public async Task A_deny_holds_in_rest_as_in_S3()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(bucket, Deny(bucket, "s3:ListBucket"));
        var files = Harima.Get<Harima.Sequences.FileQueries>();

        var fault = await Assert.ThrowsAsync<Harima.Faults.FaultException>(() =>
            files.ListAsync(
                RunningHarima.PrincipalOf("member"),
                bucket,
                new Harima.Storage.ListRequest("", null, null, 10),
                Token
            )
        );

        Assert.Equal("bucket-policy", fault.Reason);
    }

    [Fact]
    public async Task A_zip_leaves_out_what_a_deny_keeps_back()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(bucket, Deny(bucket + "/secret/*", "s3:GetObject"));

        var plan = await Harima
            .Get<Archives.PlanArchive>()
            .HandleAsync(
                new Archives.ArchiveRequest([bucket + "/"], Archives.ArchiveFormat.Zip),
                RunningHarima.PrincipalOf("member"),
                Token
            );

        Assert.Equal(1, plan.FileCount);
    }

    [Fact]
    public async Task A_deny_can_speak_of_the_tags_of_the_object_that_is_there()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(bucket, Deny(bucket, "s3:*Object", """{"StringEquals":{"s3:ExistingObjectTag/state":"raw"}}"""));
        (await SendAsync("member", "PUT", $"/{bucket}/t", "x", ("x-amz-tagging", "state=raw"))).IsOk();

        (await SendAsync("member", "GET", $"/{bucket}/t")).IsRefused(403, "AccessDenied");
        (await SendAsync("member", "DELETE", $"/{bucket}/t")).IsRefused(403, "AccessDenied");
        (await SendAsync("member", "PUT", $"/{bucket}/t", "y")).IsRefused(403, "AccessDenied");
        (await SendAsync("member", "GET", $"/{bucket}/open/a")).IsOk();

        (await SendAsync("member", "DELETE", $"/{bucket}/t?tagging")).IsOk(HttpStatusCode.NoContent);
        Assert.Equal("x", (await SendAsync("member", "GET", $"/{bucket}/t")).IsOk().Text);
    }

    [Fact]
    public async Task A_deny_of_deleting_versions_holds_in_bulk_too()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(bucket, Deny(bucket, "s3:DeleteObjectVersion"));

        var bulk = await SendAsync(
            "member",
            "POST",
            $"/{bucket}?delete",
            "<Delete><Object><Key>open/a</Key><VersionId>null</VersionId></Object></Delete>"
        );

        Assert.Contains("<Code>AccessDenied</Code>", bulk.IsOk().Text, StringComparison.Ordinal);
        (await SendAsync("member", "GET", $"/{bucket}/open/a")).IsOk();
    }

    [Fact]
    public async Task Who_manages_a_bucket_cannot_lock_themselves_out()
    {
        var bucket = await NewBucketAsync();
        await PutAsync(bucket, Deny(bucket, "s3:*"));
        (await SendAsync("leader", "GET", $"/{bucket}/open/a")).IsRefused(403, "AccessDenied");

        (await SendAsync("leader", "GET", $"/{bucket}?policy")).IsOk();
        (await SendAsync("leader", "DELETE", $"/{bucket}?policy")).IsOk(HttpStatusCode.NoContent);

        (await SendAsync("leader", "GET", $"/{bucket}/open/a")).IsOk();
    }

    [Fact]
    public async Task A_public_policy_is_refused_where_public_policies_are_blocked()
    {
        var bucket = await NewBucketAsync();
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{bucket}?publicAccessBlock",
                BucketConfigurationTests.Block("BlockPublicPolicy")
            )
        ).IsOk();

        (await SendAsync("leader", "PUT", $"/{bucket}?policy", Statement("Allow", bucket, "s3:GetObject"))).IsRefused(
            403,
            "AccessDenied"
        );
        await PutAsync(bucket, Deny(bucket, "s3:GetObject"));
    }

    [Fact]
    public async Task A_proposals_bucket_has_no_policy()
    {
        var answer = await SendAsync("leader", "PUT", $"/{Bucket}?policy", Deny(Bucket, "s3:GetObject"));

        answer.IsRefused(403, "AccessDenied");
        Assert.Contains("portal", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Statement":[]}""")]
    [InlineData("""{"Statement":{"Effect":"Perhaps","Principal":"*","Action":"s3:GetObject","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}}""")]
    [InlineData("""{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:Frobnicate","Resource":"*"}}""")]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:sqs:::q"}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::${aws:Vpc}"}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"Guess":{"aws:SourceIp":"::1"}}}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"v"}}}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"300.1.2.3"}}}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::1:root"},"Action":"s3:GetObject","Resource":"*"}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Principal":{"Service":"x"},"Action":"s3:GetObject","Resource":"*"}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"member"},"Action":"s3:GetObject","Resource":"*"}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}}"""
    )]
    [InlineData(
        """{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*","Surprise":1}}"""
    )]
    [InlineData("""{"Statement":{"Effect":"\ud800","Principal":"*","Action":"s3:GetObject","Resource":"*"}}""")]
    public async Task A_policy_that_could_not_be_obeyed_is_refused(string policy)
    {
        var bucket = await NewBucketAsync();

        (await SendAsync("leader", "PUT", $"/{bucket}?policy", policy)).IsRefused(400, "MalformedPolicy");

        (await SendAsync("leader", "GET", $"/{bucket}?policy")).IsRefused(404, "NoSuchBucketPolicy");
    }

    [Fact]
    public async Task A_policy_has_at_most_20_KiB() =>
        (
            await SendAsync("leader", "PUT", $"/{await NewBucketAsync()}?policy", new string(' ', 21 * 1024) + "{}")
        ).IsRefused(400, "PolicyTooLarge");
}
