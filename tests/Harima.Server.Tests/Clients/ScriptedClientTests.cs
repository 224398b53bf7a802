using System.IO.Hashing;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Harima.Clients;

public sealed class DebiansBotoOnSqlite(SqliteHarima harima)
    : ChecksummingClientTests(harima, ScriptedClient.DebiansBoto, ["CRC32", "SHA1", "SHA256"]);

public sealed class DebiansBotoOnPostgres(PostgresHarima harima)
    : ChecksummingClientTests(harima, ScriptedClient.DebiansBoto, ["CRC32", "SHA1", "SHA256"]);

public sealed class CurrentBotoOnSqlite(SqliteHarima harima)
    : ChecksummingClientTests(harima, ScriptedClient.CurrentBoto, ["CRC32", "SHA1", "SHA256"]);

public sealed class CurrentBotoOnPostgres(PostgresHarima harima)
    : ChecksummingClientTests(harima, ScriptedClient.CurrentBoto, ["CRC32", "SHA1", "SHA256"]);

public sealed class AwsSdkForJavaScriptOnSqlite(SqliteHarima harima)
    : ChecksummingClientTests(
        harima,
        ScriptedClient.AwsSdkForJavaScript,
        ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]
    );

public sealed class AwsSdkForJavaScriptOnPostgres(PostgresHarima harima)
    : ChecksummingClientTests(
        harima,
        ScriptedClient.AwsSdkForJavaScript,
        ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]
    );

public sealed class MinioOnSqlite(SqliteHarima harima) : ScriptedClientTests(harima, ScriptedClient.Minio);

public sealed class MinioOnPostgres(PostgresHarima harima) : ScriptedClientTests(harima, ScriptedClient.Minio);

/// <summary>What people do with the libraries that others wrote, with the settings they come with.</summary>
public abstract class ScriptedClientTests(RunningHarima harima, ScriptedClient client) : ClientTests(harima)
{
    protected string Root => Sequence + "/";

    protected async Task<JsonElement> RunAsync(string user, params string[] arguments)
    {
        var answer = await client.RunAsync(Harima.S3, Harima.KeyOf(user), Token, arguments);
        Assert.False(answer.TryGetProperty("error", out var code), $"{string.Join(' ', arguments)}: {code}");
        return answer.GetProperty("result");
    }

    async Task<string> RefusalAsync(string user, params string[] arguments) =>
        (await client.RunAsync(Harima.S3, Harima.KeyOf(user), Token, arguments)).GetProperty("error").GetString()!;

    static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];

    [Fact]
    public async Task A_stranger_meets_no_bucket_and_a_loose_key_is_refused()
    {
        Assert.Equal("NoSuchBucket", await RefusalAsync("stranger", "list", PrivateBucket, ""));
        Directory.CreateDirectory(PathOf("loose"));
        await File.WriteAllTextAsync(PathOf("loose/loose.txt"), "in no sequence", Token);
        Assert.Equal("InvalidArgument", await RefusalAsync("leader", "put", PathOf("loose"), Bucket, ""));
    }

    [Fact]
    public async Task Files_of_any_name_and_size_come_back_as_they_went()
    {
        var version = await RunAsync("leader", "version");
        TestContext.Current.TestOutputHelper?.WriteLine(version.ToString());
        var names = Fill();

        await RunAsync("leader", "put", PathOf("up"), Bucket, Root);
        var listed = Strings(await RunAsync("member", "list", Bucket, Root));
        Assert.Equal(names.Select(name => Root + name).Order(StringComparer.Ordinal), listed);
        await RunAsync("member", "get", Bucket, Root, PathOf("down"));
        AreWhole(names, "down");

        // The large one arrived in parts.
        var head = await SendAsync("leader", "HEAD", $"/{Bucket}/{Root}large.bin");
        Assert.Contains("-", head.IsOk().ETag, StringComparison.Ordinal);
        var bytes = await File.ReadAllBytesAsync(PathOf("up/large.bin"), Token);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(9_999_990, 1_000_001))),
            (await RunAsync("member", "read", Bucket, Root + "large.bin", "9999990", "10999990")).GetString()
        );

        await RunAsync("leader", "copy", Bucket, Root + "raw/試料 A+B.tif", Root + "copies/試料 A+B.tif");
        await RunAsync("leader", "copy", Bucket, Root + "large.bin", Root + "copies/large.bin");
        await RunAsync("member", "get", Bucket, Root + "copies/", PathOf("copies"));
        AreWhole(["large.bin"], "copies");
        Assert.Equal(Sha256Of(PathOf("up/raw/試料 A+B.tif")), Sha256Of(PathOf("copies/試料 A+B.tif")));

        Assert.Equal(names.Length + 2, (await RunAsync("leader", "delete", Bucket, Root)).GetInt32());
        Assert.Empty(Strings(await RunAsync("leader", "list", Bucket, Root)));
    }

    [Fact]
    public async Task Its_presigned_URLs_write_and_read()
    {
        var key = Root + "試料 a+b.txt";
        var write = (await RunAsync("leader", "presign-put", Bucket, key)).GetString()!;
        var read = (await RunAsync("member", "presign-get", Bucket, key)).GetString()!;

        using var body = new ByteArrayContent("by presigned URL"u8.ToArray());
        using var put = await Harima.Http.PutAsync(new Uri(write), body, Token);

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal("by presigned URL", await Harima.Http.GetStringAsync(new Uri(read), Token));
        using var forged = await Harima.Http.GetAsync(
            new Uri(read.Replace("a%2Bb", "a%2Bc", StringComparison.Ordinal)),
            Token
        );
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
    }

    [Fact]
    public async Task Its_upload_forms_take_what_their_policy_allows()
    {
        var form = await RunAsync("leader", "form", Bucket, Root + "form/");
        var url = new Uri(form.GetProperty("url").GetString()!);
        var fields = form.GetProperty("fields").EnumerateObject().ToDictionary(f => f.Name, f => f.Value.GetString()!);
        var bytes = RandomNumberGenerator.GetBytes(50_000);

        Assert.Equal(HttpStatusCode.NoContent, await SubmitAsync(url, fields, bytes));
        Assert.Equal(bytes, (await SendAsync("leader", "GET", $"/{Bucket}/{Root}form/scan%201.h5")).IsOk().Body);
        Assert.Equal(HttpStatusCode.BadRequest, await SubmitAsync(url, fields, new byte[1_000_001]));
        fields["key"] = Root + "elsewhere";
        Assert.Equal(HttpStatusCode.Forbidden, await SubmitAsync(url, fields, bytes));
        (await SendAsync("leader", "GET", $"/{Bucket}/{Root}elsewhere")).IsRefused(404, "NoSuchKey");
    }

    async Task<HttpStatusCode> SubmitAsync(Uri url, Dictionary<string, string> fields, byte[] file)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            var field = new ByteArrayContent(Encoding.UTF8.GetBytes(value));
            form.Add(field, $"\"{name}\"");
        }
        form.Add(new ByteArrayContent(file), "\"file\"", "\"scan 1.h5\"");
        using var answer = await Harima.Http.PostAsync(url, form, Token);
        return answer.StatusCode;
    }
}

/// <summary>What those do that compute checksums besides MD5.</summary>
/// <param name="algorithms">The checksums it computes without further packages.</param>
public abstract class ChecksummingClientTests(RunningHarima harima, ScriptedClient client, string[] algorithms)
    : ScriptedClientTests(harima, client)
{
    [Fact]
    public async Task Every_checksum_it_computes_is_checked_and_kept()
    {
        var bytes = RandomNumberGenerator.GetBytes(200_000);
        await File.WriteAllBytesAsync(PathOf("body"), bytes, Token);

        var kept = await RunAsync("leader", "checksums", PathOf("body"), Bucket, Root);

        Assert.Equal(algorithms, kept.EnumerateObject().Select(checksum => checksum.Name));
        Assert.Equal(Convert.ToBase64String(SHA256.HashData(bytes)), kept.GetProperty("SHA256").GetString());
#pragma warning disable CA5350 // A checksum that S3 knows, not a protection.
        Assert.Equal(Convert.ToBase64String(SHA1.HashData(bytes)), kept.GetProperty("SHA1").GetString());
#pragma warning restore CA5350
        var crc32 = Crc32.Hash(bytes);
        Array.Reverse(crc32);
        Assert.Equal(Convert.ToBase64String(crc32), kept.GetProperty("CRC32").GetString());
    }
}
