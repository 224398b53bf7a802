using System.Globalization;
using System.Net;
using System.Xml.Linq;
using Harima.Access;
using Harima.Proposals;
using Harima.S3.Signing;
using Harima.Sequences;
using Harima.Storage;
using Harima.Workspaces;

namespace Harima.Gateway;

public sealed class VersioningOnSqlite(SqliteHarima harima) : VersioningTests(harima);

public sealed class VersioningOnPostgres(PostgresHarima harima) : VersioningTests(harima);

/// <summary>Buckets that keep versions: each test has a bucket of its own.</summary>
public abstract class VersioningTests(RunningHarima harima) : GatewayTests(harima)
{
    const string Enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    const string Suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";

    async Task<string> NewBucketAsync(string? versioning = Enabled)
    {
        var name = "versions-" + NewSequence().ToLowerInvariant();
        await Harima
            .Get<CreateWorkspace>()
            .HandleAsync(new CreateWorkspaceRequest(name, "Versions"), RunningHarima.PrincipalOf("leader"), Token);
        if (versioning is not null)
            await SetAsync(name, versioning);
        return name;
    }

    async Task SetAsync(string bucket, string versioning) =>
        (await SendAsync("leader", "PUT", $"/{bucket}?versioning", versioning)).IsOk();

    /// <summary>Stores text and returns the id of its version; null where none is told.</summary>
    async Task<string?> PutTextAsync(string target, string text) =>
        (await SendAsync("leader", "PUT", target, text)).IsOk().Header("x-amz-version-id");

    Task<Answer> GetAsync(string target, string? version = null) =>
        SendAsync("leader", "GET", version is null ? target : $"{target}?versionId={version}");

    async Task<string[]> PutManyAsync(string target, params string[] texts)
    {
        var ids = new List<string>();
        foreach (var text in texts)
            ids.Add((await PutTextAsync(target, text))!);
        return [.. ids];
    }

    async Task<XElement> ListAsync(string bucket, string query = "") =>
        (await SendAsync("leader", "GET", $"/{bucket}?versions{query}")).IsOk().Xml;

    /// <summary>What is listed, such as <c>a v1 latest</c> or <c>a v2 marker</c>.</summary>
    static string[] Shown(XElement xml) =>
        [
            .. xml.Elements()
                .Where(element => element.Name.LocalName is "Version" or "DeleteMarker")
                .Select(element =>
                    Value(element, "Key")
                    + " "
                    + Value(element, "VersionId")
                    + (element.Name.LocalName == "DeleteMarker" ? " marker" : "")
                    + (Value(element, "IsLatest") == "true" ? " latest" : "")
                ),
        ];

    static string? Value(XElement xml, string name) => xml.Element(Xmlns + name)?.Value;

    /// <summary>What people and programs find who read the tree in place, where there is one: null for no file.</summary>
    async Task RequireInTreeAsync(string bucket, string key, string? text)
    {
        if (!Harima.HasTree)
            return;
        var path = Path.Combine(Harima.Get<PosixStore>().Root, bucket, key);
        Assert.Equal(text, File.Exists(path) ? await File.ReadAllTextAsync(path, Token) : null);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("\"d41d8cd98f00b204e9800998ecf8427e\"")]
    public async Task Removing_under_a_condition_what_is_not_there_leaves_no_marker(string tag)
    {
        var bucket = await NewBucketAsync();

        (await SendAsync("leader", "DELETE", $"/{bucket}/a", headers: [("If-Match", tag)])).IsOk(
            HttpStatusCode.NoContent
        );
        Assert.Empty(Shown(await ListAsync(bucket)));

        await PutTextAsync($"/{bucket}/a", "text");
        (await SendAsync("leader", "DELETE", $"/{bucket}/a")).IsOk(HttpStatusCode.NoContent);
        var hidden = Shown(await ListAsync(bucket));
        var again = await SendAsync("leader", "DELETE", $"/{bucket}/a", headers: [("If-Match", tag)]);
        if (tag == "*")
            again.IsOk(HttpStatusCode.NoContent);
        else
            again.IsRefused(412, "PreconditionFailed");
        Assert.Equal(hidden, Shown(await ListAsync(bucket)));
    }

    [Fact]
    public async Task Only_those_who_manage_a_bucket_decide_whether_it_keeps_versions()
    {
        (await SendAsync("member", "PUT", $"/{Bucket}?versioning", Enabled)).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "PUT", $"/{PrivateBucket}?versioning", Enabled)).IsRefused(404, "NoSuchBucket");
        (await SendAsync(Anonymous, "PUT", $"/{PrivateBucket}?versioning", Enabled)).IsRefused(403, "AccessDenied");
        var read = (await SendAsync("leader", "GET", $"/{Bucket}?versioning")).IsOk();
        Assert.Empty(read.Xml.Elements());
    }

    [Theory]
    [InlineData("<VersioningConfiguration/>", 400, "IllegalVersioningConfigurationException")]
    [InlineData(
        "<VersioningConfiguration><Status>Off</Status></VersioningConfiguration>",
        400,
        "IllegalVersioningConfigurationException"
    )]
    [InlineData("<Other><Status>Enabled</Status></Other>", 400, "MalformedXML")]
    [InlineData("no xml", 400, "MalformedXML")]
    [InlineData(
        "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
        501,
        "NotImplemented"
    )]
    public async Task Configurations_that_cannot_be_are_refused(string body, int status, string code)
    {
        var bucket = await NewBucketAsync(versioning: null);
        (await SendAsync("leader", "PUT", $"/{bucket}?versioning", body)).IsRefused(status, code);
        Assert.Empty((await SendAsync("leader", "GET", $"/{bucket}?versioning")).IsOk().Xml.Elements());
    }

    [Fact]
    public async Task The_state_is_told()
    {
        var bucket = await NewBucketAsync();
        Assert.Equal("Enabled", Value((await SendAsync("leader", "GET", $"/{bucket}?versioning")).Xml, "Status"));
        await SetAsync(bucket, Suspended);
        Assert.Equal("Suspended", Value((await SendAsync("leader", "GET", $"/{bucket}?versioning")).Xml, "Status"));
    }

    [Fact]
    public async Task An_overwrite_keeps_what_was_there_and_the_tree_holds_the_newest()
    {
        var bucket = await NewBucketAsync();
        var target = $"/{bucket}/a/b.txt";

        var ids = await PutManyAsync(target, "one", "two", "three");

        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal("three", (await GetAsync(target)).Text);
        Assert.Equal(ids[2], (await GetAsync(target)).Header("x-amz-version-id"));
        foreach (var (id, text) in ids.Zip(["one", "two", "three"]))
        {
            var read = (await GetAsync(target, id)).IsOk();
            Assert.Equal((text, id), (read.Text, read.Header("x-amz-version-id")));
            var head = (await SendAsync("leader", "HEAD", $"{target}?versionId={id}")).IsOk();
            Assert.Equal(text.Length.ToString(CultureInfo.InvariantCulture), head.Header("Content-Length"));
        }
        await RequireInTreeAsync(bucket, "a/b.txt", "three");
        Assert.Equal(
            [$"a/b.txt {ids[2]} latest", $"a/b.txt {ids[1]}", $"a/b.txt {ids[0]}"],
            Shown(await ListAsync(bucket))
        );
        Assert.Single((await SendAsync("leader", "GET", $"/{bucket}?list-type=2")).Xml.Elements(Xmlns + "Contents"));
    }

    [Fact]
    public async Task A_version_that_is_not_there_does_not_exist()
    {
        var bucket = await NewBucketAsync();
        var target = $"/{bucket}/a";
        await PutTextAsync(target, "x");
        (await GetAsync(target, "0123456789abcdef0123456789abcdef")).IsRefused(404, "NoSuchVersion");
        (await GetAsync(target, "null")).IsRefused(404, "NoSuchVersion");
        (await GetAsync(target, "%C3%A9'--")).IsRefused(404, "NoSuchVersion");
        (await SendAsync("leader", "DELETE", target + "?versionId=none")).IsOk(HttpStatusCode.NoContent);
        var unversioned = await NewBucketAsync(versioning: null);
        await PutTextAsync($"/{unversioned}/a", "x");
        (await GetAsync($"/{unversioned}/a", "other")).IsRefused(404, "NoSuchVersion");
        Assert.Equal("x", (await GetAsync($"/{unversioned}/a", "null")).Text);
        Assert.Null((await GetAsync($"/{unversioned}/a")).Header("x-amz-version-id"));
    }

    [Fact]
    public async Task A_delete_only_hides_behind_a_marker_and_removing_the_marker_brings_it_back()
    {
        var bucket = await NewBucketAsync();
        var target = $"/{bucket}/a";
        var first = (await PutTextAsync(target, "kept"))!;

        var deleted = (await SendAsync("leader", "DELETE", target)).IsOk(HttpStatusCode.NoContent);
        var marker = deleted.Header("x-amz-version-id")!;

        Assert.Equal("true", deleted.Header("x-amz-delete-marker"));
        var hidden = await GetAsync(target);
        hidden.IsRefused(404, "NoSuchKey");
        Assert.Equal(("true", marker), (hidden.Header("x-amz-delete-marker"), hidden.Header("x-amz-version-id")));
        var named = await GetAsync(target, marker);
        named.IsRefused(405, "MethodNotAllowed");
        Assert.Equal(("true", "DELETE"), (named.Header("x-amz-delete-marker"), named.Header("Allow")));
        Assert.NotNull(named.Header("Last-Modified"));
        Assert.Equal(405, (int)(await SendAsync("leader", "HEAD", $"{target}?versionId={marker}")).Status);
        Assert.Equal("kept", (await GetAsync(target, first)).Text);
        await RequireInTreeAsync(bucket, "a", null);
        Assert.Empty((await SendAsync("leader", "GET", $"/{bucket}")).Xml.Elements(Xmlns + "Contents"));
        Assert.Equal([$"a {marker} marker latest", $"a {first}"], Shown(await ListAsync(bucket)));

        var back = (await SendAsync("leader", "DELETE", $"{target}?versionId={marker}")).IsOk(HttpStatusCode.NoContent);

        Assert.Equal(("true", marker), (back.Header("x-amz-delete-marker"), back.Header("x-amz-version-id")));
        Assert.Equal("kept", (await GetAsync(target)).Text);
        await RequireInTreeAsync(bucket, "a", "kept");
        Assert.Equal([$"a {first} latest"], Shown(await ListAsync(bucket)));
    }

    [Fact]
    public async Task Removing_the_current_version_makes_the_one_before_current_again()
    {
        var bucket = await NewBucketAsync();
        var target = $"/{bucket}/a";
        var ids = await PutManyAsync(target, "one", "two", "three");

        (await SendAsync("leader", "DELETE", $"{target}?versionId={ids[2]}")).IsOk(HttpStatusCode.NoContent);
        Assert.Equal("two", (await GetAsync(target)).Text);
        await RequireInTreeAsync(bucket, "a", "two");
        (await SendAsync("leader", "DELETE", $"{target}?versionId={ids[0]}")).IsOk(HttpStatusCode.NoContent);
        Assert.Equal([$"a {ids[1]} latest"], Shown(await ListAsync(bucket)));
        (await SendAsync("leader", "DELETE", $"{target}?versionId={ids[1]}")).IsOk(HttpStatusCode.NoContent);

        Assert.Empty(Shown(await ListAsync(bucket)));
        var gone = await GetAsync(target);
        gone.IsRefused(404, "NoSuchKey");
        Assert.Equal("false", gone.Header("x-amz-delete-marker"));
        await RequireInTreeAsync(bucket, "a", null);
    }

    [Fact]
    public async Task What_was_there_before_is_the_null_version()
    {
        var bucket = await NewBucketAsync(versioning: null);
        var target = $"/{bucket}/a";
        Assert.Null(await PutTextAsync(target, "before"));
        await SetAsync(bucket, Enabled);
        Assert.Equal("null", (await GetAsync(target)).Header("x-amz-version-id"));

        var id = (await PutTextAsync(target, "after"))!;

        Assert.Equal("before", (await GetAsync(target, "null")).Text);
        Assert.Equal([$"a {id} latest", "a null"], Shown(await ListAsync(bucket)));
        (await SendAsync("leader", "DELETE", $"{target}?versionId={id}")).IsOk(HttpStatusCode.NoContent);
        Assert.Equal("before", (await GetAsync(target)).Text);
    }

    [Fact]
    public async Task Suspended_there_is_one_null_version_and_the_others_stay()
    {
        var bucket = await NewBucketAsync();
        var target = $"/{bucket}/a";
        var id = (await PutTextAsync(target, "versioned"))!;
        await SetAsync(bucket, Suspended);

        Assert.Null(await PutTextAsync(target, "null 1"));
        Assert.Null(await PutTextAsync(target, "null 2"));

        Assert.Equal(["a null latest", $"a {id}"], Shown(await ListAsync(bucket)));
        Assert.Equal("null 2", (await GetAsync(target, "null")).Text);
        Assert.Equal("versioned", (await GetAsync(target, id)).Text);

        var deleted = (await SendAsync("leader", "DELETE", target)).IsOk(HttpStatusCode.NoContent);

        Assert.Equal("null", deleted.Header("x-amz-version-id"));
        Assert.Equal(["a null marker latest", $"a {id}"], Shown(await ListAsync(bucket)));
        await PutTextAsync(target, "null 3");
        Assert.Equal(["a null latest", $"a {id}"], Shown(await ListAsync(bucket)));
        Assert.Equal("null 3", (await GetAsync(target)).Text);
        // Enabled again, the null version is kept like any other, and replaced by the next null one wherever it is.
        await SetAsync(bucket, Enabled);
        var second = (await PutTextAsync(target, "versioned 2"))!;
        Assert.Equal([$"a {second} latest", "a null", $"a {id}"], Shown(await ListAsync(bucket)));
        await SetAsync(bucket, Suspended);
        await PutTextAsync(target, "null 4");
        Assert.Equal(["a null latest", $"a {second}", $"a {id}"], Shown(await ListAsync(bucket)));
    }

    [Fact]
    public async Task Markers_stack_and_a_key_that_never_was_gets_one_too()
    {
        var bucket = await NewBucketAsync();
        var markers = new List<string>();
        for (var n = 0; n < 3; n++)
            markers.Add((await SendAsync("leader", "DELETE", $"/{bucket}/never")).Header("x-amz-version-id")!);
        Assert.Equal(
            [$"never {markers[2]} marker latest", $"never {markers[1]} marker", $"never {markers[0]} marker"],
            Shown(await ListAsync(bucket))
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Pages_hold_every_version_once_and_in_order(int size)
    {
        var bucket = await NewBucketAsync();
        var expected = new List<string>();
        foreach (var key in new[] { "a", "b/1", "b/2", "c" })
        {
            var ids = await PutManyAsync($"/{bucket}/{key}", "1", "2", "3");
            expected.AddRange([$"{key} {ids[2]} latest", $"{key} {ids[1]}", $"{key} {ids[0]}"]);
        }
        var marker = (await SendAsync("leader", "DELETE", $"/{bucket}/c")).Header("x-amz-version-id");
        expected[9] = expected[9].Replace(" latest", "", StringComparison.Ordinal);
        expected.Insert(9, $"c {marker} marker latest");

        Assert.Equal(expected, await AllPagesAsync(bucket, size, "", remove: false));
        Assert.Equal(
            [.. expected.Where(entry => !entry.StartsWith("b/", StringComparison.Ordinal)), "b/"],
            await AllPagesAsync(bucket, size, "&delimiter=/", remove: false)
        );
        Assert.Equal(
            expected.Where(entry => entry.StartsWith("b/", StringComparison.Ordinal)),
            await AllPagesAsync(bucket, size, "&prefix=b/", remove: false)
        );
        // As programs empty a bucket: each page is removed before the next is asked for.
        Assert.Equal(
            expected.Select(entry => entry.Split(' ')[1]),
            (await AllPagesAsync(bucket, size, "", remove: true)).Select(entry => entry.Split(' ')[1])
        );
        Assert.Empty(Shown(await ListAsync(bucket)));
    }

    async Task<List<string>> AllPagesAsync(string bucket, int size, string query, bool remove)
    {
        var (found, groups, next) = (new List<string>(), new List<string>(), "");
        do
        {
            var xml = await ListAsync(bucket, $"{query}&max-keys={size}{next}");
            var page = Shown(xml);
            found.AddRange(page);
            groups.AddRange(xml.Elements(Xmlns + "CommonPrefixes").Select(group => Value(group, "Prefix")!));
            Assert.True(page.Length <= size);
            foreach (var entry in remove ? page.Select(entry => entry.Split(' ')) : [])
                await SendAsync("leader", "DELETE", $"/{bucket}/{entry[0]}?versionId={entry[1]}");
            next = Value(xml, "NextKeyMarker") is { } key ? "&key-marker=" + UriEncoding.Encode(key) : "";
            if (Value(xml, "NextVersionIdMarker") is { } version)
                next += "&version-id-marker=" + version;
        } while (next.Length > 0);
        return [.. found, .. groups];
    }

    [Fact]
    public async Task Many_are_deleted_at_once_with_their_versions()
    {
        var bucket = await NewBucketAsync();
        var ids = await PutManyAsync($"/{bucket}/a", "1", "2");
        await PutTextAsync($"/{bucket}/b", "1");

        var marked = (
            await SendAsync("leader", "POST", $"/{bucket}?delete", "<Delete><Object><Key>b</Key></Object></Delete>")
        ).IsOk();
        var marker = Value(marked.Xml.Element(Xmlns + "Deleted")!, "DeleteMarkerVersionId");
        Assert.Equal("true", Value(marked.Xml.Element(Xmlns + "Deleted")!, "DeleteMarker"));
        var body =
            $"<Delete><Object><Key>a</Key><VersionId>{ids[0]}</VersionId></Object>"
            + $"<Object><Key>a</Key><VersionId>{ids[1]}</VersionId></Object>"
            + $"<Object><Key>b</Key><VersionId>{marker}</VersionId></Object></Delete>";
        var removed = (await SendAsync("leader", "POST", $"/{bucket}?delete", body)).IsOk();

        var last = removed.Xml.Elements(Xmlns + "Deleted").Last();
        Assert.Equal((marker, marker), (Value(last, "VersionId"), Value(last, "DeleteMarkerVersionId")));
        Assert.Null(Value(removed.Xml.Elements(Xmlns + "Deleted").First(), "DeleteMarker"));
        Assert.Single(Shown(await ListAsync(bucket)));
        Assert.Equal("1", (await GetAsync($"/{bucket}/b")).Text);
        (await SendAsync("leader", "POST", $"/{bucket}?delete", body)).IsOk();
    }

    [Fact]
    public async Task An_older_version_can_be_copied_also_over_the_current_one()
    {
        var bucket = await NewBucketAsync();
        var target = $"/{bucket}/a";
        var ids = await PutManyAsync(target, "old", "new");
        var marker = (await SendAsync("leader", "DELETE", $"/{bucket}/b")).Header("x-amz-version-id");

        var copied = await SendAsync(
            "leader",
            "PUT",
            target,
            headers: ("x-amz-copy-source", $"{target}?versionId={ids[0]}")
        );

        Assert.Equal(ids[0], copied.IsOk().Header("x-amz-copy-source-version-id"));
        Assert.Equal("old", (await GetAsync(target)).Text);
        Assert.Equal(copied.Header("x-amz-version-id"), (await GetAsync(target)).Header("x-amz-version-id"));
        Assert.Equal(3, Shown(await ListAsync(bucket, "&prefix=a")).Length);
        (
            await SendAsync("leader", "PUT", target, headers: ("x-amz-copy-source", $"{target}?versionId=none"))
        ).IsRefused(404, "NoSuchVersion");
        (
            await SendAsync("leader", "PUT", target, headers: ("x-amz-copy-source", $"/{bucket}/b?versionId={marker}"))
        ).IsRefused(400, "InvalidRequest");
        (await SendAsync("leader", "PUT", target, headers: ("x-amz-copy-source", $"/{bucket}/b"))).IsRefused(
            404,
            "NoSuchKey"
        );
    }

    [Fact]
    public async Task A_part_can_be_copied_from_an_older_version_and_the_whole_gets_a_version()
    {
        var bucket = await NewBucketAsync();
        var ids = await PutManyAsync($"/{bucket}/a", "0123456789", "new");
        var begun = (await SendAsync("leader", "POST", $"/{bucket}/big?uploads")).IsOk();
        var upload = $"/{bucket}/big?uploadId={Value(begun.Xml, "UploadId")}";

        var part = await SendAsync(
            "leader",
            "PUT",
            upload + "&partNumber=1",
            headers:
            [
                ("x-amz-copy-source", $"/{bucket}/a?versionId={ids[0]}"),
                ("x-amz-copy-source-range", "bytes=2-4"),
            ]
        );
        Assert.Equal(ids[0], part.IsOk().Header("x-amz-copy-source-version-id"));
        var done = await SendAsync(
            "leader",
            "POST",
            upload,
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{Value(part.Xml, "ETag")}</ETag></Part></CompleteMultipartUpload>"
        );

        Assert.NotNull(done.IsOk().Header("x-amz-version-id"));
        Assert.Equal("234", (await GetAsync($"/{bucket}/big")).Text);
    }

    [Fact]
    public async Task At_once_nothing_is_lost()
    {
        var bucket = await NewBucketAsync();
        var target = $"/{bucket}/a";
        var ids = await Task.WhenAll(
            Enumerable
                .Range(0, 24)
                .Select(async n => (Text: $"text {n}", Id: (await PutTextAsync(target, $"text {n}"))!))
        );

        Assert.Equal(24, Shown(await ListAsync(bucket)).Length);
        await Parallel.ForEachAsync(
            ids,
            Token,
            async (one, _) => Assert.Equal(one.Text, (await GetAsync(target, one.Id)).Text)
        );
        await Parallel.ForEachAsync(
            ids,
            Token,
            async (one, _) => await SendAsync("leader", "DELETE", $"{target}?versionId={one.Id}")
        );
        Assert.Empty(Shown(await ListAsync(bucket)));
        await RequireInTreeAsync(bucket, "a", null);
        var versions = Path.Combine(Harima.Get<PosixStore>().Root, ".harima", "versions");
        Assert.DoesNotContain(
            Directory.GetFiles(versions, "*", SearchOption.AllDirectories),
            file => File.ReadAllText(file).StartsWith("text ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_closed_sequence_is_immutable_in_all_its_versions_and_counts_current_files()
    {
        var proposal = "2026V" + NewSequence()[1..];
        await Harima
            .Get<CreateProposal>()
            .HandleAsync(
                new CreateProposalRequest(
                    proposal,
                    "Versions",
                    "版",
                    "BL14B2",
                    new DateOnly(2026, 4, 1),
                    new DateOnly(2026, 9, 30),
                    "leader",
                    ["member"]
                ),
                RunningHarima.PrincipalOf("admin"),
                Token
            );
        var bucket = proposal.ToLowerInvariant();
        await SetAsync(bucket, Enabled);
        var target = $"/{bucket}/S1/a";
        var ids = await PutManyAsync(target, "1", "22", "333");
        await PutTextAsync($"/{bucket}/S1/b", "4444");
        Assert.Equal((7, 2), await SizeAsync(proposal));
        (await SendAsync("leader", "DELETE", $"{target}?versionId={ids[2]}")).IsOk(HttpStatusCode.NoContent);
        Assert.Equal((6, 2), await SizeAsync(proposal));
        var marker = (await SendAsync("leader", "DELETE", target)).Header("x-amz-version-id");
        Assert.Equal((4, 1), await SizeAsync(proposal));
        (await SendAsync("leader", "DELETE", $"{target}?versionId={ids[0]}")).IsOk(HttpStatusCode.NoContent);
        Assert.Equal((4, 1), await SizeAsync(proposal));
        (await SendAsync("leader", "DELETE", $"{target}?versionId={marker}")).IsOk(HttpStatusCode.NoContent);
        Assert.Equal((6, 2), await SizeAsync(proposal));

        await Harima.Get<CloseSequence>().HandleAsync(proposal, "S1", RunningHarima.PrincipalOf("leader"), Token);

        (await SendAsync("leader", "DELETE", $"{target}?versionId={ids[1]}")).IsRefused(403, "AccessDenied");
        (await SendAsync("leader", "DELETE", target)).IsRefused(403, "AccessDenied");
        (await SendAsync("leader", "PUT", target, "5")).IsRefused(403, "AccessDenied");
        (await SendAsync("leader", "PUT", target + "?tagging", "<Tagging><TagSet/></Tagging>")).IsRefused(
            403,
            "AccessDenied"
        );
        Assert.Equal("22", (await GetAsync(target, ids[1])).Text);
    }

    async Task<(long, long)> SizeAsync(string proposal)
    {
        var view = await Harima
            .Get<SequenceQueries>()
            .GetAsync(RunningHarima.PrincipalOf("leader"), proposal, "S1", Token);
        return (view.Sequence.SizeBytes, view.Sequence.FileCount);
    }

    [Fact]
    public async Task Readers_see_versions_and_change_none()
    {
        var bucket = await NewBucketAsync();
        var target = $"/{bucket}/a";
        var ids = await PutManyAsync(target, "old", "new");
        (await SendAsync("stranger", "GET", $"{target}?versionId={ids[0]}")).IsRefused(404, "NoSuchBucket");
        await Harima
            .Get<ShareWorkspace>()
            .HandleAsync(
                new ShareWorkspaceRequest(bucket, "stranger", Right.Read),
                RunningHarima.PrincipalOf("leader"),
                Token
            );

        Assert.Equal("old", (await SendAsync("stranger", "GET", $"{target}?versionId={ids[0]}")).Text);
        (await SendAsync("stranger", "DELETE", $"{target}?versionId={ids[0]}")).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "DELETE", target)).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "PUT", $"/{bucket}?versioning", Suspended)).IsRefused(403, "AccessDenied");
        Assert.Equal(2, Shown(await ListAsync(bucket)).Length);
    }

    [Fact]
    public async Task A_workspace_with_older_versions_is_not_empty()
    {
        var bucket = await NewBucketAsync();
        await PutTextAsync($"/{bucket}/a", "x");
        var marker = (await SendAsync("leader", "DELETE", $"/{bucket}/a")).Header("x-amz-version-id");
        var leader = RunningHarima.PrincipalOf("leader");

        await Assert.ThrowsAnyAsync<Exception>(() => Harima.Get<DeleteWorkspace>().HandleAsync(bucket, leader, Token));
        foreach (var entry in Shown(await ListAsync(bucket)))
            await SendAsync("leader", "DELETE", $"/{bucket}/a?versionId={entry.Split(' ')[1]}");

        await Harima.Get<DeleteWorkspace>().HandleAsync(bucket, leader, Token);
        Assert.NotNull(marker);
    }
}
