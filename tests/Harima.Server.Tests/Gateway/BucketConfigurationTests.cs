using System.Net;
using Harima.Access;
using Harima.Workspaces;

namespace Harima.Gateway;

public sealed class BucketConfigurationOnSqlite(SqliteHarima harima) : BucketConfigurationTests(harima);

public sealed class BucketConfigurationOnPostgres(PostgresHarima harima) : BucketConfigurationTests(harima);

/// <summary>CORS, tags, ownership, public-access block and ACLs of a bucket.</summary>
public abstract class BucketConfigurationTests(RunningHarima harima) : GatewayTests(harima)
{
    public const string AnyOrigin =
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
    public const string OneTag = "<Tagging><TagSet><Tag><Key>cost</Key><Value>42</Value></Tag></TagSet></Tagging>";
    public const string OwnerEnforced =
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";

    public static string Block(string setting) =>
        $"<PublicAccessBlockConfiguration><{setting}>true</{setting}></PublicAccessBlockConfiguration>";

    async Task<string> NewBucketAsync()
    {
        var name = NewSequence().ToLowerInvariant() + "-configured";
        (await SendAsync("leader", "PUT", $"/{name}")).IsOk();
        (await SendAsync("leader", "PUT", $"/{name}/a", "text")).IsOk();
        return name;
    }

    [Theory]
    [InlineData("cors", "NoSuchCORSConfiguration", AnyOrigin, 200)]
    [InlineData("tagging", "NoSuchTagSet", OneTag, 204)]
    [InlineData("ownershipControls", "OwnershipControlsNotFoundError", OwnerEnforced, 200)]
    [InlineData(
        "publicAccessBlock",
        "NoSuchPublicAccessBlockConfiguration",
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
        200
    )]
    public async Task A_setting_is_kept_given_back_and_taken_away(
        string setting,
        string missing,
        string document,
        int status
    )
    {
        var target = $"/{await NewBucketAsync()}?{setting}";
        (await SendAsync("leader", "GET", target)).IsRefused(404, missing);

        (await SendAsync("leader", "PUT", target, document)).IsOk((HttpStatusCode)status);
        var back = (await SendAsync("leader", "GET", target)).IsOk().Xml;
        foreach (var leaf in System.Xml.Linq.XElement.Parse(document).Descendants().Where(e => !e.HasElements))
            Assert.Contains(back.Descendants(), e => e.Name.LocalName == leaf.Name.LocalName && e.Value == leaf.Value);

        (await SendAsync("leader", "DELETE", target)).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "GET", target)).IsRefused(404, missing);
    }

    [Theory]
    [InlineData("cors", "<CORSConfiguration></CORSConfiguration>", "MalformedXML")]
    [InlineData(
        "cors",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
        "MalformedXML"
    )]
    [InlineData(
        "cors",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule></CORSConfiguration>",
        "InvalidRequest"
    )]
    [InlineData(
        "cors",
        "<CORSConfiguration><CORSRule><AllowedOrigin>*a*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
        "InvalidRequest"
    )]
    [InlineData("cors", "<!DOCTYPE a [<!ENTITY e 'x'>]><CORSConfiguration>&e;</CORSConfiguration>", "MalformedXML")]
    [InlineData(
        "tagging",
        "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value>2</Value></Tag></TagSet></Tagging>",
        "InvalidTag"
    )]
    [InlineData("tagging", "<Tagging/>", "MalformedXML")]
    [InlineData(
        "ownershipControls",
        "<OwnershipControls><Rule><ObjectOwnership>Nobody</ObjectOwnership></Rule></OwnershipControls>",
        "MalformedXML"
    )]
    [InlineData(
        "publicAccessBlock",
        "<PublicAccessBlockConfiguration><BlockPublicAcls>perhaps</BlockPublicAcls></PublicAccessBlockConfiguration>",
        "MalformedXML"
    )]
    [InlineData("publicAccessBlock", "not xml", "MalformedXML")]
    public async Task A_malformed_setting_is_refused(string setting, string document, string code) =>
        (await SendAsync("leader", "PUT", $"/{await NewBucketAsync()}?{setting}", document)).IsRefused(400, code);

    [Fact]
    public async Task Settings_are_for_those_who_manage_the_bucket()
    {
        var bucket = await NewBucketAsync();
        await Harima
            .Get<ShareWorkspace>()
            .HandleAsync(
                new ShareWorkspaceRequest(bucket, "member", Right.Write),
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        foreach (var setting in new[] { "cors", "tagging", "policy", "acl", "publicAccessBlock", "policyStatus" })
        {
            (await SendAsync("member", "GET", $"/{bucket}?{setting}")).IsRefused(403, "AccessDenied");
            (await SendAsync("stranger", "GET", $"/{bucket}?{setting}")).IsRefused(404, "NoSuchBucket");
        }
        (await SendAsync("member", "PUT", $"/{bucket}?cors", AnyOrigin)).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "DELETE", $"/{bucket}?tagging")).IsRefused(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Cors_rules_say_which_pages_may_use_the_bucket()
    {
        var bucket = await NewBucketAsync();
        const string Rules =
            "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example.jp</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>"
            + "<AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>";
        (await SendAsync("leader", "PUT", $"/{bucket}?cors", Rules)).IsOk();

        var allowed = await PreflightAsync(bucket, "https://a.example.jp", "PUT", "X-Amz-Date");
        allowed.IsOk();
        Assert.Equal("https://a.example.jp", allowed.Header("Access-Control-Allow-Origin"));
        Assert.Equal("PUT", allowed.Header("Access-Control-Allow-Methods"));
        Assert.Equal("X-Amz-Date", allowed.Header("Access-Control-Allow-Headers"));
        Assert.Equal("60", allowed.Header("Access-Control-Max-Age"));
        (await PreflightAsync(bucket, "https://evil.example", "PUT", null)).IsRefused(403, "AccessForbidden");
        (await PreflightAsync(bucket, "https://a.example.jp", "GET", null)).IsRefused(403, "AccessForbidden");
        (await PreflightAsync(bucket, "https://a.example.jp", "PUT", "content-type")).IsRefused(403, "AccessForbidden");

        var put = await SendAsync("leader", "PUT", $"/{bucket}/a", "x", ("Origin", "https://a.example.jp"));
        Assert.Equal("https://a.example.jp", put.IsOk().Header("Access-Control-Allow-Origin"));
        Assert.Equal("ETag", put.Header("Access-Control-Expose-Headers"));
        var get = await SendAsync("leader", "GET", $"/{bucket}/a", headers: [("Origin", "https://a.example.jp")]);
        Assert.Null(get.IsOk().Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_preflight_without_origin_or_method_is_refused()
    {
        (await SendAsync(Anonymous, "OPTIONS", $"/{Bucket}/a")).IsRefused(400, "BadRequest");
        (await SendAsync(Anonymous, "OPTIONS", $"/{Bucket}/a", headers: [("Origin", "https://a.example")])).IsRefused(
            400,
            "BadRequest"
        );
    }

    Task<Answer> PreflightAsync(string bucket, string origin, string method, string? header)
    {
        (string, string)[] headers = [("Origin", origin), ("Access-Control-Request-Method", method)];
        return SendAsync(
            Anonymous,
            "OPTIONS",
            $"/{bucket}/a",
            headers: header is null ? headers : [.. headers, ("Access-Control-Request-Headers", header)]
        );
    }

    [Fact]
    public async Task The_acl_public_read_shares_a_workspace_with_everyone_and_private_takes_it_back()
    {
        var bucket = await NewBucketAsync();
        Assert.Equal("false", await IsPublicAsync(bucket));

        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsOk();
        Assert.Equal("text", (await SendAsync(Anonymous, "GET", $"/{bucket}/a")).IsOk().Text);
        (await SendAsync(Anonymous, "PUT", $"/{bucket}/b", "x")).IsRefused(403, "AccessDenied");
        (await SendAsync(Anonymous, "GET", $"/{bucket}?acl")).IsRefused(403, "AccessDenied");
        Assert.Contains(
            "AllUsers",
            (await SendAsync("leader", "GET", $"/{bucket}?acl")).IsOk().Text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "AllUsers",
            (await SendAsync("leader", "GET", $"/{bucket}/a?acl")).IsOk().Text,
            StringComparison.Ordinal
        );
        Assert.Equal("true", await IsPublicAsync(bucket));

        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "private"))).IsOk();
        (await SendAsync(Anonymous, "GET", $"/{bucket}/a")).IsRefused(403, "AccessDenied");
    }

    [Fact]
    public async Task The_acl_authenticated_read_shares_a_workspace_with_everyone_who_has_an_account()
    {
        var bucket = await NewBucketAsync();

        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "authenticated-read"))).IsOk();

        Assert.Equal("text", (await SendAsync("stranger", "GET", $"/{bucket}/a")).IsOk().Text);
        (await SendAsync("stranger", "GET", $"/{bucket}")).IsOk();
        (await SendAsync("stranger", "PUT", $"/{bucket}/b", "x")).IsRefused(403, "AccessDenied");
        (await SendAsync(Anonymous, "GET", $"/{bucket}/a")).IsRefused(403, "AccessDenied");
        var acl = (await SendAsync("leader", "GET", $"/{bucket}?acl")).IsOk().Text;
        Assert.Contains("AuthenticatedUsers", acl, StringComparison.Ordinal);
        Assert.DoesNotContain("AllUsers", acl, StringComparison.Ordinal);
        Assert.Equal("true", await IsPublicAsync(bucket));

        // A list written back as it was read changes nothing.
        (await SendAsync("leader", "PUT", $"/{bucket}?acl", acl)).IsOk();
        (await SendAsync("stranger", "GET", $"/{bucket}/a")).IsOk();

        (await SendAsync("leader", "PUT", $"/{bucket}?publicAccessBlock", Block("IgnorePublicAcls"))).IsOk();
        (await SendAsync("stranger", "GET", $"/{bucket}/a")).IsRefused(404, "NoSuchBucket");
        (await SendAsync("leader", "DELETE", $"/{bucket}?publicAccessBlock")).IsOk(HttpStatusCode.NoContent);

        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "private"))).IsOk();
        (await SendAsync("stranger", "GET", $"/{bucket}/a")).IsRefused(404, "NoSuchBucket");
    }

    [Fact]
    public async Task In_a_bucket_whose_owner_owns_all_in_it_there_are_no_acls()
    {
        var bucket = await NewBucketAsync();
        await Harima
            .Get<ShareWorkspace>()
            .HandleAsync(
                new ShareWorkspaceRequest(bucket, "member", Right.Write),
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        (await SendAsync("member", "PUT", $"/{bucket}/m", "x", ("x-amz-acl", "private"))).IsOk();
        Assert.Equal("member", await OwnerAsync($"/{bucket}/m?acl"));

        (await SendAsync("leader", "PUT", $"/{bucket}?ownershipControls", OwnerEnforced)).IsOk();

        Assert.Equal("leader", await OwnerAsync($"/{bucket}/m?acl"));
        (await SendAsync("member", "PUT", $"/{bucket}/n", "x", ("x-amz-acl", "bucket-owner-full-control"))).IsOk();
        foreach (
            var (method, target) in new[] { ("PUT", "/o"), ("POST", "/o?uploads"), ("PUT", "/m?acl"), ("PUT", "?acl") }
        )
            (await SendAsync("member", method, $"/{bucket}{target}", "", ("x-amz-acl", "private"))).IsRefused(
                400,
                "AccessControlListNotSupported"
            );
        // Whoever may not write learns nothing more by naming a list.
        (await SendAsync("stranger", "PUT", $"/{bucket}/o", "x", ("x-amz-acl", "private"))).IsRefused(
            404,
            "NoSuchBucket"
        );
    }

    [Fact]
    public async Task Where_the_owner_is_preferred_what_is_given_to_them_is_theirs()
    {
        var bucket = await NewBucketAsync();
        await Harima
            .Get<ShareWorkspace>()
            .HandleAsync(
                new ShareWorkspaceRequest(bucket, "member", Right.Write),
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        var preferred = OwnerEnforced.Replace("Enforced", "Preferred", StringComparison.Ordinal);
        (await SendAsync("leader", "PUT", $"/{bucket}?ownershipControls", preferred)).IsOk();
        (string, string) given = ("x-amz-acl", "bucket-owner-full-control");
        (string, string) copy = ("x-amz-copy-source", $"/{bucket}/a");

        (await SendAsync("member", "PUT", $"/{bucket}/kept", "x")).IsOk();
        (await SendAsync("member", "PUT", $"/{bucket}/given", "x", given)).IsOk();
        (await SendAsync("member", "PUT", $"/{bucket}/copied", headers: [copy, given])).IsOk();
        var begun = (await SendAsync("member", "POST", $"/{bucket}/parts?uploads", "", given)).IsOk();
        var upload = $"/{bucket}/parts?uploadId={begun.Xml.Element(Xmlns + "UploadId")!.Value}";
        var tag = (await SendAsync("member", "PUT", upload + "&partNumber=1", "x")).IsOk().ETag;
        Assert.Equal(
            "leader",
            (await SendAsync("member", "GET", upload)).Xml.Element(Xmlns + "Owner")!.Element(Xmlns + "ID")!.Value
        );
        (
            await SendAsync(
                "member",
                "POST",
                upload,
                $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part></CompleteMultipartUpload>"
            )
        ).IsOk();

        Assert.Equal("member", await OwnerAsync($"/{bucket}/kept?acl"));
        foreach (var key in new[] { "given", "copied", "parts" })
            Assert.Equal("leader", await OwnerAsync($"/{bucket}/{key}?acl"));
    }

    async Task<string> OwnerAsync(string target) =>
        (await SendAsync("leader", "GET", target))
            .IsOk()
            .Xml.Descendants(Xmlns + "Owner")
            .Single()
            .Element(Xmlns + "ID")!
            .Value;

    [Fact]
    public async Task The_facility_decides_whether_everyone_may_write() =>
        (
            await SendAsync("leader", "PUT", $"/{await NewBucketAsync()}?acl", "", ("x-amz-acl", "public-read-write"))
        ).IsRefused(403, "AccessDenied");

    [Fact]
    public async Task An_acl_of_people_is_the_list_of_shares()
    {
        var bucket = await NewBucketAsync();
        var acl = (await SendAsync("leader", "GET", $"/{bucket}?acl")).IsOk().Text;
        const string Member =
            "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>member</ID></Grantee>"
            + "<Permission>READ</Permission></Grant></AccessControlList>";

        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{bucket}?acl",
                acl.Replace("</AccessControlList>", Member, StringComparison.Ordinal)
            )
        ).IsOk();
        (await SendAsync("member", "GET", $"/{bucket}/a")).IsOk();
        (await SendAsync("member", "PUT", $"/{bucket}/a", "x")).IsRefused(403, "AccessDenied");

        (await SendAsync("leader", "PUT", $"/{bucket}?acl", acl)).IsOk();
        (await SendAsync("member", "GET", $"/{bucket}/a")).IsRefused(404, "NoSuchBucket");
    }

    [Theory]
    [InlineData("x-amz-acl", "authenticated-read")]
    [InlineData("x-amz-grant-read", "id=stranger")]
    [InlineData("x-amz-acl", "public-read")]
    public async Task An_object_has_no_acl_of_its_own(string header, string value)
    {
        var bucket = await NewBucketAsync();

        (await SendAsync("leader", "PUT", $"/{bucket}/b", "x", (header, value))).IsRefused(
            400,
            "AccessControlListNotSupported"
        );
        (await SendAsync("leader", "PUT", $"/{bucket}/a?acl", "", (header, value))).IsRefused(
            400,
            "AccessControlListNotSupported"
        );

        (await SendAsync("leader", "GET", $"/{bucket}/b")).IsRefused(404, "NoSuchKey");
    }

    [Fact]
    public async Task An_object_in_a_bucket_open_to_everyone_may_be_called_public()
    {
        var bucket = await NewBucketAsync();
        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsOk();

        (await SendAsync("leader", "PUT", $"/{bucket}/b", "x", ("x-amz-acl", "public-read"))).IsOk();
    }

    [Fact]
    public async Task A_public_access_block_refuses_new_and_suspends_old_access_of_everyone()
    {
        var bucket = await NewBucketAsync();
        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsOk();
        (await SendAsync(Anonymous, "GET", $"/{bucket}/a")).IsOk();

        (await SendAsync("leader", "PUT", $"/{bucket}?publicAccessBlock", Block("IgnorePublicAcls"))).IsOk();
        (await SendAsync(Anonymous, "GET", $"/{bucket}/a")).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "GET", $"/{bucket}/a")).IsRefused(404, "NoSuchBucket");
        (await SendAsync("leader", "GET", $"/{bucket}/a")).IsOk();
        Assert.Equal("false", await IsPublicAsync(bucket));

        (await SendAsync("leader", "PUT", $"/{bucket}?publicAccessBlock", Block("BlockPublicAcls"))).IsOk();
        (await SendAsync(Anonymous, "GET", $"/{bucket}/a")).IsOk();
        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsRefused(
            403,
            "AccessDenied"
        );
        (await SendAsync("leader", "PUT", $"/{bucket}/b", "x", ("x-amz-acl", "public-read"))).IsRefused(
            403,
            "AccessDenied"
        );
    }

    [Fact]
    public async Task Ownership_by_the_bucket_and_an_acl_for_everyone_exclude_each_other()
    {
        var bucket = await NewBucketAsync();
        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsOk();
        (await SendAsync("leader", "PUT", $"/{bucket}?ownershipControls", OwnerEnforced)).IsRefused(
            400,
            "InvalidBucketAclWithObjectOwnership"
        );

        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "private"))).IsOk();
        (await SendAsync("leader", "PUT", $"/{bucket}?ownershipControls", OwnerEnforced)).IsOk();
        (await SendAsync("leader", "PUT", $"/{bucket}?acl", "", ("x-amz-acl", "public-read"))).IsRefused(
            400,
            "AccessControlListNotSupported"
        );
    }

    [Fact]
    public async Task A_request_that_expects_another_owner_is_refused()
    {
        var bucket = await NewBucketAsync();
        (await SendAsync("leader", "GET", $"/{bucket}/a", headers: [("x-amz-expected-bucket-owner", "leader")])).IsOk();

        (
            await SendAsync("leader", "GET", $"/{bucket}/a", headers: [("x-amz-expected-bucket-owner", "mallory")])
        ).IsRefused(403, "AccessDenied");
        (await SendAsync("leader", "PUT", $"/{bucket}/a", "new", ("x-amz-expected-bucket-owner", "mallory"))).IsRefused(
            403,
            "AccessDenied"
        );

        Assert.Equal("text", (await SendAsync("leader", "GET", $"/{bucket}/a")).Text);
    }

    async Task<string> IsPublicAsync(string bucket) =>
        (await SendAsync("leader", "GET", $"/{bucket}?policyStatus")).IsOk().Xml.Element(Xmlns + "IsPublic")!.Value;
}
