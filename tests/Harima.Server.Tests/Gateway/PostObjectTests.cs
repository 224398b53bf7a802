using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Harima.Identity;
using Harima.S3.Signing;
using static Harima.Gateway.UploadForm;

namespace Harima.Gateway;

public sealed class PostObjectOnSqlite(SqliteHarima harima) : PostObjectTests(harima);

public sealed class PostObjectOnPostgres(PostgresHarima harima) : PostObjectTests(harima);

/// <summary>Upload forms; most of the cases are those of ceph/s3-tests.</summary>
public abstract class PostObjectTests(RunningHarima harima) : GatewayTests(harima)
{
    readonly string _root = NewSequence() + "/";

    Credentials LeaderKey => Harima.KeyOf("leader");

    JsonObject Allowing(params JsonNode[] more) =>
        Policy([new JsonObject { ["bucket"] = Bucket }, StartsWith("key", _root), .. more]);

    Task<Answer> PostAsync(
        IEnumerable<(string Name, string Value)> fields,
        byte[]? file,
        string fileName = "scan.tif",
        string bucket = Bucket
    ) => SendAsync(Anonymous, "POST", "/" + bucket, Content(fields, file, fileName));

    async Task IsAbsentAsync(string key) =>
        (await SendAsync("leader", "HEAD", $"/{Bucket}/{UriEncoding.Encode(key, keepSlash: true)}")).IsOk(
            HttpStatusCode.NotFound
        );

    async Task<byte[]> ReadAsync(string key) =>
        (await SendAsync("leader", "GET", $"/{Bucket}/{UriEncoding.Encode(key, keepSlash: true)}")).IsOk().Body;

    [Fact]
    public async Task Nobody_posts_without_a_policy_unless_allowed()
    {
        (await PostAsync([("key", _root + "a")], [1], bucket: PrivateBucket)).IsRefused(403, "AccessDenied");
        (await PostAsync([("key", _root + "a")], [1], bucket: "no-such-bucket")).IsRefused(403, "AccessDenied");
        await IsAbsentAsync(_root + "a");
    }

    [Fact]
    public async Task A_policy_gives_no_more_than_its_signer_has()
    {
        var fields = SignV2(
            Harima.KeyOf("stranger"),
            Policy(new JsonObject { ["bucket"] = PrivateBucket }, StartsWith("key", _root))
        );
        (await PostAsync([("key", _root + "a"), .. fields], [1], bucket: PrivateBucket)).IsRefused(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Signatures_that_are_wrong_are_refused()
    {
        var wrong = LeaderKey with { SecretKey = "wrong" };
        var unknown = LeaderKey with { AccessKeyId = "HKNOBODY" };
        (string, string) key = ("key", _root + "a");

        (await PostAsync([key, .. SignV2(wrong, Allowing())], [1])).IsRefused(403, "SignatureDoesNotMatch");
        (await PostAsync([key, .. SignV4(wrong, Allowing())], [1])).IsRefused(403, "SignatureDoesNotMatch");
        (await PostAsync([key, .. SignV2(unknown, Allowing())], [1])).IsRefused(403, "InvalidAccessKeyId");
        (await PostAsync([key, .. SignV2(LeaderKey, Allowing())[..1]], [1])).IsRefused(400, "InvalidArgument");
        await IsAbsentAsync(_root + "a");
    }

    [Fact]
    public async Task A_form_that_does_not_keep_to_its_policy_is_refused()
    {
        (string, string) key = ("key", _root + "a");
        async Task RefusedAsync(JsonObject policy, params (string, string)[] fields) =>
            (await PostAsync([.. fields, .. SignV2(LeaderKey, policy)], [1])).IsRefused(403, "AccessDenied");

        await RefusedAsync(Allowing(), ("key", NewSequence() + "/a"));
        await RefusedAsync(Policy(StartsWith("key", _root)), key);
        await RefusedAsync(Policy(new JsonObject { ["bucket"] = "other" }, StartsWith("key", _root)), key);
        await RefusedAsync(
            Policy(new JsonObject { ["bucket"] = "other" }, StartsWith("key", _root)),
            key,
            ("bucket", "other")
        );
        await RefusedAsync(Allowing(), key, ("x-amz-meta-foo", "bar"));
        await RefusedAsync(Allowing(StartsWith("x-amz-meta-foo", "bar")), key);
        await RefusedAsync(Allowing(Eq("x-amz-meta-foo", "")), key, ("x-amz-meta-foo", "bar"));
        var expired = Allowing();
        expired["expiration"] = "2020-01-01T00:00:00Z";
        await RefusedAsync(expired, key);
        await IsAbsentAsync(_root + "a");
    }

    [Fact]
    public async Task A_policy_of_the_wrong_form_is_refused()
    {
        async Task RefusedAsync(JsonObject policy) =>
            (await PostAsync([("key", _root + "a"), .. SignV2(LeaderKey, policy)], [1])).IsRefused(
                400,
                "InvalidPolicyDocument"
            );
        var withoutEnd = Allowing();
        withoutEnd.Remove("expiration");

        await RefusedAsync(withoutEnd);
        await RefusedAsync(Allowing(new JsonObject()));
        await RefusedAsync(Allowing(new JsonArray("content-length-range", 0)));
        await RefusedAsync(Allowing(new JsonArray("content-length-range", -1, 0)));
    }

    [Theory]
    [InlineData(512, 1000, 511, "EntityTooSmall")]
    [InlineData(0, 0, 1, "EntityTooLarge")]
    [InlineData(0, 100_000, 100_001, "EntityTooLarge")]
    [InlineData(0, 100_000, 100_000, null)]
    [InlineData(512, 1000, 512, null)]
    public async Task The_files_size_must_lie_in_its_range(int min, int max, int bytes, string? code)
    {
        var policy = Allowing(new JsonArray("content-length-range", min, max));

        var answer = await PostAsync([("key", _root + "a"), .. SignV4(LeaderKey, policy)], new byte[bytes]);

        if (code is null)
        {
            answer.IsOk(HttpStatusCode.NoContent);
            return;
        }
        answer.IsRefused(400, code);
        await IsAbsentAsync(_root + "a");
    }

    [Fact]
    public async Task A_form_without_key_or_file_is_refused()
    {
        (await PostAsync(SignV2(LeaderKey, Allowing()), [1])).IsRefused(400, "InvalidArgument");
        (await PostAsync([("key", _root + "a"), .. SignV2(LeaderKey, Allowing())], null)).IsRefused(
            400,
            "InvalidArgument"
        );
    }

    [Theory]
    [InlineData("application/json", 412, "PreconditionFailed")]
    [InlineData("multipart/form-data", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=other", 400, "MalformedPOSTRequest")]
    public async Task What_is_no_form_is_refused(string type, int status, string code)
    {
        var content = Content([("key", _root + "a")], [1]);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        (await SendAsync(Anonymous, "POST", "/" + Bucket, content)).IsRefused(status, code);
    }

    [Theory]
    [InlineData("\r\nContent-Disposition: form-data\r\n\r\nx\r\n")]
    [InlineData("\r\nContent-Disposition: attachment; name=\"key\"\r\n\r\nx\r\n")]
    [InlineData("\r\nno header\r\n\r\nx\r\n")]
    [InlineData("\r\n\r\nx")]
    [InlineData("")]
    public async Task A_broken_part_is_refused(string part) =>
        (
            await SendAsync(Anonymous, "POST", "/" + Bucket, Typed(Encoding.ASCII.GetBytes($"--{Boundary}{part}")))
        ).IsRefused(400, "MalformedPOSTRequest");

    [Fact]
    public async Task A_file_whose_end_is_missing_leaves_nothing()
    {
        var form = await Content([("key", _root + "a"), .. SignV2(LeaderKey, Allowing())], new byte[300_000])
            .ReadAsByteArrayAsync(Token);

        (await SendAsync(Anonymous, "POST", "/" + Bucket, Typed(form[..^5_000]))).IsRefused(400, "IncompleteBody");

        await IsAbsentAsync(_root + "a");
    }

    [Fact]
    public async Task A_file_that_ends_with_half_a_boundary_is_refused_and_leaves_nothing()
    {
        var form = await Content([("key", _root + "a"), .. SignV2(LeaderKey, Allowing())], new byte[1000])
            .ReadAsByteArrayAsync(Token);
        var end = form.AsSpan().LastIndexOf("--\r\n"u8);

        (await SendAsync(Anonymous, "POST", "/" + Bucket, Typed([.. form[..end], .. new byte[200]]))).IsRefused(
            400,
            "MalformedPOSTRequest"
        );

        await IsAbsentAsync(_root + "a");
    }

    [Fact]
    public async Task Fields_before_the_file_are_bounded()
    {
        (string, string)[] many = [.. Enumerable.Range(0, 200).Select(n => ($"x-ignore-{n}", "x"))];
        (await PostAsync([("x-ignore-large", new string('x', 30_000))], [1])).IsRefused(
            400,
            "MaxPostPreDataLengthExceeded"
        );
        (await PostAsync(many, [1])).IsRefused(400, "MaxPostPreDataLengthExceeded");
    }

    [Theory]
    [InlineData("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("x-amz-checksum-crc32", "AAAAAA==")]
    [InlineData("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")]
    public async Task A_checksum_in_a_field_is_checked(string field, string valueOfNothing)
    {
        (string, string)[] fields = [("key", _root + "a"), (field, valueOfNothing), .. SignV2(LeaderKey, Allowing())];
        (await PostAsync(fields, [1, 2, 3])).IsRefused(400, "BadDigest");
        await IsAbsentAsync(_root + "a");
        (await PostAsync(fields, [])).IsOk(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_signed_form_stores_its_file_with_metadata(int version)
    {
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var policy = Allowing(
            new JsonObject { ["acl"] = "private" },
            StartsWith("Content-Type", "image/"),
            StartsWith("x-amz-meta-sample", "試"),
            new JsonArray("content-length-range", 0, 5_000_000)
        );
        (string, string)[] signed = version == 2 ? SignV2(LeaderKey, policy) : SignV4(LeaderKey, policy);

        var answer = await PostAsync(
            [
                ("kEy", _root + "sub/${filename}"),
                ("acl", "private"),
                ("Content-Type", "image/tiff"),
                ("x-amz-meta-sample", "試料"),
                ("x-ignore-foo", "bar"),
                .. signed,
            ],
            bytes,
            "C:\\scans\\像 1.tif"
        );

        answer.IsOk(HttpStatusCode.NoContent);
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(bytes)), answer.ETag);
        Assert.Equal(bytes, await ReadAsync(_root + "sub/像 1.tif"));
        var head = await SendAsync("leader", "HEAD", $"/{Bucket}/{_root}sub/%E5%83%8F%201.tif");
        Assert.Equal("image/tiff", head.Header("Content-Type"));
        Assert.Equal("試料", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(head.Header("x-amz-meta-sample")!)));
    }

    [Fact]
    public async Task Session_credentials_sign_forms_within_their_limit()
    {
        var made = await Harima
            .Get<AccessKeys>()
            .CreateSessionAsync(
                RunningHarima.PrincipalOf("leader"),
                new CredentialLimit(Bucket, _root + "in/", MayWrite: true),
                null,
                Token
            );
        var key = new Credentials(made.Key.Id, made.SecretKey, made.SessionToken);
        (await PostAsync([("key", _root + "in/a"), .. SignV4(key, Allowing())], [1])).IsOk(HttpStatusCode.NoContent);
        (await PostAsync([("key", _root + "out/a"), .. SignV4(key, Allowing())], [1])).IsRefused(403, "AccessDenied");
        (
            await PostAsync([("key", _root + "in/a"), .. SignV4(key with { SessionToken = null }, Allowing())], [1])
        ).IsRefused(400, "InvalidToken");
    }

    [Theory]
    [InlineData("200", HttpStatusCode.OK)]
    [InlineData("201", HttpStatusCode.Created)]
    [InlineData("204", HttpStatusCode.NoContent)]
    [InlineData("404", HttpStatusCode.NoContent)]
    public async Task The_form_chooses_the_status(string wanted, HttpStatusCode status)
    {
        var policy = Allowing(Eq("success_action_status", wanted));
        var answer = await PostAsync(
            [("key", _root + "a b"), ("success_action_status", wanted), .. SignV2(LeaderKey, policy)],
            [1]
        );

        answer.IsOk(status);
        Assert.EndsWith($"/{Bucket}/{_root}a%20b", answer.Header("Location"), StringComparison.Ordinal);
        if (status != HttpStatusCode.Created)
        {
            Assert.Empty(answer.Body);
            return;
        }
        Assert.Equal("PostResponse", answer.Xml.Name.LocalName);
        Assert.Equal(_root + "a b", answer.Xml.Element("Key")!.Value);
    }

    [Fact]
    public async Task The_browser_is_sent_where_the_form_says()
    {
        const string page = "https://portal.example.jp/done?of=upload";
        var policy = Allowing(Eq("success_action_redirect", page));

        var answer = await PostAsync(
            [("key", _root + "a"), ("success_action_redirect", page), .. SignV2(LeaderKey, policy)],
            [1]
        );

        answer.IsOk(HttpStatusCode.SeeOther);
        Assert.Equal(
            $"{page}&bucket={Bucket}&key={_root}a&etag=%22{Convert.ToHexStringLower(MD5.HashData([1]))}%22",
            answer.Header("Location")
        );
    }

    [Fact]
    public async Task What_follows_the_file_is_ignored()
    {
        var content = Content(
            [("key", _root + "a"), .. SignV2(LeaderKey, Allowing())],
            [1],
            after: $"--{Boundary}\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\nUpload\r\n"
        );
        (await SendAsync(Anonymous, "POST", $"/{Bucket}/", content)).IsOk(HttpStatusCode.NoContent);
        Assert.Equal([1], await ReadAsync(_root + "a"));
    }
}
