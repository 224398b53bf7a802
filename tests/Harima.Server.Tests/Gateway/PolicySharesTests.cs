using System.Net;
using System.Text.Json;
using Harima.Access;
using Harima.Archives;
using Harima.BucketConfiguration;
using Harima.Faults;
using Harima.Sequences;
using Harima.Storage;
using Harima.Workspaces;
using Microsoft.Extensions.Options;

namespace Harima.Gateway;

/// <summary>A facility that lets the policy of a workspace's bucket share it.</summary>
public sealed class SharingSqliteHarima : RunningHarima
{
    internal static readonly string[] Offered =
    [
        "--Harima:Workspaces:PolicyShares",
        "true",
        "--Harima:Workspaces:PublicWrite",
        "true",
    ];

    protected override IEnumerable<string> Settings => Offered;

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");
}

public sealed class SharingPostgresHarima : PostgresHarima
{
    protected override IEnumerable<string> Settings => SharingSqliteHarima.Offered;
}

public sealed class PolicySharesOnSqlite(SharingSqliteHarima harima)
    : PolicySharesTests(harima),
        IClassFixture<SharingSqliteHarima>;

public sealed class PolicySharesOnPostgres(SharingPostgresHarima harima)
    : PolicySharesTests(harima),
        IClassFixture<SharingPostgresHarima>;

/// <summary>An Allow shares a workspace as far as its statement goes, visibly, and no longer than the policy stands.</summary>
public abstract class PolicySharesTests(RunningHarima harima) : GatewayTests(harima)
{
    const string Stranger = """{"AWS":"arn:aws:iam::harima:user/stranger"}""";

    /// <summary>A workspace of the leader's with a public and a secret file.</summary>
    async Task<string> NewBucketAsync()
    {
        var name = NewSequence().ToLowerInvariant() + "-shared-by-policy";
        (await SendAsync("leader", "PUT", $"/{name}")).IsOk();
        (await SendAsync("leader", "PUT", $"/{name}/open/a", "open")).IsOk();
        (await SendAsync("leader", "PUT", $"/{name}/secret/a", "secret")).IsOk();
        return name;
    }

    static string Allow(string actions, string resources, string principal = Stranger, string condition = "{}") =>
        $$"""
            {"Effect":"Allow","Principal":{{principal}},"Action":[{{Quoted(actions)}}],"Resource":[{{Quoted(
                resources
            )}}],"Condition":{{condition}}}
            """;

    static string Deny(string actions, string resources) =>
        Allow(actions, resources, "\"*\"").Replace("Allow", "Deny", StringComparison.Ordinal);

    // Of resources only what stands behind arn:aws:s3::: is given.
    static string Quoted(string list) =>
        string.Join(
            ',',
            list.Split(' ')
                .Select(each =>
                    each.StartsWith("s3:", StringComparison.Ordinal) || each == "*" ? each : "arn:aws:s3:::" + each
                )
                .Select(each => $"\"{each}\"")
        );

    Task<Answer> PutPolicyAsync(string bucket, params string[] statements) =>
        SendAsync("leader", "PUT", $"/{bucket}?policy", $$"""{"Statement":[{{string.Join(',', statements)}}]}""");

    async Task SetAsync(string bucket, params string[] statements) =>
        (await PutPolicyAsync(bucket, statements)).IsOk(HttpStatusCode.NoContent);

    async Task<JsonElement[]> AccessAsync(string workspace)
    {
        var token = await Harima
            .Get<Identity.ApiTokens>()
            .CreateAsync(RunningHarima.PrincipalOf("leader"), "test", TimeSpan.FromHours(1), Token);
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(Harima.Portal, $"/api/v1/workspaces/{workspace}/access")
        );
        request.Headers.Authorization = new("Bearer", token.Text);
        using var response = await Harima.Http.SendAsync(request, Token);
        var answer = (await Answer.ReadAsync(response, Token)).IsOk();
        return [.. JsonDocument.Parse(answer.Text).RootElement.GetProperty("items").EnumerateArray()];
    }

    static string Line(JsonElement entry) =>
        $"{entry.GetProperty("subject")} {entry.GetProperty("right")} {entry.GetProperty("role")}";

    [Fact]
    public async Task An_allow_gives_what_its_statement_says_and_nothing_else()
    {
        var bucket = await NewBucketAsync();
        (await SendAsync("stranger", "GET", $"/{bucket}/open/a")).IsRefused(404, "NoSuchBucket");

        await SetAsync(bucket, Allow("s3:GetObject", $"{bucket}/open/*"));

        Assert.Equal("open", (await SendAsync("stranger", "GET", $"/{bucket}/open/a")).IsOk().Text);
        (await SendAsync("stranger", "HEAD", $"/{bucket}/open/a")).IsOk();
        foreach (
            var (method, target, body) in new[]
            {
                ("GET", "/secret/a", ""),
                ("GET", "/secret/none", ""),
                ("GET", "", ""),
                ("GET", "?versions", ""),
                ("GET", "?uploads", ""),
                ("GET", "?location", ""),
                ("GET", "?policy", ""),
                ("GET", "?acl", ""),
                ("GET", "/open/a?tagging", ""),
                ("GET", "/open/a?acl", ""),
                ("PUT", "/open/a", "x"),
                ("PUT", "/open/b", "x"),
                ("PUT", "/open/a?tagging", "<Tagging><TagSet/></Tagging>"),
                ("DELETE", "/open/a", ""),
                ("POST", "/open/a?uploads", ""),
                ("PUT", "?policy", BucketPolicyTests.Deny(bucket, "s3:GetObject")),
                ("PUT", "?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
                ("DELETE", "", ""),
            }
        )
            (await SendAsync("stranger", method, $"/{bucket}{target}", body)).IsRefused(403, "AccessDenied");
        var bulk = await SendAsync(
            "stranger",
            "POST",
            $"/{bucket}?delete",
            "<Delete><Object><Key>open/a</Key></Object></Delete>"
        );
        Assert.Contains("<Code>AccessDenied</Code>", bulk.IsOk().Text, StringComparison.Ordinal);
        (await SendAsync("member", "GET", $"/{bucket}/open/a")).IsRefused(404, "NoSuchBucket");
        (await SendAsync(Anonymous, "GET", $"/{bucket}/open/a")).IsRefused(403, "AccessDenied");
    }

    [Fact]
    public async Task What_the_policy_keeps_back_looks_like_what_is_not_there()
    {
        var bucket = await NewBucketAsync();
        await SetAsync(bucket, Allow("s3:GetObject", $"{bucket}/open/*"));

        foreach (var method in new[] { "GET", "HEAD", "DELETE" })
        {
            var hidden = await SendAsync("stranger", method, $"/{bucket}/secret/a");
            var missing = await SendAsync("stranger", method, $"/{bucket}/secret/b");
            Assert.Equal(Plain(hidden), Plain(missing).Replace("secret/b", "secret/a", StringComparison.Ordinal));
        }
        // Who may list a name may know that nothing bears it.
        await SetAsync(bucket, Allow("s3:ListBucket", bucket, condition: """{"StringLike":{"s3:prefix":"open/*"}}"""));
        Assert.Equal(404, (int)(await SendAsync("stranger", "HEAD", $"/{bucket}/open/none")).Status);
        Assert.Equal(403, (int)(await SendAsync("stranger", "HEAD", $"/{bucket}/open/a")).Status);
        Assert.Equal(403, (int)(await SendAsync("stranger", "HEAD", $"/{bucket}/secret/none")).Status);
    }

    static string Plain(Answer answer) =>
        $"{(int)answer.Status} {string.Join(' ', answer.Headers.Keys.Order(StringComparer.Ordinal))} "
        + answer.Text.Replace(answer.Header("x-amz-request-id")!, "", StringComparison.Ordinal);

    [Fact]
    public async Task What_the_policy_gives_is_in_the_access_list_and_goes_with_the_policy()
    {
        var bucket = await NewBucketAsync();
        Assert.Equal(["leader manage owner"], (await AccessAsync(bucket)).Select(Line));

        await SetAsync(
            bucket,
            Allow("s3:GetObject", $"{bucket}/*"),
            Allow("s3:PutObject", $"{bucket}/in/*", """{"AWS":["member","nobody-here"]}"""),
            Allow("s3:PutBucketPolicy", bucket, """{"AWS":"staff"}""")
        );
        Assert.Equal(
            ["leader manage owner", "member write policy", "stranger read policy"],
            (await AccessAsync(bucket)).Select(Line)
        );
        Assert.DoesNotContain(await AccessAsync(bucket), entry => entry.GetProperty("removable").GetBoolean());
        Assert.Contains(bucket, (await SendAsync("stranger", "GET", "/")).Text, StringComparison.Ordinal);
        // The list of shares that S3 calls the ACL says what was shared, not what the policy says.
        Assert.DoesNotContain(
            "stranger",
            (await SendAsync("leader", "GET", $"/{bucket}?acl")).Text,
            StringComparison.Ordinal
        );

        await SetAsync(bucket, Allow("s3:GetObject", $"{bucket}/*", """{"AWS":"member"}"""));
        Assert.Equal(["leader manage owner", "member read policy"], (await AccessAsync(bucket)).Select(Line));
        (await SendAsync("stranger", "GET", $"/{bucket}/open/a")).IsRefused(404, "NoSuchBucket");

        (await SendAsync("leader", "DELETE", $"/{bucket}?policy")).IsOk(HttpStatusCode.NoContent);
        Assert.Equal(["leader manage owner"], (await AccessAsync(bucket)).Select(Line));
        (await SendAsync("member", "GET", $"/{bucket}/open/a")).IsRefused(404, "NoSuchBucket");
        Assert.DoesNotContain(bucket, (await SendAsync("stranger", "GET", "/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_puts_a_policy_is_told_of_people_who_are_nobody_here()
    {
        var bucket = await NewBucketAsync();

        var known = await PutPolicyAsync(bucket, Allow("s3:GetObject", $"{bucket}/*"));
        var unknown = await PutPolicyAsync(bucket, Allow("s3:GetObject", $"{bucket}/*", """{"AWS":"no\r\nbody"}"""));

        Assert.Null(known.IsOk(HttpStatusCode.NoContent).Header("Warning"));
        Assert.Contains("1 of", unknown.IsOk(HttpStatusCode.NoContent).Header("Warning"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_who_manages_the_workspace_shares_it_so()
    {
        var bucket = await NewBucketAsync();
        await Harima
            .Get<ShareWorkspace>()
            .HandleAsync(
                new ShareWorkspaceRequest(bucket, "member", Right.Write),
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        await SetAsync(bucket, Allow("*", $"{bucket} {bucket}/*"));
        var policy = $$"""{"Statement":[{{Allow("*", $"{bucket} {bucket}/*", "\"*\"")}}]}""";

        foreach (var user in new[] { "member", "stranger" })
        {
            (await SendAsync(user, "PUT", $"/{bucket}?policy", policy)).IsRefused(403, "AccessDenied");
            (await SendAsync(user, "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsRefused(
                403,
                "AccessDenied"
            );
            (await SendAsync(user, "DELETE", $"/{bucket}?policy")).IsRefused(403, "AccessDenied");
            (await SendAsync(user, "DELETE", $"/{bucket}")).IsRefused(403, "AccessDenied");
        }
        (await SendAsync("stranger", "PUT", $"/{bucket}/b", "x")).IsOk();
    }

    [Fact]
    public async Task Whom_the_policy_lets_set_the_acl_may_say_what_is_so_and_change_nothing()
    {
        var bucket = await NewBucketAsync();
        await SetAsync(bucket, Allow("*", $"{bucket} {bucket}/*"));

        (await SendAsync("stranger", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "private"))).IsOk();
        (await SendAsync("stranger", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsRefused(
            403,
            "AccessDenied"
        );
        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsOk();
        (await SendAsync("stranger", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "private"))).IsRefused(
            403,
            "AccessDenied"
        );

        (await SendAsync(Anonymous, "GET", $"/{bucket}/open/a")).IsOk();
    }

    [Fact]
    public async Task A_deny_is_stronger_than_an_allow()
    {
        var bucket = await NewBucketAsync();

        await SetAsync(
            bucket,
            Allow("s3:GetObject s3:PutObject", $"{bucket}/*"),
            Deny("s3:GetObject", $"{bucket}/secret/*")
        );

        (await SendAsync("stranger", "GET", $"/{bucket}/open/a")).IsOk();
        (await SendAsync("stranger", "GET", $"/{bucket}/secret/a")).IsRefused(403, "AccessDenied");
        (
            await SendAsync(
                "stranger",
                "PUT",
                $"/{bucket}/open/copy",
                headers: [("x-amz-copy-source", $"/{bucket}/secret/a")]
            )
        ).IsRefused(403, "AccessDenied");
    }

    [Fact]
    public async Task Tags_of_the_object_that_is_there_decide_for_each_version()
    {
        var bucket = await NewBucketAsync();
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{bucket}?versioning",
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
            )
        ).IsOk();
        var old = (await SendAsync("leader", "PUT", $"/{bucket}/t", "old", ("x-amz-tagging", "security=private")))
            .IsOk()
            .Header("x-amz-version-id");
        (await SendAsync("leader", "PUT", $"/{bucket}/t", "new", ("x-amz-tagging", "security=public"))).IsOk();
        const string Public = """{"StringEquals":{"s3:ExistingObjectTag/security":"public"}}""";

        await SetAsync(bucket, Allow("s3:GetObject s3:GetObjectVersion", $"{bucket}/*", condition: Public));

        Assert.Equal("new", (await SendAsync("stranger", "GET", $"/{bucket}/t")).IsOk().Text);
        foreach (var target in new[] { $"/{bucket}/t?versionId={old}", $"/{bucket}/open/a", $"/{bucket}/none" })
            (await SendAsync("stranger", "GET", target)).IsRefused(403, "AccessDenied");
        // Nor by a copy that names the version.
        var own = await NewOwnBucketAsync("stranger");
        (
            await SendAsync(
                "stranger",
                "PUT",
                $"/{own}/copy",
                headers: [("x-amz-copy-source", $"/{bucket}/t?versionId={old}")]
            )
        ).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "PUT", $"/{own}/copy", headers: [("x-amz-copy-source", $"/{bucket}/t")])).IsOk();
    }

    async Task<string> NewOwnBucketAsync(string user)
    {
        var name = NewSequence().ToLowerInvariant() + "-of-" + user;
        (await SendAsync(user, "PUT", $"/{name}")).IsOk();
        return name;
    }

    [Fact]
    public async Task Storing_tags_takes_the_right_to_tag()
    {
        var bucket = await NewBucketAsync();
        await SetAsync(bucket, Allow("s3:PutObject", $"{bucket}/*"));
        var policy = UploadForm.Policy(UploadForm.Eq("bucket", bucket), UploadForm.Eq("key", "f"));
        HttpContent Form(params (string, string)[] fields) =>
            UploadForm.Content(
                [("key", "f"), .. UploadForm.SignV4(Harima.KeyOf("stranger"), policy), .. fields],
                "x"u8.ToArray()
            );

        (await SendAsync("stranger", "PUT", $"/{bucket}/b", "x", ("x-amz-tagging", "a=b"))).IsRefused(
            403,
            "AccessDenied"
        );
        (await SendAsync("stranger", "PUT", $"/{bucket}/b", "x")).IsOk();
        (await SendAsync(Anonymous, "POST", $"/{bucket}", Form())).IsOk(HttpStatusCode.NoContent);

        await SetAsync(
            bucket,
            Allow(
                "s3:PutObject s3:PutObjectTagging",
                $"{bucket}/*",
                condition: """{"StringEquals":{"s3:RequestObjectTag/a":"b"}}"""
            )
        );
        (await SendAsync("stranger", "PUT", $"/{bucket}/c", "x", ("x-amz-tagging", "a=b"))).IsOk();
        (await SendAsync("stranger", "PUT", $"/{bucket}/c", "x", ("x-amz-tagging", "a=c"))).IsRefused(
            403,
            "AccessDenied"
        );
        (await SendAsync("stranger", "PUT", $"/{bucket}/c", "x")).IsRefused(403, "AccessDenied");
    }

    [Fact]
    public async Task An_acl_that_a_deny_speaks_of_is_denied_before_it_is_looked_at()
    {
        var bucket = await NewBucketAsync();
        var deny = Deny("s3:PutObject", $"{bucket}/*")
            .Replace("{}", """{"StringLike":{"s3:x-amz-acl":"public*"}}""", StringComparison.Ordinal);
        await SetAsync(bucket, Allow("s3:PutObject", $"{bucket}/*"), deny);

        (await SendAsync("stranger", "PUT", $"/{bucket}/b", "x")).IsOk();
        (await SendAsync("stranger", "PUT", $"/{bucket}/b", "x", ("x-amz-acl", "public-read"))).IsRefused(
            403,
            "AccessDenied"
        );
        var policy = UploadForm.Policy(
            UploadForm.Eq("bucket", bucket),
            UploadForm.Eq("key", "f"),
            UploadForm.Eq("acl", "public-read")
        );
        var form = UploadForm.Content(
            [("key", "f"), ("acl", "public-read"), .. UploadForm.SignV4(Harima.KeyOf("stranger"), policy)],
            "x"u8.ToArray()
        );
        (await SendAsync(Anonymous, "POST", $"/{bucket}", form)).IsRefused(403, "AccessDenied");
    }

    [Fact]
    public async Task Everyone_gets_what_an_allow_for_everyone_says_until_public_access_is_blocked()
    {
        var bucket = await NewBucketAsync();
        await SetAsync(bucket, Allow("s3:GetObject", $"{bucket}/open/*", "\"*\""));
        Assert.Contains("everyone read policy", (await AccessAsync(bucket)).Select(Line));
        Assert.Contains(
            ">true<",
            (await SendAsync("leader", "GET", $"/{bucket}?policyStatus")).Text,
            StringComparison.Ordinal
        );

        foreach (var user in new[] { Anonymous, "stranger", "admin" })
        {
            Assert.Equal("open", (await SendAsync(user, "GET", $"/{bucket}/open/a")).IsOk().Text);
            (await SendAsync(user, "GET", $"/{bucket}/secret/a")).IsRefused(403, "AccessDenied");
            (await SendAsync(user, "GET", $"/{bucket}")).IsRefused(403, "AccessDenied");
        }
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{bucket}?publicAccessBlock",
                BucketConfigurationTests.Block("RestrictPublicBuckets")
            )
        ).IsOk();
        (await SendAsync(Anonymous, "GET", $"/{bucket}/open/a")).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "GET", $"/{bucket}/open/a")).IsRefused(404, "NoSuchBucket");
        (await SendAsync("leader", "GET", $"/{bucket}/open/a")).IsOk();
    }

    [Fact]
    public async Task Session_credentials_for_reading_write_nothing_by_policy()
    {
        var bucket = await NewBucketAsync();
        await SetAsync(bucket, Allow("s3:*", $"{bucket} {bucket}/*"));
        var limited = RunningHarima.PrincipalOf("stranger") with
        {
            Limit = new Identity.CredentialLimit(bucket, "open/", MayWrite: false),
        };
        var places = Harima.Get<RemoveFile>();

        var fault = await Assert.ThrowsAsync<FaultException>(() =>
            places.HandleAsync(bucket, "open/a", null, limited, Token)
        );
        Assert.Equal("no-write", fault.Reason);
        var hidden = await Assert.ThrowsAsync<FaultException>(() =>
            Harima.Get<FileQueries>().GetAsync(limited, bucket, "secret/a", Token)
        );
        Assert.Equal(FaultCode.NotFound, hidden.Code);
        await Harima.Get<FileQueries>().GetAsync(limited, bucket, "open/a", Token);
    }

    [Fact]
    public async Task The_policy_says_how_far_a_right_goes_on_every_surface()
    {
        var bucket = await NewBucketAsync();
        var stranger = RunningHarima.PrincipalOf("stranger");
        await SetAsync(bucket, Allow("s3:ListBucket", bucket), Allow("s3:GetObject", $"{bucket}/open/*"));

        // The workspace shows, its files are listed, and a ZIP holds those that may be read.
        Assert.Contains(await Harima.Get<WorkspaceQueries>().ListAsync(stranger, Token), w => w.Id == bucket);
        var listing = await Harima
            .Get<FileQueries>()
            .ListAsync(stranger, bucket, new ListRequest("", null, null, 10), Token);
        Assert.Equal(["open/a", "secret/a"], listing.Entries.Select(entry => entry.Name));
        var plan = await Harima
            .Get<PlanArchive>()
            .HandleAsync(new ArchiveRequest([bucket + "/"], ArchiveFormat.Zip), stranger, Token);
        Assert.Equal(1, plan.FileCount);
        var refused = await Assert.ThrowsAsync<FaultException>(() =>
            Harima.Get<FileQueries>().OpenAsync(stranger, bucket, "secret/a", Token)
        );
        Assert.Equal("bucket-policy-gives", refused.Reason);
        foreach (
            var attempt in new Func<Task>[]
            {
                () => Harima.Get<RemoveFile>().HandleAsync(bucket, "open/a", null, stranger, Token),
                () => Harima.Get<DeleteWorkspace>().HandleAsync(bucket, stranger, Token),
                () =>
                    Harima
                        .Get<ShareWorkspace>()
                        .HandleAsync(new ShareWorkspaceRequest(bucket, "member", Right.Read), stranger, Token),
                () => Harima.Get<WorkspaceAccess>().EntriesAsync(bucket, stranger, Token),
            }
        )
            Assert.Equal(FaultCode.Forbidden, (await Assert.ThrowsAsync<FaultException>(attempt)).Code);
    }

    [Fact]
    public async Task One_person_owns_only_so_many_workspaces()
    {
        var first = await NewOwnBucketAsync("staff");
        var options = Harima.Get<IOptions<WorkspaceOptions>>().Value;
        var most = options.MostPerPerson;
        options.MostPerPerson = 1;
        try
        {
            (await SendAsync("staff", "PUT", $"/{first}-2")).IsRefused(400, "TooManyBuckets");
            // Its own again is no other, and a name that is taken is told as such.
            (await SendAsync("staff", "PUT", $"/{first}")).IsOk();
            (await SendAsync("staff", "PUT", $"/{Workspace}")).IsRefused(409, "BucketAlreadyExists");
            (await SendAsync("staff", "DELETE", $"/{first}")).IsOk(HttpStatusCode.NoContent);
            (await SendAsync("staff", "PUT", $"/{first}-2")).IsOk();
        }
        finally
        {
            options.MostPerPerson = most;
        }
    }

    [Fact]
    public async Task Where_the_facility_ends_it_all_that_policies_gave_is_taken_back_and_shares_stay()
    {
        var bucket = await NewBucketAsync();
        await SetAsync(bucket, Allow("s3:GetObject", $"{bucket}/*"));
        await Harima
            .Get<ShareWorkspace>()
            .HandleAsync(
                new ShareWorkspaceRequest(bucket, "member", Right.Read),
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        var offered = Harima.Get<IOptions<WorkspaceOptions>>().Value;
        await Harima.Get<PolicyShares>().ForgetUnlessOfferedAsync(Token);
        (await SendAsync("stranger", "GET", $"/{bucket}/open/a")).IsOk();

        offered.PolicyShares = false;
        try
        {
            await Harima.Get<PolicyShares>().ForgetUnlessOfferedAsync(Token);
        }
        finally
        {
            offered.PolicyShares = true;
        }

        (await SendAsync("stranger", "GET", $"/{bucket}/open/a")).IsRefused(404, "NoSuchBucket");
        Assert.Equal(["leader manage owner", "member read shared"], (await AccessAsync(bucket)).Select(Line));
    }
}
