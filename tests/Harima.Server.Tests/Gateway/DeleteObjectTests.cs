using System.Net;
using System.Security.Cryptography;
using System.Text;
using Harima.Access;
using Harima.Sequences;

namespace Harima.Gateway;

public sealed class DeleteObjectOnSqlite(SqliteHarima harima) : DeleteObjectTests(harima);

public sealed class DeleteObjectOnPostgres(PostgresHarima harima) : DeleteObjectTests(harima);

/// <summary>DeleteObject and DeleteObjects.</summary>
public abstract class DeleteObjectTests(RunningHarima harima) : GatewayTests(harima)
{
    [Fact]
    public async Task Those_who_may_not_write_delete_nothing()
    {
        var target = await NewFileAsync("kept");
        await Harima.ShareAsync(target.Split('/')[2], "stranger", Right.Read);
        var hidden = await NewFileAsync("hidden", bucket: PrivateBucket);

        (await SendAsync("stranger", "DELETE", target)).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "DELETE", hidden)).IsRefused(404, "NoSuchBucket");
        (await SendAsync(Anonymous, "DELETE", hidden)).IsRefused(403, "AccessDenied");

        Assert.Equal("kept", (await SendAsync("leader", "GET", target)).Text);
        Assert.Equal("hidden", (await SendAsync("leader", "GET", hidden)).Text);
    }

    [Fact]
    public async Task Nothing_is_deleted_from_a_closed_sequence()
    {
        var target = await NewFileAsync("kept");
        await Harima
            .Get<CloseSequence>()
            .HandleAsync(RunningHarima.Proposal, target.Split('/')[2], RunningHarima.PrincipalOf("leader"), Token);

        (await SendAsync("leader", "DELETE", target)).IsRefused(403, "AccessDenied");
        var many = await DeleteManyAsync("leader", Bucket, target[(Bucket.Length + 2)..]);

        Assert.Equal("AccessDenied", many.Xml.Element(Xmlns + "Error")!.Element(Xmlns + "Code")!.Value);
        Assert.Equal("kept", (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task Delete_removes_and_deleting_again_succeeds()
    {
        var target = await NewFileAsync("gone");

        (await SendAsync("leader", "DELETE", target)).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "DELETE", target)).IsOk(HttpStatusCode.NoContent);

        (await SendAsync("leader", "GET", target)).IsRefused(404, "NoSuchKey");
        Assert.Null(await Leader.FindObjectAsync(Bucket, target[(Bucket.Length + 2)..], Token));
    }

    [Theory]
    [InlineData("not xml", "MalformedXML")]
    [InlineData("<Delete></Delete>", "MalformedXML")]
    [InlineData("<!DOCTYPE d [<!ENTITY x \"y\">]><Delete><Object><Key>&x;</Key></Object></Delete>", "MalformedXML")]
    public async Task A_malformed_list_is_refused(string body, string code) =>
        (await SendAsync("leader", "POST", $"/{Bucket}?delete", body)).IsRefused(400, code);

    [Fact]
    public async Task A_list_with_a_wrong_digest_is_refused_and_deletes_nothing()
    {
        var target = await NewFileAsync("kept");
        var body = $"<Delete><Object><Key>{target[(Bucket.Length + 2)..]}</Key></Object></Delete>";

        var answer = await SendAsync(
            "leader",
            "POST",
            $"/{Bucket}?delete",
            body,
            ("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")
        );

        answer.IsRefused(400, "BadDigest");
        Assert.Equal("kept", (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task A_list_of_a_bucket_one_may_not_read_meets_no_bucket() =>
        (await DeleteManyAsync("stranger", PrivateBucket, "S/a")).IsRefused(404, "NoSuchBucket");

    [Fact]
    public async Task Many_are_deleted_at_once_and_each_refusal_is_named()
    {
        var sequence = NewSequence();
        string[] keys = [.. Enumerable.Range(0, 40).Select(i => $"{sequence}/a&b {i}")];
        foreach (var key in keys)
            await PutAsync(key, "x");

        var answer = (await DeleteManyAsync("member", Bucket, [.. keys, "no-sequence"])).IsOk();

        Assert.Equal(keys, answer.Xml.Elements(Xmlns + "Deleted").Select(d => d.Element(Xmlns + "Key")!.Value));
        Assert.Equal("no-sequence", answer.Xml.Element(Xmlns + "Error")!.Element(Xmlns + "Key")!.Value);
        var left = await SendAsync("leader", "GET", $"/{Bucket}?prefix={sequence}/");
        Assert.Empty(left.Xml.Elements(Xmlns + "Contents"));
    }

    [Fact]
    public async Task Quiet_names_refusals_only()
    {
        var target = await NewFileAsync("gone");
        var body =
            $"<Delete><Quiet>true</Quiet><Object><Key>{target[(Bucket.Length + 2)..]}</Key><VersionId>null</VersionId></Object></Delete>";

        var answer = (await SendAsync("leader", "POST", $"/{Bucket}?delete=", body)).IsOk();

        Assert.Empty(answer.Xml.Elements());
        (await SendAsync("leader", "GET", target)).IsRefused(404, "NoSuchKey");
    }

    Task<Answer> DeleteManyAsync(string user, string bucket, params string[] keys)
    {
        var objects = keys.Select(key => $"<Object><Key>{WebUtility.HtmlEncode(key)}</Key></Object>");
        var body = $"<Delete xmlns=\"{Xmlns}\">{string.Concat(objects)}</Delete>";
        var md5 = Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(body)));
        return SendAsync(user, "POST", $"/{bucket}?delete", body, ("Content-MD5", md5));
    }
}
