using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Harima.Gateway;

namespace Harima.Clients;

public sealed class GakuNinRdmOnSqlite(SqliteHarima harima) : GakuNinRdmTests(harima);

public sealed class GakuNinRdmOnPostgres(PostgresHarima harima) : GakuNinRdmTests(harima);

/// <summary>Everything GakuNin RDM does with a bucket, by the requests it sends.</summary>
public abstract class GakuNinRdmTests(RunningHarima harima) : GatewayTests(harima)
{
    static readonly XNamespace Ns = GakuNinRdm.Xmlns;
    readonly string _root = NewSequence() + "/";

    GakuNinRdm Rdm(string user, bool encrypts = false) =>
        new(Harima.Http, Harima.S3, Bucket, Harima.KeyOf(user)) { EncryptsUploads = encrypts };

    static string Md5Of(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

    [Fact]
    public async Task What_one_may_not_read_does_not_exist()
    {
        await PutAsync(_root + "a", "x", PrivateBucket);
        var stranger = new GakuNinRdm(Harima.Http, Harima.S3, PrivateBucket, Harima.KeyOf("stranger"));

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.HeadAsync(_root + "a", Token)).Status);
        (await stranger.GetAsync(_root + "a", Token)).IsRefused(404, "NoSuchBucket");
        (await stranger.ListAsync(_root, 1000, null, Token)).IsRefused(404, "NoSuchBucket");
        (await stranger.AccountAsync("HEAD", $"/{PrivateBucket}/", "", Token)).IsOk(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_wrong_secret_is_refused() =>
        (
            await new GakuNinRdm(
                Harima.Http,
                Harima.S3,
                Bucket,
                Harima.KeyOf("leader") with
                {
                    SecretKey = "wrong",
                }
            ).GetAsync("a", Token)
        ).IsRefused(403, "SignatureDoesNotMatch");

    [Fact]
    public async Task An_account_and_its_bucket_are_set_up()
    {
        var rdm = Rdm("leader");

        var buckets = (await rdm.AccountAsync("GET", "/", "", Token)).IsOk().Xml;
        Assert.Equal("leader", buckets.Element(Ns + "Owner")!.Element(Ns + "ID")!.Value);
        Assert.Equal("leader", buckets.Element(Ns + "Owner")!.Element(Ns + "DisplayName")!.Value);
        Assert.Contains(
            Bucket,
            buckets.Descendants(Ns + "Bucket").Select(bucket => bucket.Element(Ns + "Name")!.Value)
        );
        (await rdm.AccountAsync("HEAD", $"/{Bucket}/", "", Token)).IsOk();
        Assert.Equal(
            "LocationConstraint",
            (await rdm.AccountAsync("GET", $"/{Bucket}/", "location", Token)).IsOk().Xml.Name.LocalName
        );
    }

    [Theory]
    [InlineData("scan 0001.h5", false)]
    [InlineData("scan+1 50%.h5", true)]
    [InlineData("試料/反射率.csv", true)]
    public async Task A_file_goes_up_and_comes_down(string name, bool encrypts)
    {
        var rdm = Rdm("member", encrypts);
        var bytes = RandomNumberGenerator.GetBytes(70_000);

        Assert.Equal(HttpStatusCode.NotFound, (await rdm.HeadAsync(_root + name, Token)).Status);
        Assert.Equal(Md5Of(bytes), (await rdm.PutAsync(_root + name, bytes, Token)).IsOk().ETag);

        var head = (await rdm.HeadAsync(_root + name, Token)).IsOk();
        Assert.Equal((Md5Of(bytes), "70000"), (head.ETag, head.Header("Content-Length")));
        Assert.NotNull(head.Header("Content-Type"));
        Assert.NotNull(head.Header("Last-Modified"));
        var disposition = $"attachment; filename=\"{name}\"; filename*=UTF-8''x%20y";
        var got = (await rdm.GetAsync(_root + name, Token, disposition)).IsOk();
        Assert.Equal(bytes, got.Body);
        Assert.Equal(head.ETag, got.ETag);
        Assert.Equal(
            disposition,
            Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(got.Header("Content-Disposition")!))
        );
        var part = await rdm.GetAsync(_root + name, Token, disposition, "bytes=10-19");
        Assert.Equal(bytes[10..20], part.IsOk(HttpStatusCode.PartialContent).Body);
    }

    [Fact]
    public async Task A_large_file_goes_in_parts()
    {
        var rdm = Rdm("leader");
        var bytes = RandomNumberGenerator.GetBytes((2 * GakuNinRdm.ChunkBytes) + 12_345);

        var completed = (await rdm.PutInPartsAsync(_root + "large.bin", bytes, Token)).IsOk();

        Assert.Equal("CompleteMultipartUploadResult", completed.Xml.Name.LocalName);
        Assert.Equal(bytes, (await rdm.GetAsync(_root + "large.bin", Token)).Body);
    }

    [Fact]
    public async Task An_upload_that_is_given_up_leaves_nothing()
    {
        var rdm = Rdm("leader");
        var uploadId = await rdm.InitiateAsync(_root + "large.bin", Token);
        (await rdm.PutPartAsync(_root + "large.bin", uploadId, 1, [1, 2, 3], Token)).IsOk();

        (await rdm.AbortAsync(_root + "large.bin", uploadId, Token)).IsOk(HttpStatusCode.NoContent);

        (await rdm.ListPartsAsync(_root + "large.bin", uploadId, Token)).IsRefused(404, "NoSuchUpload");
        Assert.Equal(HttpStatusCode.NotFound, (await rdm.HeadAsync(_root + "large.bin", Token)).Status);
    }

    [Fact]
    public async Task Folders_are_made_and_listed_page_by_page()
    {
        var rdm = Rdm("leader");
        (await rdm.PutAsync(_root + "new folder/", [], Token)).IsOk();
        (await rdm.HeadAsync(_root + "new folder/", Token)).IsOk();
        string[] files = [.. Enumerable.Range(0, 7).Select(n => $"{_root}f {n}.dat")];
        foreach (var file in files)
            (await rdm.PutAsync(file, [1], Token)).IsOk();
        (await rdm.PutAsync(_root + "raw/a+b/1", [1], Token)).IsOk();

        string[] all = [.. files, _root + "new folder/", _root + "raw/"];
        Assert.Equal(all, await rdm.ListAllAsync(_root, 1000, Token));
        Assert.Equal(all, await rdm.ListAllAsync(_root, 2, Token));
        Assert.Equal([_root + "raw/a+b/1"], await rdm.ListAllAsync(_root + "raw/a+b/", 1000, Token));
        Assert.Equal([_root + "new folder/"], await rdm.ListAllAsync(_root + "new folder/", 1000, Token));
    }

    // It never copies on the server: it downloads and uploads.
    [Fact]
    public async Task Files_are_copied_and_deleted()
    {
        var rdm = Rdm("leader");
        (await rdm.PutAsync(_root + "a b", [1, 2, 3], Token)).IsOk();

        (await rdm.PutAsync(_root + "copy", (await rdm.GetAsync(_root + "a b", Token)).Body, Token)).IsOk();
        (await rdm.DeleteAsync(_root + "a b", Token)).IsOk(HttpStatusCode.NoContent);
        await rdm.DeleteManyAsync(
            new XElement(
                "Delete",
                new XElement("Object", new XElement("Key", _root + "copy"), new XElement("VersionId", "null"))
            ),
            Token
        );

        Assert.Empty(await rdm.ListAllAsync(_root, 1000, Token));
    }

    [Fact]
    public async Task An_expired_address_is_refused()
    {
        var url = FormattableString.Invariant(
            $"/{Bucket}/{_root}a?Signature=x&Expires={TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 1}&AWSAccessKeyId={Harima.KeyOf("leader").AccessKeyId}"
        );
        var answer = await SendAsync(Anonymous, "GET", url);
        answer.IsRefused(403, "AccessDenied");
        Assert.Contains("expired", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revisions_are_listed_and_a_file_is_deleted_by_its_version()
    {
        var rdm = Rdm("leader");
        foreach (var name in new[] { "a b", "a b.bak", "a b/under" })
            (await rdm.PutAsync(_root + name, [1, 2, 3], Token)).IsOk();

        var listed = (await rdm.ListVersionsAsync(_root + "a b", delimited: true, Token)).IsOk().Xml;
        var revision = Assert.Single(
            listed.Elements(Ns + "Version"),
            version => version.Element(Ns + "Key")!.Value == _root + "a b"
        );
        Assert.Equal("null", revision.Element(Ns + "VersionId")!.Value);
        Assert.Equal("true", revision.Element(Ns + "IsLatest")!.Value);
        Assert.Equal(Md5Of([1, 2, 3]), revision.Element(Ns + "ETag")!.Value.Trim('"'));
        Assert.Equal("false", listed.Element(Ns + "IsTruncated")!.Value);

        Assert.Equal(1, await rdm.DeleteVersionsAsync(_root + "a b", folder: false, Token));
        Assert.Equal([_root + "a b.bak", _root + "a b/"], await rdm.ListAllAsync(_root, 1000, Token));
    }

    [Fact]
    public async Task A_folder_is_deleted_with_all_that_is_in_it()
    {
        var rdm = Rdm("leader");
        foreach (var name in new[] { "dir/", "dir/1", "dir/sub/2", "directory" })
            (await rdm.PutAsync(_root + name, [1], Token)).IsOk();

        Assert.Equal(3, await rdm.DeleteVersionsAsync(_root + "dir/", folder: true, Token));

        Assert.Equal([_root + "directory"], await rdm.ListAllAsync(_root, 1000, Token));
        Assert.Equal(HttpStatusCode.NotFound, (await rdm.HeadAsync(_root + "dir/", Token)).Status);
    }
}
